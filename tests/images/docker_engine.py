"""A Docker engine for tests: build and run images, and look at exactly what a layer holds.

Everything made through an `Engine` carries the label of its session and goes away with `Engine.close`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Union

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Builder = Literal["buildkit", "legacy"]
Content = Union[Path, str, bytes]

SESSION_LABEL = "venvboot-test.session"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class Tagged(Protocol):
    """What has the name of an image: an `Image`, a `Base`."""

    @property
    def tag(self) -> str:
        """The name under which the engine knows the image."""


ImageName = Union[str, Tagged]


class NoEngine(Exception):
    """No Docker client on this machine reaches an engine."""


class BuildFailed(Exception):
    """`docker build` ended with a non-zero status; `log` is all that it printed."""

    def __init__(self, command: Sequence[str], status: int, log: str) -> None:
        super().__init__(f"{' '.join(command)} ended with {status}\n{log}")
        self.status = status
        self.log = log


@dataclass(frozen=True)
class Image:
    """A built image; `log` is the builder's whole output, in its own form."""

    tag: str
    id: str
    builder: Builder
    log: str


@dataclass(frozen=True)
class Layer:
    """A line of the image's history; lines that only set metadata have no bytes."""

    created_by: str
    size: int


@dataclass(frozen=True)
class LayerFile:
    """A member of a layer's archive. `path` has no leading slash; a whiteout's name begins with `.wh.`."""

    path: str
    type: str
    mode: int
    uid: int
    gid: int
    size: int


