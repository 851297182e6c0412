#!/bin/sh
# mmdebstrap customize hook, run on the host with the new root as $1: what Docker's own Debian images add to a
# plain Debian, and the certificates that this machine's network asks for.
set -eu
root=$1

printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cat >"$root/etc/apt/apt.conf.d/docker-clean" <<'CONF'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
CONF
printf 'Acquire::Languages "none";\n' >"$root/etc/apt/apt.conf.d/docker-no-languages"

# apt cleans up only what it is told to write.
rm -f "$root/var/cache/apt/pkgcache.bin" "$root/var/cache/apt/srcpkgcache.bin"
# The engine mounts its own here. mmdebstrap leaves the host's, and where one is missing every step of a build
# adds /etc to its layer.
for name in hostname hosts resolv.conf; do
    rm -f "$root/etc/$name"
    install -m 644 /dev/null "$root/etc/$name"
done

extra=/usr/local/share/ca-certificates
if find "$extra" -name '*.crt' 2>/dev/null | grep -q .; then
    mkdir -p "$root$extra"
    cp -RL "$extra/." "$root$extra/"
    chroot "$root" update-ca-certificates
fi
