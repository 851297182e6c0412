"""The record is a promise in writing: what is dumped is read back equal, and a forged one harms nobody."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from venvboot import record
from venvboot.model import Lock, Origin, Record, RecordedFile, Seal, SystemPackage

LINE = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=12).filter(str.isprintable)
PATH = st.lists(
    st.text("abc.-_@+", min_size=1, max_size=6).filter(lambda part: part not in (".", "..")), max_size=4
).map(lambda parts: "/" + "/".join(parts))
DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
PINS = st.dictionaries(LINE, LINE, max_size=2).map(lambda pins: tuple(sorted(pins.items())))
RECORDS = st.builds(
    Record,
    tool_version=LINE,
    dest=PATH,
    base_path=PATH,
    base_sha256=DIGEST,
    base_version=st.tuples(*[st.integers(0, 99)] * 3).map(lambda parts: ".".join(map(str, parts))),
    origin=st.builds(Origin, LINE, LINE, st.booleans(), st.none() | st.builds(SystemPackage, LINE, LINE, LINE)),
    group=st.integers(0, (1 << 32) - 2),
    activations=st.lists(LINE, max_size=2).map(tuple),
    guarded=st.booleans(),
    files=st.lists(st.builds(RecordedFile, PATH, DIGEST, LINE), max_size=2).map(tuple),
    locks=st.lists(st.builds(Lock, LINE, DIGEST, st.booleans(), PINS, st.booleans()), max_size=2).map(tuple),
    seal=st.sampled_from(Seal),
    taken=st.lists(LINE, max_size=2).map(tuple),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)

# Where a path stands in the JSON, as a way down from its top.
PATH_PLACES = (
    ("dest",),
    ("base", "path"),
    ("files", 0, "path"),
)
NO_PATHS = (
    "",
    "opt/venv",
    "../etc",
    "/opt/../etc",
    "/opt/venv/..",
    "~/venv",
    "/a\nb",
    "/a\0b",
    7,
    None,
    ["/a"],
    True,
)


def places(told: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every value in a JSON document, the containers included."""
    if way:
        yield way
    for key, value in told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ():
        yield from places(value, (*way, key))


def changed(found: Record, way: tuple[Any, ...], value: Any) -> str:
    told: Any = json.loads(record.dump(found))
    inner = told
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = value
    return json.dumps(told)


