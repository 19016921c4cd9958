"""A whole house permit in a real browser, from the deposit to the declaration of completion (issue 5)."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mairie.courriers import rendu
from mairie.courriers.envois import lire_pdf
from mairie.models import Courrier, ServiceConsulte, Utilisateur
from tests.mairie.courriers.fabrique import texte_pdf
from tests.navigateur.conftest import ATTENTE_MS, TELEPHONE, Ecran, entrer, violations
from tests.urba.courriers.fabrique import maire, mairie
from tests.urba.fabrique_urba import acteur
from urba import consultations
from urba.models import DossierInstruction

VUES = os.environ.get("LETTRES_VUES", "")


class Parcours:
    """One dossier through the hands of each agent, on days that go by."""

    def __init__(self, ecran: Ecran, horloge) -> None:
        self.ecran, self.page, self.horloge = ecran, ecran.page, horloge
        self.rang = 0

    def le(self, jour: date, qui: Utilisateur) -> Page:
        """That day, that person, on the page of the dossier if there is one."""
        # What the page still asks for would be answered after the jump, its session expired, and the answer
        # would take the cookie of the new one away.
        self.page.goto("about:blank")
        self.horloge.move_to(f"{jour.isoformat()}T09:00:00+01:00")
        entrer(self.ecran, qui)
        if (d := DossierInstruction.objects.first()) is not None:
            self.ecran.ouvrir(f"/urba/dossiers/{d.pk}/")
        return self.page

    @property
    def dossier(self) -> DossierInstruction:
        return DossierInstruction.objects.get()

    def voir(self, nom: str) -> None:
        """Keep a picture of the page, when asked."""
        if VUES:
            self.rang += 1
            self.page.screenshot(path=Path(VUES, f"page-{self.rang:02d}-{nom}.png"), full_page=True)

    def evenement(self, libelle: str, *cases: str, **champs: str) -> None:
        """Enter an event by its button: boxes to tick, fields by name."""
        self.page.get_by_role("link", name=libelle, exact=True).click()
        # Pieces that have no file yet are ticked beforehand: only those named are asked.
        expect(self.page.get_by_role("heading", level=1)).to_have_text(libelle, timeout=ATTENTE_MS)
        cochees = self.page.locator("input[name=pieces]:checked")
        while cochees.count():
            cochees.first.uncheck()
        for case in cases:
            self.page.get_by_label(re.compile(case)).first.check()
        for nom, valeur in champs.items():
            champ = self.page.locator(f"[name={nom}]")
            if champ.evaluate("e => e.tagName") == "SELECT":
                champ.select_option(valeur)
            else:
                champ.fill(valeur)
        self.page.get_by_role("button", name="Enregistrer").click()
        expect(self.page.get_by_text(f"« {libelle} » est enregistré.")).to_be_visible(timeout=ATTENTE_MS)

    def ecrire(self, lettre: str, *morceaux: str) -> Courrier:
        """Write the proposed letter, look at its preview, finalise it."""
        self.page.get_by_role("button", name=re.compile(f"^Écrire : {lettre}")).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(lettre, timeout=ATTENTE_MS)
        c = Courrier.objects.order_by("-id").first()
        apercu = self.page.request.get(f"{self.ecran.racine}/courriers/{c.pk}/lettre.pdf")
        assert apercu.status == 200
        assert "PROJET" in texte_pdf(apercu.body())
        self.page.get_by_role("button", name="Finaliser").click()
        expect(self.page.get_by_text("La lettre est finalisée")).to_be_visible(timeout=ATTENTE_MS)
        c.refresh_from_db()
        octets = lire_pdf(c)
        if VUES:
            Path(VUES, f"parcours-{c.pk:02d}-{c.modele.modele.code}.pdf").write_bytes(octets)
        lu = " ".join(texte_pdf(octets).split()).replace("- ", "-")
        assert [m for m in morceaux if m not in lu] == [], lu
        return c

    def signer(self, *lettres: Courrier) -> None:
        """Sign in the queue, all at once."""
        self.ecran.ouvrir("/urba/signature/")
        for c in lettres:
            self.page.get_by_label(f"{c} du dossier {self.dossier}").check()
        self.voir("a-signer")
        self.page.get_by_role("button", name="Signer les actes cochés").click()
        expect(self.page.get_by_text(re.compile(r"\d actes? signés?"))).to_be_visible(timeout=ATTENTE_MS)

    def envoyer(self, c: Courrier) -> None:
        """Record that it was posted."""
        self.ecran.ouvrir(f"/courriers/{c.pk}/")
        self.page.get_by_label("Numéro du recommandé").fill("1A 000 000 0000 0")
        self.page.get_by_role("button", name="Enregistrer l'envoi").click()
        expect(self.page.get_by_text("L'envoi est enregistré.")).to_be_visible(timeout=ATTENTE_MS)

    def presenter(self, c: Courrier) -> None:
        """Record its first presentation, today."""
        self.ecran.ouvrir(f"/courriers/{c.pk}/")
        self.page.get_by_label("Ce qui s'est passé").select_option("presentation")
        self.page.get_by_role("button", name="Enregistrer la date").click()
        expect(self.page.get_by_text("La date est enregistrée.")).to_be_visible(timeout=ATTENTE_MS)

    def retour(self) -> None:
        """Back on the page of the dossier."""
        self.ecran.ouvrir(f"/urba/dossiers/{self.dossier.pk}/")

    def deplier_toutes_les_dates(self) -> list[str]:
        """Unfold each date of the list: article and computation must show; labels of the dates."""
        libelles = []
        for bloc in self.page.locator(".urba-dates > div").all():
            bloc.locator("summary").click()
            expect(bloc.locator(".article").first).to_be_visible()
            expect(bloc.locator(".resultat-etape").first).to_be_visible()
            libelles.append(bloc.locator("dt").inner_text())
        self.page.get_by_role("button", name="Tout le calcul, dans l'ordre").click()
        expect(self.page.locator("#explication")).to_be_visible()
        self.page.get_by_role("button", name="Fermer").click()
        return libelles


@pytest.fixture
def parcours(ecran, plan_servi, settings, tmp_path, time_machine):
    settings.MEDIA_ROOT = tmp_path / "media"
    time_machine.move_to("2026-03-02T09:00:00+01:00")
    mairie()
    consultations.charger_services()
    ServiceConsulte.objects.filter(code__in=("abf", "eau")).update(adresse="5 rue du Palais\n25000 BESANÇON")
    yield Parcours(ecran, time_machine)
    rendu.atelier.fermer()


def test_un_pcmi_va_du_depot_a_la_daact_avec_abords_pieces_et_deux_consultations(parcours):
    p, page = parcours, parcours.page
    guichet, instructeur, elu = acteur("guichet"), acteur("instructeur"), maire()

    # Deposit, receipt.
    p.le(date(2026, 3, 2), guichet)
    p.ecran.ouvrir("/urba/deposer/?idu=25999000AB0001")
    page.get_by_label("Type de dossier").select_option("PCMI")
    page.get_by_label("Nom ou raison sociale").fill("Exemple")
    page.get_by_label("Prénoms").fill("Jeanne")
    page.get_by_label("Numéro et voie").fill("12 rue du Moulin")
    page.get_by_label("Code postal").fill("25999")
    page.get_by_label("Commune du pétitionnaire").fill("Valbrune")
    page.get_by_label("Projet", exact=True).fill("Construction d'une maison")
    p.voir("depot")
    page.get_by_role("button", name=re.compile("Enregistrer")).click()
    expect(page.get_by_text("est enregistré.")).to_be_visible(timeout=ATTENTE_MS)
    p.voir("depose")
    p.ecrire("Récépissé de dépôt", "samedi 2 mai 2026", "permis de construire tacite")

    # Qualified in the surroundings of a monument; the longer delay is told; two services are asked.
    p.le(date(2026, 3, 4), instructeur)
    p.evenement("Qualification", r"Abords ou site patrimonial remarquable \(")
    for service in ("Architecte des Bâtiments de France", "Gestionnaire du réseau d'eau"):
        page.get_by_label(service, exact=True).check()
    page.get_by_role("button", name="Envoyer la demande d'avis").click()
    expect(page.get_by_text("montré cette seule fois").first).to_be_visible(timeout=ATTENTE_MS)
    p.voir("qualifie")
    majoration = p.ecrire("Majoration du délai", "mardi 2 juin 2026", "R. 424-3", "R. 423-24 c")
    for qui, delai in (
        ("Architecte des Bâtiments de France", "deux mois"),
        ("Gestionnaire du réseau d'eau", "un mois"),
    ):
        p.retour()
        p.ecrire("Consultation d'un service", qui, "réputé favorable", delai)

    # A piece is missing.
    p.retour()
    p.evenement("Demande de pièces", "PCMI2 ")
    incompletude = p.ecrire("Demande de pièces manquantes", "PCMI2", "trois mois à compter de la réception")

    p.le(date(2026, 3, 5), elu)
    p.signer(majoration, incompletude)
    p.le(date(2026, 3, 5), guichet)
    p.envoyer(majoration)
    p.envoyer(incompletude)
    p.le(date(2026, 3, 9), guichet)
    p.presenter(majoration)
    p.presenter(incompletude)
    p.retour()
    expect(page.locator(".bandeau")).to_contain_text("Pièces avant le")
    assert (p.dossier.etat, p.dossier.date_limite_pieces) == ("incomplet_notifie", date(2026, 6, 9))
    assert "Pièces attendues jusqu'au" in p.deplier_toutes_les_dates()
    p.voir("incomplet")

    # The piece comes: the whole delay starts afresh.
    p.le(date(2026, 4, 10), guichet)
    p.evenement("Pièces reçues", "PCMI2 ")
    assert (p.dossier.etat, p.dossier.date_limite) == ("en_cours", date(2026, 7, 10))
    p.ecrire("Récépissé de pièces complémentaires", "vendredi 10 juillet 2026")

    # Both services answer.
    p.le(date(2026, 4, 20), instructeur)
    for service, avis in (
        ("Architecte des Bâtiments de France", "favorable_prescriptions"),
        ("Gestionnaire du réseau d'eau", "favorable"),
    ):
        bloc = page.locator(".urba-consultation", has_text=service)
        bloc.get_by_label("Reçue par le service le").fill("2026-03-06")
        bloc.get_by_role("button", name="Dater la réception").click()
        bloc = page.locator(".urba-consultation", has_text=service)
        bloc.locator("select[name=avis]").select_option(avis)
        bloc.get_by_label("Motivation, prescriptions").fill("Tuiles de terre cuite.")
        bloc.get_by_role("button", name="Enregistrer l'avis").click()
        expect(page.locator(".urba-consultation", has_text=service)).to_contain_text(
            "avis", timeout=ATTENTE_MS
        )
        p.retour()
    p.voir("avis")

    # Report, decision, act, signature, notification.
    p.evenement("Rapport d'instruction")
    p.evenement(
        "Décision rédigée",
        sens="accord_prescriptions",
        prescriptions="Les tuiles sont en terre cuite.\nLes eaux pluviales sont infiltrées.",
    )
    p.voir("en-signature")
    arrete = p.ecrire(
        "Arrêté accordant avec prescriptions",
        "sous réserve des prescriptions",
        "Les tuiles sont en terre cuite ;",
        "Vu l'avis favorable avec prescriptions du 20 avril 2026 (Architecte des Bâtiments de France)",
        "L. 600-12-2",
    )
    p.voir("arrete")
    p.le(date(2026, 4, 22), elu)
    p.signer(arrete)
    p.le(date(2026, 4, 22), guichet)
    p.envoyer(arrete)
    p.le(date(2026, 4, 24), guichet)
    p.presenter(arrete)
    assert (p.dossier.etat, p.dossier.validite_fin) == ("accorde_prescriptions", date(2029, 4, 24))

    # Displays, transmission, certificate of display.
    p.retour()
    for libelle in (
        "Transmission au contrôle de légalité",
        "Affichage en mairie",
        "Affichage sur le terrain",
    ):
        p.evenement(libelle)
    p.le(date(2026, 4, 24), instructeur)
    p.ecrire("Attestation d'affichage", "depuis le 24 avril 2026")

    # Works, completion.
    p.le(date(2026, 9, 1), guichet)
    p.evenement("Ouverture de chantier")
    p.le(date(2027, 2, 1), guichet)
    p.evenement("Achèvement et conformité déclarés")
    libelles = p.deplier_toutes_les_dates()
    for attendue in ("Décision", "Notification", "Valable jusqu'au", "Recours des tiers jusqu'au"):
        assert attendue in libelles, libelles
    assert "Conformité contestable jusqu'au" in libelles
    p.voir("acheve")
    p.dossier.da.refresh_from_db()
    assert p.dossier.da.etat == "acheve"
    assert violations(p.ecran) == []

    # Every letter is archived, and opens by its link.
    lettres = list(Courrier.objects.order_by("id"))
    assert [c.modele.modele.code for c in lettres] == [
        "recepisse", "majoration", "consultation", "consultation", "incompletude", "recepisse_pieces",
        "arrete_prescriptions", "attestation_affichage",
    ]  # fmt: skip
    for c in lettres:
        assert page.request.get(f"{p.ecran.racine}/courriers/{c.pk}/lettre.pdf").status == 200
    page.set_viewport_size(TELEPHONE)
    p.retour()
    p.voir("telephone")
    largeur = page.evaluate("document.documentElement.scrollWidth")
    assert largeur <= TELEPHONE["width"]
