#!/bin/sh
# plant FLAVOUR PLACE [as-built]: put a tree of /flavours at PLACE, configured for that prefix unless `as-built`.
# The programs are files of their own; all else is linked, because trees of one image differ in a few files only.
set -eu
flavour=$1 place=$2 form=${3-}
bin=$(find "/flavours/$flavour" -type d -name bin -print -quit)
tree=${bin%/bin}
prefix=${tree#"/flavours/$flavour"}

mkdir -p "$place"
cp -a "$tree/bin" "$place"
cp -al "$tree/include" "$tree/lib" "$tree/share" "$place"
ln -sf python3 "$place/bin/python"
if [ "$form" != as-built ]; then
    # sed writes a new file, so no other tree changes.
    grep -rlIF "$prefix" "$place/bin" "$place"/lib/pkgconfig "$place"/lib/python3.11/_sysconfigdata_* \
        "$place"/lib/python3.11/config-* | xargs sed -i "s#$prefix#$place#g"
fi
