"""What an event does besides changing the state: domain events (spec §16), authorisation, assignment."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from mairie import evenements
from mairie.models import Consultation, Evenement, Piece
from mairie.roles import systeme
from urba.instruction.etats import ACCORDES, CLOS

CADRE = systeme("suite d'une décision")


def charge(dossier: Any, **plus: Any) -> dict[str, Any]:
    """Payload common to all: number, commune, parcels, ground and dates; no name."""
    terrain = getattr(dossier, "terrain", None)
    emprise = None
    if terrain is not None:
        terrain.refresh_from_db()
        emprise = terrain.emprise.transform(4326, clone=True).geojson if terrain.emprise else None
    return {
        "numero": dossier.numero,
        "autorisation": dossier.da.numero,
        "type": dossier.type_detail,
        "nature": dossier.nature,
        "insee": dossier.insee,
        "idus": [p.idu for p in dossier.parcelles.all() if p.idu],
        "emprise": emprise,
        "dates": {k: v for k, v in dossier.dates.items() if v},
        **plus,
    }


def _emettre(nom: str, dossier: Any, **plus: Any) -> None:
    evenements.emettre(f"urba.{nom}", charge(dossier, **plus), insee=dossier.insee)


def fichiers(dossier: Any) -> list[int]:
    """Keys of the pieces that consulted services may see, of the newest version."""
    visibles = Piece.objects.du_dossier(dossier).courantes().filter(visible_services=True)
    return list(visibles.order_by("depose_le", "pk").values_list("pk", flat=True))


def _projet(dossier: Any) -> dict[str, Any]:
    """Floor area made (m²) and dwellings, by the technical data: what a contribution is counted on."""
    from urba.regles.donnees_techniques import logements, total

    ligne = getattr(dossier, "donnees_techniques", None)
    donnees = ligne.donnees if ligne is not None else {}
    return {"surface_creee": str(total(donnees, "creee")), "logements": logements(donnees)} if donnees else {}


def rien(dossier: Any, evenement: Evenement) -> None:
    """Undone: those who heard of it hear the next one; what they did rests on its dossier's own log."""


def depose(dossier: Any, evenement: Evenement) -> None:
    """Deposited, on line or at the counter: once, at the first of the two."""
    if evenement.avant["etat"] == "":
        _emettre("dossier_depose", dossier)


def affecte(dossier: Any, evenement: Evenement) -> None:
    """The dossier is given to an instructor, or to nobody."""
    dossier.instructeur_id = evenement.donnees.get("instructeur")
    type(dossier)._base_manager.filter(pk=dossier.pk).update(instructeur_id=dossier.instructeur_id)


def desaffecte(dossier: Any, evenement: Evenement) -> None:
    """Back to the instructor of the assignment before, if there was one."""
    from mairie.workflow import journal

    precedentes = [e for e in journal.vivantes(journal.lignes(dossier)) if e.type == "affectation"]
    ancien = precedentes[-1].donnees.get("instructeur") if precedentes else None
    dossier.instructeur_id = ancien
    type(dossier)._base_manager.filter(pk=dossier.pk).update(instructeur_id=ancien)


def qualifie(dossier: Any, evenement: Evenement) -> None:
    """Qualified: what the map says of the ground is kept; flags for the safety and sanitation services."""
    from urba import contraintes_dossier

    terrain = getattr(dossier, "terrain", None)
    if terrain is not None and terrain.emprise is not None:
        contraintes_dossier.controler(dossier, par=evenement.auteur, jour=timezone.localdate())
    d = evenement.donnees
    anc = bool(d.get("anc"))
    plus = {"fichiers": fichiers(dossier)} if anc else {}
    _emettre("dossier_qualifie", dossier, erp=bool(d.get("erp")), anc=anc, **plus)


def acte_renvoye(dossier: Any, evenement: Evenement) -> None:
    """The decision goes back to be written: the act that waited for its signature is given up."""
    from urba.courriers.suites import renvoyee

    renvoyee(dossier, evenement)


def pieces_ajoutees(dossier: Any, evenement: Evenement) -> None:
    """Pieces came in."""
    _emettre("piece_ajoutee", dossier, pieces=evenement.donnees["pieces"], fichiers=fichiers(dossier))


def consultation_demandee(dossier: Any, evenement: Evenement) -> None:
    """A service is asked, until the last day to answer where it is known."""
    connue = Consultation.objects.filter(pk=evenement.donnees.get("consultation") or 0).first()
    limite = connue.limite.isoformat() if connue is not None and connue.limite else None
    _emettre(
        "consultation_demandee",
        dossier,
        service=evenement.donnees["service"],
        limite=limite,
        fichiers=fichiers(dossier),
    )


