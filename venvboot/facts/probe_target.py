# Run by the interpreter that is examined, as `-I -S -B -c`: anything from Python 2.7 on, also Debian's
# python3-minimal, which has no json. So: 2.7 syntax, few imports, an ASCII literal between two cookies on stdout.
import sys

sys.path = [entry for entry in sys.path if entry]  # without -I (2.7) the working directory comes first


def prefix_of_base():
    library = "/lib/python%d.%d" % sys.version_info[:2]
    for name, key in (("/pyvenv.cfg", "base-prefix"), (library + "/orig-prefix.txt", "")):
        try:
            lines = open(sys.prefix + name).readlines()
        except EnvironmentError:
            lines = []
        for line in lines:
            if line.startswith(key):
                return line[len(key) :].lstrip(" =").strip()
    return sys.prefix


try:
    import os
    import sysconfig
except ImportError:
    # An environment of Python 2, or of a virtualenv before 20, has no more than a part of the library; its site.py,
    # which is not run, leads to the base's.
    for folder in ("/lib", "/lib64"):
        sys.path.append(prefix_of_base() + folder + "/python%d.%d" % sys.version_info[:2])
    import encodings  # registers what the start found no library for
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

    return [text(path) for path in site.getsitepackages()] if hasattr(site, "getsitepackages") else []


def implementation():
    described = getattr(sys, "implementation", None)
    return described.name if described else "pypy" if hasattr(sys, "pypy_version_info") else "cpython"


def scheme_names():
    return list(getattr(sysconfig, "get_scheme_names", tuple)())


def prerelease():
    level = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(sys.version_info[3])
    return "%s%d" % (level, sys.version_info[4]) if level else ""


def build_prefix():
    # sysconfig's own variable "prefix" is the running one from 3.14 on; PyPy has no record of its build.
    for name, module in list(sys.modules.items()):
        if name.startswith("_sysconfigdata"):
            return getattr(module, "build_time_vars", {}).get("prefix")
    return ""


def text(value):
    if not isinstance(value, str):
        return ""
    return value.decode("utf-8", "replace") if sys.version_info[0] == 2 else value


def facts():
    config = sysconfig.get_config_vars()
    return {
        "version": tuple(sys.version_info[:3]),
        "prerelease": prerelease(),
        "implementation": implementation(),
        "executable": text(sys.executable),
        "prefix": text(sys.prefix),
        "base_prefix": text(getattr(sys, "base_prefix", sys.prefix)),
        "stdlib": text(sysconfig.get_path("stdlib")),
        "site_packages": site_packages(),
        "schemes": scheme_names(),
        "config_args": text(config.get("CONFIG_ARGS")),
        "build_prefix": text(build_prefix()),
        "missing_modules": missing_modules(),
        "banner": " ".join(sys.version.split()),
        "soabi": text(config.get("SOABI") or config.get("EXT_SUFFIX")),
        "standalone": bool(config.get("PYTHON_BUILD_STANDALONE")),
    }


told = repr(facts()) if sys.version_info[0] == 2 else ascii(facts())
sys.stdout.write("\n%s%s%s\n" % (sys.argv[1], told, sys.argv[1]))
