"""Small real wheels of every shape that two writers can get in each other's way with."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile

VERSIONS = ("1.0", "2.0")
# Two distributions with one PEP 420 namespace folder, which belongs to neither of them.
NAMESPACE = ("vbns-alpha", "vbns-beta")
# A module without a folder: its .pyc is in the __pycache__ that all such modules share.
SINGLE = "vbsingle"
# A package with data files inside and outside it, a script, and a console script; it needs SINGLE.
FULL = "vbfull"


def wheels() -> dict[str, bytes]:
    """Every wheel in every version, as file name to content; the same bytes at each call."""
    made = {}
    for version in VERSIONS:
        # An upgrade also has to remove a file and to add one.
        changing = f"module_of_{version[0]}.py"
        for name in NAMESPACE:
            package = "vbns/" + name.partition("-")[2]
            made.update(_wheel(name, version, {f"{package}/__init__.py": "", f"{package}/{changing}": ""}))
        made.update(_wheel(SINGLE, version, {"vbsingle.py": f"VERSION = {version!r}\n"}))
        made.update(_wheel(FULL, version, _full(version, changing), requires=SINGLE))
    return made


def _full(version: str, changing: str) -> dict[str, str]:
    outside = f"vbfull-{version}.data"
    return {
        "vbfull/__init__.py": f"def main():\n    print('vbfull {version}')\n",
        f"vbfull/inner/{changing}": "",
        "vbfull/inner/__init__.py": "",
        "vbfull/tables/table.txt": version,
        f"{outside}/data/share/vbfull/readme.txt": version,
        f"{outside}/scripts/vbfull-tool": f"#!python\nprint('tool {version}')\n",
        f"vbfull-{version}.dist-info/entry_points.txt": "[console_scripts]\nvbfull = vbfull:main\n",
    }


def _wheel(name: str, version: str, files: dict[str, str], requires: str = "") -> dict[str, bytes]:
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    tags = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {**files, f"{info}/METADATA": metadata, f"{info}/WHEEL": tags}
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as wheel:
        for path, text in files.items():
            # One time for all: the same bytes, so that the builder may keep the step.
            member = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            member.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            wheel.writestr(member, text)
    return {f"{stem}-py3-none-any.whl": archive.getvalue()}


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
