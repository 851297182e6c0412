"""`venvboot guard` alone: three layers on the distro's Python, put up once, and taken away without a trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.images.base_images import DEBIAN_RELEASES, Base
from tests.images.docker_engine import Container, Engine, Image

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

SYSTEM = "/usr/bin/python3"
CONF = "/usr/pip.conf"
# dpkg's own backup of its list.
BACKUP = "/var/lib/dpkg/diversions-old"
Snapshot = dict[str, str]


@pytest.fixture(scope="module", params=[release.name for release in DEBIAN_RELEASES])
def base(request: pytest.FixtureRequest, base_image: Callable[[str], Base]) -> Base:
    return base_image(request.param)


@pytest.fixture(scope="module")
def image(docker: Engine, venvboot: Path, base: Base) -> Image:
    return docker.build(Path(__file__).parent, base=base, files={"venvboot": venvboot}, cache=True)


@pytest.fixture
def container(docker: Engine, image: Image) -> Iterator[Container]:
    with docker.start(image, "sleep", "600") as started:
        yield started


@pytest.fixture
def guarded(container: Container) -> Container:
    succeed(container, "venvboot", "guard")
    return container


def succeed(container: Container, *argv: str, user: str | None = None) -> str:
    done = container.execute(*argv, user=user)
    assert done.returncode == 0, str(done)
    return done.stdout


def snapshot(container: Container) -> Snapshot:
    told = succeed(container, SYSTEM, "-I", "-S", "-B", "/srv/snapshot.py")
    found = dict(line.split(" ", 1) for line in told.splitlines())
    found.pop(BACKUP, None)
    return found


def changed(before: Snapshot, after: Snapshot) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def marker(base: Base) -> str:
    return f"/usr/lib/python{base.python}/EXTERNALLY-MANAGED"


def sealed(base: Base) -> str:
    return f"/usr/local/lib/python{base.python}/dist-packages"


def guards(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(done.stdout)["guards"]
    return told


def test_undo_leaves_the_image_as_it_was_to_the_byte(container: Container, base: Base) -> None:
    before = snapshot(container)
    assert "# would seal" in succeed(container, "venvboot", "guard", "--dry-run")
    assert snapshot(container) == before

    succeed(container, "venvboot", "guard")
    after = snapshot(container)
    shipped = {marker(base) + ".distro"} if base.name != "debian11" else set()
    assert changed(before, after) == {marker(base), *shipped, CONF, sealed(base), "/var/lib/dpkg/diversions"}
    succeed(container, "venvboot", "guard")
    assert snapshot(container) == after

    succeed(container, "venvboot", "guard", "--undo")
    assert snapshot(container) == before
    succeed(container, "venvboot", "guard", "--undo")
    assert snapshot(container) == before


def test_what_was_changed_since_stays_and_is_told(guarded: Container) -> None:
    succeed(guarded, "sh", "-c", f"echo '# mine' >>{CONF}")
    done = guarded.execute("venvboot", "guard", "--undo")
    assert done.returncode == 0, str(done)
    assert f"{CONF} was left as it is [foreign-file]" in done.stderr
    assert succeed(guarded, "tail", "-n", "1", CONF) == "# mine\n"


def seal_of(container: Container, status: int) -> str:
    (told,) = guards(container.execute("venvboot", "guard", "--status", "--json"))
    assert container.execute("venvboot", "check", "--only", "guard").returncode == status
    return str(told["seals"][0]["state"])


def test_an_edited_seal_is_told_and_mended_and_still_gives_back_what_was_there(
    container: Container, base: Base
) -> None:
    before = snapshot(container)
    succeed(container, "venvboot", "guard")
    whole = snapshot(container)
    succeed(container, "sh", "-c", f"echo 'a word of mine' >>{sealed(base)}")
    assert seal_of(container, 4) == "changed"
    undone = container.execute("venvboot", "guard", "--undo", "--dry-run")
    assert f"{sealed(base)} was left as it is [foreign-file]" in undone.stderr, str(undone)

    succeed(container, "venvboot", "guard")
    assert seal_of(container, 0) == "in place"
    assert snapshot(container) == whole
    succeed(container, "venvboot", "guard", "--undo")
    assert snapshot(container) == before


def test_what_took_the_place_of_a_seal_is_told_with_a_way_out_that_works(guarded: Container, base: Base) -> None:
    succeed(guarded, "sh", "-c", f"echo 'a word of mine' >{sealed(base)}")
    assert seal_of(guarded, 0) == "changed"
    done = guarded.execute("venvboot", "guard", "--json")
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["code"], finding["subject"]) == ("foreign-file", sealed(base))
    way_out = finding["hint"].partition(";")[0]
    assert way_out == f"rm {sealed(base)} && venvboot guard"
    succeed(guarded, "sh", "-c", way_out)
    assert seal_of(guarded, 0) == "in place"
    succeed(guarded, "venvboot", "guard", "--undo")
    assert guarded.execute("test", "-e", sealed(base)).returncode == 1


def test_status_and_check_need_no_environment_and_no_root(container: Container, base: Base) -> None:
    fresh = container.execute("venvboot", "guard", "--status", "--json", user="1001")
    assert fresh.returncode == 4, str(fresh)
    refused = container.execute("venvboot", "guard", user="1001")
    assert (refused.returncode, refused.stdout) == (3, ""), str(refused)
    assert "[not-done]" in refused.stderr
    assert container.execute("venvboot", "check", "--only", "guard").returncode == 4

    succeed(container, "venvboot", "guard")
    for user in ("root", "1001", "1234567:0"):
        done = container.execute("venvboot", "guard", "--status", "--json", user=user)
        assert done.returncode == 0, str(done)
        (told,) = guards(done)
        layers = [told["marker"], told["diversion"], told["pip_conf"], *told["seals"]]
        assert [layer["path"] for layer in layers] == [marker(base), marker(base), CONF, sealed(base)]
        assert {layer["state"] for layer in layers} == {"in place"}
        assert "guard        kept" in succeed(container, "venvboot", "check", "--only", "guard", user=user)
        done = container.execute("venvboot", "guard", user=user)
        assert done.returncode == 0, str(done)


def test_strangers_and_links_among_the_packages_files_are_told(guarded: Container, base: Base) -> None:
    dist, library = "/usr/lib/python3/dist-packages", f"/usr/lib/python{base.python}"
    archive = f"/usr/lib/python{base.python}".replace(".", "") + ".zip"
    strangers = {
        f"{dist}/docopt.abi3.so": ("shadow-module", "docopt.abi3.so"),
        f"{dist}/evil.pth": ("startup-hook", "evil.pth"),
        f"{library}/jinja2.py": ("shadow-module", "jinja2.py"),
        f"{library}/lib-dynload/json.py": ("shadow-stdlib", "json.py"),
        archive: ("shadow-stdlib", archive.rpartition("/")[2]),
    }
    for path in strangers:
        succeed(guarded, "touch", path)
    succeed(guarded, "mv", f"{dist}/jinja2/loaders.py", "/srv/loaders.py")
    succeed(guarded, "ln", "-s", "/srv/loaders.py", f"{dist}/jinja2/loaders.py")
    done = guarded.execute("venvboot", "check", "--only", "guard", "--json")
    assert done.returncode == 4, str(done)
    told = {(one["code"], one["subject"]) for one in json.loads(done.stdout)["findings"]}
    assert told == {*strangers.values(), ("damaged", "python3-jinja2")}


INSTALLS = {
    "pip": f"{SYSTEM} -m pip install six",
    "pip --user": f"{SYSTEM} -m pip install --user six",
    "pip --root": f"{SYSTEM} -m pip install --root / six",
    "pip, upgrade": f"{SYSTEM} -m pip install --upgrade jinja2",
    "pip, told to": f"{SYSTEM} -m pip install --break-system-packages six",
    "pip, upgrade, told to": f"{SYSTEM} -m pip install --break-system-packages --upgrade setuptools jinja2",
    "pip, uninstall": f"{SYSTEM} -m pip uninstall --yes docopt",
    "pip, uninstall, told to": f"{SYSTEM} -m pip uninstall --break-system-packages --yes docopt",
    "uv": "/opt/tools/bin/uv pip install --system --no-cache six",
    "uv, told to": "/opt/tools/bin/uv pip install --system --no-cache --break-system-packages six",
}


def test_no_installer_puts_anything_beside_the_distros_or_takes_it_away(guarded: Container) -> None:
    before = snapshot(guarded)
    for name, command in INSTALLS.items():
        done = guarded.execute("sh", "-c", f"PYTHONDONTWRITEBYTECODE=1 {command}")
        assert done.returncode != 0, f"{name}: {done}"
        touched = {path for path in changed(before, snapshot(guarded)) if not path.startswith("/root/.cache")}
        assert touched == set(), f"{name}: {done}"
    assert succeed(guarded, "dpkg", "--verify") == ""


def test_what_a_person_finds_where_an_install_failed_says_why_and_the_way_out(guarded: Container, base: Base) -> None:
    text = succeed(guarded, "cat", sealed(base))
    for words in ("Not a directory", "venvboot init", "venvboot guard --undo", "mode 2775, owner 0:50"):
        assert words in text


def test_the_tools_that_leave_the_distro_alone_go_on_working(guarded: Container, base: Base) -> None:
    for command in (
        f"{SYSTEM} -m venv /srv/plain && /srv/plain/bin/pip install six && /srv/plain/bin/python -c 'import six'",
        f"{SYSTEM} -m venv --system-site-packages /srv/system && /srv/system/bin/python -c 'import jinja2, docopt'",
        "/srv/plain/bin/pip uninstall --yes six",
        f"{SYSTEM} -m pip download --no-deps --dest /srv/wheels six && ls /srv/wheels/six-*.whl",
        f"{SYSTEM} -m pip list",
        f"{SYSTEM} -m pip check",
        "echo six >/srv/six.in && /opt/tools/bin/uv pip compile --no-cache --python /usr/bin/python3 /srv/six.in",
        "/opt/tools/bin/uv venv --no-cache --python /usr/bin/python3 /srv/uv",
        "/opt/tools/bin/uv pip install --no-cache --python /srv/uv/bin/python six",
        f"{SYSTEM} -c 'import jinja2, docopt'",
        f"py3compile -V {base.python} /usr/lib/python3/dist-packages/docopt.py",
    ):
        done = guarded.execute("sh", "-c", command)
        if base.name == "debian11" and "distutils" in done.stderr:
            continue  # uv wants python3-distutils there, guarded or not
        assert done.returncode == 0, str(done)
    succeed(guarded, "venvboot", "guard", "--status")


# The very package with a higher version, as an upgrade brings it; what names the exact old one stays as it is.
UPGRADE = (
    "dpkg-deb -R /srv/debs/{package}_*.deb /srv/new && sed -i 's/^Version: .*/&+vb1/' /srv/new/DEBIAN/control && "
    "dpkg-deb -b /srv/new /srv/new.deb && dpkg --force-depends -i /srv/new.deb && rm -r /srv/new /srv/new.deb"
)


def test_the_package_manager_goes_on_working_and_the_guard_outlives_it(guarded: Container, base: Base) -> None:
    python = f"python{base.python}"
    again = "cp /srv/debs/*.deb /var/cache/apt/archives/ && apt-get install -y --no-download"
    for command in (
        f"{again} --reinstall {python}-minimal lib{python}-minimal",
        f"{again} --reinstall {python} lib{python}-stdlib python3",
        "apt-get remove -y python3-docopt",
        f"{again} python3-docopt",
        f"{again} --reinstall python3-docopt",
        UPGRADE.format(package=f"lib{python}-stdlib"),
        UPGRADE.format(package="python3-docopt"),
    ):
        succeed(guarded, "sh", "-c", command)
        succeed(guarded, "venvboot", "guard", "--status")
    assert succeed(guarded, "dpkg", "--verify") == ""


def test_a_killed_run_is_finished_by_the_next(container: Container, base: Base) -> None:
    before = snapshot(container)
    for after in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        container.execute("timeout", "--signal=KILL", str(after), "venvboot", "guard")
        succeed(container, "venvboot", "guard")
        succeed(container, "venvboot", "guard", "--status")
        container.execute("timeout", "--signal=KILL", str(after), "venvboot", "guard", "--undo")
        succeed(container, "venvboot", "guard", "--undo")
        assert snapshot(container) == before, after
    assert sealed(base) in before


def test_init_names_its_environment_and_takes_the_guard_over(guarded: Container, base: Base) -> None:
    assert "Make an environment" in succeed(guarded, "cat", marker(base))
    succeed(guarded, "venvboot", "init", "--no-activate", "all", "/opt/app")
    assert "/opt/app/bin/pip install NAME" in succeed(guarded, "cat", marker(base))
    before = snapshot(guarded)
    succeed(guarded, "venvboot", "guard")
    succeed(guarded, "venvboot", "init", "--no-activate", "all", "/opt/app")
    assert changed(before, snapshot(guarded)) == set()
    succeed(guarded, "venvboot", "check", "--venv", "/opt/app", "--only", "guard")

    succeed(guarded, "venvboot", "guard", "--undo")
    assert guarded.execute("venvboot", "check", "--venv", "/opt/app", "--only", "guard").returncode == 4
    succeed(guarded, "venvboot", "init", "--no-activate", "all", "--no-guard", "/opt/app")
    told = succeed(guarded, "venvboot", "check", "--venv", "/opt/app", "--only", "guard")
    assert "guard        not checked" in told


def test_every_python_of_the_package_manager_is_guarded(
    docker: Engine, venvboot: Path, base_image: Callable[[str], Base]
) -> None:
    mounted = ["--volume", f"{venvboot}:/usr/local/bin/venvboot:ro"]
    with docker.start(base_image("debian13-pypy"), "sleep", "600", options=mounted) as two:
        before = two.diff()
        done = two.execute("venvboot", "guard", "--json")
        found = {one["interpreter"]: [place["path"] for place in one["seals"]] for one in guards(done)}
        assert found == {
            "/usr/bin/pypy3.11": ["/usr/local/lib/pypy3.11/dist-packages"],
            "/usr/bin/python3.13": ["/usr/local/lib/python3.13/dist-packages"],
        }
        for path in (path for paths in found.values() for path in paths):
            succeed(two, "test", "-f", path)
        succeed(two, "venvboot", "check", "--only", "guard")
        assert two.diff() != before
        succeed(two, "venvboot", "guard", "--undo")
        assert two.execute("venvboot", "guard", "--status").returncode == 4
