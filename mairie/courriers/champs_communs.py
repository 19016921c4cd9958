"""Merge fields of every letter, whatever its trade."""

from __future__ import annotations

from typing import Any

from mairie.courriers import plans
from mairie.courriers.champs import COMMUN, ChampFusion, ContexteFusion, Illustration, ImageFusion, declarer

# What a draft shows instead of the number it does not have yet.
NUMERO_A_VENIR = "(attribué à la finalisation)"
ECHELLE_SITUATION = 5000


def _entete(cle: str) -> Any:
    return lambda contexte: contexte.entete.get(cle, "")


def _plan(denominateur: int | None) -> Any:
    def dessiner(contexte: ContexteFusion) -> Illustration | None:
        demande = plans.DemandePlan(contexte.emprise, contexte.titre_dossier, denominateur=denominateur)
        return plans.dessiner(demande)

    return dessiner


def _lettre(code: str, libelle: str, exemple: Any, valeur: Any, facultatif: bool = False) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, "Lettre", de_la_lettre=True)


def _emetteur(code: str, libelle: str, exemple: str, cle: str, facultatif: bool = False) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, _entete(cle), facultatif, "Émetteur", de_la_lettre=True)


def declarer_champs() -> None:
    """From ``AppConfig.ready``, before those of the trades."""
    adresse = "12 rue du Moulin\n25999 Valbrune"
    declarer(
        COMMUN,
        _lettre("numero_courrier", "Numéro de la lettre", "2026-00012", lambda c: c.numero),
        _lettre("date_jour", "Date de la lettre", "12 mars 2026", lambda c: c.jour),
        _lettre("dossier", "Titre du dossier", "PC 025 999 26 00012", lambda c: c.titre_dossier),
        _lettre("destinataire", "Nom du destinataire", "Madame Jeanne Dupré", lambda c: c.destinataire),
        _lettre(
            "destinataire_adresse", "Adresse du destinataire", adresse, lambda c: c.destinataire_adresse, True
        ),
        _lettre("redacteur", "Nom de l'agent qui rédige", "Camille Martin", lambda c: c.redacteur),
        _emetteur("collectivite_nom", "Nom de la collectivité", "Commune fictive", "nom"),
        _emetteur("collectivite_adresse", "Adresse de la collectivité", adresse, "adresse", True),
        _emetteur("lieu", "Lieu de signature", "Valbrune", "lieu"),
        _emetteur("signataire_nom", "Nom du signataire", "Claude Exemple", "signataire_nom"),
        _emetteur("signataire_qualite", "Qualité du signataire", "Le maire", "signataire_qualite"),
        _emetteur(
            "signataire_delegation",
            "Délégation du signataire",
            "par délégation, arrêté n° 2026-0003",
            "signataire_delegation",
            True,
        ),
        ImageFusion("plan", "Extrait du plan, à la plus grande échelle", _plan(None), de_la_lettre=True),
        ImageFusion(
            "plan_situation",
            f"Plan de situation au 1/{ECHELLE_SITUATION}",
            _plan(ECHELLE_SITUATION),
            de_la_lettre=True,
        ),
    )
