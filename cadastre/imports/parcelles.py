"""Parcels of a sheet as columns, and their comparison with the versions in force."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from cadastre.imports import copie
from cadastre.imports.geometries import Geometries, surfaces_m2
from cadastre.imports.identite import cle_idu, idu12_valide
from cadastre.imports.plan import Lecture
from gis_data.formats.edigeo.modele import AVERTISSEMENT, Anomalie, Objets

TABLE = "cadastre_parcelle"
COLONNES = (
    "id", "idu", "cle_idu", "idu_lu", "commune", "prefixe", "section", "numero", "feuille_id",
    "sous_ensemble", "rid", "valide_du", "valide_au", "contenance", "surface_geometrique", "arpentee",
    "figuree", "date_obs", "date_maj", "empreinte_geom", "geom", "geom_3857",
)  # fmt: skip
PRECISION_M = 0.01


def empreintes(geometries: Geometries) -> list[int | None]:
    """A signed 64-bit fingerprint of each geometry to the centimetre, wherever its rings begin."""
    normales = shapely.normalize(geometries)
    coordonnees, indices = shapely.get_coordinates(normales, return_index=True)
    octets = np.round(coordonnees / PRECISION_M).astype("<i8").tobytes()
    bornes = (np.searchsorted(indices, np.arange(len(normales) + 1)) * 16).tolist()
    return [
        None
        if debut == fin
        else int.from_bytes(hashlib.blake2b(octets[debut:fin], digest_size=8).digest(), "little", signed=True)
        for debut, fin in pairwise(bornes)
    ]


class Contenu(NamedTuple):
    """What makes two versions of a parcel different."""

    contenance: int | None
    arpentee: bool
    figuree: bool
    empreinte_geom: int | None


@dataclass(eq=False)
class Parcelles:
    """The parcels of a sheet; ``idu`` ``None`` where the file's own identifier is unusable."""

    objets: Objets
    idu: list[str | None]
    idu_lu: list[str]
    contenus: list[Contenu]
    surfaces: list[float | None]

    def __len__(self) -> int:
        return len(self.idu)

    def nom(self, rang: int) -> str:
        """What a person knows a parcel by."""
        return self.idu[rang] or self.idu_lu[rang] or self.objets.rid[rang]


def identifiants(objets: Objets, departement: str) -> dict[tuple[str, str], str]:
    """Name of each parcel in reports, by (sub-set, rid): idu of 14 where there is one."""
    lus = objets.attributs.get("IDU", [None] * len(objets))
    return {
        (sous_ensemble, rid): departement + lu.strip()
        if lu and idu12_valide(lu.strip())
        else (lu or rid).strip()
        for sous_ensemble, rid, lu in zip(objets.sous_ensemble, objets.rid, lus, strict=True)
    }


def interpreter(
    objets: Objets, livree: Geometries, territoire: Geometries, commune: str, anomalies: list[Anomalie]
) -> Parcelles:
    """Columns of the parcels; ``territoire`` and ``livree`` are their geometries in both projections."""
    lecture = Lecture(objets, anomalies)
    contenances = _contenances(lecture)
    arpentees = [texte == "A" for texte in lecture.textes("COAR")]
    figurees = [texte != "02" for texte in lecture.textes("INDP")]
    contenus = [
        Contenu(*valeurs)
        for valeurs in zip(contenances, arpentees, figurees, empreintes(territoire), strict=True)
    ]
    lus = [texte or "" for texte in lecture.textes("IDU")]
    parcelles = Parcelles(objets, [], lus, contenus, surfaces_m2(livree))
    parcelles.idu = _idus(objets, lus, shapely.is_missing(territoire), commune, anomalies)
    return parcelles


def _contenances(lecture: Lecture) -> list[int | None]:
    contenances: list[int | None] = []
    for i, valeur in enumerate(lecture.nombres("SUPF")):
        if valeur is not None and (valeur < 0 or valeur > 2**31 - 1):
            lecture.invalide(i, "SUPF", str(lecture.objets.attributs["SUPF"][i]))
            contenances.append(None)
        else:
            contenances.append(None if valeur is None else round(valeur))
    return contenances


