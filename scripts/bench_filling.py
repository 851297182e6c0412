"""The second table of `bench`: an environment made and filled by venvboot and by others, side by side.

Each way makes an environment and fills it with the same lock, from the same index on this machine; what it ends with
has bytecode and can be written by the group. Each pair is run in turn, both on the same file system.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.bench_index import served

ROOT = Path(__file__).resolve().parent.parent
FILE = str(ROOT / "dist" / "venvboot")
DATA = ROOT / "tests" / "data"
LOCK = DATA / "locks" / "thirty.txt"
FIVE = ("requests", "certifi", "charset-normalizer", "idna", "urllib3")
MANY = 150
CHANGED = "idna==3.10"
HARMLESS = ("--no-guard", "--activate", "entrypoint")
GROUP = "0" if os.geteuid() == 0 else str(os.getegid())
SEEDS = ("pip", "setuptools", "wheel")

# A process of its own, and a small one: what a process had before it became a command counts as that one's memory.
RUNNER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
for command in json.loads(sys.argv[1]):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "memory": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}))
"""

Command = Sequence[str]


@dataclass(frozen=True)
class Way:
    """A way to an environment: the commands that make one at ``dest``, and those that fill it.

    ``before`` is done first, and not timed. ``name`` is what the filling is called.
    """

    name: str
    making: str
    dest: Path
    make: Sequence[Command]
    fill: Sequence[Command]
    before: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Spent:
    """Wall seconds of both halves, and the memory (bytes) of the largest process of the second."""

    make: float
    fill: float
    memory: int


