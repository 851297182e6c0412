"""From the facts of an interpreter to its origin, what may be made of it, and the evidence for both."""

from __future__ import annotations

from venvboot.model import Interpreter, InterpreterFacts, Strategy
from venvboot.policy import base_path, evidence, usable, warnings
from venvboot.policy import origin as origins
from venvboot.policy.kinds import KINDS

TARGETS = usable.Targets()


def judge(facts: InterpreterFacts, targets: usable.Targets = TARGETS) -> Interpreter:
    """Return the judged interpreter; ``targets`` are the versions that environments can be made for."""
    origin = origins.origin(facts)
    kind = KINDS[origin.kind]
    refusal = usable.refusal(facts, origin, targets)
    stable = base_path.base_path(facts, origin)
    return Interpreter(
        facts,
        origin,
        Strategy.REFUSE if refusal else kind.strategy,
        evidence.evidence(facts, refusal),
        refusal,
        warnings.warnings(facts, origin, stable),
        stable,
        direct=kind.direct and not refusal,
    )
