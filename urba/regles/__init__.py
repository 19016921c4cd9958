"""The law of permits: tables as data, one function per rule. Pure Python, no Django import."""
