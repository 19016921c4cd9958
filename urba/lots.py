"""Lots of a request: entered one by one or read from a file, drawn, checked against the ground."""

from __future__ import annotations

import json
import re
from typing import IO, Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, transaction

from gis_data.dessin.lecture import DessinRefuse, lire_dessin
from gis_data.ouverture import LIMITES_DESSIN, FichierRefuse, lire_pour_dessin
from mairie import journal
from mairie.models import Utilisateur
from urba.models import DossierInstruction, Lot
from urba.terrain import multipolygone

ENREGISTRES, RETIRE = "urba.lots_enregistres", "urba.lot_retire"
LOTS_MAX = 500
# A lot that leaves the ground by more than this share of itself is told (spec §8).
DEBORD_PCT = 5.0
COMMUN_M2 = 1.0


class LotRefuse(ValueError):
    """Why a lot is not kept, in French."""


def declarer() -> None:
    """Acts known to the log."""
    journal.declarer(journal.Action(ENREGISTRES, "Lots enregistrés"), journal.Action(RETIRE, "Lot retiré"))


def lots_de(d: DossierInstruction) -> list[Lot]:
    """Lots of the authorisation, held by its first request, in the order of their numbers."""
    initial = d if d.nature == "INITIAL" else d.da.instructions.filter(nature="INITIAL").first()
    if initial is None:
        return []
    lots = Lot.objects.filter(dossier=initial).prefetch_related("titulaires__tiers")
    return sorted(lots, key=lambda x: _rang(x.numero))


def _rang(numero: str) -> tuple[Any, ...]:
    """« 2 » before « 10 »."""
    return tuple((0, int(x), "") if x.isdigit() else (1, 0, x) for x in re.findall(r"\d+|\D+", numero))


def ajouter(
    d: DossierInstruction, numero: str, surface: int | None, emprise: GEOSGeometry | None, *, par: Utilisateur
) -> Lot:
    """One more lot; ``LotRefuse`` for a number already there or a shape without surface."""
    numero = " ".join(numero.split())[:10]
    if not numero:
        raise LotRefuse("Donnez le numéro du lot.")
    forme = multipolygone(emprise)
    if emprise is not None and (forme is None or not forme.valid):
        raise LotRefuse("L'emprise du lot se croise ou n'a pas de surface : corrigez le dessin.")
    _exiger_initial(d)
    try:
        with transaction.atomic():
            lot = Lot.objects.create(dossier=d, numero=numero, surface=surface, emprise=forme)
            journal.noter(par, ENREGISTRES, d, insee=d.insee, donnees={"lots": [numero]})
    except IntegrityError:
        raise LotRefuse(f"Le lot {numero} existe déjà : retirez-le d'abord.") from None
    return lot


def importer(
    d: DossierInstruction, fichier: IO[bytes], nom: str, *, par: Utilisateur
) -> tuple[list[Lot], list[str]]:
    """Lots of an uploaded file, one a shape, named by it (else numbered on); those already there are redrawn.

    The lots written, and what the reader repaired or supposed. All or nothing.
    """
    _exiger_initial(d)
    if getattr(fichier, "size", 0) > LIMITES_DESSIN.octets:
        raise LotRefuse("Ce fichier est trop lourd pour des lots.")
    try:
        lu = lire_pour_dessin(fichier, nom)
    except FichierRefuse as e:
        raise LotRefuse(str(e)) from None
    traits = lu.geojson["features"]
    if len(traits) > LOTS_MAX:
        raise LotRefuse(f"{len(traits)} formes : un fichier de lots en contient {LOTS_MAX} au plus.")
    formes: dict[str, Any] = {}
    for rang, trait in enumerate(traits, start=1):
        numero = " ".join(str(trait["properties"].get("nom") or rang).split())
        numero = re.sub(r"(?i)^lot\s+", "", numero)[:10]
        if numero in formes:
            raise LotRefuse(f"Deux formes du fichier portent le numéro {numero}.")
        try:
            lue = lire_dessin(json.dumps(trait["geometry"]))
        except DessinRefuse as e:
            raise LotRefuse(f"Lot {numero} : {e}") from None
        forme = multipolygone(GEOSGeometry(memoryview(lue.wkb), srid=Lot._meta.get_field("emprise").srid))
        if forme is None:
            raise LotRefuse(f"Lot {numero} : ce n'est pas une surface.")
        formes[numero] = forme
    with transaction.atomic():
        lots = [
            Lot.objects.update_or_create(dossier=d, numero=n, defaults={"emprise": f})[0]
            for n, f in formes.items()
        ]
        journal.noter(par, ENREGISTRES, d, insee=d.insee, donnees={"lots": sorted(formes)})
    return lots, list(lu.remarques)


def retirer(d: DossierInstruction, pk: int, *, par: Utilisateur) -> None:
    """Take a lot away, unless a transfer speaks of it."""
    lot = Lot.objects.filter(dossier=d, pk=pk).first()
    if lot is None:
        raise LotRefuse("Ce lot n'existe plus : rechargez la page.")
    if lot.transferts.exists() or lot.titulaires.exists():
        raise LotRefuse(f"Le {lot} est l'objet d'un transfert : il reste au dossier.")
    with transaction.atomic():
        journal.noter(par, RETIRE, d, insee=d.insee, donnees={"lot": lot.numero})
        lot.delete()


def remarques(d: DossierInstruction, lots: list[Lot]) -> list[str]:
    """What does not fit on the ground, in sentences; nothing is refused for it."""
    dits = []
    terrain = getattr(d, "terrain", None)
    emprise = terrain.emprise if terrain is not None else None
    dessines = [(x, x.emprise) for x in lots if x.emprise is not None]
    for i, (lot, forme) in enumerate(dessines):
        if emprise is not None and forme.area:
            dehors = 100 * forme.difference(emprise).area / forme.area
            if dehors > DEBORD_PCT:
                dits.append(f"Le {lot} sort du terrain pour {dehors:.0f} % de sa surface.")
        for autre, autre_forme in dessines[i + 1 :]:
            if forme.intersects(autre_forme):
                commun = forme.intersection(autre_forme).area
                if commun >= COMMUN_M2:
                    dits.append(f"Le {lot} et le {autre} se recouvrent sur {commun:.0f} m².")
    return dits


def _exiger_initial(d: DossierInstruction) -> None:
    if d.nature != "INITIAL":
        raise LotRefuse("Les lots sont ceux de la première demande : ouvrez-la.")
