"""Writer of EDIGÉO lots: a ``Feuille`` in, the files of its archive out.

Valid topology in T1–T3 (arcs shared by neighbours, one face on each side, ``Face_0`` outside), spaghetti
in S1. Coordinates at 0.01 m. What the reader gives is written whole, but for the anomalies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely

from .blocs import Fichier, reference
from .modele import Feuille
from .nomenclature import (
    LIGNE,
    POINT,
    SURFACE,
    TYPE_ECRITURE,
    Attribut,
    Classe,
    Nomenclature,
    identifiant_attribut,
    identifiant_type,
    nomenclature_2013,
)
from .schema import PRIMITIVES, construction, ecrire_dic, ecrire_scd
from .topologie import DEHORS, Couche, Point, primitives

SOUS_ENSEMBLES = {"SeTOP_1": "T1", "SeTOP_2": "T2", "SeTOP_3": "T3", "SeSPA_1": "S1"}
SPAGHETTI = "SeSPA_1"
_AUTEUR, _LOGICIEL, _INFORMATION = "Commune", "Export EDIGEO", "Echange du plan cadastral"
# Relations that stand in the file of their second member (the parcel), not of the first.
_FILE_DU_SECOND = frozenset({"NUMVOIE_PARCELLE"})


@dataclass(eq=False)
class _Objet:
    """One object to write; ``numero`` is its number in the sheet."""

    numero: int
    type: str
    rid: str
    geom: shapely.Geometry | None
    attributs: list[tuple[str, str]]
    dates: tuple[date | None, date | None]
    sous_ensemble: str
    qualite: str | None = None


@dataclass(eq=False)
class _Relation:
    nom: str
    rid: str
    membres: tuple[int, int]


@dataclass(eq=False)
class _Contenu:
    """Objects and relations of one sub-set."""

    objets: list[_Objet] = field(default_factory=list)
    relations: list[_Relation] = field(default_factory=list)


def ecrire_lot(feuille: Feuille) -> dict[str, bytes]:
    """Files of a sheet by name (THF, GEN, GEO, QAL, DIC, SCD, VEC).

    ``ValueError`` for what the format cannot hold: a character outside ISO 8859-1, a line break, an id of
    more than 72 bytes or given twice in a sub-set.
    """
    lot = feuille.lot
    objets = _objets(feuille)
    contenus = _repartir(feuille, objets)
    suffixes = {sous_ensemble: _suffixe(sous_ensemble) for sous_ensemble in contenus}
    nomenclature = _nomenclature(feuille, objets)
    relations = _classes_des_relations(feuille, objets)
    ecritures = set(nomenclature.classes[TYPE_ECRITURE].attributs)
    fichiers = {
        f"E{feuille.code10[3:]}.THF": _thf(feuille, suffixes),
        f"{lot}SE.GEN": _gen(feuille, objets, suffixes),
        f"{lot}SE.GEO": _geo(feuille),
        f"{lot}SE.QAL": _qal(lot, objets),
        f"{lot}SE.DIC": ecrire_dic(f"{lot}SE.DIC", nomenclature, ecritures),
        f"{lot}SE.SCD": ecrire_scd(lot, f"{lot}SE.SCD", nomenclature, relations, ecritures),
    }
    for sous_ensemble, contenu in contenus.items():
        nom = f"{lot}{suffixes[sous_ensemble]}.VEC"
        fichiers[nom] = _Vecteur(nom, lot, sous_ensemble, nomenclature).ecrire(contenu, objets)
    return fichiers


# -- what goes where -----------------------------------------------------------------------------


def _objets(feuille: Feuille) -> list[_Objet]:
    """All objects in the order of their numbers; each but the bare writings gets a QUP block."""
    resultat: list[_Objet] = []
    qualites: set[str] = set()
    for type_, objets in feuille.objets.items():
        noms = list(objets.attributs)
        for i in range(len(objets)):
            attributs = [(nom, texte) for nom in noms if (texte := objets.attributs[nom][i]) is not None]
            dates = (objets.date_obs[i], objets.date_maj[i])
            objet = _Objet(
                len(resultat), type_, objets.rid[i], objets.geom[i], attributs, dates, objets.sous_ensemble[i]
            )
            if type_ != TYPE_ECRITURE or dates != (None, None):
                objet.qualite = base = f"Actualite_{objet.rid}"
                rang = 1
                while objet.qualite in qualites:
                    rang += 1
                    objet.qualite = f"{base}_{rang}"
                qualites.add(objet.qualite)
            resultat.append(objet)
    return resultat


def _repartir(feuille: Feuille, objets: list[_Objet]) -> dict[str, _Contenu]:
    """Objects and relations by sub-set. One parcel out of topology sends all of them to S1; a writing
    stands with its object."""
    if any(objet.type == "PARCELLE" and objet.sous_ensemble == SPAGHETTI for objet in objets):
        for objet in objets:
            if objet.type == "PARCELLE":
                objet.sous_ensemble = SPAGHETTI
    if "IS_S_REL_IWW" in feuille.relations:
        for ecriture, objet_lie in feuille.relations["IS_S_REL_IWW"].membres.tolist():
            objets[ecriture].sous_ensemble = objets[objet_lie].sous_ensemble
    contenus = {sous_ensemble: _Contenu() for sous_ensemble in SOUS_ENSEMBLES}
    vus: set[tuple[str, str]] = set()
    for objet in objets:
        cle = (objet.sous_ensemble, objet.rid)
        if cle in vus:
            raise ValueError(f"identifiant d'objet en double dans {objet.sous_ensemble} : {objet.rid}")
        vus.add(cle)
        contenus.setdefault(objet.sous_ensemble, _Contenu()).objets.append(objet)
    for nom, relations in feuille.relations.items():
        for rid, membres in zip(relations.rid, relations.membres.tolist(), strict=True):
            porteur = objets[membres[nom in _FILE_DU_SECOND]]
            contenus[porteur.sous_ensemble].relations.append(_Relation(nom, rid, (membres[0], membres[1])))
    return contenus


def _suffixe(sous_ensemble: str) -> str:
    if sous_ensemble in SOUS_ENSEMBLES:
        return SOUS_ENSEMBLES[sous_ensemble]
    famille, _, rang = sous_ensemble.partition("_")
    return f"{'T' if famille == 'SeTOP' else 'S'}{rang or sous_ensemble}"


def _nature(objets: Iterable[_Objet]) -> str:
    """Kind of geometry of an unknown class, from its objects."""
    for objet in objets:
        if objet.geom is not None:
            return (POINT, LIGNE, SURFACE)[max(shapely.get_dimensions(objet.geom), 0)]
    return POINT


def _nomenclature(feuille: Feuille, objets: list[_Objet]) -> Nomenclature:
    """The built-in nomenclature with the unknown classes and attributes of the sheet."""
    base = nomenclature_2013()
    classes, attributs = dict(base.classes), dict(base.attributs)
    for type_, contenu in feuille.objets.items():
        noms = tuple(contenu.attributs)
        connue = classes.get(type_)
        if connue is None:
            nature = _nature(objet for objet in objets if objet.type == type_)
            classes[type_] = Classe(feuille.cnig.get(type_, ""), nature, noms)
        else:
            ajoutes = tuple(nom for nom in noms if nom not in connue.attributs)
            classes[type_] = Classe(connue.cnig, connue.nature, connue.attributs + ajoutes)
        for nom in noms:
            attributs.setdefault(nom, Attribut("T", 255, None, feuille.valeurs.get(nom, {})))
    return Nomenclature(classes, attributs, base.relations)


def _classes_des_relations(feuille: Feuille, objets: list[_Objet]) -> dict[str, list[str]]:
    """Classes of each semantic relation for the SCD: those of the standard, then the sheet's own."""
    relations = {nom: list(membres) for nom, membres in _RELATIONS_2013.items()}
    for nom, contenu in feuille.relations.items():
        classes = relations.setdefault(nom, [])
        for numero in np.unique(contenu.membres).tolist():
            if objets[numero].type not in classes:
                classes.append(objets[numero].type)
    return relations


