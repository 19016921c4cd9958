"""Persons and companies: entry, duplicates, merges, right of access, erasure."""
