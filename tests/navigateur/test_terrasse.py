"""A terrace from the public request to the paid claim and next year's renewal; a scaffold that collides.

Played in a real browser by each person in turn, on days that go by (issue 6, « Done when »).
"""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from playwright.sync_api import Page, expect

from domainepublic import tarifs
from domainepublic.models import DossierODP, LigneFacturable, Titre
from mairie.models import Utilisateur, Voie
from mairie.taches.ouvrier import vider_la_file
from tests.domainepublic.fabrique_odp import acteur, delegue, type_
from tests.navigateur.conftest import ATTENTE_MS, Ecran, entrer, violations
from tests.navigateur.dessin import cadrer, outil, pixel
from tests.personnes import INSEE, commune
from tests.plan_factice import X0, Y0, lonlat

VUES = os.environ.get("ODP_VUES", "")
COINS = ((40, 31), (46, 31), (46, 33), (40, 33))


class Rue:
    """One street through the hands of each person."""

    def __init__(self, ecran: Ecran, horloge) -> None:
        self.ecran, self.page, self.horloge = ecran, ecran.page, horloge
        self.rang = 0

    def le(self, jour: date, qui: Utilisateur, chemin: str) -> Page:
        """That day, that person, on that page; nothing is still asked when the clock jumps."""
        self.page.goto("about:blank")
        self.horloge.move_to(f"{jour.isoformat()}T09:00:00+01:00")
        entrer(self.ecran, qui)
        self.ecran.ouvrir(chemin)
        return self.page

    def voir(self, nom: str) -> None:
        """Keep a picture of the page, when asked."""
        if VUES:
            self.rang += 1
            self.page.screenshot(path=Path(VUES, f"terrasse-{self.rang:02d}-{nom}.png"), full_page=True)

    def evenement(self, libelle: str) -> None:
        """Enter an event that asks nothing but its date."""
        self.page.get_by_role("link", name=libelle, exact=True).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(libelle)
        self.page.get_by_role("button", name="Enregistrer").click()

    def fait(self, libelle: str) -> None:
        """It was taken."""
        self.evenement(libelle)
        expect(self.page.get_by_text(f"« {libelle} » est enregistré.")).to_be_visible()

    def continuer(self, bouton: str, titre: str) -> None:
        """Next step of the public request."""
        self.page.get_by_role("button", name=bouton).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(titre)


@pytest.fixture
def rue(ecran, plan_servi, settings, tmp_path, time_machine):
    settings.MEDIA_ROOT = tmp_path / "media"
    time_machine.move_to("2026-03-02T09:00:00+01:00")
    commune()
    delegue()
    type_("TERR_O")
    from domainepublic.conflits import charger_compatibilites

    charger_compatibilites()
    axe = MultiLineString(LineString((X0, Y0 + 35), (X0 + 120, Y0 + 35)), srid=2154)
    Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050", axe=axe)
    for annee, prix in ((2026, "24.00"), (2027, "25.00")):
        g = tarifs.creer_grille(
            insee=INSEE, libelle=f"Tarifs {annee}", deliberation=str(annee),
            deliberation_le=date(annee - 1, 12, 1), du=date(annee, 1, 1), au=date(annee, 12, 31),
        )  # fmt: skip
        tarifs.enregistrer_tarif(
            g, "TERR_O",
            {"type": "TERR_O", "unite": "m2", "periode": "an", "prix": prix, "prorata": "mois_commence"},
        )  # fmt: skip
        tarifs.enregistrer_tarif(
            g, "ECHAF", {"type": "ECHAF", "unite": "m2", "periode": "jour", "prix": "1.00"}
        )
    return Rue(ecran, time_machine)


