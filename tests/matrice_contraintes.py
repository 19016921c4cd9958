"""Examples of the addresses of planning documents and declared layers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from gis_data.models import CoucheDeclaree, DocumentUrbanisme, ImportTravail, PieceEcrite
from tests.matrice import exemple


def creer_document() -> DocumentUrbanisme:
    """A planning document with its regulation."""
    return DocumentUrbanisme.objects.get_or_create(
        famille="du",
        territoire="25999",
        valide_du=date(2024, 1, 15),
        defaults={
            "type_document": "PLU",
            "identifiant": "25999_PLU_20240115",
            "communes": ["25999"],
            "source": "essai.zip",
            "empreinte": "0" * 64,
            "srid_source": 2154,
        },
    )[0]


def creer_piece() -> Mapping[str, Any]:
    """A PDF of that document."""
    piece = PieceEcrite.objects.filter(nom="essai.pdf").first()
    if piece is None:
        piece = PieceEcrite(document=creer_document(), nom="essai.pdf", octets=9, empreinte="0" * 64)
        piece.fichier.save("essai.pdf", ContentFile(b"%PDF-1.4\n"), save=True)
    return {"numero": piece.pk}


exemple("carte_piece", creer=creer_piece)


def creer_travail() -> Mapping[str, Any]:
    """A run of an importer."""
    return {"travail": ImportTravail.objects.get_or_create(genre="plu", etat="termine")[0].pk}


def creer_couche() -> Mapping[str, Any]:
    """An announced layer."""
    return {
        "pk": CoucheDeclaree.objects.get_or_create(
            nom="risques_essai", libelle="Essai", source="Essai", communes=["25999"]
        )[0].pk
    }


exemple("donnees_importer", parametres={"genre": "plu"})
exemple("donnees_rapport", creer=creer_travail)
exemple("donnees_retirer", creer=lambda: {"pk": creer_document().pk})
exemple("donnees_couche", creer=creer_couche)
exemple("donnees_remplacer", creer=creer_couche)
exemple("donnees_retirer_couche", creer=creer_couche)
