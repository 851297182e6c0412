"""What stands outside the environment: every activation, written, left, taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Optional

import pytest

from tests.unit.policy.situation import MEMBER, Situation, codes, record_of, types
from venvboot.actions import MakeDirectory, UpdateWrappers, WriteFile
from venvboot.activation import (
    ACTIVATIONS,
    bash_env,
    block,
    entrypoint,
    environment,
    profile_d,
    sudoers,
    wrappers,
    zshenv,
)
from venvboot.model import CommandFacts, Interpreter, Occupant, Placement, RecordedFile
from venvboot.policy.files import digest

ZSHENV = "/etc/zsh/zshenv"
DEFAULT = tuple(one for one in ACTIVATIONS if one is not bash_env)


@pytest.fixture
def bare(debian: Situation) -> Situation:
    """Without a guard, so that only activation is in the plan."""
    found = replace(debian, guard=False, activations=())
    return found.changed_state("/etc/zshenv", reader_present=False)


def written(situation: Situation) -> Dict[str, WriteFile]:
    return {one.path: one for one in situation.plan().actions if isinstance(one, WriteFile)}


def test_each_activation_is_written_where_its_reader_is_and_recorded(bare: Situation) -> None:
    one = replace(bare, activations=DEFAULT).changed_state("/etc/fish/conf.d/venvboot.fish", reader_present=False)
    record = record_of(one.plan())
    assert record.activations == tuple(found.NAME for found in DEFAULT if found.NAME != "fish")
    assert {file.path for file in record.files} == {*written(one), wrappers.FOLDER}
    assert codes(one.plan()) == []


def test_a_block_keeps_what_others_wrote_and_the_mode_of_their_file(bare: Situation) -> None:
    theirs = "export EDITOR=vi"
    one = replace(bare, activations=(zshenv,)).changed_state(ZSHENV, exists=True, content=theirs, mode=0o640)
    action = written(one)[ZSHENV]
    assert (block.removed(action.content), action.mode) == (theirs, 0o640)
    text = zshenv.pieces("/opt/venv")[0].text
    assert record_of(one.plan()).files == (RecordedFile(ZSHENV, digest(text), "zshenv"),)


def test_a_file_of_others_that_can_t_be_read_is_left_as_it_is(bare: Situation) -> None:
    one = replace(bare, activations=(zshenv,)).changed_state(ZSHENV, exists=True, content=None)
    assert ZSHENV not in written(one)
    assert codes(one.plan()) == ["foreign-file"]


def test_what_this_user_may_not_write_is_told_at_once(bare: Situation) -> None:
    one = replace(bare, image=MEMBER, activations=(profile_d, environment, sudoers))
    for path in (profile_d.PATH, environment.PATH, f"{sudoers.FOLDER}/venvboot"):
        one = one.changed_state(path, writable=False)
    (finding,) = one.plan().findings
    assert finding.message == f"{profile_d.PATH}, {environment.PATH}, /etc/sudoers.d/venvboot were not written"
    assert finding.evidence == (
        "user 1001 may not write into /etc/profile.d, /etc, /etc/sudoers.d; it is for activation"
    )


@pytest.mark.parametrize("content", [None, "theirs\n"])
def test_what_was_written_is_taken_back_by_name(bare: Situation, content: Optional[str]) -> None:
    done = replace(bare, activations=(zshenv, profile_d)).changed_state(
        ZSHENV, exists=content is not None, content=content
    )
    text = zshenv.pieces("/opt/venv")[0].text
    after = block.added(text, content, Placement.BOTTOM)
    back = replace(done.carried_out().changed_state(ZSHENV, content=after), without=("zshenv",), activations=())
    wanted = "remove-file" if content is None else "write-file zshenv"
    assert types(back.plan()) == [wanted, "write-record"]
    assert record_of(back.plan()).activations == ("profile.d",)
    if content:
        assert written(back)[ZSHENV].content == content


def test_a_path_that_stands_there_already_is_taken_over(bare: Situation) -> None:
    theirs = 'PATH="/srv/tools/bin:/usr/bin:/snap/bin"\n'
    one = replace(bare, activations=(environment,)).changed_state(environment.PATH, exists=True, content=theirs)
    content = written(one)[environment.PATH].content
    assert 'PATH="/opt/venv/bin:/srv/tools/bin:/usr/bin:/snap/bin"\n' in content
    assert block.removed(content) == theirs
    done = one.carried_out().changed_state(environment.PATH, content=content)
    assert types(done.plan()) == []


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ("", sudoers.STANDARD),
        ("Defaults env_reset\n", sudoers.STANDARD),
        ('Defaults secure_path="/opt/tools/bin:/usr/bin"\n', "/opt/tools/bin:/usr/bin"),
        ("Defaults env_reset, secure_path = /sbin:/bin\n", "/sbin:/bin"),
        ('Defaults secure_path="/a"\n# Defaults secure_path="/b"\nDefaults secure_path="/c"\n', "/c"),
    ],
)
def test_the_secure_path_that_sudo_has_is_taken_over(bare: Situation, said: str, path: str) -> None:
    one = replace(bare, activations=(sudoers,)).changed_state(sudoers.PATH, content=said)
    assert f'secure_path="/opt/venv/bin:{path}"\n' in written(one)[sudoers.PATH].content


def test_what_was_emptied_or_replaced_since_is_written_again(bare: Situation) -> None:
    done = replace(bare, activations=(profile_d,)).carried_out()
    emptied = done.changed_state(profile_d.PATH, sha256="11" * 32, ours=False)
    assert types(emptied.plan()) == ["write-file profile.d"]


def test_what_was_changed_by_hand_is_not_taken_back(bare: Situation) -> None:
    done = replace(bare, activations=(profile_d,)).carried_out()
    back = replace(done, without=("profile.d",), activations=()).changed_state(profile_d.PATH, sha256="11" * 32)
    assert codes(back.plan()) == ["foreign-file"]
    assert types(back.plan()) == []


def test_what_outlived_its_record_is_taken_back_by_its_text(bare: Situation) -> None:
    """`rm -rf DEST` takes the record, and leaves what stands outside."""
    text = profile_d.pieces("/opt/venv")[0].text
    left = replace(bare, without=("profile.d", "wrappers"), commands=CommandFacts(stale=("flask",)))
    left = left.changed_state(profile_d.PATH, exists=True, ours=True, sha256=digest(text))
    assert types(left.plan()) == ["create-environment", "remove-file", "update-wrappers", "write-record"]
    assert record_of(left.plan()).activations == ()
    other = left.changed_state(profile_d.PATH, sha256="11" * 32)
    assert "remove-file" not in types(other.plan())


def test_without_a_word_nothing_is_taken_back(bare: Situation) -> None:
    done = replace(bare, activations=(profile_d, zshenv)).carried_out()
    assert types(replace(done, activations=(profile_d,)).plan()) == []


def test_what_lies_in_a_half_made_environment_is_written_anew(bare: Situation) -> None:
    path = "/opt/venv/bin/venvboot-entrypoint"
    one = replace(bare, activations=(entrypoint,)).changed_destination(occupant=Occupant.HALF_MADE)
    there = one.changed_state(path, exists=True, ours=True, sha256=digest(entrypoint.pieces("/opt/venv")[0].text))
    assert types(there.plan()) == ["create-environment", "write-file entrypoint", "write-record"]
    assert types(there.carried_out().plan()) == []


def test_bash_env_is_a_line_for_the_dockerfile_and_the_file_it_names(bare: Situation) -> None:
    alone = replace(bare, activations=(bash_env,)).plan()
    assert dict(alone.image_config.variables)["BASH_ENV"] == profile_d.PATH
    assert types(alone)[1:] == ["write-file bash-env", "write-record"]
    both = replace(bare, activations=(profile_d, bash_env))
    assert record_of(both.plan()).activations == ("profile.d", "bash-env")
    assert types(both.carried_out().plan()) == []
    assert dict(both.carried_out().plan().image_config.variables)["BASH_ENV"] == profile_d.PATH
    back = replace(both.carried_out(), activations=(profile_d,), without=("bash-env",)).plan()
    assert "BASH_ENV" not in dict(back.image_config.variables)


def test_the_file_that_login_shells_read_stays_when_bash_env_goes(bare: Situation) -> None:
    alone = replace(bare, activations=(bash_env,)).carried_out()
    back = replace(alone, activations=(profile_d,), without=("bash-env",))
    assert "remove-file" not in types(back.plan())
    assert record_of(back.plan()).activations == ("profile.d",)
    mirrored = replace(alone, activations=(), without=("profile.d",))
    assert types(mirrored.plan()) == []


def test_wrappers_of_a_new_environment_are_written_when_it_is_there(bare: Situation) -> None:
    one = replace(bare, activations=(wrappers,))
    assert [type(action) for action in one.plan().actions][1] is UpdateWrappers
    done = one.carried_out()
    assert types(done.plan()) == []
    assert types(replace(done, commands=CommandFacts(programs=("flask",))).plan()) == ["update-wrappers"]
    back = replace(done, activations=(), without=("wrappers",)).plan()
    assert types(back) == ["update-wrappers", "write-record"]


def test_where_the_base_lies_there_are_no_wrappers(bases: Dict[str, Interpreter]) -> None:
    one = Situation(bases["source"], activations=(wrappers,), commands=CommandFacts(base_here=True))
    assert types(one.plan()) == ["create-environment", "write-record"]
    assert record_of(one.plan()).activations == ()


def test_a_user_who_may_write_no_wrapper_is_told_so(bare: Situation) -> None:
    one = replace(bare, image=MEMBER, activations=(wrappers,), commands=CommandFacts(writable=False))
    assert codes(one.plan()) == ["not-done"]
    assert record_of(one.plan()).activations == ()


def test_uv_gets_its_settings_and_a_cache_that_the_group_can_write(bare: Situation) -> None:
    one = replace(bare, has_uv=True)
    assert MakeDirectory("/var/cache/uv", 0) in one.plan().actions
    assert dict(one.plan().image_config.variables)["UV_LINK_MODE"] == "copy"
    assert types(replace(one.carried_out(), has_uv_cache=True).plan()) == []