_RELATIONS_2013: dict[str, tuple[str, ...]] = {
    "IS_S_REL_IWW": (
        TYPE_ECRITURE, "ZONCOMMUNI", "BATIMENT", "CHARGE", "LIEUDIT", "NUMVOIE", "PARCELLE", "SECTION",
        "SUBDFISC", "TLINE", "TPOINT", "TSURF", "TRONFLUV", "TRONROUTE", "VOIEP",
    ),
    "BATIMENT_PARCELLE": ("BATIMENT", "PARCELLE"),
    "BORNE_PARCELLE": ("BORNE", "PARCELLE"),
    "BOULON_PARCELLE": ("BOULON", "PARCELLE"),
    "CHARGE_PARCELLE": ("CHARGE", "PARCELLE"),
    "CROIX_PARCELLE": ("CROIX", "PARCELLE"),
    "DETOPO_COMMUNE": ("COMMUNE", "TPOINT", "TLINE", "TSURF"),
    "NUMVOIE_PARCELLE": ("NUMVOIE", "PARCELLE"),
    "PARCELLE_SUBDSECT": ("PARCELLE", "SUBDSECT"),
    "PTCANVS_COMMUNE": ("PTCANV", "COMMUNE"),
    "SECTION_COMMUNE": ("SECTION", "COMMUNE"),
    "SUBDFISC_PARCELLE": ("SUBDFISC", "PARCELLE"),
    "SUBDSECT_SECTION": ("SUBDSECT", "SECTION"),
    "SYMBLIM_PARCELLE": ("SYMBLIM", "PARCELLE"),
}  # fmt: skip


