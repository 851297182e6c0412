"""What hides, damages or lets in: found on the tree wherever it stands, and excused only by root's own record."""

from __future__ import annotations

import hashlib
import os
from typing import Callable, Dict, List, Tuple

import pytest

from tests.unit.conftest import Tree
from venvboot import system_exceptions
from venvboot.check import shadows
from venvboot.model import Finding, Interpreter, RecordedException, SystemPackage

DIST = "/usr/lib/python3/dist-packages"
LOCAL = "/usr/local/lib/python3.11/dist-packages"
USER = "/root/.local/lib/python3.11/site-packages"
SOURCE = "VERSION = 1\n"


@pytest.fixture
def debian(tree: Tree) -> Tree:
    """Two packages, one of them without metadata."""
    md5 = hashlib.md5(SOURCE.encode(), usedforsecurity=False).hexdigest()
    yaml = (f"{DIST}/yaml/__init__.py", f"{DIST}/PyYAML-6.0.egg-info/PKG-INFO")
    for path in (*yaml, f"{DIST}/cv2.py"):
        tree.file(path, SOURCE)
    tree.package("python3-yaml", "6.0-3", *yaml, md5=dict.fromkeys(yaml, md5))
    tree.package("python3-opencv", "4.6-1", f"{DIST}/cv2.py", md5={f"{DIST}/cv2.py": md5})
    return tree


@pytest.fixture
def found(
    debian: Tree, make_interpreter: Callable[..., Interpreter], debian_package: SystemPackage
) -> Callable[..., List[Finding]]:
    def findings(**environ: str) -> List[Finding]:
        base = make_interpreter(owner=debian_package)
        return list(shadows.findings(debian.system(HOME="/root", **environ), [base], "/opt/venv"))

    return findings


def codes(told: List[Finding]) -> List[Tuple[str, str]]:
    return sorted((one.code, one.subject) for one in told)


def test_an_image_as_its_packages_made_it_has_none(found: Callable[..., List[Finding]]) -> None:
    assert found() == []


@pytest.mark.parametrize("folder", [LOCAL, USER, "/srv/path", "/home/app/.local/lib/python3.11/site-packages"])
def test_what_comes_before_the_packages_is_told_wherever_it_stands(
    debian: Tree, found: Callable[..., List[Finding]], folder: str
) -> None:
    debian.file(f"{folder}/PyYAML-7.0.dist-info/RECORD", "yaml/__init__.py,,\n")
    debian.file(f"{folder}/yaml/__init__.py")
    debian.file(f"{folder}/cv2.py")
    told = found(PYTHONPATH="/srv/path")
    assert codes(told) == [("shadow-dist", "pyyaml"), ("shadow-module", "cv2")]
    by_code: Dict[str, Finding] = {one.code: one for one in told}
    assert by_code["shadow-dist"].message == "pyyaml 7.0 hides pyyaml 6.0 of the package python3-yaml"
    assert by_code["shadow-dist"].evidence.startswith(f"{folder} comes before {DIST}/")
    assert "python3-opencv" in by_code["shadow-module"].message


def test_what_hides_nothing_is_left_alone(debian: Tree, found: Callable[..., List[Finding]]) -> None:
    debian.file(f"{LOCAL}/own.py")
    debian.file(f"{LOCAL}/own-1.0.dist-info/RECORD", "own.py,,\n")
    assert found() == []


def test_a_start_up_file_beside_the_packages_is_told(debian: Tree, found: Callable[..., List[Finding]]) -> None:
    debian.file(f"{LOCAL}/evil.pth", "import os\n")
    assert codes(found()) == [("startup-hook", "evil.pth")]


def test_metadata_of_nobody_in_the_packages_folder_is_told(debian: Tree, found: Callable[..., List[Finding]]) -> None:
    debian.file(f"{DIST}/PyYAML-7.0.dist-info/METADATA")
    debian.file(f"{DIST}/unrelated-1.0.dist-info/METADATA")
    (told,) = found()
    assert (told.code, told.subject) == ("shadow-dist", "pyyaml")
    assert told.evidence.startswith(f"{DIST}/PyYAML-7.0.dist-info comes before {DIST}/PyYAML-6.0.egg-info")


def test_two_forms_of_metadata_of_a_package_are_its_own(debian: Tree, found: Callable[..., List[Finding]]) -> None:
    second = f"{DIST}/PyYAML-6.0.dist-info/METADATA"
    debian.file(second)
    debian.package("python3-yaml-more", "6.0-3", second)
    assert found() == []


def test_a_second_pip_is_told(debian: Tree, found: Callable[..., List[Finding]]) -> None:
    debian.file(f"{LOCAL}/pip/__init__.py")
    debian.file(f"{LOCAL}/pip-26.0.dist-info/RECORD", "pip/__init__.py,,\n")
    assert codes(found()) == [("second-pip", f"{LOCAL}/pip")]


def test_what_is_gone_or_altered_is_told_by_package(debian: Tree, found: Callable[..., List[Finding]]) -> None:
    debian.host(f"{DIST}/yaml/__init__.py").unlink()
    debian.file(f"{DIST}/PyYAML-6.0.egg-info/PKG-INFO", "altered\n")
    (told,) = found()
    assert (told.code, told.subject) == ("damaged", "python3-yaml")
    assert told.message.endswith("1 missing and 1 altered")
    assert "apt-get install --reinstall python3-yaml" in told.hint


@pytest.mark.parametrize("name", ["PIP_BREAK_SYSTEM_PACKAGES", "UV_BREAK_SYSTEM_PACKAGES"])
def test_a_variable_that_lets_installs_in_is_told(found: Callable[..., List[Finding]], name: str) -> None:
    assert codes(found(**{name: "1"})) == [("break-system-packages", f"{name}=1")]


