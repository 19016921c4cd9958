"""Vector tiles of the layer registry, straight from PostGIS."""
