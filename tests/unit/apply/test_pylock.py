"""What of a pylock.toml applies is told by the interpreter in question: real ones of this machine are asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Dict, List, Sequence, Type

import pytest

from venvboot.apply import lock, pylock
from venvboot.apply.kept import opened
from venvboot.errors import Refused, Unsupported, VenvbootError
from venvboot.facts import requirements
from venvboot.model import LockFile, Record
from venvboot.policy import synced
from venvboot.report import Reporter
from venvboot.system import System

MINORS = ("3.9", "3.10", "3.11", "3.12", "3.13")
HEAD = 'lock-version = "1.0"\ncreated-by = "a test"\n'
A, B, C = "aa" * 32, "bb" * 32, "cc" * 32

# The texts of locks, the version of the Python that is asked -> the requirements files that they come to
Read = Callable[..., List[str]]


def wheel(name: str, version: str, sha256: str = A, tags: str = "py3-none-any") -> str:
    return f'{{name = "{name}-{version}-{tags}.whl", url = "https://x.invalid/x", hashes = {{sha256 = "{sha256}"}}}}'


def package(name: str, version: str, *more: str, wheels: str = "") -> str:
    lines = [f'name = "{name}"', f'version = "{version}"', *more, f"wheels = [{wheels or wheel(name, version)}]"]
    return "\n".join(["[[packages]]", *lines, ""])


def direct(name: str, source: str) -> str:
    return f'[[packages]]\nname = "{name}"\n{source}\n'


@pytest.fixture
def make(tmp_path: Path, pythons: Dict[str, str], make_record: Callable[..., Record]) -> Callable[[str], Record]:
    """The record of what is no environment, but has a Python of that version where one has its."""

    def made(minor: str) -> Record:
        (tmp_path / "venv/bin").mkdir(parents=True)
        os.symlink(pythons[minor], tmp_path / "venv/bin/python")
        record: Record = make_record(dest=str(tmp_path / "venv"), base_version=f"{minor}.0")
        return record

    return made


@pytest.fixture
def read(tmp_path: Path, make: Callable[[str], Record]) -> Read:
    def requirements_of(texts: Sequence[str], minor: str) -> List[str]:
        record, paths = make(minor), [tmp_path / f"pylock.{number}.toml" for number in range(len(texts))]
        for path, text in zip(paths, texts):
            path.write_text(text)
        with opened(System(), Reporter(), record, None) as kept:
            files = pylock.as_requirements(System(), Reporter(), record, [*map(str, paths)], kept)
            assert [file.path for file in files] == [*map(str, paths)]
            return [Path(file.requirements).read_text() for file in files]

    return requirements_of


@pytest.fixture(params=MINORS)
def minor(request: pytest.FixtureRequest, pythons: Dict[str, str]) -> str:
    if request.param not in pythons:
        pytest.skip(f"no Python {request.param} on this machine")
    return str(request.param)


@pytest.fixture
def one(pythons: Dict[str, str]) -> str:
    """One of them, for what doesn't differ between them."""
    return next(minor for minor in MINORS if minor in pythons)


def test_what_applies_to_the_interpreter_is_taken(read: Read, minor: str) -> None:
    text = HEAD + "".join(
        (
            package("for-all", "1.0", wheels=wheel("for_all", "1.0")),
            package("split", "1.0", "marker = \"python_version < '3.11'\""),
            package("split", "2.0", "marker = \"python_version >= '3.11'\""),
            package("elsewhere", "1.0", "marker = \"sys_platform == 'win32'\"", "requires-python = '<3'"),
        )
    )
    split = "1.0" if minor in ("3.9", "3.10") else "2.0"
    assert read([text], minor) == [f"for-all==1.0 --hash=sha256:{A}\nsplit=={split} --hash=sha256:{A}\n"]


