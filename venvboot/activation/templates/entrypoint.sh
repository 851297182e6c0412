#!/bin/sh
# Written by venvboot: an ENTRYPOINT that makes the environment the command's, whoever the platform lets run it.
# Activates, lets the group write what is written, gives a user without one a home and a name, becomes the command.
set -eu

if [ $# -eq 0 ]; then
    echo 'error: venvboot-entrypoint was given no command' >&2
    echo '  because: the image has no CMD, and nothing follows its name on the command line' >&2
    echo '  hint: CMD ["python", "app.py"] in the Dockerfile' >&2
    exit 2
fi

case ":${PATH-}:" in
    *":${VIRTUAL_ENV:-@DEST@}/bin:"*) ;;
    *) VIRTUAL_ENV='@DEST@' PATH="@DEST@/bin${PATH:+:$PATH}" ;;
esac
: "${VIRTUAL_ENV:=@DEST@}"
PYTHONNOUSERSITE=1
export VIRTUAL_ENV PATH PYTHONNOUSERSITE
umask 002

# Read without another process: each costs a millisecond.
uid='' gid=''
if [ -r /proc/self/status ]; then
    while read -r key _ value _; do
        case $key in
            Uid:) uid=$value ;;
            Gid:) gid=$value && break ;;
        esac
    done </proc/self/status
fi
: "${uid:=$(id -u)}" "${gid:=$(id -g)}"

if [ "$uid" != 0 ]; then
    if [ "${HOME:-/}" = / ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
        home=${TMPDIR:-/tmp}/venvboot-home-$uid
        # shellcheck disable=SC3067 # dash, bash and busybox have -O; someone else's folder is no home
        if mkdir -m 700 "$home" 2>/dev/null || { [ -d "$home" ] && [ ! -h "$home" ] && [ -O "$home" ]; }; then
            HOME=$home
            export HOME
        else
            # Nowhere to keep anything: uv ends without a cache that it may write.
            PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1
            export PIP_NO_CACHE_DIR UV_NO_CACHE
        fi
    fi
    if [ -n "${UV_CACHE_DIR-}" ] && [ ! -w "$UV_CACHE_DIR" ]; then
        if [ -e "$UV_CACHE_DIR" ] || [ ! -w "${UV_CACHE_DIR%/*}" ]; then
            unset UV_CACHE_DIR
        fi
    fi
    named='' end=''
    if [ -r /etc/passwd ]; then
        # A last line without its newline counts, and is not to be run into.
        while IFS=: read -r name _ number _ || { [ -n "$name" ] && end='\n'; }; do
            if [ "$number" = "$uid" ]; then
                named=$name
            fi
            name=''
        done </etc/passwd
    fi
    if [ -z "$named" ]; then
        named=user$uid
        if [ -w /etc/passwd ]; then
            # busybox goes by the mode alone, and the file system may be read-only.
            { printf "$end%s:x:%s:%s::%s:/bin/sh\n" "$named" "$uid" "$gid" "${HOME:-/}" >>/etc/passwd; } 2>/dev/null || :
        fi
    fi
    : "${USER:=$named}" "${LOGNAME:=$named}"
    export USER LOGNAME
fi

exec "$@"
