"""The note of a parcel as PDF, and where its extract of the plan is printed."""

from __future__ import annotations

from urllib.parse import urlencode

import shapely
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cadastre.fiche import Fiche, lire_fiche
from cadastre.regles.contenance import hectares_ares_centiares
from cadastre.regles.ecritures import FORME_IDU
from gis_data.acces import public
from gis_data.projections import transformateur
from mairie.erreurs import Introuvable
from mairie.impression.demande import ECHELLES
from mairie.impression.gabarits import gabarit
from mairie.impression.note import Sujet
from mairie.impression.vues import refuser, repondre_note

# An extract shows the neighbours too.
MARGE_EXTRAIT = 1.2
ECHELLE_EXTRAIT = 1000


@public
@require_safe
@refuser
def note(request: HttpRequest, idu: str) -> HttpResponseBase:
    """Note de renseignements d'urbanisme of a parcel, today."""
    fiche = lire_fiche(idu) if FORME_IDU.fullmatch(idu) else None
    if fiche is None:
        raise Introuvable(f"« {idu[:40]} » ne désigne pas une parcelle du plan chargé.")
    if fiche.contour is None:
        raise Introuvable("Cette parcelle n'a pas de contour au plan : rien ne peut être dit de son sol.")
    return repondre_note(request, sujet(fiche), fiche.contour, timezone.localdate())


def sujet(fiche: Fiche) -> Sujet:
    """How the note names a parcel."""
    references = [("Référence", f"{fiche.parties.libelle} ({fiche.idu})")]
    if fiche.adresses:
        references.append(("Adresse", ", ".join(fiche.adresses[:2])))
    if fiche.version.contenance is not None:
        ecrite = hectares_ares_centiares(fiche.version.contenance)
        references.append(("Contenance", f"{fiche.version.contenance} m² ({ecrite})"))
    return Sujet(f"Parcelle {fiche.parties.libelle}", references)


def adresse_extrait(fiche: Fiche) -> str:
    """Address of the extract of the plan: 1/1000, or the largest usual scale that shows the parcel whole."""
    if fiche.contour is None:
        return ""
    xmin, ymin, xmax, ymax = fiche.contour.bounds
    zone = gabarit("a4", "portrait").carte
    besoin = 1000 * MARGE_EXTRAIT * max((xmax - xmin) / zone.largeur, (ymax - ymin) / zone.hauteur)
    echelle = next((e for e in ECHELLES if e >= max(besoin, ECHELLE_EXTRAIT)), ECHELLES[-1])
    milieu = shapely.box(xmin, ymin, xmax, ymax).centroid
    lon, lat = transformateur(settings.TERRITOIRE_SRID, 4326).transform(milieu.x, milieu.y)
    demande = {
        "lat": f"{lat:.7f}",
        "lon": f"{lon:.7f}",
        "echelle": echelle,
        "format": "a4",
        "orientation": "portrait",
        "titre": f"Extrait du plan, parcelle {fiche.parties.libelle}",
    }
    if not fiche.supprimee:
        demande["parcelle"] = fiche.idu
    return f"{reverse('carte_impression')}?{urlencode(demande)}"
