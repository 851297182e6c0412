# Written by venvboot: fish finds the environment first.
# Does nothing where another environment is really active, and adds nothing twice.
if test -z "$VIRTUAL_ENV"; or not contains -- "$VIRTUAL_ENV/bin" $PATH
    set -gx VIRTUAL_ENV '@DEST@'
    if not contains -- "$VIRTUAL_ENV/bin" $PATH
        set -gx PATH "$VIRTUAL_ENV/bin" $PATH
    end
end
set -gx PYTHONNOUSERSITE 1
