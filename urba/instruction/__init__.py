"""The instruction of a request: its log read as facts of the law, its circuit, its services."""
