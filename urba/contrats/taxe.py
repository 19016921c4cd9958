"""Contract of ``simuler_taxe`` (spec §13.3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mairie.lecture_json import Objet
from urba.contrats.commun import ecrire, valeur_json
from urba.regles.tables_taxe import (
    ANNEES,
    TAUX_COMMUNAL_MAJORE_MAX,
    TAUX_COMMUNAL_MAX,
    TAUX_COMMUNAL_MIN,
    TAUX_DEPARTEMENTAL_MAX,
    TAUX_REGIONAL_MAX,
    Categorie,
    Valeur,
    Zone,
    valeurs_de_l_annee,
)
from urba.regles.taxe import (
    ZERO,
    Exoneration,
    Installations,
    LigneAssiette,
    Local,
    Part,
    Projet,
    Taux,
    simuler_taxe,
)

CHAMPS = (
    "annee",
    "zone",
    "taux",
    "secteur_majore",
    "locaux",
    "installations",
    "exonerations",
    "archeologie",
)
CHAMPS_INSTALLATIONS = (
    "piscine_m2",
    "stationnements",
    "stationnement_valeur",
    "tentes_caravanes",
    "hll",
    "eoliennes",
    "photovoltaique_m2",
)
CLES = (
    "annee",
    "zone",
    "valeur_m2",
    "base_communale",
    "base_departementale",
    "base_regionale",
    "part_communale",
    "part_departementale",
    "part_regionale",
    "total",
    "archeologie",
    "alertes",
)
COMPTE_MAX = 999_999


def _annee(cas: Objet) -> int:
    annee = cas.entier("annee", minimum=0, maximum=9999)
    if annee not in ANNEES:
        raise cas.faute(
            "annee", f"Valeurs non publiées pour {annee}. Années possibles : {min(ANNEES)} à {max(ANNEES)}."
        )
    return annee


def _taux(cas: Objet, zone: Zone) -> Taux:
    cas.exiger("taux")
    objet = cas.objet("taux", ("communal", "departemental", "regional"))
    assert objet is not None  # noqa: S101 - exiger has just checked it
    communal = objet.nombre("communal")
    # The bounds of a rate are told at the rate, so this flag is looked at before its turn.
    maximum = TAUX_COMMUNAL_MAJORE_MAX if cas.valeurs.get("secteur_majore") is True else TAUX_COMMUNAL_MAX
    if communal and not TAUX_COMMUNAL_MIN <= communal <= maximum:
        raise objet.faute(
            "communal",
            f"Taux communal attendu : 0, ou de {TAUX_COMMUNAL_MIN} à {maximum} %"
            f" ({TAUX_COMMUNAL_MAX} % au plus hors secteur majoré).",
        )
    departemental = objet.nombre("departemental", ZERO)
    if departemental > TAUX_DEPARTEMENTAL_MAX:
        raise objet.faute("departemental", f"Taux départemental de {TAUX_DEPARTEMENTAL_MAX} % au plus.")
    regional = objet.nombre("regional", ZERO)
    if regional and zone is not Zone.IDF:
        raise objet.faute("regional", "La part régionale n'existe qu'en Île-de-France : mettez 0.")
    if regional > TAUX_REGIONAL_MAX:
        raise objet.faute("regional", f"Taux régional de {TAUX_REGIONAL_MAX} % au plus.")
    return Taux(communal, departemental, regional)


def _locaux(cas: Objet) -> tuple[Local, ...]:
    lus = []
    for objet in cas.objets("locaux", ("categorie", "surface_m2", "logements", "surface_existante_m2")):
        categorie = Categorie(objet.choix("categorie", tuple(Categorie)))
        surface = objet.nombre("surface_m2")
        logements = objet.entier("logements", 1, minimum=1, maximum=COMPTE_MAX)
        lus.append(Local(categorie, surface, logements, objet.nombre("surface_existante_m2", ZERO)))
    return tuple(lus)


def _installations(cas: Objet, valeurs: dict[Valeur, Decimal]) -> Installations:
    objet = cas.objet("installations", CHAMPS_INSTALLATIONS)
    if objet is None:
        return Installations()
    piscine = objet.nombre("piscine_m2", ZERO)
    places = objet.entier("stationnements", 0, maximum=COMPTE_MAX)
    votee = objet.nombre("stationnement_valeur") if objet.present("stationnement_valeur") else None
    minimum, maximum = valeurs[Valeur.STATIONNEMENT_MIN], valeurs[Valeur.STATIONNEMENT_MAX]
    if votee is not None and not minimum <= votee <= maximum:
        raise objet.faute("stationnement_valeur", f"Valeur d'une place attendue de {minimum} à {maximum} €.")
    comptes = {}
    for nom, code in (
        ("tentes_caravanes", Valeur.TENTE_CARAVANE),
        ("hll", Valeur.HLL),
        ("eoliennes", Valeur.EOLIENNE),
    ):
        comptes[nom] = objet.entier(nom, 0, maximum=COMPTE_MAX)
        if comptes[nom] and code not in valeurs:
            raise objet.faute(nom, "Valeur de cette année non confirmée : la simulation n'est pas possible.")
    return Installations(
        piscine, places, votee, **comptes, photovoltaique_m2=objet.nombre("photovoltaique_m2", ZERO)
    )


def _exonerations(cas: Objet) -> tuple[Exoneration, ...]:
    lues = []
    for objet in cas.objets("exonerations", ("part", "montant", "motif")):
        part = Part(objet.choix("part", tuple(Part)))
        montant = objet.nombre("montant")
        motif = objet.exiger("motif")
        if not isinstance(motif, str) or not motif.strip():
            raise objet.faute("motif", "Le motif de l'exonération est obligatoire.")
        lues.append(Exoneration(part, montant, motif))
    return tuple(lues)


def lire(valeur: Any) -> Projet:
    """The project of a case; raises ``ErreurSaisie`` at its first fault."""
    cas = Objet.ouvrir(valeur, "", CHAMPS)
    annee = _annee(cas)
    zone = Zone(cas.choix("zone", tuple(Zone)))
    taux = _taux(cas, zone)
    cas.booleen("secteur_majore")
    locaux = _locaux(cas)
    installations = _installations(cas, valeurs_de_l_annee(annee))
    exonerations = _exonerations(cas)
    return Projet(annee, zone, taux, locaux, installations, exonerations, cas.booleen("archeologie"))


def _ligne(ligne: LigneAssiette) -> dict[str, str]:
    quantite = str(int(ligne.quantite)) if ligne.unites else valeur_json(ligne.quantite)
    return {
        "libelle": ligne.libelle,
        "quantite": quantite,
        "valeur": valeur_json(ligne.valeur),
        "base": valeur_json(ligne.base),
    }


def traiter(cas: Any) -> dict[str, Any]:
    """The answer to a case; raises ``ErreurSaisie``."""
    resultat = simuler_taxe(lire(cas))
    return {
        **ecrire(resultat, CLES),
        "lignes": [_ligne(ligne) for ligne in resultat.lignes],
        "avertissement": resultat.avertissement,
    }
