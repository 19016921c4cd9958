"""Circuits of sanitation as data: installations, controls, obligations (spec §7)."""
