"""Files of dossiers: deposit with its checks, reading by right, previews, photos."""
