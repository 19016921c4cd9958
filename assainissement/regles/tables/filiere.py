"""Elements of a non-collective installation: families, types, what each is called. Source: spec §3."""

from __future__ import annotations

PRE, TRAIT, REJET = "PRE", "TRAIT", "REJET"
FAMILLES = {PRE: "prétraitement", TRAIT: "traitement", REJET: "rejet"}
TYPES = {
    PRE: {
        "fosse_septique": "fosse septique (eaux-vannes seules)",
        "fosse_septique_bac_graisse": "fosse septique et bac à graisse",
        "fosse_toutes_eaux": "fosse toutes eaux",
        "fosse_etanche": "fosse étanche",
        "bac_graisse": "bac à graisse",
        "prefiltre": "préfiltre",
        "aucun": "aucun prétraitement",
    },
    TRAIT: {
        "tranchees_epandage": "tranchées d'épandage",
        "filtre_sable_non_draine": "filtre à sable vertical non drainé",
        "filtre_sable_draine": "filtre à sable vertical drainé",
        "tertre": "tertre d'infiltration",
        "filtre_cheminement_lent": "filtre à cheminement lent",
        "micro_station": "microstation",
        "filiere_compacte_agreee": "filière compacte agréée",
        "filtre_plante": "filtre planté",
        "toilettes_seches": "toilettes sèches",
        "aucun": "aucun traitement",
    },
    REJET: {
        "infiltration_parcelle": "infiltration sur la parcelle",
        "tranchee_infiltration": "tranchée d'infiltration",
        "puits_infiltration": "puits d'infiltration",
        "puisard": "puisard",
        "cours_eau": "cours d'eau ou fossé",
        "fosse_eau_pluviale": "fossé d'eaux pluviales",
        "reseau_pluvial": "réseau d'eaux pluviales",
        "mare": "mare",
        "aucun": "aucun rejet",
    },
}
# The same word names several families: « aucun » is said of each.
CODES_TYPES = tuple(dict.fromkeys(code for types in TYPES.values() for code in types))
# An engine or an electric pump wears out faster: a service may visit it more often.
ELECTROMECANIQUES = ("micro_station",)


def libelle(famille: str, type_: str) -> str:
    """The type in words."""
    return TYPES[famille][type_]
