"""A RAEPA file received and controlled: every record goes to the waiting table with its faults, nothing else.

``ecriture`` then writes the good ones in the network, or undoes it.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction

from assainissement.models import Appareillage, ImportRaepa, LigneRaepa, Ouvrage, Troncon
from assainissement.models.reseau import MODELES
from assainissement.regles import raepa
from assainissement.regles.raepa import AVEC_RESERVES, REJETE, VALIDE, Anomalie, Controle, Lot
from assainissement.regles.tables import raepa as table
from assainissement.regles.tables.raepa import AVERTISSEMENT
from assainissement.regles.tables.reseau import CHAMPS_EXPLOITANT, GESTIONNAIRES
from assainissement.reseau import formes, reconnaissance, valeurs
from assainissement.reseau.territoires import Situeur, noms
from cadastre.imports import copie
from gis_data.ouverture import CoucheLue, FichierRefuse, Limites, ObjetLu, ouvrir
from gis_data.ouverture.garde import MIO
from mairie.models import Utilisateur

FORMATS = ("shp", "gpkg", "geojson")
LIMITES = Limites(octets=200 * MIO, objets=300_000, altitudes=True)
LOT = 5_000
HORS_COMMUNE = "HORS_COMMUNE"
Progres = Callable[[int, int], None]


class ImportImpossible(Exception):
    """What is asked cannot be done now; the French message says why."""


@dataclass
class _Bilan:
    """Counts of a control."""

    statuts: Counter[str] = field(default_factory=Counter)
    anomalies: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    par_couche: dict[str, Counter[str]] = field(default_factory=dict)
    absents: dict[str, list[str]] = field(default_factory=dict)

    def en_json(self) -> dict[str, Any]:
        return {
            "total": self.statuts.total(),
            "valides": self.statuts[VALIDE],
            "avec_reserves": self.statuts[AVEC_RESERVES],
            "rejetes": self.statuts[REJETE],
            "par_couche": {c: dict(n) for c, n in self.par_couche.items()},
            "anomalies": [[*cle, n] for cle, n in sorted(self.anomalies.items())],
            "champs_absents": self.absents,
        }


@dataclass
class _Contexte:
    """What the records of a file are looked at with: current year, identifiers that may be cited, managers
    of those that stand (by layer), contours of the communes; and what is counted."""

    annee: int
    identifiants: dict[str, frozenset[str] | None]
    exploitants: dict[str, dict[str, set[str]]]
    situeur: Situeur
    bilan: _Bilan


def deposer(
    insee: str, fichier: Any, nom: str, par: Utilisateur, *, autres: Sequence[str] = (), epci: str = ""
) -> ImportRaepa:
    """Keep a file as it came; ``FichierRefuse`` past the size that is read.

    ``autres``: the other communes that it serves, each object falling in its own by its place.
    """
    if autres and (manquent := Situeur.ouvrir([insee, *autres]).manquantes):
        raise FichierRefuse(
            f"Les limites de {', '.join(noms(manquent))} ne sont pas chargées : sans elles, on ne sait pas"
            " dans quelle commune est chaque objet. Importez leur plan cadastral, ou un fichier par commune."
        )
    fichier.seek(0)
    octets = fichier.read(LIMITES.octets + 1)
    if len(octets) > LIMITES.octets:
        raise FichierRefuse(f"Le fichier dépasse {LIMITES.octets // MIO} Mio. Rien n'a été lu.")
    recu = ImportRaepa(
        insee=insee,
        autres_communes=list(autres),
        epci=epci,
        auteur=par,
        nom_fichier=nom.replace("\\", "/").rpartition("/")[2].replace("\0", " ")[-200:] or "fichier",
        sha256=hashlib.sha256(octets).hexdigest(),
    )
    recu.fichier.save("import", ContentFile(octets), save=False)
    recu.save()
    return recu


def controler(recu: ImportRaepa, annee: int, *, progres: Progres | None = None) -> ImportRaepa:
    """Read the file, control every record of the layers recognised, fill the waiting table.

    A file refused whole leaves the state « refusé » with its reason. ``annee``: current year.
    """
    with transaction.atomic():
        tenu: ImportRaepa = ImportRaepa.objects.select_for_update(of=("self",)).get(pk=recu.pk)
        if tenu.etat in (ImportRaepa.Etat.CONFIRME, ImportRaepa.Etat.ANNULE):
            raise ImportImpossible("Cet import est déjà écrit.")
        LigneRaepa.objects.filter(import_raepa=tenu).delete()
        tenu.couches, tenu.bilan, tenu.motif = [], {}, ""
        try:
            with transaction.atomic(), tenu.fichier.open("rb") as flux:
                _lire(tenu, flux, annee, progres)
        except FichierRefuse as refus:
            tenu.etat, tenu.motif = ImportRaepa.Etat.REFUSE, str(refus)
        tenu.save()
    recu.refresh_from_db()
    return recu


def _lire(tenu: ImportRaepa, flux: Any, annee: int, progres: Progres | None) -> None:
    bilan = _Bilan()
    with ouvrir(flux, tenu.nom_fichier, limites=LIMITES, formats=FORMATS) as contenu:
        _distinguer(contenu.couches)
        choisies: dict[str, list[tuple[CoucheLue, dict[str, str]]]] = {}
        for rang, couche in enumerate(contenu.couches):
            nom, champs = _choix(tenu, rang, couche)
            tenu.couches.append(_decrire(couche, nom, champs))
            if nom:
                choisies.setdefault(nom, []).append((couche, champs))
        if not choisies:
            tenu.etat = ImportRaepa.Etat.DEPOSE
            tenu.motif = "Aucune couche n'a été reconnue : dites ci-dessous ce que contient chacune."
            return
        for couches in choisies.values():
            for couche, _ in couches:
                _exiger(couche)
        identifiants = _identifiants(tenu.communes, choisies)
        contexte = _Contexte(
            annee, identifiants, {nom: _exploitants(tenu.communes, nom) for nom in choisies},
            Situeur.ouvrir(tenu.communes), bilan,
        )  # fmt: skip
        total, faits = sum(c.nombre for cs in choisies.values() for c, _ in cs), 0
        for nom in table.COUCHES:
            for nombre in _controler_couche(tenu, nom, choisies.get(nom, []), contexte):
                faits += nombre
                if progres is not None:
                    progres(faits, total)
    dehors = sum(n for (_, code, _), n in bilan.anomalies.items() if code == HORS_COMMUNE)
    if 2 * dehors > total:
        raise FichierRefuse(
            f"{dehors} objets sur {total} sont hors de {_enumerer(noms(tenu.communes))} : ce fichier est"
            " sans doute celui d'une autre commune, ou d'un ensemble de communes."
        )
    tenu.bilan = bilan.en_json()
    tenu.etat = ImportRaepa.Etat.CONTROLE


def _enumerer(mots: list[str]) -> str:
    """Some names, then how many others."""
    return ", ".join(mots[:3]) + (f" et {len(mots) - 3} autres communes" if len(mots) > 3 else "")


def _distinguer(couches: list[CoucheLue]) -> None:
    """Two layers of one name (two folders of a zip) are told apart: their refused records go back apart."""
    pris: set[str] = set()
    for couche in couches:
        nom, suite = couche.nom, 2
        while couche.nom.lower() in pris:
            couche.nom, suite = f"{nom} ({suite})", suite + 1
        pris.add(couche.nom.lower())


def _choix(tenu: ImportRaepa, rang: int, couche: CoucheLue) -> tuple[str, dict[str, str]]:
    """RAEPA layer and columns: those that the person chose, else those proposed."""
    colonnes = [nom for nom, _ in couche.champs]
    choisi = tenu.correspondance.get(str(rang))
    if choisi is not None:
        nom = choisi["couche"]
        champs = {r: c for r, c in choisi.get("champs", {}).items() if c in colonnes}
        return nom, champs or (reconnaissance.proposer(nom, colonnes) if nom else {})
    nom = reconnaissance.couche_de(couche.nom, colonnes)
    return nom, reconnaissance.proposer(nom, colonnes) if nom else {}


def _decrire(couche: CoucheLue, nom: str, champs: dict[str, str]) -> dict[str, Any]:
    colonnes = [c for c, _ in couche.champs]
    return {
        "nom": couche.nom,
        "couche": nom,
        "nombre": couche.nombre,
        "epsg": couche.epsg,
        "crs": couche.crs,
        "colonnes": colonnes,
        "champs": champs,
        "inconnus": sorted(
            c for c in colonnes
            if c not in champs.values() and c.upper() not in table.TECHNIQUES
            and c.upper() != reconnaissance.MOTIFS
        ) if nom else [],
        "remarques": couche.remarques,
    }  # fmt: skip


def _exiger(couche: CoucheLue) -> None:
    """A table of attributes and a known projection."""
    if ".dbf" in couche.manquants:
        raise FichierRefuse(f"Il manque {couche.nom}.dbf, la table des attributs : ajoutez-la au zip.")
    if couche.epsg is None:
        dite = f" ({couche.crs})" if couche.crs else ""
        aide = (
            f"ajoutez {couche.nom}.prj au zip" if ".prj" in couche.manquants
            else f"enregistrez la couche en EPSG:{settings.TERRITOIRE_SRID}"
        )  # fmt: skip
        raise FichierRefuse(f"La projection de « {couche.nom} »{dite} est inconnue : {aide}.")


def _identifiants(
    communes: list[str], choisies: dict[str, list[tuple[CoucheLue, dict[str, str]]]]
) -> dict[str, frozenset[str] | None]:
    """What may be cited: objects of this file and of the network; a list that is empty is not checked."""
    lus: dict[str, set[str]] = {}
    for nom, couches in choisies.items():
        lus[nom] = set()
        for couche, champs in couches:
            lot = _lot(nom, couche, {}, 0)
            cle = {r: c for r, c in champs.items() if r == lot.champ_identifiant}
            for objet in couche.objets():
                identifiant = raepa.identifiant_de(valeurs.brut(objet.attributs, cle), lot)
                if identifiant is not None:
                    lus[nom].add(identifiant)

    def connus(*sources: tuple[str, Any]) -> frozenset[str]:
        tous: set[str] = set()
        for nom, modele in sources:
            tous |= lus.get(nom, set())
            tous.update(modele.objects.filter(insee__in=communes).values_list("identifiant", flat=True))
        return frozenset(tous)

    ouvrages = connus((table.OUVRAGES, Ouvrage))
    return {
        table.NOEUDS: connus((table.OUVRAGES, Ouvrage), (table.APPAREILLAGES, Appareillage)) or None,
        table.CANAS: connus((table.CANALISATIONS, Troncon)) or None,
        table.OUVS: ouvrages or None,
        "propres": frozenset(lus.get(table.CANALISATIONS, ())),
    }


def _exploitants(communes: list[str], nom: str) -> dict[str, set[str]]:
    """Managers of each identifier of the network as it stands."""
    tenus: dict[str, set[str]] = {}
    connus = MODELES[nom]._default_manager.filter(insee__in=communes)
    for identifiant, qui in connus.values_list("identifiant", GESTIONNAIRES[nom]).iterator():
        tenus.setdefault(identifiant, set()).add(qui)
    return tenus


def _lot(nom: str, couche: CoucheLue, identifiants: dict[str, frozenset[str] | None], annee: int) -> Lot:
    return Lot(nom, couche.epsg or 0, annee, identifiants, ())


def _controler_couche(
    tenu: ImportRaepa,
    nom: str,
    couches: list[tuple[CoucheLue, dict[str, str]]],
    contexte: _Contexte,
) -> Iterator[int]:
    """Control the records of one RAEPA layer, batch after batch; how many each time."""
    numero = 0
    vus: set[str] | None = None
    for couche, champs in couches:
        lot = _lot(nom, couche, contexte.identifiants, contexte.annee)
        controle = Controle(lot, contexte.identifiants["propres"] or frozenset(), vus)
        vus = controle.vus
        contexte.bilan.absents[nom] = [
            c.nom for c in lot.champs if c.presence != table.FACULTATIF and c.nom not in champs
        ]
        objets = couche.objets()
        while morceau := list(islice(objets, LOT)):
            _ecrire(tenu, couche, nom, champs, controle, morceau, numero, contexte)
            numero += len(morceau)
            yield len(morceau)


def _ecrire(
    tenu: ImportRaepa,
    couche: CoucheLue,
    nom: str,
    champs: dict[str, str],
    controle: Controle,
    objets: list[ObjetLu],
    numero: int,
    contexte: _Contexte,
) -> None:
    """One batch into the waiting table, by COPY."""
    resultats, lues = [], []
    for rang, objet in enumerate(objets):
        resultat, lue = controle.examiner(numero + rang, valeurs.brut(objet.attributs, champs))
        resultats.append(resultat)
        lues.append(lue)
    wkbs = [o.wkb for o in objets]
    brutes = formes.lire(wkbs, [valeurs.point(v) for v in lues])
    geoms, fautes = formes.preparer(brutes, nom, couche.epsg or 0, couche.nom)
    communes, dehors = contexte.situeur.situer(geoms)
    bilan, exploitants = contexte.bilan, contexte.exploitants[nom]
    par_couche = bilan.par_couche.setdefault(nom, Counter())
    lignes: list[tuple[str | None, ...]] = []
    for rang, (objet, resultat, lue) in enumerate(zip(objets, resultats, lues, strict=True)):
        anomalies = [*resultat.anomalies]
        anomalies += [Anomalie("TEXTE_TROP_LONG", c, raepa.ERREUR) for c in valeurs.trop_longs(lue)]
        if fautes[rang]:
            anomalies.append(Anomalie(fautes[rang], None, raepa.ERREUR))
        if tenus := exploitants.get(resultat.identifiant or ""):
            # The same object under two managers would be written twice, and nobody would know why.
            champ = CHAMPS_EXPLOITANT[nom]
            if str(lue.get(champ, "")) not in tenus:
                anomalies.append(Anomalie("AUTRE_EXPLOITANT", champ, AVERTISSEMENT))
        if dehors[rang]:
            anomalies.append(Anomalie(HORS_COMMUNE, None, AVERTISSEMENT))
        statut = raepa.Resultat(0, None, tuple(anomalies)).statut
        bilan.statuts[statut] += 1
        par_couche[statut] += 1
        for a in anomalies:
            bilan.anomalies[(nom, a.code, a.champ or "")] += 1
        objet.attributs.pop(reconnaissance.MOTIFS, None)
        lignes.append(
            (
                communes[rang],
                str(numero + rang + 1),
                (resultat.identifiant or "")[:1000],
                statut,
                _json([a.en_json() for a in anomalies]),
                _json(objet.attributs),
                None if statut == REJETE else _json(valeurs.colonnes(nom, lue)),
            )
        )
    _copier(tenu.pk, nom, couche.nom, lignes, geoms)


def _json(valeur: Any) -> str:
    return json.dumps(valeur, ensure_ascii=False, default=str)


def _copier(cle: int, nom: str, source: str, lignes: list[tuple[str | None, ...]], geoms: Any) -> None:
    colonnes = [copie.texte(colonne) for colonne in zip(*lignes, strict=True)]
    fixes = "\t".join([str(cle), nom, copie.texte([source[:254]])[0]])
    places = copie.geometries(geoms, settings.TERRITOIRE_SRID)
    texte = "\n".join("\t".join([fixes, *c]) for c in zip(*colonnes, places, strict=True)) + "\n"
    with connection.cursor() as curseur:
        curseur.copy_expert(
            "COPY assainissement_ligneraepa (import_raepa_id, couche, source, insee, numero, identifiant,"
            " statut, anomalies, attributs, valeurs, geom) FROM STDIN",
            io.BytesIO(texte.encode()),
        )


def oublier(recu: ImportRaepa) -> None:
    """Forget a file that was not written: its records and itself."""
    with transaction.atomic():
        tenu = ImportRaepa.objects.select_for_update(of=("self",)).get(pk=recu.pk)
        if tenu.etat in (ImportRaepa.Etat.CONFIRME, ImportRaepa.Etat.ANNULE):
            raise ImportImpossible("Cet import est écrit : annulez-le plutôt.")
        fichier = tenu.fichier
        tenu.delete()
        transaction.on_commit(lambda: fichier.delete(save=False) if fichier else None)


def choisir(recu: ImportRaepa, choix: dict[str, dict[str, Any]]) -> None:
    """Keep the layers and columns that the person chose, and propose them next time."""
    for rang, c in choix.items():
        couche = recu.couches[int(rang)]
        if c["couche"] and c.get("champs"):
            reconnaissance.retenir(c["couche"], couche["colonnes"], c["champs"])
    recu.correspondance = choix
    recu.save(update_fields=["correspondance"])
