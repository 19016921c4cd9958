"""Law of sanitation as data and pure functions: no Django import, today passed as an argument."""
