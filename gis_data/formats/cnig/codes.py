"""Code lists of the CNIG standards, in our own words: zones, prescriptions, informations, servitudes.

``libelle_*`` give an unknown code a label that says so: it is kept and reported, never dropped.
"""

from __future__ import annotations

# typezone → (family that gives the colour, label).
ZONES: dict[str, tuple[str, str]] = {
    "U": ("U", "Zone urbaine"),
    "AUc": ("AU", "Zone à urbaniser ouverte"),
    "AUs": ("AU", "Zone à urbaniser fermée"),
    "AU": ("AU", "Zone à urbaniser"),
    "A": ("A", "Zone agricole"),
    "Ah": ("A", "Zone agricole, secteur habité"),
    "N": ("N", "Zone naturelle ou forestière"),
    "Nh": ("N", "Zone naturelle, secteur habité"),
    "Nd": ("N", "Zone naturelle, secteur protégé"),
}
# typesect of a carte communale → the same.
SECTEURS: dict[str, tuple[str, str]] = {
    "01": ("U", "Secteur constructible"),
    "02": ("U", "Secteur constructible réservé aux activités"),
    "03": ("N", "Secteur non constructible"),
    "99": ("autre", "Autre secteur"),
}
FAMILLES = {"U": "Zones urbaines", "AU": "Zones à urbaniser", "A": "Zones agricoles", "N": "Zones naturelles"}

