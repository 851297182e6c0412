"""Base interpreters that plans are made for."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest

from tests.unit.policy.situation import COLLECTION, SCL, Situation
from venvboot.model import Interpreter, Probe


@pytest.fixture(scope="session")
def bases(
    make_interpreter: Callable[..., Interpreter], make_probe: Callable[..., Probe], debian_package: Any
) -> Dict[str, Interpreter]:
    local = make_probe(base_prefix="/usr/local", build_prefix="/usr/local", stdlib="/usr/local/lib/python3.12")
    return {
        "debian": make_interpreter(owner=debian_package),
        "source": make_interpreter("/usr/local/bin/python3", "/usr/local/bin/python3.12", probe=local),
        "collection": make_interpreter(probe=make_probe(**COLLECTION), marks=(SCL,)),
        "altered": make_interpreter(owner=debian_package, altered=True),
        "unknown": make_interpreter(doubts=("rpm (/var/lib/rpm/Packages): no rpm",)),
    }


@pytest.fixture
def debian(bases: Dict[str, Interpreter]) -> Situation:
    return Situation(bases["debian"])
