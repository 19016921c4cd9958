"""The bad or unusual inputs of cadastre.md §15, made from the generated sheets, with what is expected."""

from __future__ import annotations

import bz2
import io
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from gis_data.demo import archives, attendu, degeneres, millesimes
from gis_data.demo import feuilles as sheets
from gis_data.demo.objets import Commune
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.modele import Feuille, Objets
from gis_data.formats.edigeo.projections import EPSG_PAR_CODE
from gis_data.projections import transformateur, transformer

Fiche = dict[str, Any]
CODE_INCONNU = "LAMB99X"
LIEU_LONG = "AU LIEU DIT LE GRAND PRE DE LA FONTAINE AUX ANES SOUS LES ROCHES DU VIEUX MOULIN D EN BAS"
_OPTIONNELS = ("DIC", "SCD", "GEN", "QAL")
_BOMBE_MIO = 600


@dataclass
class Defaut:
    """Files of one case, by their path under its folder, and the line of ``defauts/attendu.json``."""

    fichiers: dict[str, bytes]
    fiche: Fiche


@dataclass
class Base:
    """What the cases start from: the commune and its sheets; ``id12`` is the sheet most of them spoil."""

    commune: Commune
    feuilles: dict[str, Feuille]
    id12: str

    @property
    def feuille(self) -> Feuille:
        """The sheet to spoil."""
        return self.feuilles[self.id12]


def base(commune: Commune, feuilles: dict[str, Feuille]) -> Base:
    """Starts from the smallest village sheet that has streets, places and buildings."""
    utiles = [
        i
        for i, f in feuilles.items()
        if all(t in f.objets for t in ("ZONCOMMUNI", "LIEUDIT", "BATIMENT", "NUMVOIE"))
    ]
    id12 = min(utiles, key=lambda i: (i[8] in "0Z", len(feuilles[i].objets["PARCELLE"])))
    return Base(commune, feuilles, id12)


def fabriquer(code: str, b: Base) -> Defaut:
    """One case by its folder name; ``KeyError`` for an unknown one."""
    return _FABRIQUES[code](b)


# -- helpers -------------------------------------------------------------------------------------


def _nom(id12: str, extension: str = "tar.bz2") -> str:
    return f"edigeo-{id12}.{extension}"


def _paquet(feuille: Feuille, fichiers: dict[str, bytes] | None = None) -> bytes:
    return archives.tar_bz2(fichiers or ecrire_lot(feuille), feuille.millesime)


def _lue(b: Base, code: str, feuille: Feuille, note: str, id12: str | None = None, **plus: Any) -> Fiche:
    """Line of a sheet that must be imported."""
    id12 = id12 or b.id12
    mesures = attendu.de_la_feuille(feuille)
    return {
        "fichier": f"{code}/{_nom(id12)}",
        "etat": "importee",
        "note": note,
        "feuille": id12,
        "lus": mesures["lus"],
        "parcelles": mesures["lus"]["PARCELLE"],
        "aire_parcelles_m2": mesures["aire_parcelles_m2"],
        **plus,
    }


def _rejetee(code: str, fichier: str, erreur: str, note: str, feuille: str | None = None) -> Fiche:
    fiche: Fiche = {"fichier": f"{code}/{fichier}", "etat": "rejetee", "erreur_code": erreur, "note": note}
    return fiche | ({"feuille": feuille} if feuille else {})


def _avec(feuille: Feuille, type_: str, **attributs: str) -> Feuille:
    """The sheet with other attributes on the first object of a type."""
    colonnes = {nom: list(c) for nom, c in feuille.objets[type_].attributs.items()}
    n = len(feuille.objets[type_])
    for nom in list(colonnes):
        if nom.startswith("TEX") and any(a.startswith("TEX") for a in attributs):
            colonnes[nom][0] = None
    for nom, valeur in attributs.items():
        colonnes.setdefault(nom, [None] * n)[0] = valeur
    return _remplacer(feuille, type_, replace(feuille.objets[type_], attributs=colonnes))


def _remplacer(feuille: Feuille, type_: str, objets: Objets) -> Feuille:
    return replace(feuille, objets={**feuille.objets, type_: objets})


