"""Opinion of the sewer service on a permit: whether a connection is needed (CSP L1331-1; R.423-59)."""

from __future__ import annotations

# What the service says of the connection.
BESOINS = {
    "a_creer": "branchement à créer",
    "existant": "branchement existant, suffisant",
    "a_modifier": "branchement existant, à modifier",
    "sans_reseau": "aucun réseau ne dessert le terrain",
    "sans_objet": "aucune eau usée : pas de branchement",
}
PHRASES = {
    "a_creer": (
        "Un branchement au réseau public est à créer. L'immeuble s'y raccorde dans les deux ans de la mise en"
        " service du réseau ; un immeuble neuf, dès sa construction (code de la santé publique, L1331-1)."
    ),
    "existant": "Le branchement qui dessert déjà le terrain suffit au projet.",
    "a_modifier": "Le branchement qui dessert déjà le terrain est à modifier pour le projet.",
    "sans_reseau": (
        "Aucun réseau public ne dessert le terrain : le projet a une installation d'assainissement non"
        " collectif, et le service public d'assainissement non collectif l'examine."
    ),
    "sans_objet": "Le projet ne rejette aucune eau usée : aucun branchement n'est nécessaire.",
}
