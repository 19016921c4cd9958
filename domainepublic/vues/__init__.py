"""Pages of the public domain."""
