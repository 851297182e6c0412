"""Options by variable: they stand for what the command line leaves out, and nonsense is refused by name."""

from __future__ import annotations

import argparse
import posixpath
import re
from typing import Any, Dict, List

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot import cli, options
from venvboot.errors import UsageError

FLAGS = ("json", "verbose", "quiet", "dry_run", "no_guard")


def parse(line: str, **variables: str) -> argparse.Namespace:
    environ = {f"VENVBOOT_{name.upper()}": value for name, value in variables.items()}
    return options.parse(cli.parser(), line.split(), environ)


def unknown(environ: Dict[str, str]) -> List[str]:
    return [finding.subject for finding in options.unknown_variables(cli.parser(), environ)]


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("text", ["1", "true", "TRUE", "Yes", "on"])
def test_a_flag_is_set_by_a_variable_that_says_yes(name: str, text: str) -> None:
    assert getattr(parse("init", **{name: text}), name) is True


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("text", ["", "0", "false", "No", "OFF"])
def test_a_flag_is_left_unset_by_a_variable_that_says_no(name: str, text: str) -> None:
    assert getattr(parse("init", **{name: text}), name) is False


@given(st.text(max_size=8).filter(lambda text: text.lower() not in (*options.TRUE, *options.FALSE)))
@example("2")
@example(" 1")
def test_a_flag_refuses_every_other_value_and_names_the_variable(text: str) -> None:
    with pytest.raises(UsageError, match="VENVBOOT_DRY_RUN="):
        parse("init", dry_run=text)


@pytest.mark.parametrize(
    ("line", "variables", "name", "value"),
    [
        ("init", {"python": "3.12"}, "python", "3.12"),
        ("init --python 3.11", {"python": "3.12"}, "python", "3.11"),
        ("init", {"group": "staff"}, "group", "staff"),
        ("check", {"venv": "/srv/env"}, "venv", "/srv/env"),
        ("check --venv /opt/venv", {"venv": "/srv/env"}, "venv", "/opt/venv"),
        ("install six", {"cache": "/cache"}, "cache", "/cache"),
        ("init", {"no_activate": "profile.d, all"}, "no_activate", ["profile.d", "all"]),
        ("init", {"no_activate": " , "}, "no_activate", []),
        ("check", {"only": "origin,guard"}, "only", ["origin", "guard"]),
        ("env", {"format": "sh"}, "format", "sh"),
        ("env", {}, "format", "dockerfile"),
    ],
)
def test_a_variable_stands_for_the_option_that_is_not_given(
    line: str, variables: Dict[str, str], name: str, value: Any
) -> None:
    assert getattr(parse(line, **variables), name) == value


@pytest.mark.parametrize(
    ("line", "variables", "name", "value"),
    [
        ("check --only origin", {"only": "guard"}, "only", ["origin"]),
        ("init --no-activate all", {"no_activate": "profile.d"}, "no_activate", ["all"]),
        ("install -r a.txt", {"requirement": "b.txt"}, "requirement", ["a.txt"]),
    ],
)
def test_a_variable_adds_nothing_to_an_option_that_is_given(
    line: str, variables: Dict[str, str], name: str, value: Any
) -> None:
    assert getattr(parse(line, **variables), name) == value


@pytest.mark.parametrize(("name", "value"), [("only", "origin,nonsense"), ("format", "yaml")])
def test_a_variable_whose_value_is_none_of_the_choices_is_refused(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"VENVBOOT_{name.upper()}={value}"):
        parse("check" if name == "only" else "env", **{name: value})


def test_options_are_never_abbreviated() -> None:
    """``--no-act`` would mean something else as soon as there are two."""
    with pytest.raises(UsageError):
        parse("init --no-act all")


@pytest.mark.parametrize("verb", ["detect", "init", "install", "compile", "sync", "check", "env"])
def test_every_verb_has_the_common_options(verb: str) -> None:
    words = " six" if verb == "install" else ""
    told = parse(f"{verb}{words} --json -v -q")
    assert (told.json, told.verbose, told.quiet) == (True, True, True)


def test_words_after_two_dashes_are_passed_on_by_the_verb_that_does_so_alone() -> None:
    told = parse("compile a.in --dry-run -- --no-annotate -- x")
    assert (told.sources, told.passed_on, told.dry_run) == (["a.in"], ["--no-annotate", "--", "x"], True)
    assert list(parse("compile").passed_on) == []
    assert parse("install -- six").requirements == ["six"]


def test_a_slip_in_a_variable_is_told_and_others_are_left_alone() -> None:
    environ = {"VENVBOOT_VENVV": "/x", "VENVBOOT_VENV": "/x", "PATH": "/bin", "_VENVBOOT_RESTARTED": "7"}
    assert unknown(environ) == ["VENVBOOT_VENVV"]


def test_help_is_no_variable() -> None:
    assert unknown({"VENVBOOT_HELP": "1"}) == ["VENVBOOT_HELP"]


@given(st.text("/abcXYZ019._+@-", min_size=1, max_size=20))
@example("/")
@example("//")
@example("//opt/venv")
@example("/opt/../..")
@example("///opt//venv/")
def test_an_accepted_destination_is_the_one_normal_spelling_of_a_folder_below_the_root(text: str) -> None:
    try:
        found = options.destination("/" + text)
    except UsageError:
        return
    assert re.match(r"(?:/[A-Za-z0-9._+@-]+)+\Z", found), found
    assert not {".", ".."} & set(found.split("/"))
    assert options.destination(found) == found == posixpath.normpath(found)


@pytest.mark.parametrize(
    "path", ["/", "/opt/ve nv", "/opt/$HOME", "/opt/a:b", "/opt/a\nb", '/opt/"', "/opt/é", "/a'b"]
)
def test_a_destination_that_cannot_stand_unquoted_is_refused(path: str) -> None:
    with pytest.raises(UsageError):
        options.destination(path)


def test_a_relative_destination_is_taken_from_the_working_directory(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("work")
    monkeypatch.chdir(folder)
    assert options.destination("env/../venv") == f"{folder}/venv"
