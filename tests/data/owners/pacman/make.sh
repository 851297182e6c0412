#!/bin/sh
# make.sh DESTINATION: make a local database of pacman in DESTINATION with the pacman of Debian 13, as root.
set -eu
export LC_ALL=C.UTF-8
destination=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/var/lib/pacman" "$work/cache"

# put PACKAGE FILE: a small file whose whole content is its own path, so that a test can compute its digest.
put() {
    mkdir -p "$(dirname "$work/$1$2")"
    printf '%s\n' "$2" >"$work/$1$2"
    chmod 755 "$work/$1$2"
}

# members FIRST...: the names of an archive of this folder, FIRST first.
members() {
    printf '%s\0' "$@"
    find . -mindepth 1 ! -path './.[A-Z]*' -printf '%P\0' | LC_ALL=C sort -z
}

# package NAME VERSION PACKAGER: package what stands in $work/NAME and install it.
package() {
    (
        cd "$work/$1"
        {
            printf 'pkgname = %s\npkgbase = %s\npkgver = %s\npkgdesc = test\n' "$1" "$1" "$2"
            printf 'builddate = 1700000000\npackager = %s\nsize = 1\narch = any\nlicense = MIT\n' "$3"
        } >.PKGINFO
        # The digests that `pacman -Qkk` compares come from the package's .MTREE.
        members .PKGINFO | bsdtar -czf .MTREE --format=mtree --no-recursion --null --files-from - \
            --options='!all,use-set,type,uid,gid,mode,time,size,sha256,link'
        members .PKGINFO .MTREE | bsdtar -czf "$work/cache/$1-$2-any.pkg.tar.gz" --no-recursion --null --files-from -
    )
    pacman --root "$work/root" --dbpath "$work/root/var/lib/pacman" --cachedir "$work/cache" --noconfirm \
        --disable-sandbox --noscriptlet -U "$work/cache/$1-$2-any.pkg.tar.gz"
}

printf '[options]\nArchitecture = auto\nSigLevel = Never\n' >/etc/pacman.conf

put python /usr/bin/python3.13
put python /usr/lib/python3.13/os.py
put python /usr/lib/python3.13/EXTERNALLY-MANAGED
ln -s python3.13 "$work/python/usr/bin/python3"
package python 3.13.7-1 'Example Packager <packager@example.org>'

put example /usr/share/example/naïve
package example 2.0-3 'Example Packager <packager@example.org>'

pacman --root "$work/root" --dbpath "$work/root/var/lib/pacman" -Qo "$work/root/usr/bin/python3.13" \
    "$work/root/usr/bin/python3"
mkdir -p "$destination"
cp -R "$work/root/var/lib/pacman/local" "$destination"