# -- descriptive files ---------------------------------------------------------------------------


def _thf(feuille: Feuille, suffixes: dict[str, str]) -> bytes:
    fichier = Fichier(f"E{feuille.code10[3:]}.THF")
    fichier.bloc("GTS", "SUPPORT_01")
    fichier.texte("AUTST", feuille.auteur or _AUTEUR)
    fichier.texte("ADRST", feuille.logiciel or _LOGICIEL)
    for champ, valeur in (("LOCSN", "1"), ("VOCSN", ""), ("SECSN", "7"), ("RDIST", ""), ("VERST", "1.0")):
        fichier.champ(champ, valeur)
    fichier.champ("VDASD", "19920801")
    fichier.champ("TRLST", "01")
    fichier.champ("EDNSN", "1")
    fichier.champ("TDASD", _date(feuille.millesime))
    fichier.texte("INFST", feuille.information or _INFORMATION)
    fichier.bloc("GTL", feuille.lot)
    fichier.champ("LONSA", feuille.lot)
    fichier.champ("INFST", "")
    for lettres, identifiant in (("GN", "GN"), ("GO", "GO"), ("QA", "QL"), ("DI", "NM"), ("SC", "SD")):
        fichier.champ(f"{lettres}NSA", "SE")
        fichier.champ(f"{lettres}ISA", f"Se{identifiant}")
    fichier.champ("GDCSN", str(len(suffixes)))
    for sous_ensemble, suffixe in suffixes.items():
        fichier.champ("GDNSA", suffixe)
        fichier.champ("GDISA", sous_ensemble)
    return fichier.fermer()


def _gen(feuille: Feuille, objets: list[_Objet], suffixes: dict[str, str]) -> bytes:
    fichier = Fichier(f"{feuille.lot}SE.GEN")
    fichier.bloc("DEG", f"EMPRISE_{feuille.lot}")
    geoms = [objet.geom for objet in objets if objet.geom is not None]
    bornes = shapely.total_bounds(np.array(geoms, dtype=object)) if geoms else np.zeros(4)
    x0, y0, x1, y1 = np.rint(np.nan_to_num(bornes) * 100).astype(np.int64).tolist()
    fichier.champ("CM1CC", _coordonnees((x0, y0)))
    fichier.champ("CM2CC", _coordonnees((x1, y1)))
    for sous_ensemble in suffixes:
        fichier.bloc("GSE", sous_ensemble)
        fichier.champ("INFST", "")
        fichier.champ("STRSN", "1" if _topologique(sous_ensemble) else "3")
        fichier.champ("REGSA", "")
    return fichier.fermer()


def _topologique(sous_ensemble: str) -> bool:
    return sous_ensemble.startswith("SeTOP")


def _geo(feuille: Feuille) -> bytes:
    fichier = Fichier(f"{feuille.lot}SE.GEO")
    fichier.bloc("GEO", f"GEODESIE_{feuille.lot}")
    for champ, valeur in (("RETSA", "MAP"), ("RENST", ""), ("RELSA", feuille.crs)):
        fichier.champ(champ, valeur)
    for champ, valeur in (("DIMSN", "2"), ("ALSSN", "2"), ("UNHST", "m")):
        fichier.champ(champ, valeur)
    return fichier.fermer()


