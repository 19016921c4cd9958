"""What a favourable later request does to its authorisation (spec §5.11): holders and data."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from mairie import liens
from mairie.workflow import journal
from urba.instruction.etats import ACCORDES
from urba.models import DemandeurDossier, DonneesTechniques, DossierInstruction, Lot, Terrain, TitulaireLot
from urba.suivi import USAGE

# Who a transfer replaces; the architect and the owner stay what they are.
TITULAIRES = ("petitionnaire", "co_demandeur", "mandataire")


def suivre(dossier: Any) -> None:
    """Bring the authorisation up to a later request, whatever was done before: safe to run again."""
    if dossier.nature not in ("TRANSFERT", "MODIFICATIF") or dossier.etat not in (*ACCORDES, "retire"):
        return
    initial = dossier.da.instructions.get(nature="INITIAL")
    if dossier.etat == "retire":
        _retirer(initial, dossier)
        return
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
    nouvelles, _ = DonneesTechniques.objects.get_or_create(dossier=modificatif)
    siennes, _ = DonneesTechniques.objects.get_or_create(dossier=initial)
    terrain = Terrain.objects.filter(dossier=modificatif).first()
    if nouvelles.remplacees is None:
        # Kept at the first run only: the next ones would keep the modification itself.
        ancien = Terrain.objects.filter(dossier=initial).first()
        dessin = ancien.emprise_dessinee if ancien is not None else None
        nouvelles.remplacees = {
            "donnees": {cle: siennes.donnees.get(cle) for cle in nouvelles.donnees},
            "emprise_dessinee": dessin.hexewkb.decode() if dessin else None,
        }
        nouvelles.save(update_fields=["remplacees"])
    fondues = {**siennes.donnees, **nouvelles.donnees}
    if fondues != siennes.donnees:
        siennes.donnees = fondues
        siennes.save(update_fields=["donnees"])
    if terrain is not None and terrain.emprise_dessinee is not None:
        Terrain.objects.filter(dossier=initial).update(emprise_dessinee=terrain.emprise_dessinee)


# --- withdrawal ---------------------------------------------------------------------------------


def _retirer(initial: DossierInstruction, suite: DossierInstruction) -> None:
    """A later request withdrawn never was: the authorisation is again what it was before it."""
    if suite.nature == "MODIFICATIF":
        _rendre_donnees(initial, suite)
    elif (le := _retire_le(suite)) is not None:
        if suite.lots_vises.exists():
            _rendre_lots(suite, le)
        else:
            _rendre_titulaires(initial, suite, le)


def _retire_le(dossier: DossierInstruction) -> date | None:
    """Day of the withdrawal."""
    faits = [journal.fait(e) for e in journal.vivantes(journal.lignes(dossier))]
    return next((f.date_effet for f in reversed(faits) if f.type == "retrait"), None)


def _rendre_titulaires(initial: DossierInstruction, transfert: DossierInstruction, le: date) -> None:
    """The former holders open a new row: the history says who held the permit, and until when.

    Where a later transfer has closed the rows of this one, the permit is already somebody else's.
    """
    siens = DemandeurDossier.objects.filter(dossier=initial)
    ouverts = list(siens.filter(ouvert_par=transfert, jusqu_a__isnull=True))
    if not ouverts:
        return
    for x in ouverts:
        x.jusqu_a, x.clos_par = max(le, x.depuis), transfert
        x.save(update_fields=["jusqu_a", "clos_par"])
    for ancien in siens.filter(clos_par=transfert).exclude(ouvert_par=transfert):
        DemandeurDossier.objects.create(
            dossier=initial, tiers_id=ancien.tiers_id, role=ancien.role, ordre=ancien.ordre, depuis=le,
            accepte_electronique=ancien.accepte_electronique,
        )  # fmt: skip
    # The key was told to who holds the permit no more; an agent gives another to who holds it again.
    liens.revoquer_tous(transfert.da, USAGE)


def _rendre_lots(transfert: DossierInstruction, le: date) -> None:
    """Each lot goes back to its former holder, or to the holder of the permit."""
    for lot in transfert.lots_vises.all():
        ouvert = lot.titulaires.filter(ouvert_par=transfert, jusqu_a__isnull=True).first()
        if ouvert is None:
            continue
        ouvert.jusqu_a, ouvert.clos_par = max(le, ouvert.depuis), transfert
        ouvert.save(update_fields=["jusqu_a", "clos_par"])
        for ancien in lot.titulaires.filter(clos_par=transfert).exclude(ouvert_par=transfert):
            TitulaireLot.objects.create(
                lot=lot, tiers_id=ancien.tiers_id, depuis=le, ouvert_par=ancien.ouvert_par
            )


def _rendre_donnees(initial: DossierInstruction, modificatif: DossierInstruction) -> None:
    """What the modification wrote and nobody wrote over since gives place to what was there."""
    siennes = DonneesTechniques.objects.filter(dossier=modificatif).first()
    if siennes is None or siennes.remplacees is None:
        return
    avant = siennes.remplacees
    donnees = DonneesTechniques.objects.get(dossier=initial)
    for cle, valeur in siennes.donnees.items():
        if donnees.donnees.get(cle) == valeur:
            if avant["donnees"].get(cle) is None:
                donnees.donnees.pop(cle, None)
            else:
                donnees.donnees[cle] = avant["donnees"][cle]
    donnees.save(update_fields=["donnees"])
    sien = Terrain.objects.filter(dossier=modificatif).first()
    terrain = Terrain.objects.filter(dossier=initial).first()
    dessin = sien.emprise_dessinee if sien is not None else None
    if terrain is not None and dessin is not None and terrain.emprise_dessinee == dessin:
        ancien = avant["emprise_dessinee"]
        terrain.emprise_dessinee = cast(MultiPolygon, GEOSGeometry(ancien)) if ancien else None
        terrain.save()
    siennes.remplacees = None
    siennes.save(update_fields=["remplacees"])


def titulaire(lot: Lot) -> Any:
    """Who holds a lot today: its own holder, else that of the permit."""
    sien = next((t for t in lot.titulaires.all() if t.jusqu_a is None), None)
    return sien.tiers if sien else None
