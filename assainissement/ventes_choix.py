"""What a sale is about where several things stand at one place: shown, chosen by somebody, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from assainissement.models import DeclarationVente, Installation
from assainissement.ventes_reseau import CoteReseau, cote_reseau
from mairie.models import Adresse


def en_service(insee: str, parcelles: Sequence[str], adresse: Adresse | None) -> list[Installation]:
    """Installations in service on these parcels or at this address."""
    lieux = Q(parcelles__reference__in=list(parcelles))
    if adresse is not None:
        lieux |= Q(adresses=adresse)
    return list(Installation.objects.filter(lieux, insee=insee, etat="active").distinct().order_by("numero"))


def seule(insee: str, parcelles: Sequence[str], adresse: Adresse | None) -> Installation | None:
    """The only installation in service on these parcels, else at this address; null when in doubt."""
    for ici in (
        en_service(insee, parcelles, None) if parcelles else [],
        en_service(insee, [], adresse) if adresse is not None else [],
    ):
        if len(ici) == 1:
            return ici[0]
    return None


def installation_de(v: DeclarationVente) -> Installation | None:
    """The installation sold, while it is in use: the reports of one out of service answer nothing."""
    i = v.installation
    return i if i is not None and i.etat != "desactivee" else None


def a_choisir(v: DeclarationVente) -> list[Installation]:
    """Installations in service where it stands, as long as nobody said which is sold."""
    if v.raccordement_id is not None or installation_de(v) is not None:
        return []
    return en_service(v.insee, v.parcelles, v.adresse)


def doute(v: DeclarationVente, jour: date, cote: CoteReseau | None = None) -> str:
    """Why nothing may be answered before somebody chooses; empty when it is known what is sold."""
    ici = a_choisir(v)
    if len(ici) > 1:
        noms = ", ".join(str(i) for i in ici)
        return f"{len(ici)} installations sont en service à cet endroit ({noms}) : dites laquelle est vendue."
    if ici:
        return f"L'installation {ici[0]} est en service à cet endroit : dites si c'est elle qui est vendue."
    if v.raccordement_id is not None or installation_de(v) is not None:
        return ""
    cote = cote or cote_reseau(v, jour)
    if cote is not None and cote.a_choisir:
        return (
            "Un contrôle de raccordement d'appartement est valable ici : il ne vaut que pour son logement."
            " Dites si c'est celui qui est vendu, ou demandez un contrôle."
        )
    return ""
