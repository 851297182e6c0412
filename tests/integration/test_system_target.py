"""A Python that isn't an environment of ours: what is refused there has run nothing, and let nothing be written."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest

from tests.integration.tool import Tool, codes, site, snapshot
from tests.integration.wheelhouse import make_wheel

WHY = ("--because", "the test needs it")


@pytest.fixture
def plain(tmp_path: Path, one_python: str) -> Path:
    """An environment of another maker, without pip."""
    path = tmp_path / "plain"
    subprocess.run([one_python, "-m", "venv", "--without-pip", str(path)], check=True)
    return path


@pytest.fixture
def refused(tool: Tool, plain: Path, house: Path) -> Callable[..., Dict[str, Any]]:
    """Run what has to be refused, and prove that it wrote nothing."""

    def install(*words: str, verb: str = "install") -> Dict[str, Any]:
        before = lasting(tool)
        told = tool.json(verb, "--python", str(plain / "bin/python"), *words, code=3, PIP_FIND_LINKS=str(house))
        assert lasting(tool) == before
        return told

    return install


def lasting(tool: Tool) -> Dict[str, Any]:
    """Return all that is there, but when something temporary came and went: HOME is where that is made."""
    return {path: state for path, state in snapshot(tool.folder).items() if path != tool.environ["HOME"]}


def archive(project: Path) -> Path:
    path = project.parent / "project-1.0.tar.gz"
    subprocess.run(["tar", "-czf", str(path), "-C", str(project.parent), project.name], check=True)
    return path


def repository(project: Path) -> str:
    start = ["git", "-C", str(project), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*start, *words], check=True)
    return f"git+{project.as_uri()}"


SOURCES: Dict[str, Callable[[Path], List[str]]] = {
    "a folder": lambda project: [str(project)],
    "a folder in the working one": lambda project: [f"./sources/{project.name}"],
    "an archive": lambda project: [str(archive(project))],
    "an address with a name": lambda project: [f"project @ {archive(project).as_uri()}"],
    "a repository": lambda project: [repository(project)],
    "in a file": lambda project: ["-r", listed(project, str(project))],
    "editable": lambda project: ["-r", listed(project, f"-e {project}")],
    "an editable repository": lambda project: ["-r", listed(project, f"-e {repository(project)}#egg=project")],
    "in a file of a file": lambda project: ["-r", listed(project, f"-r {listed(project, str(project), 'inner')}")],
    "as a constraint": lambda project: ["project", "-r", listed(project, f"-c {constraint(project)}")],
    "as what a wheel needs": lambda project: [str(needy(project))],
    "asked for as source": lambda project: [
        "project",
        "-r",
        listed(project, f"--no-binary project\n{found(project)}"),
    ],
}


def listed(project: Path, text: str, name: str = "outer") -> str:
    path = project.parent / f"{name}.txt"
    path.write_text(f"{text}\n")
    return str(path)


def constraint(project: Path) -> str:
    return listed(project, f"project @ {archive(project).as_uri()}", "constraints")


def found(project: Path) -> str:
    return f"--find-links {archive(project).parent}"


def needy(project: Path) -> Path:
    make_wheel(project.parent, "needs-it", "1.0", requires=(f"project @ {archive(project).as_uri()}",))
    return project.parent / "needs_it-1.0-py3-none-any.whl"


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_built_to_be_refused(
    refused: Callable[..., Dict[str, Any]], project: Path, built: Path, name: str
) -> None:
    words = SOURCES[name](project)
    told = refused(*words)
    assert not built.exists()
    assert codes(told)[0] == "system-target"
    assert {"needs-build", "not-resolved"} <= {*codes(told)}
    (one,) = (one for one in told["findings"] if one["code"] == "needs-build")
    assert "project" in one["subject"]


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_built_that_only_may_be_installed(
    refused: Callable[..., Dict[str, Any]], project: Path, built: Path, name: str
) -> None:
    """An exception for the place alone is none for a build."""
    words = SOURCES[name](project)
    told = refused(*words, "--allow", "project:system-target", *WHY)
    assert not built.exists()
    (one,) = (one for one in told["findings"] if one["code"] == "needs-build")
    assert "project" in one["subject"]


def test_an_exception_lets_a_build_of_that_name_be(tool: Tool, plain: Path, project: Path, built: Path) -> None:
    allowed = [word for kind in ("system-target", "needs-build") for word in ("--allow", f"project:{kind}")]
    words = ["install", "--dry-run", "--python", str(plain / "bin/python")]
    named = f"project @ {project.as_uri()}"
    other = [word.replace("project:needs-build", "other:needs-build") for word in allowed]
    for refused in ([named, *other], [str(project), *allowed]):  # what has no name has no exception either
        tool.json(*words, *refused, *WHY, code=3)
        assert not built.exists()
    told = tool.json(*words, named, *allowed, *WHY)
    assert built.exists()
    assert told["changes"]["add"] == {"project": "1.0"}
    assert list(site(plain).iterdir()) == []


def test_the_way_out_names_all_that_was_asked_for(refused: Callable[..., Dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "my reqs.in").write_text("good\n")
    first = refused("-r", "my reqs.in", "starter>=1")["findings"][0]
    assert first["message"].startswith("what my reqs.in asks for, starter>=1 would be installed into ")
    assert first["hint"].endswith(" -r 'my reqs.in' 'starter>=1'")
    (tmp_path / "a lock.txt").write_text("good\n")
    first = refused("a lock.txt", verb="sync")["findings"][0]
    assert first["hint"].endswith(f"&& venvboot sync --venv /opt/venv '{tmp_path}/a lock.txt'")