def demander_terrasse(r: Rue) -> tuple[str, str]:
    """The shopkeeper's part, without account: number and key."""
    page = r.page
    r.ecran.ouvrir("/")
    page.get_by_role("link", name="Faire une demande").click()
    page.get_by_role("link", name="Occuper la rue ou le trottoir").click()
    page.get_by_label("Terrasse", exact=True).check()
    page.get_by_label("une entreprise, un commerce").check()
    page.get_by_label("En quelques mots").fill("Terrasse du café")
    r.voir("quoi")
    assert violations(r.ecran) == []
    r.continuer("Continuer", "Où ?")
    page.get_by_label("Rue", exact=False).first.select_option("Rue du Lavoir")
    page.get_by_label("Devant quel numéro ?").fill("12")
    cadrer(r.ecran, "geom", zoom=19.5, ici=(43, 32))
    outil(r.ecran, "Surface")
    for x, y in COINS:
        page.mouse.click(*pixel(r.ecran, x, y, "geom"))
    page.get_by_role("button", name="Terminer").click()
    expect(page.locator("[data-bilan]")).to_contain_text("m²")
    r.voir("ou")
    r.continuer("Continuer", "Quand ?")
    page.get_by_label("Premier jour").fill("2026-04-01")
    page.get_by_label("Dernier jour").fill("2026-12-31")
    r.continuer("Voir le prix et les pièces", "Prix, pièces et envoi")
    # The price, before the name: about 12 m² × 24 € × 9/12.
    prix = page.locator(".odp-prix .odp-montant").inner_text()
    assert re.fullmatch(r"21\d,\d\d\s€", prix), prix
    assert violations(r.ecran) == []
    page.get_by_label("Raison sociale").fill("Café fictif")
    page.get_by_label("Numéro et rue").fill("12 rue du Lavoir")
    page.get_by_label("Code postal").fill("25999")
    page.get_by_label("Commune", exact=True).fill("Valbrune")
    page.get_by_label("Les renseignements que je donne sont exacts.").check()
    r.voir("qui")
    r.continuer("Envoyer ma demande", "Votre demande est enregistrée")
    r.voir("envoyee")
    cle = page.locator(".odp-cle").inner_text()
    return page.locator(".odp-accuse strong").first.inner_text(), cle


