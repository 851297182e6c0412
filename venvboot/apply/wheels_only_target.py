# Run between what lets an interpreter import pip and what starts it: whatever isn't a wheel is refused before it is
# fetched, since pip would run its code to learn its name and what it needs, but for the names in MAY_BE_BUILT, which
# the text before this one sets. Parses on Python 2.7 too.
import functools
import re

from pip._internal.exceptions import InstallationError
from pip._internal.operations.prepare import RequirementPreparer

if False:
    from typing import Any

    MAY_BE_BUILT = []  # type: list[str]


def wheels_only(prepare):  # type: (Any) -> Any
    @functools.wraps(prepare)
    def prepared(self, requirement, *arguments, **options):  # type: (Any, Any, Any, Any) -> Any
        name = re.sub("[-_.]+", "-", requirement.name or "").lower()
        if (requirement.editable or not requirement.is_wheel) and name not in MAY_BE_BUILT:
            raise InstallationError("needs a build: {} {}".format(requirement.name or "-", requirement.link))
        return prepare(self, requirement, *arguments, **options)

    return prepared


for name in ("prepare_linked_requirement", "prepare_editable_requirement"):
    setattr(RequirementPreparer, name, wheels_only(getattr(RequirementPreparer, name)))
