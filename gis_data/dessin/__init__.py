"""Shapes drawn in forms: reading, checking, repairing, cutting, widening."""
