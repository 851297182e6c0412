ARG VENVBOOT_LOCK=requirements.txt
ARG VENVBOOT_BUILD
ARG VENVBOOT_BYTECODE
ARG VENVBOOT_CACHE_LIMIT
ARG VENVBOOT_AS_PARENT
ARG VENVBOOT_REPLACE_PARENT
ARG VENVBOOT_SBOM
COPY ${VENVBOOT_LOCK} /usr/local/share/venvboot/
RUN venvboot sync --venv /opt/venv "/usr/local/share/venvboot/${VENVBOOT_LOCK##*/}"
RUN venvboot check --venv /opt/venv
