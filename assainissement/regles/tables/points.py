"""Questions of the observation forms, nature by nature: the fact that an answer sets, and its article.

Source: arrêté du 27 avril 2012, annexe I (points checked) and annexe II (what a fact means). A question
without fact is kept in the report and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assainissement.regles.tables.natures import CONCEPTION, EXECUTION, EXISTANT

OUI, NON, NON_VERIFIE, SANS_OBJET = "oui", "non", "non_verifie", "sans_objet"
REPONSES = {
    OUI: "oui",
    NON: "non",
    NON_VERIFIE: "non vérifié",
    SANS_OBJET: "sans objet",
}
ELEMENTS_PROBANTS = "elements_probants"
# Screens of the form, in order.
GROUPES = {
    "existence": "Existence de l'installation",
    "securite": "Sécurité sanitaire",
    "structure": "Structure et fermeture",
    "puits": "Puits",
    "filiere": "Filière",
    "zones": "Zones à enjeu",
    "entretien": "Entretien et usure",
    "acces": "Accès et modifications",
    "projet": "Projet",
    "chantier": "Travaux réalisés",
}
_DEPUIS = date(2012, 7, 1)
_A1, _A2 = "arrêté du 27/04/2012, annexe I", "arrêté du 27/04/2012, annexe II"
_A3 = "arrêté du 27/04/2012, art. 3"
_TECHNIQUE = "arrêté du 07/09/2009"


@dataclass(frozen=True)
class Point:
    """One question. ``reponse``: the answer that makes ``fait`` true; ``fait`` empty: it decides nothing."""

    code: str
    groupe: str
    libelle: str
    natures: tuple[str, ...]
    fait: str = ""
    article: str = _A1
    reponse: str = OUI
    valide_du: date = _DEPUIS
    valide_au: date | None = None


def _existant(groupe: str, article: str, *lignes: tuple[str, ...]) -> tuple[Point, ...]:
    """Questions on an existing installation: code, words, fact, and perhaps the answer that sets it."""
    return tuple(
        Point(x[0], groupe, x[1], EXISTANT, x[2], article, x[3] if len(x) > 3 else OUI) for x in lignes
    )


POINTS = {
    p.code: p
    for p in (
        *_existant(
            "existence",
            _A1,
            (
                "elements_probants",
                "Des éléments prouvent qu'une installation existe (ouvrage vu, factures, plans)",
                ELEMENTS_PROBANTS,
            ),
            ("regards_accessibles", "Les regards sont accessibles", ""),
        ),
        *_existant(
            "securite",
            _A2,
            (
                "contact_eaux_usees",
                "On peut toucher des eaux usées brutes ou seulement prétraitées",
                "contact_eaux_usees",
            ),
            ("contact_eaux_traitees", "On peut toucher des eaux traitées", "contact_eaux_traitees"),
            (
                "zone_lutte_moustique",
                "La commune est en zone de lutte contre les moustiques",
                "zone_lutte_moustique",
            ),
            (
                "proliferation_insectes",
                "Des insectes prolifèrent dans l'installation",
                "proliferation_insectes",
            ),
            ("odeur_jour", "Une odeur est sentie le jour du contrôle", "odeur_jour"),
        ),
        *_existant(
            "structure",
            _A2,
            (
                "defaut_structure",
                "Un ouvrage menace de s'effondrer ou est fissuré au point d'être dangereux",
                "defaut_structure",
            ),
            (
                "couvercle_non_securise",
                "Un couvercle ou un tampon manque, est cassé ou ne ferme pas",
                "couvercle_non_securise",
            ),
            (
                "electrique_defectueux",
                "Un coffret ou un câble électrique expose à un choc",
                "electrique_defectueux",
            ),
        ),
        *_existant(
            "puits",
            f"{_A2} ; {_TECHNIQUE}",
            (
                "puits_35m_amont",
                "L'installation est à moins de 35 m en amont d'un puits privé",
                "puits_35m_amont",
            ),
            ("puits_declare", "Ce puits est déclaré en mairie", "puits_declare"),
            ("puits_aep", "Son eau sert à la consommation humaine", "puits_aep"),
            (
                "batiment_non_raccordable_aep",
                "Le bâtiment ne peut pas être raccordé au réseau d'eau potable",
                "batiment_non_raccordable_aep",
            ),
        ),
        *_existant(
            "filiere",
            _A2,
            ("incomplete_fosse_seule", "Une fosse septique est seule, sans traitement", "incomplete"),
            ("incomplete_un_seul_etage", "Il n'y a qu'un prétraitement, ou qu'un traitement", "incomplete"),
            (
                "incomplete_rejet_pretraite",
                "Des eaux seulement prétraitées vont dans un puisard, une mare ou un cours d'eau",
                "incomplete",
            ),
            ("incomplete_fosse_etanche", "Une fosse étanche a un trop-plein", "incomplete"),
            ("incomplete_eaux_brutes", "Des eaux brutes vont dans un épandage ou au jour", "incomplete"),
            ("sous_dim_drain_unique", "L'épandage n'a qu'un seul drain", "sous_dimensionnement_constate"),
            (
                "sous_dim_fosse_septique",
                "Une fosse septique reçoit toutes les eaux",
                "sous_dimensionnement_constate",
            ),
            ("sous_dim_deborde", "Une fosse déborde sans cesse", "sous_dimensionnement_constate"),
            (
                "sous_dim_eaux_non_traitees",
                "Une partie des eaux ménagères n'est pas traitée",
                "sous_dimensionnement_constate",
            ),
            ("dysf_fuite", "Le prétraitement fuit", "dysfonctionnement_majeur"),
            ("dysf_drains_colmates", "Les drains sont colmatés et l'eau remonte", "dysfonctionnement_majeur"),
            (
                "dysf_moteur",
                "Un moteur, une pompe ou une aération ne marche plus",
                "dysfonctionnement_majeur",
            ),
            ("dysf_boues", "Des boues partent vers le traitement ou le rejet", "dysfonctionnement_majeur"),
        ),
        *_existant(
            "zones",
            _A2,
            ("zone_sanitaire", "L'installation est dans une zone à enjeu sanitaire", "zone_sanitaire"),
            (
                "zone_environnementale",
                "L'installation est dans une zone à enjeu environnemental",
                "zone_environnementale",
            ),
            ("preuve_impact", "Un impact de cette installation sur le milieu est prouvé", "preuve_impact"),
        ),
        *_existant(
            "entretien",
            _A1,
            (
                "vidange_a_jour",
                "Les vidanges sont faites et prouvées par des bordereaux",
                "defaut_entretien",
                NON,
            ),
            ("accumulation", "Des graisses ou des flottants se sont accumulés", "defaut_entretien"),
            (
                "vegetation",
                "Des arbres ou un passage de véhicules menacent le traitement",
                "defaut_entretien",
            ),
            ("usure", "Un élément est usé (corrosion, dégradation sans danger)", "usure"),
        ),
        *_existant(
            "acces",
            _A1,
            ("modifiee", "L'installation a été modifiée depuis le dernier contrôle", ""),
            ("ventilation", "La ventilation existe et est en état", ""),
            ("eaux_pluviales_separees", "Les eaux pluviales ne vont pas dans l'installation", ""),
        ),
        Point(
            "projet_complet", "projet", "Le dossier est complet (plans, étude, notice)", CONCEPTION, "", _A3
        ),
        Point(
            "projet_adapte",
            "projet",
            "La filière convient à l'immeuble, au sol et au terrain",
            CONCEPTION,
            "",
            _A3,
        ),
        Point(
            "projet_dimension",
            "projet",
            "Le dimensionnement suit le nombre de pièces principales",
            CONCEPTION,
            "",
            _TECHNIQUE,
        ),
        Point(
            "projet_distances",
            "projet",
            "Les distances aux puits, limites et arbres sont tenues",
            CONCEPTION,
            "",
            _TECHNIQUE,
        ),
        Point(
            "projet_rejet",
            "projet",
            "L'exutoire est autorisé par celui qui le gère",
            CONCEPTION,
            "",
            _TECHNIQUE,
        ),
        Point(
            "chantier_conforme_projet",
            "chantier",
            "Les travaux suivent le projet accepté",
            EXECUTION,
            "",
            _A3,
        ),
        Point("chantier_non_remblaye", "chantier", "La visite a lieu avant remblaiement", EXECUTION, "", _A3),
        Point(
            "chantier_mise_en_oeuvre",
            "chantier",
            "La pose suit les règles de l'art et la notice du fabricant",
            EXECUTION,
            "",
            _TECHNIQUE,
        ),
        Point("chantier_ventilation", "chantier", "Les ventilations sont posées", EXECUTION, "", _TECHNIQUE),
        Point(
            "chantier_acces",
            "chantier",
            "Les regards et tampons restent accessibles",
            EXECUTION,
            "",
            _TECHNIQUE,
        ),
    )
}


@dataclass(frozen=True)
class Nombre:
    """A figure of the form, with the screen that asks it."""

    code: str
    groupe: str
    libelle: str
    unite: str
    entier: bool = False


NOMBRES = {
    n.code: n
    for n in (
        Nombre("nb_plaintes_tiers", "securite", "Plaintes écrites de voisins", "plaintes", entier=True),
        Nombre("distance_puits_m", "puits", "Distance au puits", "m"),
        Nombre("capacite_eh", "filiere", "Capacité de l'installation", "EH"),
        Nombre("charge_eh", "filiere", "Charge à traiter", "EH"),
    )
}