def consultation_close(dossier: Any, evenement: Evenement) -> None:
    """A service answered, or its silence did."""
    d = evenement.donnees
    tacite = evenement.type == "avis_tacite"
    _emettre("consultation_close", dossier, service=d["service"], sens=d.get("sens"), tacite=tacite)


def decision_notifiee(dossier: Any, evenement: Evenement) -> None:
    """The decision is known to the applicant, or silence had spoken before it."""
    etat = evenement.apres["etat"]
    _emettre("decision_rendue", dossier, sens=etat, tacite=etat.endswith("_tacite"), **_projet(dossier))
    if dossier.nature == "PROROGATION" and not etat.endswith("_tacite"):
        initial = dossier.da.instructions.get(nature="INITIAL")
        _poster(
            initial,
            "prorogation_decidee",
            evenement,
            {"numero": dossier.numero, "acceptee": etat in ACCORDES},
        )


def decision_tacite(dossier: Any, evenement: Evenement) -> None:
    """Silence spoke, and an agent confirmed it."""
    etat = evenement.apres["etat"]
    if etat == "rejet_tacite":
        _emettre("dossier_retire", dossier, motif=etat)
    _emettre("decision_rendue", dossier, sens=etat, tacite=True, **_projet(dossier))


def retire(dossier: Any, evenement: Evenement) -> None:
    """Withdrawn, cancelled or given up; a prorogation withdrawn gives the authorisation its former term."""
    _emettre("dossier_retire", dossier, motif=evenement.apres["etat"])
    if dossier.nature == "PROROGATION" and evenement.apres["etat"] == "retire":
        initial = dossier.da.instructions.get(nature="INITIAL")
        if initial.etat in ACCORDES:
            _poster(initial, "prorogation_retiree", evenement, {"numero": dossier.numero})


def doc_recue(dossier: Any, evenement: Evenement) -> None:
    """Works begin."""
    _emettre("doc_recue", dossier, le=evenement.date_effet.isoformat())


def daact_recue(dossier: Any, evenement: Evenement) -> None:
    """Works are declared finished."""
    _emettre("daact_recue", dossier, le=evenement.date_effet.isoformat())


def _poster(initial: Any, type_: str, evenement: Evenement, donnees: dict[str, Any]) -> None:
    """The same day, on the log of the authorisation's first request."""
    from mairie.workflow import appliquer

    initial.refresh_from_db()
    appliquer(
        initial,
        type_,
        par=CADRE,
        version=initial.version,
        date_effet=evenement.date_effet,
        donnees=donnees,
    )


def mettre_a_jour(dossier: Any) -> None:
    """What hangs on the figures of a request: its type, its deadlines, the authorisation."""
    from urba import titulaires
    from urba.echeances import publier_toutes

    detail = dossier.calculs.get("type_detail")
    if detail and detail != dossier.type_detail:
        type(dossier)._base_manager.filter(pk=dossier.pk).update(type_detail=detail)
        dossier.type_detail = detail
    if dossier.nature == "INITIAL":
        type(dossier.da)._base_manager.filter(pk=dossier.da_id).update(
            etat=etat_autorisation(dossier),
            date_premier_depot=dossier.date_depot,
            date_decision=dossier.date_decision,
            date_validite=dossier.validite_fin,
        )
    titulaires.suivre(dossier)
    publier_toutes(dossier, dossier.calcule_au)


def etat_autorisation(dossier: Any) -> str:
    """State of the authorisation, from its first request (spec §6)."""
    if dossier.etat in ("retire", "annule"):
        return str(dossier.etat)
    if dossier.etat in ("abandonne", "rejet_tacite"):
        return "sans_autorisation"
    if dossier.etat not in CLOS:
        return "en_instruction"
    ouverte = (
        Evenement.objects.filter(
            dossier_type__app_label="urba",
            dossier_type__model="dossierinstruction",
            dossier_id=dossier.pk,
            type__in=("mise_en_demeure", "attestation"),
            annule_par__isnull=True,
        )
        .order_by("-date_effet", "-id")
        .values_list("type", flat=True)
        .first()
    )
    if ouverte == "mise_en_demeure":
        return "conteste"
    return str(dossier.calculs.get("etat_autorisation") or "sans_autorisation")
