# Run between what lets an interpreter import pip and what starts it: of the requirements that its words come to, pip
# gets those in WANTED alone, which the text before this one sets. So a lock's own options hold as they stand there.
import re

from pip._internal.cli.req_command import RequirementCommand

if False:
    from typing import Any

    WANTED = []  # type: list[str]

everything = RequirementCommand.get_requirements


def wanted(self, *arguments, **options):  # type: (Any, Any, Any) -> Any
    found = everything(self, *arguments, **options)
    return [one for one in found if re.sub("[-_.]+", "-", one.name or "").lower() in WANTED]


RequirementCommand.get_requirements = wanted  # type: ignore[method-assign]
