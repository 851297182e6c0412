#!/bin/sh
# pacman.sh NAME VERSION: make a package of the tree in this folder, as makepkg lays one out, and install it.
set -eu
package=/tmp/$1-$2-x86_64.pkg.tar.gz

# members FIRST...: the names of an archive of this folder, FIRST first.
members() {
    printf '%s\0' "$@"
    find . -mindepth 1 ! -path './.[A-Z]*' -printf '%P\0' | LC_ALL=C sort -z
}

cat >.PKGINFO <<PKGINFO
pkgname = $1
pkgbase = $1
pkgver = $2
pkgdesc = An interpreter
builddate = 1700000000
packager = Example Packager <packager@example.org>
size = 30000000
arch = x86_64
license = PSF
PKGINFO
# The digests that `pacman -Qkk` compares stand in the package's .MTREE.
members .PKGINFO | bsdtar -czf .MTREE --format=mtree --no-recursion --null --files-from - \
    --options='!all,use-set,type,uid,gid,mode,time,size,sha256,link'
members .PKGINFO .MTREE | bsdtar -czf "$package" --options=compression-level=1 --no-recursion --null --files-from -

printf '[options]\nArchitecture = x86_64\nSigLevel = Never\n' >/etc/pacman.conf
mkdir -p /var/lib/pacman
pacman --noconfirm --disable-sandbox --noscriptlet --upgrade "$package"
rm -r "$package"
