#!/bin/sh
# install RELEASE BACKEND FOLDER PACKAGE...: make the image say that it is RELEASE, with the packages in a database of
# that kind in that folder, where the image's rpm looks for it too.
set -eu
release=$1 backend=$2 folder=$3
shift 3
cp "/tmp/os-release/$release" /usr/lib/os-release
mkdir -p /etc/rpm
printf '%%_db_backend %s\n%%_dbpath %s\n' "$backend" "$folder" >/etc/rpm/macros.site

# rpmbuild leaves an empty database in the old place. Distros that use another one have a link there.
rm -rf /var/lib/rpm
mkdir -p "$folder"
[ "$folder" = /var/lib/rpm ] || ln -s "$folder" /var/lib/rpm

# Debian's rpm up to 12 asks for a promise before it installs anything.
if rpm --force-debian --version >/dev/null 2>&1; then
    set -- --force-debian "$@"
fi
rpm --install --nodeps --noscripts "$@"
ldconfig
rm -rf /srv/rpm /tmp/* /tree /root/rpmbuild /root/.rpmmacros /usr/bin/dpkg* /var/lib/dpkg
