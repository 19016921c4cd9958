"""Base Adresse Locale: the commune's addresses as the national format 1.4 (AITF)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from django.utils import timezone

from mairie.models import Adresse, BaseAdresses, Collectivite, Voie
from mairie.regles.adresses import NUMERO_LIEU_DIT, cle_interop

# Order of the format, version 1.4.
COLONNES = (
    "id_ban_commune", "id_ban_toponyme", "id_ban_adresse", "cle_interop", "commune_insee", "commune_nom",
    "commune_deleguee_insee", "commune_deleguee_nom", "voie_nom", "lieudit_complement_nom", "numero",
    "suffixe", "position", "x", "y", "long", "lat", "cad_parcelles", "source", "date_der_maj",
    "certification_commune",
)  # fmt: skip
SOURCE = "commune"


def lignes(insee: str) -> Iterator[list[str]]:
    """Rows of the format: active numbers that have a place, then active named places without number.

    The three national identifiers are given on every row or on none, as the format asks.
    """
    reglages = BaseAdresses.objects.filter(insee=insee).first()
    commune_ban = str(reglages.id_ban_commune) if reglages and reglages.id_ban_commune else ""
    nom = Collectivite.objects.filter(code=insee).values_list("nom", flat=True).first() or insee
    adresses = (
        Adresse.objects.filter(insee=insee, active=True, voie__active=True, position__isnull=False)
        .select_related("voie")
        .order_by("voie__nom", "voie_id", "numero", "suffixe")
    )
    for a in adresses.iterator(chunk_size=2000):
        degres = a.position.transform(4326, clone=True)
        yield [
            *((commune_ban, str(a.voie.id_ban), str(a.id_ban)) if commune_ban else ("", "", "")),
            a.cle_interop,
            insee,
            nom,
            a.voie.deleguee_insee,
            a.voie.deleguee_nom,
            a.voie.nom,
            a.complement,
            str(a.numero),
            a.suffixe,
            a.type_position or (Adresse.Position.PARCELLE if a.parcelles else ""),
            f"{a.position.x:.2f}",
            f"{a.position.y:.2f}",
            f"{degres.x:.7f}",
            f"{degres.y:.7f}",
            "|".join(a.parcelles),
            SOURCE,
            f"{timezone.localtime(a.modifie_le):%Y-%m-%d}",
            "1" if a.certifiee else "0",
        ]
    # A named place that bears no number is given the number that stands for none.
    seules = Voie.objects.filter(insee=insee, active=True, nature=Voie.Nature.LIEU_DIT).exclude(
        adresses__active=True, adresses__position__isnull=False
    )
    for v in seules.order_by("nom", "pk"):
        yield [
            *((commune_ban, str(v.id_ban), "") if commune_ban else ("", "", "")),
            cle_interop(insee, v.code, NUMERO_LIEU_DIT),
            *(insee, nom, v.deleguee_insee, v.deleguee_nom, v.nom, "", str(NUMERO_LIEU_DIT)),
            *("", "", "", "", "", "", ""), SOURCE, f"{timezone.localtime(v.modifie_le):%Y-%m-%d}", "",
        ]  # fmt: skip


def texte(insee: str) -> str:
    """The whole file: UTF-8 without mark, semicolons, lines ended as Windows does."""
    tampon = StringIO()
    sortie = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    sortie.writerow(COLONNES)
    sortie.writerows(lignes(insee))
    return tampon.getvalue()
