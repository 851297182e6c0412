"""In an image FROM one with an environment: `check` finds each fault, once, and `init` mends what can be mended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.images.docker_engine import Builder, Engine, Image, LayerFile

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from tests.images.base_images import Base

HERE = Path(__file__).parent
PACKAGES = "/opt/venv/lib/python3.11/site-packages"
MARKER = "/usr/lib/python3.11/EXTERNALLY-MANAGED"
SEALED = "/usr/local/lib/python3.11/dist-packages"
PROFILE = "/etc/profile.d/zz-venvboot.sh"
RECORD = "/opt/venv/venvboot.json"
# The path is spelled out because one of the faults takes /usr/local/bin from PATH.
CHECK = ("/usr/local/bin/venvboot", "check")

Finding = dict[str, str]


@pytest.fixture(scope="module")
def parent(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    return docker.build(HERE, base=base_image("debian12"), files={"venvboot": venvboot}, cache=True)


def _derive(docker: Engine, parent: Image, lines: str, builder: Builder = "buildkit") -> Image:
    return docker.build(dockerfile=f"ARG BASE\nFROM ${{BASE}}\n{lines}\n", base=parent, builder=builder)


def _findings(done: subprocess.CompletedProcess[str], status: int) -> list[Finding]:
    assert done.returncode == status, str(done)
    told = json.loads(done.stdout)
    assert (told["schema"], told["command"]) == ("venvboot/1", "check"), str(done)
    # Debian's own pygettext asks env for Python, which is no fault of the child.
    found: list[Finding] = [one for one in told["findings"] if one["code"] != "env-shebang"]
    return found


@pytest.mark.parametrize("release", ["debian11", "debian12", "debian13"])
def test_a_child_that_only_inherits_passes_check_at_build_and_at_run_time(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], release: str
) -> None:
    made = docker.build(HERE, base=base_image(release), files={"venvboot": venvboot}, cache=True)
    child = _derive(docker, made, "RUN venvboot check")
    for user in ("root", "1001", "1234567:0"):
        done = docker.run(child, *CHECK, "--json", user=user)
        assert _findings(done, 0) == [], str(done)
        assert set(json.loads(done.stdout)["promises"].values()) == {"kept"}, str(done)


def test_onbuild_and_the_legacy_builder_derive_alike(docker: Engine, parent: Image) -> None:
    base = _derive(docker, parent, "ONBUILD RUN venvboot check", "legacy")
    child = _derive(docker, base, "RUN true", "legacy")
    done = docker.run(child, *CHECK)
    assert done.returncode == 0, str(done)


@dataclass(frozen=True)
class Fault:
    """Lines of a child's Dockerfile, and the one finding that `check` must have for them."""

    lines: str
    code: str
    subject: str
    evidence: tuple[str, ...]
    hint: str


