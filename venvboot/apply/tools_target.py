# Run by the environment's interpreter, isolated: puts the files of several wheels into one archive, uncompressed, and
# those modules that were imported as bytecode in place of their source (PEP 552, unchecked: the archive isn't changed).
from __future__ import annotations

import importlib.util
import json
import marshal
import struct
import sys
import zipfile

UNCHECKED = 0b01
UNUSED = (".exe", ".whl")

given = json.loads(sys.argv[1])
modules = set(given["modules"])
head = importlib.util.MAGIC_NUMBER + struct.pack("<I", UNCHECKED)


def module_of(name: str) -> str:
    return name[:-3].replace("/", ".").removesuffix(".__init__") if name.endswith(".py") else ""


with zipfile.ZipFile(given["archive"], "w") as archive:
    for path in given["wheels"]:
        with zipfile.ZipFile(path) as wheel:
            if modules.isdisjoint(map(module_of, wheel.namelist())):
                continue
            for name in wheel.namelist():
                module = module_of(name)
                content = b"" if name.endswith(("/", *UNUSED)) else wheel.read(name)
                if module in modules:
                    code = marshal.dumps(compile(content, name, "exec", dont_inherit=True))
                    archive.writestr(f"{name}c", head + importlib.util.source_hash(content) + code)
                elif content:
                    archive.writestr(name, content)
