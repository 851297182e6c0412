"""Peculiarities that don't stop anybody, and have to be known."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest

from venvboot.model import Interpreter, Mark, Probe, SystemPackage, VenvConfig, Weight

PACKAGE = SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")
STORE = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-python3-3.11.9/bin/python3.11"
NIX = {"marks": (Mark("nix", STORE[: -len("/bin/python3.11")], "it lies there", Weight.HARD),), "real_path": STORE}
LAMBDA = (Mark("lambda", "/var/lang", "it lies in /var/lang", Weight.STRONG),)
ELSEWHERE = {"base_prefix": "/opt/x", "build_prefix": "/opt/x"}
Make = Callable[..., Interpreter]


@pytest.mark.parametrize(
    ("probe", "facts", "codes"),
    [
        ({}, {"owner": PACKAGE}, []),
        ({}, {"owner": PACKAGE, "altered": True}, ["interpreter-altered"]),
        ({}, {}, ["prefix-shared"]),
        (ELSEWHERE, {"unreachable": "/root"}, ["interpreter-unreachable"]),
        (ELSEWHERE, {"marks": LAMBDA}, ["lambda-bootstrap"]),
        ({"version": (3, 8, 20)}, {"owner": PACKAGE}, ["no-security-fixes"]),
        ({"version": (3, 9, 2)}, {"owner": PACKAGE}, []),
        (ELSEWHERE, {**NIX, "path": STORE}, ["store-path"]),
        (ELSEWHERE, {**NIX, "path": "/nix/var/nix/profiles/default/bin/python3.11"}, []),
        (ELSEWHERE, {"venv": VenvConfig("/root/v", "/opt", system_site_packages=False), "unreachable": "/root"}, []),
    ],
)
def test_each_has_a_code_a_reason_and_a_way_out(
    make_interpreter: Make,
    make_probe: Callable[..., Probe],
    probe: Dict[str, Any],
    facts: Dict[str, Any],
    codes: list[str],
) -> None:
    found = make_interpreter(probe=make_probe(**probe), **facts).warnings
    assert [one.code for one in found] == codes
    assert all(one.message and one.evidence and one.hint for one in found)
