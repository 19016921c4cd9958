"""Our columns beside the fields of RAEPA v1.2, and the words of its codes.

The successor standard, StaR-Eau, has its column here, still empty: filled the day it is adopted.
"""

from __future__ import annotations

from dataclasses import dataclass

from assainissement.regles.tables.raepa import (
    APPAREILLAGES,
    CANALISATIONS,
    OUVRAGES,
    REPARATIONS,
)

TEXTE, CODE, ENTIER, NOMBRE, ANNEE, DATE = "texte", "code", "entier", "nombre", "annee", "date"


@dataclass(frozen=True)
class Correspondance:
    """One field: its name in RAEPA v1.2, our column (empty: drawn from the geometry), its kind."""

    raepa: str
    colonne: str
    genre: str = TEXTE
    star_eau: str = ""


def _lignes(*lignes: tuple[str, ...]) -> tuple[Correspondance, ...]:
    return tuple(Correspondance(*ligne) for ligne in lignes)


_FIN = _lignes(
    ("QUALGLOCXY", "qualite_xy", CODE),
    ("QUALGLOCZ", "qualite_z", CODE),
    ("DATEMAJ", "date_maj", DATE),
    ("SOURMAJ", "source_maj"),
    ("QUALANNEE", "qualite_annee", CODE),
    ("DATEGEOLOC", "date_geolocalisation", DATE),
    ("SOURGEOLOC", "source_geolocalisation"),
    ("SOURATTRIB", "source_attributs"),
)
_DEBUT_POINT = _lignes(
    ("X", "", NOMBRE),
    ("Y", "", NOMBRE),
    ("MOUVRAGE", "maitre_ouvrage"),
    ("GEXPLOIT", "gestionnaire"),
    ("TYPRESEAU", "type_reseau", CODE),
)
_LIENS = _lignes(
    ("IDCANAMONT", "canalisations_amont"),
    ("IDCANAVAL", "canalisations_aval"),
    ("IDCANPPALE", "canalisation_principale"),
)
CORRESPONDANCES: dict[str, tuple[Correspondance, ...]] = {
    CANALISATIONS: (
        *_lignes(
            ("IDCANA", "identifiant"),
            ("MOUVRAGE", "maitre_ouvrage"),
            ("GEXPLOIT", "gestionnaire"),
            ("ENSERVICE", "en_service", CODE),
            ("BRANCHEMNT", "est_branchement", CODE),
            ("TYPRESEAU", "type_reseau", CODE),
            ("MATERIAU", "materiau", CODE),
            ("DIAMETRE", "diametre", ENTIER),
            ("ANFINPOSE", "annee_fin_pose", ANNEE),
            ("MODECIRC", "mode_circulation", CODE),
            ("CONTCANASS", "contenu", CODE),
            ("FONCCANASS", "fonction", CODE),
            ("IDNINI", "noeud_initial"),
            ("IDNTERM", "noeud_terminal"),
            ("IDCANPPALE", "canalisation_principale"),
            ("ZAMONT", "z_amont", NOMBRE),
            ("ZAVAL", "z_aval", NOMBRE),
            ("SENSECOUL", "sens", CODE),
            ("ANDEBPOSE", "annee_debut_pose", ANNEE),
            ("LONGCANA", "longueur_declaree", NOMBRE),
            ("NBRANCHE", "nb_branchements", ENTIER),
        ),
        *_FIN,
    ),
    OUVRAGES: (
        Correspondance("IDOUVRAGE", "identifiant"),
        *_DEBUT_POINT,
        Correspondance("FNOUVASS", "fonction", CODE),
        Correspondance("ANFINPOSE", "annee_fin_pose", ANNEE),
        *_LIENS,
        Correspondance("Z", "altitude", NOMBRE),
        Correspondance("ANDEBPOSE", "annee_debut_pose", ANNEE),
        *_FIN,
    ),
    APPAREILLAGES: (
        Correspondance("IDAPPAREIL", "identifiant"),
        *_DEBUT_POINT,
        Correspondance("FNAPPASS", "fonction", CODE),
        Correspondance("ANFINPOSE", "annee_fin_pose", ANNEE),
        Correspondance("DIAMETRE", "diametre", ENTIER),
        *_LIENS,
        Correspondance("IDOUVRAGE", "ouvrage_porteur"),
        Correspondance("Z", "altitude", NOMBRE),
        Correspondance("ANDEBPOSE", "annee_debut_pose", ANNEE),
        *_FIN,
    ),
    REPARATIONS: _lignes(
        ("IDREPAR", "identifiant"),
        ("X", "", NOMBRE),
        ("Y", "", NOMBRE),
        ("SUPPREPAR", "support"),
        ("DEFREPAREE", "defaillance"),
        ("DATEREPAR", "date_reparation", DATE),
        ("MOUVRAGE", "maitre_ouvrage"),
    ),
}
# An identifier is one of a manager; repairs name only the owner.
GESTIONNAIRES = dict.fromkeys(CORRESPONDANCES, "gestionnaire") | {REPARATIONS: "maitre_ouvrage"}
CHAMPS_EXPLOITANT = dict.fromkeys(CORRESPONDANCES, "GEXPLOIT") | {REPARATIONS: "MOUVRAGE"}
TITRES = {
    CANALISATIONS: "Canalisations",
    OUVRAGES: "Ouvrages",
    APPAREILLAGES: "Appareillages",
    REPARATIONS: "Réparations",
}