def _sans(feuille: Feuille, suffixes: tuple[str, ...]) -> dict[str, bytes]:
    return {n: c for n, c in ecrire_lot(feuille).items() if not n.upper().endswith(suffixes)}


# -- the cases -----------------------------------------------------------------------------------


def _utf8(b: Base) -> Defaut:
    feuille = _avec(b.feuille, "ZONCOMMUNI", TEX="Chemin", TEX2="à ", TEX3="Crêt")
    fichiers = {}
    for nom, contenu in ecrire_lot(feuille).items():
        relu = contenu.decode("latin-1").replace("ATVST02:à ", "ATVST02:à").encode()
        fichiers[nom] = relu if nom.endswith(".VEC") else contenu
    mesures = attendu.de_la_feuille(feuille)
    note = (
        "feuille enregistrée de nouveau en UTF-8 : longueurs fausses, sauf une (le mot « à », "
        "dont le blanc final est tombé) ; décider par fichier, pas par valeur"
    )
    fiche = _lue(
        b, "utf8", feuille, note,
        anomalies=[{"code": "ENCODAGE_UTF8", "minimum": 1}],
        somme_contenances_m2=mesures["contenance_m2"],
        voies_contiennent=["Chemin à Crêt"],
    )  # fmt: skip
    return Defaut({_nom(b.id12): _paquet(feuille, fichiers)}, fiche)


def _fichiers_manquants(b: Base) -> Defaut:
    fichiers = _sans(b.feuille, (".DIC", ".GEN", ".SCD", "T3.VEC"))
    nom = _nom(b.id12, "zip")
    note = "DIC, GEN, SCD et T3.VEC manquent ; T3 est nommé par le THF"
    fiche = _rejetee("fichiers-manquants", nom, "FICHIER_MANQUANT", note, b.id12)
    return Defaut({nom: archives.en_zip(fichiers, b.feuille.millesime)}, fiche)


def _sans_optionnels(b: Base) -> Defaut:
    fichiers = _sans(b.feuille, tuple(f".{x}" for x in _OPTIONNELS))
    note = "DIC, SCD, GEN et QAL manquent : importée avec la nomenclature incluse, dates vides"
    anomalies = [{"code": "FICHIER_OPTIONNEL_ABSENT", "minimum": 4}]
    fiche = _lue(b, "sans-fichiers-optionnels", b.feuille, note, anomalies=anomalies)
    return Defaut({_nom(b.id12): _paquet(b.feuille, fichiers)}, fiche)