@dataclass(frozen=True)
class Bench:
    """Where it is done: a temporary ``folder``, and the variables that lead every tool to the same index."""

    python: str
    folder: Path
    runs: int
    environ: dict[str, str]

    def run(self, commands: Sequence[Command]) -> tuple[float, int]:
        """Run commands one after the other; return their wall seconds and the most memory of a process of theirs."""
        if not commands:
            return 0.0, 0
        words = [sys.executable, "-IS", "-c", RUNNER, json.dumps([*map(list, commands)])]
        done = subprocess.run(words, env=self.environ, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{done.stderr[-3000:]}\nfailed: {commands}")
        told = json.loads(done.stdout.splitlines()[-1])
        return told["seconds"], told["memory"] * 1024

    def once(self, way: Way) -> Spent:
        shutil.rmtree(way.dest, ignore_errors=True)
        way.before()
        make, _ = self.run(way.make)
        return Spent(make, *self.run(way.fill))

    def pairs(self, mine: Way, other: Way) -> list[tuple[Spent, Spent]]:
        """Return what was spent on each pair of runs; the first pair fills the caches, and isn't counted."""
        found = [(self.once(mine), self.once(other)) for _ in range(self.runs + 1)]
        if distributions(mine.dest) != distributions(other.dest):
            raise SystemExit(f"{mine.name} and {other.name} have not installed the same")
        return found[1:]


def row(
    job: str, yardstick: str, pairs: Sequence[tuple[Spent, Spent]], taken: Callable[[Spent], float], unit: str = "s"
) -> None:
    """Print a line of the table: both medians, and that of the ratio taken pair by pair."""
    columns = [[taken(one) for one in column] for column in zip(*pairs)]
    ratio = statistics.median(mine / other for mine, other in zip(*columns))
    mine, other = (
        f"{statistics.median(column):.3f} s" if unit == "s" else f"{statistics.median(column) / 1e6:.0f} MB"
        for column in columns
    )
    print(f"| {job} | {mine} | {yardstick} | {other} | {ratio:.2f} |", flush=True)


def distributions(dest: Path) -> set[str]:
    """Return what is installed, but for what an environment may be made with."""
    found = {path.name for path in dest.glob("lib/python*/site-packages/*.dist-info")}
    return {name for name in found if name.partition("-")[0] not in SEEDS}


def measure(dest: Path) -> str:
    """Return how much there is in an environment."""
    sizes = [path.lstat().st_size for path in dest.rglob("*") if not path.is_dir() or path.is_symlink()]
    return f"{len(sizes):,} files, {sum(sizes) / 1e6:.0f} MB"


def shared(dest: Path) -> list[Command]:
    return [["chgrp", "-R", GROUP, str(dest)], ["chmod", "-R", "g+rwX", str(dest)]]


@dataclass(frozen=True)
class Ways:
    """The ways to an environment with what ``lock`` says; ``tools`` is a folder with programs of others."""

    bench: Bench
    lock: Path
    tools: Path

    def venvboot(self) -> Way:
        dest, cache = self.bench.folder / "mine", self.bench.folder / "cache"
        init = [FILE, "init", "--quiet", str(dest), "--python", self.bench.python, "--group", GROUP, *HARMLESS]
        sync = [
            FILE,
            "sync",
            "--quiet",
            "--replace-parent",
            "--venv",
            str(dest),
            "--cache",
            str(cache),
            str(self.lock),
        ]
        return Way("`sync`", "`init`", dest, [init], [sync])

    def pip(self) -> Way:
        dest = self.bench.folder / "pip"
        words = ["install", "--quiet", "--no-deps", "--require-hashes", *self._cached(), "-r", str(self.lock)]
        make = [self.bench.python, "-m", "venv", str(dest)]
        return Way(
            "`pip install`", "`python -m venv`", dest, [make], [[str(dest / "bin/pip"), *words], *shared(dest)]
        )

    def pip_sync(self) -> Way:
        dest = self.bench.folder / "pip-sync"
        python = ["--quiet", "--python-executable", str(dest / "bin/python")]
        words = ["--pip-args", " ".join(["--no-deps", *self._cached()]), str(self.lock)]
        make = [str(self.tools / "bin/virtualenv"), "--quiet", "--python", self.bench.python, str(dest)]
        fill = [str(self.tools / "bin/pip-sync"), *python, *words]
        return Way("`pip-sync`", "`virtualenv`", dest, [make], [fill, *shared(dest)])

    def uv(self) -> Way:
        dest, program = self.bench.folder / "uv", str(self.tools / "bin/uv")
        words = ["--quiet", "--python", str(dest / "bin/python"), "--compile-bytecode", "--link-mode", "copy"]
        make = [program, "venv", "--quiet", "--python", self.bench.python, str(dest)]
        return Way(
            "`uv pip sync`",
            "`uv venv`",
            dest,
            [make],
            [[program, "pip", "sync", *words, str(self.lock)], *shared(dest)],
        )

    def copy(self) -> Way:
        """The finished tree of ``venvboot``, which has to be there."""
        tree, dest = self.bench.folder / "tree", self.bench.folder / "copy"
        shutil.rmtree(tree, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.venvboot().dest), str(tree)], check=True)
        return Way("`cp -a`", "", dest, [], [["cp", "-a", str(tree), str(dest)]])

    def _cached(self) -> list[str]:
        return ["--cache-dir", str(self.bench.folder / "cache-of-pip")]


def blocks(text: str) -> dict[str, str]:
    """Return the lines of a lock by the names that they are for."""
    found = re.findall(r"^([A-Za-z0-9._-]+)((?:\[|==).*(?:\n[ ]+--hash.*)*\n)", text, re.MULTILINE)
    return {name: name + rest for name, rest in found}


def equip(python: str, folder: Path) -> set[str]:
    """Fetch the programs of others into an environment of their own; return those that there are."""
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    for names in (["virtualenv", "pip-tools"], ["uv"]):
        subprocess.run(
            [str(folder / "bin/pip"), "install", "--quiet", *names], check=False, stderr=subprocess.DEVNULL
        )
    return {name for name in ("virtualenv", "pip-sync", "uv") if (folder / "bin" / name).exists()}


