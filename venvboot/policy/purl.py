"""Package URLs: https://github.com/package-url/purl-spec, its rules of encoding and its definitions of types."""

from __future__ import annotations

from typing import Mapping, Optional
from urllib.parse import quote

from venvboot.model import canonical
from venvboot.model.sbom import Base, Described, Source

# Package manager -> type; portage and xbps have none that is registered.
TYPES: Mapping[str, str] = {"dpkg": "deb", "distroless": "deb", "rpm": "rpm", "apk": "apk", "pacman": "alpm"}
# Origin -> who publishes the package. A distro's own is published by the distro, whose advisories are about it; what
# another publishes under the same name isn't.
PUBLISHERS: Mapping[str, str] = {"deadsnakes": "deadsnakes", "epel": "fedora", "ius": "ius"}
OF_THE_DISTRO = ("distro", "appstream", "platform-python", "distroless")
# os-release's ID -> the name that such addresses have.
NAMESPACES: Mapping[str, str] = {"rhel": "redhat", "opensuse-leap": "opensuse", "opensuse-tumbleweed": "opensuse"}
NAMELESS: Mapping[str, str] = {}


def purl(
    kind: str, name: str, version: str = "", namespace: str = "", qualifiers: Mapping[str, str] = NAMELESS
) -> str:
    """Return a package URL; a qualifier without a value is left out."""
    path = "/".join(quote(part, safe=":") for part in (namespace, name) if part)
    after = f"@{quote(version, safe=':')}" if version else ""
    told = "&".join(f"{key}={quote(value, safe=':/')}" for key, value in sorted(qualifiers.items()) if value)
    return f"pkg:{kind}/{path}{after}{'?' if told else ''}{told}"


def of_distribution(one: Described) -> str:
    """Return that of a distribution, empty for one that was built from a folder of this machine.

    Its name is in the one spelling (PEP 503) that advisories have.
    """
    source = one.source
    if source and source.kind == "folder":
        return ""
    return purl("pypi", canonical(one.name), one.version, qualifiers=_qualifiers(source))


def _qualifiers(source: Optional[Source]) -> Mapping[str, str]:
    if source is None:
        return {}
    if source.kind == "vcs":
        return {"vcs_url": f"{source.vcs}+{source.url}@{source.commit}" if source.url else ""}
    return {"download_url": source.url, "checksum": f"sha256:{source.sha256}" if source.sha256 else ""}


def of_base(base: Base) -> str:
    """Return that of a Python: its package's, else that of a build of its version; empty where neither is known."""
    owner, kind = base.origin.owner, base.origin.kind
    if owner:
        of = TYPES.get(owner.manager, "")
        namespace = PUBLISHERS.get(kind) or (_namespace(base) if kind in OF_THE_DISTRO else "")
        if not of or not namespace:
            return ""
        epoch, colon, version = owner.version.rpartition(":") if of == "rpm" else ("", "", owner.version)
        qualifiers = {"arch": base.architecture, "distro": "-".join(base.distro) if all(base.distro) else ""}
        return purl(of, owner.package, version, namespace, {**qualifiers, "epoch": epoch if colon else ""})
    if base.implementation != "cpython" or kind == "unknown":
        return ""
    return purl("conda" if kind in ("conda", "pixi") else "generic", "python", base.version)


def _namespace(base: Base) -> str:
    return NAMESPACES.get(base.distro[0], base.distro[0])
