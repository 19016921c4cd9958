"""A house without a sewer in a real browser: qualified, attested, finished, visited (issue 7)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from assainissement.models import Controle, ProjetAnc
from assainissement.references import charger_points
from mairie import evenements
from mairie.courriers import rendu
from mairie.courriers.envois import lire_pdf
from mairie.models import Courrier, Piece
from mairie.workflow import appliquer
from tests.mairie.courriers.fabrique import texte_pdf
from tests.navigateur.conftest import ATTENTE_MS, violations
from tests.navigateur.test_permis import Parcours
from tests.personnes import agent
from tests.urba.courriers.fabrique import maire, mairie
from tests.urba.fabrique_urba import acteur, agir, dossier
from urba import consultations


@pytest.fixture
def parcours(ecran, plan_servi, settings, tmp_path, time_machine):
    settings.MEDIA_ROOT = tmp_path / "media"
    time_machine.move_to("2026-03-02T09:00:00+01:00")
    mairie()
    charger_points()
    consultations.charger_services()
    yield Parcours(ecran, time_machine)
    rendu.atelier.fermer()


def test_un_pcmi_en_anc_va_de_la_qualification_a_la_visite_conforme(parcours):
    p, page = parcours, parcours.page
    dossier(adresse="12 rue du Moulin", objet="Construction d'une maison")
    instructeur = acteur("instructeur")
    spanc = agent("assainissement.technicien", "assainissement.responsable", "urba.lecture")

    # The instructor ticks one box and asks the service; nothing else is sent.
    p.le(date(2026, 3, 4), instructeur)
    p.evenement("Qualification", "Assainissement non collectif")
    page.get_by_label("Assainissement non collectif", exact=True).check()
    page.get_by_role("button", name="Envoyer la demande d'avis").click()
    expect(page.get_by_text("montré cette seule fois").first).to_be_visible(timeout=ATTENTE_MS)
    evenements.livrer()
    p.retour()
    expect(page.get_by_text("Avis attendu avant le")).to_be_visible()

    # The sanitation service finds it on its dashboard, and answers.
    p.le(date(2026, 3, 20), spanc)
    p.ecran.ouvrir("/assainissement/")
    page.get_by_role("link", name=re.compile("Projets à examiner")).click()
    page.get_by_role("link", name=re.compile("ANC-25999-00001")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Projet ANC-25999-00001")
    assert violations(p.ecran) == []
    p.evenement(
        "Avis rendu", sens="favorable_prescriptions", filiere="Microstation agréée de 6 EH", plan="PCMI2",
        motif="Poser le rejet à plus de 35 mètres du puits.",
    )  # fmt: skip
    expect(page.get_by_role("link", name="Attestation de conformité du projet")).to_be_visible()
    lettre = Courrier.objects.get(modele__modele__code="attestation_conception")
    lu = " ".join(texte_pdf(lire_pdf(lettre)).split())
    for mot in ("Microstation agréée de 6 EH", "R.431-16", "35 mètres"):
        assert mot in lu, lu
    evenements.livrer()

    # It is a piece of the permit, and the consultation is closed: nobody typed it again.
    p.le(date(2026, 3, 23), instructeur)
    assert Piece.objects.du_dossier(p.dossier).get(code="PCMI12-2").fichier.read() == lire_pdf(lettre)
    expect(page.locator(".urba-consultation")).to_contain_text("favorable avec prescriptions")
    expect(page.get_by_text("Favorable avec réserves, le 20/03/2026")).to_be_visible()

    # Granted, then finished: the visit is asked by the declaration.
    d, le = p.dossier, date(2026, 3, 23)
    agir(d, "rapport_pret", "instructeur", le)
    agir(d, "finaliser_decision", "instructeur", le, {"sens": "accord", "motifs": "x"})
    d.refresh_from_db()
    appliquer(d, "signature", par=maire(), version=d.version, date_effet=le)
    agir(d, "notification_decision", "guichet", le)
    p.le(date(2026, 10, 1), acteur("guichet"))
    p.evenement("Achèvement et conformité déclarés")
    evenements.livrer()
    projet = ProjetAnc.objects.get()
    assert projet.etat == "visite_execution_planifiee"

    # The visit, by the control's own pages.
    p.le(date(2026, 10, 12), spanc)
    c = Controle.objects.get(nature="execution_neuf")
    p.ecran.ouvrir(f"{c.get_absolute_url()}conclusion/")
    page.get_by_label("Conforme", exact=True).check()
    page.get_by_role("button", name=re.compile("Enregistrer")).click()
    expect(page.get_by_text("sont enregistrés.")).to_be_visible(timeout=ATTENTE_MS)
    p.evenement("Visite")
    p.evenement("Rapport rédigé")
    p.evenement("Rapport validé")
    p.ecran.ouvrir(projet.get_absolute_url())
    expect(page.locator(".bandeau")).to_contain_text("travaux conformes")
    projet.installation.refresh_from_db()
    assert (projet.installation.etat, projet.installation.prochain_controle) == ("active", date(2036, 10, 12))