def test_une_terrasse_de_la_demande_au_paiement_puis_a_l_annee_suivante(rue):
    r, page = rue, rue.page
    instructeur, elu = acteur("instructeur"), acteur("signataire")
    finances, responsable = acteur("finances"), acteur("responsable")

    numero, cle = demander_terrasse(r)
    d = DossierODP.objects.get(numero=numero)
    assert d.canal == "portail" and d.emprises.get().quantite_geom == pytest.approx(Decimal(12), abs=1)

    # The desk: exempted from publicity, studied, proposed; the mayor signs.
    r.le(date(2026, 3, 10), instructeur, "/domaine-public/dossiers/")
    page.get_by_role("link", name=numero).first.click()
    page.get_by_role("link", name="Corriger la voie ou l'acte").click()
    page.get_by_label("Dispense de publicité").select_option("L2122-1-3_1")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Les faits sont enregistrés")).to_be_visible()
    r.fait("Instruction")
    r.fait("Acte proposé à la signature")
    r.le(date(2026, 3, 16), elu, d.get_absolute_url())
    r.fait("Signature")
    d.refresh_from_db()
    assert d.etat == "accorde"
    ligne = LigneFacturable.objects.get(dossier=d)
    r.voir("accorde")

    # The holder reads the same amount with his key.
    page.context.clear_cookies()
    r.ecran.ouvrir(f"/suivi/?numero={numero}")
    page.get_by_label("Clé de suivi").fill(cle)
    page.get_by_role("button", name="Voir où en est ma demande").click()
    expect(page.get_by_role("heading", name="Accordée")).to_be_visible()
    montant = f"{ligne.montant:.2f}".replace(".", ",")
    expect(page.locator(".odp-calcul summary")).to_contain_text(montant)
    r.voir("suivi")

    # Bill: roll, export, payment.
    r.le(date(2026, 4, 2), finances, "/domaine-public/roles/")
    page.get_by_role("button", name="Préparer un rôle").click()
    page.get_by_role("button", name="Valider le rôle").click()
    page.get_by_role("button", name="Exporter pour les finances").click()
    expect(page.get_by_role("link", name="Télécharger le CSV")).to_be_visible()
    page.get_by_label("Montant").fill(montant)
    page.get_by_role("button", name="Noter le paiement").click()
    expect(page.get_by_text("soldé", exact=True)).to_be_visible()
    titre = Titre.objects.get()
    assert titre.solde and titre.montant == ligne.montant
    r.voir("paye")

    # A scaffold on the same ground: stopped, shown, waived with a reason, then signed.
    r.le(date(2026, 5, 4), instructeur, "/domaine-public/deposer/")
    page.get_by_label("Le demandeur est").select_option("entreprise")
    page.get_by_label("Nom ou raison sociale").fill("Couvreurs fictifs")
    page.get_by_label("Objet").fill("Réfection de la toiture")
    page.get_by_label("Voie", exact=False).first.select_option("Rue du Lavoir")
    page.locator("select[name=type]").select_option(label="échafaudage")
    coins = "\n".join("{1:.7f} {0:.7f}".format(*lonlat(x, y)) for x, y in (*COINS, COINS[0]))
    cadrer(r.ecran, "geom", zoom=19.5, ici=(43, 32))
    page.locator("[data-coordonnees]").fill(coins)
    page.locator("[data-action=coordonnees]").click()
    expect(page.locator("[data-bilan]")).to_contain_text("m²")
    page.get_by_label("Du", exact=True).fill("2026-06-01")
    page.get_by_label("Au (compris)").fill("2026-06-10")
    page.locator("select[name=unite]").select_option("m2")
    page.get_by_role("button", name="Enregistrer la demande").click()
    expect(page.get_by_text("est enregistré.")).to_be_visible()
    echafaudage = DossierODP.objects.latest("pk")
    r.fait("Instruction")
    conflit = page.locator(".odp-conflit").first
    expect(conflit).to_contain_text("bloquant")
    expect(conflit).to_contain_text(numero)
    r.voir("conflit")
    # The act cannot even be asked for: its button is greyed and says which title stands there.
    acte = page.get_by_role("button", name="Acte proposé à la signature")
    expect(acte).to_have_attribute("aria-disabled", "true")
    expect(acte).to_have_accessible_description(re.compile(rf"Conflit bloquant.*{numero}", re.S))
    expect(page.locator(".odp-plan-conflits svg")).to_be_visible()
    assert violations(r.ecran) == []
    r.le(date(2026, 5, 5), responsable, echafaudage.get_absolute_url())
    page.get_by_label("Motif de la levée").fill("Le café ferme ses tables pendant ces dix jours.")
    page.get_by_role("button", name="Lever avec ce motif").click()
    expect(page.get_by_text("Le conflit est levé")).to_be_visible()
    r.voir("leve")
    r.fait("Acte proposé à la signature")
    r.le(date(2026, 5, 6), elu, echafaudage.get_absolute_url())
    r.fait("Signature")
    # The street says it to everybody, without a name.
    r.horloge.move_to("2026-06-02T09:00:00+01:00")
    page.context.clear_cookies()
    r.ecran.ouvrir("/domaine-public/travaux/")
    expect(page.locator("html")).to_have_attribute("data-travaux", "pret", timeout=ATTENTE_MS)
    expect(page.locator("[data-liste] li")).to_have_count(2)
    assert "fictif" not in page.locator("[data-liste]").inner_text()
    page.get_by_title("Une semaine après").click()
    expect(page.locator("[data-titre]")).to_have_text("mardi 9 juin 2026")
    page.get_by_title("Une semaine après").click()
    expect(page.locator("[data-liste] li")).to_have_count(1)
    assert violations(r.ecran) == []

    # Next year, at next year's price: ticked, made in the background, signed from the list.
    r.le(date(2026, 11, 20), instructeur, "/domaine-public/renouvellement/?annee=2027")
    case = page.get_by_role("checkbox", name=numero)
    # Its claim is paid, nothing calls for a look: it is already ticked.
    expect(case).to_be_checked()
    r.voir("renouvellement")
    page.get_by_role("button", name="Renouveler les occupations cochées").click()
    expect(page).to_have_url(re.compile(r"/taches/\d+/"))
    vider_la_file()
    expect(page.get_by_text("Faite")).to_be_visible(timeout=ATTENTE_MS)
    suite = DossierODP.objects.get(annee_renouvelee=2027)
    assert (suite.dossier_origine, suite.etat) == (d, "a_signer")
    assert (suite.debut, suite.fin) == (date(2027, 1, 1), date(2027, 12, 31))
    r.ecran.ouvrir("/domaine-public/renouvellement/?annee=2027")
    expect(page.get_by_text("déjà renouvelé")).to_be_visible()
    r.le(date(2026, 11, 24), elu, "/domaine-public/dossiers/?suivi=a_signer")
    page.get_by_label(f"Choisir {suite}").check()
    page.get_by_role("button", name="Signer", exact=True).first.click()
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_text(f"{suite} : accordé")).to_be_visible()
    r.voir("renouvele")
    neuve = LigneFacturable.objects.get(dossier=suite)
    quantite = d.emprises.get().quantite
    assert neuve.montant == (quantite * 25).quantize(Decimal("0.01"))
