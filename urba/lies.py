"""Dossiers related to one: same authorisation, same ground, tied by hand with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from mairie import journal
from mairie.models import Utilisateur
from urba import perms
from urba.models import DossierAutorisation, DossierInstruction, LienDossier
from urba.recherche import par_numero

LIE, DELIE = "urba.dossiers_lies", "urba.dossiers_delies"
MOTIF_MAX = 200
# Overlap under which two grounds only share a border (m², spec §7.1).
COMMUN_M2 = 1.0
MAXIMUM = 30


class LienRefuse(ValueError):
    """Why two dossiers cannot be tied or untied, in French."""


@dataclass(frozen=True)
class LieAMain:
    """A tie, seen from one of the two: the other authorisation's first request."""

    lien: LienDossier
    dossier: DossierInstruction


def declarer() -> None:
    """Acts known to the log."""
    journal.declarer(
        journal.Action(LIE, "Dossiers d'urbanisme liés"), journal.Action(DELIE, "Lien entre dossiers retiré")
    )


def meme_autorisation(d: DossierInstruction) -> QuerySet[DossierInstruction]:
    """Other requests on the same authorisation."""
    return (
        d.da.instructions.exclude(pk=d.pk).exclude(etat="").select_related("da").order_by("date_depot", "id")
    )


def memes_parcelles(d: DossierInstruction, utilisateur: Any) -> list[DossierInstruction]:
    """First requests of other authorisations that share a parcel or a square metre, newest first."""
    idus = [p.idu for p in d.parcelles.all() if p.idu]
    terrain = getattr(d, "terrain", None)
    emprise = terrain.emprise if terrain is not None else None
    if not idus and emprise is None:
        return []
    siens = DossierInstruction.objects.visibles_par(utilisateur).filter(insee=d.insee, nature="INITIAL")
    autres = siens.exclude(da_id=d.da_id).exclude(etat="")
    # Two indexes, each asked alone: joined by OR neither would serve.
    cles = set(autres.filter(parcelles__idu__in=idus).order_by("-id").values_list("pk", flat=True)[:MAXIMUM])
    if emprise is not None:
        touchent = autres.filter(terrain__emprise__intersects=emprise).exclude(pk__in=cles).order_by("-id")
        for pk, autre in touchent.values_list("pk", "terrain__emprise")[:MAXIMUM]:
            if emprise.intersection(autre).area >= COMMUN_M2:
                cles.add(pk)
    trouves = autres.filter(pk__in=cles).select_related("da").order_by("-date_depot", "-id")
    return list(trouves[:MAXIMUM])


def lies_a_la_main(d: DossierInstruction, utilisateur: Any) -> list[LieAMain]:
    """Ties in force, whichever side they were made from; a dossier that one may not read stays unsaid."""
    liens = list(
        LienDossier.objects.filter(Q(un=d.da_id) | Q(autre=d.da_id), retire_le__isnull=True)
        .select_related("cree_par")
        .order_by("cree_le")
    )
    if not liens:
        return []
    cle = {(x.autre_id if x.un_id == d.da_id else x.un_id): x for x in liens}
    dossiers = DossierInstruction.objects.visibles_par(utilisateur).filter(da__in=cle, nature="INITIAL")
    return [LieAMain(cle[x.da_id], x) for x in dossiers.select_related("da").order_by("date_depot", "id")]


def lier(d: DossierInstruction, numero: str, motif: str, *, par: Utilisateur) -> LienDossier:
    """Tie the authorisation of a request to another one, named by its number; both ways, once."""
    motif = " ".join(motif.split())[:MOTIF_MAX]
    if not motif:
        raise LienRefuse("Dites pourquoi ces dossiers sont liés.")
    filtre = par_numero(numero.strip())
    trouve = None
    if filtre is not None:
        visibles = DossierInstruction.objects.visibles_par(par).filter(filtre)
        das = list(visibles.values_list("da", flat=True).order_by().distinct()[:2])
        if len(das) > 1:
            raise LienRefuse(f"Plusieurs dossiers répondent à « {numero} » : écrivez le numéro entier.")
        trouve = DossierAutorisation.objects.filter(pk__in=das).first()
    if trouve is None:
        raise LienRefuse(
            f"Aucun dossier que vous puissiez lire ne porte le numéro « {numero.strip()[:40]} »."
        )
    if trouve.pk == d.da_id:
        raise LienRefuse("C'est la même autorisation : ses demandes sont déjà liées.")
    un, autre = sorted((d.da_id, trouve.pk))
    try:
        with transaction.atomic():
            lien = LienDossier.objects.create(un_id=un, autre_id=autre, motif=motif, cree_par=par)
            for da in (d.da, trouve):
                journal.noter(par, LIE, da, insee=da.insee, resume=f"{d.da} – {trouve}")
    except IntegrityError:
        raise LienRefuse(f"{trouve} est déjà lié à ce dossier.") from None
    return lien


def delier(d: DossierInstruction, lien: int, *, par: Utilisateur) -> None:
    """Take a tie away: the row stays, closed."""
    with transaction.atomic():
        tenu = (
            LienDossier.objects.select_for_update(of=("self",))
            .filter(Q(un=d.da_id) | Q(autre=d.da_id), pk=lien, retire_le__isnull=True)
            .select_related("un", "autre")
            .first()
        )
        if tenu is None:
            raise LienRefuse("Ce lien n'existe plus : rechargez la page.")
        tenu.retire_le, tenu.retire_par = timezone.now(), par
        tenu.save(update_fields=["retire_le", "retire_par"])
        for da in (tenu.un, tenu.autre):
            journal.noter(par, DELIE, da, insee=da.insee, resume=f"{tenu.un} – {tenu.autre}")


def peut_lier(utilisateur: Any, d: DossierInstruction) -> bool:
    """Who instructs this dossier."""
    return perms.peut_instruire(utilisateur, d)
