"""Import of a CNIG package of a planning document: PLU, PLUi, POS, carte communale, PSMV."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from gis_data.contraintes.imports import geometries, pieces, versions
from gis_data.contraintes.imports.base import (
    ImportRefuse,
    Rapport,
    ecrire_lots,
    empreinte_de,
    suivre,
    verifier_comptes,
)
from gis_data.contraintes.imports.lecture import Table, autres, code, prendre, texte
from gis_data.contraintes.imports.paquet import decrire, reconnaitre
from gis_data.contraintes.models import DocumentUrbanisme, PluInformation, PluPrescription, PluZone
from gis_data.formats.cnig import champs as cnig
from gis_data.formats.cnig import codes
from gis_data.ouverture import Contenu, Limites, ouvrir

ZONAGES = ("ZONE_URBA", "SECTEUR_CC")
_FORMES = {"SURF": "surface", "LIN": "ligne", "PCT": "point"}
_COMMUNS = ("NOMFIC", "URLFIC", "DATVALID", "LIBELLE")


def importer_plu(
    fichier: IO[bytes] | Path,
    nom: str,
    *,
    utilisateur: Any = None,
    srid: int | None = None,
    territoire: str = "",
    jour: date | None = None,
    limites: Limites | None = None,
) -> Rapport:
    """Read, check and write a package. ``territoire`` and ``jour`` serve where the package says neither.

    ``ImportRefuse`` with its report when nothing is written.
    """
    rapport = Rapport("plu", nom)
    return suivre(
        rapport,
        utilisateur,
        lambda: _importer(fichier, nom, rapport, srid, territoire, jour, limites, utilisateur),
    )


def _importer(
    fichier: IO[bytes] | Path,
    nom: str,
    rapport: Rapport,
    srid: int | None,
    territoire: str,
    jour: date | None,
    limites: Limites | None,
    utilisateur: Any,
) -> list[DocumentUrbanisme]:
    rapport.empreinte = empreinte_de(fichier)
    with ouvrir(fichier, nom, limites=limites, formats=("shp", "dbf", "gpkg")) as contenu:
        tables = reconnaitre(contenu, cnig.table_plu, rapport)
        if not any(t in tables for t in ZONAGES):
            trouvees = ", ".join(sorted(c.nom for c in contenu.couches)[:12])
            raise ImportRefuse(
                "Ce paquet ne contient ni ZONE_URBA ni SECTEUR_CC : ce n'est pas un document"
                " d'urbanisme au standard"
                f" CNIG. Couches trouvées : {trouvees}.",
                rapport,
            )
        document = _document(tables, contenu, nom, territoire, jour, rapport)
        lots: list[tuple[Any, list[Any]]] = []
        for table in tables.values():
            lus = _objets(table, document, srid, rapport)
            if lus is not None:
                modele, objets = lus
                rapport.lus[table.nom] = table.nombre
                rapport.ecrits[table.nom] = len(objets)
                lots.append((modele, objets))
        document.couches = dict(rapport.ecrits)
        document.srid_source = next(iter(rapport.projections.values()), 0)
        a_garder = pieces.choisir(contenu, [o.nomfic for _, objets in lots for o in objets], rapport)
        with transaction.atomic():
            effets = versions.poser(document, utilisateur)
            for modele, objets in lots:
                for objet in objets:
                    objet.document = document
                ecrire_lots(modele, objets)
            verifier_comptes(rapport)
            # Files last: nothing that comes after can fail and leave them behind.
            pieces.garder(document, contenu, a_garder)
    rapport.documents = [decrire(document, effets)]
    return [document]


# --- the document -------------------------------------------------------------------------------


def _document(
    tables: dict[str, Table],
    contenu: Contenu,
    nom: str,
    territoire: str,
    jour: date | None,
    rapport: Rapport,
) -> DocumentUrbanisme:
    """The version that the package is: identity, dates, communes."""
    zonage = next(tables[t] for t in ZONAGES if t in tables)
    du_nom = next(filter(None, map(cnig.decouper_paquet_du, [nom, *contenu.racines])), None) or {}
    ligne = _ligne_du_document(tables.get("DOC_URBA"), zonage, du_nom, rapport)
    idurba = texte(prendre(ligne, "IDURBA"), 80)
    parties = cnig.decouper_paquet_du(idurba) or du_nom
    type_document = _type(
        texte(prendre(ligne, "TYPEDOC")) or parties.get("type") or du_nom.get("type") or "", zonage
    )
    approbation = (
        rapport.date(prendre(ligne, "DATAPPRO"), "DOC_URBA", 1)
        or rapport.date(parties.get("date"), "DOC_URBA", 1)
        or _date_des_zones(zonage, rapport)
        or jour
    )
    code_territoire = (parties.get("territoire") or territoire).upper()
    if not code_territoire:
        communes = {texte(ligne.get("INSEE")) for ligne in zonage.lignes()} - {""}
        code_territoire = communes.pop() if len(communes) == 1 else ""
    if approbation is None or not code_territoire:
        raise ImportRefuse(
            "Le paquet ne dit pas de quel territoire ou de quel jour il est. Nommez-le selon le standard"
            " (25999_PLU_20240115.zip), ou donnez le code de la commune et la date d'approbation.",
            rapport,
        )
    etat = code(prendre(ligne, "ETAT"))
    fin = rapport.date(prendre(ligne, "DATEFIN"), "DOC_URBA", 1)
    _verifier_etat(etat, fin, rapport)
    psmv = type_document == "PSMV"
    return DocumentUrbanisme(
        famille=DocumentUrbanisme.Famille.PSMV if psmv else DocumentUrbanisme.Famille.DU,
        type_document=type_document,
        identifiant=idurba or f"{code_territoire}_{type_document}_{approbation:%Y%m%d}",
        territoire=code_territoire,
        communes=_communes(tables, zonage, code_territoire, idurba),
        standard=cnig.version_plu(zonage.champs()),
        etat=etat,
        valide_du=approbation,
        date_fin=fin,
        attributs={k.lower(): str(v) for k, v in autres(ligne, ("IDURBA", "TYPEDOC", "ETAT")).items()},
        source=nom,
        empreinte=rapport.empreinte,
    )


def _ligne_du_document(
    doc: Table | None, zonage: Table, du_nom: dict[str, str], rapport: Rapport
) -> dict[str, Any]:
    """The row of DOC_URBA that describes this package, among those of its past versions."""
    lignes = doc.lignes() if doc else []
    if not lignes:
        rapport.signaler(
            "DOC_URBA_ABSENT",
            "attention",
            "DOC_URBA",
            0,
            "Table DOC_URBA absente ou vide : le territoire et la date viennent du nom du paquet ou"
            " des zones.",
        )
        return {}
    if doc is not None:
        rapport.lus[doc.nom] = rapport.ecrits[doc.nom] = len(lignes)
    cites = {texte(ligne.get("IDURBA")).upper() for ligne in zonage.lignes()} - {""}
    attendue = f"{du_nom.get('territoire', '')}{du_nom.get('date', '')}"

    def merite(ligne: dict[str, Any]) -> tuple[int, int, int, str]:
        idurba = texte(ligne.get("IDURBA")).upper()
        parties = cnig.decouper_paquet_du(idurba) or {}
        nommee = f"{parties.get('territoire', '')}{parties.get('date', '')}"
        return (
            idurba in cites,
            bool(attendue) and nommee == attendue,
            code(ligne.get("ETAT")) in ("03", "07"),
            texte(ligne.get("DATAPPRO")),
        )

    return max(lignes, key=merite)


def _type(brut: str, zonage: Table) -> str:
    connus = {"PLU": "PLU", "PLUI": "PLUi", "POS": "POS", "CC": "CC", "PSMV": "PSMV"}
    return connus.get(brut.strip().upper(), "CC" if zonage.nom == "SECTEUR_CC" else "PLU")


def _verifier_etat(etat: str, fin: date | None, rapport: Rapport) -> None:
    libelle = codes.ETATS.get(etat, "")
    if etat in codes.ETATS_SANS_EFFET:
        raise ImportRefuse(
            f"Ce document n'est pas en vigueur : DOC_URBA le dit « {libelle} » (état {etat}). Seuls"
            f" les documents"
            " opposables ou approuvés s'importent.",
            rapport,
        )
    if etat in ("05", "06", "09") and fin is None:
        raise ImportRefuse(
            f"DOC_URBA dit ce document « {libelle} » (état {etat}) sans date de fin (DATEFIN) : ajoutez-la.",
            rapport,
        )
    if etat and not libelle:
        rapport.signaler(
            "TYPE_INCONNU", "attention", "DOC_URBA", 1, f"État « {etat} » inconnu du standard, gardé."
        )


def _communes(tables: dict[str, Table], zonage: Table, territoire: str, idurba: str) -> list[str]:
    """Communes of the document, from DOC_URBA_COM, else from the zones, else the territory's own code."""
    trouvees: set[str] = set()
    if table := tables.get("DOC_URBA_COM"):
        for ligne in table.lignes():
            if not idurba or texte(ligne.get("IDURBA")) in ("", idurba):
                trouvees.add(texte(ligne.get("INSEE"))[:5])
    trouvees |= {texte(ligne.get("INSEE"))[:5] for ligne in zonage.lignes()}
    trouvees -= {""}
    if not trouvees and len(territoire) == 5:
        trouvees = {territoire}
    return sorted(trouvees)


