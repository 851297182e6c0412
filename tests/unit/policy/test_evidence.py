"""Every fact that speaks for an origin is told, with its source and how far it carries."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest

from venvboot.model import Interpreter, Mark, Ownership, Probe, SystemPackage, VenvConfig, Weight

PACKAGE = SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")
VENV = VenvConfig("/opt/venv", "/usr/bin", system_site_packages=False)
CONDA = Mark("conda", "/x", "/x/conda-meta/python-3.json stands there", Weight.HARD)
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
Make = Callable[..., Interpreter]


@pytest.mark.parametrize(
    ("facts", "source", "weight"),
    [
        ({"venv": VENV}, "pyvenv.cfg", Weight.HARD),
        ({"owner": PACKAGE}, "dpkg", Weight.HARD),
        (
            {"marks": (Mark("conda", "/x", "/x/conda-meta/python-3.json stands there", Weight.HARD),)},
            "path",
            Weight.HARD,
        ),
        ({"marks": (Mark("lambda", "/var/lang", "it lies in /var/lang", Weight.STRONG),)}, "path", Weight.STRONG),
        ({"marker": MARKER}, "marker", Weight.STRONG),
        ({"doubts": ("rpm (/x): why",)}, "database", Weight.STRONG),
        ({"hints": ("LAMBDA_TASK_ROOT is set (as with lambda)",)}, "environment", Weight.WEAK),
        ({"owned_names": {"/usr/bin/python3": Ownership(PACKAGE, "/usr/bin/python3")}}, "dpkg", Weight.MEDIUM),
        ({"starts": False}, "start", Weight.HARD),
        ({}, "databases", Weight.MEDIUM),
    ],
)
def test_every_fact_is_told_as_evidence(
    make_interpreter: Make, facts: Dict[str, Any], source: str, weight: Weight
) -> None:
    found = {(item.source, item.weight) for item in make_interpreter(**facts).evidence}
    assert (source, weight) in found
    assert ("databases" in {name for name, _ in found}) is not bool({"owner", "venv"} & set(facts))


@pytest.mark.parametrize("gone", [True, False])
def test_that_there_is_no_database_is_told_from_one_that_does_not_list_it(
    make_interpreter: Make, *, gone: bool
) -> None:
    (told,) = [item.fact for item in make_interpreter(no_database=gone).evidence if item.source == "databases"]
    assert told == (
        "there is no package database in this image" if gone else "no package database lists /usr/bin/python3.11"
    )


def test_altered_content_is_told(make_interpreter: Make) -> None:
    facts = [make_interpreter(owner=PACKAGE, altered=altered).evidence[0].fact for altered in (True, False)]
    assert "differs from the package's" in facts[0]
    assert "the package's own content" in facts[1]


@pytest.mark.parametrize(
    ("probe", "fact"),
    [
        ({"schemes": ("deb_system",)}, "has Debian's install scheme deb_system"),
        ({"schemes": ("rpm_prefix",)}, "has Fedora's install scheme rpm_prefix"),
        ({"standalone": True}, "has uv's flag PYTHON_BUILD_STANDALONE"),
        (
            {"config_args": "'--enable-shared' 'CC=gcc' '--prefix=/usr'"},
            "configured with --enable-shared --prefix=/usr",
        ),
        ({"banner": "3.6.6 |Anaconda, Inc.|"}, "3.6.6 |Anaconda, Inc.|"),
        ({"soabi": "cpython-311-x86_64-linux-musl"}, "extension modules are tagged cpython-311-x86_64-linux-musl"),
        ({"library_path": "/opt/rh/x/root/usr/lib64"}, "needs LD_LIBRARY_PATH=/opt/rh/x/root/usr/lib64 to start"),
        ({"started": False}, "read from its files, and not started"),
        ({"build_prefix": ""}, "prefix /usr, built for ?"),
    ],
)
def test_what_it_says_of_itself_is_told(
    make_interpreter: Make, make_probe: Callable[..., Probe], probe: Dict[str, Any], fact: str
) -> None:
    assert fact in [item.fact for item in make_interpreter(probe=make_probe(**probe)).evidence]
