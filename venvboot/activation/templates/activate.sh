# Written by venvboot: shells find the environment first.
# shellcheck shell=sh
# Does nothing where another environment is really active, and adds nothing twice.
case ":${PATH-}:" in
  *":${VIRTUAL_ENV:-@DEST@}/bin:"*) ;;
  *)
    VIRTUAL_ENV='@DEST@'
    case ":${PATH-}:" in
      *":$VIRTUAL_ENV/bin:"*) ;;
      *) PATH="$VIRTUAL_ENV/bin${PATH:+:$PATH}" ;;
    esac
    ;;
esac
: "${VIRTUAL_ENV:=@DEST@}"
PYTHONNOUSERSITE=1
export VIRTUAL_ENV PATH PYTHONNOUSERSITE
