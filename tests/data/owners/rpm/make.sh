#!/bin/sh
# make.sh DESTINATION BACKEND: make an rpm database in DESTINATION with the rpm of the Debian this runs in, as root.
# BACKEND is bdb in Debian 11, sqlite in Debian 12, ndb in Debian 13.
set -eu
destination=$1
backend=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Debian's rpm up to 12 asks for a promise before it installs anything.
force=
! rpm --force-debian --version >/dev/null 2>&1 || force=--force-debian

installed() {
    rpm --root "$work/root" --dbpath /var/lib/rpm --define "_db_backend $backend" "$@"
}

# put ROOT FILE: a small file whose whole content is its own path, so that a test can compute its digest.
put() {
    mkdir -p "$(dirname "$1$2")"
    printf '%s\n' "$2" >"$1$2"
    chmod 755 "$1$2"
}

# package NAME VERSION RELEASE VENDOR: package and install what stands in $work/NAME.
package() {
    {
        printf 'Name: %s\nVersion: %s\nRelease: %s\n' "$1" "$2" "$3"
        [ -z "$4" ] || printf 'Vendor: %s\n' "$4"
        printf 'Summary: test\nLicense: MIT\nAutoReqProv: no\n%%description\ntest\n'
        printf '%%install\nmkdir -p %%{buildroot}\ncp -a %s/. %%{buildroot}\n%%files\n' "$work/$1"
        (cd "$work/$1" && find . ! -type d -printf '"/%P"\n')
    } >"$work/$1.spec"
    rpmbuild --quiet -bb --target x86_64-linux --buildroot "$work/root-$1" --define "_topdir $work/rpmbuild" \
        --define "_build_id_links none" --define "__os_install_post %{nil}" --define "_binary_payload w1.gzdio" \
        "$work/$1.spec"
    installed ${force:+"$force"} --nodeps --noscripts -i "$work/rpmbuild/RPMS/x86_64/$1-$2-$3.x86_64.rpm"
}

mkdir -p "$work/root"

put "$work/python3" /usr/bin/python3.9
put "$work/python3" /usr/lib64/python3.9/os.py
ln -s python3.9 "$work/python3/usr/bin/python3"
package python3 3.9.21 1.el9 'Red Hat, Inc.'

put "$work/python3.11" /usr/bin/python3.11
put "$work/python3.11" /usr/lib64/python3.11/os.py
ln "$work/python3.11/usr/bin/python3.11" "$work/python3.11/usr/bin/python3.11-hardlink"
package python3.11 3.11.11 2.el9 'Red Hat, Inc.'

put "$work/python312-example" /opt/example/bin/python3.12
put "$work/python312-example" "/opt/example/lib/na$(printf '\303\257')ve name"
package python312-example 3.12.1 1 'Example Corp'

put "$work/python3.13" /usr/bin/python3.13
package python3.13 3.13.1 1.amzn2023 ''

put "$work/python36u" /usr/bin/python3.6
package python36u 3.6.8 1.el7.ius 'IUS'

mkdir -p "$destination"
cp "$work/root/var/lib/rpm"/* "$destination"
installed -qa --queryformat '%{NAME} %{VERSION}-%{RELEASE} %{VENDOR}\n'
installed -qf /usr/bin/python3.11 /usr/bin/python3 /usr/bin/python3.6
