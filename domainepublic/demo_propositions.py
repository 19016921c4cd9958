"""Demonstration: what a town hall made of the works it was told of, permit after permit.

Runs after the permits' events are delivered; a handful of the newest stays to be looked at.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from domainepublic import propositions
from domainepublic.demo import (
    AGENT,
    FINANCES,
    GRAINE,
    MODELES,
    RESPONSABLE,
    SIGNATAIRE,
    Jeu,
    _Vie,
)
from domainepublic.emprises import NouvelleEmprise
from domainepublic.models import DossierODP, Proposition, TypeOccupation
from domainepublic.services import NouveauDossier, deposer
from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Adresse, Tiers, Utilisateur
from mairie.workflow import Refus

OUVERTES, PREPAREES = 7, 8
# From the decision: the agent looks at it, the builder asks, the works stand in the street.
EXAMEN_JOURS, DEPOT_JOURS, DEBUT_JOURS = 4, 12, 38
CODES = ("ECHAF", "PALIS", "BENNE")


def declarer() -> None:
    """The step, from ``AppConfig.ready``."""
    declarer_etape(Etape("domainepublic.propositions", "Chantiers proposés et réponses", 338, jouer))


def jouer(jour: date) -> str:
    """Once: where somebody already answered, nothing changes."""
    toutes = Proposition.objects.filter(insee=INSEE)
    if toutes.exclude(etat=Proposition.Etat.OUVERTE).filter(traitee_par__isnull=False).exists():
        return "déjà répondues"
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__endswith="@demo.invalid")}
    if not toutes.exists() or not {AGENT, RESPONSABLE, SIGNATAIRE, FINANCES} <= comptes.keys():
        return "aucun chantier proposé"
    jeu = Jeu(
        jour, comptes[AGENT], comptes[RESPONSABLE], comptes[SIGNATAIRE], comptes[FINANCES],
        random.Random(GRAINE),  # noqa: S311 - invented data, always the same
    )  # fmt: skip
    anciennes = list(toutes.filter(etat=Proposition.Etat.OUVERTE).order_by("-le", "-pk")[OUVERTES:])
    # Spread over the two years, and not the very last ones, whose works would not have begun.
    pas = max(len(anciennes) // PREPAREES, 1)
    faites = 0
    for rang, p in enumerate(anciennes):
        assez_vieille = (jour - p.le).days > DEBUT_JOURS
        if rang % pas == pas // 2 and assez_vieille and faites < PREPAREES and _preparer(jeu, p, faites):
            faites += 1
        else:
            propositions.ecarter(
                Proposition.objects.filter(pk=p.pk), jeu.responsable if rang % 5 else jeu.agent
            )
            _dater(p, p.le + timedelta(days=EXAMEN_JOURS + rang % 9), jour)
    restent = toutes.filter(etat=Proposition.Etat.OUVERTE).count()
    return f"{restent} à examiner, {faites} occupations préparées, {len(anciennes) - faites} écartées"


def _dater(p: Proposition, le: date, jour: date) -> None:
    """Answered that day, at most today; nothing changes on one still open."""
    quand = timezone.make_aware(datetime.combine(min(le, jour), time(10, 20)))
    Proposition.objects.filter(pk=p.pk).exclude(etat=Proposition.Etat.OUVERTE).update(traitee_le=quand)


def _preparer(jeu: Jeu, p: Proposition, rang: int) -> DossierODP | None:
    """The occupation of these works, in front of their parcels; null where the plan shows no street there."""
    code = CODES[rang % len(CODES)]
    geom = propositions.devant(p.idus, code)
    if geom is None:
        return None
    depot, debut = p.le + timedelta(days=DEPOT_JOURS), p.le + timedelta(days=DEBUT_JOURS)
    type_ = TypeOccupation.objects.get(code=code)
    emprise = NouvelleEmprise(
        type_, geom, debut, debut + timedelta(days=propositions.TYPES[code][2] - 1),
        unite=next(m[3] for m in MODELES if m[0] == code), confirmee=True, reparer=True,
    )  # fmt: skip
    ici = Adresse.objects.filter(insee=INSEE, parcelles__overlap=p.idus, active=True).select_related("voie")
    adresse = ici.order_by("numero", "suffixe", "pk").first()
    entreprise = Tiers.objects.create(
        collectivite=INSEE, nature="morale", raison_sociale=f"Bâtisseurs fictifs {rang + 1}",
        voie=f"{rang + 3} rue Fictive", code_postal="25999", ville="Commune fictive",
    )  # fmt: skip
    faits: dict[str, object] = {"autorisation": p.autorisation}
    if code == "PALIS":
        faits["ancrage"] = False
    try:
        d = deposer(
            NouveauDossier(
                INSEE, depot, entreprise, "entreprise", [emprise],
                objet=f"Chantier de l'autorisation {p.autorisation}", voie=adresse.voie if adresse else None,
                adresse=str(adresse)[:200] if adresse else "", faits=faits,
            ),
            par=jeu.agent, aujourdhui=jeu.jour,
        )  # fmt: skip
    except Refus:
        entreprise.delete()
        return None
    propositions.reprendre(d, jeu.agent)
    _dater(p, depot, jeu.jour)
    vie = _Vie(jeu, d, depot)
    vie.faire("instruire", jeu.agent, 5, {})
    vie.faire("preparer_acte", jeu.agent, 9, {})
    if vie.faire("signer", jeu.elu, 13, {}):
        vie.apres(rang + 1)
    return d
