"""The calendar of works: a year by streets and weeks, what the meeting examines, its two documents (PDF)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.template.loader import render_to_string

from domainepublic.coordination import conflits, service
from domainepublic.coordination.etats import A_REPONDRE, FINALS, PERMIS, PUBLICS
from domainepublic.models import DemandeTravaux
from domainepublic.parametres import valeurs
from mairie.courriers.entetes import entete_de
from mairie.courriers.rendu import Rendu, Ressource, rendre
from mairie.models import Collectivite

HORS_VOIE = "Hors voie nommée"
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
)  # fmt: skip
MOIS_COURTS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
TONS = {
    "programmee": "bientot",
    "deposee": "bientot",
    "urgence_non_motivee": "danger",
    "refus_inscription": "neutre",
    "refection_controlee": "neutre",
    "terminee": "neutre",
    "suspendue": "attention",
}


@dataclass(frozen=True)
class Barre:
    """Works on the calendar: cells before, taken and after, of the weeks or months of a year."""

    t: DemandeTravaux
    du: date
    au: date
    avant: int
    pris: int
    apres: int
    heurte: bool

    @property
    def ton(self) -> str:
        """How it is drawn."""
        return TONS.get(self.t.etat, "bien")


def semaines(annee: int) -> list[date]:
    """Mondays of the weeks that have a day in the year."""
    premier = date(annee, 1, 1)
    lundi = premier - timedelta(days=premier.weekday())
    fin = date(annee, 12, 31)
    return [lundi + timedelta(weeks=n) for n in range((fin - lundi).days // 7 + 1)]


def mois_des_semaines(lundis: Sequence[date], annee: int) -> list[tuple[str, int]]:
    """(month, weeks that begin in it): the heading above the weeks."""
    sortie: list[list[Any]] = []
    for lundi in lundis:
        nom = MOIS[0] if lundi.year < annee else MOIS[lundi.month - 1]
        if sortie and sortie[-1][0] == nom:
            sortie[-1][1] += 1
        else:
            sortie.append([nom, 1])
    return [(nom, n) for nom, n in sortie]


def travaux_de(
    visibles: QuerySet[DemandeTravaux], annee: int, insee: str = "", mois: int = 0
) -> list[DemandeTravaux]:
    """Works of a year (or month) as retained, by street; ``heurte``: others stand near on the same days."""
    debut, fin = date(annee, 1, 1), date(annee, 12, 31)
    if mois:
        debut = date(annee, mois, 1)
        fin = (debut + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    distance = float(valeurs("coordination_m")["coordination_m"])
    autres = (
        DemandeTravaux.objects.filter(
            insee=OuterRef("insee"),
            geom__dwithin=(OuterRef("geom"), distance),
            debut__lte=OuterRef("fin"),
            fin__gte=OuterRef("debut"),
        )
        .exclude(pk=OuterRef("pk"))
        .exclude(etat__in=("", *FINALS))
    )
    # A postponement moves the works to a later day than asked.
    requete = (
        visibles.filter(
            Q(fin__gte=debut) | Q(debut_autorise__gte=debut - timedelta(days=366)), debut__lte=fin
        )
        .exclude(etat__in=("", *FINALS))
        .select_related("voie", "maitre_ouvrage")
        .annotate(heurte=Exists(autres))
        .order_by(F("voie__nom").asc(nulls_last=True), "debut", "pk")
    )
    if insee:
        requete = requete.filter(insee=insee)
    return [t for t in requete if _touche(*service.jours_retenus(t), debut, fin)]


def _touche(du: date, au: date, debut: date, fin: date) -> bool:
    return du <= fin and au >= debut


def par_rue(travaux: Iterable[DemandeTravaux], cases: Sequence[date]) -> dict[tuple[str, str], list[Barre]]:
    """Bars by (commune, street) over cells that begin on these days, one after the other."""
    rues: dict[tuple[str, str], list[Barre]] = {}
    for t in travaux:
        du, au = service.jours_retenus(t)
        premier = max(0, sum(c <= du for c in cases) - 1)
        dernier = max(premier, sum(c <= au for c in cases) - 1)
        nom = str(t.voie) if t.voie else HORS_VOIE
        rues.setdefault((t.insee, nom), []).append(
            Barre(
                t, du, au, premier, dernier - premier + 1, len(cases) - 1 - dernier,
                bool(getattr(t, "heurte", False)),
            )
        )  # fmt: skip
    return rues


def en_json(barres: Iterable[Barre]) -> list[dict[str, Any]]:
    """Works for the map of the page: in degrees."""
    barres = list(barres)
    formes = dict(
        DemandeTravaux.objects.filter(pk__in=[b.t.pk for b in barres])
        .annotate(forme=AsGeoJSON(Transform("geom", 4326), precision=7))
        .values_list("pk", "forme")
    )
    return [
        {
            "id": b.t.pk, "nature": b.t.nature, "qui": str(b.t.maitre_ouvrage),
            "voie": str(b.t.voie or ""), "du": b.du.isoformat(), "au": b.au.isoformat(),
            "etat": b.t.libelle_etat, "ton": b.ton, "lien": b.t.get_absolute_url(),
            "geometrie": formes[b.t.pk],
        }
        for b in barres
    ]  # fmt: skip


# --- publication ----------------------------------------------------------------------------------


def a_publier(insee: str, annee: int) -> QuerySet[DemandeTravaux]:
    """Works of a year that may begin and that the public does not read yet."""
    attendent = DemandeTravaux.objects.filter(insee=insee, etat__in=PUBLICS, publiee=False)
    # By the days retained, as the page shows them: works put off to the next year are of that year.
    debut, fin = date(annee, 1, 1), date(annee, 12, 31)
    siens = [t.pk for t in attendent if _touche(*service.jours_retenus(t), debut, fin)]
    requete: QuerySet[DemandeTravaux] = DemandeTravaux.objects.filter(pk__in=siens)
    return requete


def publier(insee: str, annee: int) -> int:
    """Put them on the public calendar; how many."""
    return a_publier(insee, annee).update(publiee=True)


# --- meeting ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """What the meeting has to say of some works: what they meet, what may be done together."""

    t: DemandeTravaux
    du: date
    au: date
    rencontres: tuple[conflits.Rencontre, ...]

    @property
    def a_decider(self) -> bool:
        """An answer is awaited."""
        return self.t.etat in A_REPONDRE


def ordre_du_jour(
    visibles: QuerySet[DemandeTravaux], annee: int, insee: str, jour: date
) -> tuple[list[Point], list[Point]]:
    """(to answer, agreed ones that meet something) of a year, those still to come."""
    a_decider, a_voir = [], []
    chiffres = conflits.chiffres()
    for t in travaux_de(visibles, annee, insee):
        du, au = service.jours_retenus(t)
        if au < jour or t.etat not in (*A_REPONDRE, *PERMIS, "en_cours"):
            continue
        p = Point(t, du, au, tuple(conflits.rencontres(t, chiffres)))
        if p.a_decider:
            a_decider.append(p)
        elif p.rencontres:
            a_voir.append(p)
    a_decider.sort(key=lambda p: (p.t.reponse_avant or date.max, p.du))
    return a_decider, a_voir


# --- documents -------------------------------------------------------------------------------------


def _pdf(gabarit: str, insee: str, contexte: dict[str, Any]) -> Rendu:
    ressources: dict[str, Ressource] = {}
    commune = Collectivite.objects.filter(code=insee).first()
    entete = entete_de(commune, "domainepublic") if commune is not None else None
    if entete is not None and entete.logo is not None:
        ressources["logo"] = entete.logo
    html = render_to_string(
        gabarit, {**contexte, "commune": str(commune or insee), "logo": "logo" in ressources}
    )
    return rendre(html, lettre=ressources)


def calendrier_pdf(travaux: Sequence[DemandeTravaux], annee: int, insee: str, jour: date) -> Rendu:
    """The calendar of a year, by street, months across; what waits for an answer is told apart."""
    cases = [date(annee, m, 1) for m in range(1, 13)]
    rues = par_rue(travaux, cases)
    contexte = {
        "annee": annee,
        "jour": jour,
        "mois": MOIS_COURTS,
        "rues": [
            (nom, [(b, "1" * b.avant, "1" * b.pris, "1" * b.apres) for b in barres])
            for (_, nom), barres in rues.items()
        ],
        "nombre": len(travaux),
    }
    return _pdf("domainepublic/calendrier_pdf.html", insee, contexte)


def reunion_pdf(
    a_decider: Sequence[Point], a_voir: Sequence[Point], annee: int, insee: str, jour: date
) -> Rendu:
    """The sheet of the meeting, with room for what is decided."""
    contexte = {"annee": annee, "jour": jour, "a_decider": a_decider, "a_voir": a_voir}
    return _pdf("domainepublic/reunion_pdf.html", insee, contexte)
