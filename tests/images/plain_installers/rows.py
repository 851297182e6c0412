"""The commands of the table: every pip with its ways, and the other installers."""

from __future__ import annotations

from dataclasses import dataclass

UV = "0.13.9"
# The pips beside the distro's own that run on the distro's Python: older ones need modules that 3.12 dropped.
PIPS = {
    "debian11": ("22.3.1", "23.0", "23.0.1", "24.0", "26.0.1"),
    "debian12": ("20.3.4", "22.3.1", "23.0", "23.0.1", "24.0", "26.3"),
    "debian13": ("24.0", "25.3", "26.3"),
}
DISTROS_PIP = {"debian11": "20.3.4", "debian12": "23.0.1", "debian13": "25.1.1"}
KNOWS_BREAK = (23, 0, 1)
# Of the others this one asks Python, which Debian changed, for the place.
AS_THE_DISTROS = ("debian13", "24.0")

# six is python3-six's; the wheel's version exists nowhere else. --ignore-installed keeps pip from taking the distro's
# for enough, or for something to be removed first.
SIX = "--ignore-installed six==99.0"
EVERY_PIP = {
    "install": f"install {SIX}",
    "user": f"install --user {SIX}",
    "uninstall": "uninstall -y setuptools",
}
EVERY_PIP_WITH_BREAK = {
    "break": f"install --break-system-packages {SIX}",
    "break uninstall": "uninstall -y --break-system-packages setuptools",
}
# The ways of the oldest, of the newest and of the distro's own.
SOME_PIPS = {
    "root": f"install --root / {SIX}",
    "target elsewhere": f"install --target /opt/elsewhere {SIX}",
    "target local": f"install --target /usr/local/lib/python{{python}}/dist-packages {SIX}",
    "target distro": f"install --target /usr/lib/python3/dist-packages {SIX}",
    "target distro upgrade": f"install --upgrade --target /usr/lib/python3/dist-packages {SIX}",
    "prefix": f"install --prefix /usr {SIX}",
    "prefix elsewhere": f"install --prefix /opt/elsewhere {SIX}",
}
SOME_PIPS_WITH_BREAK = {
    "break user": f"install --break-system-packages --user {SIX}",
    "break root": f"install --break-system-packages --root / {SIX}",
}
# With variables in front of the command; `break` is the option where that pip has it.
VARIABLES = {
    "PIP_BREAK_SYSTEM_PACKAGES": ("PIP_BREAK_SYSTEM_PACKAGES=1", f"install {SIX}"),
    "PIP_ROOT": ("PIP_ROOT=/ PIP_BREAK_SYSTEM_PACKAGES=1", f"install {SIX}"),
    "PIP_PREFIX": ("PIP_PREFIX=/usr PIP_BREAK_SYSTEM_PACKAGES=1", f"install {SIX}"),
    "PIP_TARGET": ("PIP_TARGET=/opt/elsewhere", f"install {SIX}"),
    "PIP_USER": ("PIP_USER=1 PIP_BREAK_SYSTEM_PACKAGES=1", f"install {SIX}"),
    "PIP_CONFIG_FILE": ("PIP_CONFIG_FILE=/dev/null PIP_BREAK_SYSTEM_PACKAGES=1", f"install {SIX}"),
    "PIP_REQUIRE_VIRTUALENV": ("PIP_REQUIRE_VIRTUALENV=0 PIP_BREAK_SYSTEM_PACKAGES=1", f"install {SIX}"),
    "PIP_REQUIRE_VIRTUALENV uninstall": (
        "PIP_REQUIRE_VIRTUALENV=0 PIP_BREAK_SYSTEM_PACKAGES=1",
        "uninstall -y setuptools",
    ),
    "DEB_PYTHON_INSTALL_LAYOUT": ("DEB_PYTHON_INSTALL_LAYOUT=deb PIP_BREAK_SYSTEM_PACKAGES=1", f"install {SIX}"),
}
OTHERS = {
    # It writes scripts first, leaves them where it fails, and doesn't replace them.
    "installer": (
        "rm -f /usr/local/bin/six; cd /srv/wheels"
        " && PYTHONPATH=/srv/installer python3 -m installer six-99.0-py3-none-any.whl"
    ),
    "setup.py install": "cd /srv/project && python3 setup.py install",
    "uv": "uv pip install --system six==99.0",
    "uv break": "uv pip install --system --break-system-packages six==99.0",
    "uv uninstall": "uv pip uninstall --system six",
    "uv target elsewhere": "uv pip install --python /usr/bin/python3 --target /opt/elsewhere six==99.0",
    "uv sync": "cd /srv/application && UV_PROJECT_ENVIRONMENT=/usr uv sync",
    "UV_BREAK_SYSTEM_PACKAGES": "UV_BREAK_SYSTEM_PACKAGES=1 uv pip install --system six==99.0",
}


@dataclass(frozen=True)
class Row:
    """A command on a release. `pip` is the version of the pip that runs, empty for other installers."""

    release: str
    name: str
    pip: str
    command: str
    distros: bool = False

    @property
    def pip_version(self) -> tuple[int, ...]:
        """To compare with others; other installers have none and compare as the newest."""
        return version(self.pip) if self.pip else (98,)

    def __str__(self) -> str:
        """The id of its test."""
        pip = f" with pip {self.pip}" if self.pip else ""
        return f"{self.release}: {self.name}{pip}{', the distro' if self.distros else ''}"


def version(text: str) -> tuple[int, ...]:
    """A release number to compare."""
    return tuple(int(part) for part in text.split("."))


def rows_of(release: str, python: str) -> list[Row]:
    """All rows of a release."""
    pips = {"distro": "python3 -m pip"}
    pips.update({pip: f"PYTHONPATH=/srv/pips/{pip} python3 -m pip" for pip in PIPS[release]})
    some = {"distro", PIPS[release][0], PIPS[release][-1]}
    rows = []
    for pip, start in pips.items():
        number = DISTROS_PIP[release] if pip == "distro" else pip
        ways = dict(EVERY_PIP)
        ways.update(SOME_PIPS if pip in some else {})
        if version(number) >= KNOWS_BREAK:
            ways.update(EVERY_PIP_WITH_BREAK)
            ways.update(SOME_PIPS_WITH_BREAK if pip in some else {})
        if pip != "distro" and "prefix" in ways and (release, number) != AS_THE_DISTROS:
            # The distro's own is changed to take /usr for /usr/local.
            ways["prefix of another pip"] = ways.pop("prefix")
        rows += [
            Row(release, name, number, f"{start} {words.format(python=python)}", pip == "distro")
            for name, words in ways.items()
        ]
    start, number = pips["distro"], DISTROS_PIP[release]
    rows += [
        Row(release, name, number, f"{variables} {start} {words}", distros=True)
        for name, (variables, words) in VARIABLES.items()
    ]
    return rows + [Row(release, name, "", command) for name, command in OTHERS.items()]
