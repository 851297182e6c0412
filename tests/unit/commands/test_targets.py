"""Which environment a verb works on, and what is refused in place of one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Callable, Optional

import pytest

from venvboot import record
from venvboot.commands import targets
from venvboot.errors import Refused, UsageError
from venvboot.model import Record

if TYPE_CHECKING:
    from tests.unit.conftest import Tree

DEST = "/opt/venv"


@pytest.fixture
def environment(tree: Tree, make_record: Callable[..., Record]) -> Tree:
    tree.file(f"{DEST}/{record.NAME}", record.dump(make_record()))
    tree.file(f"{DEST}/pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    return tree


def given(**values: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"venv": None, "cache": None, **values})


def refusal(tree: Tree, dest: str = DEST) -> str:
    with pytest.raises(Refused) as caught:
        targets.environment(tree.system(), dest)
    (finding,) = caught.value.findings
    return finding.code


@pytest.mark.parametrize(
    ("option", "variable", "dest"),
    [
        ("/srv/env", DEST, "/srv/env"),
        ("/srv/../srv/env/", "", "/srv/env"),
        (None, "/srv/mine", "/srv/mine"),
        (None, "/srv/other", "/opt/venv"),
        (None, "srv/mine", "/opt/venv"),
        (None, "", "/opt/venv"),
        ("", "", "/opt/venv"),
    ],
)
def test_the_option_wins_then_an_active_environment_of_ours_then_the_default(
    tree: Tree, make_record: Callable[..., Record], option: Optional[str], variable: str, dest: str
) -> None:
    tree.file(f"/srv/mine/{record.NAME}", record.dump(make_record(dest="/srv/mine")))
    tree.file("/srv/other/pyvenv.cfg")
    assert targets.destination(given(venv=option), tree.system(VIRTUAL_ENV=variable)) == dest


def test_an_odd_folder_is_a_usage_error(tree: Tree) -> None:
    with pytest.raises(UsageError):
        targets.destination(given(venv="/opt/a b"), tree.system())


def test_an_environment_of_ours_is_taken(environment: Tree, make_record: Callable[..., Record]) -> None:
    found = targets.environment(environment.system(), DEST)
    assert found == make_record()
    assert found.site_packages == f"{DEST}/lib/python3.11/site-packages"


def test_a_python_used_directly_is_found_by_path(tree: Tree, make_record: Callable[..., Record]) -> None:
    direct = make_record(dest="/usr/local", direct=True, base_path="/usr/local/bin/python3.11")
    tree.file(f"/usr/local/{record.NAME}", record.dump(direct))
    system = tree.system(PATH="/usr/bin:/usr/local/bin")
    assert targets.destination(given(), system) == "/usr/local"
    assert targets.environment(system, "/usr/local") == direct
    assert targets.destination(given(), tree.system(PATH="/usr/bin")) == DEST


def test_an_environment_at_the_usual_place_comes_before_it(
    environment: Tree, make_record: Callable[..., Record]
) -> None:
    environment.file(f"/usr/local/{record.NAME}", record.dump(make_record(dest="/usr/local", direct=True)))
    assert targets.destination(given(), environment.system(PATH="/usr/local/bin")) == DEST


@pytest.mark.parametrize("name", ["nothing", "foreign", "half-made", "damaged"])
def test_anything_else_is_refused(tree: Tree, name: str) -> None:
    if name == "foreign":
        tree.file(f"{DEST}/pyvenv.cfg")
    if name == "half-made":
        tree.file(f"{DEST}/{record.HALF_MADE_NAME}")
    if name == "damaged":
        tree.file(f"{DEST}/{record.NAME}", "{")
    assert refusal(tree) == "no-environment"


@pytest.mark.parametrize("config", ["include-system-site-packages = true\n", None])
def test_an_environment_that_sees_the_base_s_packages_is_refused(environment: Tree, config: Optional[str]) -> None:
    environment.host(f"{DEST}/pyvenv.cfg").unlink()
    if config:
        environment.file(f"{DEST}/pyvenv.cfg", config)
    assert refusal(environment) == "not-isolated"


def test_a_copy_is_refused_since_its_record_leads_to_another_environment(environment: Tree) -> None:
    """Else the install would go into the environment that was copied, or wherever a forged record leads."""
    environment.host(DEST).rename(environment.host("/opt/copy"))
    assert refusal(environment, "/opt/copy") in ("no-environment", "environment-damaged", "record-missing")


def test_downloads_are_kept_only_where_it_was_asked_for(tree: Tree) -> None:
    system = tree.system(HOME="/root")
    tree.directory("/root/.cache/venvboot")
    assert targets.cache_folder(given(), system) is None
    assert targets.cache_folder(given(cache="/cache/"), system) == "/cache"
