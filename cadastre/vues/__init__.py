"""Screens of the cadastre."""
