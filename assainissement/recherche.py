"""Installations found from the search box, for agents: by number, old number, parcel, address or owner."""

from __future__ import annotations

import re

from django.contrib.gis.db.models.functions import Transform
from django.db.models import Q

from assainissement import perms
from assainissement.models import Installation
from assainissement.mots import conclusion
from mairie.habilitations import peut
from mairie.recherche import Demande, Reponse, Resultat

_NUMERO = re.compile(r"^ANC[- ]?(?:(\d[\dAB]\d{3})[- ])?(\d{1,5})(?:-C\d+)?$", re.IGNORECASE)
_IDU = re.compile(r"^\d[\dAB]\d{3}\d{3}[0-9A-Z]{2}\d{4}$")
_ADRESSE = re.compile(r"^(\d{1,4})\s*(?:bis|ter|quater|[a-z])?[\s,]+(\D.{2,})$", re.IGNORECASE)
MOTS_MIN = 3


def par_numero(texte: str) -> Q | None:
    """By the number, whole or its tail, or by a parcel; null: neither."""
    brut = texte.strip().upper()
    if trouve := _NUMERO.match(brut):
        fin = f"-{int(trouve[2]):05d}"
        return Q(numero=f"ANC-{trouve[1]}{fin}") if trouve[1] else Q(numero__endswith=fin)
    if _IDU.match(brut):
        return Q(parcelles__reference=brut)
    return None


def par_mots(texte: str) -> Q:
    """By an old number, a street, a person."""
    mots = texte.strip()
    filtre = (
        Q(ancien_numero__iexact=mots)
        | Q(liens_adresses__adresse__voie__nom__icontains=mots)
        | Q(personnes__tiers__nom__istartswith=mots)
        | Q(personnes__tiers__raison_sociale__icontains=mots)
    )
    if trouve := _ADRESSE.match(mots):
        filtre |= Q(
            liens_adresses__adresse__numero=int(trouve[1]),
            liens_adresses__adresse__voie__nom__icontains=trouve[2].strip(),
        )
    return filtre


def filtrer(texte: str) -> Q:
    """What a list or the search box looks for, as a filter by key: a row comes once."""
    filtre = par_numero(texte)
    if filtre is None:
        filtre = par_mots(texte)
    return Q(pk__in=Installation.objects.filter(filtre).values("pk"))


def chercher(demande: Demande) -> Reponse:
    """Agents find what they may see; nobody else finds anything."""
    texte = demande.texte.strip()
    if not peut(demande.utilisateur, perms.LIRE) or "\n" in texte:
        return Reponse()
    if par_numero(texte) is None and len(texte) < MOTS_MIN:
        return Reponse()
    trouvees = (
        Installation.objects.visibles_par(demande.utilisateur)
        .filter(filtrer(texte))
        .exclude(etat="")
        .prefetch_related("liens_adresses__adresse__voie")
        .annotate(lieu_carte=Transform("geom", 4326))
        .order_by("numero")[: demande.limite]
    )
    return Reponse([_resultat(i) for i in trouvees])


def _resultat(i: Installation) -> Resultat:
    lieu = getattr(i, "lieu_carte", None)
    return Resultat(
        type="installation d'assainissement",
        titre=str(i),
        sous_titre=" · ".join(x for x in (i.lieu, i.libelle_etat, conclusion(i.derniere_regle)) if x),
        url=i.get_absolute_url(),
        point=(lieu.x, lieu.y) if lieu else None,
        rang=0,
        groupe="Assainissement",
    )
