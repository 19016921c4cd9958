"""Layers made for a test and forgotten after it: one with dates, one internal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from django.db.models import CharField, DateField, ExpressionWrapper, F, Value
from django.db.models.expressions import Case, When
from django.db.models.functions import Cast

from cadastre.couches.plan import PARCELLES
from cadastre.models import Parcelle
from gis_data.couches import Aplat, Attribut, Couche, Element, Genre, Rang, registre
from gis_data.tuiles import service


@contextmanager
def _declaree(couche: Couche) -> Iterator[str]:
    registre.remplacer("essai", [couche])
    service.oublier_versions()
    try:
        yield couche.nom
    finally:
        registre.remplacer("essai", [])
        service.oublier_versions()


def _plus_jours(jours: int) -> ExpressionWrapper:
    base = Cast(Value("2026-01-01"), DateField())
    return ExpressionWrapper(base + F("numero") + Value(jours), output_field=DateField())


def couche_datee() -> AbstractContextManager[str]:
    """Public ``odp_essai``: parcel n holds from 1 January 2026 + n days, for three days; the 12th stays."""
    return _declaree(_datee())


def couche_filtree() -> AbstractContextManager[str]:
    """The same with filters: its year, a state (« en cours » up to parcel 4, then « clos, gardé »)."""
    etat = Case(
        When(numero__lte=4, then=Value("en cours")), default=Value("clos, gardé"), output_field=CharField()
    )
    datee = _datee()
    return _declaree(
        replace(
            datee,
            attributs=(*datee.attributs, Attribut("etat", "État", etat, tuile=14)),
            filtres=("etat", "du"),
        )
    )


def _datee() -> Couche:
    fin = Case(When(numero=12, then=None), default=_plus_jours(2), output_field=DateField())
    return replace(
        PARCELLES,
        nom="odp_essai",
        libelle="Occupations d'essai",
        theme="Domaine public",
        groupe=None,
        cle="idu",
        objets=lambda u: Parcelle.objects.filter(valide_au__isnull=True, figuree=True),
        attributs=(
            Attribut("idu", "Identifiant", tuile=14),
            Attribut("numero", "Numéro", genre=Genre.ENTIER, tuile=14),
            Attribut("du", "Du", _plus_jours(0), genre=Genre.DATE, tuile=14),
            Attribut("au", "Au", fin, genre=Genre.DATE, tuile=14),
        ),
        zoom_min=14,
        elements=(Element("odp_essai", 14),),
        dessins=(
            Aplat(
                element="odp_essai",
                rang=Rang.METIER,
                zoom_min=14,
                remplissage="#b4611a",
                opacite=0.35,
                contour="#b4611a",
                legende="Occupation",
            ),
        ),
        titre=lambda a: f"Occupation {a['numero']}",
        adresse=lambda a: None,
        survol=("numero",),
        dates=("du", "au"),
        accroche=False,
        objets_export=None,
        versionnee=False,
        filtres_export={},
    )


def couche_interne() -> AbstractContextManager[str]:
    """Internal ``urba_essai``: all parcels, for staff only."""
    return _declaree(
        replace(
            PARCELLES,
            nom="urba_essai",
            libelle="Dossiers d'essai",
            theme="Urbanisme",
            groupe=None,
            publique=False,
            objets=lambda u: Parcelle.objects.filter(valide_au__isnull=True, figuree=True),
            peut_voir=lambda u: u.is_authenticated and u.is_staff,
            elements=(Element("urba_essai", 15),),
            dessins=(
                Aplat(
                    element="urba_essai",
                    rang=Rang.METIER,
                    zoom_min=15,
                    remplissage="#5b4b8a",
                    opacite=0.2,
                    contour="#5b4b8a",
                    legende="Dossier",
                ),
            ),
            titre=lambda a: f"Dossier {a['numero']}",
            accroche=False,
            objets_export=None,
            versionnee=False,
        )
    )
