"""What applies at an address, in plain sentences: four situations a zone (spec §9.3). Pure."""

from __future__ import annotations

AUCUNE = ""
SITUATIONS = {
    "construire": "Je construis ou j'agrandis",
    "vendre": "Je vends",
    "installation": "J'ai une installation individuelle",
    "reseau": "Le réseau arrive dans ma rue",
}
# Longest time between two controls, where the commune voted none shorter (CGCT L2224-8).
ANS = 10
_VENTE_AC = {
    True: "La commune demande que le raccordement au réseau soit contrôlé avant la vente : adressez-vous au"
    " service.",
    False: "Le raccordement peut être contrôlé avant la vente, à votre demande.",
}
_VENTE_ANC = (
    "Si l'immeuble n'est pas raccordé au réseau, joignez au dossier de vente un rapport de"
    " contrôle de moins de"
    " trois ans. Sans lui, un contrôle se fait avant la vente, à vos frais. Si des travaux sont demandés,"
    " l'acheteur a un an après l'acte pour les faire."
)
_ANC = (
    "Le service contrôle votre installation au moins une fois {tous} et vous remet un"
    " rapport. Entretenez-la,"
    " faites-la vider par une personne agréée et gardez les bordereaux."
)
_DEUX_ANS = (
    "Vous avez deux ans pour raccorder l'immeuble à compter de la mise en service du réseau. Votre ancienne"
    " installation est ensuite vidée, puis comblée ou retirée."
)
PHRASES: dict[str, dict[str, str]] = {
    "AC": {
        "construire": "Le bâtiment se raccorde au réseau public. Demandez le branchement avant les"
        " travaux ; une participation peut être due au raccordement.",
        "vendre": "{vente_ac} " + _VENTE_ANC,
        "installation": "Le réseau dessert cette zone : l'immeuble doit s'y raccorder dans les deux ans"
        " de sa mise en service, sauf dérogation. D'ici là, l'installation reste contrôlée.",
        "reseau": _DEUX_ANS,
    },
    "AC_futur": {
        "construire": "Le réseau est prévu mais ne dessert pas encore cette zone. Jusqu'à son arrivée,"
        " il faut une installation individuelle : son projet est examiné par le service avant le permis.",
        "vendre": _VENTE_ANC,
        "installation": _ANC,
        "reseau": "Le service vous prévient de l'arrivée du réseau. " + _DEUX_ANS,
    },
    "ANC": {
        "construire": "Il faut une installation individuelle. Le service examine le projet avant le"
        " permis, et son attestation est une pièce du dossier ; il vérifie ensuite les travaux avant qu'ils"
        " soient recouverts.",
        "vendre": _VENTE_ANC,
        "installation": _ANC,
        "reseau": "Aucun réseau n'est prévu ici par le zonage en vigueur. S'il change, une enquête"
        " publique vous en informe.",
    },
    AUCUNE: {
        "construire": "Aucun zonage n'est enregistré ici : demandez au service si un réseau dessert le"
        " terrain avant de préparer votre projet.",
        "vendre": _VENTE_ANC,
        "installation": _ANC,
        "reseau": _DEUX_ANS,
    },
}


def phrases_de(ans: int, controle_ac: bool) -> dict[str, dict[str, str]]:
    """The sentences of a commune: years between two controls, control of connections asked before a sale."""
    tous = "par an" if ans == 1 else f"tous les {'dix' if ans == ANS else ans} ans"
    valeurs = {"tous": tous, "vente_ac": _VENTE_AC[controle_ac]}
    return {
        zone: {code: phrase.format(**valeurs) for code, phrase in phrases.items()}
        for zone, phrases in PHRASES.items()
    }