RESEAUX = {"01": "eaux pluviales", "02": "eaux usées", "03": "unitaire"}
CONTENUS = {
    "00": "indéterminé", "01": "eaux pluviales", "02": "eaux usées", "03": "unitaire", "99": "autre",
}  # fmt: skip
FONCTIONS_CANALISATION = {"00": "indéterminée", "01": "transport", "02": "collecte", "99": "autre"}
CIRCULATIONS = {
    "00": "indéterminée", "01": "gravitaire", "02": "forcée (refoulement)", "03": "sous vide", "99": "autre",
}  # fmt: skip
FORCES = ("02", "03")
FONCTIONS_OUVRAGE = {
    "00": "indéterminé", "01": "station de pompage", "02": "station d'épuration", "03": "bassin de stockage",
    "04": "déversoir d'orage", "05": "rejet", "06": "regard", "07": "avaloir", "08": "station sous vide",
    "09": "chambre à sable", "99": "autre",
}  # fmt: skip
# Where water may end: no dead end there.
EXUTOIRES = ("02", "05")
FONCTIONS_APPAREIL = {
    "00": "indéterminé", "01": "point de branchement", "02": "ventouse", "03": "vanne",
    "04": "point de mesure", "05": "batardeau", "06": "chasse d'eau", "99": "autre",
}  # fmt: skip
BRANCHEMENT = "01"
QUALITES = {"01": "classe A", "02": "classe B", "03": "classe C"}
QUALITES_ANNEE = {"01": "certaine", "02": "récolement", "03": "projet", "04": "mémoire", "05": "déduite"}
OUI_NON = {"O": "oui", "N": "non"}
SENS = {"1": "celui du dessin", "0": "contraire au dessin"}
INCONNU = "00"
# 29 to 31 are accepted; their words are still to be taken from the standard.
MATERIAUX = {
    "00": "indéterminé", "01": "acier", "02": "amiante-ciment", "03": "béton âme tôle", "04": "béton armé",
    "05": "béton fibré", "06": "béton non armé", "07": "cuivre", "08": "fibre-ciment", "09": "fibre de verre",
    "10": "Fibrociment", "11": "fonte ductile", "12": "fonte grise", "13": "grès", "14": "maçonnerie",
    "15": "meulière", "16": "PEBD", "17": "PEHD annelé", "18": "PEHD lisse", "19": "plomb", "20": "PP annelé",
    "21": "PP lisse", "22": "PRV A", "23": "PRV B", "24": "PVC ancien", "25": "PVC BO", "26": "PVC U annelé",
    "27": "PVC U lisse", "28": "tôle galvanisée", "29": "code 29", "30": "code 30", "31": "code 31",
    "99": "autre",
}  # fmt: skip
ANOMALIES = {
    "ENREGISTREMENT_INVALIDE": "enregistrement illisible",
    "OBLIGATOIRE_ABSENT": "champ attendu absent",
    "TYPE_INVALIDE": "valeur d'un autre type",
    "CODE_NON_NORMALISE": "code écrit autrement, lu tout de même",
    "CODE_INCONNU": "code inconnu",
    "VALEUR_HORS_BORNES": "valeur peu vraisemblable",
    "ANNEE_HORS_BORNES": "année peu vraisemblable",
    "DATE_INVALIDE": "date illisible",
    "COORDONNEES_HORS_EMPRISE": "coordonnées hors de France",
    "ANNEES_INCOHERENTES": "pose commencée après sa fin",
    "NOEUDS_IDENTIQUES": "même nœud aux deux bouts",
    "RESEAU_INCOHERENT": "contenu autre que le réseau",
    "PENTE_INVERSEE": "aval plus haut que l'amont",
    "REFERENCE_INCONNUE": "objet cité introuvable",
    "IDENTIFIANT_DOUBLE": "identifiant déjà vu dans ce fichier",
    "GEOMETRIE_ABSENTE": "aucune géométrie",
    "GEOMETRIE_INVALIDE": "géométrie d'un autre genre ou en plusieurs morceaux",
    "AUTRE_EXPLOITANT": "identifiant déjà tenu par un autre exploitant : un second objet sera créé",
    "HORS_COMMUNE": "hors des limites de la commune : rattaché à la plus proche",
    "TEXTE_TROP_LONG": "texte de plus de 254 caractères",
}


def fonction(libelles: dict[str, str], code: str) -> str:
    """Words of a function, alone or written « NN-NN »."""
    return libelles.get(code[:2], code)


def colonnes(couche: str) -> tuple[Correspondance, ...]:
    """Fields of a layer that a column of ours holds."""
    return tuple(c for c in CORRESPONDANCES[couche] if c.colonne)
