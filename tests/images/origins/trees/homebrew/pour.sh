#!/bin/sh
# Put Python into Homebrew's Cellar, linked from where Homebrew links it.
set -eu
here=$(dirname "$0")
brew=/home/linuxbrew/.linuxbrew
keg=$brew/Cellar/python@3.11/3.11.2
stdlib=$keg/lib/python3.11

plant install "$keg"
cp "$here/INSTALL_RECEIPT.json" "$keg/"
cp "$here/EXTERNALLY-MANAGED" "$stdlib/"
echo '# Homebrew adds its own site-packages here.' >"$stdlib/sitecustomize.py"

mkdir -p "$brew/opt" "$brew/bin" "$brew/lib/python3.11/site-packages"
rm -r "$stdlib/site-packages"
ln -s "$brew/lib/python3.11/site-packages" "$stdlib/site-packages"
ln -s ../Cellar/python@3.11/3.11.2 "$brew/opt/python@3.11"
ln -s ../Cellar/python@3.11/3.11.2/bin/python3.11 "$brew/bin/python3.11"
ln -s ../Cellar/python@3.11/3.11.2/bin/python3 "$brew/bin/python3"

# The variables name the folder that stays when the version changes; CONFIG_ARGS keeps the Cellar's.
sed -i "s#\(['\" ]\)$keg#\1$brew/opt/python@3.11#g" "$stdlib"/_sysconfigdata_*.py
