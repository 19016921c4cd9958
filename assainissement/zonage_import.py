"""A zoning, or zones with an issue, brought in by a file: checked zone by zone, then confirmed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import IO, Any

import shapely
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from assainissement import enjeux_import, zones_fichier
from assainissement.models import ImportZonage, ZonageAssainissement
from assainissement.reprise import _nu
from assainissement.zonage import RECOUVREMENT_M2
from mairie.models import Utilisateur
from mairie.workflow import Refus

COLONNES = ("type", "zone", "zonage", "typezone", "type_zone", "libelle", "nom")
EP = ZonageAssainissement.Type.EP
_VERROU = "SELECT pg_advisory_xact_lock(hashtext('assainissement.zonage'), hashtext(%s))"
_TYPES = {
    "ac": "AC", "collectif": "AC", "assainissement collectif": "AC", "aci": "AC",
    "ac futur": "AC_futur", "acfutur": "AC_futur", "collectif futur": "AC_futur",
    "collectif a venir": "AC_futur", "assainissement collectif a venir": "AC_futur", "acf": "AC_futur",
    "anc": "ANC", "non collectif": "ANC", "assainissement non collectif": "ANC", "individuel": "ANC",
    "autonome": "ANC", "ep": "EP", "eaux pluviales": "EP", "pluvial": "EP",
}  # fmt: skip


def lire_type(valeur: Any) -> str:
    """The kind of a zone by its usual writings; empty when unknown."""
    return _TYPES.get(_nu(re.sub(r"_", " ", str(valeur or ""))), "")


def _type_de(attributs: dict[str, Any], impose: str) -> str:
    if impose:
        return impose
    bas = {c.lower(): v for c, v in attributs.items()}
    return next((t for c in COLONNES if (t := lire_type(bas.get(c)))), "")


def lire(
    fichier: IO[bytes], nom: str, *, communes: Sequence[str], acte: str, du: date, annexe_plu: bool = False,
    remplace: bool, type_: str, par: Utilisateur, genre: str = ImportZonage.Genre.ZONAGE,
) -> ImportZonage:  # fmt: skip
    """Read and check a file for one commune, or several: nothing changes yet. ``FichierRefuse``: bad file.

    ``type_``: kind, or issue, of all its zones; ``acte``: for an issue, the source of rows that say none.
    """
    objets = zones_fichier.repartir(zones_fichier.lire(fichier, nom), communes)
    for o in objets:
        if genre == ImportZonage.Genre.ENJEU:
            enjeux_import.completer(o, enjeu=type_, source=acte, du=du)
        else:
            o["type"] = _type_de(o["attributs"], type_)
    _controler(objets, genre, communes, du, remplace)
    cree: ImportZonage = ImportZonage.objects.create(
        insee=communes[0], autres_communes=list(communes[1:]), genre=genre, nom_fichier=nom[-200:], acte=acte,
        du=du, annexe_plu=annexe_plu, remplace=remplace, objets=[zones_fichier.en_json(o) for o in objets],
        cree_par=par,
    )  # fmt: skip
    return cree


def _controler(
    objets: list[dict[str, Any]], genre: str, communes: Sequence[str], du: date, remplace: bool
) -> None:
    """Write on each zone what is wrong with it, commune by commune."""
    if genre == ImportZonage.Genre.ENJEU:
        enjeux_import.verifier(objets, [o["forme"] for o in objets], remplace)
        return
    for insee in communes:
        ici = [o for o in objets if o["insee"] == insee]
        if ici:
            _verifier(ici, [o["forme"] for o in ici], insee, du, remplace)


def _verifier(objets: list[dict[str, Any]], formes: list[Any], insee: str, du: date, remplace: bool) -> None:
    """Write on each zone of a commune what is wrong with it."""
    presentes = _demeurent(insee, du, remplace)
    voisines = zones_fichier.voisines(formes)
    autres = shapely.STRtree([forme for _, forme in presentes])
    for rang, (o, forme) in enumerate(zip(objets, formes, strict=True)):
        if forme.is_empty:
            o["fautes"].append("Ce n'est pas une surface.")
            continue
        if not o["type"]:
            o["fautes"].append("Type de zone inconnu : AC, AC futur, ANC ou EP.")
        if o["type"] == EP:
            continue
        for autre in voisines.get(rang, ()):
            if objets[autre]["type"] != EP and not objets[autre]["fautes"]:
                commun = forme.intersection(formes[autre]).area
                if commun > RECOUVREMENT_M2:
                    o["fautes"].append(f"Recouvre {commun:.0f} m² de l'objet {objets[autre]['rang']}.")
        for autre in sorted(autres.query(forme, predicate="intersects").tolist()):
            nom, avant = presentes[autre]
            commun = forme.intersection(avant).area
            if commun > RECOUVREMENT_M2:
                o["fautes"].append(f"Recouvre {commun:.0f} m² de « {nom} », en vigueur.")


def _demeurent(insee: str, du: date, remplace: bool) -> list[tuple[str, Any]]:
    """Zones that will still stand once the file is in force, now or later: those that none may overlap.

    A zoning that is replaced ends the day before; what began that very day, or comes later, does not.
    """
    restent = ZonageAssainissement.objects.filter(Q(au__isnull=True) | Q(au__gte=du), insee=insee)
    if remplace:
        restent = restent.filter(du__gte=du)
    return [(str(z), shapely.from_wkb(bytes(z.geom.wkb))) for z in restent.exclude(type=EP).order_by("pk")]


def appliquer(ligne: ImportZonage, *, par: Utilisateur) -> int:
    """Write the zones without fault in one transaction; how many. ``Refus`` twice, or without any."""
    with transaction.atomic():
        tenu: ImportZonage = ImportZonage.objects.select_for_update(of=("self",)).get(pk=ligne.pk)
        if tenu.etat == ImportZonage.Etat.APPLIQUE:
            raise Refus("Ce fichier est déjà importé.")
        # Rows read by an older release do not say their commune: it was the only one.
        valides = [{"insee": tenu.insee, **o} for o in tenu.valides]
        if not valides:
            raise Refus("Aucune zone du fichier n'est sans faute : corrigez-le et donnez-le de nouveau.")
        with connection.cursor() as curseur:
            # Two files of one commune confirmed at once: the second sees what the first wrote.
            for insee in sorted(tenu.communes):
                curseur.execute(_VERROU, [insee])
        # The zones in force may have changed since the file was read.
        controles = [{**o, "fautes": [], "forme": shapely.from_wkt(o["wkt"])} for o in valides]
        _controler(controles, tenu.genre, tenu.communes, tenu.du, tenu.remplace)
        if faute := next((o for o in controles if o["fautes"]), None):
            raise Refus(f"Objet {faute['rang']} : {faute['fautes'][0]} Redonnez le fichier.")
        if tenu.genre == ImportZonage.Genre.ENJEU:
            enjeux_import.ecrire(tenu, valides, par=par)
        else:
            _ecrire(tenu, valides, par)
        tenu.etat, tenu.applique_le = ImportZonage.Etat.APPLIQUE, timezone.now()
        tenu.save(update_fields=["etat", "applique_le"])
    return len(valides)


def _ecrire(tenu: ImportZonage, valides: Sequence[dict[str, Any]], par: Utilisateur) -> None:
    """The zoning of each commune that has a zone in the file; the others keep theirs."""
    touchees = {o["insee"] for o in valides}
    if tenu.remplace:
        ZonageAssainissement.objects.en_vigueur(tenu.du).filter(insee__in=touchees, du__lt=tenu.du).update(
            au=tenu.du - timedelta(days=1)
        )
    ZonageAssainissement.objects.bulk_create(
        ZonageAssainissement(
            insee=o["insee"], type=o["type"], acte=tenu.acte, du=tenu.du, annexe_plu=tenu.annexe_plu,
            geom=zones_fichier.multiple(o["wkt"]), cree_par=par,
        )
        for o in valides
    )  # fmt: skip


def rejets(ligne: ImportZonage) -> str:
    """The refused zones as GeoJSON in degrees, with their own attributes and the reasons; replayable."""
    return zones_fichier.geojson(ligne.rejetes)
