"""Figures of a year of the public domain: money by type, zone, street and year; ground, delays, refusals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, F, Q, QuerySet, Sum

from domainepublic.models import Conflit, DossierODP, Emprise, LigneFacturable, Role, Titre
from mairie.models import Evenement

Etat = LigneFacturable.Etat


@dataclass(frozen=True)
class Tableau:
    """A table of the page and of the file. ``genres``: how each column is written: texte, euros, nombre."""

    code: str
    titre: str
    colonnes: tuple[str, ...]
    genres: tuple[str, ...]
    lignes: tuple[tuple[Any, ...], ...]
    total: tuple[Any, ...] = ()


def tableaux(insee: str, annee: int) -> list[Tableau]:
    """All tables of a commune and year, in the order of the page."""
    return [
        recettes("type", "Recettes par type", "Type", insee, annee, "emprise__type__libelle"),
        recettes("voie", "Recettes par voie", "Voie", insee, annee, "dossier__voie__nom"),
        par_zone(insee, annee),
        par_annee(insee),
        occupation(insee, annee),
        delais(insee, annee),
        refus(insee, annee),
        abandons(insee, annee),
        impayes(insee),
        levees(insee, annee),
    ]


def _lignes(insee: str, annee: int | None = None) -> QuerySet[LigneFacturable]:
    """Lines that count: what was cancelled does not, credit notes do."""
    lignes = LigneFacturable.objects.filter(dossier__insee=insee).exclude(etat=Etat.ANNULEE)
    return lignes.filter(exercice=annee) if annee else lignes


_SOMMES = {
    "nombre": Count("dossier", distinct=True),
    "facture": Sum("montant", filter=Q(montant__gt=0), default=Decimal(0)),
    "rendu": Sum("montant", filter=Q(montant__lt=0), default=Decimal(0)),
    "net": Sum("montant", default=Decimal(0)),
}
_EUROS = ("Dossiers", "Facturé", "Rendu", "Net")
_GENRES = ("texte", "nombre", "euros", "euros", "euros")


def _somme(lignes: Iterable[tuple[Any, ...]], depuis: int = 1) -> tuple[Any, ...]:
    colonnes = list(zip(*lignes, strict=True))[depuis:]
    return ("Total", *(sum(c, Decimal(0)) if isinstance(c[0], Decimal) else sum(c) for c in colonnes))


def recettes(code: str, titre: str, nom: str, insee: str, annee: int, chemin: str) -> Tableau:
    """Money of a year by one key, the largest first."""
    groupes: Any = _lignes(insee, annee).order_by().values(cle=F(chemin)).annotate(**_SOMMES)
    lignes = sorted(
        (
            (g["cle"] or "non précisée", g["nombre"], g["facture"], g["rendu"], g["net"])
            for g in groupes
        ),
        key=lambda x: (-x[4], x[0]),
    )  # fmt: skip
    return Tableau(
        code, f"{titre}, {annee}", (nom, *_EUROS), _GENRES, tuple(lignes), _somme(lignes) if lignes else ()
    )


def par_zone(insee: str, annee: int) -> Tableau:
    """Money by tariff zone, as the detail of each line says it; fees of the file apart."""
    sommes: dict[str, Decimal] = {}
    for ligne in _lignes(insee, annee).filter(montant__gt=0).iterator(chunk_size=2000):
        reste = ligne.montant
        for etape in ligne.detail:
            if etape["etape"] in ("ligne", "supplement") and etape.get("montant"):
                zone = f"zone {etape['zone']}" if etape.get("zone") is not None else "hors zone"
                part = min(Decimal(str(etape["montant"])), reste)
                sommes[zone] = sommes.get(zone, Decimal(0)) + part
                reste -= part
        if reste:
            sommes["frais, minimums et arrondis"] = (
                sommes.get("frais, minimums et arrondis", Decimal(0)) + reste
            )
    lignes = tuple(sorted(sommes.items(), key=lambda x: (-x[1], x[0])))
    return Tableau(
        "zone", f"Recettes par zone tarifaire, {annee}", ("Zone", "Facturé"), ("texte", "euros"), lignes,
        _somme(lignes) if lignes else (),
    )  # fmt: skip


def par_annee(insee: str) -> Tableau:
    """Money of each year, and what came in."""
    paye = {
        r["annee"]: r["s"]
        for r in Titre.objects.filter(role__insee=insee, role__etat=Role.Etat.EXPORTE)
        .order_by()
        .values(annee=F("role__annee"))
        .annotate(s=Sum("paye"))
    }
    groupes: Any = _lignes(insee).order_by().values("exercice").annotate(**_SOMMES)
    lignes = tuple(
        (
            str(g["exercice"]), g["nombre"], g["facture"], g["rendu"], g["net"],
            paye.get(g["exercice"], Decimal(0)),
        )
        for g in sorted(groupes, key=lambda g: -g["exercice"])
    )  # fmt: skip
    return Tableau("annee", "Recettes par année", ("Année", *_EUROS, "Encaissé"), (*_GENRES, "euros"), lignes)


def occupation(insee: str, annee: int) -> Tableau:
    """Ground and days taken in the year by street: m², occupation-days."""
    debut, fin = date(annee, 1, 1), date(annee, 12, 31)
    sommes: dict[str, list[Any]] = {}
    prises = Emprise.objects.filter(
        Q(fin__isnull=True) | Q(fin__gte=debut),
        dossier__insee=insee, debut__lte=fin, dossier__date_decision__isnull=False,
    ).exclude(dossier__etat__in=("refuse", "sans_suite", "caduc"))  # fmt: skip
    for e in prises.select_related("dossier__voie", "type").iterator(chunk_size=2000):
        jours = (min(e.fin or fin, fin) - max(e.debut, debut)).days + 1
        nom = str(e.dossier.voie) if e.dossier.voie else "non précisée"
        s = sommes.setdefault(nom, [0, Decimal(0), Decimal(0), 0])
        aire = Decimal(str(round(e.surface.area, 2)))
        s[0] += 1
        s[1] += aire
        s[2] += aire if e.type.code in ("TERR_O", "TERR_F") else 0
        s[3] += jours
    lignes = tuple(sorted(((n, *s) for n, s in sommes.items()), key=lambda x: (-x[4], x[0])))
    return Tableau(
        "occupation", f"Sol occupé par voie, {annee}",
        ("Voie", "Emprises", "Surface (m²)", "dont terrasses (m²)", "Jours d'occupation"),
        ("texte", "nombre", "nombre", "nombre", "nombre"), lignes, _somme(lignes) if lignes else (),
    )  # fmt: skip


def delais(insee: str, annee: int) -> Tableau:
    """How long answers took for the requests of the year, those that silence answered."""
    recus = DossierODP.objects.filter(insee=insee, date_depot__year=annee)
    jours = [
        (decision - depot).days
        for depot, decision in recus.filter(date_decision__isnull=False).values_list(
            "date_depot", "date_decision"
        )
    ]
    tardives = recus.filter(date_decision__gt=F("terme_silence")).count()
    lignes = (
        ("Demandes reçues", recus.count()),
        ("Décisions rendues", len(jours)),
        ("Jours entre dépôt et décision, médiane", round(median(jours)) if jours else "–"),
        ("Décisions après le terme du silence", tardives),
        ("Refus nés du silence", recus.filter(refus_implicite_le__isnull=False).count()),
    )
    return Tableau(
        "delais", f"Délais, demandes de {annee}", ("Mesure", "Nombre"), ("texte", "nombre"), lignes
    )


def refus(insee: str, annee: int) -> Tableau:
    """Refusals of the year by reason, as written."""
    type_ = ContentType.objects.get_for_model(DossierODP)
    faits = Evenement.objects.filter(
        dossier_type=type_, type="refuser", date_effet__year=annee, annule_par__isnull=True,
        dossier_id__in=DossierODP.objects.filter(insee=insee).values("pk"),
    )  # fmt: skip
    comptes: dict[str, int] = {}
    for donnees in faits.values_list("donnees", flat=True):
        motif = str(donnees.get("motif") or "sans motif")[:120]
        comptes[motif] = comptes.get(motif, 0) + 1
    lignes = tuple(sorted(comptes.items(), key=lambda x: (-x[1], x[0])))
    return Tableau("refus", f"Refus par motif, {annee}", ("Motif", "Refus"), ("texte", "nombre"), lignes)


def abandons(insee: str, annee: int) -> Tableau:
    """Money given up by exonerations: theoretical less due, by type."""
    groupes = (
        _lignes(insee, annee)
        .filter(montant__gte=0, nature=LigneFacturable.Nature.REDEVANCE, montant_theorique__gt=F("montant"))
        .order_by()
        .values(cle=F("emprise__type__libelle"))
        .annotate(n=Count("pk"), s=Sum(F("montant_theorique") - F("montant")))
    )
    lignes = tuple((g["cle"], g["n"], g["s"]) for g in groupes)
    return Tableau(
        "abandons", f"Recettes abandonnées, {annee}", ("Type", "Lignes", "Montant"),
        ("texte", "nombre", "euros"), lignes, _somme(lignes) if lignes else (),
    )  # fmt: skip


def impayes(insee: str) -> Tableau:
    """What is left to pay, by year of the roll."""
    dus = Titre.objects.filter(role__insee=insee, role__etat=Role.Etat.EXPORTE, paye__lt=F("montant"))
    groupes = (
        dus.order_by("-role__annee")
        .values(annee=F("role__annee"))
        .annotate(n=Count("pk"), s=Sum(F("montant") - F("paye")))
    )
    lignes = tuple((str(g["annee"]), g["n"], g["s"]) for g in groupes)
    return Tableau(
        "impayes", "Impayés", ("Année", "Titres", "Reste à payer"), ("texte", "nombre", "euros"), lignes,
        _somme(lignes) if lignes else (),
    )  # fmt: skip


def levees(insee: str, annee: int) -> Tableau:
    """Waivers of conflicts by agent."""
    groupes = (
        Conflit.objects.filter(dossier__insee=insee, leve_le__year=annee)
        .order_by("leve_par__nom")
        .values(agent=F("leve_par__nom"))
        .annotate(n=Count("pk"))
    )
    lignes = tuple((g["agent"], g["n"]) for g in groupes)
    return Tableau("levees", f"Conflits levés, {annee}", ("Agent", "Levées"), ("texte", "nombre"), lignes)
