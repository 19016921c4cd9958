"""What holds back the next step of a file, said before anybody clicks: conflicts, opinions, publicity, price.

Only words for the page: the guards of the circuit stay where the event is applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domainepublic.instruction.etats import MODIFIABLES
from domainepublic.models import Conflit, DossierODP
from mairie.workflow.examen import Action

# Events whose obstacles are shown beside their button; those whose guard looks at the street at the click.
DECISIFS = ("preparer_acte", "signer", "signature_exterieure", "accepter_prolongation", "reprendre")
REGARDENT_LA_RUE = ("preparer_acte", "signer", "signature_exterieure", "accepter_prolongation")
# On their own page too: what is missing is brought elsewhere, not typed there.
SANS_SAISIE = (*DECISIFS, "constater_depassement", "constater_liberation")
# Guard → part of the file's page, or page under its address, where the matter is settled, and words.
_REMEDES = {
    "emprises": ("emprises/ajouter/", "Dessiner une emprise"),
    "publicite_tenue": ("#actes", "Voir les actes à prendre et la publicité"),
    "avis_rendus": ("#consultations", "Voir les consultations, noter un avis reçu"),
    "prix": ("#redevance", "Voir la redevance"),
    "photo": ("/terrain/", "Faire le contrôle sur place"),
    "photo_du_sol": ("/terrain/", "Faire le contrôle sur place"),
}


@dataclass(frozen=True)
class Empechement:
    """One obstacle: what it is, what to do, where."""

    genre: str
    texte: str
    faire: str = ""
    adresse: str = ""
    lien: str = ""

    @property
    def de_la_rue(self) -> bool:
        """Found at the last search: the street may have changed since."""
        return self.genre == "conflits"


def _remede(etat: str, *, peut_lever: bool) -> str:
    """What may be done of a conflict in this state: ground and days do not always change any more."""
    if etat in MODIFIABLES:
        changer = "décalez les dates ou changez l'emprise"
    elif etat == "prolongation_demandee":
        changer = "refusez la prolongation"
    else:
        changer = "renvoyez le dossier en instruction pour changer ses dates ou son emprise"
    if peut_lever:
        return f"Levez-le avec un motif, ou {changer}."
    return (
        f"{changer[:1].upper()}{changer[1:]} ; le responsable ou le signataire peut le lever avec un motif."
    )


def conflits_bloquants(bloquants: Sequence[Conflit], etat: str, *, peut_lever: bool) -> list[Empechement]:
    """Blocking conflicts in words, each naming whom it meets; the last says how all are settled."""
    remede = _remede(etat, peut_lever=peut_lever)
    return [
        Empechement(
            "conflits",
            f"Conflit bloquant. {c.libelle}",
            remede if rang == len(bloquants) else "",
            f"#conflit-{c.pk}" if c.pk else "#conflits",
            "Voir ce conflit",
        )
        for rang, c in enumerate(bloquants, start=1)
    ]


def empechements(
    d: DossierODP, action: Action, bloquants: Sequence[Conflit], *, peut_lever: bool
) -> list[Empechement]:
    """Obstacles of one event, conflicts first; none where the state or the role already forbids it.

    ``bloquants``: blocking conflicts not waived, as kept or as found today.
    """
    if not action.ici or (action.raisons and not action.gardes):
        return []
    trouves = []
    if action.type.code in REGARDENT_LA_RUE:
        trouves += conflits_bloquants(bloquants, d.etat, peut_lever=peut_lever)
    for garde, raison in zip(action.gardes, action.raisons, strict=True):
        adresse, lien = _REMEDES.get(garde, ("", ""))
        if adresse and adresse[0] not in "#/":
            adresse = f"{d.get_absolute_url()}{adresse}"
        trouves.append(Empechement(garde, raison, "", adresse, lien))
    return trouves


def avertir_de_liste(a_lever: bool) -> str | None:
    """What is known against a row of a list; it may be settled since: the signature itself decides."""
    if not a_lever:
        return None
    return (
        "Un conflit bloquant est à lever, à la dernière recherche. La signature regarde de nouveau la rue, et"
        " n'est refusée que s'il y est encore."
    )