class Container:
    """A container that runs until `stop`, or that has ended and can be looked at."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name

    def logs(self) -> str:
        """What the container wrote so far, both streams."""
        return self._engine.client("logs", self.name, merge=True).stdout

    def wait_for(self, text: str, timeout: float = 60) -> str:
        """Wait until the log holds `text`; an earlier end or the timeout is an error that shows the log."""
        deadline = time.monotonic() + timeout
        while True:
            running = self.running()
            log = self.logs()
            if text in log:
                return log
            if not running or time.monotonic() > deadline:
                state = "still running" if running else "ended"
                raise AssertionError(f"{text!r} not in the log of {self.name} ({state}):\n{log}")
            time.sleep(0.1)

    def running(self) -> bool:
        """Whether the container's process lives."""
        return self._engine.client("inspect", "--format={{.State.Running}}", self.name).stdout == "true\n"

    def wait(self, timeout: float = 300) -> int:
        """Wait for the end and return the exit status."""
        return int(self._engine.client("wait", self.name, timeout=timeout).stdout)

    def execute(self, *argv: str, user: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run another process in the running container, as `docker exec` does."""
        options = [] if user is None else ["--user", user]
        return self._engine.client("exec", *options, self.name, *argv, check=False)

    def diff(self) -> dict[str, str]:
        """What the container changed against its image: path to `A`dded, `C`hanged or `D`eleted."""
        lines = self._engine.client("diff", self.name).stdout.splitlines()
        return {line[2:]: line[0] for line in lines}

    def stop(self) -> int:
        """Send SIGTERM, after 10 seconds SIGKILL; return the exit status."""
        self._engine.client("stop", self.name)
        return self.wait()

    def remove(self) -> None:
        """Remove the container, running or not."""
        self._engine.client("rm", "--force", "--volumes", self.name)


class Engine:
    """One reachable Docker engine and one session on it."""

    def __init__(self, program: str) -> None:
        self._program = program
        self.session = uuid.uuid4().hex[:12]
        self._tags: list[str] = []
        self._steps: set[str] = set()

    @classmethod
    def find(cls) -> Engine:
        """The first client that reaches an engine: `$VB_TEST_DOCKER`, the distro's, the first on PATH."""
        tried = []
        for program in (os.environ.get("VB_TEST_DOCKER"), "/usr/bin/docker", shutil.which("docker")):
            if program is None or not os.access(program, os.X_OK):
                continue
            ask = [program, "version", "--format={{.Server.Version}}"]
            answer = subprocess.run(ask, capture_output=True, text=True, check=False)
            if answer.returncode == 0:
                return cls(program)
            tried.append(f"{program}: {answer.stderr.strip()}")
        raise NoEngine("; ".join(tried) or "there is no docker client")

    def client(
        self,
        *arguments: str,
        check: bool = True,
        merge: bool = False,
        input_text: str | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = 600,
    ) -> subprocess.CompletedProcess[str]:
        """Run the Docker client. `merge` puts stderr into stdout, in the order of writing."""
        done = subprocess.run(
            [self._program, *arguments],
            input=input_text or "",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge else subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **(env or {})},
            timeout=timeout,
            check=False,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"docker {' '.join(arguments)} ended with {done.returncode}\n{done.stderr}")
        return done

    def build(
        self,
        context: Path | None = None,
        *,
        dockerfile: str | None = None,
        base: ImageName | None = None,
        files: Mapping[str, Content] | None = None,
        builder: Builder = "buildkit",
        build_args: Mapping[str, str] | None = None,
        target: str | None = None,
        tag: str | None = None,
        options: Sequence[str] = (),
        cache: bool = False,
        keep: bool = False,
        timeout: float = 1800,
    ) -> Image:
        """Build an image, or raise `BuildFailed`.

        The context is a copy of the folder `context`, without test code, plus `files` (name to content, or
        to a path whose mode is kept). `dockerfile` replaces its Dockerfile. `base` becomes the build argument
        BASE; `options` are further ones of `docker build`. Without `cache` every step runs: only then has the log
        something to say and the result something to prove. With `keep` the image outlives the session.
        """
        name = tag or f"venvboot-test/session-{self.session}:{uuid.uuid4().hex[:12]}"
        arguments = ["build", "--network=host", f"--tag={name}", *options]
        arguments += [] if keep else [f"--label={SESSION_LABEL}={self.session}"]
        arguments += ["--progress=plain"] if builder == "buildkit" else ["--force-rm"]
        arguments += [] if cache else ["--no-cache"]
        arguments += [] if target is None else [f"--target={target}"]
        for variable in PROXY_VARIABLES:
            arguments += [f"--build-arg={variable}"] if os.environ.get(variable) else []
        if base is not None:
            arguments.append(f"--build-arg=BASE={_tag_of(base)}")
        arguments += [f"--build-arg={key}={value}" for key, value in (build_args or {}).items()]
        environment = {"DOCKER_BUILDKIT": "1" if builder == "buildkit" else "0"}
        with context_folder(context, dockerfile, files or {}) as folder:
            done = self.client(*arguments, folder, check=False, merge=True, env=environment, timeout=timeout)
        if builder == "legacy":
            self._steps.update(re.findall(r"^ ---> ([0-9a-f]{12})$", done.stdout, re.MULTILINE))
        if done.returncode != 0:
            raise BuildFailed(arguments, done.returncode, done.stdout)
        if not keep:
            self._tags.append(name)
        identifier = self.client("image", "inspect", "--format={{.Id}}", name).stdout.strip()
        return Image(name, identifier, builder, done.stdout)

    def run(
        self,
        image: ImageName,
        *argv: str,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        entrypoint: str | None = None,
        workdir: str | None = None,
        input_text: str | None = None,
        options: Sequence[str] = (),
        timeout: float = 300,
    ) -> subprocess.CompletedProcess[str]:
        """Run a container to its end and remove it; the exit status is the caller's to judge.

        `options` are further ones of `docker run`, such as `--read-only`.
        """
        name = self._container_name()
        command = ["run", "--rm", *(["--interactive"] if input_text is not None else [])]
        command += self._run_options(name, user, env, entrypoint, workdir)
        try:
            return self.client(
                *command, *options, _tag_of(image), *argv, check=False, input_text=input_text, timeout=timeout
            )
        except subprocess.TimeoutExpired:
            self.client("rm", "--force", name, check=False)
            raise

    @contextlib.contextmanager
    def start(
        self,
        image: ImageName,
        *argv: str,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        entrypoint: str | None = None,
        workdir: str | None = None,
        options: Sequence[str] = (),
    ) -> Iterator[Container]:
        """Start a container in the background, for servers and for `Container.diff`; removed on leaving."""
        name = self._container_name()
        command = ["run", "--detach", *self._run_options(name, user, env, entrypoint, workdir)]
        container = Container(self, name)
        try:
            self.client(*command, *options, _tag_of(image), *argv)
            yield container
        finally:
            self.client("rm", "--force", "--volumes", name, check=False)

    def config(self, image: ImageName) -> dict[str, object]:
        """The image's config: Env, Cmd, Entrypoint, User, OnBuild, Shell and so on."""
        output = self.client("image", "inspect", "--format={{json .Config}}", _tag_of(image)).stdout
        config: dict[str, object] = json.loads(output)
        return config

    def layer_sizes(self, image: ImageName) -> list[Layer]:
        """The image's history, oldest first, metadata lines included."""
        form = "--format={{json .}}"
        output = self.client("history", "--no-trunc", "--human=false", form, _tag_of(image)).stdout
        lines = [json.loads(line) for line in output.splitlines()]
        return [Layer(line["CreatedBy"], int(line["Size"])) for line in reversed(lines)]

    def layer_files(self, image: ImageName, index: int = -1) -> list[LayerFile]:
        """What one layer holds, in the order of its archive; -1 is the last layer, 0 the base's first.

        Only layers with a file system count here, so an index differs from one of `layer_sizes`; and the
        legacy builder makes none for a step that changes nothing.
        """
        return self._layers(image, slice(index, None))[0]

    def layers_above(self, image: ImageName, base: ImageName) -> list[list[LayerFile]]:
        """What `image` adds to its `base`, layer by layer, oldest first."""
        form = "--format={{len .RootFS.Layers}}"
        below = int(self.client("image", "inspect", form, _tag_of(base)).stdout)
        return self._layers(image, slice(below, None))

    def _layers(self, image: ImageName, wanted: slice) -> list[list[LayerFile]]:
        with tempfile.TemporaryDirectory(prefix="venvboot-test-") as folder:
            saved = os.path.join(folder, "image.tar")
            self.client("save", "--output", saved, _tag_of(image))
            with tarfile.open(saved) as archive:
                manifest = archive.extractfile("manifest.json")
                assert manifest is not None
                return [_layer(archive, name) for name in json.load(manifest)[0]["Layers"][wanted]]

    def close(self) -> None:
        """Remove every container and image of this session; base images stay."""
        mine = f"--filter=label={SESSION_LABEL}={self.session}"
        containers = self.client("ps", "--all", "--quiet", mine).stdout.split()
        if containers:
            self.client("rm", "--force", "--volumes", *containers)
        if self._tags:
            self.client("rmi", "--force", *self._tags)
        # The legacy builder leaves the steps of failed builds and of earlier stages as images without a name.
        dangling = self.client("images", "--quiet", "--filter=dangling=true").stdout.split()
        for step in self._steps.intersection(dangling):
            self.client("rmi", step, check=False)

    def _container_name(self) -> str:
        return f"venvboot-test-{self.session}-{uuid.uuid4().hex[:8]}"

    def _run_options(
        self,
        name: str,
        user: str | None,
        env: Mapping[str, str] | None,
        entrypoint: str | None,
        workdir: str | None,
    ) -> list[str]:
        options = ["--network=host", f"--name={name}", f"--label={SESSION_LABEL}={self.session}"]
        options += [f"--env={variable}" for variable in PROXY_VARIABLES if os.environ.get(variable)]
        options += [f"--env={key}={value}" for key, value in (env or {}).items()]
        for option, value in (("user", user), ("entrypoint", entrypoint), ("workdir", workdir)):
            options += [] if value is None else [f"--{option}={value}"]
        return options


