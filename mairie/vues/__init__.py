"""Pages of the shared floor, one module a subject."""
