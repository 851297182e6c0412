export VIRTUAL_ENV="/opt/venv"
export PATH="/opt/venv/bin:$PATH"
export PYTHONNOUSERSITE="1"
