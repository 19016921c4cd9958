"""Versions of parcels in time: state at a date, what a version became, where it comes from, comparison."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from cadastre.models import Parcelle, VersionFeuille

DECIMALES_PART = 4

# Down or up the filiation: each share is multiplied along the chain, and the shares of the chains that end
# in the same version are added. A child begins after its parent, so no chain can turn in circles.
_CHAINE = """
WITH RECURSIVE chaine(depart, id, part, part_retour) AS (
    SELECT v, v, 1::float8, 1::float8 FROM unnest(%(departs)s::bigint[]) v
    UNION ALL
    SELECT c.depart, f.{vers}_id, c.part * f.part_{de}, c.part_retour * f.part_{vers}
      FROM chaine c JOIN cadastre_filiation f ON f.{de}_id = c.id
     WHERE NOT c.id = ANY(%(arrivees)s::bigint[])
)
SELECT depart, id, sum(part), sum(part_retour) FROM chaine
 WHERE {arrivee} GROUP BY depart, id ORDER BY depart, sum(part) DESC, id"""


def etat_au(jour: date, commune: str | None = None) -> QuerySet[Parcelle]:
    """Versions in force on a day (``valide_du`` included, ``valide_au`` excluded)."""
    versions = Parcelle.objects.filter(Q(valide_au__isnull=True) | Q(valide_au__gt=jour), valide_du__lte=jour)
    return versions if commune is None else versions.filter(commune=commune)


def parcelles_actuelles(version: Parcelle) -> list[tuple[Parcelle, float]]:
    """Versions in force today that a version became, with its share in each (0–1), largest first.

    Shares are of planar areas, 4 decimals; they add to less than 1 where ground left the cadastre.
    """
    if version.valide_au is None:
        return [(version, 1.0)]
    lignes = _suivre([version.pk], [], "parent", "enfant", "id <> depart")
    parts = {id_: part for _, id_, part, _ in lignes}
    actuelles = Parcelle.objects.filter(pk__in=parts, valide_au__isnull=True)
    return _ranger(actuelles, parts)


def origines(version: Parcelle) -> list[tuple[Parcelle, float]]:
    """Oldest known versions that a version comes from, with the share of it that each gave, largest first."""
    lignes = _suivre([version.pk], [], "enfant", "parent", "id <> depart")
    parts = {id_: part for _, id_, part, _ in lignes}
    plus_anciennes = Parcelle.objects.filter(pk__in=parts, parents__isnull=True)
    return _ranger(plus_anciennes, parts) or [(version, 1.0)]


def _ranger(versions: QuerySet[Parcelle], parts: dict[int, float]) -> list[tuple[Parcelle, float]]:
    resultat = [(version, min(1.0, round(parts[version.pk], DECIMALES_PART))) for version in versions]
    return sorted(resultat, key=lambda paire: (-paire[1], paire[0].idu or ""))


def _suivre(
    departs: list[int], arrivees: list[int], de: str, vers: str, arrivee: str
) -> list[tuple[int, int, float, float]]:
    sql = _CHAINE.format(de=de, vers=vers, arrivee=arrivee)
    with connection.cursor() as curseur:
        curseur.execute(sql, {"departs": departs, "arrivees": arrivees})
        return curseur.fetchall()


# -- comparison of two dates ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Etat:
    """What is compared of a version."""

    id: int
    contenance: int | None
    surface: float | None
    empreinte: int | None
    arpentee: bool
    figuree: bool
    feuille: str

    def champs(self, apres: _Etat) -> dict[str, list[Any]]:
        """Fields that differ, [before, after]."""
        ecarts: dict[str, list[Any]] = {}
        if self.contenance != apres.contenance:
            ecarts["contenance"] = [self.contenance, apres.contenance]
        if self.empreinte != apres.empreinte:
            ecarts["geometrie"] = [self.surface, apres.surface]
        for nom in ("arpentee", "figuree", "feuille"):
            if getattr(self, nom) != getattr(apres, nom):
                ecarts[nom] = [getattr(self, nom), getattr(apres, nom)]
        return ecarts


@dataclass(frozen=True)
class _Feuilles:
    """Sheets of a commune between two dates: delivered anew, known only since, without news."""

    renouvelees: set[str]
    nouvelles: set[str]


def feuilles_sans_etat(commune: str, avant: date, apres: date) -> list[str]:
    """Sheets first delivered between the dates: what they held before is not known."""
    return sorted(_feuilles(commune, avant, apres).nouvelles)


def _feuilles(commune: str, avant: date, apres: date) -> _Feuilles:
    livraisons = VersionFeuille.objects.filter(feuille__commune=commune, millesime__lte=apres)
    premieres: dict[str, date] = {}
    dernieres: dict[str, date] = {}
    for id12, millesime in livraisons.order_by("millesime").values_list("feuille__id12", "millesime"):
        premieres.setdefault(id12, millesime)
        dernieres[id12] = millesime
    recentes = {id12 for id12, millesime in dernieres.items() if millesime > avant}
    nouvelles = {id12 for id12 in recentes if premieres[id12] > avant}
    return _Feuilles(recentes - nouvelles, nouvelles)


def comparer(commune: str, avant: date, apres: date) -> dict[str, Any]:
    """The document of ``comparer_millesimes`` (cadastre.md §7.3); parcels without idu are left out.

    Compared: the sheets delivered anew between the dates. Of a sheet known only since, a parcel counts
    when it was elsewhere before or comes from a parcel that was: the rest is unknown, not created.
    """
    ancien, nouveau = _etats(commune, avant), _etats(commune, apres)
    filiation = _filiation(ancien, nouveau)
    feuilles = _feuilles(commune, avant, apres)
    restees = {etat.id for etat in nouveau.values()}
    issues = {lien["enfant"] for lien in filiation}
    ancien_compare = {
        idu: etat
        for idu, etat in ancien.items()
        if etat.feuille in feuilles.renouvelees or etat.id not in restees
    }
    nouveau_compare = {
        idu: etat
        for idu, etat in nouveau.items()
        if etat.feuille in feuilles.renouvelees
        or (etat.feuille in feuilles.nouvelles and (idu in ancien or idu in issues))
    }
    modifiees = []
    inchangees = 0
    for idu in sorted(ancien_compare.keys() & nouveau_compare.keys()):
        champs = ancien_compare[idu].champs(nouveau_compare[idu])
        if champs:
            modifiees.append({"idu": idu, "champs": champs})
        else:
            inchangees += 1
    return {
        "commune": commune,
        "avant": avant.isoformat(),
        "apres": apres.isoformat(),
        "creees": sorted(nouveau_compare.keys() - ancien.keys()),
        "supprimees": sorted(ancien_compare.keys() - nouveau.keys()),
        "modifiees": modifiees,
        "inchangees": inchangees,
        "filiation": filiation,
    }


def _etats(commune: str, jour: date) -> dict[str, _Etat]:
    champs = ("id", "contenance", "surface_geometrique", "empreinte_geom", "arpentee", "figuree")
    versions = etat_au(jour, commune).filter(idu__isnull=False)
    return {idu: _Etat(*valeurs) for idu, *valeurs in versions.values_list("idu", *champs, "feuille__id12")}


def _filiation(ancien: dict[str, _Etat], nouveau: dict[str, _Etat]) -> list[dict[str, Any]]:
    """Parents gone and children come between the dates; a parcel of unchanged shape is not its own child."""
    parents = {etat.id: idu for idu, etat in ancien.items()}
    enfants = {etat.id: idu for idu, etat in nouveau.items()}
    departs = sorted(parents.keys() - enfants.keys())
    arrivees = sorted(enfants.keys() - parents.keys())
    if not departs or not arrivees:
        return []
    liens = []
    aires = _aires(departs)
    directes = _aires_directes(departs)
    for depart, id_, part, retour in _suivre(
        departs, arrivees, "parent", "enfant", "id = ANY(%(arrivees)s::bigint[])"
    ):
        parent, enfant = parents[depart], enfants[id_]
        if parent == enfant and ancien[parent].empreinte == nouveau[enfant].empreinte:
            continue
        liens.append(
            {
                "parent": parent,
                "enfant": enfant,
                "aire_commune_m2": round(directes.get((depart, id_), part * aires[depart]), 2),
                "part_parent": min(1.0, round(part, DECIMALES_PART)),
                "part_enfant": min(1.0, round(retour, DECIMALES_PART)),
            }
        )
    return sorted(liens, key=lambda lien: (lien["parent"], lien["enfant"]))


def _aires(versions: list[int]) -> dict[int, float]:
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT id, coalesce(ST_Area(geom), 0) FROM cadastre_parcelle WHERE id = ANY(%s)", [versions]
        )
        return dict(curseur.fetchall())


def _aires_directes(parents: list[int]) -> dict[tuple[int, int], float]:
    """Common areas as computed by the import, where one step leads from parent to child."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT parent_id, enfant_id, aire_commune FROM cadastre_filiation WHERE parent_id = ANY(%s)",
            [parents],
        )
        return {(parent, enfant): aire for parent, enfant, aire in curseur.fetchall()}
