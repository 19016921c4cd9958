"""Tables of the law of sanitation: one row a line, with its article and since when it holds."""
