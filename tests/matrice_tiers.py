"""Examples of the addresses of persons, addresses and files."""

from __future__ import annotations

from typing import Any

from tests.matrice import exemple
from tests.personnes import commune


def _tiers() -> dict[str, Any]:
    from tests.mairie.tiers.fabrique import personne

    commune()
    return {"pk": personne().pk}


def _paire() -> dict[str, Any]:
    return {"pk": _tiers()["pk"], "autre": _tiers()["pk"]}


def _fusion() -> dict[str, Any]:
    from mairie.tiers.fusion import fusionner
    from tests.mairie.tiers.fabrique import personne
    from tests.personnes import agent

    return {"pk": fusionner(personne(), personne(), par=agent("mairie.administrateur")).pk}


exemple("mairie_tiers_fiche", creer=_tiers)
exemple("mairie_tiers_modifier", creer=_tiers)
exemple("tiers_fusionner", creer=_paire)
exemple("tiers_fusion_annuler", creer=_fusion)
exemple("tiers_droits", creer=_tiers)
exemple("tiers_copie", creer=_tiers)


def _une_voie() -> Any:
    """Made once: every address of the site may be walked in one test."""
    from mairie.models import Voie
    from tests.mairie.adresses.fabrique import voie

    commune()
    return Voie.objects.filter(nom="Rue de la matrice").first() or voie("Rue de la matrice")


def _voie() -> dict[str, Any]:
    return {"pk": _une_voie().pk}


def _adresse() -> dict[str, Any]:
    from tests.mairie.adresses.fabrique import adresse

    rue = _une_voie()
    return {"pk": (rue.adresses.first() or adresse(rue, 1)).pk}


def _base() -> dict[str, Any]:
    from mairie.models import BaseAdresses

    return {"pk": BaseAdresses.objects.get_or_create(insee=commune().code)[0].pk}


def _bal() -> dict[str, Any]:
    _adresse()
    return {"insee": commune().code}


exemple("bal_csv", creer=_bal)
exemple("voie", creer=_voie)
exemple("adresse_nouvelle", creer=_voie)
exemple("mairie_voies_modifier", creer=_voie)
exemple("adresse", creer=_adresse)
exemple("adresse_placer", creer=_adresse)
exemple("mairie_base_adresses_modifier", creer=_base)


def _piece() -> dict[str, Any]:
    from mairie.models import Piece
    from mairie.pieces.service import deposer
    from tests.mairie.pieces.fabrique import fichier, photo
    from tests.personnes import agent

    rue = _une_voie()
    deja = Piece.objects.du_dossier(rue).first()
    une = deja or deposer(rue, fichier(photo(), "photo.jpg"), par=agent("mairie.administrateur"))
    return {"uuid": une.uuid}


def _porteur() -> dict[str, Any]:
    _piece()
    return {"genre": "mairie.voie", "pk": _une_voie().pk}


# Who may not read the street finds no file of it either: 404, as for a file that does not exist.
for _nom in ("piece", "piece_fichier", "piece_vignette", "piece_copie"):
    exemple(_nom, creer=_piece, attendu=(200, 404))
for _nom in ("piece_flouter", "piece_publier", "piece_retirer"):
    exemple(_nom, creer=_piece, attendu=(200, 403, 404, 405))
exemple("piece_publique", creer=_piece, attendu=(404,))
exemple("piece_apercu", creer=lambda: {**_piece(), "page": 1}, attendu=(200, 404))
exemple("pieces_deposer", creer=_porteur)
exemple("pieces_zip", creer=_porteur, attendu=(200, 404))
