"""Occupations made through the services, in one line, on the tiny plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon

from domainepublic.emprises import NouvelleEmprise
from domainepublic.models import DossierODP, TypeOccupation
from domainepublic.references import charger_types
from domainepublic.services import NouveauDossier, agir, deposer
from mairie.models import Delegation, Tiers, Utilisateur
from tests.personnes import INSEE, agent, commune
from tests.plan_factice import X0, Y0

DEPOT = date(2026, 3, 2)
DEBUT, FIN = date(2026, 6, 1), date(2026, 6, 30)
TOUS = (
    "instructeur",
    "responsable",
    "signataire",
    "finances",
    "assermente",
    "coordination",
    "lecture",
    "administrateur",
)


def personne(nom: str = "Personne fictive", insee: str = INSEE) -> Tiers:
    """An invented holder."""
    return Tiers.objects.create(collectivite=insee, nom=nom)


def acteur(role: str, insee: str = INSEE) -> Utilisateur:
    """An agent of the public domain."""
    return agent(f"domainepublic.{role}", codes=(insee,))


def delegue(insee: str = INSEE) -> Delegation:
    """The signatory of the commune has signed since 2015."""
    return Delegation.objects.get_or_create(
        collectivite=commune(insee), delegataire=acteur("signataire", insee), titulaire=True,
        defaults={"du": date(2015, 1, 1)},
    )[0]  # fmt: skip


def type_(code: str) -> TypeOccupation:
    """A type of the seed, loaded at need."""
    if not TypeOccupation.objects.exists():
        charger_types()
    trouve: TypeOccupation = TypeOccupation.objects.get(code=code)
    return trouve


def rect(x: float = 0, y: float = 31, largeur: float = 4, hauteur: float = 2) -> Polygon:
    """A rectangle in the street of the tiny plan (the street lies between y = 30 and 40)."""
    a, b = X0 + x, Y0 + y
    return Polygon(
        ((a, b), (a + largeur, b), (a + largeur, b + hauteur), (a, b + hauteur), (a, b)), srid=2154
    )


def ligne(x: float = 0, y: float = 31, longueur: float = 10) -> LineString:
    """A line along the street."""
    return LineString((X0 + x, Y0 + y), (X0 + x + longueur, Y0 + y), srid=2154)


def point(x: float = 0, y: float = 31) -> Point:
    """A point in the street."""
    return Point(X0 + x, Y0 + y, srid=2154)


def emprise(
    code: str = "BENNE", geom: GEOSGeometry | None = None, debut: date = DEBUT, fin: date | None = FIN,
    **champs: Any,
) -> NouvelleEmprise:  # fmt: skip
    """A skip of 8 m² in June, unless told otherwise."""
    champs.setdefault("confirmee", True)
    if code == "BENNE":
        champs.setdefault("unite", "m2")
    return NouvelleEmprise(type_(code), geom if geom is not None else rect(), debut, fin, **champs)


def dossier(
    *emprises: NouvelleEmprise, le: date = DEPOT, insee: str = INSEE, role: str = "instructeur",
    aujourdhui: date | None = None, **champs: Any,
) -> DossierODP:  # fmt: skip
    """A file deposited at the counter."""
    options: dict[str, Any] = {"beneficiaire": "entreprise", **champs}
    if "demandeur" not in options:
        options["demandeur"] = personne(insee=insee)
    nouveau = NouveauDossier(insee=insee, depose_le=le, emprises=emprises or (emprise(),), **options)
    return deposer(nouveau, par=acteur(role, insee), aujourdhui=aujourdhui)


def faire(
    d: DossierODP, evenement: str, role: str = "instructeur", le: date | None = None,
    donnees: Mapping[str, Any] | None = None, **options: Any,
) -> DossierODP:  # fmt: skip
    """Apply an event as an agent of that role, at the version of today."""
    d.refresh_from_db()
    agir(
        d,
        evenement,
        par=acteur(role, d.insee),
        version=d.version,
        date_effet=le,
        donnees=donnees or {},
        **options,
    )
    d.refresh_from_db()
    return d


def photographie(d: DossierODP) -> DossierODP:
    """A photo among its pieces, without any file behind."""
    from mairie.models import Piece

    Piece.objects.create(
        dossier=d, collectivite=d.insee, code="photo", libelle="Photo", nom="vue.jpg", fichier="vue.jpg",
        sha256="0" * 64, taille=1, mime="image/jpeg", au_nom_de="essai",
    )  # fmt: skip
    return d


def a_signer(d: DossierODP) -> DossierODP:
    """Brought to the signatory."""
    delegue(d.insee)
    faire(d, "instruire")
    return faire(d, "preparer_acte")


def accorde(d: DossierODP, le: date | None = None) -> DossierODP:
    """Signed by the mayor."""
    return faire(a_signer(d), "signer", "signataire", le)
