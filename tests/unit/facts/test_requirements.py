"""Names that are asked for, each with its place."""

from __future__ import annotations

from tests.unit.conftest import Tree
from venvboot.facts import requirements


def test_names_are_told_with_the_place_they_stand_at(tree: Tree) -> None:
    tree.file("/srv/a.txt", "# x\nsix==1.0\n\n  wsgiref\n-r more.txt\n./local\n--hash=sha256:00\n")
    told = list(requirements.asked(tree.system(), ["-r", "/srv/a.txt", "jinja2>=2", "/srv/x.whl", "-r", "/missing"]))
    assert told == [
        ("six", "/srv/a.txt line 2"),
        ("wsgiref", "/srv/a.txt line 4"),
        ("jinja2", "the command line"),
    ]
