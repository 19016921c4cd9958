"""Addresses proposed while one is typed in a trade's form."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q

from mairie.models import Adresse, Voie
from mairie.regles.adresses import cle_voie

LIMITE = 12
_DEBUT = re.compile(r"\s*([0-9]{1,4})\s*(bis|ter|quater|[a-qs-z](?=\s))?\s*(.*)", re.IGNORECASE | re.DOTALL)


def chercher(utilisateur: Any, texte: str, commune: str = "") -> list[dict[str, Any]]:
    """Numbers of the streets that answer, or the streets where no number was typed; by name."""
    trouve = _DEBUT.fullmatch(texte)
    numero, suffixe, rue = (trouve[1], (trouve[2] or "").lower(), trouve[3]) if trouve else ("", "", texte)
    cle = cle_voie(rue)
    voies = Voie.objects.visibles_par(utilisateur).filter(active=True)
    if commune:
        voies = voies.filter(insee=commune)
    if cle:
        voies = voies.filter(Q(cle__contains=cle) | Q(cherche__contains=cle))
    elif not numero:
        return []
    if not numero:
        return [
            {"voie": v.pk, "adresse": None, "texte": v.nom, "insee": v.insee, "parcelles": []}
            for v in voies.order_by("nom", "pk")[:LIMITE]
        ]
    adresses = Adresse.objects.filter(voie__in=voies, active=True, numero=int(numero)).select_related("voie")
    if suffixe:
        adresses = adresses.filter(suffixe__startswith=suffixe)
    return [
        {"voie": a.voie_id, "adresse": a.pk, "texte": str(a), "insee": a.insee, "parcelles": a.parcelles}
        for a in adresses.order_by("voie__nom", "numero", "suffixe", "pk")[:LIMITE]
    ]
