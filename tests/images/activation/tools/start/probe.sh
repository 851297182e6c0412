# shellcheck shell=sh
# Sourced by the shell that is to be looked at, so that it is this shell that finds the commands. Prints one line:
# the prefix of the Python that each command belongs to ("" where there is no such command), and what is exported.
# `start`, where it is set, holds the words that are put before each command.
probe() {
    # shellcheck disable=SC2086 # `start` is several words
    found=$(${start-} "$@" 2>/dev/null </dev/null | /usr/bin/tail -n 1) || found=
}
told=
for name in python python3; do
    probe "$name" -c 'import sys; print(sys.prefix)'
    told="$told\"$name\": \"$found\", "
done
probe pip --version
found=${found#pip * from }
told="$told\"pip\": \"${found%%/lib/*}\", "
for name in present rehashed plain; do
    probe "vb$name"
    told="$told\"$name\": \"$found\", "
done
probe /usr/bin/printenv VIRTUAL_ENV
told="$told\"virtual_env\": \"$found\", "
probe /usr/bin/printenv PATH
printf 'VBPROBE {%s"path": "%s"}\n' "$told" "$found"