def _date_des_zones(zonage: Table, rapport: Rapport) -> date | None:
    """Latest approval said by the zones (standards 2013 and 2014)."""
    dates = [rapport.date(ligne.get("DATAPPRO"), zonage.nom, i) for i, ligne in enumerate(zonage.lignes(), 1)]
    return max((d for d in dates if d), default=None)


# --- its objects --------------------------------------------------------------------------------


def _objets(
    table: Table, document: DocumentUrbanisme, srid: int | None, rapport: Rapport
) -> tuple[Any, list[Any]] | None:
    """Unsaved rows of a table; null for a table without objects of ours."""
    if table.nom in ZONAGES:
        return PluZone, _zones(table, document, srid, rapport)
    if table.nom.startswith("PRESCRIPTION_"):
        return PluPrescription, _types(table, PluPrescription, "PSC", document, srid, rapport)
    if table.nom.startswith("INFO_"):
        return PluInformation, _types(table, PluInformation, "INF", document, srid, rapport)
    if table.nom == "DOC_URBA_COM":
        rapport.lus[table.nom] = rapport.ecrits[table.nom] = table.nombre
    return None


def _commun(
    table: str, numero: int, attributs: dict[str, Any], couche: str, rapport: Rapport
) -> dict[str, Any]:
    return {
        "couche_source": couche[:60],
        "numero": numero,
        "libelle": texte(attributs.get("LIBELLE")),
        "nomfic": texte(attributs.get("NOMFIC"), 200),
        "urlfic": texte(attributs.get("URLFIC"), 500),
        "date_validation": rapport.date(attributs.get("DATVALID"), table, numero),
    }


