"""`fix` gives the group what it lacks, touches nothing else, and refuses what is not its own to give."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.images.writers.harness import FIRST, SECOND, build
from tests.images.writers.places import changed, places

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.images.base_images import Base
    from tests.images.docker_engine import Container, Engine, Image

FAILED, REFUSED = 1, 3
SHARE = "/opt/venv/share"

# What stands in SHARE: how it is made, and its access after `fix`.
WRONG = {
    "folder": ("mkdir folder && chmod 00755 folder", "d 2775 0:0"),
    "no-setgid": ("mkdir no-setgid && chmod 00775 no-setgid", "d 2775 0:0"),
    "private": ("mkdir private && chmod 00700 private", "d 2770 0:0"),
    "private/inner": ("mkdir private/inner && chmod 2755 private/inner", "d 2775 0:0"),
    "other-group": ("mkdir other-group && chgrp 50 other-group && chmod 2775 other-group", "d 2775 0:0"),
    "module.py": ("touch module.py && chmod 644 module.py", "f 664 0:0"),
    "script": ("touch script && chmod 755 script", "f 775 0:0"),
    "secret": ("touch secret && chmod 600 secret", "f 660 0:0"),
    # Whoever is in the group has to be able to start it as well.
    "own-script": ("touch own-script && chmod 700 own-script", "f 770 0:0"),
    "file-of-another-group": ("install -m 664 -g 50 /dev/null file-of-another-group", "f 664 0:0"),
    "of-a-user": ("install -m 644 -o 54321 /dev/null of-a-user", "f 664 54321:0"),
}
RIGHT = (
    "mkdir right && chmod 2775 right",
    "install -m 664 /dev/null right/module.py",
    "install -m 775 /dev/null right/script",
    "install -m 664 -o 54321 /dev/null right/of-a-user",
    "ln -s module.py right/link",
)


@pytest.fixture(scope="module")
def image(docker: Engine, venvboot: Path, base_image: Callable[[str], Base]) -> Image:
    return build(docker, venvboot, base_image("debian12"))


@pytest.fixture
def container(docker: Engine, image: Image) -> Iterator[Container]:
    with docker.start(image, "sleep", "600") as started:
        yield started


@pytest.fixture(scope="module")
def untouched(docker: Engine, image: Image) -> Iterator[Container]:
    """One for all that may not change anything: each test proves that it left it as it was."""
    with docker.start(image, "sleep", "600") as started:
        shell(started, f"mkdir -m 755 {SHARE} && chmod g-s {SHARE} && ln -s /usr /srv/link")
        yield started


def shell(container: Container, commands: str, user: str = "root") -> str:
    done = container.execute("sh", "-c", f"umask 022; {commands}", user=user)
    assert done.returncode == 0, str(done)
    return done.stdout


def fix(container: Container, *words: str, user: str = "root") -> subprocess.CompletedProcess[str]:
    return container.execute("venvboot", "fix", *words, user=user)


def findings(done: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    answer = json.loads(done.stdout)
    assert (answer["schema"], answer["command"]) == ("venvboot/1", "fix"), str(done)
    found: list[dict[str, str]] = answer["findings"]
    return found


def plant(container: Container) -> None:
    commands = [command for command, _ in WRONG.values()]
    shell(container, f"mkdir {SHARE} && chmod 2775 {SHARE} && cd {SHARE} && {' && '.join((*commands, *RIGHT))}")


def test_what_is_wrong_is_mended_and_nothing_else_is_touched(container: Container) -> None:
    plant(container)
    before = places(container, "/opt", "/srv", "/etc", "/usr/lib/python3.11")
    done = fix(container)
    assert done.returncode == 0, str(done)
    after = places(container, "/opt", "/srv", "/etc", "/usr/lib/python3.11")
    assert changed(before, after) == {f"{SHARE}/{name}": access for name, (_, access) in WRONG.items()}
    again = fix(container)
    assert again.returncode == 0, str(again)
    assert changed(after, places(container, "/opt", "/srv", "/etc", "/usr/lib/python3.11")) == {}


def test_dry_run_names_what_would_be_mended_and_changes_nothing(container: Container) -> None:
    plant(container)
    before, diff = places(container, "/opt"), container.diff()
    done = fix(container, "--dry-run")
    assert done.returncode == 0, str(done)
    lines = done.stdout.splitlines()
    for name in WRONG:
        assert any(f"{SHARE}/{name}" in line.split() for line in lines), f"{name}: {done}"
    assert f"{SHARE}/right" not in done.stdout, str(done)
    assert changed(before, places(container, "/opt")) == {}
    assert container.diff() == diff


def test_paths_that_are_named_are_mended_and_the_environment_is_not(container: Container) -> None:
    plant(container)
    shell(container, "mkdir -m 755 /srv/one /srv/two /srv/two/inner /srv/three && touch /srv/two/inner/file")
    before = places(container, "/opt", "/srv")
    done = fix(container, "/srv/one", "/srv/two")
    assert done.returncode == 0, str(done)
    assert changed(before, places(container, "/opt", "/srv")) == {
        "/srv/one": "d 2775 0:0",
        "/srv/two": "d 2775 0:0",
        "/srv/two/inner": "d 2775 0:0",
        "/srv/two/inner/file": "f 664 0:0",
    }


def test_a_file_that_is_named_is_mended(container: Container) -> None:
    shell(container, "mkdir -p -m 755 /srv/app && touch /srv/app/file /srv/app/other && chmod 644 /srv/app/*")
    before = places(container, "/srv")
    done = fix(container, "/srv/app/file")
    assert done.returncode == 0, str(done)
    assert changed(before, places(container, "/srv")) == {"/srv/app/file": "f 664 0:0"}


def test_an_applications_folder_in_the_root_directory_is_mended(container: Container) -> None:
    """`WORKDIR /app` is what most Dockerfiles have; no package owns it."""
    shell(container, "mkdir -m 755 /app && touch /app/file")
    before = places(container, "/app")
    done = fix(container, "/app")
    assert done.returncode == 0, str(done)
    assert changed(before, places(container, "/app")) == {"/app": "d 2775 0:0", "/app/file": "f 664 0:0"}


def test_another_user_mends_what_is_theirs_and_lists_the_rest(container: Container) -> None:
    shell(container, f"mkdir {SHARE} && chmod 2775 {SHARE} && touch {SHARE}/of-root")
    shell(container, f"mkdir {SHARE}/first && touch {SHARE}/first/file", FIRST)
    shell(container, f"mkdir {SHARE}/second && chmod g+w {SHARE}/second && touch {SHARE}/second/file", SECOND)

    before = places(container, "/opt")
    done = fix(container, "--json", user=FIRST)
    assert done.returncode == FAILED, str(done)
    after = places(container, "/opt")
    assert changed(before, after) == {
        f"{SHARE}/first": "d 2775 54321:0",
        f"{SHARE}/first/file": "f 664 54321:0",
    }
    listed = [finding for finding in findings(done) if finding["code"] == "not-owner"]
    assert listed == findings(done), str(done)
    for path in (f"{SHARE}/of-root", f"{SHARE}/second/file"):
        assert any(path in finding["message"] for finding in listed), str(done)
    assert not any("first" in finding["message"] for finding in listed), str(done)

    told = fix(container, user=SECOND)
    assert told.returncode == FAILED, str(told)
    assert f"{SHARE}/of-root" in told.stderr, str(told)
    assert "[not-owner]" in told.stderr, str(told)
    assert f"{SHARE}/second/file" not in told.stderr, str(told)
    assert changed(after, places(container, "/opt")) == {f"{SHARE}/second/file": "f 664 65432:0"}
    for user in ("root", FIRST):
        done = fix(container, user=user)
        assert done.returncode == 0, str(done)


REFUSED_PATHS = (
    "/",
    "//",
    "/.",
    "/usr",
    "/usr/",
    "/usr/lib/python3",
    "/usr/bin/python3.11",
    "/usr/share/doc",
    "/lib",
    "/etc",
    "/etc/ssl",
    "/var/lib/dpkg",
    "/root",
    "/opt/venv/../../usr",
    "/opt/venv/share/../../../usr/lib",
    "/srv/link",
    "/srv/link/lib",
    "/proc",
)


@pytest.mark.parametrize("path", REFUSED_PATHS)
def test_what_a_package_manager_owns_is_refused(untouched: Container, path: str) -> None:
    before = untouched.diff()
    done = fix(untouched, "--json", path)
    assert done.returncode == REFUSED, str(done)
    assert [finding["severity"] for finding in findings(done)] == ["error"], str(done)
    told = fix(untouched, path)
    assert told.returncode == REFUSED, str(told)
    assert told.stderr.startswith("error: "), str(told)
    assert untouched.diff() == before


def test_a_refused_path_stops_the_others_before_anything_is_written(untouched: Container) -> None:
    before, diff = places(untouched, "/opt"), untouched.diff()
    for words in (["/opt/venv", "/usr"], ["/usr", "/opt/venv"]):
        done = fix(untouched, *words)
        assert done.returncode == REFUSED, str(done)
    relative = untouched.execute("sh", "-c", "cd /usr && exec venvboot fix .")
    assert relative.returncode == REFUSED, str(relative)
    assert changed(before, places(untouched, "/opt")) == {}
    assert untouched.diff() == diff


@pytest.mark.parametrize("path", ["/opt/nothing", "/opt/venv/nothing/below", "/etc/hostname/below"])
def test_a_path_that_is_not_there_is_no_success(untouched: Container, path: str) -> None:
    done = fix(untouched, "--json", path)
    assert done.returncode in (FAILED, REFUSED), str(done)
    (finding,) = findings(done)
    assert (finding["severity"], finding["subject"]) == ("error", path), str(done)
    told = fix(untouched, path)
    assert told.returncode == done.returncode, str(told)
    assert path in told.stderr, str(told)


def test_an_empty_path_is_not_the_working_directory(container: Container) -> None:
    """It is what is left of a variable that nobody has set."""
    shell(container, "mkdir -m 755 /srv/app")
    before = places(container, "/srv", "/opt")
    done = container.execute("sh", "-c", 'cd /srv/app && venvboot fix "$NOT_SET"')
    assert done.returncode != 0, str(done)
    assert changed(before, places(container, "/srv", "/opt")) == {}


def test_without_an_environment_there_is_nothing_to_default_to(container: Container) -> None:
    shell(container, "mv /opt/venv /opt/away")
    done = fix(container, "--json")
    assert done.returncode in (FAILED, REFUSED), str(done)
    assert [finding["severity"] for finding in findings(done)] == ["error"], str(done)