def _date(jour: date | None) -> str:
    return jour.strftime("%Y%m%d").zfill(8) if jour else ""


def _qal(lot: str, objets: list[_Objet]) -> bytes:
    fichier = Fichier(f"{lot}SE.QAL")
    for objet in objets:
        if objet.qualite is None:
            continue
        observee, mise_a_jour = objet.dates
        fichier.bloc("QUP", objet.qualite)
        fichier.champ("ODASD", _date(observee))
        fichier.champ("UTYSN", "1")
        fichier.champ("ULOSN", "2")
        fichier.champ("UDASD", _date(mise_a_jour))
        fichier.champ("RATSR", "")
        fichier.champ("EDASD", "")
        fichier.champ("COCSN", "1")
        fichier.champ("COPCP", reference(lot, "SeSD", "OBJ", identifiant_type(objet.type)))
    return fichier.fermer()


# -- VEC files -----------------------------------------------------------------------------------


def _coordonnees(point: Point) -> str:
    x, y = (f"{'-' if c < 0 else '+'}{abs(c) // 100}.{abs(c) % 100:02d}" for c in point)
    return f"{x};{y};"


def _ligne_cor(point: Point) -> str:
    valeur = _coordonnees(point)
    return f"CORCC{len(valeur):02d}:{valeur}"


