"""Reading the desk: what a person sees of the deadlines, filtered, counted, grouped; constant in queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from mairie import communes
from mairie.echeances.registre import Fournisseur, fournisseurs
from mairie.habilitations import droits_de, habilitations_de
from mairie.models import Echeance
from mairie.regles.urgence import PALIERS, Palier, Urgence, jours_restants, palier
from mairie.roles import metiers

# Rows on the desk at most; the counters say how many there are.
MAX = 200

QUI = (("", "Toutes"), ("moi", "Les miennes"), ("service", "De mon service"), ("personne", "À attribuer"))


@dataclass
class Choix:
    """What the person asks of the desk, from the address; anything unknown filters nothing."""

    qui: str = ""
    metier: str = ""
    insee: str = ""
    urgence: str = ""
    offerts: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def lire(cls, request: HttpRequest) -> Choix:
        """The chips chosen; the commune is that of the top bar."""
        offerts = metiers_de(request.user)
        qui, metier = request.GET.get("qui", ""), request.GET.get("metier", "")
        urgence = request.GET.get("urgence", "")
        return cls(
            qui if qui in dict(QUI) else "",
            metier if metier in dict(offerts) else "",
            communes.courante(request) or "",
            urgence if urgence in list(Urgence) else "",
            offerts,
        )

    def appliquer(self, utilisateur: Any, lignes: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of these chips, urgency apart."""
        if self.qui == "moi":
            lignes = lignes.filter(responsable=utilisateur.pk)
        elif self.qui == "service":
            services = {h.service_id for h in habilitations_de(utilisateur) if h.service_id}
            lignes = lignes.filter(Q(responsable=utilisateur.pk) | Q(service__in=services))
        elif self.qui == "personne":
            lignes = lignes.filter(responsable__isnull=True)
        if self.metier:
            codes = [f.code for f in fournisseurs().values() if f.metier == self.metier]
            lignes = lignes.filter(code__in=codes)
        if self.insee:
            lignes = lignes.filter(insee=self.insee)
        return lignes


@dataclass
class Groupe:
    """A level of urgency with its rows and how many there are in all."""

    palier: Palier
    nombre: int
    lignes: list[Any] = field(default_factory=list)


def visibles(utilisateur: Any, choix: Choix) -> QuerySet[Any]:
    """Deadlines of the desk, in order."""
    lignes: QuerySet[Any] = choix.appliquer(utilisateur, Echeance.objects.visibles_par(utilisateur))
    return lignes


def comptes(lignes: QuerySet[Any], aujourdhui: date) -> dict[str, int]:
    """How many by level of urgency, in one query."""
    sortie: dict[str, int] = lignes.order_by().aggregate(
        **{p.urgence.value: Count("pk", filter=_dans(p, aujourdhui)) for p in PALIERS}
    )
    return sortie


def groupes(lignes: QuerySet[Any], choix: Choix, aujourdhui: date) -> list[Groupe]:
    """The desk: levels that hold something, the most pressing first, two queries."""
    nombres = comptes(lignes, aujourdhui)
    sortie = {p.urgence: Groupe(p, nombres[p.urgence.value]) for p in PALIERS}
    if choix.urgence:
        lignes = lignes.filter(_dans(_palier(choix.urgence), aujourdhui))
    for e in habiller(lignes.select_related("responsable", "service")[:MAX], aujourdhui):
        sortie[e.palier.urgence].lignes.append(e)
    return list(sortie.values())


def entre(lignes: QuerySet[Any], du: date, au: date, aujourdhui: date) -> list[Any]:
    """Deadlines of a span of days, both included."""
    return habiller(lignes.filter(date__gte=du, date__lte=au).select_related("responsable"), aujourdhui)


def habiller(lignes: Any, aujourdhui: date) -> list[Any]:
    """Words beside codes: kind, level, days left."""
    genres = fournisseurs()
    sortie = []
    for e in lignes:
        e.genre = genres[e.code]
        e.palier = palier(e.date, aujourdhui)
        e.reste = jours_restants(e.date, aujourdhui)
        sortie.append(e)
    return sortie


def metiers_de(utilisateur: Any) -> list[tuple[str, str]]:
    """Trades (code, name) whose deadlines this person may see."""
    droits = droits_de(utilisateur)
    noms = metiers()
    codes = {f.metier for f in fournisseurs().values() if f.droit in droits}
    return sorted(((c, noms.get(c, c)) for c in codes), key=lambda m: m[1])


def genres_de(utilisateur: Any) -> list[Fournisseur]:
    """Kinds that this person may see."""
    droits = droits_de(utilisateur)
    return [f for f in fournisseurs().values() if f.droit in droits]


def _palier(code: str) -> Palier:
    return next(p for p in PALIERS if p.urgence == code)


def _dans(p: Palier, aujourdhui: date) -> Q:
    """Condition on the date for a level: between the end of the one before and its own."""
    rang = PALIERS.index(p)
    condition = Q()
    if rang:
        avant = PALIERS[rang - 1].jusque
        assert avant is not None  # noqa: S101 - only the last level has no end
        condition &= Q(date__gt=aujourdhui + timedelta(days=avant))
    if p.jusque is not None:
        condition &= Q(date__lte=aujourdhui + timedelta(days=p.jusque))
    return condition
