"""Our words for traffic measures, and those of the State's exchange format (DiaLog)."""

from __future__ import annotations

from decimal import Decimal

VITESSE_LIMITEE = "vitesse_limitee"
# None: the format has no equivalent, the measure is not sent.
MESURES: dict[str, str | None] = {
    "circulation_interdite": "noEntry",
    "stationnement_interdit": "parkingProhibited",
    VITESSE_LIMITEE: "speedLimitation",
    "circulation_alternee": "alternateRoad",
    "depassement_interdit": "noOvertaking",
    "trottoir_neutralise": None,
    "deviation": None,
    "voie_retrecie": None,
}
AUTRE = "autre"
OBJETS = {
    "travaux": "roadMaintenance",
    "manifestation": "event",
    "incident": "incident",
    "viabilite_hivernale": "winterMaintenance",
    AUTRE: "other",
}
TEMPORAIRE = "temporaire"
NATURES = {TEMPORAIRE: "temporaryRegulation", "permanent": "permanentRegulation"}
POIDS_LOURDS = "poids_lourds"
CONCERNES = {
    POIDS_LOURDS: "heavyGoodsVehicle",
    "dimensions": "dimensions",
    "critair": "critair",
    "matieres_dangereuses": "hazardousMaterials",
    "autres": "other",
}
EXCEPTES = {
    "transports_commun": "commercial",
    "secours": "emergencyServices",
    "velos": "bicycle",
    "pietons": "pedestrians",
    "taxis": "taxi",
    "autopartage": "carSharing",
    "chantier": "roadMaintenanceOrConstruction",
    "livraisons": "cityLogistics",
    "police": "police",
    "desserte_locale": "desserteLocale",
    "riverains": "localResident",
    "autres": "other",
}
# Tons, and the JSON number that the format wants.
TONNAGES: dict[Decimal, int | float] = {
    Decimal("3.5"): 3.5,
    Decimal("7.5"): 7.5,
    Decimal(12): 12,
    Decimal(19): 19,
    Decimal(26): 26,
    Decimal(32): 32,
    Decimal(44): 44,
}
SENS = {"deux": "BOTH", "croissant": "A_TO_B", "decroissant": "B_TO_A"}
JOURS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMERO_MAX, TITRE_MAX, OBJET_TEXTE_MAX = 60, 255, 100
VITESSE_MIN, VITESSE_MAX = 1, 130
