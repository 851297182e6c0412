"""Bootstrap an isolated, shared, activated virtual environment inside a container image."""

from __future__ import annotations

__version__ = "0.1.0"
