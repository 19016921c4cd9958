"""Printing to scale: a sheet of the map as PDF, a series over a list of objects."""
