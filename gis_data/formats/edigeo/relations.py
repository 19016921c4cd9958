"""Semantic relations of a lot: members resolved to objects and put in the order of the relation's name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .liens import Lien
from .lignes import Entiers
from .modele import AVERTISSEMENT, Anomalie, Relations
from .nomenclature import Nomenclature
from .vecteur import Bruts

Classes = frozenset[str] | None


def classes_attendues(nom: str, types: list[str], nomenclature: Nomenclature) -> tuple[Classes, Classes]:
    """Types that may come first and second in a relation; for an unknown one, those its name holds."""
    connues = nomenclature.relations.get(nom)
    if connues is not None:
        return connues
    for type_ in types:
        if nom.startswith(f"{type_}_"):
            second = nom[len(type_) + 1 :]
            return frozenset({type_}), frozenset({second}) if second in types else None
    return None, None


@dataclass(frozen=True, eq=False)
class Registre:
    """Objects by number in file order: number in the sheet, rank of the type in ``noms_types``, id."""

    numeros: Entiers
    types: Entiers
    noms_types: list[str]
    rids: list[str]

    @classmethod
    def de(cls, bruts: Bruts, noms_types: list[str]) -> Registre:
        """Numbers type after type, in the order of ``noms_types``."""
        parties = [segment.numeros for type_ in noms_types for segment in bruts.segments[type_]]
        ordre = np.concatenate([np.empty(0, dtype=np.int64), *parties])
        numeros = np.empty_like(ordre)
        numeros[ordre] = np.arange(len(ordre))
        types = np.empty_like(ordre)
        effectifs = [sum(len(s.numeros) for s in bruts.segments[type_]) for type_ in noms_types]
        types[ordre] = np.repeat(np.arange(len(noms_types)), effectifs)
        return cls(numeros, types, noms_types, bruts.rids)


def resoudre(
    nom: str, lien: Lien, registre: Registre, nomenclature: Nomenclature, anomalies: list[Anomalie]
) -> Relations:
    """Relations of one name, with numbers of the sheet; those that cannot be resolved become anomalies."""
    types, noms_types = registre.types, registre.noms_types
    premiers, seconds = classes_attendues(nom, noms_types, nomenclature)
    admis = np.zeros((2, len(noms_types) + 1), dtype=bool)
    for place, admises in enumerate((premiers, seconds)):
        admis[place, :-1] = [admises is None or type_ in admises for type_ in noms_types]

    paires, rangs = _paires(lien)
    absents = np.asarray((paires < 0).any(axis=1))
    genres = np.where(paires < 0, len(noms_types), types[paires])
    droits = admis[0, genres[:, 0]] & admis[1, genres[:, 1]]
    inverses = ~droits & admis[0, genres[:, 1]] & admis[1, genres[:, 0]]
    paires[inverses] = paires[inverses][:, ::-1]
    bons = (droits | inverses) & ~absents
    for i in np.flatnonzero(~bons).tolist():
        rid = lien.rids[rangs[i]]
        if absents[i]:
            cites = ", ".join(lien.absents.get(int(rangs[i]), [])) or "il n'est pas nommé"
            detail = f"{rid} : un membre n'existe pas dans la feuille ({cites})"
        else:
            classes = " et ".join(f"{noms_types[types[n]]} {registre.rids[n]}" for n in paires[i].tolist())
            detail = f"{rid} : {classes} ne peuvent pas être liés par {nom}"
        detail += " ; la relation n'est pas écrite."
        anomalies.append(Anomalie("RELATION_ORPHELINE", AVERTISSEMENT, nom, rid, detail, ecrit=False))
    membres = registre.numeros[paires[bons]].astype(np.int32).reshape(-1, 2)
    return Relations(nom, membres, [lien.rids[i] for i in rangs[bons].tolist()], len(paires))


def _paires(lien: Lien) -> tuple[Entiers, Entiers]:
    """(n, 2) members of each relation (a link of more members makes a pair of the first with each other)."""
    du_lien, objets = np.concatenate(lien.rangs), np.concatenate(lien.objets)
    effectifs = np.bincount(du_lien, minlength=len(lien.rids))
    if (effectifs == 2).all():
        return objets.reshape(-1, 2), np.arange(len(lien.rids))
    paires, rangs = [], []
    for rang, membres in enumerate(np.split(objets, np.cumsum(effectifs)[:-1])):
        premier, *autres = membres.tolist() or [-1]
        for autre in autres or [-1]:
            paires.append((premier, autre))
            rangs.append(rang)
    return np.array(paires, dtype=np.int64).reshape(-1, 2), np.array(rangs, dtype=np.int64)