def _idus(
    objets: Objets,
    lus: Sequence[str],
    sans_geometrie: npt.NDArray[np.bool_],
    commune: str,
    anomalies: list[Anomalie],
) -> list[str | None]:
    idus: list[str | None] = []

    def signaler(rang: int, code: str, identifiant: str, detail: str) -> None:
        anomalies.append(
            Anomalie(
                code, AVERTISSEMENT, "PARCELLE", identifiant, detail, sous_ensemble=objets.sous_ensemble[rang]
            )
        )

    par_idu: dict[str, list[int]] = defaultdict(list)
    for rang, lu in enumerate(lus):
        idu = commune[:2] + lu
        if not idu12_valide(lu):
            signaler(
                rang,
                "IDU_INVALIDE",
                lu or objets.rid[rang],
                f"Parcelle {objets.rid[rang]} : identifiant « {lu} » inutilisable ;"
                " elle est enregistrée sans référence, son texte d'origine est gardé.",
            )
            idus.append(None)
        elif idu[:5] != commune:
            signaler(
                rang,
                "CODE_INCOHERENT",
                idu,
                f"Parcelle {idu} : elle porte le code de la commune {idu[:5]}, sa feuille est de {commune} ;"
                " elle est enregistrée sans référence.",
            )
            idus.append(None)
        else:
            idus.append(idu)
            par_idu[idu].append(rang)
    for idu, rangs in par_idu.items():
        if len(rangs) == 1:
            continue
        garde = next((rang for rang in rangs if not sans_geometrie[rang]), rangs[0])
        for rang in rangs:
            if rang != garde:
                idus[rang] = None
                signaler(
                    rang,
                    "IDU_DOUBLON",
                    idu,
                    f"Parcelle {idu} : elle figure {len(rangs)} fois dans la feuille ; l'objet"
                    f" {objets.rid[garde]} garde la référence, {objets.rid[rang]} est enregistré sans elle.",
                )
    return idus


# -- comparison with the database ----------------------------------------------------------------


class EnBase(NamedTuple):
    """A version read from the database: in force, or closed at this vintage or later."""

    id: int
    idu: str | None
    idu_lu: str
    feuille_id: int
    feuille: str
    millesime_feuille: date | None
    valide_du: date
    valide_au: date | None
    contenance: int | None
    arpentee: bool
    figuree: bool
    empreinte_geom: int | None

    @property
    def contenu(self) -> Contenu:
        """What is compared."""
        return Contenu(self.contenance, self.arpentee, self.figuree, self.empreinte_geom)


@dataclass(eq=False)
class Decision:
    """What the comparison wants done. ``ids`` = row of each parcel (0: to be inserted under its new id)."""

    ids: npt.NDArray[np.int64]
    nouvelles: list[int] = field(default_factory=list)  # ranks
    corrigees: list[int] = field(default_factory=list)  # ranks whose row is rewritten in place
    rouvertes: list[int] = field(default_factory=list)  # row ids
    closes: list[int] = field(default_factory=list)  # row ids
    effacees: list[int] = field(default_factory=list)  # row ids
    doublons: list[Anomalie] = field(default_factory=list)
    creees: int = 0
    supprimees: int = 0
    modifiees: int = 0

    @property
    def inchangees(self) -> int:
        """Rows left alone."""
        return int((self.ids > 0).sum()) - len(self.corrigees) - len(self.rouvertes)


def comparer(parcelles: Parcelles, feuille_id: int, millesime: date, en_base: Sequence[EnBase]) -> Decision:
    """Which versions stay, close, open. Takes an idu from ``parcelles`` where another sheet keeps it."""
    decision = Decision(np.zeros(len(parcelles), dtype=np.int64))
    if not en_base:
        decision.nouvelles = list(range(len(parcelles)))
        decision.creees = len(parcelles) - parcelles.idu.count(None)
        return decision
    par_idu: dict[str, list[EnBase]] = defaultdict(list)
    anonymes: dict[tuple[str, Contenu], list[EnBase]] = defaultdict(list)
    restantes: dict[int, EnBase] = {}
    for version in en_base:
        if version.idu is not None:
            par_idu[version.idu].append(version)
        elif version.valide_au is None:
            anonymes[version.idu_lu, version.contenu].append(version)
        if version.feuille_id == feuille_id and version.valide_au is None:
            restantes[version.id] = version

    disparues: dict[str, EnBase] = {}
    for rang, idu in enumerate(parcelles.idu):
        if idu is not None:
            _comparer_une(
                parcelles, rang, idu, par_idu.get(idu, ()), feuille_id, millesime, decision, restantes
            )
        if parcelles.idu[rang] is None:
            pareilles = anonymes.get((parcelles.idu_lu[rang], parcelles.contenus[rang]))
            if pareilles:
                version = pareilles.pop()
                decision.ids[rang] = version.id
                del restantes[version.id]
            else:
                decision.nouvelles.append(rang)
    for version in restantes.values():
        (decision.closes if version.valide_du < millesime else decision.effacees).append(version.id)
        if version.idu is not None:
            disparues[version.idu] = version
    decision.supprimees += len(disparues)
    return decision


