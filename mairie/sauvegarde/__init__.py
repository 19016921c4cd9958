"""Backup and restoration: the database, the files and what they were made with, in one dated folder."""