def test_a_file_that_lets_installs_in_is_told(debian: Tree, found: Callable[..., List[Finding]]) -> None:
    debian.file("/usr/pip.conf", "[install]\nbreak-system-packages = true\n")
    assert codes(found()) == [("break-system-packages", "/usr/pip.conf")]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of root's")
@pytest.mark.parametrize(("version", "excused"), [("6.0-3", True), ("6.0-2", False)])
def test_root_s_record_excuses_what_it_names(
    debian: Tree, found: Callable[..., List[Finding]], version: str, excused: bool
) -> None:
    debian.host(f"{DIST}/yaml/__init__.py").unlink()
    (seen,) = found()
    one = RecordedException("python3-yaml", version, "damaged", "we patched it", seen.evidence)
    debian.file(system_exceptions.PATH, system_exceptions.dump([one]))
    (told,) = found()
    assert told.code == ("exception-recorded" if excused else "damaged")
    assert excused or "venvboot guard --allow python3-yaml:damaged" in told.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of root's")
@pytest.mark.parametrize("more", ["gone", "altered again"])
def test_damage_that_comes_after_the_exception_is_not_excused(
    debian: Tree, found: Callable[..., List[Finding]], more: str
) -> None:
    module, metadata = f"{DIST}/yaml/__init__.py", f"{DIST}/PyYAML-6.0.egg-info/PKG-INFO"
    debian.file(module, "ours\n")
    (seen,) = found()
    one = RecordedException("python3-yaml", "6.0-3", "damaged", "we patched it", seen.evidence)
    debian.file(system_exceptions.PATH, system_exceptions.dump([one]))
    assert [told.code for told in found()] == ["exception-recorded"]
    if more == "gone":
        debian.host(metadata).unlink()
    else:
        debian.file(module, "somebody's\n")
    assert [told.code for told in found()] == ["damaged"]


LIBRARY = "/usr/lib/python3.11"


@pytest.fixture
def library(debian: Tree) -> Tree:
    files = (f"{LIBRARY}/json/__init__.py", f"{LIBRARY}/os.py", f"{LIBRARY}/lib-dynload/_bz2.so")
    for path in files:
        debian.file(path)
    debian.link(f"{LIBRARY}/sitecustomize.py", "/etc/python3.11/sitecustomize.py")
    debian.package("libpython3.11-stdlib", "3.11.2-6", *files, f"{LIBRARY}/sitecustomize.py")
    return debian


def test_the_library_and_bytecode_beside_it_are_no_strangers(
    library: Tree, found: Callable[..., List[Finding]]
) -> None:
    library.file(f"{LIBRARY}/__pycache__/os.cpython-311.pyc")
    library.file(f"{DIST}/__pycache__/cv2.cpython-311.pyc")
    library.file(f"{LIBRARY}/os.pyc")  # as Python 2 has it
    library.file(f"{LIBRARY}/EXTERNALLY-MANAGED")
    library.file(f"{LIBRARY}/notes.txt")
    library.file(f"{LIBRARY}/unrelated.py")
    assert found() == []


@pytest.mark.parametrize(
    ("stranger", "code", "message"),
    [
        (f"{LIBRARY}/json.so", "shadow-stdlib", "hides json of the standard library of Python 3.11.2"),
        (f"{LIBRARY}/lib-dynload/os.py", "shadow-stdlib", "hides os of the standard library of Python 3.11.2"),
        ("/usr/lib/python311.zip", "shadow-stdlib", "hides _bz2, json, os"),
        (f"{LIBRARY}/yaml/__init__.py", "shadow-module", "hides the module yaml of the package python3-yaml"),
        (f"{DIST}/cv2.abi3.so", "shadow-module", "hides the module cv2 of the package python3-opencv"),
        (f"{DIST}/evil.pth", "startup-hook", "installs evil.pth, which every start"),
        (f"{LIBRARY}/usercustomize.py", "startup-hook", "installs usercustomize.py, which every start"),
    ],
)
def test_a_stranger_among_the_packages_own_files_is_told(
    library: Tree, found: Callable[..., List[Finding]], stranger: str, code: str, message: str
) -> None:
    library.file(stranger)
    (told,) = found()
    assert told.code == code
    assert message in told.message
    assert stranger.replace("/__init__.py", "") in told.evidence


def test_modules_of_the_library_in_pythonpath_are_told(library: Tree, found: Callable[..., List[Finding]]) -> None:
    library.file("/srv/path/json.py")
    (told,) = found(PYTHONPATH="/srv/path")
    assert (told.code, told.subject) == ("shadow-stdlib", "json")
    assert told.evidence == f"/srv/path comes before {LIBRARY}, which has it"
    assert told.hint.startswith(
        "remove it from /srv/path, or take its folder out of PYTHONPATH if it is there; or let it in"
    )


def test_an_entry_of_pythonpath_that_depends_on_the_working_directory_is_told(
    found: Callable[..., List[Finding]],
) -> None:
    assert codes(found(PYTHONPATH="lib:/srv/path")) == [("python-path-relative", "PYTHONPATH")]
    assert codes(found(PYTHONPATH="/srv/path:")) == [("python-path-relative", "PYTHONPATH")]


@pytest.mark.parametrize("base", ["/srv/app/.local", "/srv/base"])
def test_user_sites_are_looked_at_wherever_passwd_and_pythonuserbase_say(
    debian: Tree, found: Callable[..., List[Finding]], base: str
) -> None:
    debian.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nbroken\napp:x:1001:0::/srv/app:/bin/sh\n")
    debian.file(f"{base}/lib/python3.11/site-packages/cv2.py")
    assert codes(found(PYTHONUSERBASE="/srv/base")) == [("shadow-module", "cv2")]