def fetch(tools: Path, kept: Path) -> tuple[Path, Path]:
    """Fetch the wheels of both locks, but for those that there are; return their folders."""
    thirty, many = kept / "thirty", kept / "top-projects"
    for folder in (thirty, many):
        folder.mkdir(parents=True, exist_ok=True)
    words = [
        str(tools / "bin/pip"),
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--dest",
        str(thirty),
    ]
    for what in (["--require-hashes", "-r", str(LOCK)], [CHANGED]):
        subprocess.run([*words, *what], check=True, stderr=subprocess.DEVNULL)
    subprocess.run([sys.executable, str(ROOT / "scripts/top_projects.py"), many.name, str(many)], check=True)
    return thirty, many


def locks(folder: Path, wheels: Path) -> dict[str, Path]:
    """Write the locks and return their paths by what they are called below."""
    thirty, projects = (blocks(path.read_text(encoding="utf-8")) for path in (LOCK, DATA / "top-projects.lock"))
    name, _, version = CHANGED.partition("==")
    digest = hashlib.sha256(next(wheels.glob(f"{name}-{version}-*.whl")).read_bytes()).hexdigest()
    texts = {
        "thirty": thirty,
        "changed": {**thirty, name: f"{CHANGED} --hash=sha256:{digest}\n"},
        "five": {name: thirty[name] for name in FIVE},
        "many": dict([(name, lines) for name, lines in projects.items() if name not in SEEDS][:MANY]),
    }
    for called, lines in texts.items():
        (folder / f"{called}.txt").write_text("".join(lines.values()), encoding="utf-8")
    return {called: folder / f"{called}.txt" for called in texts}


def environ(folder: Path, index: str) -> dict[str, str]:
    """Return the variables that lead every tool to that index, and to nothing that is kept outside of ``folder``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "VENVBOOT_"))}
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    uv = {"UV_NO_CONFIG": "1", "UV_DEFAULT_INDEX": index, "UV_CACHE_DIR": str(folder / "cache-of-uv")}
    return {**kept, **pip, **uv, "UV_PYTHON_DOWNLOADS": "never", "TMPDIR": str(folder), "HOME": str(folder)}


def machine(python: str, tools: Path, there: set[str], folder: Path) -> str:
    """Return what this was measured on, and the versions of all that takes part."""
    cpus = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    version = subprocess.run([python, "-V"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    asked = [[FILE], *([str(tools / "bin" / name)] for name in ("pip", *sorted(there)))]
    told = [
        subprocess.run([*one, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout for one in asked
    ]
    names = ["venvboot", "pip", *sorted(there)]
    numbers = [re.search(r"\d+(?:\.\d+)+", one) for one in told]
    versions = ", ".join(f"{name} {number[0]}" for name, number in zip(names, numbers) if number)
    cores = f"{len(os.sched_getaffinity(0))} cores"
    kind = subprocess.run(
        ["stat", "-f", "-c", "%T", str(folder)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    place = [cpus[0] if cpus else platform.machine(), cores, f"Linux {platform.release()}", kind.strip()]
    return f"{', '.join(place)}; {version}, {versions}"


def missing(job: str, yardstick: str) -> None:
    print(f"| {job} | - | {yardstick} | it could not be fetched | - |", flush=True)


def whole(one: Spent) -> float:
    return one.make + one.fill


def emptied(way: Way, *folders: Path) -> Way:
    """Return the way without what is kept in these folders."""

    def empty() -> None:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    return replace(way, before=empty)


def warm(ways: Ways, there: set[str]) -> None:
    """Print the rows of an environment whose wheels and bytecode are kept already."""
    mine, kept = ways.venvboot(), {}
    others = {"pip": ways.pip(), "pip-sync": ways.pip_sync(), "uv": ways.uv()}
    for name, other in others.items():
        if name not in {*there, "pip"}:
            missing("`init` + `sync`", other.name)
            continue
        kept[name] = ways.bench.pairs(mine, other)
        count = len(distributions(mine.dest))
        theirs = f"{other.making} + {other.name}, `chgrp`, `chmod`"
        row(f"`init` + `sync` of {count} packages, {measure(mine.dest)}", theirs, kept[name], whole)
        row("`sync` of them", f"{other.name}, `chgrp`, `chmod`", kept[name], lambda one: one.fill)
    copied = ways.bench.pairs(mine, ways.copy())
    row("`init` + `sync` of them", "`cp -a` of what that made", copied, whole)
    row("`sync` of them", "`cp -a` of what that made", copied, lambda one: one.fill)
    for name, pairs in kept.items():
        row("`init`", others[name].making, pairs, lambda one: one.make)
    for name, pairs in kept.items():
        row("memory of `sync`, its largest process", f"{others[name].name}", pairs, lambda one: one.memory, "MB")


def cold(ways: Ways, there: set[str]) -> None:
    """Print the rows of an environment of which something isn't kept yet."""
    folder, mine = ways.bench.folder, ways.venvboot()
    no_bytecode = emptied(mine, folder / "cache/sync/bytecode")
    nothing = emptied(mine, folder / "cache")
    pip_sync, uv = emptied(ways.pip_sync(), folder / "cache-of-pip"), emptied(ways.uv(), folder / "cache-of-uv")
    empty = "nothing in the cache"
    for job, way, other, name, state in (
        ("`init` + `sync`, no bytecode in the cache", no_bytecode, ways.uv(), "uv", "`chgrp`, `chmod`"),
        (f"`init` + `sync`, {empty}", nothing, pip_sync, "pip-sync", f"`chgrp`, `chmod`, {empty}"),
        (f"`init` + `sync`, {empty}", nothing, uv, "uv", f"`chgrp`, `chmod`, {empty}"),
    ):
        if name in there:
            row(job, f"{other.making} + {other.name}, {state}", ways.bench.pairs(way, other), whole)
        else:
            missing(job, other.name)


