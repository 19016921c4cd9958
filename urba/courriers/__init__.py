"""Letters of the permits: their subject, merge fields, templates, and what they do to the dossier."""
