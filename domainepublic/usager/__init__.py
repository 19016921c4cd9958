"""The public side: a request without account, kept step by step, then followed with its key."""
