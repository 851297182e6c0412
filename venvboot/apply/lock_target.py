# Run by the environment's interpreter, isolated, with pip-tools and pip on its path: the markers of a lock are
# evaluated for that interpreter. Finds pip-sync's answer, and what laying out wheels depends on, and writes nothing.
from __future__ import annotations

import ast
import gc
import hashlib
import importlib.util
import json
import re
import sys
import sysconfig
import textwrap
from dataclasses import replace
from typing import Any

given = json.loads(sys.argv[1])
sys.path[:0] = given["libraries"]
# Of all that is imported nothing is garbage, and to look for some takes a tenth of the time
gc.disable()
# As for pip_target.py
sysconfig._PIP_USE_SYSCONFIG = True  # type: ignore[attr-defined]

from pip._internal.configuration import Configuration
from pip._internal.exceptions import PipError
from pip._internal.metadata import get_environment
from pip._internal.req import req_file
from pip._internal.utils.compatibility_tags import get_supported
from pip._vendor.packaging.version import InvalidVersion
from piptools import sync
from piptools._compat import Distribution, canonicalize_name, parse_requirements
from piptools.exceptions import PipToolsError


def installed(folders: list[str]) -> list[Distribution]:
    found = get_environment(folders).iter_installed_distributions(local_only=False, skip=[])
    return [with_address(Distribution.from_pip_distribution(distribution)) for distribution in found]


def with_address(one: Distribution) -> Distribution:
    """Return it without the address that it came from where that can't be one: any member of the group can write it."""
    try:
        if one.direct_url:
            one.direct_url.validate()
    except ValueError:
        return replace(one, direct_url=None)
    return one


def pinned_version(requirement: Any) -> str:
    versions = [item.version for item in requirement.specifier if item.operator in ("==", "===")]
    return versions[0] if len(versions) == 1 else ""


def asked_version(item: Any) -> str:
    """Return what is held where that will do, else what is asked for; empty for an address.

    1.0 is 1.0.0, and 1.0+cpu will do for it; a version that is no such thing does for nothing.
    """
    before = given["held"].get(canonicalize_name(item.name or ""), "")
    if item.link:
        return ""
    try:
        if before and item.specifier.contains(before, prereleases=True):
            return str(before)
    except InvalidVersion:
        pass
    return pinned_version(item) or str(item.specifier)


# Settings that decide which of a release's files pip takes, and how it builds
DECISIVE = ("no-binary", "only-binary", "prefer-binary", "config-settings", "config-setting", "no-build-isolation")
COMMENT = re.compile(r"(?:^|\s)#.*$")
OPTION = re.compile(r"(?:^|\s)-(?!-hash\b)")

texts = []
content_of = req_file.get_file_content


def noted(*arguments: Any, **options: Any) -> tuple[str, str]:
    """Files may name others, wherever those are."""
    found = content_of(*arguments, **options)
    texts.append(found[1])
    return found


req_file.get_file_content = noted


def decisive() -> list[str]:
    """Return what of the locks, of what they name and of pip's settings decides that, besides the pins."""
    lines = [COMMENT.sub("", line).strip() for text in texts for line in text.splitlines()]
    configured = Configuration(isolated=False)
    configured.load()
    settings = [pair for _, found in configured.items() for pair in sorted(found.items())]
    return [
        *(line for line in lines if OPTION.search(line)),
        *(f"{name}={value}" for name, value in settings if name.rpartition(".")[2] in DECISIVE),
    ]


class Unreached(PipError):
    """A file that a lock names by an address can't be had."""


class Session:
    """What fetches such a file, as pip is configured for; made when there is one, for it takes time to import."""

    def get(self, address: str) -> Any:
        from pip._internal.commands import create_command  # noqa: PLC0415
        from pip._internal.network.utils import raise_for_status  # noqa: PLC0415

        command: Any = create_command("install")
        try:
            response = command._build_session(command.parse_args([])[0]).get(address)
            raise_for_status(response)
        except (PipError, OSError, ValueError) as error:
            raise Unreached(f"{address}: {getattr(error, 'context', None) or error}") from None
        return response