def _verifier_champs(table: Table, requis: tuple[str, ...], rapport: Rapport) -> None:
    presents = table.champs()
    synonymes = {"TYPEZONE": {"TYPEZONE", "TYPESECT"}}
    manquants = [c for c in requis if not (synonymes.get(c, {c}) & presents)]
    if manquants:
        raise ImportRefuse(
            f"La couche {table.nom} n'a pas le champ {', '.join(manquants)} du standard CNIG."
            f" Champs trouvés : {', '.join(sorted(presents)) or 'aucun'}.",
            rapport,
        )


def _zones(table: Table, document: DocumentUrbanisme, srid: int | None, rapport: Rapport) -> list[PluZone]:
    _verifier_champs(table, ("TYPEZONE", "LIBELLE"), rapport)
    formes = geometries.lire_formes(table.couches, table.nom, "surface", srid, rapport)
    pris = (
        *_COMMUNS,
        *cnig.SYNONYMES["id_zone"],
        "TYPEZONE",
        "TYPESECT",
        "LIBELONG",
        "DESTDOMI",
        "INSEE",
        "IDURBA",
    )
    zones = []
    for couche, numero, attributs, _ in table.objets():
        _verifier_idurba(attributs, table.nom, numero, document, rapport)
        typezone = texte(prendre(attributs, *cnig.SYNONYMES["type_zone"]), 10)
        if not codes.zone_connue(typezone):
            rapport.signaler(
                "TYPE_INCONNU", "attention", table.nom, numero,
                f"Type de zone « {typezone} » inconnu du standard, gardé tel quel.",
            )  # fmt: skip
        if formes.legales[numero - 1] is None:
            continue
        zones.append(
            PluZone(
                **_commun(table.nom, numero, attributs, couche.nom, rapport),
                identifiant=texte(prendre(attributs, *cnig.SYNONYMES["id_zone"]), 60),
                typezone=typezone,
                libelong=texte(attributs.get("LIBELONG")),
                destdomi=texte(attributs.get("DESTDOMI"), 10),
                insee=texte(attributs.get("INSEE"), 5),
                autres=autres(attributs, pris),
                **formes.colonnes(numero),
            )
        )
    _signaler_chevauchements(table.nom, formes.legales, zones, rapport)
    return zones


