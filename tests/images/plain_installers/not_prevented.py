"""What the guard does not prevent, and what `check --only guard` then says. The README lists each `text`."""

from __future__ import annotations

from dataclasses import dataclass, field

ALL = ("debian11", "debian12", "debian13")
SEALED = ("debian12", "debian13")


@dataclass(frozen=True)
class NotPrevented:
    """Rows that go through on some releases.

    `pips` limits them to the pips below that version. `found` are codes that `check` has to report, none where
    nothing of the distro's is hidden; with `damages` files of the distro are changed as well.
    """

    text: str
    rows: tuple[str, ...]
    releases: tuple[str, ...] = SEALED
    below: tuple[int, ...] = (99,)
    found: frozenset[str] = field(default=frozenset())
    damages: bool = False


HIDES = frozenset({"shadow-dist"})
DAMAGED = frozenset({"damaged"})

NOT_PREVENTED = (
    NotPrevented(
        "`--user` with a pip below 23.0, which knows no marker",
        ("user",),
        releases=SEALED,
        below=(23, 0),
        found=HIDES,
    ),
    NotPrevented("`--user` together with `--break-system-packages`", ("break user", "PIP_USER"), found=HIDES),
    NotPrevented(
        "`pip install --target` and `--prefix` into a folder that Python doesn't look into",
        ("target elsewhere", "prefix elsewhere", "PIP_TARGET"),
    ),
    NotPrevented("`uv pip install --target`", ("uv target elsewhere",), releases=ALL),
    NotPrevented("`--target` on the distro's own folder", ("target distro",), found=HIDES),
    NotPrevented(
        "`--target --upgrade` on the distro's own folder", ("target distro upgrade",), found=DAMAGED, damages=True
    ),
    NotPrevented(
        "`DEB_PYTHON_INSTALL_LAYOUT=deb` together with `--break-system-packages`",
        ("DEB_PYTHON_INSTALL_LAYOUT",),
        found=DAMAGED,
        damages=True,
    ),
    NotPrevented(
        "`PIP_REQUIRE_VIRTUALENV=0 pip uninstall --break-system-packages`",
        ("PIP_REQUIRE_VIRTUALENV uninstall",),
        releases=("debian13",),
        found=DAMAGED,
        damages=True,
    ),
    # Debian's own pips up to 12 say then that they keep their hands off.
    NotPrevented(
        "`PIP_REQUIRE_VIRTUALENV=0 pip uninstall --break-system-packages`",
        ("PIP_REQUIRE_VIRTUALENV uninstall",),
        releases=("debian11", "debian12"),
    ),
    NotPrevented("`python -m installer` on Debian 11", ("installer",), releases=("debian11",)),
    NotPrevented("`pip install --prefix /usr` with another pip than the distro's", ("prefix of another pip",)),
)


def lookup(release: str, pip: tuple[int, ...], row: str) -> NotPrevented | None:
    """The entry for a row, None where it has to be refused."""
    for entry in NOT_PREVENTED:
        if row in entry.rows and release in entry.releases and pip < entry.below:
            return entry
    return None
