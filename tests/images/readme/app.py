"""A WSGI application that needs everything its lock names."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable, Iterable

import django
import pandas as pd
import psycopg
import requests


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    versions = {module.__name__: module.__version__ for module in (django, pd, psycopg, requests)}
    told = {"uid": os.getuid(), "gid": os.getgid(), "prefix": sys.prefix, "versions": versions}
    return [json.dumps(told).encode()]
