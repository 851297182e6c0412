#!/bin/sh
# venvboot: finds a Python 3.9 or later in the image and runs the archive that follows this text with it.
# Only what a POSIX shell has built in is needed: PATH may be empty, and a small image may have no other program.
set -u
nl='
'
blanks=" 	$nl"
IFS=$blanks
minors='30 29 28 27 26 25 24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9'
verbs=' detect init install compile sync check fix env guard onbuild seal '

# Parses on Python 2.7 too. The finders are asked, nothing is imported: -minimal packages lack half of the library.
check='
import sys
v = sys.version_info
if v < (3, 9):
    print("old %d.%d.%d" % v[:3])
else:
    needed = "argparse ast contextlib dataclasses email fcntl glob hashlib json runpy shutil subprocess tempfile zipfile zlib"
    lacks = [n for n in needed.split() if not any(f.find_spec(n, None) for f in sys.meta_path)]
    print("lacks %d.%d " % v[:2] + ", ".join(lacks) if lacks else "ok")
'

limit=20    # seconds that one may take to answer
limited=''  # what ends it then, where the image has that
for place in /usr/bin /bin; do
    [ -x "$place/timeout" ] && limited="$place/timeout $limit" && break
done
python=''   # the one to run with
because=''  # why each of the others was turned down
seen=''     # what was started already, one a line
scripts=''  # shims and wrappers, for when no program qualifies: a pyenv shim takes 0.1 s
inside=''   # interpreters of virtual environments, the last resort: an environment may be replaced or removed

# plain TEXT: sets $REPLY to TEXT, or to a remark when it could forge a line of the log or break JSON.
plain() {
    case $1 in
        *[!A-Za-z0-9._/+@=:,\ -]*) REPLY='(a path with unusual characters)' ;;
        *) REPLY=$1 ;;
    esac
}

turn_down() {
    plain "$1"
    because=${because:+$because; }$REPLY
    plain "$2"
    because="$because $REPLY$3"
}

lines() { IFS=$nl && set -f; }
words() { IFS=$blanks && set +f; }

# was_started PATH: true when PATH, or another name of the same program, was started before.
was_started() {
    case $nl$seen in *"$nl$1$nl"*) return 0 ;; esac
    is_script "$1" && return 1  # the shims of one tool are names of one file, and differ by name
    lines
    for other in $seen; do
        words
        # shellcheck disable=SC3013 # dash, bash and busybox have -ef; without it a program is only started twice
        [ "$1" -ef "$other" ] 2>/dev/null && return 0
    done
    words
    return 1
}

