#!/bin/sh
# flavour NAME RPATH CONFIGURE-ARGUMENT...: configure and compile the sources in the working directory, and install
# them below /flavours/NAME. RPATH is written as make wants it.
set -eu
name=$1 rpath=$2
shift 2
root=/flavours/$name

./configure --build="$(gcc -dumpmachine)" --enable-loadable-sqlite-extensions --enable-option-checking=fatal \
    --enable-shared "$@" >/dev/null
rm -f python
# Said to make, not to configure, because CONFIG_ARGS must hold nothing else: no optimisation, no debugging symbols.
make -j2 --silent EXTRA_CFLAGS='-O1 -g0 -w' LDFLAGS="-Wl,-rpath='$rpath'" >/dev/null
# compileall is asked for its help: its three passes over the standard library take longer than all the rest.
make install --silent DESTDIR="$root" TEST_MODULES=no COMPILEALL_OPTS=--help >/dev/null
find "$root" -name __pycache__ -prune -exec rm -r {} +
find "$root" -name '*.a' -delete
