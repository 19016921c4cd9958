"""Zones with an issue brought in by a file: what each row says of its issue, source and dates (spec §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import shapely
from django.db.models import Q

from assainissement.models import ImportZonage, ZoneEnjeu
from assainissement.reprise import _nu
from assainissement.zones_fichier import colonne, en_mot, multiple, voisines
from mairie.calendrier import jma
from mairie.models import Utilisateur

COLONNES = {
    "enjeu": ("enjeu", "type_enjeu", "type", "zone", "nature", "libelle", "nom"),
    "source": ("source", "arrete", "acte", "reference", "origine"),
    "du": ("du", "debut", "date_debut", "date_deb", "date_effet", "date"),
    "au": ("au", "fin", "date_fin"),
    "preuve_impact": ("preuve_impact", "preuve", "impact"),
}
ENJEUX = {
    "zes": "sanitaire", "sanitaire": "sanitaire", "baignade": "sanitaire", "captage": "sanitaire",
    "zee": "environnemental", "environnemental": "environnemental", "environnementale": "environnemental",
    "environnement": "environnemental",
}  # fmt: skip
_FORMES_DATE = ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%Y%m%d")
_OUI, _NON = ("oui", "o", "1", "true", "vrai", "t"), ("", "non", "n", "0", "false", "faux", "f")
# Orders that protect a catchment are often older than the law on water of 1992.
ANNEE_MIN, ANNEE_MAX = 1900, 2199
SOURCE_MAX = 160
# Limits redrawn never lie exactly on one another.
RECOUVREMENT_M2 = 1.0
Cle = tuple[str, str, str]


def lire_enjeu(valeur: Any) -> str:
    """The issue by its usual writings; empty when unknown, or when both are said."""
    dits = {ENJEUX[mot] for mot in _nu(str(valeur or "")).split() if mot in ENJEUX}
    return dits.pop() if len(dits) == 1 else ""


def lire_date(valeur: Any) -> date | None:
    """A day as files write it; null when absent. ``ValueError`` for what is none."""
    texte = str(valeur if valeur is not None else "").strip()
    # A day and its hour: the hour is the software's.
    texte = texte.split("T")[0].split(" ")[0]
    if not texte:
        return None
    for forme in _FORMES_DATE:
        try:
            jour = datetime.strptime(texte, forme).date()  # noqa: DTZ007 - a day, not an instant
        except ValueError:
            continue
        if ANNEE_MIN <= jour.year <= ANNEE_MAX:
            return jour
        raise ValueError(texte)
    raise ValueError(texte)


def completer(o: dict[str, Any], *, enjeu: str, source: str, du: date) -> None:
    """Write on an object its issue, source, dates and proof, and what is wrong with them.

    ``enjeu``, ``source``, ``du``: said for the whole file; a row's own source and date come first.
    """
    attributs: Mapping[str, Any] = o["attributs"]
    dits = (lire_enjeu(colonne(attributs, (c,))) for c in COLONNES["enjeu"])
    o["enjeu"] = enjeu or next((e for e in dits if e), "")
    if not o["enjeu"]:
        o["fautes"].append("Enjeu inconnu : sanitaire ou environnemental.")
    o["source"] = " ".join(str(colonne(attributs, COLONNES["source"]) or source).split())[:SOURCE_MAX]
    if not o["source"]:
        o["fautes"].append("Source absente : arrêté, profil de baignade, SAGE…")
    jours: dict[str, date | None] = {"du": du, "au": None}
    for champ in ("du", "au"):
        brut = colonne(attributs, COLONNES[champ])
        try:
            jours[champ] = lire_date(brut) or jours[champ]
        except ValueError:
            jours[champ] = None
            o["fautes"].append(f"Date illisible : « {str(brut)[:40]} » (AAAA-MM-JJ, ou JJ/MM/AAAA).")
    debut, fin = jours["du"], jours["au"]
    if debut is not None and fin is not None and fin < debut:
        o["fautes"].append("La fin précède le début.")
    o["du"], o["au"] = (j.isoformat() if j is not None else None for j in (debut, fin))
    o["preuve_impact"] = False
    preuve = _nu(en_mot(colonne(attributs, COLONNES["preuve_impact"])))
    if preuve in _OUI:
        o["preuve_impact"] = True
    elif preuve not in _NON:
        o["fautes"].append("« preuve_impact » se dit oui ou non.")


@dataclass(frozen=True)
class Tenue:
    """A zone on record: what it is, and its days (``au`` included; null: still)."""

    pk: int
    cle: Cle
    du: date
    au: date | None
    forme: Any


def verifier(objets: Sequence[dict[str, Any]], formes: Sequence[Any], remplace: bool) -> None:
    """The same zone twice on a same day, in the file or on record. Two issues may cover one ground."""
    connues = _enregistrees(objets)
    if remplace:
        fins = _fins(objets, connues)
        connues = [replace(z, au=fins.get(z.pk, z.au)) for z in connues]
    proches = voisines(formes)
    arbre = shapely.STRtree([z.forme for z in connues])
    for rang, (o, forme) in enumerate(zip(objets, formes, strict=True)):
        if forme.is_empty:
            o["fautes"].append("Ce n'est pas une surface.")
        if o["fautes"]:
            continue
        cle, du, au = _cle(o), *_jours(o)
        for avant in proches.get(rang, ()):
            sien = objets[avant]
            if sien["fautes"] or _cle(sien) != cle or not _se_croisent(du, au, *_jours(sien)):
                continue
            if _pareilles(forme, formes[avant]):
                o["fautes"].append(f"La même que l'objet {sien['rang']}.")
                break
        if o["fautes"]:
            continue
        for n in sorted(arbre.query(forme, predicate="intersects").tolist()):
            z = connues[n]
            if z.cle != cle or not _se_croisent(du, au, z.du, z.au):
                continue
            if _pareilles(forme, z.forme):
                o["fautes"].append("Déjà enregistrée.")
                break
            if remplace and forme.intersection(z.forme).area > RECOUVREMENT_M2:
                o["fautes"].append(
                    f"Recouvre une zone de même source, en vigueur depuis le {jma(z.du)} : elle ne peut"
                    f" prendre fin avant le {jma(du)}. Dites une date d'effet postérieure."
                )
                break


def _cle(o: Mapping[str, Any]) -> Cle:
    return o["insee"], o["enjeu"], o["source"]


def _jours(o: Mapping[str, Any]) -> tuple[date, date | None]:
    return date.fromisoformat(o["du"]), date.fromisoformat(o["au"]) if o["au"] else None


def _se_croisent(du: date, au: date | None, autre_du: date, autre_au: date | None) -> bool:
    """Two periods have a day in common."""
    return (autre_au is None or du <= autre_au) and (au is None or autre_du <= au)


def _pareilles(un: Any, autre: Any) -> bool:
    """One ground drawn twice, to a few square metres."""
    ecart_max = max(1.0, un.area / 1000)
    if abs(un.area - autre.area) > ecart_max:
        return False
    return bool(un.intersects(autre) and un.symmetric_difference(autre).area <= ecart_max)


def _enregistrees(objets: Sequence[Mapping[str, Any]]) -> list[Tenue]:
    """Zones on record whose period goes on after the first day of these rows: ended, living or to come."""
    debuts = [_jours(o)[0] for o in objets if o["du"]]
    if not debuts:
        return []
    lignes = ZoneEnjeu.objects.filter(
        Q(au__isnull=True) | Q(au__gte=min(debuts)), insee__in={o["insee"] for o in objets}
    ).order_by("pk")
    return [
        Tenue(z.pk, (z.insee, z.enjeu, z.source), z.du, z.au, shapely.from_wkb(bytes(z.geom.wkb)))
        for z in lignes
    ]


def _fins(objets: Sequence[Mapping[str, Any]], connues: Sequence[Tenue]) -> dict[int, date]:
    """Last day of each zone that these rows replace, by key: those of their source in force before them."""
    debuts: dict[Cle, date] = {}
    for o in (x for x in objets if not x.get("fautes")):
        du = _jours(o)[0]
        debuts[_cle(o)] = min(du, debuts.get(_cle(o), du))
    return {
        z.pk: debut - timedelta(days=1)
        for z in connues
        if (debut := debuts.get(z.cle)) is not None and z.du < debut and (z.au is None or z.au >= debut)
    }


def ecrire(ligne: ImportZonage, objets: Sequence[Mapping[str, Any]], *, par: Utilisateur) -> None:
    """The zones of a confirmed file; those of one source that they replace end the day before."""
    if ligne.remplace:
        finies: dict[date, list[int]] = {}
        for pk, fin in _fins(objets, _enregistrees(objets)).items():
            finies.setdefault(fin, []).append(pk)
        for fin, cles in finies.items():
            ZoneEnjeu.objects.filter(pk__in=cles).update(au=fin)
    ZoneEnjeu.objects.bulk_create(
        ZoneEnjeu(
            insee=o["insee"], enjeu=o["enjeu"], source=o["source"], du=o["du"], au=o["au"],
            preuve_impact=o["preuve_impact"], geom=multiple(o["wkt"]), cree_par=par,
        )
        for o in objets
    )  # fmt: skip
