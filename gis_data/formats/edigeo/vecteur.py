"""Raw blocks of the VEC files of a lot: numbers of primitives and objects, attributes, links.

The key of a block is ``lot;sub-set;RTY;RID``: ids of faces, arcs and nodes repeat between files.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .coordonnees import lire_coordonnees
from .lignes import RID, Entiers, Lignes, code_champ, vue_u64
from .modele import AVERTISSEMENT, Anomalie
from .nomenclature import nom_attribut, nom_type

FEA, PFE, PAR, PNO = range(4)
GENRES = ("FEA", "PFE", "PAR", "PNO")
_CODES_GENRE = tuple(map(code_champ, GENRES))
_LNK, _SCP, _FTP, _SNS, _COR, _TYP, _PTC, _ATP, _ATV, _QAP = map(
    code_champ, ("LNK", "SCP", "FTP", "SNS", "COR", "TYP", "PTC", "ATP", "ATV", "QAP")
)


def _fin8(texte: bytes) -> int:
    return int.from_bytes(texte, "little")


# Last eight bytes of the SCP of the construction links that are most of a file.
_GAUCHE, _DROITE = _fin8(b"FAC_GCHE"), _fin8(b"FAC_DRTE")
_INITIAL, _FINAL = _fin8(b"_NOD_INI"), _fin8(b"_NOD_FIN")
AUTRE, COTE, IGNORE = range(3)


@dataclass(eq=False)
class Primitives:
    """Arcs (flat vertices with offsets), nodes and faces of a lot, numbered over all its files."""

    sommets: list[npt.NDArray[np.float64]] = field(default_factory=list)
    tailles: list[Entiers] = field(default_factory=list)
    noeuds: list[npt.NDArray[np.float64]] = field(default_factory=list)
    # arrays (arc, face, side) of the left (0) and right (1) links
    cotes: list[npt.NDArray[np.int64]] = field(default_factory=list)
    faces_absentes: set[int] = field(default_factory=set)
    faces_incompletes: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Bruts:
    """Objects of a lot in file order, before they are sorted by type."""

    types: list[str] = field(default_factory=list)
    sous_ensembles: list[str] = field(default_factory=list)
    rids: list[str] = field(default_factory=list)
    qualites: dict[int, str] = field(default_factory=dict)
    attributs: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    # (object, primitive) pairs, arcs with their direction, in file order
    faces: list[tuple[int, int]] = field(default_factory=list)
    arcs: list[tuple[int, int, bool]] = field(default_factory=list)
    noeuds: list[tuple[int, int]] = field(default_factory=list)
    primitives_absentes: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(eq=False)
class Lien:
    """Semantic links of one name: object numbers (-1 = absent), grouped by link."""

    rids: list[str] = field(default_factory=list)
    membres: list[list[int]] = field(default_factory=list)
    textes: dict[int, list[str]] = field(default_factory=dict)  # link -> references that name no object


class Vecteurs:
    """The VEC files of one lot: ``indexer`` each of them, then ``lier`` each of them."""

    def __init__(self, lot: str, anomalies: list[Anomalie]) -> None:
        self.lot = lot
        self.anomalies = anomalies
        self.primitives = Primitives()
        self.bruts = Bruts()
        self.liens: dict[str, Lien] = defaultdict(Lien)
        self.nombres = [0, 0, 0, 0]
        self._numeros: dict[str, int] = {}
        self._normalises: dict[str, int] | None = None
        self._absents: dict[str, int] = {}
        self._types: dict[str, str] = {}
        self._attributs: dict[str, str] = {}

    # -- first pass -----------------------------------------------------------------------------

    def indexer(self, lignes: Lignes, sous_ensemble: str) -> None:
        """Number the blocks of a file; read coordinates, objects and attributes."""
        premiers_rid = lignes.premiers(RID)
        for genre, code in enumerate(_CODES_GENRE):
            blocs = np.flatnonzero((lignes.rty == code) & (premiers_rid >= 0))
            rids = lignes.valeurs(premiers_rid[blocs])
            self._numeroter(genre, sous_ensemble, rids)
            if genre == FEA:
                self._lire_objets(lignes, sous_ensemble, blocs, rids)
            elif genre == PAR:
                self._lire_arcs(lignes, blocs, rids)
            elif genre == PNO:
                self._lire_noeuds(lignes, blocs, rids)

    def _numeroter(self, genre: int, sous_ensemble: str, rids: list[str]) -> None:
        prefixe = f"{self.lot};{sous_ensemble};{GENRES[genre]};"
        base = self.nombres[genre]
        avant = len(self._numeros)
        for rang, rid in enumerate(rids, base):
            self._numeros.setdefault(prefixe + rid, rang * 4 + genre)
        self.nombres[genre] += len(rids)
        if len(self._numeros) - avant < len(rids):
            vus: set[str] = set()
            for rid in rids:
                if rid in vus:
                    self._valeur_invalide(
                        GENRES[genre], rid, f"identifiant en double dans {sous_ensemble} ; le premier est lié"
                    )
                vus.add(rid)

    def _valeur_invalide(self, type_: str, rid: str, detail: str) -> None:
        self.anomalies.append(Anomalie("VALEUR_INVALIDE", AVERTISSEMENT, type_, rid, f"{rid} : {detail}."))

    def _lire_objets(self, lignes: Lignes, sous_ensemble: str, blocs: Entiers, rids: list[str]) -> None:
        bruts = self.bruts
        base = len(bruts.rids)
        bruts.rids += rids
        bruts.sous_ensembles += [sous_ensemble] * len(rids)
        rang = np.full(len(lignes.rty) + 1, -1, dtype=np.int64)
        rang[blocs] = np.arange(base, base + len(blocs))

        scp = lignes.premiers(_SCP)[blocs]
        textes = lignes.valeurs(scp) if len(scp) else []
        for texte, ligne in zip(textes, scp.tolist(), strict=True):
            type_ = self._types.get(texte)
            if type_ is None or ligne < 0:
                type_ = nom_type(texte.split(";")[-1].strip()) if ligne >= 0 else "INCONNU"
                if ligne >= 0:
                    self._types[texte] = type_
            bruts.types.append(type_)

        qap = lignes.indices(_QAP)
        qap = qap[rang[lignes.bloc[qap]] >= 0]
        for objet, reference in zip(rang[lignes.bloc[qap]].tolist(), lignes.valeurs(qap), strict=True):
            bruts.qualites.setdefault(objet, reference.rsplit(";", 1)[-1])

        noms, valeurs = lignes.indices(_ATP), lignes.indices(_ATV)
        valeurs = valeurs[rang[lignes.bloc[valeurs]] >= 0]
        if not len(valeurs):
            return
        place = np.searchsorted(noms, valeurs) - 1
        correct = (place >= 0) & (lignes.bloc[noms[place]] == lignes.bloc[valeurs])
        valeurs, place = valeurs[correct], place[correct]
        objets = rang[lignes.bloc[valeurs]].tolist()
        connus, attributs = self._attributs, bruts.attributs
        for objet, reference, texte in zip(
            objets, lignes.valeurs(noms[place]), lignes.valeurs(valeurs), strict=True
        ):
            nom = connus.get(reference)
            if nom is None:
                nom = connus[reference] = nom_attribut(reference.split(";")[-1].strip())
            colonne = attributs[nom]
            if objet in colonne:
                detail = f"deux valeurs de {nom}, la seconde est « {texte} »"
                self._valeur_invalide(bruts.types[objet], bruts.rids[objet], detail)
                continue
            colonne[objet] = texte

    def _coordonnees(
        self, lignes: Lignes, blocs: Entiers, rids: list[str], genre: str
    ) -> tuple[Entiers, npt.NDArray[np.float64]]:
        """Block rank (in ``blocs``) and position of each COR line; lines that are no numbers are left out."""
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
                self._valeur_invalide(genre, rids[rangs[i]], f"coordonnées illisibles « {texte} »")
            # A primitive with an unreadable point has no geometry at all: it must not be deformed.
            perdus = np.isin(rangs, rangs[faux])
            xy, rangs = xy[~perdus], rangs[~perdus]
        return rangs, xy

    def _lire_arcs(self, lignes: Lignes, blocs: Entiers, rids: list[str]) -> None:
        rangs, xy = self._coordonnees(lignes, blocs, rids, "PAR")
        tailles = np.bincount(rangs, minlength=len(blocs))
        self.primitives.sommets.append(xy)
        self.primitives.tailles.append(tailles)
        ptc = lignes.premiers(_PTC)[blocs]
        annonces = lignes.valeurs(ptc)
        lus = tailles.tolist()
        for i, texte in enumerate(annonces):
            if texte != str(lus[i]) and ptc[i] >= 0 and texte.strip().lstrip("+0") != str(lus[i]):
                self._valeur_invalide("PAR", rids[i], f"{texte} points annoncés, {lus[i]} lus")
        typ = lignes.premiers(_TYP)[blocs]
        codes = lignes.octets[lignes.debut[typ]]
        for i in np.flatnonzero((typ >= 0) & ((codes == ord("2")) | (codes == ord("3")))).tolist():
            detail = f"arc de type {chr(codes[i])} (courbe), dessiné par ses sommets en ligne droite"
            self._valeur_invalide("PAR", rids[i], detail)

    def _lire_noeuds(self, lignes: Lignes, blocs: Entiers, rids: list[str]) -> None:
        rangs, xy = self._coordonnees(lignes, blocs, rids, "PNO")
        points = np.full((len(blocs), 2), np.nan)
        points[rangs[::-1]] = xy[::-1]
        self.primitives.noeuds.append(points)

    # -- second pass ----------------------------------------------------------------------------

    def _numero(self, reference: str) -> int:
        """Number × 4 + kind of a reference not found as written: other case, blanks; -1 when absent."""
        if self._normalises is None:
            self._normalises = {cle.upper(): numero for cle, numero in self._numeros.items()}
        return self._normalises.get(";".join(m.strip() for m in reference.upper().split(";")), -1)

    def _resoudre(self, references: list[str]) -> Entiers:
        numeros = self._numeros
        codes = np.fromiter(
            (numeros.get(reference, -1) for reference in references), np.int64, len(references)
        )
        for i in np.flatnonzero(codes < 0).tolist():
            codes[i] = self._numero(references[i])
        return codes

    def _absent(self, reference: str) -> int:
        """Code of a primitive that no file holds: faces get a number of their own, others -1 - kind."""
        morceaux = reference.split(";")
        rty = morceaux[2].strip().upper() if len(morceaux) == 4 else ""
        genre = GENRES.index(rty) if rty in GENRES else FEA
        if genre != PFE:
            return -1 - genre
        if reference not in self._absents:
            self._absents[reference] = self.nombres[PFE]
            self.primitives.faces_absentes.add(self.nombres[PFE])
            self.nombres[PFE] += 1
        return self._absents[reference] * 4 + PFE

    def lier(self, lignes: Lignes) -> None:
        """Read the links of a file: borders of faces, geometry of objects, semantic relations."""
        blocs = np.flatnonzero(lignes.rty == code_champ("LNK"))
        if not len(blocs):
            return
        scp = lignes.premiers(_SCP)[blocs]
        suffixes = vue_u64(lignes.octets)[np.maximum(lignes.fin[scp] - 8, 0)]
        sorte = np.full(len(lignes.rty) + 1, IGNORE, dtype=np.int64)
        sorte[blocs] = AUTRE
        sorte[blocs[(suffixes == _INITIAL) | (suffixes == _FINAL)]] = IGNORE
        sorte[blocs[(suffixes == _GAUCHE) | (suffixes == _DROITE)]] = COTE

        ftp = lignes.indices(_FTP)
        utile = sorte[lignes.bloc[ftp]]
        droites = np.zeros(len(sorte), dtype=np.int64)
        droites[blocs] = suffixes == _DROITE
        self._lier_cotes(lignes, ftp[utile == COTE], droites)
        self._lier_objets(lignes, ftp[utile == AUTRE], blocs[sorte[blocs] == AUTRE])

    def _lier_cotes(self, lignes: Lignes, ftp: Entiers, droites: Entiers) -> None:
        """(arc, face, side) of the left and right links."""
        references = lignes.valeurs(ftp)
        codes = self._resoudre(references)
        for i in np.flatnonzero(codes < 0).tolist():
            codes[i] = self._absent(references[i])
        blocs = lignes.bloc[ftp]
        genres, numeros = codes & 3, codes >> 2
        faces = np.full(len(lignes.rty), -1, dtype=np.int64)
        choisies = (codes >= 0) & (genres == PFE)
        faces[blocs[choisies]] = numeros[choisies]
        for i in np.flatnonzero(codes < 0).tolist():
            self.primitives.faces_incompletes.add(int(faces[blocs[i]]))
        arcs = (codes >= 0) & (genres == PAR) & (faces[blocs] >= 0)
        blocs = blocs[arcs]
        self.primitives.cotes.append(np.stack([numeros[arcs], faces[blocs], droites[blocs]], axis=1))

    def _lier_objets(self, lignes: Lignes, ftp: Entiers, blocs: Entiers) -> None:
        references = lignes.valeurs(ftp)
        codes = self._resoudre(references)
        inverses = self._sens_inverse(lignes, ftp)
        scp = lignes.valeurs(lignes.premiers(_SCP)[blocs])
        rids = lignes.valeurs(lignes.premiers(RID)[blocs])
        bornes = np.searchsorted(lignes.bloc[ftp], blocs)
        fins = np.searchsorted(lignes.bloc[ftp], blocs, side="right")
        liste = codes.tolist()
        for texte, rid, debut, fin in zip(scp, rids, bornes.tolist(), fins.tolist(), strict=True):
            membres = liste[debut:fin]
            nature, _, nom = texte.partition(";SeSD;")[2].partition(";")
            if not nom:
                nature, nom = [*texte.split(";")[2:4], "", ""][:2]
            if nature == "REL":
                self._construire(nom, rid, membres, references[debut:fin], inverses, debut)
            else:
                lien = self.liens[nom]
                paires = zip(references[debut:fin], membres, strict=True)
                if absents := [reference for reference, code in paires if code < 0 or code & 3]:
                    lien.textes[len(lien.rids)] = absents
                lien.membres.append([code >> 2 if code >= 0 and not code & 3 else -1 for code in membres])
                lien.rids.append(rid)

    @staticmethod
    def _sens_inverse(lignes: Lignes, ftp: Entiers) -> set[int]:
        """Ranks in ``ftp`` of the members followed by SNS M."""
        sns = lignes.indices(_SNS)
        inverses = sns[lignes.octets[lignes.debut[sns]] == ord("M")] if len(sns) else sns
        return set((np.searchsorted(ftp, inverses) - 1).tolist())

    def _construire(
        self, nom: str, rid: str, membres: list[int], references: list[str], inverses: set[int], debut: int
    ) -> None:
        objet = next((code >> 2 for code in membres if code >= 0 and not code & 3), -1)
        if objet < 0:
            detail = f"{rid} : la primitive {references[-1] if references else ''} est liée à un objet absent"
            self.anomalies.append(
                Anomalie("RELATION_ORPHELINE", AVERTISSEMENT, nom, rid, f"{detail}.", ecrit=False)
            )
            return
        bruts = self.bruts
        for rang, trouve in enumerate(membres):
            code = trouve if trouve >= 0 else self._absent(references[rang])
            if trouve < 0:
                bruts.primitives_absentes[objet].append(references[rang].rsplit(";", 1)[-1])
            if code < 0:
                continue
            genre, numero = code & 3, code >> 2
            if genre == PFE:
                bruts.faces.append((objet, numero))
            elif genre == PAR:
                bruts.arcs.append((objet, numero, debut + rang in inverses))
            elif genre == PNO:
                bruts.noeuds.append((objet, numero))
