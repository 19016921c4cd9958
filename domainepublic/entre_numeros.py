"""« Du 12 au 18, 12 m »: numbers of a street as the base of addresses has them, and the line between."""

from __future__ import annotations

from decimal import Decimal

import shapely
from django.contrib.gis.geos import GEOSGeometry

from domainepublic.models.emprises import SRID
from domainepublic.regles.trace import LONGUEUR_MIN_M, TraceImpossible, tracer
from mairie.models import Adresse, Voie
from mairie.regles.adresses import lire_numero

LONGUEUR_MAX_M = Decimal(500)


def tracer_entre(voie: Voie, du: str, au: str, longueur: Decimal | None = None) -> GEOSGeometry:
    """The line, in the legal projection; ``TraceImpossible`` says which number is not known.

    ``au`` empty: about the first number, and then ``longueur`` (metres) is needed.
    """
    if longueur is not None and not LONGUEUR_MIN_M <= longueur <= LONGUEUR_MAX_M:
        raise TraceImpossible(f"La longueur va de 0,5 à {LONGUEUR_MAX_M} m.")
    depart = _position(voie, du)
    arrivee = _position(voie, au) if au.strip() else depart
    if arrivee.equals(depart) and longueur is None:
        raise TraceImpossible("Donnez le second numéro, ou la longueur en mètres.")
    axe = shapely.from_wkb(bytes(voie.axe.wkb)) if voie.axe else None
    ligne = tracer(axe, depart, arrivee, float(longueur) if longueur is not None else None)
    return GEOSGeometry(memoryview(shapely.to_wkb(ligne)), srid=SRID)


def _position(voie: Voie, texte: str) -> shapely.Point:
    numero = lire_numero(texte.strip())
    if numero is None:
        raise TraceImpossible("Écrivez un numéro, comme 12 ou 12 bis.")
    adresses = Adresse.objects.filter(voie=voie, active=True, position__isnull=False)
    trouvee = adresses.filter(numero=numero.numero, suffixe=numero.suffixe).first()
    if trouvee is None or trouvee.position is None:
        connus = list(adresses.order_by("numero").values_list("numero", flat=True).distinct())
        suite = (
            f"Les numéros connus vont de {connus[0]} à {connus[-1]}."
            if connus
            else "Aucun numéro de cette rue n'est placé : dessinez sur la carte."
        )
        raise TraceImpossible(f"Le {numero} {voie.nom} n'est pas connu. {suite}")
    return shapely.Point(trouvee.position.x, trouvee.position.y)