def _comparer_une(
    parcelles: Parcelles,
    rang: int,
    idu: str,
    versions: Sequence[EnBase],
    feuille_id: int,
    millesime: date,
    decision: Decision,
    restantes: dict[int, EnBase],
) -> None:
    contenu = parcelles.contenus[rang]
    ouverte = next((v for v in versions if v.valide_au is None), None)
    if ouverte is not None and ouverte.feuille_id == feuille_id:
        del restantes[ouverte.id]
        if ouverte.contenu == contenu:
            decision.ids[rang] = ouverte.id
        elif ouverte.valide_du >= millesime:
            decision.ids[rang] = ouverte.id
            decision.corrigees.append(rang)
            decision.modifiees += 1
        else:
            decision.closes.append(ouverte.id)
            decision.nouvelles.append(rang)
            decision.modifiees += 1
        return
    autres = [v for v in versions if v.valide_au is None or v.valide_au > millesime]
    genantes = [v for v in autres if v.valide_du >= millesime or _fait_foi(v, millesime)]
    if genantes:
        autre = genantes[0]
        parcelles.idu[rang] = None
        decision.doublons.append(
            Anomalie(
                "IDU_DOUBLON",
                AVERTISSEMENT,
                "PARCELLE",
                idu,
                f"Parcelle {idu} : la feuille {autre.feuille} la porte à une date au moins aussi récente ;"
                " celle-ci est enregistrée sans référence. Importez la dernière livraison des deux feuilles.",
                sous_ensemble=parcelles.objets.sous_ensemble[rang],
            )
        )
        return
    # It comes from another sheet: that one's version ends here, even if its own delivery said later.
    decision.closes += [v.id for v in autres]
    revenue = next(
        (
            v
            for v in versions
            if v.valide_au == millesime and v.feuille_id == feuille_id and v.contenu == contenu
        ),
        None,
    )
    if revenue is not None and not autres:
        decision.ids[rang] = revenue.id
        decision.rouvertes.append(revenue.id)
        return
    decision.nouvelles.append(rang)
    if autres:
        decision.modifiees += 1
    else:
        decision.creees += 1


def _fait_foi(version: EnBase, millesime: date) -> bool:
    """Whether another sheet still holds the parcel at this date or a later one."""
    return (
        version.valide_au is None
        and version.millesime_feuille is not None
        and version.millesime_feuille >= millesime
    )


def colonnes(
    parcelles: Parcelles,
    ids: Sequence[int],
    rangs: Sequence[int] | None,
    identite: tuple[str, str, str, int],
    millesime: date,
    geom: Sequence[str],
    geom_3857: Sequence[str],
) -> list[list[str]]:
    """Columns for COPY of the parcels of the ranks given (all: ``None``); geometries are ready texts."""
    commune, prefixe, section, feuille_id = identite
    choisis = range(len(parcelles)) if rangs is None else rangs

    def choisir(colonne: Sequence[Any]) -> Sequence[Any]:
        return colonne if rangs is None else [colonne[i] for i in rangs]

    n = len(choisis)
    idus = choisir(parcelles.idu)
    contenus = choisir(parcelles.contenus)
    return [
        list(map(str, choisir(ids))),
        [copie.NUL if idu is None else idu for idu in idus],
        [copie.NUL if idu is None else str(cle_idu(idu)) for idu in idus],
        copie.texte(choisir(parcelles.idu_lu)),
        [commune] * n,
        [prefixe if idu is None else idu[5:8] for idu in idus],
        [section if idu is None else idu[8:10] for idu in idus],
        [copie.NUL if idu is None else str(int(idu[10:])) for idu in idus],
        [str(feuille_id)] * n,
        copie.texte(choisir(parcelles.objets.sous_ensemble)),
        copie.texte(choisir(parcelles.objets.rid)),
        [millesime.isoformat()] * n,
        [copie.NUL] * n,
        copie.nombres(contenu.contenance for contenu in contenus),
        copie.nombres(choisir(parcelles.surfaces)),
        copie.booleens(contenu.arpentee for contenu in contenus),
        copie.booleens(contenu.figuree for contenu in contenus),
        copie.dates(choisir(parcelles.objets.date_obs)),
        copie.dates(choisir(parcelles.objets.date_maj)),
        copie.nombres(contenu.empreinte_geom for contenu in contenus),
        list(choisir(geom)),
        list(choisir(geom_3857)),
    ]