class _Vecteur:
    """One VEC file."""

    def __init__(self, nom: str, lot: str, sous_ensemble: str, nomenclature: Nomenclature) -> None:
        self.fichier = Fichier(nom)
        self.lot = lot
        self.sous_ensemble = sous_ensemble
        self.nomenclature = nomenclature
        self._noeuds: dict[Point, str] = {}
        self._isoles = 0

    def ecrire(self, contenu: _Contenu, objets: list[_Objet]) -> bytes:
        """Primitives, then each object with its links, then the relations."""
        topologique = _topologique(self.sous_ensemble)
        geoms = [objet.geom for objet in contenu.objets]
        couche = primitives(geoms, topologique=topologique)
        if topologique and couche.nombre_faces:
            self._face(DEHORS)
        if topologique:
            self._noeuds_des_arcs(couche)
        for rang, arc in enumerate(couche.arcs):
            self._arc(rang, arc.sommets)
        for face in range(1, couche.nombre_faces + 1):
            self._face(face)
        for rang, arc in enumerate(couche.arcs):
            self._liens_arc(rang, arc.gauche, arc.droite)
            if topologique:
                self._liens_noeuds(rang, arc.sommets)
        for rang, objet in enumerate(contenu.objets):
            self._objet(objet)
            self._geometrie(objet, rang, couche)
        for relation in contenu.relations:
            self._lien(
                relation.rid,
                ("ASS", relation.nom),
                [
                    reference(self.lot, objets[numero].sous_ensemble, "FEA", objets[numero].rid)
                    for numero in relation.membres
                ],
            )
        return self.fichier.fermer()

    def _reference(self, rty: str, rid: str) -> str:
        return reference(self.lot, self.sous_ensemble, rty, rid)

    def _primitive(self, rty: str, rid: str, genre: str) -> None:
        self.fichier.bloc(rty, rid)
        self.fichier.champ("SCPCP", reference(self.lot, "SeSD", "PGE", PRIMITIVES[genre]))

    def _face(self, face: int) -> None:
        self._primitive("PFE", f"Face_{face}", "FAC")
        self.fichier.champs(["CM1CC00:", "CM2CC00:", "ATCSN01:0", "QACSN01:0"])

    def _noeud(self, rid: str, genre: int, point: Point) -> None:
        self._primitive("PNO", rid, "NOD")
        self.fichier.champs([f"TYPSN01:{genre}", _ligne_cor(point), "ATCSN01:0", "QACSN01:0"])

    def _noeuds_des_arcs(self, couche: Couche) -> None:
        for arc in couche.arcs:
            for point in (arc.sommets[0], arc.sommets[-1]):
                if point not in self._noeuds:
                    self._noeuds[point] = f"Noeud_{len(self._noeuds) + 1}"
                    self._noeud(self._noeuds[point], 1, point)

    def _arc(self, rang: int, sommets: list[Point]) -> None:
        self._primitive("PAR", f"Arc_{rang + 1}", "ARC")
        self.fichier.champs(["CM1CC00:", "CM2CC00:", "TYPSN01:1"])
        self.fichier.champ("PTCSN", str(len(sommets)))
        self.fichier.champs([_ligne_cor(point) for point in sommets])
        self.fichier.champs(["ATCSN01:0", "QACSN01:0"])

    def _lien(self, rid: str, schema: tuple[str, str], membres: list[str], sens: bool = False) -> None:
        self.fichier.bloc("LNK", rid)
        self.fichier.champ("SCPCP", reference(self.lot, "SeSD", *schema))
        self.fichier.champ("FTCSN", str(len(membres)))
        for rang, membre in enumerate(membres):
            self.fichier.champ("FTPCP", membre)
            if sens and rang:
                self.fichier.champ("SNSSA", "P")
        self.fichier.champs(["ATCSN01:0", "QACSN01:0"])

    def _liens_arc(self, rang: int, gauche: int | None, droite: int | None) -> None:
        arc = f"Arc_{rang + 1}"
        for code, nom, face in (("LPO", "FAC_GCHE", gauche), ("RPO", "FAC_DRTE", droite)):
            if face is not None:
                self._lien(
                    f"Compo_{code}_{arc}_Face_{face}",
                    ("REL", f"ID_S_RCO_{nom}"),
                    [self._reference("PAR", arc), self._reference("PFE", f"Face_{face}")],
                )

    def _liens_noeuds(self, rang: int, sommets: list[Point]) -> None:
        arc = f"Arc_{rang + 1}"
        for code, nom, point in (("IND", "NOD_INI", sommets[0]), ("FND", "NOD_FIN", sommets[-1])):
            noeud = self._noeuds[point]
            self._lien(
                f"Compo_{code}_{arc}_{noeud}",
                ("REL", f"ID_S_RCO_{nom}"),
                [self._reference("PAR", arc), self._reference("PNO", noeud)],
            )

    def _objet(self, objet: _Objet) -> None:
        fichier = self.fichier
        fichier.bloc("FEA", objet.rid)
        fichier.champ("SCPCP", reference(self.lot, "SeSD", "OBJ", identifiant_type(objet.type)))
        fichier.champs(["CM1CC00:", "CM2CC00:", "REFCC00:"])
        fichier.champ("ATCSN", str(len(objet.attributs)))
        for nom, valeur in objet.attributs:
            identifiant = identifiant_attribut(objet.type, nom)
            fichier.champ("ATPCP", reference(self.lot, "SeSD", "ATT", identifiant))
            format_ = self.nomenclature.attributs[nom].format or "T"
            if format_ == "P":
                fichier.champ("ATVCP", reference(self.lot, "SeSD", "ATT", identifiant_attribut("", valeur)))
            elif format_ == "T" or not valeur.isascii():
                fichier.texte(f"ATVS{format_}", valeur)
            else:
                fichier.champ(f"ATVS{format_}", valeur)
        fichier.champ("QACSN", "1" if objet.qualite else "0")
        if objet.qualite:
            fichier.champ("QAPCP", reference(self.lot, "SeQL", "QUP", objet.qualite))

    def _geometrie(self, objet: _Objet, rang: int, couche: Couche) -> None:
        schema = ("REL", construction(objet.type))
        moi = self._reference("FEA", objet.rid)
        faces = [self._reference("PFE", f"Face_{face}") for face in couche.faces.get(rang, ())]
        if faces:
            self._lien(f"Compo_IDB_{objet.rid}", schema, [moi, *faces])
        arcs = [self._reference("PAR", f"Arc_{arc + 1}") for arc in couche.lignes.get(rang, ())]
        if arcs:
            self._lien(f"Compo_IDR_{objet.rid}", schema, [moi, *arcs], sens=True)
        noeuds = []
        for point in couche.points.get(rang, ()):
            self._isoles += 1
            noeuds.append(f"Isole_{self._isoles}")
            self._noeud(noeuds[-1], 2, point)
        if noeuds:
            self._lien(f"Compo_IDB_{objet.rid}", schema, [moi, *(self._reference("PNO", n) for n in noeuds)])