is_script() {
    case $1 in */shims/*) return 0 ;; esac
    start=''
    IFS='' read -r start <"$1" 2>/dev/null
    case $start in '#!'*) return 0 ;; esac
    return 1
}

# try PATH: starts PATH once. True when it qualifies; then $python is set.
try() {
    was_started "$1" && return 1
    seen=$seen$1$nl
    # shellcheck disable=SC2086 # $limited is several words, or none
    verdict=$(exec $limited "$1" -I -S -B -c "$check" </dev/null 2>/dev/null)
    status=$?
    if [ -n "$limited" ] && [ "$status" -eq 127 ]; then  # busybox's was called in another way before 1.30
        limited=''
        verdict=$(exec "$1" -I -S -B -c "$check" </dev/null 2>/dev/null)
    fi
    case $status in
        124 | 143) turn_down "$1" 'gives no answer' '' && return 1 ;;  # as coreutils and busybox tell
    esac
    case $verdict in
        ok) python=$1 && return 0 ;;
        'lacks '*)
            verdict=${verdict#lacks }
            package=''
            case $1 in
                /usr/bin/*) [ -e /var/lib/dpkg/status ] && package=" (package python${verdict%% *}-minimal)" ;;
            esac
            turn_down "$1" "lacks the modules ${verdict#* }" "$package"
            return 1
            ;;
        'old '*) turn_down "$1" "is ${verdict#old }" '' && return 1 ;;
    esac
    # shellcheck disable=SC2086 # as above
    verdict=$(exec $limited "$1" -E -S -B -c "$check" </dev/null 2>&1)  # Python 2 has no -I
    status=$?
    case $verdict in
        'old '*) turn_down "$1" "is ${verdict#old }" '' ;;
        *'shared libraries'*) turn_down "$1" 'does not start' ' (a shared library is missing; see LD_LIBRARY_PATH)' ;;
        *) turn_down "$1" 'does not start' " (exit status $status)" ;;
    esac
    return 1
}

# offer PATH: tries PATH when it's a program; puts scripts and interpreters of environments aside.
offer() {
    [ -f "$1" ] && [ -x "$1" ] || return 1
    case $1 in *"$nl"*) return 1 ;; esac
    folder=${1%/*}
    if [ -e "$folder/pyvenv.cfg" ] || [ -e "${folder%/*}/pyvenv.cfg" ]; then
        inside=$inside$1$nl
        return 1
    fi
    if is_script "$1"; then
        scripts=$scripts$1$nl
        return 1
    fi
    try "$1"
}

# on_path NAME: offers every NAME on PATH, in order. Empty and relative entries would let the working directory in.
on_path() {
    rest=${PATH-}:
    while [ -n "$rest" ]; do
        entry=${rest%%:*}
        rest=${rest#*:}
        case $entry in
            /*) offer "$entry/$1" && return 0 ;;
        esac
    done
    return 1
}

# first_on_path NAME: offers the first NAME on PATH that is neither a script nor an environment's.
first_on_path() {
    rest=${PATH-}:
    while [ -n "$rest" ]; do
        entry=${rest%%:*}
        rest=${rest#*:}
        case $entry in
            /*) offer "$entry/$1" && return 0 ;;
        esac
        [ -n "$seen" ] && return 1
    done
    return 1
}

# in_folders FOLDER...: offers what the folders have, the newest minor version first.
in_folders() {
    for minor in $minors; do
        for place in "$@"; do
            offer "$place/python3.$minor" && return 0
        done
    done
    for name in python3 platform-python python; do
        for place in "$@"; do
            offer "$place/$name" && return 0
        done
    done
    return 1
}

off_path() {
    home=${HOME:-} pyenv=${PYENV_ROOT:-} uv=${UV_PYTHON_INSTALL_DIR:-} conda=${CONDA_PREFIX:-}
    case $home in /*) ;; *) home=/root ;; esac
    case $pyenv in /*) ;; *) pyenv=$home/.pyenv ;; esac
    case $uv in /*) ;; *) uv=$home/.local/share/uv/python ;; esac
    case $conda in /*) ;; *) conda=/opt/conda ;; esac
    in_folders /usr/local/bin /usr/bin /bin /opt/python/*/bin /opt/*/bin /opt/rh/*/root/usr/bin /usr/libexec \
        "$pyenv"/versions/*/bin "$home"/.pyenv/versions/*/bin /root/.pyenv/versions/*/bin \
        "$home"/.asdf/installs/python/*/bin /usr/local/python/*/bin "$conda/bin" /opt/conda/bin \
        "$uv"/*/bin "$home"/.local/share/uv/python/*/bin /root/.local/share/uv/python/*/bin \
        /nix/var/nix/profiles/default/bin "$home/.nix-profile/bin" /home/linuxbrew/.linuxbrew/bin
}

one_of() {
    lines
    for candidate in $1; do
        words
        try "$candidate" && return 0
    done
    words
    return 1
}

choose() {
    first_on_path python3 && return 0
    for minor in $minors; do
        on_path "python3.$minor" && return 0
    done
    on_path python3 || on_path python || off_path || one_of "$scripts" || one_of "$inside"
}

