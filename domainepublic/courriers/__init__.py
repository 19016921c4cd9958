"""Letters and acts of the public domain, on the shared engine of letters."""
