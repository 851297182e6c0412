"""What guards each interpreter, printed."""

from __future__ import annotations

from typing import Callable

from venvboot.model import Guard, Layer, LayerState, SystemPackage
from venvboot.render import guards

MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
SEALED = "/usr/local/lib/python3.11/dist-packages"


def test_the_table_is_the_golden_one(golden: Callable[[str, str], None], debian_package: SystemPackage) -> None:
    whole = Guard(
        "/usr/bin/python3.11",
        debian_package,
        Layer("marker", MARKER, LayerState.IN_PLACE),
        Layer("diversion", MARKER, LayerState.MISSING, "dpkg no longer diverts it"),
        Layer("pip.conf", "/usr/pip.conf", LayerState.THEIRS),
        (Layer("seal", SEALED, LayerState.IMPOSSIBLE, "it has 1 entry: a\nb"),),
    )
    conda = Guard("/opt/conda/bin/python3.12", None, Layer("marker", "/m", LayerState.UNSEEN), None, None, ())
    golden("guards.txt", guards.table([whole, conda]))
    golden("guards_none.txt", guards.table([]))
