"""LNK blocks of a lot: borders of faces, geometry of objects, semantic relations between objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .lignes import RID, Entiers, Lignes, code_champ, vue_u64
from .modele import AVERTISSEMENT, Anomalie
from .vecteur import FEA, GENRES, PAR, PFE, PNO, Vecteurs

_LNK, _SCP, _FTC, _FTP, _SNS = map(code_champ, ("LNK", "SCP", "FTC", "FTP", "SNS"))


def _fin8(texte: bytes) -> int:
    return int.from_bytes(texte, "little")


# Last eight bytes of the SCP of the construction links that are most of a file.
_GAUCHE, _DROITE = _fin8(b"FAC_GCHE"), _fin8(b"FAC_DRTE")
_INITIAL, _FINAL = _fin8(b"_NOD_INI"), _fin8(b"_NOD_FIN")
_AUTRE, _COTE, _IGNORE = range(3)


def _vide(colonnes: int) -> Entiers:
    return np.empty((0, colonnes), dtype=np.int64)


@dataclass(eq=False)
class Lien:
    """Semantic links of one name: ids, and members as (rank of the link, object number or -1)."""

    rids: list[str] = field(default_factory=list)
    rangs: list[Entiers] = field(default_factory=list)
    objets: list[Entiers] = field(default_factory=list)
    absents: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(eq=False)
class Liens:
    """All links of a lot. ``cotes``: (arc, face, 0 left or 1 right). ``faces``, ``noeuds``: (object,
    primitive); ``arcs``: (object, arc, 1 when reversed). ``primitives_absentes``: ids by object."""

    cotes: Entiers = field(default_factory=lambda: _vide(3))
    faces: Entiers = field(default_factory=lambda: _vide(2))
    arcs: Entiers = field(default_factory=lambda: _vide(3))
    noeuds: Entiers = field(default_factory=lambda: _vide(2))
    primitives_absentes: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    relations: dict[str, Lien] = field(default_factory=lambda: defaultdict(Lien))


def lire_liens(vecteurs: Vecteurs, tables: Sequence[tuple[Lignes, str]]) -> Liens:
    """Links of all files (with their sub-set), once all are indexed: a link may name blocks of any file."""
    lecteur = _Lecteur(vecteurs)
    for lignes, sous_ensemble in tables:
        lecteur.lire(lignes, sous_ensemble)
    return lecteur.fermer()


class _Lecteur:
    def __init__(self, vecteurs: Vecteurs) -> None:
        self.vecteurs = vecteurs
        self.liens = Liens()
        self._morceaux: dict[str, list[Entiers]] = defaultdict(list)
        self._faces_absentes: dict[str, int] = {}
        self._faces_incompletes: set[int] = set()

    def lire(self, lignes: Lignes, sous_ensemble: str) -> None:
        """Sort the LNK blocks of a file: links to end nodes add nothing, for arcs hold their vertices."""
        blocs = np.flatnonzero(lignes.rty == _LNK)
        if not len(blocs):
            return
        for i, annonces, lus in lignes.comptes_faux(blocs, _FTC, _FTP):
            rid = lignes.valeurs(lignes.premiers(RID)[blocs[i : i + 1]])[0]
            self.vecteurs.valeur_invalide(
                "LNK", rid, sous_ensemble, f"membres annoncés : {annonces}, lus : {lus}"
            )
        suffixes = vue_u64(lignes.octets)[np.maximum(lignes.fin[lignes.premiers(_SCP)[blocs]] - 8, 0)]
        droite = suffixes == _DROITE
        sorte = np.full(len(lignes.rty) + 1, _IGNORE, dtype=np.int8)
        sorte[blocs] = _AUTRE
        sorte[blocs[(suffixes == _INITIAL) | (suffixes == _FINAL)]] = _IGNORE
        sorte[blocs[droite | (suffixes == _GAUCHE)]] = _COTE
        ftp = lignes.indices(_FTP)
        utile = sorte[lignes.bloc[ftp]]
        self._lire_cotes(lignes, ftp[utile == _COTE], blocs[droite])
        self._lire_autres(lignes, ftp[utile == _AUTRE], blocs[sorte[blocs] == _AUTRE])

    def fermer(self) -> Liens:
        """All pairs as one array each; the objects of a face with a missing arc are told."""
        liens = self.liens
        for nom, morceaux in self._morceaux.items():
            setattr(liens, nom, np.concatenate(morceaux))
        if self._faces_incompletes:
            for objet, face in liens.faces.tolist():
                if face in self._faces_incompletes:
                    liens.primitives_absentes[objet].append("un arc du contour")
        return liens

    def _lire_cotes(self, lignes: Lignes, ftp: Entiers, droites: Entiers) -> None:
        if not len(ftp):
            return
        references = lignes.valeurs(ftp)
        codes = self.vecteurs.resoudre(references)
        manquants = np.flatnonzero(codes < 0).tolist()
        for i in manquants:
            codes[i] = self._absent(references[i])
        blocs = lignes.bloc[ftp]
        genres, numeros = codes & 3, codes >> 2
        face_du_bloc = np.full(len(lignes.rty), -1, dtype=np.int64)
        faces = (codes >= 0) & (genres == PFE)
        face_du_bloc[blocs[faces]] = numeros[faces]
        self._faces_incompletes.update(int(face_du_bloc[blocs[i]]) for i in manquants if codes[i] < 0)
        cote = np.zeros(len(lignes.rty), dtype=np.int64)
        cote[droites] = 1
        arcs = (codes >= 0) & (genres == PAR)
        arcs &= face_du_bloc[blocs] >= 0
        blocs = blocs[arcs]
        self._morceaux["cotes"].append(np.stack([numeros[arcs], face_du_bloc[blocs], cote[blocs]], axis=1))

    def _absent(self, reference: str) -> int:
        """Code of a block that no file holds: a face gets a number (its arcs may be there), others -1."""
        morceaux = reference.split(";")
        if len(morceaux) != 4 or morceaux[2].strip().upper() != GENRES[PFE]:
            return -1
        numero = self._faces_absentes.get(reference)
        if numero is None:
            numero = self._faces_absentes[reference] = self.vecteurs.nombres[PFE]
            self.vecteurs.nombres[PFE] += 1
        return numero * 4 + PFE

    def _lire_autres(self, lignes: Lignes, ftp: Entiers, blocs: Entiers) -> None:
        """Links of objects: REL to their primitives, ASS to other objects."""
        references = lignes.valeurs(ftp)
        codes = self.vecteurs.resoudre(references)
        lien_du_bloc = np.full(len(lignes.rty), -1, dtype=np.int64)
        lien_du_bloc[blocs] = np.arange(len(blocs))
        liens = lien_du_bloc[lignes.bloc[ftp]]
        schemas: dict[str, int] = {}
        textes = lignes.valeurs(lignes.premiers(_SCP)[blocs])
        schema = np.array([schemas.setdefault(texte, len(schemas)) for texte in textes], dtype=np.int64)
        noms = [([*texte.split(";"), "", "", "", ""])[2:4] for texte in schemas]
        construit = np.array([nature == "REL" for nature, _ in noms], dtype=bool)[schema]
        rids = lignes.premiers(RID)[blocs]

        en_construction = construit[liens]
        objets = codes & 3 == FEA
        objets &= codes >= 0
        objet_du_lien = np.full(len(blocs), -1, dtype=np.int64)
        choisis = np.flatnonzero(objets & en_construction)[::-1]
        objet_du_lien[liens[choisis]] = codes[choisis] >> 2
        for i in np.flatnonzero(construit & (objet_du_lien < 0)).tolist():
            self._orphelin(
                noms[int(schema[i])][1], lignes.valeurs(rids[i : i + 1])[0],
                [references[j] for j in np.flatnonzero(liens == i).tolist()],
            )  # fmt: skip
        for i in np.flatnonzero(en_construction & (codes < 0) & (objet_du_lien[liens] >= 0)).tolist():
            objet = int(objet_du_lien[liens[i]])
            self.liens.primitives_absentes[objet].append(references[i].rsplit(";", 1)[-1])
            codes[i] = self._absent(references[i])
        self._geometrie(lignes, ftp, codes, objet_du_lien[liens])

        numeros = np.where(objets, codes >> 2, -1)
        for k, (nature, nom) in enumerate(noms):
            if nature == "REL":
                continue
            du_schema = np.flatnonzero(schema == k)
            membres = np.flatnonzero(schema[liens] == k)
            self._relation(nom, lignes.valeurs(rids[du_schema]), liens[membres], du_schema, numeros[membres],
                           [references[i] for i in membres[numeros[membres] < 0].tolist()])  # fmt: skip

    def _geometrie(self, lignes: Lignes, ftp: Entiers, codes: Entiers, objets: Entiers) -> None:
        """(object, primitive) pairs of the members of construction links."""
        genres, numeros = codes & 3, codes >> 2
        utiles = (codes >= 0) & (objets >= 0)
        for nom, genre in (("faces", PFE), ("noeuds", PNO)):
            choisis = utiles & (genres == genre)
            self._morceaux[nom].append(np.stack([objets[choisis], numeros[choisis]], axis=1))
        arcs = utiles & (genres == PAR)
        if arcs.any():
            sns = lignes.indices(_SNS)
            inverses = np.searchsorted(ftp, sns[lignes.octets[lignes.debut[sns]] == ord("M")]) - 1
            sens = np.zeros(len(ftp), dtype=np.int64)
            sens[inverses] = 1
            self._morceaux["arcs"].append(np.stack([objets[arcs], numeros[arcs], sens[arcs]], axis=1))

    def _relation(
        self,
        nom: str,
        rids: list[str],
        liens: Entiers,
        du_schema: Entiers,
        objets: Entiers,
        absents: list[str],
    ) -> None:
        lien = self.liens.relations[nom]
        rangs = np.searchsorted(du_schema, liens) + len(lien.rids)
        lien.rids += rids
        lien.rangs.append(rangs)
        lien.objets.append(objets)
        for rang, reference in zip(rangs[objets < 0].tolist(), absents, strict=True):
            lien.absents[rang].append(reference)

    def _orphelin(self, nom: str, rid: str, references: list[str]) -> None:
        cites = ", ".join(references) or "rien"
        detail = f"{rid} : lien de construction d'un objet absent ({cites})."
        self.vecteurs.anomalies.append(
            Anomalie("RELATION_ORPHELINE", AVERTISSEMENT, nom, rid, detail, ecrit=False)
        )
