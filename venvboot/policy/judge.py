"""From the facts of an interpreter to its origin, what may be made of it, and the evidence for both."""

from __future__ import annotations

from venvboot.model import Distro, Interpreter, InterpreterFacts, Strategy
from venvboot.policy import base_path, evidence, usable, warnings
from venvboot.policy import origin as origins
from venvboot.policy.kinds import KINDS

TARGETS = usable.Targets()
ANY_DISTRO = Distro()


def judge(facts: InterpreterFacts, targets: usable.Targets = TARGETS, distro: Distro = ANY_DISTRO) -> Interpreter:
    """Return the judged interpreter; ``targets`` are the versions that environments can be made for.

    The ``distro`` decides nothing: the way out of a refusal is told in its words.
    """
    origin = origins.origin(facts)
    kind = KINDS[origin.kind]
    refusal = usable.refusal(facts, origin, targets, distro)
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
