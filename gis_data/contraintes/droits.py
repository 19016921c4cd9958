"""Rights of the layers' technicians; ``cadastre`` declares them and the roles that give them."""

# Bring in documents and layers, declare, replace, remove.
IMPORTER = "sig.importer_documents"
# See the layers that are not public.
LIRE = "sig.lire_couches"
