"""Semantic relations of a lot: members resolved to objects and put in the order of the relation's name."""

from __future__ import annotations

import numpy as np

from .lignes import Entiers
from .modele import AVERTISSEMENT, Anomalie, Relations
from .nomenclature import Nomenclature
from .vecteur import Lien

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


def resoudre(
    nom: str,
    lien: Lien,
    numeros: Entiers,
    types: Entiers,
    noms_types: list[str],
    rids: list[str],
    nomenclature: Nomenclature,
    anomalies: list[Anomalie],
) -> Relations:
    """Relations of one name. ``numeros`` and ``types`` give number and type of each object in file order."""
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
            cites = ", ".join(lien.textes.get(int(rangs[i]), [])) or "il n'est pas nommé"
            detail = f"{rid} : un membre n'existe pas dans la feuille ({cites})"
        else:
            classes = " et ".join(f"{noms_types[types[n]]} {rids[n]}" for n in paires[i].tolist())
            detail = f"{rid} : {classes} ne peuvent pas être liés par {nom}"
        detail += " ; la relation n'est pas écrite."
        anomalies.append(Anomalie("RELATION_ORPHELINE", AVERTISSEMENT, nom, rid, detail, ecrit=False))
    membres = numeros[paires[bons]].astype(np.int32).reshape(-1, 2)
    return Relations(nom, membres, [lien.rids[i] for i in rangs[bons].tolist()], len(paires))


def _paires(lien: Lien) -> tuple[Entiers, Entiers]:
    """(n, 2) members of each relation (a link of more members makes a pair of the first with each other)."""
    if all(len(membres) == 2 for membres in lien.membres):
        return np.array(lien.membres, dtype=np.int64).reshape(-1, 2), np.arange(len(lien.membres))
    paires, rangs = [], []
    for rang, membres in enumerate(lien.membres):
        premier = membres[0] if membres else -1
        for autre in membres[1:] or [-1]:
            paires.append((premier, autre))
            rangs.append(rang)
    return np.array(paires, dtype=np.int64).reshape(-1, 2), np.array(rangs, dtype=np.int64)
