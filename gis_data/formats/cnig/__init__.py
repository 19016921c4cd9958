"""CNIG standards for planning documents (2013 to 2024) and servitudes (2013, 2016), as tables. No Django."""
