"""The templates of activation are real files; a place holder is a word between two at signs."""

from __future__ import annotations

import pkgutil
import re

# The first line of every file or block that we write outside the environment tells ours from a foreign one.
SIGNATURE = "# Written by venvboot"


def filled(template: str, **values: str) -> str:
    """Return the file ``template`` with ``@DEST@`` replaced by the value called ``dest``, and so on."""
    data = pkgutil.get_data("venvboot.activation", f"templates/{template}")
    assert data is not None  # noqa: S101  # it is part of the package
    words = {f"@{key.upper()}@": value for key, value in values.items()}
    return re.sub("@[A-Z]+@", lambda found: words.get(found.group(), found.group()), data.decode())
