"""What sync makes is what pip would have made: file by file, for the most installed projects and for odd wheels."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Dict, List, Tuple

import pytest

from tests.images import top_projects
from tests.integration import odd_wheels, oracle, pips
from tests.integration.oracle import Lock, Place, differences
from tests.integration.tool import Tool

NUMBER, BATCHES = 120, 2
OF_THE_LOCK = (3, 11)
PIP = "25.3"
WAYS = {"removed by pip": oracle.removed_by_pip, "removed by sync": oracle.removed_by_sync}

# All in which it may differ, as patterns of what `compared` tells, each with the reason.
WANTED = {
    r"[^:]+: [-+] (bin|share/.+)/__pycache__/[^/]+\.pyc: compiled as .+": (
        "pip compiles what isn't in site-packages by a path that leads through it: …/site-packages/../../../bin/x.py"
    ),
    r"[^:]+: \+ .+(/cyrillic|/japanese|/test_func_inspect_special_encoding)\.cpython-\d+\.pyc.*": (
        "once it has begun to install, pip imports nothing more, codecs neither: it can't read these modules"
    ),
    r"[^:]+: \+ .+/odd_suffix_first\.cpython-\d+\.pyc.*": (
        "with the first line of a script goes the encoding that it tells: the code is that of the script as it came"
    ),
    r"[^:]+: - .+/(odd_own_cache|odd_own_package/__pycache__/__init__)\.cpython-36(\.opt-1)?\.pyc": (
        "bytecode that a wheel brings isn't installed: nobody could tell what it does"
    ),
    r"[^:]+: - (distribution odd-own-cache: file |.+/odd_own_cache-1\.0.dist-info/RECORD: row ).+\.pyc.+sha256=.+": (
        "nor has it a row with a digest; pip leaves that of bytecode which it compiled anew, too"
    ),
    r"[^:]+: - (distribution odd-one-name: file |.+/RECORD: row \[\")odd_one_name-1\.0\.data/scripts/odd-.+": (
        "pip leaves a row, with its path in the wheel, for a script that an entry point replaces"
    ),
    r"[^:]+: - lib/[^/]+/site-packages/odd_deep/__pycache__": (
        "pip leaves an empty folder where a name is too long for its bytecode"
    ),
    r"half removed by sync: \+ (distribution odd-shared-a: file |lib/[^/]+/site-packages/)(ODD|odd_shared/_).*": (
        "what another distribution has as well stays with that, where pip removes it"
    ),
}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_most_installed_projects(batch: int, tool: Tool, room: Path, pythons: Dict[Tuple[int, int], str]) -> None:
    lines = top_projects.LOCK.read_text().splitlines()
    lock = {line.partition("==")[0]: line for line in lines if not line.startswith("#")}
    names = [line for line in (top_projects.DATA / "top-projects.txt").read_text().splitlines() if line in lock]
    assert len(names) >= NUMBER
    mine = Lock({name: lock[name] for name in names[:NUMBER][batch::BATCHES]})
    place = Place(tool, oracle.chosen(pythons, OF_THE_LOCK), room / "venv", (top_projects.fetched(),))
    found = unwanted(compared(place, mine))
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("version", "folder"),
    [((3, 11), "plain"), ((3, 9), "odd.@+_-"), ((3, 13), "/".join(["long" * 10] * 4))],
    ids=["plain", "odd", "long"],
)
def test_odd_wheels(
    version: Tuple[int, int],
    folder: str,
    tool: Tool,
    room: Path,
    tmp_path: Path,
    pythons: Dict[Tuple[int, int], str],
) -> None:
    wheels = odd_wheels.wheels("lib/python{}.{}/site-packages".format(*version), "cpython-{}{}".format(*version))
    lines = {wheel.name: f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.write(tmp_path)}" for wheel in wheels}
    (pip,) = pips.fetched().glob(f"pip-{PIP}-*.whl")
    lines["pip"] = f"pip=={PIP} --hash=sha256:{hashlib.sha256(pip.read_bytes()).hexdigest()}"
    (room / folder).mkdir(parents=True)
    place = Place(tool, oracle.chosen(pythons, version), room / folder / "venv", (tmp_path, pip.parent))
    met = compared(place, Lock(lines))
    found = unwanted(met)
    assert not found, "\n".join(found)
    if version == OF_THE_LOCK:  # otherwise the list would grow old; an older pip does some of it in another way
        assert [pattern for pattern in WANTED if not any(re.fullmatch(pattern, line) for line in met)] == []


def compared(place: Place, lock: Lock) -> List[str]:
    """Return all in which sync differs from pip, when all is there, half of it, and nothing."""
    expected = oracle.states(place, lock, oracle.by_pip, oracle.removed_by_pip)
    found = []
    for way, remove in WAYS.items():
        actual = oracle.states(place, lock, oracle.by_sync, remove)
        for when, one, other in zip(("installed", f"half {way}", f"all {way}"), expected, actual):
            found += [f"{when}: {line}" for line in differences(one, other)]
    return found


def unwanted(found: List[str]) -> List[str]:
    return [line for line in found if not any(re.fullmatch(pattern, line) for pattern in WANTED)]
