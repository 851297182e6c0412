# Written by venvboot: csh finds the environment first.
# Does nothing where another environment is really active, and adds nothing twice.
if (! $?PATH) setenv PATH /usr/local/bin:/usr/bin:/bin
if (! $?VIRTUAL_ENV) setenv VIRTUAL_ENV '@DEST@'
if ("$VIRTUAL_ENV" == "") setenv VIRTUAL_ENV '@DEST@'
if (":${PATH}:" !~ *":${VIRTUAL_ENV}/bin:"*) then
  setenv VIRTUAL_ENV '@DEST@'
  if (":${PATH}:" !~ *":${VIRTUAL_ENV}/bin:"*) setenv PATH "${VIRTUAL_ENV}/bin:${PATH}"
endif
setenv PYTHONNOUSERSITE 1
