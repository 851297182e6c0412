"""``init`` from what there is to what is done: the plan of one environment, and carrying it out."""

from __future__ import annotations

import argparse
from typing import Dict, Optional, Tuple

from venvboot import __version__, activation
from venvboot.actions import Plan, places
from venvboot.apply import execute, guard
from venvboot.apply.maker import Maker
from venvboot.commands import Context, env, init_target, judged
from venvboot.errors import Refused, UsageError
from venvboot.facts import commands, guards, linker
from venvboot.facts import destination as destination_facts
from venvboot.facts import image as image_facts
from venvboot.model import Destination, FileState, GuardFacts, Interpreter, Outcome, Record, Seal, Status
from venvboot.policy import libraries, sealed
from venvboot.policy import plan as planning
from venvboot.policy.image_config import UV_CACHE
from venvboot.render import dockerfile, json, text
from venvboot.system import System

ALL = "all"


def carry_out(arguments: argparse.Namespace, context: Context, maker: Optional[Maker]) -> Outcome:
    """Return the ENV lines as the product. Raises Refused or Unsupported before anything is written.

    ``maker`` is for an environment that is to be made.
    """
    system = context.system
    find = init_target.of_prefix if arguments.direct else init_target.of_environment
    target = find(arguments, system)
    found = target.destination.record
    if found and found.seal is Seal.UNFINISHED:
        raise Refused(sealed.unfinished(found))
    if found and found.seal is Seal.SEALED:
        return _as_it_is(found, context)
    request = planning.Request(
        dest=target.destination.path,
        group=target.group,
        activations=() if arguments.direct else _activations(arguments),
        guard=not arguments.no_guard,
        tool_version=__version__,
        direct=arguments.direct,
        named=tuple(arguments.activate or ()),
        without=_left_out(arguments),
        system_site_packages=arguments.system_site_packages,
    )
    base = target.base
    context.report.say(f"base interpreter {base.base_path} ({base.origin.label}): {target.why}")
    plan = planned(system, request, base, target.destination)
    data = {
        "plan": json.plan(plan),
        "environment": json.image_config(plan.image_config),
        "base": json.interpreter(base),
    }
    if arguments.dry_run:
        return Outcome(Status.DONE, plan.findings, text.plan(plan) + dockerfile.env_lines(plan.image_config), data)
    version = ".".join(map(str, base.version or ()))
    execute.carry_out(system, context.report, plan.actions, version, maker)
    if not plan.actions:
        context.report.say(f"{request.dest} is as it should be; nothing was written")
    lines = dockerfile.env_lines(plan.image_config)
    return Outcome(Status.DONE, plan.findings, lines, data, trees=(request.dest, *places(plan.actions)))


def _activations(arguments: argparse.Namespace) -> Tuple[activation.Activation, ...]:
    """Return those to write: all but the ones on request, or those named, and none that is left out."""
    known, without = activation.by_name(), _left_out(arguments)
    chosen = {name for name in arguments.activate or [ALL] if name != ALL}
    if ALL in (arguments.activate or [ALL]):
        chosen |= set(known) - set(activation.ON_REQUEST)
    return tuple(known[name] for name in known if name in chosen and name not in without)


def _left_out(arguments: argparse.Namespace) -> Tuple[str, ...]:
    """Return the activations that ``--no-activate`` names. Raises UsageError for an unknown one of either option."""
    known, without = activation.by_name(), arguments.no_activate or []
    for name in [*(arguments.activate or []), *without]:
        if name not in known and name != ALL:
            raise UsageError(f"there is no activation {name}", f"known: {', '.join(known)}, all")
    named = arguments.activate or []
    return tuple(name for name in known if name in without or (ALL in without and name not in named))


def _as_it_is(record: Record, context: Context) -> Outcome:
    """Return what there is to say of a sealed environment, in which there is nothing to put right."""
    config = env.config_of(context.system, record.dest)
    data = {"plan": {"actions": [], "image_config": json.image_config(config)}}
    data["environment"] = json.image_config(config)
    return Outcome(Status.DONE, (sealed.as_it_is(record),), dockerfile.env_lines(config), data)


def planned(system: System, request: planning.Request, base: Interpreter, destination: Destination) -> Plan:
    """Return what is still to be done for ``request``."""
    needed = planning.library_path(base, destination.record)
    image = image_facts.read(system)
    wiring = (
        libraries.wiring(needed, image, linker.read(system, needed, base.base_path)) if needed else libraries.Wiring()
    )
    around = planning.Surroundings(
        image,
        _states(system, request, wiring),
        can_divert=system.exists(guard.PROGRAM),
        guards=_guards(system, request, base, destination),
        wiring=wiring,
        commands=commands.read(system, request.dest, base.base_path),
        has_uv=commands.has_uv(system, request.dest),
        has_uv_cache=commands.is_shared(system, UV_CACHE),
    )
    return planning.plan(request, base, system.digest(base.base_path) or "", destination, around)


def _guards(
    system: System, request: planning.Request, base: Interpreter, destination: Destination
) -> Tuple[GuardFacts, ...]:
    """Return the places of the guard, none where it is neither wanted nor promised: looking starts interpreters."""
    promised = destination.record is not None and destination.record.guarded
    if not request.guard and not promised:
        return ()
    return guards.read(system, judged.all_of(system), base.base_path, "" if request.direct else request.dest)


def _states(system: System, request: planning.Request, wiring: libraries.Wiring) -> Dict[str, FileState]:
    pieces = (*planning.unwanted_pieces(request), *planning.wanted_pieces(request, wiring))
    return {piece.path: destination_facts.file_state(system, piece) for piece in pieces}
