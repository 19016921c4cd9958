"""Raw blocks of the VEC files of a lot: numbers of primitives and objects, coordinates, attributes.

The key of a block is ``lot;sub-set;RTY;RID``: ids of faces, arcs and nodes repeat between files.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .coordonnees import lire_coordonnees
from .lignes import RID, Entiers, Lignes, code_champ, vue_u64
from .modele import AVERTISSEMENT, Anomalie
from .nomenclature import nom_attribut, nom_type

FEA, PFE, PAR, PNO = range(4)
GENRES = ("FEA", "PFE", "PAR", "PNO")
_CODES_GENRE = tuple(map(code_champ, GENRES))
_SCP, _COR, _TYP, _PTC, _ATC, _ATP, _ATV, _QAP = map(
    code_champ, ("SCP", "COR", "TYP", "PTC", "ATC", "ATP", "ATV", "QAP")
)
TYPE_SANS_CLASSE = "INCONNU"
_PREFIXE_ECRITURE = np.uint64(int.from_bytes(b"ID_S_ATT", "little"))


@dataclass(eq=False)
class Primitives:
    """Arcs (flat vertices and number of vertices of each) and nodes, numbered over all files of a lot."""

    sommets: list[npt.NDArray[np.float64]] = field(default_factory=list)
    tailles: list[Entiers] = field(default_factory=list)
    noeuds: list[npt.NDArray[np.float64]] = field(default_factory=list)


@dataclass(eq=False)
class Segment:
    """Objects of one type in one file: their numbers in file order, and their columns."""

    sous_ensemble: str
    numeros: Entiers
    rids: list[str]
    qualites: list[str]
    attributs: dict[str, list[str | None]] = field(default_factory=dict)


@dataclass(eq=False)
class Bruts:
    """Objects of a lot: type, sub-set and id by number (file order), columns by type."""

    types: list[str] = field(default_factory=list)
    sous_ensembles: list[str] = field(default_factory=list)
    rids: list[str] = field(default_factory=list)
    segments: dict[str, list[Segment]] = field(default_factory=lambda: defaultdict(list))


class Vecteurs:
    """The VEC files of one lot, read one after the other by ``indexer``; ``resoudre`` then finds a block.

    ``nombres`` counts the blocks of each kind (FEA, PFE, PAR, PNO).
    """

    def __init__(self, lot: str, anomalies: list[Anomalie]) -> None:
        self.lot = lot
        self.anomalies = anomalies
        self.primitives = Primitives()
        self.bruts = Bruts()
        self.nombres = [0, 0, 0, 0]
        self._numeros: dict[str, int] = {}
        self._normalises: dict[str, int] | None = None
        self._types: dict[str, str] = {"": TYPE_SANS_CLASSE}
        self._attributs: dict[str, str] = {}

    def indexer(self, lignes: Lignes, sous_ensemble: str) -> None:
        """Number the blocks of a file; read coordinates, objects and attributes."""
        premiers_rid = lignes.premiers(RID)
        for genre, code in enumerate(_CODES_GENRE):
            blocs = np.flatnonzero(lignes.rty == code)
            rids = lignes.valeurs(premiers_rid[blocs])
            if genre == FEA:
                self._lire_objets(lignes, sous_ensemble, blocs, rids)
            self._numeroter(genre, sous_ensemble, rids)
            if genre == PAR:
                self._lire_arcs(lignes, sous_ensemble, blocs, rids)
            elif genre == PNO:
                self._lire_noeuds(lignes, sous_ensemble, blocs, rids)

    def resoudre(self, references: list[str]) -> Entiers:
        """Number × 4 + kind of each block referred to, -1 where there is none."""
        numeros = self._numeros
        codes = np.array([numeros.get(reference, -1) for reference in references], dtype=np.int64)
        for i in np.flatnonzero(codes < 0).tolist():
            codes[i] = self._numero(references[i])
        return codes

    def _numero(self, reference: str) -> int:
        """The same for a reference not found as written: other case, blanks."""
        if self._normalises is None:
            self._normalises = {cle.upper(): numero for cle, numero in self._numeros.items()}
        return self._normalises.get(";".join(m.strip() for m in reference.upper().split(";")), -1)

    def valeur_invalide(self, type_: str, rid: str, sous_ensemble: str, detail: str) -> None:
        """Report a value that cannot be used."""
        self.anomalies.append(
            Anomalie(
                "VALEUR_INVALIDE",
                AVERTISSEMENT,
                type_,
                rid,
                f"{type_} {rid} : {detail}.",
                sous_ensemble=sous_ensemble,
            )
        )

    def _numeroter(self, genre: int, sous_ensemble: str, rids: list[str]) -> None:
        prefixe = f"{self.lot};{sous_ensemble};{GENRES[genre]};"
        base, numeros = self.nombres[genre], self._numeros
        avant = len(numeros)
        fin = base + len(rids)
        numeros.update(
            zip([prefixe + rid for rid in rids], range(base * 4 + genre, fin * 4 + genre, 4), strict=True)
        )
        self.nombres[genre] = fin
        if len(numeros) - avant == len(rids):
            return
        vus: set[str] = set()
        for rang, rid in enumerate(rids, base):
            if rid in vus:
                detail = f"identifiant en double dans {sous_ensemble} ; le premier est lié"
                type_ = self.bruts.types[rang] if genre == FEA else GENRES[genre]
                self.valeur_invalide(type_, rid, sous_ensemble, detail)
            else:
                numeros[prefixe + rid] = rang * 4 + genre
            vus.add(rid)

    # -- objects --------------------------------------------------------------------------------

    def _lire_objets(self, lignes: Lignes, sous_ensemble: str, blocs: Entiers, rids: list[str]) -> None:
        if not len(blocs):
            return
        bruts = self.bruts
        base = len(bruts.rids)
        types = [self._type(texte) for texte in lignes.valeurs(lignes.premiers(_SCP)[blocs])]
        bruts.rids += rids
        bruts.types += types
        bruts.sous_ensembles += [sous_ensemble] * len(rids)
        noms = sorted(set(types))
        rangs_types = {type_: i for i, type_ in enumerate(noms)}
        codes = np.array([rangs_types[type_] for type_ in types])
        ordre = np.argsort(codes, kind="stable")
        bornes = np.searchsorted(codes[ordre], np.arange(len(noms) + 1))
        qualites = lignes.valeurs(lignes.premiers(_QAP)[blocs])
        segments = []
        for i, type_ in enumerate(noms):
            membres = ordre[bornes[i] : bornes[i + 1]]
            liste = membres.tolist()
            segment = Segment(
                sous_ensemble,
                membres + base,
                [rids[j] for j in liste],
                [qualites[j].rsplit(";", 1)[-1] for j in liste],
            )
            segments.append(segment)
            bruts.segments[type_].append(segment)
        places = np.empty_like(ordre)
        places[ordre] = np.arange(len(ordre))
        for i, annonces, lus in lignes.comptes_faux(blocs, _ATC, _ATP):
            self.valeur_invalide(
                types[i], rids[i], sous_ensemble, f"attributs annoncés : {annonces}, lus : {lus}"
            )
        self._lire_attributs(lignes, blocs, codes, places - bornes[codes], segments)

    def _type(self, texte: str) -> str:
        type_ = self._types.get(texte)
        if type_ is None:
            type_ = self._types[texte] = nom_type(texte.rsplit(";", 1)[-1].strip())
        return type_

    def _lire_attributs(
        self, lignes: Lignes, blocs: Entiers, types: Entiers, places: Entiers, segments: list[Segment]
    ) -> None:
        """Fill the columns: values are grouped by (attribute, type) so that most columns are one slice."""
        objet_du_bloc = np.full(len(lignes.rty) + 1, -1, dtype=np.int64)
        objet_du_bloc[blocs] = np.arange(len(blocs))
        references, valeurs = lignes.indices(_ATP), lignes.indices(_ATV)
        valeurs = valeurs[objet_du_bloc[lignes.bloc[valeurs]] >= 0]
        if not len(references):
            return
        # The value belongs to the ATP line just before it in its block.
        precedentes = np.searchsorted(references, valeurs) - 1
        paires = (precedentes >= 0) & (lignes.bloc[references[precedentes]] == lignes.bloc[valeurs])
        valeurs, precedentes = valeurs[paires], precedentes[paires]
        if not len(valeurs):
            return
        objets = objet_du_bloc[lignes.bloc[valeurs]]
        noms, attributs = self._noms_attributs(lignes, references)
        groupes = attributs[precedentes] * len(segments) + types[objets]
        if len(noms) * len(segments) < 2**15:
            groupes = groupes.astype(np.int16)  # numpy sorts small integers by radix
        ordre = np.argsort(groupes, kind="stable")
        objets, groupes, valeurs = objets[ordre], groupes[ordre], valeurs[ordre]
        textes = lignes.valeurs(valeurs)
        rangs = places[objets]
        debuts = [0, *(np.flatnonzero(np.diff(groupes)) + 1).tolist(), len(groupes)]
        doubles = set((np.flatnonzero((np.diff(groupes) == 0) & (np.diff(objets) == 0)) + 1).tolist())
        for debut, fin in pairwise(debuts):
            attribut, type_ = divmod(int(groupes[debut]), len(segments))
            segment = segments[type_]
            colonne: list[str | None]
            if fin - debut == len(segment.rids) and not doubles:
                colonne = list(textes[debut:fin])
            else:
                colonne = segment.attributs.get(noms[attribut], [None] * len(segment.rids))
                for k, rang in enumerate(rangs[debut:fin].tolist(), debut):
                    if k in doubles:
                        detail = f"deux valeurs de {noms[attribut]}, la seconde est « {textes[k]} »"
                        nom_du_type = self.bruts.types[int(segment.numeros[rang])]
                        self.valeur_invalide(nom_du_type, segment.rids[rang], segment.sous_ensemble, detail)
                    else:
                        colonne[rang] = textes[k]
            segment.attributs[noms[attribut]] = colonne

    def _noms_attributs(self, lignes: Lignes, references: Entiers) -> tuple[list[str], Entiers]:
        """Names met and, for each ATP line, the rank of its name.

        Ids of 8 bytes (``SUPF_id``) or of the writing (``ID_S_ATT_DI3``) are told apart by their bytes
        as one number; other forms are read as texts.
        """
        prefixe = len(f"{self.lot};SeSD;ATT;")
        debut, fin = lignes.debut[references] + prefixe, lignes.fin[references]
        longueur = fin - debut
        vue = vue_u64(lignes.octets)
        dernier = len(vue) - 1
        mots = vue[np.minimum(debut, dernier)]
        suite = vue[np.minimum(debut + 8, dernier)]
        separateur = lignes.octets[np.minimum(debut, dernier) - 1] == ord(";")
        court = separateur & (longueur > 0) & (longueur <= 8)
        long_ = separateur & (longueur > 8) & (longueur <= 16) & (mots == _PREFIXE_ECRITURE)
        utiles = np.where(long_, longueur - 8, longueur)
        masque = ~np.uint64(0) >> ((8 - np.clip(utiles, 1, 8)) * 8).astype(np.uint64)
        cles = np.where(long_, ~(suite & masque), mots & masque)
        connus = court | long_
        resultat = np.empty(len(references), dtype=np.int64)
        noms: dict[str, int] = {}
        distincts, premiers, inverse = np.unique(cles[connus], return_index=True, return_inverse=True)
        textes = lignes.valeurs(references[connus][premiers])
        codes = np.array([noms.setdefault(self._attribut(t), len(noms)) for t in textes], dtype=np.int64)
        if len(distincts):
            resultat[connus] = codes[inverse]
        for i in np.flatnonzero(~connus).tolist():
            texte = lignes.valeurs(references[i : i + 1])[0]
            resultat[i] = noms.setdefault(self._attribut(texte), len(noms))
        return list(noms), resultat

    def _attribut(self, texte: str) -> str:
        nom = self._attributs.get(texte)
        if nom is None:
            nom = self._attributs[texte] = nom_attribut(texte.rsplit(";", 1)[-1].strip())
        return nom

    # -- primitives -----------------------------------------------------------------------------

    def _coordonnees(
        self, lignes: Lignes, sous_ensemble: str, blocs: Entiers, rids: list[str], genre: str
    ) -> tuple[Entiers, npt.NDArray[np.float64]]:
        """Block rank (in ``blocs``) and position of each COR line; a block with a bad one has none."""
        rang = np.full(len(lignes.rty) + 1, -1, dtype=np.int64)
        rang[blocs] = np.arange(len(blocs))
        cor = lignes.indices(_COR)
        rangs = rang[lignes.bloc[cor]]
        cor, rangs = cor[rangs >= 0], rangs[rangs >= 0]
        xy = lire_coordonnees(lignes.octets, lignes.debut[cor], lignes.fin[cor])
        faux = np.isnan(xy[:, 0])
        if faux.any():
            for i in np.flatnonzero(faux).tolist():
                texte = lignes.valeurs(cor[i : i + 1])[0]
                detail = f"coordonnées illisibles « {texte} »"
                self.valeur_invalide(genre, rids[rangs[i]], sous_ensemble, detail)
            # A primitive with an unreadable point has no geometry at all: it must not be deformed.
            perdus = np.isin(rangs, rangs[faux])
            xy, rangs = xy[~perdus], rangs[~perdus]
        return rangs, xy

    def _lire_arcs(self, lignes: Lignes, sous_ensemble: str, blocs: Entiers, rids: list[str]) -> None:
        rangs, xy = self._coordonnees(lignes, sous_ensemble, blocs, rids, "PAR")
        tailles = np.bincount(rangs, minlength=len(blocs))
        self.primitives.sommets.append(xy)
        self.primitives.tailles.append(tailles)
        for i, annonces, lus in lignes.comptes_faux(blocs, _PTC, _COR):
            detail = f"points annoncés : {annonces}, lus : {lus}"
            self.valeur_invalide("PAR", rids[i], sous_ensemble, detail)
        typ = lignes.premiers(_TYP)[blocs]
        codes = lignes.octets[lignes.debut[typ]]
        for i in np.flatnonzero((typ >= 0) & ((codes == ord("2")) | (codes == ord("3")))).tolist():
            detail = f"arc de type {chr(codes[i])} (courbe), dessiné par ses sommets en ligne droite"
            self.valeur_invalide("PAR", rids[i], sous_ensemble, detail)

    def _lire_noeuds(self, lignes: Lignes, sous_ensemble: str, blocs: Entiers, rids: list[str]) -> None:
        rangs, xy = self._coordonnees(lignes, sous_ensemble, blocs, rids, "PNO")
        points = np.full((len(blocs), 2), np.nan)
        points[rangs[::-1]] = xy[::-1]
        self.primitives.noeuds.append(points)
