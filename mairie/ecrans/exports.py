"""A list as a file: the rows of the current filter, in the order and columns shown, read by a cursor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from mairie import journal
from mairie.ecrans import geopaquet
from mairie.ecrans.consultation import COMPTE_MAX, Consultation
from mairie.ecrans.declaration import Colonne, Liste
from mairie.exports import flux_csv, reponse_ods, reponse_xlsx

# Action of the log: a list has left as a file.
EXPORTEE = "mairie.liste_exportee"
TABLEURS = {"csv": "CSV", "xlsx": "Excel (XLSX)", "ods": "LibreOffice (ODS)"}
CARTES = {"geojson": "GeoJSON", "gpkg": "GeoPackage"}
LIGNES_MAX = 100_000
LOT = 2_000
# Places drawn beside the list.
PLACES_MAX = 2_000
# A centimetre.
DECIMALES_DEGRES = 7


def formats(liste: Liste) -> list[tuple[str, str]]:
    """(code, name) of the files this list gives."""
    return [*TABLEURS.items(), *(CARTES.items() if liste.geometrie else ())]


def repondre(request: HttpRequest, consultation: Consultation, demande: str) -> HttpResponseBase:
    """The file asked; 400 for a format unknown, 413 with what to do for too many rows."""
    liste = consultation.liste
    if demande == "carte" and liste.geometrie:
        return _carte(consultation)
    if demande not in dict(formats(liste)):
        return _refus(request, consultation, f"Le format « {demande[:20]} » n'existe pas.", 400)
    if consultation.nombre_exact > LIGNES_MAX:
        return _refus(
            request,
            consultation,
            f"{consultation.nombre_exact} lignes : un fichier en contient {LIGNES_MAX} au plus."
            " Filtrez d'abord.",
            413,
        )
    journal.noter(
        request,
        EXPORTEE,
        # Which filters, never what was looked for: a search may hold a name.
        donnees={
            "ecran": liste.code,
            "format": demande,
            "lignes": consultation.nombre_exact,
            "filtres": consultation.actifs(),
        },
    )
    if liste.surveiller:
        liste.surveiller(request, f"export.{demande}", consultation.nombre_exact)
    nom = f"{liste.nom.replace('_', '-')}-{timezone.localdate():%Y-%m-%d}.{demande}"
    colonnes = [c for c in consultation.colonnes if c.exportee]
    titres = [c.titre for c in colonnes]
    if demande == "geojson":
        return _fichier(_geojson(consultation, colonnes), "application/geo+json", nom)
    if demande == "gpkg":
        return geopaquet.repondre(consultation, colonnes, nom)
    rangees = _rangees(consultation, colonnes)
    if demande == "csv":
        return flux_csv(nom, titres, rangees)
    classeur = reponse_xlsx if demande == "xlsx" else reponse_ods
    return classeur(nom, titres, rangees, feuille=liste.titre)


def _refus(request: HttpRequest, consultation: Consultation, raison: str, statut: int) -> HttpResponse:
    contexte = {"liste": consultation.liste, "raison": raison, "retour": consultation.adresse()}
    return render(request, "mairie/ecrans/export_refuse.html", contexte, status=statut)


def _objets(consultation: Consultation) -> Iterator[Any]:
    return iter(consultation.lignes.iterator(chunk_size=LOT))


def _rangees(consultation: Consultation, colonnes: list[Colonne]) -> Iterator[list[Any]]:
    for objet in _objets(consultation):
        yield [c.export(objet) for c in colonnes]


def _fichier(octets: Iterator[bytes], type_: str, nom: str) -> StreamingHttpResponse:
    reponse = StreamingHttpResponse(octets, content_type=type_)
    reponse["Content-Disposition"] = f'attachment; filename="{nom}"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def _geojson(consultation: Consultation, colonnes: list[Colonne]) -> Iterator[bytes]:
    """Rows in degrees, as RFC 7946 wants them; those without place have a null geometry."""
    yield b'{"type": "FeatureCollection", "features": ['
    lignes = consultation.lignes.annotate(_forme=_forme(consultation.liste))
    for rang, objet in enumerate(lignes.iterator(chunk_size=LOT)):
        proprietes = json.dumps({c.code: c.json(objet) for c in colonnes}, ensure_ascii=False)
        trait = f'{{"type": "Feature", "id": {json.dumps(objet.pk)}, "properties": {proprietes}, '
        yield ((",\n" if rang else "\n") + trait + f'"geometry": {objet._forme or "null"}}}').encode()
    yield b"\n]}\n"


def _forme(liste: Liste) -> AsGeoJSON:
    chemin = F(liste.geometrie)
    source = Transform(chemin, 4326) if settings.TERRITOIRE_SRID != 4326 else chemin
    return AsGeoJSON(source, precision=DECIMALES_DEGRES)


def _place(liste: Liste, objet: Any) -> str:
    proprietes = {
        "titre": str(liste.titre_carte(objet)),
        "adresse": (liste.adresse_ligne(objet) if liste.adresse_ligne else "") or "",
    }
    return (
        f'{{"type": "Feature", "id": {json.dumps(objet.pk)}, '
        f'"properties": {json.dumps(proprietes, ensure_ascii=False)}, "geometry": {objet._forme}}}'
    )


def _carte(consultation: Consultation) -> HttpResponse:
    """Places for the map beside the list: key, title, address; ``total`` says how many there are.

    ``au_dela``: there are more than ``total``, which were not counted.
    """
    liste = consultation.liste
    placees = consultation.lignes.filter(**{f"{liste.geometrie}__isnull": False})
    lues = placees.annotate(_forme=_forme(liste))
    if liste.champs_carte:
        lues = lues.select_related(None).only(*liste.champs_carte)
    objets = list(lues[: PLACES_MAX + 1])
    total, au_dela = len(objets), False
    if total > PLACES_MAX and liste.par_cle:
        total = placees.order_by().values("pk")[: COMPTE_MAX + 1].count()
        total, au_dela = min(total, COMPTE_MAX), total > COMPTE_MAX
    elif total > PLACES_MAX:
        total = placees.count()
    # The database writes the shapes: to read two thousand and write them again costs more than the rest.
    traits = ",".join(_place(liste, o) for o in objets[:PLACES_MAX])
    debut = json.dumps({"type": "FeatureCollection", "total": total, "au_dela": au_dela})[:-1]
    reponse = HttpResponse(f'{debut}, "features": [{traits}]}}', content_type="application/geo+json")
    reponse["Cache-Control"] = "private, no-store"
    return reponse
