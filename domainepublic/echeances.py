"""Deadlines of the public domain on the agents' desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from domainepublic import perms
from domainepublic.instruction.etats import EN_ATTENTE, FINALS, TITRES
from mairie.bureau import Dossier, MesDossiers, declarer_dossiers
from mairie.echeances import Fournisseur, ecrire, fournir, preparer, solder
from mairie.models import Echeance

REPONSE, SILENCE, PIECES = "domainepublic.reponse", "domainepublic.silence", "domainepublic.pieces"
SIGNATURE, CONTROLE = "domainepublic.signature", "domainepublic.controle"
SUCCESSEUR = "domainepublic.successeur"
TOUTES = (REPONSE, SILENCE, PIECES, SIGNATURE, CONTROLE, SUCCESSEUR)


def declarer() -> None:
    """Kinds of deadlines, and own files, from ``AppConfig.ready``."""
    fournir(
        Fournisseur(
            REPONSE, "domainepublic", "Réponse à une demande d'occupation", perms.LIRE, "bi-hourglass-split"
        ),
        Fournisseur(SILENCE, "domainepublic", "Refus né du silence", perms.LIRE, "bi-exclamation-octagon"),
        Fournisseur(PIECES, "domainepublic", "Pièces attendues du demandeur", perms.LIRE, "bi-paperclip"),
        Fournisseur(SIGNATURE, "domainepublic", "Acte à signer avant le début", perms.SIGNER, "bi-pen"),
        Fournisseur(
            CONTROLE, "domainepublic", "Fin d'occupation à contrôler", perms.CONSTATER, "bi-clipboard-check"
        ),
        Fournisseur(SUCCESSEUR, "domainepublic", "Successeur à présenter", perms.LIRE, "bi-person-plus"),
    )
    declarer_dossiers(
        MesDossiers(
            "domainepublic",
            "Occupations du domaine public",
            perms.INSTRUIRE,
            "bi-cone-striped",
            "/domaine-public/dossiers/",
            mes_dossiers,
        )
    )


def mes_dossiers(utilisateur: Any, commune: str, limite: int) -> tuple[list[Dossier], int]:
    """Files given to this person that are not over, the next date first."""
    from domainepublic.models import DossierODP

    lignes = DossierODP.objects.visibles_par(utilisateur).filter(
        instructeur=utilisateur, etat__in=("brouillon", *EN_ATTENTE, "a_controler")
    )
    if commune:
        lignes = lignes.filter(insee=commune)
    montres = lignes.order_by("terme_silence", "id")[:limite]
    dossiers = [
        Dossier(str(d), d.libelle_etat, d.get_absolute_url(), d.terme_silence, d.objet or d.lieu, "info")
        for d in montres
    ]
    return dossiers, lignes.count()


def echeances_de(d: Any) -> dict[str, date | None]:
    """Day of each kind of deadline of a file (null: without object)."""
    attente = d.etat in EN_ATTENTE
    silence = d.refus_implicite_le if attente else None
    return {
        REPONSE: d.terme_silence if attente and silence is None else None,
        SILENCE: silence,
        PIECES: d.date_limite_pieces if d.etat == "incomplet" else None,
        SIGNATURE: d.debut if d.etat == "a_signer" else None,
        CONTROLE: d.fin if d.etat == "a_controler" else None,
        SUCCESSEUR: d.successeur_avant if d.etat in (*TITRES, "a_controler") else None,
    }


def publier_toutes(d: Any, jour: date) -> None:
    """Bring the desk up to the figures of a file, in the transaction that wrote them."""
    jours = {} if d.etat in FINALS else {c: le for c, le in echeances_de(d).items() if le is not None}
    if not jours:
        solder(d)
        return
    solder(d, codes=[c for c in TOUTES if c not in jours])
    ecrire(_lignes(d))


def publier_nouvelles(dossiers: Sequence[Any]) -> None:
    """The same for files that have no deadline yet."""
    ecrire([ligne for d in dossiers if d.etat not in FINALS for ligne in _lignes(d)])


def _lignes(d: Any) -> list[Echeance]:
    return [
        preparer(
            d,
            code,
            le,
            reference=str(d),
            adresse=d.get_absolute_url(),
            consequence="Sans réponse : refus" if code == REPONSE else "",
            pourquoi=d.explication,
            responsable=d.instructeur,
        )
        for code, le in echeances_de(d).items()
        if le is not None
    ]
