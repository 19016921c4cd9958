"""The field of the demonstration: two invented firms, an absence, two rounds to come."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

from assainissement import controles, tournees
from assainissement.circuits.etats import OUVERTS
from assainissement.demo import TECHNICIEN
from assainissement.models import Indisponibilite, Installation, Prestataire
from mairie.demo import INSEE, CompteDemo, Etape, declarer_comptes, declarer_etape
from mairie.models import Utilisateur
from mairie.workflow import ErreurWorkflow

PRESTATAIRE = "prestataire@demo.invalid"
VISITES = 4


def declarer() -> None:
    """The account and the step, from ``AppConfig.ready``."""
    declarer_comptes(
        CompteDemo(
            PRESTATAIRE, "Prestataire du SPANC (démonstration)", (("assainissement", "prestataire"),),
            "prestataire de l'assainissement : les contrôles confiés, rien d'autre",
        )
    )  # fmt: skip
    declarer_etape(Etape("assainissement.terrain", "Tournées et prestataires", 335, jouer))


def _ouvrable(jour: date) -> date:
    """That day, or the Monday after."""
    return jour + timedelta(days=7 - jour.weekday()) if jour.weekday() > 4 else jour


def _ouvrir(jour: date, par: Utilisateur, agent: Utilisateur | None, firme: Prestataire | None) -> None:
    """Some of the controls that are late, to be made by somebody."""
    tardives = Installation.objects.filter(
        insee=INSEE, etat="active", geom__isnull=False, prochain_controle__lt=jour
    ).exclude(controles__etat__in=OUVERTS)
    for i in tardives.order_by("prochain_controle", "pk")[:VISITES]:
        with contextlib.suppress(ErreurWorkflow):
            controles.planifier(
                i, "periodique", par=par, agent=agent, prestataire=firme, jour=jour, aujourdhui=jour
            )


def jouer(jour: date) -> str:
    """Once: a commune that has firms keeps them."""
    if Prestataire.objects.filter(insee=INSEE).exists():
        return "déjà là"
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__endswith="@demo.invalid")}
    technicien = comptes[TECHNICIEN]
    firme = Prestataire.objects.create(
        insee=INSEE, nom="Contrôles Fictifs de Valbrune", siret="00000001800010",
        assurance_jusqu_au=jour + timedelta(days=300), agrement_jusqu_au=jour + timedelta(days=500),
        courriel="controles@exemple.invalid", cree_par=technicien,
    )  # fmt: skip
    firme.comptes.add(comptes[PRESTATAIRE])
    # Its insurance has run out: nothing can be entrusted to it.
    Prestataire.objects.create(
        insee=INSEE, nom="Vidanges Imaginaires", siret="00000002600013",
        assurance_jusqu_au=jour - timedelta(days=20), agrement_jusqu_au=jour + timedelta(days=200),
        cree_par=technicien,
    )  # fmt: skip
    conges = _ouvrable(jour + timedelta(days=30))
    Indisponibilite.objects.create(
        insee=INSEE, agent=technicien, du=conges, au=conges + timedelta(days=4), motif="Congés"
    )
    faites = 0
    for agent, prestataire, dans in ((technicien, None, 1), (None, firme, 2)):
        le = _ouvrable(jour + timedelta(days=dans))
        _ouvrir(jour, technicien, agent, prestataire)
        choisis = tournees.proposer(INSEE, le, agent, prestataire, VISITES, 20_000.0)
        if not choisis:
            continue
        try:
            tournees.creer(
                INSEE, le, choisis, par=technicien, agent=agent, prestataire=prestataire, aujourdhui=jour
            )
        except ErreurWorkflow:
            continue
        faites += 1
    return f"2 prestataires, {faites} tournées"
