#!/bin/sh
# Make PLACE a Python of uv's store: unpacked from python-build-standalone, with paths and a flag of uv in its variables.
set -eu
place=$1
here=$(dirname "$0")

plant install "$place" as-built
cp "$here/BUILD" "$place/"
cp "$here/EXTERNALLY-MANAGED" "$place/lib/python3.11/"
# uv rewrites values that begin with the prefix, so CONFIG_ARGS keeps --prefix=/install.
sed -i -e "s#\(['\" ]\)/install#\1$place#g" -e "\$s#}\$#,\n 'PYTHON_BUILD_STANDALONE': 1}#" \
    "$place"/lib/python3.11/_sysconfigdata_*.py
