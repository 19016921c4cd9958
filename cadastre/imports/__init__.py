"""EDIGÉO sheets into the cadastre. What the worker processes load needs no Django."""
