#!/bin/sh
# Completes /trees: what each group of packages will put into an image.
set -eu

mkdir -p /trees/el39/usr/bin /trees/el39/usr/lib
cp -a /usr/bin/python3.9 /usr/bin/python3 /trees/el39/usr/bin
cp -a /usr/lib/python3.9 /trees/el39/usr/lib
find /trees/el39 -name __pycache__ -prune -exec rm -r {} +
rm /trees/el39/usr/lib/python3.9/sitecustomize.py
rm -f /trees/el311/usr/bin/python3

# RHEL 8: the same interpreter under another name, which is all that its own tools use.
cp -a /trees/el311 /trees/platform
mkdir /trees/platform/usr/libexec
mv /trees/platform/usr/bin/python3.11 /trees/platform/usr/libexec/platform-python3.11
ln -s platform-python3.11 /trees/platform/usr/libexec/platform-python
rm -r /trees/platform/usr/bin
mkdir -p /trees/platform-link/usr/bin
ln -s ../libexec/platform-python3.11 /trees/platform-link/usr/bin/python3.11

# collection NAME FILE: what `scl enable NAME` reads; FILE says where the collection lies.
collection() {
    runtime=/trees/$1-runtime usr=/opt/rh/$1/root/usr
    mkdir -p "$runtime/opt/rh/$1" "$runtime$(dirname "$2")"
    echo /opt/rh >"$runtime$2"
    cat >"$runtime/opt/rh/$1/enable" <<ENABLE
export PATH=$usr/bin\${PATH:+:\${PATH}}
export LD_LIBRARY_PATH=$usr/lib64\${LD_LIBRARY_PATH:+:\${LD_LIBRARY_PATH}}
export MANPATH=$usr/share/man:\${MANPATH:-}
export PKG_CONFIG_PATH=$usr/lib64/pkgconfig\${PKG_CONFIG_PATH:+:\${PKG_CONFIG_PATH}}
export XDG_DATA_DIRS=$usr/share:\${XDG_DATA_DIRS:-/usr/local/share:/usr/share}
ENABLE
}
collection rh-python311 /etc/scl/conf/rh-python311
collection python27 /etc/scl/prefixes/python27
