"""The plan's part of the open API."""