# way_out: sets $hint to what installs a Python 3.9 in this image.
way_out() {
    ID='' ID_LIKE='' VERSION_ID=''
    for release in /etc/os-release /usr/lib/os-release; do
        [ -r "$release" ] || continue
        while IFS='=' read -r key value || [ -n "$key" ]; do
            value=${value#[\"\']}
            value=${value%[\"\']}
            case $key in
                ID) ID=$value ;;
                ID_LIKE) ID_LIKE=$value ;;
                VERSION_ID) VERSION_ID=$value ;;
            esac
        done <"$release"
        break
    done
    dnf=dnf
    [ -x /usr/bin/dnf ] || [ ! -x /usr/bin/microdnf ] || dnf=microdnf
    hint='install Python 3.9 or later in the image, or start from one that has it, such as FROM python:3.13-slim'
    case "$ID-$VERSION_ID" in
        debian-[6-9] | debian-10 | ubuntu-1[0-9].* | amzn-2 | amzn-201* | *-7 | *-7.*) return ;;  # have no newer one
        ubuntu-20.04) hint='RUN apt-get update && apt-get install -y --no-install-recommends python3.9' && return ;;
        opensuse-tumbleweed-* | *suse*-16* | sle*-16*) hint='RUN zypper install -y python313' && return ;;
    esac
    for family in $ID $ID_LIKE; do
        case $family in
            debian | ubuntu) hint='RUN apt-get update && apt-get install -y --no-install-recommends python3' ;;
            fedora) [ "$ID" = fedora ] && hint="RUN $dnf install -y python3" || hint="RUN $dnf install -y python3.12" ;;
            rhel | centos | rocky | almalinux | alma | ol | amzn) hint="RUN $dnf install -y python3.12" ;;
            alpine) hint='RUN apk add --no-cache python3' ;;
            wolfi | chainguard) hint='RUN apk add --no-cache python-3.13' ;;
            sles | sled | suse | opensuse*) hint='RUN zypper install -y python311' ;;
            arch | archlinux) hint='RUN pacman -Sy --noconfirm python' ;;
            void) hint='RUN xbps-install -Sy python3' ;;
            gentoo) hint='RUN emerge dev-lang/python' ;;
            *) continue ;;
        esac
        return
    done
}

give_up() {
    way_out
    message='no Python 3.9 or later that venvboot can run on'
    because=${because:-no python3 on PATH, in /usr, in /opt or where version managers keep theirs}
    printf 'error: %s [no-python]\n  because: %s\n  hint: %s\n' "$message" "$because" "$hint" >&2
    as_json=${VENVBOOT_JSON:-} verb=null
    for word in "$@"; do
        [ "$word" = --json ] && as_json=yes
        case $word in
            '' | *[!a-z]*) continue ;;
        esac
        case $verbs in
            *" $word "*) [ "$verb" != null ] || verb="\"$word\"" ;;
        esac
    done
    case $as_json in
        '' | 0 | no | false | off) ;;
        *)
            printf '{"schema": "venvboot/1", "command": %s, "status": "unsupported", "findings": [{"code": "no-python"' \
                "$verb"
            printf ', "severity": "error", "subject": "", "message": "%s", "evidence": "%s", "hint": "%s"}]}\n' \
                "$message" "$because" "$hint"
            ;;
    esac
    exit 5
}

# myself: sets $self to this file's path, absolute wherever the working directory has a name.
myself() {
    self=$0
    case $self in
        /*) return ;;
        */*) ;;
        *)
            if [ ! -f "./$self" ]; then  # bash looks for `bash venvboot` on PATH
                rest=${PATH-}:
                while [ -n "$rest" ]; do
                    [ -f "${rest%%:*}/$self" ] && self=${rest%%:*}/$self && return
                    rest=${rest#*:}
                done
            fi
            ;;
    esac
    if [ -n "${PWD:-}" ] && [ -f "$PWD/$self" ]; then
        self=$PWD/$self
    else
        self=./$self
    fi
}

main() {
    myself
    choose || give_up "$@"
    exec "$python" -I -S -B "$self" "$@"
}

# One line, so that the shell has read all it needs before the archive begins.
main "$@"; exit 70
