"""Queue of tasks: its rules one by one, and its faults with real processes."""
