"""What the law says of a place: planning documents, servitudes, risks; by version, and ``contraintes``."""
