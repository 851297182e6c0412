"""What sync makes is what pip would have made: file by file, for the most installed projects and for odd wheels."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Tuple

import pytest

from tests.images import top_projects
from tests.integration import odd_wheels, oracle, pips
from tests.integration.odd_wheels import OddWheel
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
    r"[^:]+: - lib/[^/]+/site-packages/odd_deep/__pycache__ \(folder\)": (
        "pip leaves an empty folder where a name is too long for its bytecode"
    ),
    r"half removed by sync: \+ (distribution odd-shared-a: file |lib/[^/]+/site-packages/)(ODD|odd_shared/_).*": (
        "what another distribution has as well stays with that, where pip removes it"
    ),
    r"(half|all) removed by sync: - .+ \(folder\)": (
        "pip leaves an empty folder that had nothing but folders; to Python it is a package"
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
    (pip,) = pips.fetched().glob(f"pip-{PIP}-*.whl")
    pinned = {"pip": f"pip=={PIP} --hash=sha256:{hashlib.sha256(pip.read_bytes()).hexdigest()}"}
    (room / folder).mkdir(parents=True)
    place = Place(tool, oracle.chosen(pythons, version), room / folder / "venv", (tmp_path, pip.parent))
    met = compared(place, Lock({**_lock(tmp_path, wheels).lines, **pinned}))
    found = unwanted(met)
    assert not found, "\n".join(found)
    if version == OF_THE_LOCK:  # otherwise the list would grow old; an older pip does some of it in another way
        assert [pattern for pattern in WANTED if not any(re.fullmatch(pattern, line) for line in met)] == []


@pytest.mark.parametrize("before", [oracle.by_pip, oracle.by_sync])
def test_other_versions(
    before: Callable[[Place, Lock], None],
    tool: Tool,
    room: Path,
    tmp_path: Path,
    pythons: Dict[Tuple[int, int], str],
) -> None:
    """Of the versions before nothing is left, whoever installed them."""
    first, second = _lock(tmp_path, odd_wheels.FIRST), _lock(tmp_path, odd_wheels.SECOND)
    place = Place(tool, oracle.chosen(pythons, OF_THE_LOCK), room / "venv", (tmp_path,))
    place.new()
    oracle.by_pip(place, first)
    oracle.by_pip(place, second)
    oracle.removed_by_pip(place, first, second)
    expected = place.state()
    place.new()
    before(place, first)
    oracle.by_sync(place, second)
    found = unwanted([f"changed: {line}" for line in differences(expected, place.state())])
    # pip removes one's old version when it has installed another's new one, and with it what has moved there.
    library = "lib/python3.11/site-packages"
    assert found == [
        f"changed: + {library}/__pycache__/change_from_a.cpython-311.pyc",
        f"changed: + {library}/change_from_a.py",
    ]


def test_a_file_of_somebody_else_stays(
    tool: Tool, room: Path, tmp_path: Path, pythons: Dict[Tuple[int, int], str]
) -> None:
    """Where a folder becomes a file, and something was put into it, nothing is changed."""
    place = Place(tool, oracle.chosen(pythons, OF_THE_LOCK), room / "venv", (tmp_path,))
    place.new()
    oracle.by_sync(place, _lock(tmp_path, odd_wheels.FIRST))
    (place.dest / "etc/change/mine").write_text("mine\n")
    before = place.state()
    lock = _lock(tmp_path, odd_wheels.SECOND).write(room / "second.txt")
    told = tool.json(
        "sync", "--replace-parent", "--venv", str(place.dest), str(lock), code=1, PIP_FIND_LINKS=str(tmp_path)
    )
    assert [(one["code"], one["subject"]) for one in told["findings"]] == [
        ("in-the-way", str(place.dest / "etc/change"))
    ]
    assert differences(before, place.state()) == []


def _lock(folder: Path, wheels: Iterable[OddWheel]) -> Lock:
    """Write the wheels, and return a lock of them."""
    return Lock({one.name: f"{one.name}=={one.version} --hash=sha256:{one.write(folder)}" for one in wheels})


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
