"""The name an environment records: the resolved file, or one that its maker keeps through upgrades."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from venvboot.model import Candidate, Interpreter, InterpreterFacts, Mark, Weight
from venvboot.policy.judge import judge

HASH = "0123456789abcdfghijklmnpqrsvwxyz"
NIX = f"/nix/store/{HASH}-python3-3.11.9/bin/python3.11"
GUIX = f"/gnu/store/{HASH}-python-3.11.9/bin/python3.11"
BREW = "/home/linuxbrew/.linuxbrew"
CELLAR = f"{BREW}/Cellar/python@3.11/3.11.9/bin/python3.11"
PROFILE = "/nix/var/nix/profiles/default/bin"


@pytest.mark.parametrize(
    ("kind", "real_path", "names", "expected"),
    [
        ("source", "/usr/local/bin/python3.11", ["/usr/local/bin/python3"], "/usr/local/bin/python3.11"),
        ("nix", NIX, [NIX], NIX),
        ("nix", NIX, [NIX, f"{PROFILE}/python3", f"{PROFILE}/python3.11"], f"{PROFILE}/python3.11"),
        ("nix", NIX, [f"{PROFILE}/python3", "/root/.nix-profile/bin/python3"], "/root/.nix-profile/bin/python3"),
        ("guix", GUIX, [GUIX, "/var/guix/profiles/p/bin/python3"], "/var/guix/profiles/p/bin/python3"),
        ("homebrew", CELLAR, [CELLAR, f"{BREW}/bin/python3.11"], CELLAR),
        (
            "homebrew",
            CELLAR,
            [f"{BREW}/bin/python3.11", f"{BREW}/opt/python@3.11/bin/python3.11"],
            f"{BREW}/opt/python@3.11/bin/python3.11",
        ),
    ],
)
def test_a_store_that_is_swept_gives_its_stable_name(
    make_facts: Callable[..., InterpreterFacts], kind: str, real_path: str, names: list[str], expected: str
) -> None:
    marks = () if kind == "source" else (Mark(kind, "/x", "sign", Weight.HARD),)
    facts: Any = make_facts(marks=marks)
    made = InterpreterFacts(Candidate(names[0], real_path, tuple(names)), facts.probe, marks=marks)
    found: Interpreter = judge(made)
    assert found.base_path == expected
