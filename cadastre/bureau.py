"""State of the plan loaded: by commune, by sheet. Read only, few queries whatever the number of sheets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q

from cadastre.models import Anomalie, Feuille, VersionFeuille
from cadastre.regles import types_objets
from cadastre.regles.noms import nom_commune
from mairie.recherche import Boite, boite

# A plan older than this is shown as old: the DGFiP publishes one each quarter.
AGE_ANCIEN_JOURS = 400


def est_ancien(millesime: date | None, aujourd_hui: date) -> bool:
    """More than 400 days old."""
    return millesime is not None and (aujourd_hui - millesime).days > AGE_ANCIEN_JOURS


@dataclass(frozen=True)
class EtatCommune:
    """One commune's line."""

    insee: str
    nom: str
    feuilles: int
    parcelles: int
    ancien: date | None
    recent: date | None
    importee_le: datetime | None
    anomalies: int
    anciennes: int


_COMMUNES = """
SELECT f.commune, min(c.nom), count(*), COALESCE(sum((v.comptes #>> '{ecrits,PARCELLE}')::int), 0),
       min(v.millesime), max(v.millesime), max(v.importee_le), COALESCE(sum(a.nombre), 0),
       count(*) FILTER (WHERE v.millesime < %(limite)s)
FROM cadastre_feuille f JOIN cadastre_versionfeuille v ON v.id = f.version_id
LEFT JOIN cadastre_commune c ON c.insee = f.commune
LEFT JOIN (SELECT feuille_id, count(*) AS nombre FROM cadastre_anomalie
           WHERE traitee_le IS NULL AND gravite <> 'information' GROUP BY 1) a ON a.feuille_id = f.id
GROUP BY f.commune ORDER BY min(c.nom), f.commune
"""


def etats_communes(aujourd_hui: date) -> list[EtatCommune]:
    """All communes of the plan, by name; one query."""
    limite = date.fromordinal(aujourd_hui.toordinal() - AGE_ANCIEN_JOURS)
    with connection.cursor() as curseur:
        curseur.execute(_COMMUNES, {"limite": limite})
        lignes = curseur.fetchall()
    return [EtatCommune(insee, nom_commune(nom) if nom else insee, *reste) for insee, nom, *reste in lignes]


@dataclass(frozen=True)
class LigneFeuille:
    """One sheet's line."""

    id12: str
    prefixe: str
    section: str
    echelle: int | None
    qualite: str
    millesime: date
    importee_le: datetime
    parcelles: int
    lus: int
    ecrits: int
    anomalies: int


def lignes_feuilles(insee: str) -> list[LigneFeuille]:
    """Sheets of a commune in the order of their codes; one query."""
    feuilles = (
        Feuille.objects.filter(commune=insee, version__isnull=False)
        .select_related("version")
        .defer("version__geom", "version__geom_3857")
        .annotate(
            ouvertes=Count(
                "anomalies",
                filter=Q(anomalies__traitee_le__isnull=True)
                & ~Q(anomalies__gravite=Anomalie.Gravite.INFORMATION),
            )
        )
        .order_by("id12")
    )
    lignes = []
    for f in feuilles:
        v = f.version
        if v is None:
            continue
        ecrits, lus = v.comptes.get("ecrits", {}), v.comptes.get("lus", {})
        lignes.append(
            LigneFeuille(
                id12=f.id12,
                prefixe=f.prefixe,
                section=f.section.lstrip("0") or f.section,
                echelle=v.echelle,
                qualite=v.qualite,
                millesime=v.millesime,
                importee_le=v.importee_le,
                parcelles=ecrits.get("PARCELLE", 0),
                lus=sum(lus.values()),
                ecrits=sum(ecrits.values()),
                anomalies=f.ouvertes,
            )
        )
    return lignes


@dataclass(frozen=True)
class LigneType:
    """One class of objects of a sheet: read, written, kept out."""

    libelle: str
    lus: int
    ecrits: int

    @property
    def non_ecrits(self) -> int:
        """Read but not written: each has its anomaly."""
        return self.lus - self.ecrits


@dataclass
class DetailFeuille:
    """All that a sheet's page shows."""

    feuille: Feuille
    types: list[LigneType]
    relations: list[tuple[str, int, int]]
    anomalies: list[Anomalie]
    par_code: list[tuple[str, int]]
    versions: list[VersionFeuille] = field(default_factory=list)
    emprise: Boite | None = None


def lignes_types(comptes: dict[str, Any]) -> list[LigneType]:
    """Read and written by class, from the counts stored with a sheet's version."""
    lus, ecrits = comptes.get("lus", {}), comptes.get("ecrits", {})
    return [
        LigneType(types_objets.libelle(code), lus.get(code, 0), ecrits.get(code, 0))
        for code in types_objets.trier(set(lus) | set(ecrits))
    ]


def detail_feuille(id12: str) -> DetailFeuille | None:
    """A sheet with its counts, findings and vintages; four queries."""
    feuille = (
        Feuille.objects.filter(id12=id12, version__isnull=False)
        .select_related("version")
        .defer("version__geom", "version__geom_3857")
        .first()
    )
    if feuille is None or feuille.version is None:
        return None
    anomalies = list(feuille.anomalies.order_by("gravite", "code", "identifiant")[:500])
    comptes = feuille.version.comptes
    relations = [
        (nom, n.get("lues", 0), n.get("ecrites", 0))
        for nom, n in sorted(comptes.get("relations", {}).items())
    ]
    versions = list(feuille.versions.order_by("-millesime").defer("geom", "geom_3857", "comptes"))
    return DetailFeuille(
        feuille=feuille,
        types=lignes_types(comptes),
        relations=relations,
        anomalies=anomalies,
        par_code=sorted(Counter(a.code for a in anomalies).items()),
        versions=versions,
        emprise=_emprise(feuille.version.pk),
    )


def _emprise(version_id: int) -> Boite | None:
    with connection.cursor() as curseur:
        curseur.execute(
            """
            SELECT ST_XMin(b.g), ST_YMin(b.g), ST_XMax(b.g), ST_YMax(b.g)
            FROM cadastre_versionfeuille v
            LEFT JOIN LATERAL (SELECT ST_Transform(ST_Envelope(v.geom), 4326) AS g) b ON true WHERE v.id = %s
            """,
            [version_id],
        )
        ligne = curseur.fetchone()
    return boite(ligne) if ligne else None