FAULTS = {
    "path": Fault(
        "ENV PATH=/usr/bin:/bin",
        "path-lost",
        "PATH",
        ("PATH=/usr/bin:/bin", "python3 is /usr/bin/python3"),
        "ENV PATH=/opt/venv/bin:$PATH",
    ),
    "path order": Fault(
        "ENV PATH=/usr/bin:/opt/venv/bin:/bin",
        "path-lost",
        "PATH",
        ("python3 is /usr/bin/python3",),
        "ENV PATH=/opt/venv/bin:$PATH",
    ),
    "virtual env": Fault(
        "ENV VIRTUAL_ENV=/srv/other",
        "virtual-env-lost",
        "VIRTUAL_ENV",
        ("VIRTUAL_ENV=/srv/other",),
        "ENV VIRTUAL_ENV=/opt/venv",
    ),
    "virtual env empty": Fault(
        "ENV VIRTUAL_ENV=", "virtual-env-lost", "VIRTUAL_ENV", ("VIRTUAL_ENV=",), "ENV VIRTUAL_ENV=/opt/venv"
    ),
    "directory": Fault(
        f"RUN chmod g-w {PACKAGES}",
        "directory-not-shared",
        PACKAGES,
        ("owner 0:0", "mode 2755"),
        "venvboot fix --venv /opt/venv",
    ),
    "directory of another group": Fault(
        "RUN chgrp 50 /opt/venv/bin && chmod g+s /opt/venv/bin",
        "directory-not-shared",
        "/opt/venv/bin",
        ("owner 0:50", "mode 2775"),
        "venvboot fix --venv /opt/venv",
    ),
    "marker": Fault(f"RUN rm {MARKER}", "marker-gone", MARKER, ("is gone",), "venvboot init /opt/venv"),
    "marker text": Fault(
        f"RUN cp {MARKER}.distro {MARKER}", "marker-gone", MARKER, ("another text",), "venvboot init /opt/venv"
    ),
    "diversion": Fault(
        f"RUN dpkg-divert --local --no-rename --remove {MARKER}",
        "diversion-gone",
        MARKER,
        ("no longer diverts",),
        "venvboot init /opt/venv",
    ),
    "pip.conf": Fault(
        "RUN rm /usr/pip.conf", "pip-conf-gone", "/usr/pip.conf", ("is gone",), "venvboot init /opt/venv"
    ),
    "seal": Fault(
        f"RUN rm {SEALED} && mkdir {SEALED}",
        "seal-gone",
        SEALED,
        ("an empty directory stands there",),
        "venvboot init /opt/venv",
    ),
    "record": Fault(
        f"RUN rm {RECORD}", "record-missing", RECORD, ("not there",), "rm -rf /opt/venv && venvboot init /opt/venv"
    ),
    "record unreadable": Fault(
        f"RUN echo '{{}}' >{RECORD}",
        "record-missing",
        RECORD,
        ("can't be read",),
        "rm -rf /opt/venv && venvboot init /opt/venv",
    ),
    "profile": Fault(f"RUN rm {PROFILE}", "activation-changed", PROFILE, ("is gone",), "venvboot init /opt/venv"),
    "profile text": Fault(
        f"RUN echo >>{PROFILE}", "activation-changed", PROFILE, ("content",), "venvboot init /opt/venv"
    ),
    "hook": Fault(
        f"RUN rm {PACKAGES}/venvboot_pip.pth",
        "hook-missing",
        "/opt/venv",
        ("venvboot_pip.pth",),
        "venvboot init /opt/venv",
    ),
    "isolation": Fault(
        "RUN sed -i 's/^include-system-site-packages.*/include-system-site-packages = true/' /opt/venv/pyvenv.cfg",
        "not-isolated",
        "/opt/venv/pyvenv.cfg",
        ("include-system-site-packages = true",),
        "include-system-site-packages = false",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_check_exits_4_and_names_the_one_fault_its_evidence_and_the_way_out(
    docker: Engine, parent: Image, name: str
) -> None:
    fault = FAULTS[name]
    child = _derive(docker, parent, fault.lines)

    done = docker.run(child, *CHECK, "--json")

    found = _findings(done, 4)
    assert [(f["code"], f["severity"], f["subject"]) for f in found] == [(fault.code, "error", fault.subject)], str(
        done
    )
    for words in fault.evidence:
        assert words in found[0]["evidence"], str(done)
    assert fault.hint in found[0]["hint"], str(done)
    text = docker.run(child, *CHECK)
    assert text.returncode == 4, str(text)
    for words in (f"[{fault.code}]", fault.hint, *fault.evidence):
        assert words in text.stderr, str(text)


def test_all_faults_of_a_child_are_named_in_one_run(docker: Engine, parent: Image) -> None:
    lines = f"RUN rm {MARKER} {PROFILE} && chmod g-ws /opt/venv/bin\nENV PATH=/usr/bin:/bin VIRTUAL_ENV="
    done = docker.run(_derive(docker, parent, lines), *CHECK, "--json")

    codes = sorted(finding["code"] for finding in _findings(done, 4))
    expected = ["activation-changed", "directory-not-shared", "marker-gone", "path-lost", "virtual-env-lost"]
    assert codes == expected, str(done)


@pytest.mark.parametrize("removal", ["mv /usr/bin/python3.11 /srv/", "dpkg --force-all --remove python3.11-minimal"])
def test_a_base_interpreter_that_is_gone_is_named_by_the_tool_running_on_another_python(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base], removal: str
) -> None:
    base = base_image("debian12-source")
    two = docker.build(HERE / "two_pythons", base=base, files={"venvboot": venvboot}, cache=True)
    whole = docker.run(two, *CHECK)
    assert whole.returncode == 0, str(whole)
    child = _derive(docker, two, f"RUN {removal}")

    done = docker.run(child, *CHECK, "--json")

    found = {finding["code"]: finding for finding in _findings(done, 4)}
    # That the environment does not start follows; PATH and all that was written are as they were.
    assert set(found) == {"interpreter-moved", "environment-not-startable"}, str(done)
    assert found["interpreter-moved"]["subject"] == "/usr/bin/python3.11", str(done)
    assert "rm -rf /opt/venv && venvboot init /opt/venv" in found["interpreter-moved"]["hint"], str(done)
    anew = _derive(docker, child, "RUN rm -rf /opt/venv && venvboot init /opt/venv && venvboot check")
    started = docker.run(anew, "python", "-c", "import sys; print(sys.base_prefix)")
    assert (started.returncode, started.stdout) == (0, "/usr/local\n"), str(started)


REPAIRED = {
    "directory": (FAULTS["directory"].lines, set()),
    "all directories": ("RUN find /opt/venv -type d -exec chmod g-ws {} +", set()),
    "marker": (FAULTS["marker"].lines, {MARKER}),
    "marker text": (FAULTS["marker text"].lines, {MARKER}),
    "pip.conf": (FAULTS["pip.conf"].lines, {"/usr/pip.conf"}),
    "seal": (FAULTS["seal"].lines, {SEALED}),
    "diversion": (
        FAULTS["diversion"].lines,
        {"/var/lib/dpkg/diversions", "/var/lib/dpkg/diversions-old"},
    ),
    "diversion undone": (
        f"RUN rm {MARKER} && dpkg-divert --local --rename --remove {MARKER}",
        {MARKER, f"{MARKER}.distro", "/var/lib/dpkg/diversions", "/var/lib/dpkg/diversions-old"},
    ),
    "profile": (FAULTS["profile"].lines, {PROFILE}),
    "hook": (
        FAULTS["hook"].lines,
        {
            f"{PACKAGES}/venvboot_pip.pth",
            f"{PACKAGES}/_venvboot_pip.py",
            f"{PACKAGES}/__pycache__/_venvboot_pip.cpython-311.pyc",
        },
    ),
}


@pytest.mark.parametrize("name", REPAIRED)
def test_init_mends_the_fault_and_its_layer_holds_no_copy_of_the_environments_files(
    docker: Engine, parent: Image, name: str
) -> None:
    lines, written = REPAIRED[name]
    child = _derive(docker, parent, lines)

    mended = _derive(docker, child, "RUN venvboot init\nRUN venvboot check\nRUN venvboot init")

    first, *later = docker.layers_above(mended, child)
    assert {"/" + member.path for member in first if member.type != "directory"} == written
    assert [members for members in later if members] == []
    assert [m for m in first if _inside(m) and m.type == "directory" and (m.mode, m.gid) != (0o2775, 0)] == []
    assert [m for m in first if _inside(m) and m.type == "file" and m.mode & 0o060 != 0o060] == []


def _inside(member: LayerFile) -> bool:
    return f"/{member.path}/".startswith("/opt/venv/")


def test_without_its_record_an_environment_is_left_alone_and_the_hint_makes_it_anew(
    docker: Engine, parent: Image
) -> None:
    child = _derive(docker, parent, FAULTS["record"].lines)

    with docker.start(child, "sleep", "600") as container:
        before = container.diff()
        refused = container.execute("venvboot", "init")
        assert refused.returncode == 3, str(refused)
        assert "[destination-occupied]" in refused.stderr, str(refused)
        assert "hint: name it to use it as it is: `venvboot init /opt/venv`; or rm -rf" in refused.stderr, str(
            refused
        )
        assert container.diff() == before
        followed = container.execute("sh", "-c", "rm -rf /opt/venv && venvboot init /opt/venv && venvboot check")
        assert followed.returncode == 0, str(followed)
