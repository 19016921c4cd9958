"""Rights of a person over her own data: a copy of all that is held (GDPR art. 15), erasure (art. 17)."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pghistory
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from mairie import journal
from mairie.models import FusionTiers, HistoriqueTiers, Piece, Tiers, Utilisateur
from mairie.models.tiers import IDENTITE, colonne
from mairie.tiers.declaration import EFFACE
from mairie.tiers.relations import relations, usages
from mairie.tiers.service import auteur

trace = logging.getLogger(__name__)

# What a trade holds about a person, for the copy given to her: plain data, dates as text.
Fournisseur = Callable[[Tiers], list[dict[str, Any]]]
_fournisseurs: dict[str, tuple[str, Fournisseur]] = {}


def fournir(code: str, libelle: str, fournisseur: Fournisseur) -> None:
    """Declare what trade ``code`` adds to the copy of a person's data, from ``AppConfig.ready``."""
    _fournisseurs[code] = (libelle, fournisseur)


@dataclass(frozen=True)
class Conservation:
    """A trade must still keep a person's data, until ``jusqu_au`` (null: no end known yet) and why."""

    motif: str
    jusqu_au: date | None = None


Gardien = Callable[[Tiers], Conservation | None]
_gardiens: dict[str, Gardien] = {}


def conserver(code: str, gardien: Gardien) -> None:
    """Declare who says whether trade ``code`` must keep a person's data, from ``AppConfig.ready``.

    Rows that no guardian speaks for keep the person too: see ``obstacles``.
    """
    _gardiens[code] = gardien


# The log keeps the reason: never a free text, which could name the person.
MOTIFS = {
    "demande": "à la demande de la personne",
    "duree": "durée de conservation échue",
    "erreur": "fiche créée par erreur",
}


class EffacementRefuse(Exception):
    """The data must be kept; the French message says why and until when."""


def _etat(tiers: Tiers) -> dict[str, Any]:
    return {
        str(colonne(c).verbose_name): getattr(tiers, c)
        for c in ("nature", *IDENTITE, "accepte_electronique_le", "cree_le", "modifie_le")
        if getattr(tiers, c) not in ("", None)
    }


def copie(tiers: Tiers) -> dict[str, Any]:
    """All that is held about a person, in words she can read; merged sheets included."""
    fiches = [tiers, *Tiers.objects.filter(fusionne_dans=tiers)]
    liens = []
    for fiche in fiches:
        for relation in relations():
            liens += [
                {"registre": relation.libelle, "objet": str(ligne), "numéro interne": ligne.pk}
                for ligne in relation.lignes(fiche).order_by("pk")
            ]
    return {
        "établie le": timezone.localtime().isoformat(timespec="minutes"),
        "fiche": _etat(tiers),
        "fiches fusionnées dans celle-ci": [_etat(f) for f in fiches[1:]],
        "états antérieurs": [
            {
                "du": h.pgh_created_at,
                **{c: getattr(h, c) for c in IDENTITE if getattr(h, c) not in ("", None)},
            }
            for h in HistoriqueTiers.objects.filter(pgh_obj_id__in=[f.pk for f in fiches]).order_by(
                "pgh_created_at", "pgh_id"
            )
        ],
        "liens": liens,
        **{libelle: fournisseur(tiers) for libelle, fournisseur in _fournisseurs.values()},
    }