def test_it_is_the_default_installation(read: Read, one: str) -> None:
    text = (
        HEAD
        + 'extras = ["web"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["dev"]\n'
        + package("in-dev", "1.0", "marker = \"'dev' in dependency_groups\"", wheels=wheel("in_dev", "1.0"))
        + package("in-docs", "1.0", "marker = \"'docs' in dependency_groups\"", wheels=wheel("in_docs", "1.0"))
        + package("in-web", "1.0", "marker = \"'web' in extras\"", wheels=wheel("in_web", "1.0"))
    )
    assert read([text], one) == [f"in-dev==1.0 --hash=sha256:{A}\n"]


def test_the_sha256_of_all_files_are_allowed(read: Read, one: str) -> None:
    wheels = f"{wheel('one', '1.0', B.upper())}, {wheel('one', '1.0', A, 'cp311-cp311-win32')}"
    sdist = f'sdist = {{name = "one-1.0.tar.gz", path = "one-1.0.tar.gz", hashes = {{md5 = "0", sha256 = "{C}"}}}}'
    text = HEAD + package("one", "1.0", sdist, wheels=wheels)
    assert read([text], one) == [f"one==1.0 --hash=sha256:{A} --hash=sha256:{B} --hash=sha256:{C}\n"]


def test_what_is_not_needed_is_passed_over(read: Read, one: str) -> None:
    more = ('index = "https://elsewhere.invalid/simple"', '[[packages.attestation-identities]]\nkind = "GitHub"')
    text = HEAD + package("one", "1.0", more[0]) + more[1] + '\n[tool.uv]\nsecret = "x"\n'
    assert read([text, HEAD + "packages = []\n"], one) == [f"one==1.0 --hash=sha256:{A}\n", ""]


