# Run by the environment's interpreter, isolated: compiles modules straight from their wheels, for the paths where they
# will stand. What can't be compiled, as a module for another Python, is left out, as pip does it; so is what is damaged,
# which laying it out will tell.
from __future__ import annotations

import hashlib
import importlib.util
import json
import marshal
import os
import struct
import sys
import warnings
import zipfile
from typing import Any

warnings.simplefilter("ignore")
sys.setswitchinterval(1000)


def compiled(wheel: str, modules: list[Any], path: str) -> None:
    digest = hashlib.sha256()
    index: dict[str, Any] = {}
    place = 0
    os.makedirs(os.path.dirname(path), exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)  # the umask may be the environment's
    with zipfile.ZipFile(wheel) as archive, os.fdopen(descriptor, "wb") as file:

        def put(content: bytes) -> None:
            digest.update(content)
            file.write(content)

        for member, final, _ in modules:
            try:
                source = archive.read(member)
                code = marshal.dumps(compile(source, final, "exec", dont_inherit=True, optimize=0))
            except Exception:  # noqa: BLE001, S112  # whatever a source makes of the compiler, or of zlib
                continue
            put(code)
            index[final] = [place, len(code), importlib.util.source_hash(source).hex()]
            place += len(code)
        told = json.dumps(index).encode()
        put(told)
        put(struct.pack("<Q", len(told)))
        file.write(digest.digest())


with open(sys.argv[1], encoding="utf-8") as jobs:
    for job in json.load(jobs):
        compiled(job["wheel"], job["modules"], job["file"])
