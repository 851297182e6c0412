#!/bin/sh
# Leave of dpkg what a distroless image has, and make the links to Python that no package lists.
set -eu
database=/var/lib/dpkg

mkdir /tmp/status.d
dpkg-query --show --showformat='${binary:Package}\n' | while IFS= read -r package; do
    name=${package%:*}
    dpkg-query --status "$package" | sed '/^Status: /d' >"/tmp/status.d/$name"
    if [ -e "$database/info/$package.md5sums" ]; then
        cp "$database/info/$package.md5sums" "/tmp/status.d/$name.md5sums"
    fi
done
rm -r "$database" /usr/bin/dpkg* /usr/bin/apt*
mkdir "$database"
mv /tmp/status.d "$database"

python=$(readlink -f /usr/bin/python3)
ln -sf "$python" /usr/bin/python
ln -sf "$python" /usr/bin/python3
