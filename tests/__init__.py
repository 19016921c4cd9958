"""The tests, and before any of them: compiled modules are kept, whatever the shell says."""

import os
import sys

# A run starts some two hundred Python processes, and pytest rewrites hundreds of test modules.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
