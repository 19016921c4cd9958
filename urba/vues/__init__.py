"""Pages of the permits."""
