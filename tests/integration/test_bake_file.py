"""``examples/bake`` by its text alone: without buildx, nothing of it is evaluated or built here."""

from __future__ import annotations

import re
from pathlib import Path


def test_the_text_of_the_bake_file_names_what_its_dockerfile_takes(root: str) -> None:
    folder = Path(root) / "examples/bake"
    bake, dockerfile = ((folder / name).read_text() for name in ("docker-bake.hcl", "Dockerfile"))
    bases = re.findall(r'\{ name = "([\w-]+)", image = "([\w./:-]+)", install = (\w+|"") \}', bake)
    assert len(bases) > 10
    assert len(bases) == bake.count("{ name = ")
    assert len({name for name, *_ in bases}) == len({image for _, image, _ in bases}) == len(bases)
    assert {way for *_, way in bases} <= {'""', *re.findall(r'^variable "(\w+)"', bake, re.MULTILINE)}
    given = set(re.findall(r"^    ([A-Z]+) =", bake, re.MULTILINE))
    assert set(re.findall(r"^ARG (\w+)", dockerfile, re.MULTILINE)) == {*given, "VENVBOOT"}
    (name,) = re.findall(r"contexts = .*\{ (\w+) = VENVBOOT \}", bake)
    assert f"FROM ${{VENVBOOT}} AS {name}\n" in dockerfile
    assert dockerfile.count(f"from={name},source=/venvboot,") == 2