# typepsc → (label, stypepsc → what the sub-type adds).
PRESCRIPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "01": (
        "Espace boisé classé",
        {"01": "à protéger ou à conserver", "02": "à créer", "03": "significatif (loi littoral)"},
    ),
    "02": (
        "Constructibilité limitée (environnement, risques, intérêt général)",
        {"01": "constructions interdites", "02": "constructions sous conditions spéciales"},
    ),
    "03": (
        "Reconstruction ou démolition encadrée",
        {
            "01": "reconstruction à l'identique interdite (carte communale)",
            "02": "reconstruction à l'identique interdite",
        },
    ),
    "04": ("Obligations de stationnement du plan de déplacements", {}),
    "05": (
        "Emplacement réservé",
        {
            "01": "pour une voie publique",
            "02": "pour un ouvrage public",
            "03": "pour une installation d'intérêt général",
            "04": "pour un espace vert ou une continuité écologique",
            "05": "pour du logement social ou la mixité sociale",
            "06": "servitude de localisation d'un équipement",
            "07": "secteur en attente d'un projet global",
        },
    ),
    "07": (
        "Patrimoine ou paysage à protéger",
        {
            "01": "patrimoine bâti",
            "02": "patrimoine paysager",
            "03": "espace boisé, motif culturel",
            "04": "élément de paysage, motif écologique",
            "05": "espace boisé, motif écologique",
        },
    ),
    "08": ("Terrain cultivé ou non bâti à protéger en zone urbaine", {}),
    "13": ("Zone à aménager pour la pratique du ski", {}),
    "14": ("Secteur de plan de masse", {}),
    "15": (
        "Implantation des constructions",
        {
            "01": "par rapport aux voies",
            "02": "par rapport aux limites latérales",
            "03": "par rapport au fond de parcelle",
            "98": "règle alternative",
        },
    ),
    "16": (
        "Constructions permises en zone agricole ou naturelle",
        {
            "01": "bâtiment pouvant changer de destination",
            "02": "extension ou annexe d'une habitation",
            "03": "secteur de taille et de capacité limitées (STECAL)",
            "04": "constructions agricoles",
            "05": "diversification de l'activité agricole",
        },
    ),
    "17": ("Programme de logements, mixité sociale", {}),
    "18": (
        "Orientation d'aménagement et de programmation (OAP)",
        {
            "01": "OAP de projet, sans règlement",
            "02": "entrée de ville",
            "03": "réhabilitation, mise en valeur",
            "04": "transports collectifs",
            "05": "patrimoine, écologie",
            "06": "habitat",
            "07": "commerce et artisanat",
            "08": "transports et déplacements",
            "09": "espaces publics de ZAC",
            "10": "ouvrages publics de ZAC",
            "11": "OAP valant création de ZAC",
        },
    ),
    "19": ("Richesse du sol ou du sous-sol", {}),
    "20": ("Transfert de constructibilité en zone naturelle", {}),
    "22": (
        "Diversité commerciale",
        {
            "01": "à protéger",
            "02": "à développer",
            "03": "linéaire commercial protégé",
            "04": "linéaire commercial à protection renforcée",
        },
    ),
    "23": ("Taille minimale des logements", {}),
    "24": (
        "Voie, chemin ou transport public",
        {"01": "à créer, modifier ou conserver", "02": "à modifier", "03": "à créer", "04": "à conserver"},
    ),
    "25": ("Continuité écologique, trame verte et bleue", {}),
    "26": ("Performance énergétique", {"01": "renforcée"}),
    "27": ("Aménagement numérique", {}),
    "28": ("Conditions de desserte", {"01": "collecte des déchets"}),
    "29": ("Densité minimale de construction", {"01": "près des transports collectifs"}),
    "30": (
        "Volumes constructibles majorés",
        {
            "01": "pour l'habitation",
            "02": "pour le logement locatif social",
            "03": "pour l'exemplarité énergétique",
            "04": "pour le logement intermédiaire",
        },
    ),
    "31": (
        "Espace remarquable du littoral",
        {
            "01": "dunes, plages, falaises",
            "02": "bois proches du rivage",
            "03": "îlots inhabités",
            "04": "estuaires et caps",
            "05": "marais et zones humides",
            "06": "concentrations d'espèces",
            "07": "sites inscrits ou classés",
            "08": "formations géologiques",
        },
    ),
    "32": ("Plan d'eau de faible importance", {}),
    "33": ("Dérogation sur les rives d'un plan d'eau de montagne", {}),
    "34": ("Patrimoine naturel et culturel montagnard", {}),
    "35": ("Terres agricoles, pastorales ou forestières à préserver", {}),
    "36": ("Mixité des destinations", {}),
    "37": (
        "Règles propres au rez-de-chaussée",
        {"01": "en raison du risque d'inondation", "02": "pour la mixité"},
    ),
    "38": (
        "Emprise au sol",
        {"01": "minimale", "02": "maximale", "97": "règle qualitative", "98": "règle alternative"},
    ),
    "39": (
        "Hauteur",
        {"01": "minimale", "02": "maximale", "97": "règle qualitative", "98": "règle alternative"},
    ),
    "40": (
        "Volumétrie",
        {"01": "minimale", "02": "maximale", "97": "règle qualitative", "98": "règle alternative"},
    ),
    "41": (
        "Aspect extérieur",
        {"01": "façades", "02": "toitures", "03": "clôtures", "98": "règle alternative"},
    ),
    "42": ("Coefficient de biotope", {}),
    "43": (
        "Espaces libres, plantations, aires de jeux",
        {"01": "espaces libres", "02": "aires de jeux et de loisirs", "03": "plantations"},
    ),
    "44": (
        "Stationnement",
        {
            "01": "minimal",
            "02": "maximal",
            "03": "caractéristiques",
            "04": "obligations réduites",
            "05": "aire de livraison imposée",
            "98": "règle alternative",
        },
    ),
    "45": ("Zone d'aménagement concerté : surfaces et destinations", {}),
    "46": ("Constructibilité en espace boisé ancien", {}),
    "47": (
        "Desserte par les réseaux",
        {
            "01": "eau",
            "02": "électricité",
            "03": "assainissement",
            "04": "assainissement non collectif",
            "05": "communications électroniques",
        },
    ),
    "48": ("Imperméabilisation des sols limitée", {"01": "eaux pluviales et ruissellement"}),
    "49": (
        "Opération d'ensemble imposée",
        {"01": "urbanisation par opération d'ensemble", "02": "selon l'équipement de la zone"},
    ),
    "50": ("Activités ou destinations interdites", {}),
    "51": ("Activités ou destinations sous conditions", {}),
    "52": ("Équipements logistiques à préserver ou à développer", {}),
    "97": ("Périmètre d'une pièce écrite", {"01": "plan de secteur"}),
    "99": (
        "Autre prescription",
        {
            "01": "affectation des sols",
            "02": "zones agricoles, naturelles ou forestières",
            "03": "mixité",
            "04": "cadre de vie",
            "05": "qualité urbaine et paysagère",
            "06": "espaces non bâtis",
            "07": "densité",
            "08": "équipements et réseaux",
            "09": "programme de l'habitat",
            "10": "plan de déplacements",
        },
    ),
}

