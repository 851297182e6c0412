#!/bin/sh
# stop_init SIGNAL PATTERN: starts `venvboot init`, sends it SIGNAL as soon as something matches the shell pattern
# PATTERN, and ends with its status. Milestones instead of times, because how long a step takes is the machine's.
set -u
signal=$1
pattern=$2

# The lower priority lets this loop see the milestone before the next step is done, also on a busy machine.
nice -n 5 venvboot init &
running=$!
while kill -0 "$running" 2>/dev/null; do
    # shellcheck disable=SC2086  # the pattern is to be expanded
    set -- $pattern
    if [ -e "$1" ]; then
        kill -s "$signal" "$running"
        break
    fi
done
wait "$running"
