"""What an origin adds to a plan: libraries to wire, a Python used directly, an environment adopted, warnings."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Dict

from tests.unit.policy.situation import (
    COLLECTION,
    CREATE,
    DEST,
    LIBRARIES,
    LINKER_FILE,
    RECORD,
    ROOT,
    SCL,
    WRITE_PROFILE,
    Situation,
    codes,
    record_of,
    types,
)
from venvboot.actions import CreateEnvironment, InstallHook
from venvboot.model import Destination, Entry, Interpreter, Occupant, Probe
from venvboot.policy.libraries import Wiring


def test_a_collection_is_wired_into_the_linkers_cache_before_anything_is_made(bases: Dict[str, Interpreter]) -> None:
    situation = Situation(bases["collection"], wiring=Wiring(LINKER_FILE), guard=False)
    made = situation.plan()
    assert sorted(types(made)) == sorted(
        [CREATE, "write-file library-path", "refresh-linker-cache", WRITE_PROFILE, RECORD]
    )
    assert types(made).index("refresh-linker-cache") == types(made).index("write-file library-path") + 1
    create = next(action for action in made.actions if isinstance(action, CreateEnvironment))
    assert create.library_path == LIBRARIES
    record = record_of(made)
    assert (record.library_path, record.activations) == (LIBRARIES, ("profile.d",))
    assert made.image_config.library_path == ""


def test_once_wired_the_record_goes_on_knowing_the_libraries(
    bases: Dict[str, Interpreter], make_interpreter: Callable[..., Interpreter], make_probe: Callable[..., Probe]
) -> None:
    """A base that is wired starts without help, so that it no longer says what it needs."""
    done = Situation(bases["collection"], wiring=Wiring(LINKER_FILE), guard=False).carried_out()
    now = make_interpreter(probe=make_probe(**{**COLLECTION, "library_path": ""}), marks=(SCL,))
    assert types(replace(done, base=now).plan()) == []
    assert types(replace(done, base=now).changed_state(LINKER_FILE.path, exists=False, sha256=None).plan()) == [
        "write-file library-path",
        "refresh-linker-cache",
    ]


def test_where_the_cache_may_not_be_written_the_dockerfile_has_to_say_it(bases: Dict[str, Interpreter]) -> None:
    made = Situation(bases["collection"], wiring=Wiring(variable=LIBRARIES), guard=False).plan()
    assert made.image_config.library_path == LIBRARIES
    assert record_of(made).library_path == LIBRARIES


def test_a_python_used_directly_gets_access_and_hook_and_no_environment(bases: Dict[str, Interpreter]) -> None:
    folder = Entry("/usr/local/bin", 0, 0, 0o755)
    prefix = Destination(DEST, Occupant.PREFIX, hook_intact=False, unshared=(folder,))
    situation = Situation(bases["source"], destination=prefix, direct=True, activations=())
    made = situation.plan()
    assert types(made) == ["share-directories", "install-hook", RECORD]
    hook = made.actions[1]
    assert isinstance(hook, InstallHook)
    assert (hook.python, hook.site_packages) == ("/usr/local/bin/python3.12", f"{DEST}/lib/python3.11/site-packages")
    assert record_of(made).direct
    assert dict(made.image_config.variables) == {"PYTHONNOUSERSITE": "1"}
    assert types(situation.carried_out().plan()) == []


def test_an_environment_in_use_is_adopted_and_not_made_again(debian: Situation) -> None:
    adoptable = Destination(DEST, Occupant.ADOPTABLE, hook_intact=False)
    made = replace(debian, destination=adoptable, guard=False, activations=()).plan()
    assert types(made) == ["install-hook", RECORD]
    hook = made.actions[0]
    assert isinstance(hook, InstallHook)
    assert hook.python == f"{DEST}/bin/python"


def test_warnings_of_the_base_and_of_the_environment_are_told(bases: Dict[str, Interpreter]) -> None:
    image = replace(ROOT, environ={"PYTHONPATH": "/layers/x"})
    assert codes(Situation(bases["altered"], image=image).plan()) == ["interpreter-altered", "python-path-set"]