# typeinf → the same.
INFORMATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "02": ("Zone d'aménagement concerté", {}),
    "03": ("Préemption dans un espace naturel sensible", {}),
    "04": ("Droit de préemption urbain", {"01": "renforcé"}),
    "05": ("Zone d'aménagement différé", {}),
    "07": ("Développement prioritaire de l'économie d'énergie", {}),
    "08": ("Plantations interdites, réglementées ou à réaliser", {}),
    "09": ("Concession minière", {}),
    "10": ("Recherche et exploitation de carrière", {}),
    "11": ("Divisions foncières soumises à déclaration", {}),
    "12": ("Sursis à statuer", {}),
    "13": ("Programme d'aménagement d'ensemble", {}),
    "14": ("Voisinage d'une infrastructure de transport (bruit)", {}),
    "16": ("Site archéologique", {}),
    "17": ("Risque d'exposition au plomb", {}),
    "19": (
        "Zonage d'assainissement, eaux pluviales, déchets",
        {"01": "zonage et schéma des réseaux", "02": "emplacement de traitement"},
    ),
    "20": ("Règlement local de publicité", {}),
    "21": ("Projet de plan de prévention des risques", {}),
    "22": ("Rives d'un plan d'eau de montagne", {}),
    "23": ("Arrêté de massif", {}),
    "25": ("Espaces agricoles et naturels périurbains", {}),
    "27": ("Plan d'exposition au bruit d'un aérodrome", {}),
    "30": ("Projet urbain partenarial", {}),
    "31": ("Matériaux et énergies renouvelables exclus (patrimoine)", {}),
    "32": ("Secteur de taxe d'aménagement", {}),
    "33": ("Droit de préemption commercial", {}),
    "34": ("Opération d'intérêt national", {}),
    "35": ("Seuil minimal de densité", {}),
    "36": ("Schéma d'aménagement de plage", {}),
    "37": ("Bois ou forêt relevant du régime forestier", {}),
    "38": ("Secteur d'information sur les sols", {}),
    "39": ("Projet d'association foncière urbaine", {}),
    "40": ("Patrimoine mondial", {"01": "bien inscrit", "02": "zone tampon"}),
    "41": ("Bande inconstructible le long d'une voie", {}),
    "97": ("Périmètre d'une annexe écrite", {}),
    "98": ("Annulation partielle du document", {}),
    "99": ("Autre information", {"01": "loi littoral", "02": "loi montagne"}),
}

# Category of servitude → (label, nature).
SERVITUDES: dict[str, tuple[str, str]] = {
    "A1": ("Bois et forêts relevant du régime forestier", "nature"),
    "A2": ("Canalisations souterraines d'irrigation", "reseau"),
    "A3": ("Passage le long des canaux d'irrigation", "eau"),
    "A4": ("Passage le long des cours d'eau non domaniaux", "eau"),
    "A5": ("Canalisations publiques d'eau et d'assainissement", "reseau"),
    "A6": ("Écoulement des eaux nuisibles", "eau"),
    "A7": ("Forêts de protection", "nature"),
    "A8": ("Reboisement et protection contre l'érosion", "nature"),
    "A9": ("Zone agricole protégée", "nature"),
    "A10": ("Protection des eaux en zone agricole", "eau"),
    "AC1": ("Monument historique et ses abords", "patrimoine"),
    "AC2": ("Site inscrit ou classé", "patrimoine"),
    "AC3": ("Réserve naturelle", "nature"),
    "AC4": ("Site patrimonial remarquable", "patrimoine"),
    "AC4bis": ("Plan de valorisation de l'architecture et du patrimoine", "patrimoine"),
    "AR1": ("Champ de vue de la défense des côtes", "defense"),
    "AR2": ("Défense : ouvrages maritimes", "defense"),
    "AR3": ("Magasins à poudre et établissements explosifs", "risque"),
    "AR4": ("Aérodromes militaires", "defense"),
    "AR5": ("Fortifications et ouvrages militaires", "defense"),
    "AR6": ("Champs de tir", "defense"),
    "AS1": ("Captage d'eau potable et ses périmètres", "eau"),
    "AS2": ("Établissements de conchyliculture", "eau"),
    "EL1": ("Terrains réservés le long des routes", "voie"),
    "EL2": ("Zone inondable (plan ancien)", "risque"),
    "EL2bis": ("Zone inondable (plan ancien)", "risque"),
    "EL3": ("Halage et marchepied", "eau"),
    "EL4": ("Pistes de ski et remontées mécaniques", "loisir"),
    "EL5": ("Visibilité sur les voies publiques", "voie"),
    "EL6": ("Terrains d'une route express ou d'une autoroute", "voie"),
    "EL7": ("Alignement des voies publiques", "voie"),
    "EL8": ("Visibilité des amers et des phares", "eau"),
    "EL9": ("Passage des piétons le long du littoral", "eau"),
    "EL10": ("Cœur de parc national", "nature"),
    "EL11": ("Accès interdit sur une route express ou une autoroute", "voie"),
    "EL12": ("Voies et cours d'eau", "voie"),
    "I1": ("Canalisations d'hydrocarbures et de produits dangereux", "risque"),
    "I1bis": ("Canalisations d'hydrocarbures", "risque"),
    "I2": ("Énergie des cours d'eau", "reseau"),
    "I3": ("Canalisations de gaz", "risque"),
    "I4": ("Lignes électriques", "reseau"),
    "I5": ("Canalisations de produits chimiques", "risque"),
    "I6": ("Mines et carrières", "risque"),
    "I7": ("Stockage souterrain de gaz ou d'hydrocarbures", "risque"),
    "I8": ("Stockage souterrain", "risque"),
    "I9": ("Réseau de chaleur ou de froid", "reseau"),
    "INT1": ("Voisinage d'un cimetière", "sante"),
    "JS1": ("Installation sportive", "loisir"),
    "PM1": ("Plan de prévention des risques naturels ou miniers", "risque"),
    "PM1bis": ("Rétention des crues, mobilité d'un cours d'eau", "risque"),
    "PM2": ("Servitudes autour d'une installation classée", "risque"),
    "PM3": ("Plan de prévention des risques technologiques", "risque"),
    "PM4": ("Zone humide ou stratégique pour l'eau", "eau"),
    "PM5": ("Ouvrages hydrauliques", "risque"),
    "PM6": ("Voisinage d'une installation nucléaire", "risque"),
    "PT1": ("Réception radioélectrique (perturbations)", "telecom"),
    "PT2": ("Émission et réception radioélectriques (obstacles)", "telecom"),
    "PT3": ("Câbles de télécommunication", "telecom"),
    "PT4": ("Élagage le long des lignes de télécommunication", "telecom"),
    "T1": ("Voie ferrée", "voie"),
    "T2": ("Téléphérique", "voie"),
    "T3": ("Transport par câble", "voie"),
    "T4": ("Balisage aéronautique", "aviation"),
    "T5": ("Dégagement aéronautique", "aviation"),
    "T6": ("Terrains d'un aérodrome", "aviation"),
    "T7": ("Relations aériennes hors dégagement", "aviation"),
    "T8": ("Aides à la navigation aérienne", "aviation"),
    "T9": ("Voie ferrée : ouvrages", "voie"),
}

