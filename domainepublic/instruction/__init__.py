"""Circuit of an occupation: states, reading of the log, guards, effects."""
