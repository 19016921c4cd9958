"""Simulator of what follows a decision, on the contract of ``calculer_echeances``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mairie.simulateurs import Champ, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre
from urba.contrats.echeances import traiter
from urba.models import DossierAutorisation
from urba.simulateurs.commun import NATURES, THEME, TYPES, alertes, dates, en_lettres, etapes, jour

_SENS = (
    ("accord", "Accord, non-opposition"),
    ("accord_prescriptions", "Accord avec prescriptions"),
    ("refus", "Refus, opposition"),
    ("sursis", "Sursis à statuer"),
)
GROUPES = (
    Groupe(
        "Ce qui a été demandé",
        (
            Champ("type", "Quelle demande ?", Genre.CHOIX, choix=TYPES, obligatoire=True),
            Champ("nature", "Pour quoi faire ?", Genre.CHOIX, choix=NATURES[1:3], vide="Première demande"),
        ),
    ),
    Groupe(
        "La décision",
        (
            Champ("sens", "Que dit-elle ?", Genre.CHOIX, choix=_SENS, obligatoire=True),
            Champ(
                "forme",
                "D'où vient-elle ?",
                Genre.CHOIX,
                choix=(("tacite", "Du silence de la mairie"),),
                vide="D'un arrêté signé",
            ),
            Champ("signee_le", "Signée le", Genre.DATE),
            Champ("notifiee_le", "Reçue par le demandeur le", Genre.DATE),
            Champ("nee_le", "Née du silence le", Genre.DATE),
        ),
        "decision",
        obligatoire=True,
    ),
    Groupe(
        "Affichage et transmission",
        (
            Champ("affichage_terrain_le", "Affichée sur le terrain depuis le", Genre.DATE),
            Champ("affichage_terrain_fin", "Affichage ôté le", Genre.DATE),
            Champ("affichage_mairie_le", "Affichée en mairie le", Genre.DATE),
            Champ("transmission_le", "Transmise au préfet le", Genre.DATE),
        ),
    ),
    Groupe(
        "Prorogations demandées",
        (
            Champ("demandee_le", "Demandée le", Genre.DATE, obligatoire=True),
            Champ("decision_le", "Réponse reçue le", Genre.DATE),
            Champ(
                "sens",
                "Réponse",
                Genre.CHOIX,
                choix=(("accord", "Accord"), ("refus", "Refus")),
                vide="Pas de réponse",
            ),
        ),
        "prorogations",
        liste=True,
        singulier="Prorogation",
        replie=True,
    ),
    Groupe(
        "Recours devant le tribunal",
        (
            Champ("introduit_le", "Introduit le", Genre.DATE, obligatoire=True),
            Champ("decision_definitive_le", "Jugé définitivement le", Genre.DATE),
        ),
        "recours_contentieux",
        liste=True,
        singulier="Recours",
        replie=True,
    ),
    Groupe(
        "Recours gracieux",
        (
            Champ("recu_le", "Reçu par la mairie le", Genre.DATE, obligatoire=True),
            Champ("reponse_notifiee_le", "Réponse reçue le", Genre.DATE),
        ),
        "recours_gracieux",
        replie=True,
    ),
    Groupe(
        "Les travaux",
        (
            Champ("doc_le", "Chantier déclaré ouvert le", Genre.DATE),
            Champ("travaux_interrompus_depuis", "Interrompus depuis le", Genre.DATE),
            Champ("achevement_le", "Achevés le", Genre.DATE),
            Champ("daact_le", "Achèvement déclaré en mairie le", Genre.DATE),
            Champ("attestation_demandee_le", "Attestation de conformité demandée le", Genre.DATE),
            Champ("recolement_obligatoire", "Une visite de contrôle est obligatoire", Genre.COCHE),
        ),
        replie=True,
    ),
    Groupe(
        "Précisions",
        (
            Champ(
                "autorite",
                "Décision prise au nom",
                Genre.CHOIX,
                choix=(("epci", "De l'intercommunalité"), ("etat", "De l'État")),
                vide="De la commune",
            ),
            Champ("alsace_moselle", "Terrain en Alsace ou en Moselle", Genre.COCHE),
            Champ("a_la_date", "Dire où on en est à la date du", Genre.DATE),
        ),
        replie=True,
    ),
)
_DATES = (
    ("executoire_le", "Les travaux peuvent commencer dès le", "La décision est alors exécutoire."),
    ("validite_fin", "Valable jusqu'au", "Sans travaux commencés ce jour-là, l'autorisation tombe."),
    ("peremption_le", "Périmée le", ""),
    ("prorogation_demande_limite", "Prorogation à demander avant le", ""),
    ("recours_tiers_limite", "Recours des voisins possible jusqu'au", ""),
    ("recours_tiers_limite_absolue", "Recours des voisins, limite dernière", ""),
    ("recours_demandeur_limite", "Recours du demandeur possible jusqu'au", ""),
    ("recours_gracieux_limite", "Recours gracieux à déposer avant le", ""),
    ("recours_gracieux_rejet_implicite_le", "Recours gracieux rejeté par le silence le", ""),
    ("retrait_limite", "Retrait par la mairie possible jusqu'au", "Seulement si la décision est illégale."),
    ("transmission_limite", "À transmettre au préfet avant le", ""),
    ("defere_limite", "Déféré du préfet possible jusqu'au", ""),
    ("affichage_mairie_limite", "À afficher en mairie avant le", ""),
    ("affichage_mairie_fin", "Affichage en mairie jusqu'au", ""),
    ("contestation_conformite_limite", "Conformité contestable jusqu'au", ""),
    ("conformite_acquise_le", "Conformité acquise le", ""),
    ("attestation_limite", "Attestation à délivrer avant le", ""),
    ("taxe_declaration_limite", "Taxe à déclarer avant le", ""),
)
_ETATS = dict(DossierAutorisation.Etat.choices)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The terms, in the order in which a holder asks for them."""
    fin = jour(reponse["validite_fin"])
    etat = reponse["etat"]
    suite = ""
    if fin:
        phrase = f"L'autorisation est valable jusqu'au {en_lettres(fin)}."
    elif cas["decision"]["sens"] in ("refus", "sursis"):
        phrase = "Rien n'est autorisé : voici les recours possibles et leurs dates."
    elif "VALIDITE_SUSPENDUE" in reponse["alertes"]:
        phrase = "Un recours suspend la validité : sa fin n'est pas encore connue."
    else:
        phrase = "La fin de validité ne se calcule pas encore."
    if etat:
        suite = f"Au {jour(cas['a_la_date']):%d/%m/%Y} : {_ETATS.get(etat, etat)}."
    faits = dates(reponse, _DATES)
    if reponse["prorogations_restantes"] is not None:
        faits.append(Fait("Prorogations encore possibles", texte=str(reponse["prorogations_restantes"])))
    return Resultat(
        phrase,
        faits,
        etapes(reponse["explication"], ("VALIDITE",)),
        alertes(reponse["alertes"]),
        suite=suite,
    )


SIMULATEUR = Simulateur(
    "echeances",
    "Après la décision",
    "Validité, prorogation, affichage, recours, achèvement : toutes les dates d'une autorisation.",
    "bi-calendar-check",
    THEME,
    20,
    GROUPES,
    traiter,
    presenter,
    exemple="type=PC&decision-sens=accord&decision-signee_le=2026-02-20&decision-notifiee_le=2026-02-24"
    "&transmission_le=2026-03-02&affichage_terrain_le=2026-03-10&a_la_date=2026-11-02",
)
