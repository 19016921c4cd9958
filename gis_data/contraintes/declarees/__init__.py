"""Layers that a technician declares from a file: read, chosen, shown, replaced, removed."""
