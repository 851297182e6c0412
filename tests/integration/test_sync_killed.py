"""A sync stopped at any moment leaves an environment that is whole, or called unfinished; the next one mends it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Sequence, Set, Tuple

import pytest

from tests.integration.tool import HARMLESS, Tool, Wheels, codes
from tests.integration.trees import STAGE, Tree, difference, faults, installed, tree
from tests.integration.wheelhouse import make_wheel

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by /proc")

SEED = int(os.environ.get("VB_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
MARK = "VB_TEST_LANE"
LANES = 2
PATIENCE = 60.0  # seconds
SOON = 5.0  # seconds in which what a killed run has started notices that
STARTED = 0.5  # seconds in which venvboot has begun
RECORD = "venvboot.json"
# What is killed may be in the midst of any of them: changed, removed, added, and what shares its folders and files.
LOCKS: Dict[str, Tuple[str, ...]] = {
    "before": ("changed==1.0", "leaver==1.0", "stays==1.0", "sharer==1.0"),
    "after": ("changed==2.0", "bulky==1.0", "stays==1.0", "arriver==1.0"),
    "other": ("leaver==1.0", "stays==1.0", "arriver==1.0"),
}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    folder = tmp_path_factory.mktemp("killed-house")
    files = {"changed==1.0": 90, "changed==2.0": 110, "leaver==1.0": 150, "stays==1.0": 30, "bulky==1.0": 250}
    files.update({"sharer==1.0": 20, "arriver==1.0": 40})
    return Wheels(folder, {pin: _many(folder, pin, number) for pin, number in files.items()})


def _many(folder: Path, pin: str, number: int) -> str:
    """Write a wheel of many files: deep ones, some beside those of others, and one that is the same in several."""
    name, version = pin.split("==")
    more = {f"{name}_pkg/part{i % 7}/deeper/m{i}.py": f"VALUE = '{name} {version} {i}'\n" for i in range(number)}
    more.update({f"DATA/data/share/all/{name}-{i}.txt": f"{name} {version} {i}\n" for i in range(number)})
    more.update({f"together/{name}_{i}.py": f"VALUE = {i}\n" for i in range(number // 5)})
    more["together/__init__.py"] = "# the same in all\n"
    return make_wheel(folder, name, version, more=more)


def _marked(folder: Path) -> List[int]:
    """Return the processes that have the mark of ``folder`` in their environment."""
    mark = f"{MARK}={folder}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (path / "environ").read_bytes().split(b"\0"):
                found.append(int(path.name))
    return found


def _until(done: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.1)
    return done()


@dataclass
class Lane:
    """An environment in which runs are stopped one after the other, each time from the same state on.

    ``own`` are the paths that it was made with, ``trees`` what undisturbed syncs of each lock make of it.
    """

    tool: Tool
    folder: Path
    locks: Mapping[str, Path]
    own: Set[str] = field(default_factory=set)
    trees: Dict[str, Tree] = field(default_factory=dict)

    @property
    def venv(self) -> Path:
        return self.folder / "venv"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def cached(self) -> List[str]:
        return ["--cache", str(self.folder / "cache")]

    def words(self, lock: str, *more: str) -> List[str]:
        return ["sync", str(self.locks[lock]), "--replace-parent", "--venv", str(self.venv), *more]

    def put_back(self) -> None:
        """Make the environment what the lock ``before`` made it."""
        shutil.rmtree(self.venv)
        subprocess.run(["cp", "-a", str(self.folder / "template"), str(self.venv)], check=True)
        shutil.rmtree(self.temporary)
        self.temporary.mkdir()

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        """Start a sync of ``after`` in a process group of its own, where ``before`` was synced."""
        self.put_back()
        with open(self.folder / "stderr", "wb") as stderr:
            return subprocess.Popen(
                [self.tool.bundle, *self.words("after", *more)],
                env=self.tool.environ,
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )

    def said(self) -> str:
        """Return what the run that was started last said."""
        return (self.folder / "stderr").read_text()

    def duration(self, *more: str) -> float:
        start = time.monotonic()
        assert self.start(*more).wait(PATIENCE) == 0
        return time.monotonic() - start

    def commit(self, *more: str) -> Tuple[subprocess.Popen[bytes], float]:
        """Start the same and return when it has begun to change what is there, or has ended."""
        process = self.start(*more)
        while process.poll() is None and not (self.venv / STAGE / "committing").exists():
            time.sleep(0.001)
        return process, time.monotonic()

    def running(self) -> List[int]:
        """Return the processes of this lane, however they came to be."""
        return _marked(self.folder)

    def check(self) -> subprocess.CompletedProcess[str]:
        words = ("--only", "environment", "--only", "sharing")
        return self.tool("check", "--venv", str(self.venv), *words, "--json")


@pytest.fixture(scope="module")
def lanes(
    bundle: str, one_python: str, many: Wheels, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[List[Lane]]:
    print(f"VB_TEST_SEED={SEED}")
    folders = [tmp_path_factory.mktemp(f"lane-{number}") for number in range(LANES)]
    with ThreadPoolExecutor(LANES) as threads:
        made = list(threads.map(lambda folder: _lane(bundle, one_python, many, folder), folders))
    yield made
    for lane in made:
        for pid in lane.running():
            os.kill(pid, signal.SIGKILL)


def _lane(bundle: str, python: str, many: Wheels, folder: Path) -> Lane:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(many.folder),
        MARK: str(folder),
    }
    locks = {name: many.lock(folder / f"{name}.txt", *pins) for name, pins in LOCKS.items()}
    lane = Lane(Tool(bundle, folder, environ), folder, locks)
    lane.temporary.mkdir()
    done = lane.tool("init", str(lane.venv), "--python", python, *HARMLESS)
    assert done.returncode == 0, done.stderr
    lane.own = set(tree(lane.venv))
    for name in LOCKS:
        if name != "before":
            lane.put_back()
        done = lane.tool(*lane.words(name, *lane.cached))
        assert done.returncode == 0, done.stderr
        assert lane.check().returncode == 0
        assert faults(lane.venv, lane.own) == []
        lane.trees[name] = tree(lane.venv)
        if name == "before":
            subprocess.run(["cp", "-a", str(lane.venv), str(folder / "template")], check=True)
    return lane


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)


def _kill_main(process: subprocess.Popen[bytes]) -> None:
    process.kill()


def _interrupt_group(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)


def _terminate_main(process: subprocess.Popen[bytes]) -> None:
    process.terminate()


Stop = Callable[["subprocess.Popen[bytes]"], None]
STOPS: Dict[str, Stop] = {"the whole group": _kill_group, "the main process": _kill_main}


@dataclass(frozen=True)
class Trial:
    """``share`` (0 to 1) tells the moment, ``then`` which lock is synced afterwards, ``more`` with which options."""

    lane: Lane
    number: int
    share: float
    then: str
    more: Sequence[str]
    told: str


def _must_be_whole_or_told(trial: Trial) -> None:
    lane = trial.lane
    checked = lane.check()
    if checked.returncode == 4:
        assert codes(json.loads(checked.stdout)) == ["sync-unfinished"], trial.told + checked.stdout
        return
    assert checked.returncode == 0, trial.told + checked.stdout
    # The record tells of the last sync that came to its end.
    found = {name: set(difference(tree(lane.venv), lane.trees[name])) - {RECORD} for name in ("before", "after")}
    wholes = [name for name, differing in found.items() if not differing]
    assert wholes, f"{trial.told}it is neither: {found}"
    assert installed(lane.venv) == _pinned(wholes[0]), trial.told
    assert faults(lane.venv, lane.own) == [], trial.told


def _must_be_mended(trial: Trial) -> None:
    lane = trial.lane
    done = lane.tool(*lane.words(trial.then, *trial.more))
    told = trial.told + done.stderr
    assert done.returncode == 0, told
    assert difference(tree(lane.venv), lane.trees[trial.then]) == [], told
    assert installed(lane.venv) == _pinned(trial.then), told
    if trial.number % 3 == 0:  # of the same tree it says the same
        assert lane.check().returncode == 0, told
    _must_have_ended(trial)
    if "nothing to do" not in done.stderr:  # it needs no temporary folder, and looks for none
        assert [path.name for path in lane.temporary.iterdir()] == [], f"{told}temporary folders stay"


def _must_have_ended(trial: Trial) -> None:
    assert _until(lambda: not trial.lane.running(), SOON), f"{trial.told}processes stay"


def _pinned(lock: str) -> Dict[str, str]:
    return dict(pin.split("==") for pin in LOCKS[lock])


def _in_all(lanes: Sequence[Lane], number: int, what: str, go: Callable[[Trial], None]) -> None:
    """Do ``number`` trials at random moments, the lanes at the same time."""
    chance = random.Random(f"{SEED} {what}")
    # One in each of equal parts: random, and nowhere a gap
    shares = [(part + chance.random()) / number for part in range(number)]
    chance.shuffle(shares)
    trials = []
    for place, share in enumerate(shares):
        lane, then, cached = lanes[place % len(lanes)], chance.choice(["after", *LOCKS]), chance.random() < 0.8
        told = f"VB_TEST_SEED={SEED}, {what}, {share:.4f}, then {then}{' with the cache' * cached}: "
        trials.append(Trial(lane, place // len(lanes), share, then, lane.cached if cached else [], told))

    def do(lane: Lane) -> None:
        for trial in trials:
            if trial.lane is lane:
                go(trial)

    with ThreadPoolExecutor(len(lanes)) as threads:
        list(threads.map(do, lanes))


@pytest.mark.parametrize(
    ("who", "number", "cached"),
    [("the whole group", 14, False), ("the main process", 10, False), ("the whole group", 8, True)],
)
def test_a_sync_killed_at_any_moment_is_mended_by_the_next(
    lanes: List[Lane], who: str, number: int, *, cached: bool
) -> None:
    more = {lane.folder: lane.cached if cached else [] for lane in lanes}
    durations = {lane.folder: lane.duration(*more[lane.folder]) for lane in lanes}

    def go(trial: Trial) -> None:
        lane = trial.lane
        process = lane.start(*more[lane.folder])
        try:
            process.wait(trial.share * durations[lane.folder])
        except subprocess.TimeoutExpired:
            STOPS[who](process)
        assert process.wait(PATIENCE) in (0, -signal.SIGKILL), trial.told
        _must_be_whole_or_told(trial)
        _must_be_mended(trial)

    _in_all(lanes, number, f"{who}{' with the cache' * cached}", go)


@pytest.mark.parametrize("who", STOPS)
def test_a_sync_killed_while_it_changes_what_is_there_is_mended_by_the_next(lanes: List[Lane], who: str) -> None:
    durations = {}
    for lane in lanes:
        process, start = lane.commit(*lane.cached)
        while (lane.venv / STAGE).exists():
            time.sleep(0.001)
        durations[lane.folder] = time.monotonic() - start
        assert process.wait(PATIENCE) == 0
    seen = []

    def go(trial: Trial) -> None:
        process, start = trial.lane.commit(*trial.lane.cached)
        while time.monotonic() < start + trial.share * durations[trial.lane.folder]:
            pass
        STOPS[who](process)
        assert process.wait(PATIENCE) in (0, -signal.SIGKILL), trial.told
        seen.append((trial.lane.venv / STAGE / "committing").exists())
        _must_be_whole_or_told(trial)
        if trial.number % 2 == 0:  # what was half there is gone then, and nothing has come in its place
            failed = trial.lane.tool(*trial.lane.words("after"), PIP_FIND_LINKS="")
            assert failed.returncode in (0, 1), trial.told + failed.stderr
            _must_be_whole_or_told(trial)
        _must_be_mended(trial)

    _in_all(lanes, 9, who, go)
    print(f"{sum(seen)} of {len(seen)} were killed there; it took {durations.values()} s")
    assert any(seen)


@pytest.mark.parametrize(("number", "stop"), [(signal.SIGINT, _interrupt_group), (signal.SIGTERM, _terminate_main)])
def test_an_interrupted_sync_ends_what_it_began_and_is_mended_by_the_next(
    lanes: List[Lane], number: signal.Signals, stop: Stop
) -> None:
    durations = {lane.folder: lane.duration(*lane.cached) for lane in lanes}

    def go(trial: Trial) -> None:
        lane = trial.lane
        process = lane.start(*lane.cached)
        moment = trial.share * durations[lane.folder]
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            stop(process)
        # Python itself ends by the signal until venvboot has begun.
        early = (-number,) if moment < STARTED else ()
        assert process.wait(PATIENCE) in (0, 130, *early), trial.told + lane.said()
        _must_have_ended(trial)
        assert [path.name for path in lane.temporary.iterdir()] == [], f"{trial.told}temporary folders stay"
        _must_be_whole_or_told(trial)
        _must_be_mended(trial)

    _in_all(lanes, 6, number.name, go)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_sync_interrupted_while_it_changes_what_is_there_is_mended_by_the_next(
    lanes: List[Lane], number: signal.Signals
) -> None:
    def go(trial: Trial) -> None:
        process, start = trial.lane.commit(*trial.lane.cached)
        while time.monotonic() < start + trial.share * 0.1:
            pass
        process.send_signal(number)
        assert process.wait(PATIENCE) in (0, 130), trial.told + trial.lane.said()
        _must_have_ended(trial)
        _must_be_whole_or_told(trial)
        _must_be_mended(trial)

    _in_all(lanes, 4, f"{number.name} in the commit", go)


def test_what_fetches_for_a_killed_sync_ends_with_it(
    tool: Tool, one: Path, house: Path, index: Dict[str, str], held: threading.Event, fetched: List[str]
) -> None:
    digest = hashlib.sha256((house / "held-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    lock = tool.folder / "requirements.txt"
    lock.write_text(f"held==1.0 --hash=sha256:{digest}\n")
    environ = {**tool.environ, **index, MARK: str(one)}
    words = [tool.bundle, "sync", "--venv", str(one)]
    with subprocess.Popen(words, env=environ, cwd=tool.folder, stderr=subprocess.DEVNULL) as process:
        assert _until(lambda: any(path.startswith("/held-") for path in fetched), PATIENCE)
        process.kill()
    assert _until(lambda: not _marked(one), SOON)
    held.set()
    before = set(Path(tool.environ["TMPDIR"]).iterdir())
    assert tool("sync", "--venv", str(one), **index).returncode == 0
    assert (len(before), list(Path(tool.environ["TMPDIR"]).glob("venvboot-*"))) == (1, [])
