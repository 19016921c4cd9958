"""Measurements of the house against GDAL, ogr2ogr and bare COPY: ``python -m bench``."""
