"""The only code that writes pieces: deposit with its checks, versions, publication, blurring, withdrawal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.db.models import Sum
from django.utils import timezone

from mairie import journal
from mairie.models import Piece, Utilisateur
from mairie.pieces import antivirus, apercus, archives
from mairie.pieces.declaration import DEPOSEE, FLOUTEE, PUBLIEE, RETIREE
from mairie.pieces.genres import DEBUT, USUELS, TypeFichier, nom_propre, reconnaitre
from mairie.pieces.refus import PieceRefusee
from mairie.pieces.registre import collectivite
from mairie.roles import Acteur, acteur_de

MIO = 1024**2


@dataclass(frozen=True)
class Examen:
    """What the checks found of a file."""

    nom: str
    genre: TypeFichier
    taille: int
    sha256: str
    verifie: bool


@dataclass(frozen=True)
class Resultat:
    """What became of one file among several: a piece, or the reason why not."""

    nom: str
    piece: Piece | None = None
    refus: str = ""
    deja: bool = False


def examiner(
    fichier: IO[bytes] | File[bytes], nom: str, *, formats: tuple[str, ...] = USUELS, taille_max: int = 0
) -> Examen:
    """Size, kind, archives, hash, antivirus; ``PieceRefusee`` at the first fault. Writes nothing."""
    flux: Any = fichier
    nom = nom_propre(nom)
    limite = taille_max or settings.PIECE_TAILLE_MAX
    flux.seek(0, 2)
    taille = flux.tell()
    if taille > limite:
        raise trop_lourd(nom, taille, limite)
    if not taille:
        raise PieceRefusee("VIDE", f"« {nom} » est vide (0 octet) : choisissez un autre fichier.")
    flux.seek(0)
    genre = reconnaitre(nom, flux.read(DEBUT), formats)
    flux.seek(0)
    empreinte = hashlib.sha256()
    while bloc := flux.read(1 << 18):
        empreinte.update(bloc)
    flux.seek(0)
    if genre.archive:
        archives.verifier(flux, nom, genre)
    verifie = antivirus.verifier(flux, nom)
    flux.seek(0)
    return Examen(nom, genre, taille, empreinte.hexdigest(), verifie)


def trop_lourd(nom: str, taille: int, limite: int) -> PieceRefusee:
    """The refusal of a file over the limit; ``taille`` 0 when it was not read to its end."""
    pese = f"pèse {taille / MIO:.0f} Mo" if taille else "est trop lourd"
    return PieceRefusee(
        "TAILLE",
        f"« {nom_propre(nom)} » {pese} : {limite // MIO} Mo au plus. Réduisez-le (un PDF numérisé en"
        " 200 points par pouce suffit) ou envoyez-le en plusieurs fichiers.",
    )


def deposer(
    dossier: models.Model,
    fichier: Any,
    *,
    par: Utilisateur | Acteur,
    nom: str = "",
    code: str = "",
    libelle: str = "",
    origine: str = Piece.Origine.AGENT,
    remplace: Piece | None = None,
    formats: tuple[str, ...] = USUELS,
    taille_max: int = 0,
    visible_services: bool = True,
    nue: bool = False,
) -> Piece:
    """Check a file and keep it; the same bytes under the same code give the piece already there.

    ``remplace``: a piece of the same dossier, whose code and label it takes; the old version is kept.
    ``nue``: a picture is made again before it is kept, without place nor device: nothing else of it stays.
    Raises ``PieceRefusee``. The file is stored before the row: a failure leaves neither.
    """
    examen = examiner(
        fichier, nom or str(getattr(fichier, "name", "")), formats=formats, taille_max=taille_max
    )
    if nue and examen.genre.image:
        fichier = ContentFile(_copie(fichier, examen) or b"", name=f"{PurePath(examen.nom).stem}.jpg")
        examen = examiner(fichier, str(fichier.name))
    deja = _deja(dossier, examen, code if remplace is None else remplace.code)
    if deja is not None:
        return deja
    _place(dossier, examen)
    copie = _copie(fichier, examen)
    piece = Piece(
        dossier_type=ContentType.objects.get_for_model(dossier),
        dossier_id=dossier.pk,
        collectivite=collectivite(dossier),
        code=code[:40],
        libelle=(libelle or examen.nom)[:200],
        nom=examen.nom,
        sha256=examen.sha256,
        taille=examen.taille,
        mime=examen.genre.mime,
        pages=apercus.pages_pdf(fichier) if examen.genre.code == "pdf" else None,
        origine=origine,
        visible_services=visible_services,
        antivirus=Piece.Antivirus.SAIN if examen.verifie else Piece.Antivirus.NON_VERIFIE,
        photo=examen.genre.image,
    )
    acteur = acteur_de(par)
    piece.depose_par, piece.au_nom_de = acteur.utilisateur, "" if acteur.utilisateur else acteur.nom[:120]
    return _enregistrer(piece, fichier, copie, remplace, acteur)


def _enregistrer(
    piece: Piece, fichier: Any, copie: bytes | None, remplace: Piece | None, acteur: Acteur
) -> Piece:
    fichier.seek(0)
    piece.fichier.save("piece", File(fichier), save=False)
    if copie is not None:
        piece.copie.save("copie", ContentFile(copie), save=False)
    try:
        with transaction.atomic():
            if remplace is not None:
                _succeder(piece, remplace)
            piece.save()
            journal.noter(
                acteur,
                DEPOSEE,
                piece,
                insee=piece.collectivite,
                donnees={
                    "code": piece.code,
                    "version": piece.version,
                    "type": piece.mime,
                    "taille": piece.taille,
                },
            )
    except BaseException:
        for champ in (piece.fichier, piece.copie):
            if champ:
                champ.storage.delete(str(champ.name))
        raise
    return piece


def _succeder(piece: Piece, remplace: Piece) -> None:
    """Make ``piece`` the next version of the one it replaces."""
    derniere = (
        Piece.objects.select_for_update(of=("self",)).filter(lignee=remplace.lignee, courante=True).first()
    )
    if (
        derniere is None
        or derniere.retiree_le is not None
        or (derniere.dossier_type_id, derniere.dossier_id) != (piece.dossier_type_id, piece.dossier_id)
    ):
        raise PieceRefusee(
            "REMPLACEMENT", "La pièce à remplacer n'est plus dans ce dossier : rechargez la page."
        )
    derniere.courante, derniere.visible_public = False, False
    derniere.save(update_fields=["courante", "visible_public"])
    piece.lignee, piece.version = derniere.lignee, derniere.version + 1
    piece.code, piece.libelle = derniere.code, derniere.libelle
    piece.visible_services = derniere.visible_services


def _deja(dossier: models.Model, examen: Examen, code: str) -> Piece | None:
    trouvee: Piece | None = (
        Piece.objects.du_dossier(dossier).courantes().filter(sha256=examen.sha256, code=code[:40]).first()
    )
    return trouvee


def _place(dossier: models.Model, examen: Examen) -> None:
    """Refuse what would make the dossier too heavy."""
    limite = settings.PIECES_DOSSIER_MAX
    deja = Piece.objects.du_dossier(dossier).aggregate(t=Sum("taille"))["t"] or 0
    if deja + examen.taille > limite:
        raise PieceRefusee(
            "DOSSIER_PLEIN",
            f"« {examen.nom} » ne tient plus dans ce dossier, qui reçoit {limite // MIO} Mo en tout"
            f" et en a déjà {deja // MIO}.",
        )


def _copie(fichier: Any, examen: Examen) -> bytes | None:
    if not examen.genre.image:
        return None
    try:
        return apercus.refaire(fichier, apercus.COTE_COPIE)
    except apercus.ApercuImpossible as e:
        raise PieceRefusee("IMAGE", f"« {examen.nom} » : {e}") from e


def deposer_plusieurs(dossier: models.Model, fichiers: Iterable[Any], **options: Any) -> list[Resultat]:
    """Deposit each file on its own: a refused one is told and stops no other."""
    resultats = []
    for fichier in fichiers:
        debut = timezone.now()
        nom = nom_propre(str(getattr(fichier, "name", "")))
        try:
            piece = deposer(dossier, fichier, **options)
        except PieceRefusee as e:
            resultats.append(Resultat(nom, refus=e.message))
        else:
            resultats.append(Resultat(nom, piece, deja=piece.depose_le < debut))
    return resultats


# --- afterwards -----------------------------------------------------------------------------------


def publier(piece: Piece, visible: bool, *, par: Utilisateur, rien_a_flouter: bool = False) -> Piece:
    """Show the piece to the public, or no longer. A photo shows its copy; ``PieceRefusee`` without one.

    No photo is shown before somebody looked: zones made unreadable, or ``rien_a_flouter`` said.
    """
    with transaction.atomic():
        piece = Piece.objects.select_for_update(of=("self",)).get(pk=piece.pk)
        if visible and (piece.retiree_le or not piece.courante):
            raise PieceRefusee("PUBLICATION", "Seule la dernière version d'une pièce se publie.")
        if visible and piece.photo and not piece.copie:
            raise PieceRefusee(
                "PUBLICATION", "Cette photo n'a pas de copie à publier : déposez-la de nouveau."
            )
        if visible and piece.photo and not piece.flous and not rien_a_flouter:
            raise PieceRefusee(
                "FLOUS",
                "Floutez d'abord visages, plaques et noms, ou dites qu'on n'en voit aucun sur cette photo.",
            )
        if visible and not (piece.photo or piece.mime == "application/pdf"):
            raise PieceRefusee("PUBLICATION", "Seuls les PDF et les photos se publient.")
        piece.visible_public = visible
        piece.save(update_fields=["visible_public"])
        journal.noter(
            par,
            PUBLIEE,
            piece,
            insee=piece.collectivite,
            donnees={"publiee": visible, "zones": len(piece.flous or [])},
        )
    return piece


def flouter(piece: Piece, zones: Iterable[apercus.Flou], *, par: Utilisateur) -> Piece:
    """Make zones of the copy unreadable (shares of width and height); the file as received is not touched.

    ``zones`` replace the former ones: the copy is made again from the file. ``PieceRefusee`` for bad zones.
    """
    propres = [_zone(z) for z in zones]
    if len(propres) > settings.PIECE_FLOUS_MAX:
        raise PieceRefusee("FLOUS", f"{settings.PIECE_FLOUS_MAX} zones au plus sur une photo.")
    if not piece.photo:
        raise PieceRefusee("FLOUS", "Seules les photos se floutent.")
    with piece.fichier.open("rb") as flux:
        try:
            octets = apercus.refaire(flux, apercus.COTE_COPIE, propres)
        except apercus.ApercuImpossible as e:
            raise PieceRefusee("IMAGE", str(e)) from e
    with transaction.atomic():
        piece = Piece.objects.select_for_update(of=("self",)).get(pk=piece.pk)
        ancienne = piece.copie.name if piece.copie else ""
        stockage = piece.copie.storage
        piece.copie.save("copie", ContentFile(octets), save=False)
        piece.flous = propres
        piece.save(update_fields=["copie", "flous"])
        journal.noter(par, FLOUTEE, piece, insee=piece.collectivite, donnees={"zones": len(propres)})
        if ancienne:
            transaction.on_commit(partial(stockage.delete, ancienne))
    apercus.oublier(piece)
    return piece


def _zone(zone: Any) -> apercus.Flou:
    try:
        x, y, largeur, hauteur = (round(float(v), 4) for v in zone)
    except (TypeError, ValueError) as e:
        raise PieceRefusee("FLOUS", "Une zone à flouter est illisible.") from e
    dedans = 0 <= x < 1 and 0 <= y < 1 and 0 < largeur <= 1 - x + 1e-3 and 0 < hauteur <= 1 - y + 1e-3
    if not dedans:
        raise PieceRefusee("FLOUS", "Une zone à flouter sort de la photo.")
    return x, y, min(largeur, 1 - x), min(hauteur, 1 - y)


def retirer(piece: Piece, motif: str, *, par: Utilisateur) -> Piece:
    """Take a piece out of its dossier, with the reason; the row and the file stay. Safe to repeat."""
    if not motif.strip():
        raise PieceRefusee("MOTIF", "Dites pourquoi cette pièce est retirée.")
    with transaction.atomic():
        piece = Piece.objects.select_for_update(of=("self",)).get(pk=piece.pk)
        if piece.retiree_le is None:
            piece.retiree_le, piece.retiree_par = timezone.now(), par
            piece.retrait_motif, piece.visible_public = motif.strip()[:300], False
            piece.save(update_fields=["retiree_le", "retiree_par", "retrait_motif", "visible_public"])
            journal.noter(par, RETIREE, piece, insee=piece.collectivite)
    return piece


def detruire(piece: Piece) -> None:
    """Delete a piece and its files for good: retention and erasure only."""
    fichiers = [f for f in (piece.fichier, piece.copie) if f]
    apercus.oublier(piece)
    piece.delete()
    for fichier in fichiers:
        transaction.on_commit(partial(fichier.storage.delete, str(fichier.name)))


def intact(piece: Piece) -> bool:
    """Whether the stored file is still the one received."""
    empreinte = hashlib.sha256()
    try:
        with piece.fichier.open("rb") as flux:
            while bloc := flux.read(1 << 18):
                empreinte.update(bloc)
    except OSError:
        return False
    return empreinte.hexdigest() == piece.sha256
