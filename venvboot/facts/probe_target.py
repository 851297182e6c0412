# Run by the interpreter that is examined, as `-I -S -B -c`: anything from Python 2.7 on, also Debian's
# python3-minimal, which has no json. So: 2.7 syntax, few imports, a repr between two cookies on stdout.
import sys

sys.path = [entry for entry in sys.path if entry]  # without -I (2.7) the working directory comes first

import os
import sysconfig

REQUIRED = ("json", "shutil", "zipfile", "email", "http", "logging", "xmlrpc")


def missing_modules():
    try:
        from importlib.machinery import PathFinder
    except ImportError:
        return []
    return [name for name in REQUIRED if PathFinder.find_spec(name) is None]


def site_packages():
    import site

    return list(site.getsitepackages()) if hasattr(site, "getsitepackages") else []


def implementation():
    described = getattr(sys, "implementation", None)
    return described.name if described else "pypy" if hasattr(sys, "pypy_version_info") else "cpython"


def scheme_names():
    return list(getattr(sysconfig, "get_scheme_names", tuple)())


def facts():
    config = sysconfig.get_config_vars()
    return {
        "version": tuple(sys.version_info[:3]),
        "implementation": implementation(),
        "executable": sys.executable or "",
        "prefix": sys.prefix,
        "base_prefix": getattr(sys, "base_prefix", sys.prefix),
        "stdlib": sysconfig.get_path("stdlib") or "",
        "site_packages": site_packages(),
        "schemes": scheme_names(),
        "config_args": config.get("CONFIG_ARGS") or "",
        "build_prefix": build_prefix(config),
        "missing_modules": missing_modules(),
    }


def build_prefix(config):
    # Up to 3.13 the variable is the build's own; from 3.14 on it is the running prefix.
    return str(config.get("prefix") or "")


sys.stdout.write("\n%s%r%s\n" % (sys.argv[1], facts(), sys.argv[1]))
