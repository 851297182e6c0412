ENV VIRTUAL_ENV=/opt/venv
ENV PATH=/opt/venv/bin:$PATH
ENV PYTHONNOUSERSITE=1
ONBUILD ARG VENVBOOT_LOCK=requirements.txt
ONBUILD ARG VENVBOOT_BUILD
ONBUILD ARG VENVBOOT_BYTECODE
ONBUILD ARG VENVBOOT_CACHE_LIMIT
ONBUILD ARG VENVBOOT_AS_PARENT
ONBUILD ARG VENVBOOT_REPLACE_PARENT
ONBUILD ARG VENVBOOT_SBOM
ONBUILD COPY ${VENVBOOT_LOCK} /usr/local/share/venvboot/
ONBUILD RUN --mount=type=cache,id=venvboot,target=/var/cache/venvboot \
    --mount=type=secret,id=netrc --mount=type=secret,id=pip.conf \
    NETRC=${NETRC:-/run/secrets/netrc} PIP_CONFIG_FILE=${PIP_CONFIG_FILE:-/run/secrets/pip.conf} \
    venvboot sync --venv /opt/venv --cache /var/cache/venvboot "/usr/local/share/venvboot/${VENVBOOT_LOCK##*/}"
ONBUILD RUN venvboot check --venv /opt/venv
