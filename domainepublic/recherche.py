"""Occupations found from the search box: by number, name or street for agents; nothing for the public."""

from __future__ import annotations

import re

from django.contrib.gis.db.models.functions import Centroid, Transform
from django.db.models import OuterRef, Q, Subquery

from domainepublic import perms
from domainepublic.models import DossierODP, Emprise
from mairie.habilitations import peut
from mairie.recherche import Demande, Reponse, Resultat

_QUEUE = re.compile(r"^(?:ODP[- ]?)?(\d{4})[- ](\d{1,5})$")
_MOTS_MIN = 3


def par_numero(texte: str) -> Q | None:
    """Files so written: whole number, or its tail « 2026-12 »; null: no number."""
    brut = texte.strip().upper()
    if brut.startswith("ODP-") and len(brut) > 12:
        return Q(numero=brut)
    if queue := _QUEUE.match(brut):
        return Q(numero__endswith=f"-{queue[1]}-{int(queue[2]):05d}")
    return None


def par_mots(texte: str) -> Q:
    """Files of a person, a street or an object."""
    return (
        Q(demandeur__nom__istartswith=texte)
        | Q(demandeur__raison_sociale__icontains=texte)
        | Q(voie__nom__icontains=texte)
        | Q(adresse__icontains=texte)
        | Q(objet__icontains=texte)
    )


def chercher(demande: Demande) -> Reponse:
    """Agents find what they may see."""
    texte = demande.texte.strip()
    if not peut(demande.utilisateur, perms.LIRE):
        return Reponse()
    filtre = par_numero(texte)
    if filtre is None and len(texte) >= _MOTS_MIN and "\n" not in texte:
        filtre = par_mots(texte)
    if filtre is None:
        return Reponse()
    premiere = Emprise.objects.filter(dossier=OuterRef("pk")).order_by("rang")
    lieu = Subquery(premiere.annotate(c=Transform(Centroid("surface"), 4326)).values("c")[:1])
    trouves = (
        DossierODP.objects.visibles_par(demande.utilisateur)
        .filter(filtre)
        .exclude(etat="")
        .select_related("voie")
        .annotate(lieu_carte=lieu)
        .order_by("-date_depot", "-id")[: demande.limite]
    )
    return Reponse([_resultat(d) for d in trouves])


def _resultat(d: DossierODP) -> Resultat:
    lieu = getattr(d, "lieu_carte", None)
    return Resultat(
        type="occupation du domaine public",
        titre=str(d),
        sous_titre=" · ".join(x for x in (d.objet, d.lieu, d.libelle_etat) if x),
        url=d.get_absolute_url(),
        point=(lieu.x, lieu.y) if lieu else None,
        rang=0,
        groupe="Domaine public",
    )
