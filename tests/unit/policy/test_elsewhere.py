"""A file of ours that serves another environment is told from one that was changed by hand."""

from __future__ import annotations

from typing import Callable

import pytest

from venvboot.activation import profile_d
from venvboot.model import SystemPackage
from venvboot.policy import marker
from venvboot.policy.elsewhere import serves_another

OWNER = SystemPackage("dpkg", "python3.11-minimal", "3.11.2-6")


def composed_marker(dest: str) -> str:
    return marker.text(dest, OWNER)


def composed_profile(dest: str) -> str:
    return profile_d.pieces(dest)[0].text


@pytest.mark.parametrize("compose", [composed_profile, composed_marker])
@pytest.mark.parametrize("dest", ["/opt/two", "/srv/app-1.0/.venv", "/v"])
def test_only_the_very_text_for_another_folder_serves_another(compose: Callable[[str], str], dest: str) -> None:
    text = compose(dest)
    assert serves_another(text, compose)
    for changed in (text + "\n", text[:-2], text.replace("venvboot", "us"), "", "# Written by venvboot\n"):
        assert not serves_another(changed, compose)