# Categories that a commune expects to know of: one that is not loaded is said so.
SERVITUDES_ATTENDUES = ("AC1", "AC2", "AC4", "AS1", "PM1", "PM3", "I3", "I4", "PT2", "T1", "T5")
# States of a document (DOC_URBA.ETAT).
ETATS: dict[str, str] = {
    "01": "en cours de procédure",
    "02": "arrêté",
    "03": "opposable",
    "04": "annulé",
    "05": "remplacé",
    "06": "abrogé",
    "07": "approuvé",
    "08": "partiellement annulé",
    "09": "caduc",
}
# Never in force, whatever its date.
ETATS_SANS_EFFET = frozenset({"01", "02", "04"})

_INCONNU = "code {} inconnu du standard"


def famille_zone(typezone: str) -> str:
    """« U », « AU », « A », « N » or « autre »."""
    exact = ZONES.get(typezone) or SECTEURS.get(typezone)
    if exact:
        return exact[0]
    haut = typezone.strip().upper()
    return next((f for f in ("AU", "U", "A", "N") if haut == f or haut.startswith(f)), "autre")


def libelle_zone(typezone: str) -> str:
    """What the type of a zone means."""
    connu = ZONES.get(typezone) or SECTEURS.get(typezone)
    return connu[1] if connu else _INCONNU.format(f"« {typezone} »")


def zone_connue(typezone: str) -> bool:
    """Whether the standards list this type."""
    return typezone in ZONES or typezone in SECTEURS


def _libelle(table: dict[str, tuple[str, dict[str, str]]], code: str, sous: str) -> str:
    if code not in table:
        return _INCONNU.format(f"« {code}-{sous} »")
    mot, sous_types = table[code]
    if sous in ("", "00"):
        return mot
    return f"{mot} : {sous_types[sous]}" if sous in sous_types else f"{mot} (sous-type {sous})"


def libelle_prescription(code: str, sous: str = "00") -> str:
    """What a prescription is."""
    return _libelle(PRESCRIPTIONS, code, sous)


def libelle_information(code: str, sous: str = "00") -> str:
    """What a perimeter of information is."""
    return _libelle(INFORMATIONS, code, sous)


def code_connu(table: dict[str, tuple[str, dict[str, str]]], code: str, sous: str) -> bool:
    """Whether the standard lists this type and sub-type."""
    return code in table and (sous in ("", "00") or sous in table[code][1])


def libelle_servitude(categorie: str) -> str:
    """What a category of servitude is."""
    connu = SERVITUDES.get(categorie)
    return connu[0] if connu else f"Servitude {categorie}"


def nature_servitude(categorie: str) -> str:
    """« risque », « patrimoine », « eau » …; « autre » for an unknown category."""
    connu = SERVITUDES.get(categorie)
    return connu[1] if connu else "autre"
