"""The document: its whole text, what is valid of it, and what depends on what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping, Set, Tuple

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st

from venvboot.model import Lock, Origin, SystemPackage
from venvboot.model.sbom import Base, Described, Inventory, Source
from venvboot.policy import core_metadata, sbom

TIME = "2023-11-14T22:13:20Z"
VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
OWNER = SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6+deb12u6")
BASE = Base(
    "/usr/bin/python3.11",
    "ab" * 32,
    "3.11.2",
    "cpython",
    Origin("distro", str(OWNER), managed=True, owner=OWNER),
    ("debian", "12"),
    "amd64",
)
FLASK = Described(
    "Flask",
    "3.1.2",
    summary="A simple framework",
    author="Armin",
    expression="bsd-3-clause",
    links=(("vcs", "https://example.org/flask"),),
    sboms=(("/opt/venv/lib/python3.11/site-packages/flask-3.1.2.dist-info/sboms/a b.cdx.json", "cd" * 32),),
)
OTHERS = (
    Described("blinker", "1.9", expression="not SPDX", licences=("MIT License",)),
    Described("from-git", "1", source=Source("vcs", "https://example.org/a.git", "git", "0" * 40)),
    Described("here", "1", source=Source("folder", editable=True)),
    Described("wheel", "1", source=Source("archive", "", sha256="ef" * 32)),
)
USUAL = Inventory(
    "/opt/venv",
    "0.1.0",
    BASE,
    (FLASK, *OTHERS),
    (Lock("requirements.txt", "01" * 32),),
    {"flask": ("blinker",), "here": ("from-git", "flask")},
    {"bsd-3-clause": "BSD-3-Clause"},
)
NAMES = st.sampled_from("abcdef")
GRAPHS = st.dictionaries(NAMES, st.lists(NAMES, unique=True).map(tuple))


def document(told: Inventory) -> Dict[str, Any]:
    text = sbom.text(told, TIME)
    assert VALIDATOR.validate_str(text) is None
    found: Dict[str, Any] = json.loads(text)
    assert Bom.from_json(found).validate()  # type: ignore[attr-defined]  # each reference leads to a component
    return found


def component(told: Inventory, ref: str) -> Dict[str, Any]:
    (found,) = [one for one in document(told)["components"] if one["bom-ref"] == ref]
    return dict(found)


def test_the_whole_document(golden: Callable[[str, str], None]) -> None:
    golden("sbom.json", sbom.text(USUAL, TIME))
    assert document(USUAL)["metadata"]["timestamp"] == TIME


@pytest.mark.parametrize(
    "broken",
    [
        {"bomFormat": "SPDX"},
        {"something": 1},
        {"components": [{"type": "python", "name": "x"}]},
        {
            "components": [
                {"type": "library", "name": "x", "bom-ref": "a"},
                {"type": "library", "name": "x", "bom-ref": "a"},
            ]
            * 2
        },
        {"serialNumber": "1"},
        {"metadata": {"timestamp": "yesterday"}},
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_the_validator_refuses_what_is_broken(broken: Dict[str, Any]) -> None:
    assert VALIDATOR.validate_str(json.dumps({**document(USUAL), **broken})) is not None


def test_the_base_is_the_distro_s_package() -> None:
    found = component(USUAL, "python")
    assert (found["name"], found["version"]) == ("python3.11-minimal", "3.11.2-6+deb12u6")
    assert found["purl"] == "pkg:deb/debian/python3.11-minimal@3.11.2-6%2Bdeb12u6?arch=amd64&distro=debian-12"
    file = {"type": "file", "name": "/usr/bin/python3.11", "hashes": [{"alg": "SHA-256", "content": "ab" * 32}]}
    assert found["components"] == [file]
    assert "hashes" not in found
    assert "cpe" not in found


def test_a_base_that_was_altered_is_not_claimed_to_be_the_package() -> None:
    altered = replace(BASE, origin=replace(BASE.origin, kind="altered"))
    found = component(replace(USUAL, base=altered), "python")
    assert (found["name"], found["version"], "purl" in found) == ("python", "3.11.2", False)
    assert found["pedigree"]["ancestors"] == [
        {"type": "application", "name": "python3.11-minimal", "version": "3.11.2-6+deb12u6"}
    ]


def test_a_source_build_is_its_version() -> None:
    built = replace(BASE, origin=Origin("source", "source build", managed=False, owner=None), sha256="")
    found = component(replace(USUAL, base=built), "python")
    assert (found["purl"], "hashes" in found["components"][0]) == ("pkg:generic/python@3.11.2", False)
    assert found["cpe"] == "cpe:2.3:a:python:python:3.11.2:*:*:*:*:*:*:*"
    early = component(replace(USUAL, base=replace(built, version="3.15.0a1")), "python")
    assert "cpe" not in early


def test_only_a_valid_expression_is_one() -> None:
    assert component(USUAL, "Flask==3.1.2")["licenses"] == [
        {"expression": "BSD-3-Clause", "acknowledgement": "declared"}
    ]
    names = [one["license"]["name"] for one in component(USUAL, "blinker==1.9")["licenses"]]
    assert names == ["not SPDX", "MIT License"]


def test_what_comes_from_no_index_says_so() -> None:
    properties = {one["name"]: one["value"] for one in component(USUAL, "here==1")["properties"]}
    assert properties == {"venvboot:source": "folder", "venvboot:editable": "true"}
    assert "purl" not in component(USUAL, "here==1")
    assert component(USUAL, "wheel==1")["hashes"][0]["content"] == "ef" * 32
    assert component(USUAL, "wheel==1")["properties"][0]["value"] == "archive"


def test_a_lock_without_hashes_is_told() -> None:
    told = document(replace(USUAL, locks=(Lock("a.txt", "01" * 32), Lock("b.txt", "02" * 32, hashes=False))))
    properties = [(one["name"], one["value"]) for one in told["metadata"]["component"]["properties"]]
    assert properties == [
        ("venvboot:lock:a.txt", f"sha256:{'01' * 32}"),
        ("venvboot:lock:b.txt", f"sha256:{'02' * 32}"),
        ("venvboot:synced-without-hashes", "b.txt"),
    ]


def test_a_way_out_is_no_command_of_a_stranger_s() -> None:
    assert sbom.not_described("/site/a; reboot #.dist-info").hint.endswith("rm -rf '/site/a; reboot #.dist-info'")


def test_equal_facts_are_equal_bytes_and_others_have_another_number() -> None:
    assert sbom.text(USUAL, TIME) == sbom.text(replace(USUAL), TIME)
    others = [replace(USUAL, tool="0.2"), replace(USUAL, distributions=OTHERS), replace(USUAL, locks=())]
    numbers = {document(one)["serialNumber"] for one in (USUAL, *others)}
    assert len(numbers) == 4
    later = json.loads(sbom.text(USUAL, "2024-01-01T00:00:00Z"))
    assert later["serialNumber"] not in numbers


def depends(graph: Mapping[str, Tuple[str, ...]]) -> Dict[str, List[str]]:
    distributions = tuple(Described(name, "1") for name in sorted(graph))
    told = document(replace(USUAL, distributions=distributions, depends=graph))
    return {one["ref"]: one.get("dependsOn", []) for one in told["dependencies"]}


def reached(graph: Mapping[str, List[str]], start: str) -> Set[str]:
    found: Set[str] = set()
    waiting = [start]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(graph[one])
    return found


@given(GRAPHS)
def test_all_can_be_reached_from_the_environment(graph: Mapping[str, Tuple[str, ...]]) -> None:
    told = depends(graph)
    assert reached(told, "environment") == {"environment", "python", *(f"{name}==1" for name in graph)}
    for name, others in graph.items():
        assert told[f"{name}==1"] == [f"{other}==1" for other in others if other in graph]


def test_what_something_needs_is_not_the_environment_s_own_wish() -> None:
    assert depends({"a": ("b",), "b": ("c",), "c": ("b",)})["environment"] == ["python", "a==1"]
    assert depends({"b": ("c",), "c": ("b",)})["environment"] == ["python", "b==1"]


def test_two_of_one_name_are_both_there() -> None:
    twice = (Described("a", "1"), Described("a", "2"), Described("b", "1"))
    told = document(replace(USUAL, distributions=twice, depends={"b": ("a",)}))
    assert [one["bom-ref"] for one in told["components"][1:]] == ["a==1", "a==2", "b==1"]
    assert {"ref": "b==1", "dependsOn": ["a==1", "a==2"]} in told["dependencies"]


@given(st.text())
def test_whatever_metadata_says_the_document_is_valid(text: str) -> None:
    fields = ("Summary", "Author", "License", "License-Expression", "Requires-Dist")
    lines = ["Name: a", "Version: 1", *(f"{field}: {text}" for field in fields)]
    lines.append(f"Project-URL: Source, https://{text}/{text}")
    one = core_metadata.described(core_metadata.headers("\n".join(lines)))
    direct = {"url": f"https://{text}", "vcs_info": {"vcs": "git", "commit_id": text}}
    source = core_metadata.source(json.dumps(direct))
    assert one
    document(replace(USUAL, distributions=(replace(one, source=source),)))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"metadata": {"timestamp": "2023"}}', '{"metadata": 3}', "[" * 99999]
)
def test_the_time_of_what_is_no_document_is_none(text: str) -> None:
    assert sbom.timestamp_of(text) == ""


def test_the_time_of_a_document_is_read_back() -> None:
    assert sbom.timestamp_of(sbom.text(USUAL, TIME)) == TIME
