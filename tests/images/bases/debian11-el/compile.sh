#!/bin/sh
# compile NAME PREFIX SONAME CONFIGURE-ARGUMENT...
# Compiles the CPython of this folder as a shared build for PREFIX, without a run path, into /trees/NAME.
# Optimisation is left out because nobody measures these interpreters, and compiled code because rpm would list it.
set -eu
tree=/trees/$1 prefix=$2 soname=$3
shift 3
./configure --quiet --prefix="$prefix" --enable-shared --without-ensurepip "$@"
rm -f python libpython*
make -j2 --silent EXTRA_CFLAGS='-O1 -g0 -w' INSTSONAME="$soname"
make install --silent DESTDIR="$tree" INSTSONAME="$soname" TEST_MODULES=no COMPILEALL_OPTS=-h >/dev/null
cd "$tree$prefix"
find . -name __pycache__ -prune -exec rm -r {} +
find . -name '*.py[co]' -delete
rm -rf include share lib*/pkgconfig lib*/*.a lib*/python*/config lib*/python*/config-* lib*/python*/test lib*/python*/*/test \
    lib*/python*/*/tests lib*/python*/idlelib lib*/python*/lib2to3 lib*/python*/tkinter lib*/python*/lib-tk \
    lib*/python*/ensurepip/_bundled bin/*-config bin/2to3* bin/idle* bin/pydoc* bin/smtpd*
# CPython 2.7 looks for its standard library in lib only.
[ -d lib64 ] || { mkdir lib64 && mv lib/libpython* lib64; }
