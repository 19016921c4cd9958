"""Simulator of the instruction delay, on the contract of ``calculer_delai``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mairie.simulateurs import Champ, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre
from urba.contrats.delai import traiter
from urba.regles.majorations import effet_texte
from urba.regles.tables_delais import MAJORATIONS, PROLONGATIONS, SILENCES
from urba.regles.types import LIBELLES_SILENCE, Silence
from urba.simulateurs.commun import (
    LETTRE,
    NATURES,
    THEME,
    TYPES,
    alertes,
    dates,
    en_lettres,
    etapes,
    jour,
)

_MAJORATIONS = tuple({x.code: f"{x.libelle} ({effet_texte(x)}, {x.article})" for x in MAJORATIONS}.items())
_PROLONGATIONS = tuple({x.code: f"{x.libelle} ({effet_texte(x)})" for x in PROLONGATIONS}.items())
_SILENCES = tuple({x.code: f"{x.libelle} ({x.article})" for x in SILENCES}.items())
GROUPES = (
    Groupe(
        "Votre demande",
        (
            Champ("type", "Quelle demande ?", Genre.CHOIX, choix=TYPES, obligatoire=True),
            Champ(
                "nature",
                "Pour quoi faire ?",
                Genre.CHOIX,
                choix=NATURES[1:],
                vide="Première demande",
            ),
            Champ(
                "depot",
                "Déposée le",
                Genre.DATE,
                obligatoire=True,
                aide="Le jour où la mairie l'a reçue, celui du récépissé.",
            ),
        ),
    ),
    Groupe(
        "La mairie a annoncé un délai plus long",
        (
            Champ("code", "Motif de la lettre", Genre.CHOIX, choix=_MAJORATIONS, obligatoire=True),
            *LETTRE,
            Champ("fondee", "Le motif est-il exact ?", Genre.OUI_NON, vide="Oui, ou je ne sais pas"),
        ),
        "majorations",
        liste=True,
        singulier="Lettre",
        replie=True,
        aide="Une lettre de majoration doit arriver dans le premier mois.",
    ),
    Groupe(
        "La mairie a demandé des pièces",
        (
            *LETTRE,
            Champ("completees_le", "Dernière pièce remise le", Genre.DATE),
            Champ(
                "exigible",
                "La liste compte-t-elle une pièce prévue par le code ?",
                Genre.OUI_NON,
                vide="Oui, ou je ne sais pas",
            ),
        ),
        "pieces",
        liste=True,
        singulier="Demande de pièces",
        replie=True,
    ),
    Groupe(
        "Circonstances qui changent le sens du silence",
        (Champ("drapeaux", "Le projet est concerné par", Genre.CASES, choix=_SILENCES),),
        replie=True,
    ),
    Groupe(
        "Avis de l'architecte des bâtiments de France",
        (
            Champ(
                "sens",
                "Sa réponse",
                Genre.CHOIX,
                choix=(
                    ("favorable", "Favorable"),
                    ("prescriptions", "Avec prescriptions"),
                    ("defavorable", "Défavorable"),
                ),
                obligatoire=True,
            ),
            Champ("notifie_le", "Rendue le", Genre.DATE, obligatoire=True),
            Champ("saisi_le", "Consulté le", Genre.DATE),
            Champ("accord", "Son accord est-il exigé ?", Genre.OUI_NON, vide="Oui, ou je ne sais pas"),
        ),
        "avis_abf",
        replie=True,
    ),
    Groupe(
        "Enquête publique",
        (Champ("rapport_recu_le", "Rapport du commissaire enquêteur reçu le", Genre.DATE),),
        "enquete_publique",
        replie=True,
    ),
    Groupe(
        "Prolongations exceptionnelles",
        (
            Champ("code", "Motif", Genre.CHOIX, choix=_PROLONGATIONS, obligatoire=True),
            *LETTRE,
        ),
        "prolongations",
        liste=True,
        singulier="Prolongation",
        replie=True,
    ),
    Groupe(
        "Où en êtes-vous ?",
        (
            Champ("decision_notifiee_le", "Décision reçue le", Genre.DATE, aide="Si elle l'est déjà."),
            Champ("a_la_date", "Compter les jours restants à partir du", Genre.DATE),
        ),
        replie=True,
    ),
)
_DATES = (
    ("fin_fenetre_un_mois", "Fin du premier mois", "Dernier jour pour vous demander des pièces."),
    ("affichage_depot_limite", "Avis de dépôt affiché en mairie avant le", ""),
    ("date_completude", "Dossier complet le", ""),
    ("date_limite_pieces", "Pièces à remettre avant le", ""),
    ("date_limite", "Dernier jour de la mairie pour répondre", ""),
    ("date_decision_implicite", "Décision née du silence le", ""),
)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The delay, its dates and its steps."""
    silence = reponse["decision_implicite"]
    sens = LIBELLES_SILENCE[Silence(silence)].lower() if silence else ""
    limite, pieces = jour(reponse["date_limite"]), jour(reponse["date_limite_pieces"])
    nee = jour(reponse["date_decision_implicite"])
    suite = ""
    if cas.get("decision_notifiee_le") and nee is None:
        phrase = "La décision est arrivée dans le délai : c'est elle qui compte."
    elif limite:
        phrase = f"La mairie doit avoir répondu au plus tard le {en_lettres(limite)}."
        suite = f"Sans réponse ce jour-là : {sens} le lendemain." if nee else ""
    elif pieces and nee:
        phrase = f"Les pièces sont attendues jusqu'au {en_lettres(pieces)}."
        suite = f"Si elles manquent ce jour-là : {sens} le lendemain."
    else:
        phrase = "Le délai ne court pas encore."
    faits = [
        Fait("Délai d'instruction", texte=f"{reponse['delai_mois']} mois", note=_note(reponse)),
        *dates(reponse, _DATES),
    ]
    if reponse["date_limite_notifiee"] and reponse["date_limite_notifiee"] != reponse["date_limite"]:
        faits.append(Fait("Date que les lettres vous ont annoncée", jour(reponse["date_limite_notifiee"])))
    if sens:
        faits.append(Fait("Ce que vaut le silence", texte=sens.capitalize()))
    if (reste := reponse["jours_restants"]) is not None:
        mots = f"{reste} jour{'s' if abs(reste) > 1 else ''}" if reste >= 0 else f"dépassée de {-reste} j"
        faits.append(Fait("Jours restants", texte=mots))
    return Resultat(
        phrase,
        faits,
        etapes(reponse["explication"], ("LIMITE",)),
        alertes(reponse["alertes"]),
        suite=suite,
    )


def _note(reponse: Mapping[str, Any]) -> str:
    base = reponse["delai_base_mois"]
    return f"Délai de base : {base} mois." if base != reponse["delai_mois"] else ""


SIMULATEUR = Simulateur(
    "delai",
    "Délai d'instruction",
    "Quand la mairie doit-elle avoir répondu, et que vaut son silence ?",
    "bi-hourglass-split",
    THEME,
    10,
    GROUPES,
    traiter,
    presenter,
    exemple="type=PCMI&depot=2026-02-15&majorations-0-code=ABF_ABORDS_SPR"
    "&majorations-0-notifiee_le=2026-03-05&a_la_date=2026-04-01",
)
