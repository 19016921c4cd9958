"""What a favourable later request does to its authorisation (spec §5.11): holders and data."""

from __future__ import annotations

from datetime import date
from typing import Any

from mairie import liens
from urba.instruction.etats import ACCORDES
from urba.models import DemandeurDossier, DonneesTechniques, DossierInstruction, Lot, Terrain, TitulaireLot
from urba.suivi import USAGE

# Who a transfer replaces; the architect and the owner stay what they are.
TITULAIRES = ("petitionnaire", "co_demandeur", "mandataire")


def suivre(dossier: Any) -> None:
    """Bring the authorisation up to a later request, whatever was done before: safe to run again."""
    if dossier.nature not in ("TRANSFERT", "MODIFICATIF") or dossier.etat not in ACCORDES:
        return
    initial = dossier.da.instructions.get(nature="INITIAL")
    if dossier.nature == "MODIFICATIF":
        _modifier(initial, dossier)
    elif dossier.date_decision is not None:
        if dossier.lots_vises.exists():
            _transferer_lots(dossier, dossier.date_decision)
        else:
            _transferer(initial, dossier, dossier.date_decision)


def _transferer(initial: DossierInstruction, transfert: DossierInstruction, le: date) -> None:
    """From the day of the decision on; former rows are closed and stay. A corrected day moves both."""
    siens = DemandeurDossier.objects.filter(dossier=initial)
    if siens.filter(ouvert_par=transfert).exists():
        for clos in siens.filter(clos_par=transfert):
            clos.jusqu_a = max(le, clos.depuis)
            clos.save(update_fields=["jusqu_a"])
        for ouvert in siens.filter(ouvert_par=transfert):
            ouvert.depuis = min(le, ouvert.jusqu_a) if ouvert.jusqu_a else le
            ouvert.save(update_fields=["depuis"])
        return
    for ancien in siens.filter(jusqu_a__isnull=True, role__in=TITULAIRES):
        ancien.jusqu_a, ancien.clos_par = max(le, ancien.depuis), transfert
        ancien.save(update_fields=["jusqu_a", "clos_par"])
    for x in transfert.demandeurs.filter(jusqu_a__isnull=True, role__in=TITULAIRES):
        DemandeurDossier.objects.create(
            dossier=initial, tiers_id=x.tiers_id, role=x.role, ordre=x.ordre, depuis=le,
            accepte_electronique=x.accepte_electronique, ouvert_par=transfert,
        )  # fmt: skip
    # The former holder follows it no more; the key told with the receipt of the transfer stays.
    liens.revoquer_tous(transfert.da, USAGE, avant=transfert.date_depot)


def _transferer_lots(transfert: DossierInstruction, le: date) -> None:
    """Each lot of the request goes to the new petitioner; the others stay with the holder of the permit."""
    nouveau = transfert.demandeurs.filter(jusqu_a__isnull=True, role="petitionnaire").first()
    if nouveau is None:
        return
    for lot in transfert.lots_vises.all():
        deja = lot.titulaires.filter(ouvert_par=transfert).first()
        if deja is not None:
            deja.depuis = le
            deja.save(update_fields=["depuis"])
            continue
        for ancien in lot.titulaires.filter(jusqu_a__isnull=True):
            ancien.jusqu_a, ancien.clos_par = max(le, ancien.depuis), transfert
            ancien.save(update_fields=["jusqu_a", "clos_par"])
        TitulaireLot.objects.create(lot=lot, tiers_id=nouveau.tiers_id, depuis=le, ouvert_par=transfert)


def _modifier(initial: DossierInstruction, modificatif: DossierInstruction) -> None:
    """The data of the authorisation become those of the modification; what that one does not say stays."""
    nouvelles = DonneesTechniques.objects.filter(dossier=modificatif).first()
    if nouvelles is not None and nouvelles.donnees:
        siennes, _ = DonneesTechniques.objects.get_or_create(dossier=initial)
        fondues = {**siennes.donnees, **nouvelles.donnees}
        if fondues != siennes.donnees:
            siennes.donnees = fondues
            siennes.save(update_fields=["donnees"])
    terrain = Terrain.objects.filter(dossier=modificatif).first()
    if terrain is not None and terrain.emprise_dessinee is not None:
        Terrain.objects.filter(dossier=initial).update(emprise_dessinee=terrain.emprise_dessinee)


def titulaire(lot: Lot) -> Any:
    """Who holds a lot today: its own holder, else that of the permit."""
    sien = next((t for t in lot.titulaires.all() if t.jusqu_a is None), None)
    return sien.tiers if sien else None
