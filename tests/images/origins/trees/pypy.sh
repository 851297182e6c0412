#!/bin/sh
# Move Debian's PyPy to PLACE, in the layout of upstream's archive: the library beside the program, found from there.
set -eu
place=$1

mkdir -p "$place/bin" "$place/lib" "$place/include"
cp -a /usr/bin/pypy3.11 /usr/lib/x86_64-linux-gnu/libpypy3.11-c.so "$place/bin"
cp -a /usr/lib/pypy3.11 "$place/lib"
cp -a /usr/include/pypy3.11 "$place/include"
dpkg --purge pypy3 pypy3-lib
# shellcheck disable=SC2016  # the loader expands it
patchelf --set-rpath '$ORIGIN' "$place/bin/pypy3.11"
rm "$place/lib/pypy3.11/EXTERNALLY-MANAGED"
find "$place" -name __pycache__ -prune -exec rm -r {} +
for name in pypy3 pypy python3.11 python3 python; do
    ln -s pypy3.11 "$place/bin/$name"
done