def changed(ways: Ways, before: Path, there: set[str]) -> None:
    """Print the row of an environment in which one package gets another version."""
    if "uv" not in there:
        missing("`sync` of one that changed", "`uv pip sync`")
        return
    earlier = replace(ways, lock=before)
    mine, other = (
        replace(new, make=[*old.make, *old.fill])
        for new, old in ((ways.venvboot(), earlier.venvboot()), (ways.uv(), earlier.uv()))
    )
    theirs = f"{other.name}, `chgrp`, `chmod`"
    row("`sync` of one that changed among them", theirs, ways.bench.pairs(mine, other), lambda one: one.fill)


def amounts(ways: Ways, there: set[str]) -> None:
    """Print the row of an environment of another size."""
    mine, other = ways.venvboot(), ways.uv()
    if "uv" not in there:
        missing("`init` + `sync` of other amounts", other.name)
        return
    pairs = ways.bench.pairs(mine, other)
    job = f"`init` + `sync` of {len(distributions(mine.dest))} packages, {measure(mine.dest)}"
    row(job, f"{other.making} + {other.name}, `chgrp`, `chmod`", pairs, whole)


def table(python: str, runs: int, folder: Path, wheels: Path) -> None:
    """Print the table. ``folder`` is temporary; ``wheels`` is where wheels are kept."""
    tools = folder / "tools"
    there = equip(python, tools)
    thirty, many = fetch(tools, wheels)
    written = locks(folder, thirty)
    print(f"{machine(python, tools, there, folder)}\n")
    print("| filling an environment | time | yardstick | its time | ratio |\n| --- | --- | --- | --- | --- |")
    with served(thirty, many) as index:
        bench = Bench(python, folder, runs, environ(folder, index))
        ways = {name: Ways(bench, path, tools) for name, path in written.items()}
        warm(ways["thirty"], there)
        cold(ways["thirty"], there)
        changed(ways["changed"], written["thirty"], there)
        for name in ("five", "many"):
            amounts(ways[name], there)