def _signaler_chevauchements(table: str, formes: list[Any], zones: list[PluZone], rapport: Rapport) -> None:
    noms = {z.numero: z.libelle or z.identifiant or str(z.numero) for z in zones}
    trouves = geometries.chevauchements(formes)
    for gauche, droite, aire in trouves[: geometries.CHEVAUCHEMENTS_LISTES]:
        rapport.signaler(
            "CHEVAUCHEMENT",
            "attention",
            table,
            gauche + 1,
            f"La zone {noms.get(gauche + 1)} (n° {gauche + 1}) et la zone {noms.get(droite + 1)} (n°"
            f" {droite + 1})"
            f" se superposent sur {aire:,.0f} m².".replace(",", "\u202f"),
        )
    if len(trouves) > geometries.CHEVAUCHEMENTS_LISTES:
        rapport.signaler(
            "CHEVAUCHEMENT",
            "attention",
            table,
            0,
            f"{len(trouves)} superpositions en tout : seules les plus grandes sont listées.",
        )


def _types(
    table: Table, modele: Any, suffixe: str, document: DocumentUrbanisme, srid: int | None, rapport: Rapport
) -> list[Any]:
    """Prescriptions (« PSC ») or informations (« INF »)."""
    _verifier_champs(table, (f"TYPE{suffixe}",), rapport)
    dimension = _FORMES[table.nom.rpartition("_")[2]]
    formes = geometries.lire_formes(table.couches, table.nom, dimension, srid, rapport)
    ids = cnig.SYNONYMES["id_prescription" if suffixe == "PSC" else "id_information"]
    liste = codes.PRESCRIPTIONS if suffixe == "PSC" else codes.INFORMATIONS
    pris = (*_COMMUNS, *ids, f"TYPE{suffixe}", f"STYPE{suffixe}", "TXT", "NATURE", "IDURBA")
    objets = []
    for couche, numero, attributs, _ in table.objets():
        _verifier_idurba(attributs, table.nom, numero, document, rapport)
        type_code = code(attributs.get(f"TYPE{suffixe}"))[:4]
        sous = code(attributs.get(f"STYPE{suffixe}"))[:4] or "00"
        if not codes.code_connu(liste, type_code, sous):
            rapport.signaler(
                "TYPE_INCONNU", "attention", table.nom, numero,
                f"Code « {type_code}-{sous} » inconnu du standard, gardé tel quel.",
            )  # fmt: skip
        if formes.legales[numero - 1] is None:
            continue
        objets.append(
            modele(
                **_commun(table.nom, numero, attributs, couche.nom, rapport),
                identifiant=texte(prendre(attributs, *ids), 60),
                type_code=type_code,
                sous_type=sous,
                txt=texte(attributs.get("TXT"), 60),
                nature=texte(attributs.get("NATURE"), 120),
                autres=autres(attributs, pris),
                **formes.colonnes(numero),
            )
        )
    return objets


def _verifier_idurba(
    attributs: dict[str, Any], table: str, numero: int, document: DocumentUrbanisme, rapport: Rapport
) -> None:
    dit = texte(attributs.get("IDURBA"))
    if dit and dit.upper() != document.identifiant.upper():
        rapport.signaler(
            "IDURBA_DIFFERENT", "attention", table, numero,
            f"L'objet dit appartenir à « {dit} », le paquet est « {document.identifiant} ».",
        )  # fmt: skip
