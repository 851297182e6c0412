"""Bootstrap an isolated, shared, activated virtual environment inside a container image."""

# Parses on Python 2.7, so that `python -m venvboot` gets to the gate in __main__.py.

__version__ = "0.1.0"
