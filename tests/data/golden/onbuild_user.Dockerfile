ARG VENVBOOT_LOCK=locks/prod.txt
ARG VENVBOOT_BUILD
ARG VENVBOOT_BYTECODE
ARG VENVBOOT_CACHE_LIMIT
ARG VENVBOOT_AS_PARENT
ARG VENVBOOT_REPLACE_PARENT
ARG VENVBOOT_SBOM
COPY --chown=1001 ${VENVBOOT_LOCK} /usr/local/share/venvboot/
RUN --mount=type=cache,id=venvboot-1001,target=/var/cache/venvboot,uid=1001 \
    --mount=type=secret,id=netrc,uid=1001 --mount=type=secret,id=pip.conf,uid=1001 \
    NETRC=${NETRC:-/run/secrets/netrc} PIP_CONFIG_FILE=${PIP_CONFIG_FILE:-/run/secrets/pip.conf} \
    venvboot sync --venv /srv/app/env --cache /var/cache/venvboot "/usr/local/share/venvboot/${VENVBOOT_LOCK##*/}"
RUN venvboot check --venv /srv/app/env
