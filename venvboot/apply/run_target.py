# The last part of each program that runs pip: it has seen to it that pip can be imported, and what pip shall not do.
import runpy
import sys

sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__")
