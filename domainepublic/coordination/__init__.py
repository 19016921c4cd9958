"""Coordination of works on the streets: states, circuit, conflicts, calendar (CVR L115-1, spec §5.5)."""
