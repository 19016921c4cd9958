"""EDIGÉO lots of the cadastral plan: reader and writer, without Django and without GDAL."""
