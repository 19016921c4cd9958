"""Reader of EDIGÉO lots of the cadastral plan: files in memory in, ``Feuille`` out.

Everything is found by the THF, nothing by guessing names; the class of an object is the one written
in its block, whatever its file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from .geometrie import Construction, construire
from .liens import Liens, lire_liens
from .lignes import Lignes, code_champ, exiger_complet, exiger_fin, lire_lignes, noms_de_champ
from .modele import AVERTISSEMENT, INFORMATION, Anomalie, ErreurEdigeo, Feuille, Geometries, Objets
from .nomenclature import Nomenclature, lire_nomenclature, nom_attribut, nomenclature_2013
from .projections import EPSG_PAR_CODE
from .relations import Registre, resoudre
from .textes import date_compacte
from .vecteur import Bruts, Segment, Vecteurs

_RTY, _RID, _ODA, _UDA = map(code_champ, ("RTY", "RID", "ODA", "UDA"))
_QUALITES_CITEES = 5
_OPTIONNELS = {"QAN": "QAL", "DIN": "DIC", "SCN": "SCD", "GNN": "GEN"}


@dataclass(frozen=True)
class Lot:
    """One GTL block of a THF: names of the lot and of its files."""

    nom: str
    optionnels: dict[str, str]  # extension -> file name
    geo: str
    vecteurs: tuple[tuple[str, str], ...]  # (file name, sub-set)


@dataclass(frozen=True)
class Support:
    """What a THF says: author, software, date of transmission, lots."""

    fichier: str
    auteur: str
    logiciel: str
    information: str
    millesime: date
    lots: tuple[Lot, ...]
    anomalies: tuple[Anomalie, ...] = ()


def lire_lot(fichiers: Mapping[str, bytes], *, departement: str | None = None) -> Feuille:
    """The only lot of a set of files (name -> bytes). ``ErreurEdigeo`` when it cannot be read whole."""
    feuilles = lire_lots(fichiers, departement=departement)
    if len(feuilles) != 1:
        raise ErreurEdigeo(
            "THF_INVALIDE",
            f"l'archive contient {len(feuilles)} lots ; un seul est attendu ici. Importez-les un par un.",
        )
    return feuilles[0]


def lire_lots(fichiers: Mapping[str, bytes], *, departement: str | None = None) -> list[Feuille]:
    """Every lot named by the THF of a set of files, one ``Feuille`` each, in the order of the THF."""
    contenus: dict[str, bytes] = {}
    for nom, contenu in fichiers.items():
        contenus.setdefault(nom.replace("\\", "/").rsplit("/", 1)[-1].upper(), contenu)
    noms_thf = sorted(nom for nom in contenus if nom.endswith(".THF"))
    if not noms_thf:
        raise ErreurEdigeo(
            "THF_ABSENT",
            "aucun fichier THF dans l'archive : sans lui les autres ne peuvent pas être lus."
            " Téléchargez la feuille de nouveau.",
        )
    feuilles = []
    for nom in noms_thf:
        support = lire_thf(nom, contenus[nom])
        feuilles += [_lire_lot(contenus, support, lot, departement) for lot in support.lots]
    return feuilles


# -- THF, GEO ------------------------------------------------------------------------------------


def lire_thf(nom: str, contenu: bytes) -> Support:
    """Support and lots of a THF. ``ErreurEdigeo`` THF_INVALIDE when a needed field is missing."""
    lignes = exiger_complet(lire_lignes(nom, contenu))
    champs, valeurs = noms_de_champ(lignes), lignes.valeurs()
    entete: dict[str, str] = {}
    blocs: list[list[tuple[str, str]]] = []
    courant: list[tuple[str, str]] | None = None
    for champ, valeur in zip(champs, valeurs, strict=True):
        if champ == "RTY":
            courant = [] if valeur == "GTL" else None
            if courant is not None:
                blocs.append(courant)
        elif courant is not None:
            courant.append((champ, valeur.strip()))
        else:
            entete.setdefault(champ, valeur.strip())
    millesime = date_compacte(entete.get("TDA"))
    if millesime is None:
        raise _thf_invalide(nom, f"la date de transmission (TDA) est illisible : « {entete.get('TDA', '')} »")
    if not blocs:
        raise _thf_invalide(nom, "il ne décrit aucun lot (bloc GTL)")
    annonces = entete.get("LOC", "")
    if annonces.isdecimal() and int(annonces) > len(blocs):
        raise _thf_invalide(nom, f"il annonce {annonces} lots (LOC) et n'en décrit que {len(blocs)}")
    lots = tuple(_lire_gtl(nom, paires) for paires in blocs)
    textes = (entete.get(champ, "") for champ in ("AUT", "ADR", "INF"))
    auteur, logiciel, information = textes
    return Support(nom, auteur, logiciel, information, millesime, lots, tuple(lignes.anomalies))


def _thf_invalide(nom: str, detail: str) -> ErreurEdigeo:
    return ErreurEdigeo(
        "THF_INVALIDE",
        f"le fichier {nom} est inutilisable : {detail}. Téléchargez la feuille de nouveau.",
        nom,
    )


def _lire_gtl(nom: str, paires: list[tuple[str, str]]) -> Lot:
    uniques = dict(reversed(paires))
    lot = uniques.get("LON", "")
    if not lot:
        raise _thf_invalide(nom, "le nom du lot (LON) manque")
    suffixes = [valeur for champ, valeur in paires if champ == "GDN"]
    sous_ensembles = [valeur for champ, valeur in paires if champ == "GDI"]
    if not suffixes or len(suffixes) != len(sous_ensembles):
        raise _thf_invalide(nom, f"les fichiers de données (GDN, GDI) du lot {lot} manquent")
    annonces = uniques.get("GDC", "")
    if annonces.isdecimal() and int(annonces) > len(suffixes):
        detail = f"il annonce {annonces} fichiers de données (GDC) et n'en nomme que {len(suffixes)}"
        raise _thf_invalide(nom, detail)
    optionnels = {
        extension: f"{lot}{uniques[champ]}.{extension}"
        for champ, extension in _OPTIONNELS.items()
        if uniques.get(champ)
    }
    vecteurs = tuple(
        (f"{lot}{suffixe}.VEC", identifiant)
        for suffixe, identifiant in zip(suffixes, sous_ensembles, strict=True)
    )
    return Lot(lot, optionnels, f"{lot}{uniques.get('GON', '')}.GEO", vecteurs)


def _exiger(contenus: Mapping[str, bytes], nom: str, thf: str) -> bytes:
    contenu = contenus.get(nom.upper())
    if contenu is None:
        raise ErreurEdigeo(
            "FICHIER_MANQUANT",
            f"le fichier {nom}, annoncé par {thf}, manque dans l'archive. Téléchargez la feuille de nouveau.",
            nom,
        )
    return contenu


def _lire_crs(nom: str, contenu: bytes, anomalies: list[Anomalie]) -> tuple[str, int]:
    lignes = exiger_complet(lire_lignes(nom, contenu))
    anomalies += lignes.anomalies
    rel = lignes.valeurs(lignes.indices(code_champ("REL"))[:1])
    code = rel[0].strip() if rel else ""
    if code not in EPSG_PAR_CODE:
        raise ErreurEdigeo(
            "CRS_INCONNU",
            f"Projection « {code} » inconnue : la feuille n'est pas importée."
            f" Codes reconnus : {', '.join(EPSG_PAR_CODE)}.",
            nom,
        )
    return code, EPSG_PAR_CODE[code]


# -- one lot -------------------------------------------------------------------------------------


def _lire_lot(contenus: Mapping[str, bytes], support: Support, lot: Lot, departement: str | None) -> Feuille:
    anomalies = list(support.anomalies)
    octets_vecteurs = [_exiger(contenus, nom, support.fichier) for nom, _ in lot.vecteurs]
    crs, epsg = _lire_crs(lot.geo, _exiger(contenus, lot.geo, support.fichier), anomalies)
    nomenclature = _lire_nomenclature(contenus, lot, anomalies)

    vecteurs = Vecteurs(lot.nom, anomalies)
    tables: list[tuple[Lignes, str]] = []
    for (nom, sous_ensemble), octets in zip(lot.vecteurs, octets_vecteurs, strict=True):
        lignes = exiger_complet(lire_lignes(nom, octets))
        anomalies += lignes.anomalies
        vecteurs.indexer(lignes, sous_ensemble)
        tables.append((lignes, sous_ensemble))
    liens = lire_liens(vecteurs, tables)

    bruts = vecteurs.bruts
    construction = construire(len(bruts.rids), vecteurs.primitives, liens)
    _signaler_geometries(bruts, liens, construction, anomalies)
    segments = [segment for liste in bruts.segments.values() for segment in liste]
    qualites = _lire_qualites(contenus, lot, segments, anomalies)
    objets = {
        type_: _colonnes(type_, bruts.segments[type_], construction.geom, qualites, anomalies)
        for type_ in _ordre_des_types(bruts)
    }
    registre = Registre.de(bruts, list(objets))
    relations = {
        nom: resoudre(nom, lien, registre, nomenclature, anomalies)
        for nom, lien in sorted(liens.relations.items())
    }
    return Feuille(
        lot=lot.nom,
        code10=_code10(objets, lot),
        millesime=support.millesime,
        crs=crs,
        epsg=epsg,
        objets=objets,
        relations=relations,
        anomalies=tuple(anomalies),
        auteur=support.auteur,
        logiciel=support.logiciel,
        information=support.information,
        cnig={type_: nomenclature.classes[type_].cnig for type_ in objets if type_ in nomenclature.classes},
        valeurs={nom: a.valeurs for nom, a in nomenclature.attributs.items() if a.valeurs},
        departement=departement,
    )


def _optionnel(
    contenus: Mapping[str, bytes], lot: Lot, extension: str, anomalies: list[Anomalie]
) -> tuple[str, bytes | None]:
    nom = lot.optionnels.get(extension)
    if nom is None:
        return "", None
    contenu = contenus.get(nom.upper())
    if contenu is not None:
        exiger_fin(nom, contenu)
    else:
        effets = {
            "QAL": "les dates des objets restent vides",
            "DIC": "la nomenclature de 2013 est utilisée",
            "SCD": "la nomenclature de 2013 est utilisée",
            "GEN": "sans effet sur les données",
        }
        anomalies.append(
            Anomalie(
                "FICHIER_OPTIONNEL_ABSENT",
                AVERTISSEMENT,
                "",
                nom,
                f"{nom} est annoncé mais manque : {effets[extension]}.",
            )
        )
    return nom, contenu


def _lire_nomenclature(contenus: Mapping[str, bytes], lot: Lot, anomalies: list[Anomalie]) -> Nomenclature:
    _optionnel(contenus, lot, "GEN", anomalies)
    _, dic = _optionnel(contenus, lot, "DIC", anomalies)
    _, scd = _optionnel(contenus, lot, "SCD", anomalies)
    if dic is None or scd is None:
        return nomenclature_2013()
    return lire_nomenclature(lot.nom, dic, scd)


def _lire_qualites(
    contenus: Mapping[str, bytes], lot: Lot, segments: Sequence[Segment], anomalies: list[Anomalie]
) -> dict[str, tuple[date | None, date | None]]:
    """Dates of creation and update by id of the QUP block."""
    nom, contenu = _optionnel(contenus, lot, "QAL", anomalies)
    if contenu is None:
        return {}
    lignes = exiger_complet(lire_lignes(nom, contenu))
    anomalies += lignes.anomalies
    rids = lignes.valeurs(lignes.premiers(_RID))
    colonnes = []
    connues: dict[str, date | None] = {}
    for champ in (_ODA, _UDA):
        textes = lignes.valeurs(lignes.premiers(champ))
        connues.update((texte, date_compacte(texte.strip())) for texte in set(textes) - connues.keys())
        colonnes.append([connues[texte] for texte in textes])
    illisibles = sorted(texte for texte, jour in connues.items() if jour is None and texte.strip())
    if illisibles:
        _signaler_qualites(nom, f"dates illisibles, laissées vides : {', '.join(illisibles)}", anomalies)
    qualites = dict(zip(rids, zip(*colonnes, strict=True), strict=True))
    absentes = {q for s in segments for q in s.qualites if q} - qualites.keys()
    if absentes:
        cites = ", ".join(sorted(absentes)[:_QUALITES_CITEES])
        _signaler_qualites(nom, f"blocs QUP absents ({len(absentes)}), dates vides : {cites}", anomalies)
    return qualites


def _signaler_qualites(nom: str, detail: str, anomalies: list[Anomalie]) -> None:
    anomalies.append(Anomalie("VALEUR_INVALIDE", AVERTISSEMENT, "", nom, f"{nom} : {detail}."))


def _ordre_des_types(bruts: Bruts) -> list[str]:
    """Types met: those of the nomenclature in its order, then the unknown ones by name."""
    rangs = {type_: i for i, type_ in enumerate(nomenclature_2013().classes)}
    return sorted(bruts.segments, key=lambda type_: (rangs.get(type_, len(rangs)), type_))


def _colonnes(
    type_: str,
    segments: list[Segment],
    geom: Geometries,
    qualites: dict[str, tuple[date | None, date | None]],
    anomalies: list[Anomalie],
) -> Objets:
    """Objects of one type, the columns of its files put end to end."""
    attributs: dict[str, list[str | None]] = {}
    for nom in sorted({nom for segment in segments for nom in segment.attributs}):
        colonne: list[str | None] = []
        for segment in segments:
            colonne += segment.attributs.get(nom) or [None] * len(segment.rids)
        attributs[nom] = colonne
    if "ATR" in attributs:
        noms = {
            texte: texte and nom_attribut(texte.split(";")[-1].strip()) for texte in set(attributs["ATR"])
        }
        attributs["ATR"] = [noms[texte] for texte in attributs["ATR"]]
    vide: tuple[date | None, date | None] = (None, None)
    dates = [qualites.get(qualite, vide) for segment in segments for qualite in segment.qualites]
    objets = Objets(
        type=type_,
        sous_ensemble=[nom for segment in segments for nom in [segment.sous_ensemble] * len(segment.rids)],
        rid=[rid for segment in segments for rid in segment.rids],
        attributs=attributs,
        geom=geom[np.concatenate([segment.numeros for segment in segments])],
        date_obs=[obs for obs, _ in dates],
        date_maj=[maj for _, maj in dates],
    )
    if type_ not in nomenclature_2013().classes:
        detail = f"classe {type_} inconnue, gardée telle quelle (objets : {len(objets)})."
        anomalies.append(Anomalie("CLASSE_INCONNUE", INFORMATION, type_, type_, detail))
    return objets


def _signaler_geometries(
    bruts: Bruts, liens: Liens, construction: Construction, anomalies: list[Anomalie]
) -> None:
    def signaler(code: str, objet: int, detail: str) -> None:
        type_, rid = bruts.types[objet], bruts.rids[objet]
        geom = construction.geom[objet]
        point = None
        if geom is not None:
            representatif = geom.representative_point()
            point = (representatif.x, representatif.y)
        anomalies.append(
            Anomalie(
                code,
                AVERTISSEMENT,
                type_,
                rid,
                f"{type_} {rid} : {detail}.",
                point=point,
                sous_ensemble=bruts.sous_ensembles[objet],
            )
        )

    for objet, cites in sorted(liens.primitives_absentes.items()):
        signaler("PRIMITIVE_ABSENTE", objet, f"le fichier ne contient pas {', '.join(cites)}")
    for objet, detail in sorted(construction.reparees.items()):
        signaler("GEOMETRIE_REPAREE", objet, detail)
    dessines = {*liens.faces[:, 0].tolist(), *liens.arcs[:, 0].tolist(), *liens.noeuds[:, 0].tolist()}
    for objet in np.flatnonzero(construction.geom == None).tolist():  # noqa: E711
        raison = (
            "son dessin n'enferme aucune surface (contour nul, ouvert ou illisible)"
            if objet in dessines
            else "le plan ne donne ni surface, ni ligne, ni point"
        )
        signaler("GEOMETRIE_ABSENTE", objet, f"{raison} ; l'objet est enregistré sans géométrie")


def _code10(objets: dict[str, Objets], lot: Lot) -> str:
    attributs = objets["SUBDSECT"].attributs if "SUBDSECT" in objets else {}
    codes = [code for code in attributs.get("IDU", []) if code]
    if not codes:
        raise ErreurEdigeo(
            "FEUILLE_ABSENTE",
            f"le lot {lot.nom} ne contient pas de feuille (objet SUBDSECT avec son code IDU) :"
            " il ne peut pas être importé. Téléchargez la feuille de nouveau.",
            lot.nom,
        )
    return codes[0].strip()
