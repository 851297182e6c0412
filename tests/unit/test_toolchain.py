"""Where libraries come from: a zip that stands for the one file tells by its manifest what environments it makes."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot import toolchain
from venvboot.errors import NotWritten

ASK = """
import sys
sys.path.insert(0, sys.argv[1])
from venvboot import toolchain
from venvboot.errors import VenvbootError
try:
    print(toolchain.is_bundled(), toolchain.is_legacy(), toolchain.oldest_target(), toolchain.newest_target())
except VenvbootError as error:
    print(error.findings[0].code)
"""
MINOR = st.integers(0, 40)
SEEDS = st.dictionaries(st.tuples(st.integers(2, 3), MINOR), st.text("abc123.-", min_size=1), min_size=1)


def ask(repository: Path, folder: Path, manifest: Optional[bytes]) -> str:
    """Return what the code says of itself when it runs from a zip with this manifest."""
    archive = folder / "venvboot"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted((repository / "venvboot").rglob("*.py")):
            file.write(path, path.relative_to(repository))
        if manifest is not None:
            file.writestr(toolchain.MANIFEST, manifest)
    argv = [sys.executable, "-I", "-S", "-B", "-c", ASK, str(archive)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_an_ordinary_installation_makes_environments_from_3_9_on() -> None:
    told = (toolchain.is_bundled(), toolchain.is_legacy(), toolchain.oldest_target(), toolchain.newest_target())
    assert told == (False, False, (3, 9), None)


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        ({"oldest": [3, 9], "newest": None}, "True False (3, 9) None"),
        ({"oldest": [2, 7], "newest": [3, 8]}, "True True (2, 7) (3, 8)"),
    ],
    ids=["venvboot", "venvboot-legacy"],
)
def test_the_manifest_says_what_environments_are_made(
    repository: Path, tmp_path: Path, targets: Dict[str, Any], told: str
) -> None:
    assert ask(repository, tmp_path, json.dumps({"targets": targets}).encode()) == told


@pytest.mark.parametrize("manifest", [b"", b"{", b"[]", b"{}", b'{"targets": 1}', b'{"targets": {"oldest": 3}}'])
def test_a_damaged_manifest_is_a_damaged_file(repository: Path, tmp_path: Path, manifest: bytes) -> None:
    assert ask(repository, tmp_path, manifest) == "broken-bundle"


def test_a_zip_without_a_manifest_is_an_ordinary_installation(repository: Path, tmp_path: Path) -> None:
    assert ask(repository, tmp_path, None) == "False False (3, 9) None"


@given(SEEDS, st.tuples(st.integers(2, 3), MINOR), st.booleans())
def test_the_seed_is_the_version_s_own_or_the_newest_one_s(
    pips: Dict[Tuple[int, int], str], version: Tuple[int, int], annotated: bool
) -> None:
    support = {"{}.{}".format(*key): {"setuptools": "x", "pip": name} for key, name in pips.items()}
    name = "BUNDLE_SUPPORT: dict[str, dict[str, str]]" if annotated else "BUNDLE_SUPPORT"
    source = f"from pathlib import Path\nFOLDER = Path(__file__)\n{name} = {support!r}\nMAX = '3.12'\n"
    expected = pips.get(version) or (pips[max(pips)] if version > max(pips) else None)
    assert toolchain.seed_pip(source, version) == expected


def test_a_source_without_seeds_has_none() -> None:
    assert toolchain.seed_pip("MAX = '3.12'\n", (3, 12)) is None


def test_a_wheel_is_unpacked_beside_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pip-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pip/__init__.py", "VALUE = 1\n")
    folder = toolchain.extracted(str(tmp_path / "pip-1.0-py3-none-any.whl"), str(tmp_path))
    assert folder == str(tmp_path / "pip-1.0-py3-none-any")
    assert (Path(folder) / "pip/__init__.py").read_text() == "VALUE = 1\n"


def test_a_folder_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pip.whl", "w") as wheel:
        wheel.writestr("pip/__init__.py", "")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritten):
        toolchain.extracted(str(tmp_path / "pip.whl"), str(tmp_path / "file"))
