"""A folder of wheels with some modules each."""

from __future__ import annotations

import pytest

from tests.integration.tool import Wheels
from tests.integration.wheelhouse import make_wheel

PINS = ("one==1.0", "two==1.0", "three==1.0")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    folder = tmp_path_factory.mktemp("shelf")
    digests = {}
    for pin in (*PINS, "four==1.0"):
        name, version = pin.split("==")
        more = {f"{name}_pkg/m{number}.py": f"VALUE = {number}\n" for number in range(30)}
        digests[pin] = make_wheel(folder, name, version, more=more)
    return Wheels(folder, digests)
