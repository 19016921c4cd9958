"""Pages of sanitation, one module a subject."""
