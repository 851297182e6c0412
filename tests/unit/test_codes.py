"""The codes of findings are a contract: every one in the source stands in README.md's table, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Iterator, List, Set

import pytest

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*\Z")
MAKERS = ("Finding", "ToolFailed", "_not_done")


def strings(node: ast.AST) -> Iterator[str]:
    """Give the texts that an expression can have as its value: constants, and those of a dict or a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from strings(value)
    elif isinstance(node, ast.IfExp):
        yield from strings(node.body)
        yield from strings(node.orelse)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        yield from strings(node.func.value)
        yield from strings(node.args[1])
    elif isinstance(node, ast.Subscript):
        yield from strings(node.value)


def codes_of_function(function: ast.AST) -> Iterator[str]:
    """Give the first argument of each Finding or ToolFailed; a variable stands for what is assigned to it."""
    arguments = {one.arg for one in function.args.args} if isinstance(function, ast.FunctionDef) else set()
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS[:2]):
            continue
        first: List[ast.AST] = [*node.args[:1], *(key.value for key in node.keywords if key.arg == "code")]
        assert first, f"a {node.func.id} without a code in line {node.lineno}"
        if isinstance(first[0], ast.Name):
            name = first[0].id
            assigned = [
                each.value
                for each in ast.walk(function)
                if isinstance(each, ast.Assign)
                and isinstance(each.targets[0], ast.Name)
                and each.targets[0].id == name
            ]
            assert assigned or name in arguments or not isinstance(function, ast.FunctionDef), ast.dump(node)
            for value in assigned:
                yield from strings(value)
        else:
            found = list(strings(first[0]))
            assert found, f"the code in line {node.lineno} can't be read off the source"
            yield from found


def codes_in_source() -> Set[str]:
    codes: Set[str] = set()
    for path in sorted((ROOT / "venvboot").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        functions: List[ast.AST] = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for function in functions or [tree]:
            codes.update(codes_of_function(function))
        # What the gate prints before there is anything to import.
        codes.update(re.findall(r'"code": "([a-z-]+)"', text))
    return codes


def codes_in_readme(text: str) -> Set[str]:
    """Return the codes of the table under the heading that speaks of codes; each row begins with one in backticks."""
    section = ""
    for part in re.split(r"(?m)^(?=#{1,6} )", text):
        if re.match(r"#{1,6} .*\bcodes\b", part.split("\n", 1)[0], re.IGNORECASE):
            section += part
    return set(re.findall(r"(?m)^\|\s*`([a-z]+(?:-[a-z]+)*)`\s*\|", section))


def test_codes_are_lower_case_words() -> None:
    assert {code for code in codes_in_source() if not CODE.match(code)} == set()


def test_codes_of_every_kind_of_place_are_seen() -> None:
    seen = codes_in_source()
    assert {
        "usage",
        "not-done",
        "pip-failed",
        "no-python",
        "destination-occupied",
        "destination-not-writable",
    } <= seen


@pytest.mark.parametrize("heading", ["## Finding codes", "### Codes"])
def test_the_readme_table_is_read_under_its_own_heading_only(heading: str) -> None:
    text = (
        f"# Tool\n| `not-this` | x |\n{heading}\n\n| code | means |\n|---|---|\n| `a-b` | y |\n# Other\n| `c` | z |\n"
    )
    assert codes_in_readme(text) == {"a-b"}


def test_every_code_of_the_source_is_documented() -> None:
    assert sorted(codes_in_source() - codes_in_readme((ROOT / "README.md").read_text(encoding="utf-8"))) == []


def test_every_documented_code_is_in_the_source() -> None:
    assert sorted(codes_in_readme((ROOT / "README.md").read_text(encoding="utf-8")) - codes_in_source()) == []
