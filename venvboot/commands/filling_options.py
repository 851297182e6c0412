"""The options of how ``sync`` fills an environment, apart from what does it: that takes time to import."""

from __future__ import annotations

import argparse
from typing import Optional, Tuple

from venvboot.errors import UsageError
from venvboot.model import Bytecode, canonical
from venvboot.policy import amounts, requirement


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--build",
        metavar="NAME",
        action="append",
        help=f"build this from source where there is no wheel; {requirement.ANYTHING} for anything",
    )
    parser.add_argument(
        "--bytecode",
        choices=[form.value for form in Bytecode],
        default=Bytecode.TIMESTAMP.value,
        help="how bytecode tells that its source was changed, or none; default: timestamp",
    )
    parser.add_argument(
        "--cache-limit",
        metavar="SIZE",
        help="afterwards remove from the cache what was used longest ago, until it fits: 500M, 2G",
    )


def builds(arguments: argparse.Namespace) -> Optional[Tuple[str, ...]]:
    """Return the names of what may be built, None for anything. Raises UsageError."""
    names = arguments.build or []
    for word in names:
        if word != requirement.ANYTHING and word != (requirement.name(word) or None):
            raise UsageError(
                f"--build {word!r} is no name of a distribution",
                "one name each: --build NAME --build NAME, or VENVBOOT_BUILD=NAME,NAME; "
                f"{requirement.ANYTHING} for anything",
            )
    return None if requirement.ANYTHING in names else tuple(sorted(map(canonical, names)))


def limit(arguments: argparse.Namespace) -> Optional[int]:
    """Return the most bytes that the cache may have afterwards, None for no limit. Raises UsageError."""
    if arguments.cache_limit is None:
        return None
    found = amounts.size(arguments.cache_limit)
    if found is None:
        raise UsageError(
            f"--cache-limit {arguments.cache_limit} is no size", "a number with M or G: --cache-limit 2G"
        )
    return found
