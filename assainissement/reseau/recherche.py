"""Objects of the network found from the search box, for agents: by identifier, whole or its beginning."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.models.functions import PointOnSurface, Transform

from assainissement import perms
from assainissement.models import Appareillage, Ouvrage, Reparation, Troncon
from mairie.habilitations import peut
from mairie.recherche import Demande, Reponse, Resultat

GENRES: tuple[tuple[Any, str], ...] = (
    (Troncon, "canalisation"),
    (Ouvrage, "ouvrage du réseau"),
    (Appareillage, "appareillage du réseau"),
    (Reparation, "réparation du réseau"),
)
# The beginning of an identifier needs this many characters, and gives so many objects of a kind at most.
DEBUT_MIN, PAR_GENRE = 3, 5
TEXTE_MAX = 80


def chercher(demande: Demande) -> Reponse:
    """Agents find what they may see; nobody else finds anything. An identifier whole, else its beginning."""
    texte = " ".join(demande.texte.split())
    if not 1 < len(texte) <= TEXTE_MAX or "\0" in texte or not any(c.isdigit() for c in texte):
        # An identifier has a figure: words are streets and persons.
        return Reponse()
    if not peut(demande.utilisateur, perms.LIRE):
        return Reponse()
    trouves: list[Resultat] = []
    for modele, mot in GENRES:
        visibles = modele.objects.visibles_par(demande.utilisateur)
        objets = list(visibles.filter(identifiant__iexact=texte).order_by("pk")[:PAR_GENRE])
        if not objets and len(texte) >= DEBUT_MIN:
            suite = visibles.filter(identifiant__istartswith=texte).order_by("identifiant", "pk")
            objets = list(suite[:PAR_GENRE])
        lieux = dict(
            modele.objects.filter(pk__in=[o.pk for o in objets])
            .annotate(lieu=Transform(PointOnSurface("geom"), 4326))
            .values_list("pk", "lieu")
        )
        trouves += [
            _resultat(o, mot, lieux.get(o.pk), entier=o.identifiant.lower() == texte.lower()) for o in objets
        ]
    return Reponse(trouves[: demande.limite])


def _resultat(o: Any, mot: str, lieu: Any, *, entier: bool) -> Resultat:
    plus = [getattr(o, "fonction_lue", ""), getattr(o, "reseau", "")]
    if isinstance(o, Troncon):
        plus = [o.reseau, f"{o.diametre} mm" if o.diametre else "", o.materiau_lu]
    return Resultat(
        type=mot,
        titre=o.identifiant,
        sous_titre=" · ".join([mot.capitalize(), *(x for x in plus if x)]),
        url=o.get_absolute_url(),
        point=(lieu.x, lieu.y) if lieu else None,
        rang=0 if entier else 20,
        groupe="Assainissement",
    )
