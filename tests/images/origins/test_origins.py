"""Every origin against what `detect` says of it, in real images: a confusion table with nothing off its diagonal."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.origins import debian, others, rpm, trees
from venvboot.policy.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.images.base_images import Base
    from tests.images.docker_engine import Engine
    from tests.images.origins.expected import Expected

HERE = Path(__file__).parent
EXPECTED: tuple[Expected, ...] = (*debian.EXPECTED, *rpm.EXPECTED, *trees.EXPECTED, *others.EXPECTED)

# No registry has a GraalPy for Linux, nor IUS's or deadsnakes' own files; the latter two are told by what their
# packages are called, which is in the table.
NOT_IN_THE_TABLE = {"graalpy"}

Answers = dict[tuple[str, str, str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def answers(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Answers:
    """What `detect --json` says in each image, by family, target and base."""
    for name in (*debian.NEEDS, *rpm.NEEDS, *trees.NEEDS, *others.NEEDS):
        base_image(name)

    def ask(target: tuple[str, str, str]) -> list[dict[str, Any]]:
        family, stage, base = target
        image = docker.build(
            HERE / family, base=base_image(base), files={"venvboot": venvboot}, target=stage, cache=True
        )
        done = docker.run(image, "venvboot", "detect", "--json")
        assert done.returncode == 0, str(done)
        told: list[dict[str, Any]] = json.loads(done.stdout)["interpreters"]
        return told

    targets = sorted({(one.family, one.target, one.base) for one in EXPECTED})
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(targets, pool.map(ask, targets)))


def given(answers: Answers, one: Expected) -> dict[str, Any]:
    """The interpreter of the answer that has the expected path as its name; a kind of `missing` where none has."""
    known = answers[one.family, one.target, one.base]
    # A name comes first: an environment's interpreter resolves to its base's.
    for keys in (lambda told: told["names"], lambda told: [told["real_path"]]):
        for told in known:
            if one.path in keys(told):
                return told
    missing: dict[str, Any] = {"origin": {"kind": "missing", "managed": None}, "strategy": None, "evidence": []}
    return {**missing, "seen": [told["path"] for told in known]}


@pytest.mark.parametrize("one", EXPECTED, ids=lambda one: f"{one.target}:{one.path}:{one.form}")
def test_an_origin_is_what_it_is_and_says_what_follows(answers: Answers, one: Expected) -> None:
    told = given(answers, one)
    assert (told["origin"]["kind"], told["origin"]["managed"], told["strategy"]) == (
        one.kind,
        one.managed,
        one.strategy,
    ), json.dumps(told, indent=1)
    assert all(item["source"] and item["fact"] and item["weight"] for item in told["evidence"])
    assert told["evidence"]


def test_the_confusion_table_has_nothing_off_its_diagonal(answers: Answers) -> None:
    table = Counter((one.kind, given(answers, one)["origin"]["kind"]) for one in EXPECTED)
    print("\n".join(f"{expected:<16} {told:<16} {count}" for (expected, told), count in sorted(table.items())))
    assert {pair: count for pair, count in table.items() if pair[0] != pair[1]} == {}
    assert {kind for kind, _ in table} == set(KINDS) - NOT_IN_THE_TABLE


def test_nothing_managed_is_taken_for_unmanaged(answers: Answers) -> None:
    assert [one for one in EXPECTED if one.managed and given(answers, one)["origin"]["managed"] is not True] == []
