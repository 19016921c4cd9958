"""Written pieces that come in a package: only those that an object names, and only PDF."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.db import transaction

from gis_data.contraintes.imports.base import Rapport
from gis_data.contraintes.models import DocumentUrbanisme, PieceEcrite
from gis_data.ouverture import Contenu, FichierRefuse

PIECE_MAX = 60 * 1024**2
PIECES_MAX = 400


def choisir(contenu: Contenu, cites: Iterable[str], rapport: Rapport) -> dict[str, str]:
    """Name cited by the objects → member of the package; those that are not there are reported."""
    presents = {membre.rpartition("/")[2].lower(): membre for membre in contenu.autres}
    trouves: dict[str, str] = {}
    for nom in sorted({base(c) for c in cites if c}):
        membre = presents.get(nom.lower())
        if membre and nom.lower().endswith(".pdf") and len(trouves) < PIECES_MAX:
            trouves[nom] = membre
        elif membre is None:
            rapport.signaler(
                "PIECE_ABSENTE", "information", "Pièces écrites", 0, f"« {nom} » n'est pas dans le paquet."
            )
    return trouves


def base(nomfic: str) -> str:
    """« reglement.pdf#page=12 » → « reglement.pdf »."""
    return nomfic.partition("#")[0].replace("\\", "/").rpartition("/")[2]


def garder(document: DocumentUrbanisme, contenu: Contenu, choisies: dict[str, str]) -> int:
    """Store the pieces of a document; files of an import that fails are taken away."""
    ecrites: list[PieceEcrite] = []
    try:
        for nom, membre in choisies.items():
            octets = contenu.autre(membre, PIECE_MAX)
            if not octets.startswith(b"%PDF-"):
                continue
            piece = PieceEcrite(
                document=document, nom=nom, octets=len(octets), empreinte=hashlib.sha256(octets).hexdigest()
            )
            # Stored under a name of ours.
            piece.fichier.save(f"{piece.empreinte[:32]}.pdf", ContentFile(octets), save=False)
            ecrites.append(piece)
            piece.save()
    except FichierRefuse:
        for piece in ecrites:
            piece.fichier.delete(save=False)
        raise
    return len(ecrites)


def effacer_fichiers(document: DocumentUrbanisme) -> None:
    """Take away the files of a document about to be deleted, once it is."""
    fichiers = [(p.fichier.storage, p.fichier.name) for p in document.pieces.all()]

    def effacer() -> None:
        for stockage, nom in fichiers:
            if nom:
                stockage.delete(nom)

    transaction.on_commit(effacer)
