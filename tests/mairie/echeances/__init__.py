"""Deadlines: rules, publishing, desk, feed, digest, night."""
