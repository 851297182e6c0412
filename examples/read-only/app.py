"""A page that says who serves it, with which Python."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    told = {
        "uid": os.getuid(),
        "gid": os.getgid(),
        "prefix": sys.prefix,
        "base": sys.base_prefix,
        "python": sys.version,
    }
    return [json.dumps(told).encode()]
