"""JSON contracts of the rules: a case read and checked, a result written. Pure Python, no Django import."""
