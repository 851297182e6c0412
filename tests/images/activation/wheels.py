"""Wheels whose console script prints the prefix of the Python that it runs in."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile

# By when each is installed: before the wiring, by `venvboot install` after it, by plain pip after it, in a test.
NAMES = ("vbpresent", "vbrehashed", "vbplain", "vblater")


def wheels() -> dict[str, bytes]:
    """File name below `wheels/` to content; the same bytes at each call, so that layers are cached."""
    return {f"wheels/{name}-1.0-py3-none-any.whl": _wheel(name) for name in NAMES}


def _wheel(name: str) -> bytes:
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "import sys\n\n\ndef main():\n    print(sys.prefix)\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
    return written.getvalue()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
