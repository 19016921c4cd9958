"""Payload of a traffic order for the State's DiaLog platform: built, shown and downloaded, never sent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from shapely.geometry.base import BaseGeometry

from domainepublic.regles.creneaux import MINUIT, Creneau, lire_creneaux
from domainepublic.regles.geometrie import BORNES_DEGRES, lire_geometrie
from domainepublic.regles.lecture import Objet, lire_code
from domainepublic.regles.tables import dialog as table
from mairie.calendrier import jma

PARIS = ZoneInfo("Europe/Paris")
_INSEE = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
SEMAINE = frozenset(range(7))
DERNIERE_MINUTE = MINUIT - 1


@dataclass(frozen=True)
class Mesure:
    """One traffic measure; ``vehicules`` and ``localisations`` are already in the words of the format."""

    type: str
    debut: date
    fin: date | None
    vitesse: int | None
    vehicules: dict[str, Any]
    creneaux: tuple[Creneau, ...]
    localisations: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Arrete:
    """A traffic order and its measures."""

    numero: str
    titre: str
    nature: str
    objet: str
    objet_texte: str | None
    publier: bool
    mesures: tuple[Mesure, ...]


def charge_dialog(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    return construire(lire_arrete(Objet.du_cas(cas).objet("arrete")))


def lire_arrete(objet: Objet) -> Arrete:
    """Order checked completely, its measures too, exportable or not."""
    numero = objet.texte("numero", table.NUMERO_MAX)
    titre = objet.texte("titre", table.TITRE_MAX)
    nature = objet.choix("nature", tuple(table.NATURES), table.TEMPORAIRE)
    sujet = objet.choix("objet", tuple(table.OBJETS))
    precision = objet.texte("objet_texte", table.OBJET_TEXTE_MAX) if sujet == table.AUTRE else None
    publier = objet.booleen("publier")
    mesures = tuple(_lire_mesure(element, nature) for element in objet.objets("mesures", requis=True))
    return Arrete(numero, titre, nature, sujet, precision, publier, mesures)


def _lire_mesure(objet: Objet, nature: str) -> Mesure:
    genre = objet.choix("type", tuple(table.MESURES))
    debut = objet.date("debut")
    fin = None
    if nature == table.TEMPORAIRE:
        fin = objet.date("fin")
        if fin < debut:
            raise objet.faute("fin", f"La fin ({jma(fin)}) précède le début ({jma(debut)}).")
    elif objet.donne("fin"):
        raise objet.faute("fin", "Un arrêté permanent n'a pas de fin : retirez-la.")
    vitesse = None
    if genre == table.VITESSE_LIMITEE:
        vitesse = objet.entier("vitesse", minimum=table.VITESSE_MIN, maximum=table.VITESSE_MAX)
    vehicules = _lire_vehicules(objet.objet_facultatif("vehicules"))
    creneaux = lire_creneaux(objet)
    localisations = tuple(
        _lire_localisation(element) for element in objet.objets("localisations", requis=True, vide=False)
    )
    return Mesure(genre, debut, fin, vitesse, vehicules, creneaux, localisations)


def _lire_vehicules(objet: Objet) -> dict[str, Any]:
    concernes = objet.choix_multiples("concernes", tuple(table.CONCERNES))
    exceptes = objet.choix_multiples("exceptes", tuple(table.EXCEPTES))
    tonnage = None
    if objet.donne("tonnage_max"):
        if table.POIDS_LOURDS not in concernes:
            raise objet.faute("tonnage_max", "Un tonnage exige que les poids lourds soient concernés.")
        valeur = objet.nombre("tonnage_max")
        if valeur not in table.TONNAGES:
            possibles = ", ".join(str(tonnes) for tonnes in table.TONNAGES)
            raise objet.faute("tonnage_max", f"Tonnage inconnu. Valeurs possibles : {possibles}.")
        tonnage = table.TONNAGES[valeur]
    return {
        "allVehicles": not concernes,
        "restrictedTypes": [table.CONCERNES[code] for code in concernes],
        "exemptedTypes": [table.EXCEPTES[code] for code in exceptes],
        "heavyweightMaxWeight": tonnage,
    }


def _lire_localisation(objet: Objet) -> dict[str, Any]:
    if objet.donne("geometrie"):
        libelle = objet.texte("libelle")
        geometrie = lire_geometrie(objet, "geometrie", BORNES_DEGRES)
        contenu = {"label": libelle, "geometry": _geojson(objet, geometrie)}
        return {"roadType": "rawGeoJSON", "rawGeoJSON": contenu}
    insee = objet.texte("insee")
    if not _INSEE.fullmatch(insee):
        raise objet.faute("insee", "Un code INSEE de cinq caractères est attendu (2A ou 2B en Corse).")
    commune = objet.texte("commune")
    voie = objet.texte("voie")
    du, au = _lire_numero(objet, "du_numero"), _lire_numero(objet, "au_numero")
    if (du is None) != (au is None):
        manquant = "du_numero" if du is None else "au_numero"
        raise objet.faute(manquant, "Donnez les deux numéros, ou aucun.")
    rue: dict[str, Any] = {"cityCode": insee, "cityLabel": commune, "roadName": voie}
    if du is not None:
        rue |= {"fromPointType": "houseNumber", "fromHouseNumber": du}
        rue |= {"toPointType": "houseNumber", "toHouseNumber": au}
    rue["direction"] = table.SENS[objet.choix("sens", tuple(table.SENS), "deux")]
    return {"roadType": "lane", "namedStreet": rue}


def _lire_numero(objet: Objet, nom: str) -> str | None:
    """House number, text (« 10 bis ») or number."""
    if not objet.donne(nom):
        return None
    numero = lire_code(objet.brut(nom))
    if numero is None:
        raise objet.faute(nom, "Un numéro de voie est attendu.")
    return numero


def _geojson(objet: Objet, geometrie: BaseGeometry) -> str:
    """GeoJSON as compact text, with the coordinates as they were given."""
    coordonnees = objet.objet("geometrie").brut("coordinates")
    return json.dumps(
        {"type": geometrie.geom_type, "coordinates": _en_flottants(coordonnees)},
        separators=(",", ":"),
    )


def _en_flottants(valeur: Any) -> Any:
    if isinstance(valeur, list):
        return [_en_flottants(element) for element in valeur]
    return valeur if isinstance(valeur, int) else float(valeur)


def construire(arrete: Arrete) -> dict[str, Any]:
    """Payload of the exportable measures, null if there is none, and the list of the others."""
    exportees, autres = [], []
    for rang, mesure in enumerate(arrete.mesures):
        genre = table.MESURES[mesure.type]
        if genre is None:
            autres.append({"mesure": rang, "type": mesure.type})
        else:
            exportees.append(_mesure(mesure, genre, arrete.nature))
    charge = {
        "identifier": arrete.numero,
        "status": "published" if arrete.publier else "draft",
        "category": table.NATURES[arrete.nature],
        "subject": table.OBJETS[arrete.objet],
        "otherCategoryText": arrete.objet_texte,
        "title": arrete.titre,
        "measures": exportees,
    }
    return {"charge": charge if exportees else None, "non_exportees": autres}


def _mesure(mesure: Mesure, genre: str, nature: str) -> dict[str, Any]:
    return {
        "type": genre,
        "maxSpeed": mesure.vitesse,
        "vehicleSet": mesure.vehicules,
        "periods": periodes(mesure, permanent=nature != table.TEMPORAIRE),
        "locations": list(mesure.localisations),
    }


def periodes(mesure: Mesure, *, permanent: bool) -> list[dict[str, Any]]:
    """One period for each distinct set of days, in order of first appearance; without slot, one period."""
    lots: dict[frozenset[int], list[Creneau]] = {}
    for creneau in mesure.creneaux:
        lots.setdefault(creneau.jours, []).append(creneau)
    return [_periode(mesure, permanent, *lot) for lot in (lots or {SEMAINE: []}).items()]


def _periode(
    mesure: Mesure, permanent: bool, jours: frozenset[int], creneaux: Sequence[Creneau]
) -> dict[str, Any]:
    periode: dict[str, Any] = {"startDate": instant_paris(mesure.debut, 0)}
    if mesure.fin is not None:
        periode["startTime"] = instant_paris(mesure.debut, 0)
        periode["endDate"] = instant_paris(mesure.fin, 0)
        periode["endTime"] = instant_paris(mesure.fin, DERNIERE_MINUTE)
    recurrence = "everyDay" if jours == SEMAINE else "certainDays"
    periode["recurrenceType"] = recurrence
    periode["isPermanent"] = permanent
    periode["dailyRange"] = None
    if jours != SEMAINE:
        applicables = [table.JOURS[jour] for jour in sorted(jours)]
        periode["dailyRange"] = {"recurrenceType": recurrence, "applicableDays": applicables}
    periode["timeSlots"] = [
        {
            "startTime": instant_paris(mesure.debut, creneau.de),
            "endTime": instant_paris(mesure.debut, min(creneau.a, DERNIERE_MINUTE)),
        }
        for creneau in creneaux
    ]
    return periode


def instant_paris(jour: date, minute: int) -> str:
    """Instant of a minute of the day with the Paris offset of that moment, as ISO text."""
    heure = time(minute // 60, minute % 60, tzinfo=PARIS)
    return datetime.combine(jour, heure).isoformat()