def texts(found: Record) -> Iterator[str]:
    def below(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from below(inner)

    return below(record.as_dict(found))


@given(RECORDS)
def test_what_is_dumped_is_read_back_equal(found: Record) -> None:
    assert record.load(record.dump(found)) == found


@given(RECORDS)
def test_equal_promises_are_equal_bytes(found: Record) -> None:
    again = record.load(record.dump(found))
    assert again is not None
    assert record.dump(again) == record.dump(found)


@given(st.text() | JSON.map(json.dumps))
@example("[" * 100_000)
@example('{"schema": ' * 100_000)
@example('{"schema": "venvboot-record/1"}')
@example("1" * 5000)
@example("NaN")
def test_any_other_text_is_no_record_and_raises_nothing(text: str) -> None:
    assert record.load(text) is None


@given(st.data())
def test_a_record_with_any_one_value_forged_is_refused_or_well_formed(
    make_record: Callable[..., Record], data: st.DataObject
) -> None:
    usual = make_record()
    way = data.draw(st.sampled_from(sorted(places(json.loads(record.dump(usual))), key=str)))
    found = record.load(changed(usual, way, data.draw(JSON)))
    if found is None:
        return
    assert isinstance(found.group, int)
    assert 0 <= found.group < (1 << 32) - 1
    assert found.origin.owner is None or isinstance(found.origin.owner, SystemPackage)
    assert all("\n" not in text for text in texts(found))
    assert record.load(record.dump(found)) == found


@pytest.mark.parametrize("way", PATH_PLACES)
@pytest.mark.parametrize("value", NO_PATHS, ids=repr)
def test_only_absolute_paths_that_do_not_climb_are_taken(
    make_record: Callable[..., Record], way: tuple[Any, ...], value: Any
) -> None:
    assert record.load(changed(make_record(), way, "/opt/..venv/a..b")) is not None
    assert record.load(changed(make_record(), way, value)) is None


@pytest.mark.parametrize("value", ["", 0, False, [], {}], ids=repr)
def test_an_owner_is_a_package_or_nothing(make_record: Callable[..., Record], value: Any) -> None:
    found = record.load(changed(make_record(), ("origin", "owner"), value))
    assert found is None or found.origin.owner is None


@pytest.mark.parametrize("version", ["3", "", "three", "3.11/../../../../../../etc", "3./../../..", "3.11.2.\t"])
def test_a_version_that_leads_elsewhere_is_refused(make_record: Callable[..., Record], version: str) -> None:
    """The version becomes a part of the path of site-packages, where files are written as root."""
    assert record.load(changed(make_record(), ("base", "version"), version)) is None


@pytest.mark.parametrize("value", ["\ud800", "a\rerror: forged", "\x1b[2Jnothing to see", "a\x85b"], ids=ascii)
@pytest.mark.parametrize("way", [("base", "path"), ("tool_version",), ("files", 0, "path")], ids=str)
def test_texts_that_cannot_be_printed_on_one_line_are_refused(
    make_record: Callable[..., Record], way: tuple[Any, ...], value: str
) -> None:
    assert record.load(changed(make_record(), way, "/" + value)) is None


@pytest.mark.parametrize("value", [-1, (1 << 32) - 1, 1 << 32, True, "0", None, 1.0, float("inf")], ids=repr)
def test_a_group_is_a_number_of_a_group(make_record: Callable[..., Record], value: Any) -> None:
    assert record.load(changed(make_record(), ("group",), value)) is None


@pytest.mark.parametrize("value", ["yes", 1, None, "false"], ids=repr)
def test_only_true_is_true(make_record: Callable[..., Record], value: Any) -> None:
    """A forged value must not be read as ``guarded``: the promise would be checked against nothing."""
    found = record.load(changed(make_record(), ("guarded",), value))
    assert found is not None
    assert found.guarded is False


def test_every_member_is_needed(make_record: Callable[..., Record]) -> None:
    told: Dict[str, Any] = json.loads(record.dump(make_record()))
    for name in told.keys() - {"seal"}:
        assert record.load(json.dumps({key: value for key, value in told.items() if key != name})) is None, name


def test_a_record_from_before_there_were_seals_is_that_of_an_open_environment(
    make_record: Callable[..., Record],
) -> None:
    told: Dict[str, Any] = json.loads(record.dump(make_record()))
    del told["seal"]
    assert record.load(json.dumps(told)) == make_record()


@pytest.mark.parametrize("value", ["Sealed", "", True, None, ["sealed"]], ids=repr)
def test_a_state_of_a_seal_that_there_isn_t_makes_no_record(make_record: Callable[..., Record], value: Any) -> None:
    assert record.load(changed(make_record(), ("seal", "state"), value)) is None


@pytest.mark.parametrize("value", ["/a::/b", ":/a", "/a/../b", "relative", "/", "/a:/b\n"], ids=repr)
def test_folders_of_libraries_are_absolute_and_never_the_working_directory(
    make_record: Callable[..., Record], value: str
) -> None:
    assert record.load(changed(make_record(), ("base", "library_path"), value)) is None


@pytest.mark.parametrize("value", ["", "../x", "CPython", "py py", None, 1], ids=repr)
def test_an_implementation_is_one_word(make_record: Callable[..., Record], value: Any) -> None:
    assert record.load(changed(make_record(), ("base", "implementation"), value)) is None


def test_an_environment_s_folders_follow_from_its_record(make_record: Callable[..., Record]) -> None:
    assert make_record().python == "/opt/venv/bin/python"
    assert make_record(direct=True).python == "/usr/bin/python3.11"
    found = make_record(implementation="pypy", base_version="3.11.13")
    assert found.site_packages == "/opt/venv/lib/pypy3.11/site-packages"
    assert make_record(base_version="2.7.18").site_packages == "/opt/venv/lib/python2.7/site-packages"


def test_a_record_of_another_schema_is_not_guessed_at(make_record: Callable[..., Record]) -> None:
    assert record.load(changed(make_record(), ("schema",), "venvboot-record/2")) is None


def test_the_record_is_printed_as_in_the_golden_file(
    make_record: Callable[..., Record], golden: Callable[[str, str], None]
) -> None:
    golden("record.json", record.dump(make_record()))
    unowned = Origin("pyenv", "built by pyenv in /opt/pyenv/versions/3.12.1", managed=False, owner=None)
    bare = make_record(origin=unowned, guarded=False, activations=(), files=(), locks=())
    golden("record_bare.json", record.dump(bare))


def test_a_lock_that_was_recorded_by_its_name_alone_pins_nothing(make_record: Callable[..., Record]) -> None:
    told: Any = json.loads(record.dump(make_record()))
    told["locks"] = [{"name": "requirements.txt", "sha256": "01" * 32, "hashes": False}]
    found = record.load(json.dumps(told))
    assert found is not None
    assert found.locks == (Lock("requirements.txt", "01" * 32, hashes=False),)