def is_there(item: Any, one: Distribution | None) -> bool:
    """Tell whether it came from the address that the lock says, and is what is asked for there (PEP 610).

    That is a commit, or a file of a digest; the digest that no lock says is that of the file which lies here.
    """
    link: Any = item.link
    came: Any = one and one.direct_url
    if not link or not came or item.editable or link.is_existing_dir():
        return False
    if link.subdirectory_fragment != came.subdirectory:
        return False
    info: Any = getattr(came, "info", None) or came.vcs_info or came.archive_info  # below pip 26.1, or from it on
    if link.is_vcs:
        commit = f"{getattr(info, 'vcs', '')}+{came.url}@{getattr(info, 'commit_id', '')}"
        return bool(link.url.partition("#")[0] == commit)
    from pip._internal.utils.direct_url_helpers import direct_url_from_link  # noqa: PLC0415  # of hardly any run
    from pip._internal.utils.misc import hash_file  # noqa: PLC0415

    if came.url != direct_url_from_link(link).to_dict()["url"]:
        return False
    known, allowed = getattr(info, "hashes", None) or {}, item.hashes()
    if not allowed and link.is_file:
        return bool(known.get("sha256") == hash_file(link.file_path)[0].hexdigest())
    return any(allowed.is_hash_allowed(name, digest) for name, digest in known.items())


def hashes(item: Any) -> list[str]:
    return sorted(item.hash_options.get("sha256", ()))


def script() -> str:
    """Return the text of pip's commands, read from its source: to import that takes much longer."""
    spec = importlib.util.find_spec("pip._internal.operations.install.wheel")
    source = spec.loader.get_source(spec.name)  # type: ignore[union-attr]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "script_template":
            found = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            return textwrap.dedent(str(found[0]))
    raise PipError("this pip has no text for commands")


def python() -> dict[str, Any]:
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else "posix_prefix"
    places = {"base": given["dest"], "platbase": given["dest"]}
    names = getattr(sys, "stdlib_module_names", None)
    tags = " ".join(map(str, get_supported()))
    return {
        "stdlib": sorted(names) if names else None,
        "builtin": sorted(sys.builtin_module_names),
        "stdlib_folder": sysconfig.get_path("stdlib"),
        "tags": hashlib.sha256(tags.encode()).hexdigest(),
        "magic": importlib.util.MAGIC_NUMBER.hex(),
        "cache_tag": sys.implementation.cache_tag,
        "script": script(),
        "platlib": sysconfig.get_path("platlib", scheme, vars=places),
    }


def answer() -> dict[str, Any]:
    session: Any = Session()
    by_lock = [list(parse_requirements(path, session)) for path in given["locks"]]
    wanted = [item for items in by_lock for item in items]
    applying = [item for item in wanted if item.match_markers()]
    nameless = [str(item.link or item) for item in applying if not item.name]
    if nameless:
        raise PipError(f"no name stands before {nameless[0]}: write NAME @ ADDRESS, or -e ADDRESS#egg=NAME")
    unhashed = [
        str(item.req or item.link)
        for item in applying
        if not (item.hash_options or (item.link and item.link.has_hash))
    ]
    present = installed(given["site_packages"])
    versions = {canonicalize_name(item.key): str(item.version) for item in present}
    merged = sync.merge(wanted, ignore_conflicts=False)
    # What is there twice is what the lock says in no version of it
    single = {
        name: item for item in present for name in [canonicalize_name(item.key)] if name not in given["doubled"]
    }
    asked, _ = sync.diff(merged, single.values())
    _, keys = sync.diff(merged, present)
    # What came from an address has that in its key
    names = {sync.diff_key_from_req(item): canonicalize_name(item.key) for item in present}
    to_remove = {names.get(key, key) for key in keys}.difference(given["held"], sync.get_dists_to_ignore(present))
    coming = {canonicalize_name(item.name or "") for item in asked}
    to_install = [item for item in asked if not is_there(item, single.get(canonicalize_name(item.name or "")))]
    return {
        "install": {canonicalize_name(item.name or str(item.link)): pinned_version(item) for item in to_install},
        "pins": {
            canonicalize_name(item.name): hashes(item) if pinned_version(item) and not item.link else []
            for item in to_install
            if item.name
        },
        "from": {canonicalize_name(item.name): str(item.comes_from or "") for item in to_install if item.name},
        "python": python(),
        "remove": {name: versions.get(name, "") for name in to_remove if name not in coming},
        "installed": versions,
        "asked": [
            {canonicalize_name(item.name or ""): asked_version(item) for item in items if item.match_markers()}
            for items in by_lock
        ],
        "unhashed": unhashed,
        "decisive": decisive(),
    }


try:
    told = answer()
except (PipError, PipToolsError) as error:
    told = {"error": str(getattr(error, "message", error)), "unreached": isinstance(error, Unreached)}