def _tag_of(image: ImageName) -> str:
    return image if isinstance(image, str) else image.tag


@contextlib.contextmanager
def context_folder(source: Path | None, dockerfile: str | None, files: Mapping[str, Content]) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="venvboot-test-") as folder:
        root = Path(folder, "context")
        if source is None:
            root.mkdir()
        else:
            shutil.copytree(source, root, symlinks=True, ignore=shutil.ignore_patterns("test_*.py", "__pycache__"))
        everything = dict(files) if dockerfile is None else {**files, "Dockerfile": dockerfile}
        for name, content in everything.items():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                shutil.copy2(content, target)
            else:
                target.write_bytes(content.encode() if isinstance(content, str) else content)
        yield str(root)


def _layer(archive: tarfile.TarFile, name: str) -> list[LayerFile]:
    layer = archive.extractfile(name)
    assert layer is not None
    with tarfile.open(fileobj=layer) as content:
        return [_layer_file(member) for member in content]


def _layer_file(member: tarfile.TarInfo) -> LayerFile:
    kinds = {tarfile.DIRTYPE: "directory", tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "hardlink"}
    kind = "file" if member.isfile() else kinds.get(member.type, "special")
    return LayerFile(member.name, kind, member.mode & 0o7777, member.uid, member.gid, member.size)
