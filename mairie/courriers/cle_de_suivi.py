"""The two fields by which a letter opens the follow-up on line: address, and a key made with the letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mairie import liens, suivi_usager
from mairie.courriers.champs import ChampFusion, ContexteFusion
from mairie.courriers.champs_communs import NUMERO_A_VENIR

CLE_A_VENIR = "(créée à la finalisation)"


def champs_du_suivi(
    usage: str, groupe: str, porteur: Callable[[Any], Any] = lambda dossier: dossier
) -> tuple[ChampFusion, ChampFusion]:
    """``cle_suivi`` and ``lien_suivi``; ``porteur``: what holds the keys of a file, for that purpose."""

    def cle(contexte: ContexteFusion) -> str:
        """A new key, made once the letter has its number: the former one dies."""
        if contexte.numero in ("", NUMERO_A_VENIR):
            return CLE_A_VENIR
        _, nouvelle = liens.creer_cle(porteur(contexte.dossier), usage, insee=contexte.dossier.insee)
        return liens.ecrire_cle(nouvelle)

    return (
        ChampFusion(
            "cle_suivi",
            "Clé de suivi en ligne, nouvelle à chaque lettre",
            "ABCD-EFGH-JKLM-NPQR",
            cle,
            True,
            groupe,
            de_la_lettre=True,
        ),
        ChampFusion(
            "lien_suivi",
            "Adresse du suivi en ligne",
            "https://commune.example/suivi/",
            lambda contexte: suivi_usager.adresse(),
            True,
            groupe,
            de_la_lettre=True,
        ),
    )
