"""The gate that stands in pip between building and installing: what has arrived is judged before anything is written.

It is pip's own function ``install_given_reqs`` that waits for the answer. A pip without it (none from 20.3 to 26 is)
is not used: then the one that venvboot carries installs.
"""

from __future__ import annotations

import json
from typing import Any, Callable, List, Mapping, Optional

from venvboot.errors import VenvbootError
from venvboot.model import Arrival, Finding, Severity, Staged

# Takes what has arrived and tells whether it may be installed; may raise VenvbootError, which is a no.
Judge = Callable[[Arrival], bool]


class Gate:
    """Answers the program's questions. ``let_in``: pip came to the gate and was let through."""

    def __init__(self, judge: Judge, pip_wheel: Callable[[], str]) -> None:
        self.let_in = False
        self._judge = judge
        self._pip_wheel = pip_wheel
        self._errors: List[VenvbootError] = []

    def answer(self, question: str) -> str:
        """Return the answer to one question, as JSON on one line; what can't be understood is not let in."""
        try:
            told: Mapping[str, Any] = json.loads(question)
            if told.get("lacks") == "pip":
                return json.dumps({"wheel": self._pip_wheel()})
            self.let_in = self._judge(_arrival(told))
            return json.dumps({"go": self.let_in})
        except VenvbootError as error:
            self._errors.append(error)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            self._errors.append(VenvbootError(_not_understood(error)))
        return json.dumps({"go": False, "wheel": ""})

    def raise_error(self) -> None:
        """Raise what the judge raised, if it did."""
        for error in self._errors:
            raise error


def _arrival(told: Mapping[str, Any]) -> Arrival:
    names: Optional[List[str]] = told["stdlib"]
    builtin = frozenset(map(str, told["builtin"]))
    return Arrival(
        staged=tuple(_staged(one) for one in told["staged"]),
        stdlib=None if names is None else builtin.union(map(str, names)),
        builtin=builtin,
        stdlib_folder=str(told["stdlib_folder"]),
        site_packages=str(told["site_packages"]),
    )


def _staged(told: Mapping[str, Any]) -> Staged:
    path = str(told["path"])
    return Staged(
        name=str(told["name"]),
        path=path if path.endswith(".whl") else "",
        requested=told["requested"] is True,
        built=told["built"] is True,
        editable=told["editable"] is True,
        needed_by=str(told["needed_by"]),
    )


def _not_understood(error: Exception) -> Finding:
    return Finding(
        "gate-not-understood",
        Severity.ERROR,
        "pip",
        "what pip is about to install could not be learned from it, so nothing was installed",
        f"{type(error).__name__}: {error}",
        "put the environment's pip back to a release: pip install --force-reinstall 'pip>=22.2'",
    )
