"""OGC API Features 1.0 (parts 1 and 2) of the layer registry, at ``/ogc/``."""
