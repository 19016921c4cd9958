"""What the other trades tell (spec §12): works allowed, begun, finished; cadastre renewed; doors shut.

Each function is a subscriber of one domain event; an event that says nothing of ours does nothing.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date

from domainepublic import alertes, propositions, riverains
from domainepublic.models import Alerte, Proposition
from mairie.models import EvenementDomaine

# Ways in which ``urba`` says yes, and kinds of permits that lead to works (a certificate does not).
FAVORABLES = ("accorde", "accorde_prescriptions", "accord_tacite")
TRAVAUX = ("PC", "PA", "PD", "DP")
# Ways in which ``erp`` says that a door is shut, or open again.
FERMES = ("ferme", "fermee", "fermeture", "fermeture_administrative", "fermeture_definitive")
OUVERTS = ("ouvert", "ouverte", "ouverture")


def _jour(e: EvenementDomaine, cle: str = "le") -> date:
    dit = e.charge.get(cle)
    return (parse_date(dit) if isinstance(dit, str) else None) or timezone.localdate(e.emis_le)


def _decidee_le(e: EvenementDomaine) -> date:
    """Day of the decision, as the permit dates it: its event may come much later."""
    dates = e.charge.get("dates")
    dit = dates.get("date_decision") if isinstance(dates, dict) else None
    return (parse_date(dit) if isinstance(dit, str) else None) or _jour(e)


def _proposer(e: EvenementDomaine, origine: str, le: date) -> None:
    autorisation = str(e.charge.get("autorisation") or "")
    if autorisation[:2] in TRAVAUX:
        idus = [i for i in e.charge.get("idus") or [] if isinstance(i, str)]
        propositions.proposer(e.charge.get("insee") or e.insee, autorisation, origine, le, idus)


def permis_accorde(e: EvenementDomaine) -> None:
    """A first permit that says yes: its works may need the street."""
    if e.charge.get("sens") in FAVORABLES and e.charge.get("nature") == "INITIAL":
        _proposer(e, Proposition.Origine.DECISION, _decidee_le(e))


def chantier_ouvert(e: EvenementDomaine) -> None:
    """Works begin."""
    _proposer(e, Proposition.Origine.OUVERTURE, _jour(e))


def travaux_acheves(e: EvenementDomaine) -> None:
    """Works are declared finished: what still stands in the street for them is listed."""
    numero = str(e.charge.get("autorisation") or "")
    alertes.lever(alertes.du_permis(e.charge), Alerte.Genre.TRAVAUX_FINIS, _jour(e), e, numero)


def permis_retire(e: EvenementDomaine) -> None:
    """The permit is no more: nothing is proposed for it, what runs for it is listed."""
    if e.charge.get("nature", "INITIAL") != "INITIAL":
        # A later request given up leaves the permit as it was.
        return
    numero = str(e.charge.get("autorisation") or "")
    siennes = Proposition.objects.filter(insee=e.charge.get("insee") or e.insee, autorisation=numero or "-")
    propositions.ecarter(siennes, None)
    alertes.lever(alertes.du_permis(e.charge), Alerte.Genre.PERMIS_RETIRE, _jour(e), e, numero)


def etablissement(e: EvenementDomaine) -> None:
    """A public-access building closes: its terraces are listed; opened again, they are no more."""
    dit = _etat(e.charge)
    reference = str(e.charge.get("numero") or "")
    if dit in FERMES:
        siennes = alertes.de_l_etablissement({"insee": e.insee, **e.charge})
        alertes.lever(siennes, Alerte.Genre.ETABLISSEMENT, _jour(e), e, reference)
    elif dit in OUVERTS and reference:
        Alerte.objects.filter(
            genre=Alerte.Genre.ETABLISSEMENT, reference=reference, traitee_le__isnull=True,
            dossier__insee=e.charge.get("insee") or e.insee,
        ).update(traitee_le=timezone.now())  # fmt: skip


def _etat(charge: dict[str, Any]) -> str:
    return str(charge.get("etat") or charge.get("ouverture") or "").lower()


def cadastre_renouvele(e: EvenementDomaine) -> None:
    """Neighbours follow the new plan; differences are listed."""
    riverains.suivre_le_plan(e.charge.get("insee") or e.insee, timezone.localdate(e.emis_le), e.pk)


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from mairie.evenements import abonner

    for nom, fonction, abonne in (
        ("urba.decision_rendue", permis_accorde, "domainepublic.permis_accorde"),
        ("urba.doc_recue", chantier_ouvert, "domainepublic.chantier_ouvert"),
        ("urba.daact_recue", travaux_acheves, "domainepublic.travaux_acheves"),
        ("urba.dossier_retire", permis_retire, "domainepublic.permis_retire"),
        ("erp.etat_ouverture", etablissement, "domainepublic.etablissement"),
        ("erp.ouverture_decidee", etablissement, "domainepublic.etablissement"),
        ("cadastre.millesime_importe", cadastre_renouvele, "domainepublic.riverains"),
        ("cadastre.parcelles_renumerotees", cadastre_renouvele, "domainepublic.riverains"),
    ):
        abonner(nom, fonction, abonne=abonne)
