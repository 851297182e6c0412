from __future__ import annotations

import importlib
import sys
import zipfile
from pathlib import Path
from typing import Iterator

import pytest

from venvboot import zip_imports

MEMBERS = {
    "taken/__init__.py": "from taken.inner import VALUE\n",
    "taken/inner.py": "VALUE = __file__\n",
    "taken/text.txt": "text",
    "broken.py": "this is no Python\n",
}


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return a zip file that is on the path, with the importer in use, until the test has ended."""
    path = tmp_path / "a file.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in MEMBERS.items():
            file.writestr(name, content)
    monkeypatch.setattr(sys, "path", [str(path), *sys.path])
    monkeypatch.setattr(sys, "path_hooks", list(sys.path_hooks))
    monkeypatch.setattr(sys, "path_importer_cache", {})
    before = set(sys.modules)
    zip_imports.install()
    yield str(path)
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_what_it_imports_is_where_python_s_own_importer_says(archive: str) -> None:
    taken = importlib.import_module("taken")
    inner = importlib.import_module("taken.inner")
    assert isinstance(taken.__loader__, zip_imports.Importer)
    assert (taken.__file__, taken.VALUE) == (f"{archive}/taken/__init__.py", f"{archive}/taken/inner.py")
    assert (list(taken.__path__), inner.__package__) == ([f"{archive}/taken"], "taken")
    assert taken.__loader__.get_data(f"{archive}/taken/text.txt") == b"text"


def test_to_tell_a_module_s_file_it_compiles_nothing(archive: str) -> None:
    """Python's own importer does (https://github.com/python/cpython/issues/141276)."""
    finder = zip_imports.Importer(archive)
    assert finder.get_filename("broken") == f"{archive}/broken.py"
    with pytest.raises(SyntaxError):
        importlib.import_module("broken")


def test_what_is_not_there_is_said_to_be_so(archive: str) -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("taken.missing")
    with pytest.raises(ImportError):
        zip_imports.Importer(archive).get_filename("missing")


@pytest.mark.usefixtures("archive")
def test_folders_are_imported_from_as_before(tmp_path: Path) -> None:
    (tmp_path / "ordinary.py").write_text("VALUE = 1\n")
    sys.path.insert(0, str(tmp_path))
    assert importlib.import_module("ordinary").VALUE == 1