def archive(tiers: Tiers) -> bytes:
    """The copy as a ZIP: ``donnees.json`` and the files deposited on the person's sheet."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as sortie:
        texte = json.dumps(copie(tiers), ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
        sortie.writestr("donnees.json", texte)
        for piece in Piece.objects.du_dossier(tiers).filter(retiree_le__isnull=True):
            nom = f"pieces/{piece.pk}-v{piece.version}-{piece.nom.replace('/', '_')}"
            with piece.fichier.open("rb") as source:
                sortie.writestr(nom, source.read())
    return tampon.getvalue()


def obstacles(tiers: Tiers, jour: date) -> list[str]:
    """Why this person's data must be kept on ``jour``: trades' terms, and links that no term covers."""
    if _gardiens:
        dits = [c for g in _gardiens.values() if (c := g(tiers)) is not None]
        gardes = [
            f"{c.motif} (jusqu'au {c.jusqu_au:%d/%m/%Y})" if c.jusqu_au else c.motif
            for c in dits
            if c.jusqu_au is None or c.jusqu_au > jour
        ]
        if gardes:
            return gardes
    return [
        f"figure dans {n} ligne{'s' if n > 1 else ''} : {relation.libelle}"
        for relation, n in usages(tiers)
        if relation.modele is not Piece and relation.modele._meta.app_label not in _gardiens
    ]


def effacer(tiers: Tiers, *, par: Utilisateur | None, motif: str) -> Tiers:
    """Replace what identifies the person by « Personne effacée », in merged sheets and in history too.

    Links stay, so that acts keep their parts; her own files go. ``motif``: a key of ``MOTIFS``.
    ``EffacementRefuse`` where a term runs.
    """
    if motif not in MOTIFS:
        raise EffacementRefuse("Dites pourquoi ces données sont effacées.")
    with transaction.atomic(), pghistory.context(utilisateur=par.pk if par else None, motif="effacement"):
        fiche = Tiers.objects.select_for_update(of=("self",)).get(pk=tiers.pk)
        if fiche.fusionne_dans_id:
            raise EffacementRefuse("Cette fiche est fusionnée : effacez la fiche gardée.")
        if fiche.efface_le:
            return fiche
        if raisons := obstacles(fiche, timezone.localdate()):
            raise EffacementRefuse("Ces données doivent être gardées : " + " ; ".join(raisons) + ".")
        fiches = [fiche, *Tiers.objects.select_for_update(of=("self",)).filter(fusionne_dans=fiche)]
        for une in fiches:
            _vider(une, par)
        numeros = [f.pk for f in fiches]
        HistoriqueTiers.objects.filter(pgh_obj_id__in=numeros).delete()
        FusionTiers.objects.filter(Q(survivant__in=numeros) | Q(absorbe__in=numeros)).update(avant={})
        for une in fiches:
            _detruire_pieces(une)
        journal.noter(auteur(par), EFFACE, fiche, donnees={"fiches": numeros}, resume=MOTIFS[motif])
    return fiche


def _vider(fiche: Tiers, par: Utilisateur | None) -> None:
    for champ in set(IDENTITE) - {"accepte_electronique"}:
        setattr(fiche, champ, None if colonne(champ).null else "")
    fiche.accepte_electronique, fiche.accepte_electronique_le = False, None
    if fiche.morale:
        fiche.raison_sociale = f"Personne morale effacée n° {fiche.pk}"
    else:
        fiche.nom = f"Personne effacée n° {fiche.pk}"
    fiche.efface_le = fiche.modifie_le = timezone.now()
    fiche.modifie_par = par
    fiche.version += 1
    fiche.save()


def _detruire_pieces(fiche: Tiers) -> None:
    # Late: files know persons.
    from mairie.pieces.service import detruire

    for piece in Piece.objects.du_dossier(fiche):
        detruire(piece)


def purger(jour: date, *, essai: bool = False, echecs: list[int] | None = None) -> list[Tiers]:
    """Erase the persons whom nothing keeps and whose sheet has not moved for ``TIERS_CONSERVATION_ANS``.

    A firm is no person: its sheet stays. Each in her own transaction; those who could not be erased go into
    ``echecs`` and leave the others, without it the first failure is raised.
    """
    limite = timezone.now() - timedelta(days=365.25 * settings.TIERS_CONSERVATION_ANS)
    anciens = Tiers.objects.actifs().filter(modifie_le__lt=limite).exclude(nature="morale").order_by("pk")
    faits = []
    for tiers in anciens.iterator():
        try:
            if not obstacles(tiers, jour):
                faits.append(tiers if essai else effacer(tiers, par=None, motif="duree"))
        except EffacementRefuse:
            # Something keeps her since she was read.
            continue
        except Exception as e:
            if echecs is None or (isinstance(e, DatabaseError) and not connection.is_usable()):
                raise
            echecs.append(tiers.pk)
            trace.exception("Personne n° %s non effacée", tiers.pk)
    return faits
