"""What metadata says, and what of it is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model.sbom import Described, Source
from venvboot.policy import core_metadata

USUAL = """Metadata-Version: 2.4
Name: Flask.Ext
Version: 3.1.2
Summary: A simple
  framework
Author-email: "Armin" <armin@example.org>
License-Expression: BSD-3-Clause
License: BSD
 and more
Classifier: License :: OSI Approved
Classifier: License :: OSI Approved :: BSD License
Classifier: Framework :: Flask
Project-URL: Source, https://user:secret@example.org/flask?token=secret
Project-URL: Donate, https://example.org/donate
Project-URL: Issue Tracker, javascript:alert(1)
Home-page: https://example.org
Requires-Dist: blinker>=1.9
Requires-Dist: asgiref; extra == "async"

Name: not-a-header
License-Expression: MIT
"""


def read(text: str, head: str = "Name: folder\nVersion: 1\n") -> Described | None:
    return core_metadata.described(core_metadata.headers(head + text))


def test_the_fields_above_the_text_are_read() -> None:
    assert read(USUAL, "") == Described(
        "Flask.Ext",
        "3.1.2",
        summary="A simple framework",
        author="Armin",
        expression="BSD-3-Clause",
        licences=("BSD License",),
        links=(("vcs", "https://example.org/flask"), ("website", "https://example.org")),
        requires=("blinker>=1.9", 'asgiref; extra == "async"'),
    )


def test_nothing_but_name_and_version_has_to_be_said() -> None:
    assert read("") == Described("folder", "1")
    assert read("Summary: UNKNOWN\nLicense: UNKNOWN\nAuthor: UNKNOWN\n") == Described("folder", "1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Name: a\n",
        "Version: 1\n",
        "Name: ../../etc\nVersion: 1\n",
        "Name: a b\nVersion: 1\n",
        "Name: a\x1b[31m\nVersion: 1\n",
        "Name: a\nVersion: 1 2\n",
        "Name: a\nVersion: 1\x00\n",
        "Name: a\nVersion: 1?evil=1\n",
        f"Name: {'a' * 201}\nVersion: 1\n",
        "Name: -a\nVersion: 1\n",
        "Name: \u0430\nVersion: 1\n",
    ],
)
def test_a_name_or_version_that_none_can_have_is_no_distribution(text: str) -> None:
    assert read(text, "") is None


def test_texts_are_one_line_and_bounded() -> None:
    found = read(f"Summary: a\x1b]0;x\x07 b\u202e\n \t c\nAuthor: {'x' * 999}\nLicense: {'y' * 201}\n")
    assert found
    assert found.summary == "a?]0;x? b? c"
    assert found.author == "x" * 200
    assert found.licences == ()
    assert len((read(f"Summary: {'z' * 9999}\n") or found).summary) == 500
    assert len((read("Requires-Dist: a\n" * 5000) or found).requires) == 1000


def test_an_expression_that_is_too_long_is_not_cut_into_another() -> None:
    found = read(f"License-Expression: MIT{' OR MIT' * 100}\n")
    assert found
    assert found.expression == ""


@given(st.text())
def test_any_text_is_read_into_printable_words(text: str) -> None:
    found = read(text)
    if found:
        told = (found.name, found.version, found.summary, found.author, found.expression, *found.licences)
        assert all(word.isprintable() for word in (*told, *found.requires))


@pytest.mark.parametrize(
    ("told", "source"),
    [
        (
            {"url": "https://me:pw@example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}},
            Source("vcs", "https://example.org/a.git", "git", "ab12"),
        ),
        (
            {"url": "ssh://git@example.org/a.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}},
            Source("vcs", "ssh://git@example.org/a.git", "git", "ab12"),
        ),
        (
            {"url": "https://example.org/a.whl?sig=secret#x", "archive_info": {"hashes": {"sha256": "ab" * 32}}},
            Source("archive", "https://example.org/a.whl", sha256="ab" * 32),
        ),
        (
            {"url": "file:///srv/a.whl", "archive_info": {"hash": f"sha256={'ab' * 32}"}},
            Source("archive", "", sha256="ab" * 32),
        ),
        ({"url": "file:///srv/a", "dir_info": {"editable": True}}, Source("folder", editable=True)),
        (
            {"url": "https://example.org/a.whl", "archive_info": {"hash": "md5=00"}},
            Source("archive", "https://example.org/a.whl"),
        ),
        ({"url": "https://example.org/a b", "archive_info": {}}, Source("archive", "")),
        ({"url": "https://x/a.git", "vcs_info": {"vcs": "git\x1b", "commit_id": "ab"}}, None),
        ({"url": "https://x/a.git", "vcs_info": []}, None),
        ({"url": "https://x/a.git"}, None),
        ([], None),
        ("x", None),
    ],
)
def test_where_it_came_from_is_told_without_secrets(told: Any, source: Source | None) -> None:
    assert core_metadata.source(json.dumps(told)) == source


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"url": 1e999999999, "dir_info": 3}', "\ud800"])
def test_what_is_no_such_file_is_no_source(text: str) -> None:
    assert core_metadata.source(text) is None


@given(st.text())
def test_an_address_has_no_credentials_and_is_one(text: str) -> None:
    found = core_metadata.address(f"https://{text}@example.org/{text}")
    assert not found or found.startswith("https://")
    assert found.isascii()
    assert " " not in found
    assert not found or "@" not in found.split("/")[2]
