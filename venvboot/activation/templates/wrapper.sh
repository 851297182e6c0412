#!/bin/sh
# Written by venvboot: starts the environment's program where PATH leads here and not there.
exec '@DEST@/bin/@NAME@' "$@"
