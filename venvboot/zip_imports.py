"""Imports from zip files: each module compiled once.

Python's own importer compiles it to tell the name of its file, and again to run it
(https://github.com/python/cpython/issues/141276).
"""

from __future__ import annotations

import posixpath
import sys
from zipimport import zipimporter


class Importer(zipimporter):
    """Tells a module's file by its name."""

    def get_filename(self, fullname: str) -> str:
        """Return the path of the module's source. Raises ZipImportError where there is no such module."""
        is_package = self.is_package(fullname)
        name = posixpath.join(self.archive, self.prefix, fullname.rpartition(".")[2])
        return f"{name}/__init__.py" if is_package else f"{name}.py"


def install() -> None:
    """Use it for all that is imported from now on."""
    sys.path_hooks[:] = [Importer if hook is zipimporter else hook for hook in sys.path_hooks]
    sys.path_importer_cache.clear()
