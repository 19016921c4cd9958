"""Zones with an issue brought in by a file: what each row says of its issue, source and dates (spec §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import shapely

from assainissement.models import ImportZonage, ZoneEnjeu
from assainissement.reprise import _nu
from assainissement.zones_fichier import colonne, multiple
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
ANNEE_MIN, ANNEE_MAX = 1992, 2199
SOURCE_MAX = 160


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
    preuve = _nu(str(colonne(attributs, COLONNES["preuve_impact"]) or ""))
    if preuve in _OUI:
        o["preuve_impact"] = True
    elif preuve not in _NON:
        o["fautes"].append("« preuve_impact » se dit oui ou non.")


def verifier(objets: Sequence[dict[str, Any]], formes: Sequence[Any], remplace: bool) -> None:
    """The same zone twice, in the file or already in force. Two issues may cover one ground."""
    connues = [] if remplace else _en_vigueur({o["insee"] for o in objets})
    for rang, (o, forme) in enumerate(zip(objets, formes, strict=True)):
        if forme.is_empty:
            o["fautes"].append("Ce n'est pas une surface.")
        if o["fautes"]:
            continue
        for avant, sien in zip(objets[:rang], formes[:rang], strict=True):
            if not avant["fautes"] and _meme(o, avant) and _pareilles(forme, sien):
                o["fautes"].append(f"La même que l'objet {avant['rang']}.")
                break
        for z, sien in connues:
            if _meme(o, z) and _pareilles(forme, sien):
                o["fautes"].append("Déjà enregistrée.")
                break


def _meme(o: Mapping[str, Any], autre: Mapping[str, Any]) -> bool:
    return all(o[c] == autre[c] for c in ("insee", "enjeu", "source"))


def _pareilles(un: Any, autre: Any) -> bool:
    """One ground drawn twice, to a few square metres."""
    ecart_max = max(1.0, un.area / 1000)
    return bool(un.intersects(autre) and un.symmetric_difference(autre).area <= ecart_max)


def _en_vigueur(communes: set[str]) -> list[tuple[dict[str, Any], Any]]:
    lignes = ZoneEnjeu.objects.filter(insee__in=communes, au__isnull=True).values(
        "insee", "enjeu", "source", "geom"
    )
    return [(z, shapely.from_wkb(bytes(z["geom"].wkb))) for z in lignes]


def ecrire(ligne: ImportZonage, objets: Sequence[Mapping[str, Any]], *, par: Utilisateur) -> None:
    """The zones of a confirmed file; those of one source that they replace end the day before."""
    if ligne.remplace:
        debuts: dict[tuple[str, str, str], date] = {}
        for o in objets:
            cle, du = (o["insee"], o["enjeu"], o["source"]), date.fromisoformat(o["du"])
            debuts[cle] = min(du, debuts.get(cle, du))
        for (insee, enjeu, source), du in debuts.items():
            ZoneEnjeu.objects.en_vigueur(du).filter(
                insee=insee, enjeu=enjeu, source=source, du__lt=du
            ).update(au=du - timedelta(days=1))
    ZoneEnjeu.objects.bulk_create(
        ZoneEnjeu(
            insee=o["insee"], enjeu=o["enjeu"], source=o["source"], du=o["du"], au=o["au"],
            preuve_impact=o["preuve_impact"], geom=multiple(o["wkt"]), cree_par=par,
        )
        for o in objets
    )  # fmt: skip