def _vec_tronque(b: Base) -> Defaut:
    fichiers = ecrire_lot(b.feuille)
    nom = next(n for n in fichiers if n.endswith("S1.VEC"))
    fichiers[nom] = fichiers[nom][: len(fichiers[nom]) // 2]
    fiche = _rejetee(
        "vec-tronque", _nom(b.id12), "FICHIER_TRONQUE", "S1.VEC coupé au milieu, sans EOMT", b.id12
    )
    return Defaut({_nom(b.id12): _paquet(b.feuille, fichiers)}, fiche)


def _archive_tronquee(b: Base) -> Defaut:
    contenu = _paquet(b.feuille)
    fiche = _rejetee("archive-tronquee", _nom(b.id12), "ARCHIVE_ILLISIBLE", "flux bzip2 coupé à 60 %")
    return Defaut({_nom(b.id12): contenu[: len(contenu) * 6 // 10]}, fiche)


def _vide(b: Base) -> Defaut:
    return Defaut({_nom(b.id12): b""}, _rejetee("vide", _nom(b.id12), "ARCHIVE_ILLISIBLE", "0 octet"))


def _texte(b: Base) -> Defaut:
    page = b"<html><body>404 introuvable</body></html>\n"
    note = "une page d'erreur enregistrée sous le nom d'une archive"
    return Defaut({_nom(b.id12): page}, _rejetee("texte", _nom(b.id12), "ARCHIVE_ILLISIBLE", note))


def _sans_thf(b: Base) -> Defaut:
    nom = _nom(b.id12, "zip")
    contenu = archives.en_zip(_sans(b.feuille, (".THF",)), b.feuille.millesime)
    return Defaut({nom: contenu}, _rejetee("sans-thf", nom, "THF_ABSENT", "", b.id12))


def _chemins(b: Base) -> Defaut:
    jour = b.feuille.millesime
    tampon = io.BytesIO()
    with tarfile.open(fileobj=tampon, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for nom in ("../../evade.txt", "/absolu/evade.txt"):
            archive.addfile(archives.membre(nom, 6, jour), io.BytesIO(b"evade\n"))
        lien = archives.membre("lien.THF", 0, jour)
        lien.type, lien.linkname = tarfile.SYMTYPE, "../../../ailleurs"
        archive.addfile(lien)
        for nom, contenu in ecrire_lot(b.feuille).items():
            archive.addfile(archives.membre(nom, len(contenu), jour), io.BytesIO(contenu))
    note = "membres ../../, chemin absolu, lien symbolique : refuser, ne rien écrire nulle part"
    fiche = _rejetee("chemins-dangereux", _nom(b.id12), "ARCHIVE_DANGEREUSE", note)
    return Defaut({_nom(b.id12): bz2.compress(tampon.getvalue())}, fiche)


def _bombe(b: Base) -> Defaut:
    """A bzip2 file of many small streams: 600 MiB of zeros without ever holding them."""
    info = archives.membre(f"{b.feuille.lot}S1.VEC", _BOMBE_MIO << 20, b.feuille.millesime)
    entete = info.tobuf(tarfile.USTAR_FORMAT)
    zeros = bz2.compress(bytes(10 << 20))
    contenu = bz2.compress(entete) + zeros * (_BOMBE_MIO // 10) + bz2.compress(bytes(2 * 512))
    note = f"un membre de {_BOMBE_MIO} Mio de zéros dans {len(contenu)} octets : s'arrêter à la limite"
    return Defaut({_nom(b.id12): contenu}, _rejetee("bombe", _nom(b.id12), "ARCHIVE_TROP_GRANDE", note))


def _next(b: Base) -> Defaut:
    feuille = _avec(b.feuille, "LIEUDIT", TEX=LIEU_LONG)
    note = f"une valeur de {len(LIEU_LONG)} octets : 72 dans ATV, le reste dans une ligne NEXT"
    fiche = _lue(b, "next", feuille, note, lieudit_contient=LIEU_LONG)
    return Defaut({_nom(b.id12): _paquet(feuille)}, fiche)


def _minuscules(b: Base) -> Defaut:
    fichiers = {n.lower(): c for n, c in ecrire_lot(b.feuille).items()}
    fiche = _lue(b, "minuscules", b.feuille, "noms des fichiers en minuscules")
    return Defaut({_nom(b.id12): _paquet(b.feuille, fichiers)}, fiche)


def _zip_de_tars(b: Base) -> Defaut:
    autre = next(i for i in sorted(b.feuilles) if i != b.id12)
    choix = sorted((b.id12, autre))
    nom = f"dep{b.commune.insee[:2]}.zip"
    contenus = {f"{i[:5]}/{i[8:10]}/{_nom(i)}": _paquet(b.feuilles[i]) for i in choix}
    fiche = {
        "fichier": f"zip-de-tars/{nom}",
        "etat": "importee",
        "note": "une archive de département : zip de tar.bz2 dans des dossiers",
        "feuilles": choix,
        "parcelles": sum(len(b.feuilles[i].objets["PARCELLE"]) for i in choix),
    }
    return Defaut({nom: archives.en_zip(contenus, b.feuille.millesime)}, fiche)


def projeter(feuille: Feuille, crs: str) -> Feuille:
    """The sheet in another projection: vertex by vertex, so that shared ones stay shared."""
    epsg = EPSG_PAR_CODE[crs]

    def passer(geoms: Any) -> Any:
        deplaces = transformer(geoms, feuille.epsg, epsg)
        return shapely.transform(deplaces, lambda c: np.round(c, 2))

    objets = {t: replace(o, geom=passer(o.geom)) for t, o in feuille.objets.items()}
    return replace(feuille, crs=crs, epsg=epsg, objets=objets)


def _projetee(b: Base, code: str, crs: str, note: str, **plus: Any) -> Defaut:
    feuille = projeter(b.feuille, crs)
    origine = b.feuille.objets["PARCELLE"]
    parcelle = int(np.argmax(shapely.area(origine.geom)))
    centre = origine.geom[parcelle].centroid
    x, y = transformateur(b.feuille.epsg, 2154).transform(centre.x, centre.y)
    temoin = {
        "idu": b.commune.insee[:2] + str(origine.attributs["IDU"][parcelle]),
        "xy": [round(x, 2), round(y, 2)],
        "tolerance_m": 0.05,
        **plus,
    }
    fiche = _lue(b, code, feuille, note, crs=f"EPSG:{feuille.epsg}", centroide_2154=temoin)
    return Defaut({_nom(b.id12): _paquet(feuille)}, fiche)


def _cc47(b: Base) -> Defaut:
    return _projetee(
        b, "crs-cc47", "RGF93CC47", "aires dans la projection livrée ; ce ne sont pas celles de 2154"
    )


def _lamb2(b: Base) -> Defaut:
    note = "demande la grille NTF vers RGF93 ; sans elle l'anomalie CRS_SANS_GRILLE"
    return _projetee(b, "crs-lamb2", "LAMB2", note, tolerance_sans_grille_m=1.5)


def _outre_mer(code: str, insee: str, crs: str) -> Callable[[Base], Defaut]:
    """A sheet said to lie overseas: codes and projection changed, coordinates kept."""

    def fabrique(b: Base) -> Defaut:
        ancien, nouveau = b.commune.com3, insee[2:]
        objets = {}
        for type_, o in b.feuille.objets.items():
            attributs = dict(o.attributs)
            if "IDU" in attributs:
                attributs["IDU"] = [x and nouveau + x.removeprefix(ancien) for x in attributs["IDU"]]
            objets[type_] = replace(o, attributs=attributs)
        epsg = EPSG_PAR_CODE[crs]
        feuille = replace(
            b.feuille, objets=objets, crs=crs, epsg=epsg,
            code10=nouveau + b.feuille.code10[3:], departement=insee[:2],
        )  # fmt: skip
        id12 = insee + b.id12[5:]
        note = "avec TERRITOIRE_SRID=2154 ; les chiffres sont ceux du lecteur et du territoire nommé"
        fiche = _lue(b, code, feuille, note, id12, crs=f"EPSG:{epsg}", importee_si_territoire_srid=epsg) | {
            "etat": "rejetee",
            "erreur_code": "CRS_HORS_TERRITOIRE",
        }
        return Defaut({_nom(id12): _paquet(feuille)}, fiche)

    return fabrique


def _crs_inconnu(b: Base) -> Defaut:
    fichiers = ecrire_lot(b.feuille)
    nom = next(n for n in fichiers if n.endswith(".GEO"))
    ligne = f"RELSA{len(CODE_INCONNU):02d}:{CODE_INCONNU}\r\n".encode()
    fichiers[nom] = re.sub(rb"RELSA\d\d:[^\r]*\r\n", ligne, fichiers[nom])
    fiche = _rejetee("crs-inconnu", _nom(b.id12), "CRS_INCONNU", f"le message nomme {CODE_INCONNU}", b.id12)
    return Defaut({_nom(b.id12): _paquet(b.feuille, fichiers)}, fiche)


def _parcelles_en_s1(b: Base) -> Defaut:
    parcelles = b.feuille.objets["PARCELLE"]
    feuille = _remplacer(
        b.feuille, "PARCELLE", replace(parcelles, sous_ensemble=["SeSPA_1"] * len(parcelles))
    )
    note = "toutes les PARCELLE dans le fichier spaghetti, T1.VEC sans objet : mêmes nombres et mêmes aires"
    return Defaut({_nom(b.id12): _paquet(feuille)}, _lue(b, "parcelles-en-s1", feuille, note))


def _objets_degeneres(b: Base) -> Defaut:
    feuille = _avec(b.feuille, "SUBDSECT", DEDI="Absent")
    fichiers, ajouts = degeneres.ajouter(ecrire_lot(feuille), feuille)
    note = (
        "parcelle d'aire nulle ; parcelle sans géométrie ni SUPF ; IDU avec une barre ; IDU en double ; "
        "lieu-dit en huit (aire des deux lobes, 5 000 m²) ; bâtiment sans DUR ; relation vers une parcelle "
        "absente ; relation dans l'autre ordre ; DEDI = Absent. Chaque objet est écrit"
    )
    fiche = _lue(b, "objets-degeneres", feuille, note)
    for type_, n in ajouts.lus.items():
        fiche["lus"][type_] += n
    fiche["parcelles"] = fiche["lus"]["PARCELLE"]
    lien = b.commune.insee[:2] + b.commune.com3 + b.id12[5:10]
    avant = attendu.de_la_feuille(feuille)["relations"]["BATIMENT_PARCELLE"]
    fiche["anomalies"] = [
        {"code": "GEOMETRIE_ABSENTE", "type": "PARCELLE", "identifiant": f"{lien}9001"},
        {"code": "GEOMETRIE_ABSENTE", "type": "PARCELLE", "identifiant": f"{lien}9002"},
        {"code": "GEOMETRIE_ABSENTE", "type": "PARCELLE", "minimum": 4},
        {"code": "IDU_INVALIDE", "type": "PARCELLE", "minimum": 1},
        {"code": "IDU_DOUBLON", "type": "PARCELLE", "minimum": 1},
        {"code": "GEOMETRIE_REPAREE", "type": "LIEUDIT", "minimum": 1},
        {"code": "ATTRIBUT_ABSENT", "type": "BATIMENT", "minimum": 1},
        {"code": "RELATION_ORPHELINE", "type": "BATIMENT_PARCELLE", "minimum": 1},
    ]
    fiche["relations"] = {"BATIMENT_PARCELLE": {"lues": avant + 2, "ecrites": avant + 1}}
    fiche["lieudit_repare"] = {"nom": degeneres.LIEU_EN_HUIT, "aire_m2": 5000.0}
    return Defaut({_nom(b.id12): _paquet(feuille, fichiers)}, fiche)


def _section_autre_commune(b: Base) -> Defaut:
    autre = "998" if b.commune.com3 != "998" else "997"
    feuille = _avec(b.feuille, "SECTION", IDU=autre + b.feuille.code10[3:8])
    note = "SECTION porte une autre commune : avertissement, parcelles importées, section non créée"
    anomalies = [{"code": "CODE_INCOHERENT", "type": "SECTION", "minimum": 1}]
    fiche = _lue(b, "section-autre-commune", feuille, note, anomalies=anomalies)
    return Defaut({_nom(b.id12): _paquet(feuille)}, fiche)


def _millesime_suivant(b: Base) -> Defaut:
    apres = millesimes.evoluer(b.commune)
    comparaisons = {code: millesimes.comparer(b.commune, apres, code) for code in b.commune.feuilles}
    code = max(comparaisons, key=lambda c: len(comparaisons[c]["filiation"]))
    id12 = b.commune.id12(code)
    feuille = sheets.construire(apres)[id12]
    note = f"la même feuille un an plus tard, à importer après {_nom(id12)} ; comparaison de cette feuille"
    fiche = _lue(
        b, "millesime-suivant", feuille, note, id12,
        millesime=apres.millesime.isoformat(), comparer_millesimes=comparaisons[code],
    )  # fmt: skip
    return Defaut({_nom(id12): _paquet(feuille)}, fiche)


_FABRIQUES: dict[str, Callable[[Base], Defaut]] = {
    "utf8": _utf8,
    "fichiers-manquants": _fichiers_manquants,
    "sans-fichiers-optionnels": _sans_optionnels,
    "vec-tronque": _vec_tronque,
    "archive-tronquee": _archive_tronquee,
    "vide": _vide,
    "texte": _texte,
    "sans-thf": _sans_thf,
    "chemins-dangereux": _chemins,
    "bombe": _bombe,
    "next": _next,
    "minuscules": _minuscules,
    "zip-de-tars": _zip_de_tars,
    "crs-cc47": _cc47,
    "crs-lamb2": _lamb2,
    "crs-rgr92utm": _outre_mer("crs-rgr92utm", "97499", "RGR92UTM"),
    "crs-rgaf09utm20": _outre_mer("crs-rgaf09utm20", "97199", "RGAF09UTM20"),
    "crs-inconnu": _crs_inconnu,
    "parcelles-en-s1": _parcelles_en_s1,
    "objets-degeneres": _objets_degeneres,
    "section-autre-commune": _section_autre_commune,
    "millesime-suivant": _millesime_suivant,
}
CODES = tuple(_FABRIQUES)
