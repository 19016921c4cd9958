"""Set-up scripts called by the Makefile. Standard library only: they run before `.venv` exists."""
