"""Connections and their controls found from the search box, for agents: by number or by parcel."""

from __future__ import annotations

import re

from django.contrib.gis.db.models.functions import Transform
from django.db.models import Q
from django.utils import timezone

from assainissement import perms
from assainissement.circuits.etats_ac import BRANCHEMENT
from assainissement.models import Branchement, ControleAC
from mairie.habilitations import peut
from mairie.recherche import Demande, Reponse, Resultat

_BRANCHEMENT = re.compile(r"^BR[- ]?(?:(\d[\dAB]\d{3})[- ])?(\d{1,5})$", re.IGNORECASE)
_CONTROLE = re.compile(r"^AC-\d[\dAB]\d{3}-\d{4}-\d{4}(-CV\d+)?$", re.IGNORECASE)
_IDU = re.compile(r"^\d[\dAB]\d{3}\d{3}[0-9A-Z]{2}\d{4}$")


def chercher(demande: Demande) -> Reponse:
    """Agents find what they may see; nobody else finds anything."""
    texte = demande.texte.strip().upper()
    if not peut(demande.utilisateur, perms.LIRE):
        return Reponse()
    if _CONTROLE.match(texte):
        controles = ControleAC.objects.visibles_par(demande.utilisateur).filter(numero__iexact=texte)
        return Reponse([_controle(c) for c in controles.select_related("adresse__voie", "branchement")])
    filtre = None
    if trouve := _BRANCHEMENT.match(texte):
        fin = f"-{int(trouve[2]):05d}"
        filtre = Q(numero=f"BR-{trouve[1]}{fin}") if trouve[1] else Q(numero__endswith=fin)
    elif _IDU.match(texte):
        filtre = Q(parcelles__reference=texte)
    if filtre is None:
        return Reponse()
    trouves = (
        Branchement.objects.visibles_par(demande.utilisateur)
        .filter(filtre)
        .avec_etat(timezone.localdate())
        .select_related("adresse__voie")
        .annotate(lieu_carte=Transform("geom", 4326))
        .order_by("numero")[: demande.limite]
    )
    return Reponse([_branchement(b) for b in trouves])


def _branchement(b: Branchement) -> Resultat:
    lieu = getattr(b, "lieu_carte", None)
    return Resultat(
        type="branchement au réseau",
        titre=str(b),
        sous_titre=" · ".join(x for x in (b.lieu, BRANCHEMENT[getattr(b, "etat", "a_raccorder")]) if x),
        url=b.get_absolute_url(),
        point=(lieu.x, lieu.y) if lieu else None,
        rang=0,
        groupe="Assainissement",
    )


def _controle(c: ControleAC) -> Resultat:
    return Resultat(
        type="contrôle de branchement",
        titre=str(c),
        sous_titre=" · ".join(x for x in (c.lieu, c.libelle_etat) if x),
        url=c.get_absolute_url(),
        point=None,
        rang=0,
        groupe="Assainissement",
    )