def test_a_later_minor_version_of_the_form_is_taken_and_told(
    read: Read, one: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read([HEAD.replace("1.0", "1.1") + package("one", "1.0")], one) == [f"one==1.0 --hash=sha256:{A}\n"]
    assert "lock-version 1.1" in capsys.readouterr().err


def test_the_form_of_today_is_not_remarked_on(read: Read, one: str, capsys: pytest.CaptureFixture[str]) -> None:
    read([HEAD + package("one", "1.0")], one)
    assert capsys.readouterr().err == ""


TWICE = package("one", "1.0") + package("one", "2.0")
NAME, VCS = 'name = "one"\n', 'vcs = {type = "git", url = "https://x.invalid/x.git", commit-id = "00"}'
ARCHIVE = f'version = "1.0"\narchive = {{url = "https://x.invalid/x.zip", hashes = {{sha256 = "{A}"}}}}'
INJECTED = f"{A}\\n--index-url https://x.invalid/"


@pytest.mark.parametrize(
    ("text", "code", "evidence"),
    [
        ("", "lock-unreadable", "lock-version"),
        ("one==1.0\n", "lock-unreadable", "TOMLDecodeError"),
        ("a = " + "[" * 100_000, "lock-unreadable", "PEP 751"),
        (HEAD, "lock-unreadable", "packages"),
        (HEAD.replace("1.0", "2.0") + TWICE, "lock-unreadable", "version 2.0 is not supported"),
        (HEAD + package("One", "1.0"), "lock-unreadable", "not normalized"),
        (HEAD + package("one", "1.0", wheels=wheel("two", "1.0")), "lock-unreadable", "packages[0].wheels[0]"),
        (
            HEAD + package("one", "1.0", "marker = \"nonsense == 'x'\""),
            "lock-unreadable",
            "x' ^ in 'packages[0].marker'",
        ),
        (HEAD + package("one", "1.0", "marker = \"extra == 'x'\""), "lock-unreadable", "extra"),
        (HEAD + package("one", "1.0").replace("{sha256", "{}, x = {sha256"), "lock-unreadable", "hash"),
        (HEAD + "environments = [\"sys_platform == 'win32'\"]\n" + TWICE, "lock-not-applicable", 'win32"'),
        (HEAD + 'requires-python = "<3"\n' + TWICE, "lock-not-applicable", "<3"),
        (HEAD + package("one", "1.0", 'requires-python = "<3"'), "lock-not-applicable", "'one'"),
        (HEAD + TWICE, "lock-not-applicable", "Multiple packages with the name 'one'"),
        (
            HEAD + package("one", "1.0", wheels=wheel("one", "1.0", A, "cp27-cp27m-win32")),
            "lock-not-applicable",
            "No wheel found",
        ),
        (HEAD + direct("one", VCS), "lock-not-pinned", "one (vcs)"),
        (HEAD + direct("one", 'directory = {path = "."}'), "lock-not-pinned", "one (directory)"),
        (HEAD + direct("one", ARCHIVE), "lock-not-pinned", "one (archive)"),
        (HEAD + package("one", "1.0").replace('version = "1.0"\n', ""), "lock-not-pinned", "one (no version)"),
        (HEAD + package("one", "1.0").replace("sha256", "sha512"), "lock-without-hashes", "for one"),
        (HEAD + package("one", "1.0", wheels=wheel("one", "1.0", "aa")), "lock-without-hashes", "for one"),
        (HEAD + package("one", "1.0", wheels=wheel("one", "1.0", INJECTED)), "lock-without-hashes", "for one"),
        (
            HEAD + package("one", "1.0", wheels=f"{wheel('one', '1.0')}, {wheel('one', '1.0', '')}"),
            "lock-without-hashes",
            "for one",
        ),
    ],
)
def test_what_can_not_be_used_is_refused_with_its_cause(
    read: Read, one: str, text: str, code: str, evidence: str
) -> None:
    status: Dict[str, Type[VenvbootError]] = {"lock-unreadable": VenvbootError, "lock-not-applicable": Unsupported}
    with pytest.raises(VenvbootError) as caught:
        read([text], one)
    (finding,) = caught.value.findings
    assert (finding.code, type(caught.value)) == (code, status.get(code, Refused))
    assert evidence in finding.evidence


def test_bytes_that_are_no_text_are_refused(tmp_path: Path, one: str, make: Callable[[str], Record]) -> None:
    path, record = tmp_path / "pylock.toml", make(one)
    path.write_bytes(b"\xff\xfe\x00")
    with opened(System(), Reporter(), record, None) as kept, pytest.raises(VenvbootError) as caught:
        pylock.as_requirements(System(), Reporter(), record, [str(path)], kept)
    assert caught.value.findings[0].code == "lock-unreadable"


def test_a_requirements_file_is_taken_as_it_is(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    """Not even an interpreter is asked: there is none."""
    with opened(System(), Reporter(), make_record(), None) as kept:
        files = pylock.as_requirements(System(), Reporter(), make_record(), [f"{tmp_path}/requirements.txt"], kept)
    assert files == (LockFile(f"{tmp_path}/requirements.txt", f"{tmp_path}/requirements.txt"),)


def test_an_old_python_is_not_asked(make_record: Callable[..., Record]) -> None:
    record = make_record(base_version="3.8.18")
    with opened(System(), Reporter(), record, None) as kept, pytest.raises(Unsupported) as caught:
        pylock.as_requirements(System(), Reporter(), record, ["/app/pylock.toml"], kept)
    assert caught.value.findings[0].code == "sync-not-offered"


def test_what_reads_requirements_reads_what_comes_of_it(read: Read, one: str, tmp_path: Path) -> None:
    (text,) = read([HEAD + package("one", "1.0") + package("two", "2.0")], one)
    file = LockFile("/app/pylock.toml", str(tmp_path / "0-pylock.toml.txt"))
    Path(file.requirements).write_text(text)
    asked = requirements.asked(System(), lock.words([file]))
    assert [*lock.placed(asked, [file])] == [("one", "/app/pylock.toml"), ("two", "/app/pylock.toml")]
    assert synced.stands_alone(text)
