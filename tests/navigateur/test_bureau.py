"""The desk, the audit log and the tasks in a real browser: access, phone, both themes, what moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mairie import bureau, journal, roles
from mairie.bureau import Dossier, MesDossiers, declarer_dossiers
from mairie.echeances import Fournisseur, fournir, publier, registre
from mairie.intergiciels import ACCES_REFUSE
from mairie.models import AvancementTache, Battement
from mairie.taches.execution import executer, prendre
from mairie.taches.ouvrier import vider_la_file
from mairie.taches.planificateur import planifier
from mairie.workflow import Etape
from tests.cadastre import fabrique
from tests.mairie.taches import essai
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune, habiliter

PAGES = (
    "/bureau/",
    "/bureau/?urgence=retard&qui=moi",
    "/bureau/calendrier/",
    "/bureau/reglages/",
    "/journal/",
    "/journal/?personne=personne+de+ce+nom",
    "/journal/totaux/",
    "/reglages/taches/",
    "/reglages/taches/?etat=echec",
)
ETAPES = (
    Etape("Dépôt d'un dossier complet", "le 12 janvier 2026"),
    Etape("Délai de droit commun d'une maison individuelle", "deux mois", "Art. R*423-23"),
    Etape("Abords d'un monument historique", "un mois de plus", "Art. R*423-24"),
)


def remplir(personne) -> None:
    """Deadlines of every urgency, own dossiers, lines of the log, tasks in every state."""
    aujourdhui, ici, collegue = timezone.localdate(), commune(INSEE), agent("mairie.lecteur", nom="Max Essai")
    for n, (jours, libelle, consequence) in enumerate(
        (
            (-12, "Décision à notifier", "Le permis est tacite depuis douze jours."),
            (0, "Pièces à réclamer", "Demain, le délai ne pourra plus être changé."),
            (3, "Avis de l'architecte des Bâtiments de France", ""),
            (5, "Décision à rendre", "Permis tacite sans décision."),
            (11, "Pièces attendues du demandeur", "Rejet tacite."),
            (40, "Fin de validité", ""),
        )
    ):
        publier(
            ici,
            "essai.decision" if n % 2 else "autre.controle",
            aujourdhui + timedelta(jours),
            cle=str(n),
            insee=INSEE,
            reference=f"PC 025 999 26 A00{n:02d}",
            adresse="/bureau/charte/",
            libelle=libelle,
            consequence=consequence,
            pourquoi=ETAPES if n in (0, 3) else (),
            responsable=(personne, collegue, None)[n % 3],
        )
    for n in range(3):
        journal.noter(personne, "mairie.journal_purge", ici, donnees={"acte": n}, resume="Trois ans passés")
    journal.noter(collegue, ACCES_REFUSE, insee=INSEE, donnees={"vue": "urba_dossier", "pk": "12"})
    planifier()
    essai.renoncer.demander()
    essai.rater.demander(1)
    vider_la_file()
    for genre, detail in (("ouvrier", "Purge du journal (n° 12)"), ("planificateur", "chef")):
        Battement.objects.create(genre=genre, identifiant=genre, hote="urbanisme-1", pid=4242, detail=detail)


def lister(personne, commune_, limite) -> tuple[list[Dossier], int]:
    limite_ = timezone.localdate() + timedelta(5)
    lignes = [
        Dossier(
            "PC 025 999 26 A0003", "En instruction", "/bureau/charte/", limite_, "Maison de 92 m²", "info"
        ),
        Dossier("DP 025 999 26 A0008", "Incomplet", "/bureau/charte/", None, "Clôture sur rue", "attention"),
    ]
    return lignes, 14


@pytest.fixture
def cheffe(ecran, transactional_db, monkeypatch):
    """Who holds every right of the shared floor, in two communes; two invented trades publish."""
    monkeypatch.setattr(registre, "_fournisseurs", dict(registre._fournisseurs))
    monkeypatch.setattr(bureau, "_sources", {})
    monkeypatch.setattr(roles, "_metiers", {**roles._metiers, "essai": "Permis", "autre": "Domaine public"})
    fournir(
        Fournisseur("essai.decision", "essai", "Décision à rendre", "mairie.lire", "bi-pen"),
        Fournisseur("autre.controle", "autre", "Contrôle", "mairie.lire", "bi-cone-striped"),
    )
    declarer_dossiers(MesDossiers("essai", "Permis", "mairie.lire", "bi-house", "/bureau/charte/", lister))
    fabrique.valbrune()
    personne = agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE), nom="Ada Exemple")
    for role in ("lecteur", "dpo"):
        habiliter(personne, "mairie", role, INSEE, AUTRE_INSEE)
    remplir(personne)
    entrer(ecran, personne)
    return personne


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_chaque_page_est_accessible_et_tient_dans_l_ecran(ecran, cheffe, theme, taille):
    ecran.page.emulate_media(color_scheme=theme)
    if taille == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    fautes = []
    for adresse in PAGES:
        ecran.ouvrir(adresse)
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
    assert fautes == []


def test_pourquoi_une_date_s_ouvre_et_se_ferme_au_clavier(ecran, cheffe):
    ecran.ouvrir("/bureau/")
    bouton = ecran.page.get_by_role("button", name="pourquoi ?").first
    bouton.focus()
    ecran.page.keyboard.press("Enter")
    tiroir = ecran.page.locator("aside.tiroir:popover-open")
    expect(tiroir).to_contain_text("Art. R*423-24")
    assert violations(ecran) == []
    ecran.page.keyboard.press("Escape")
    expect(tiroir).to_have_count(0)
    expect(bouton).to_be_focused()


def test_les_compteurs_filtrent_et_se_defont(ecran, cheffe):
    ecran.ouvrir("/bureau/")
    expect(ecran.page.locator(".echeance")).to_have_count(6)
    ecran.page.get_by_role("link", name="1 En retard").click()
    expect(ecran.page.locator(".echeance")).to_have_count(1)
    ecran.page.get_by_role("link", name="1 En retard").click()
    expect(ecran.page.locator(".echeance")).to_have_count(6)
    ecran.page.get_by_role("link", name="Les miennes").click()
    expect(ecran.page.locator(".echeance")).to_have_count(2)


def test_l_adresse_de_l_agenda_se_montre_une_fois(ecran, cheffe):
    ecran.ouvrir("/bureau/reglages/")
    ecran.page.get_by_role("button", name="Créer mon adresse d'agenda").click()
    adresse = ecran.page.get_by_label("Adresse de l'agenda").input_value()
    assert adresse.endswith(".ics")
    assert violations(ecran) == []
    ecran.ouvrir("/bureau/reglages/")
    expect(ecran.page.get_by_label("Adresse de l'agenda")).to_have_count(0)
    expect(ecran.page.get_by_role("button", name="Remplacer l'adresse")).to_be_visible()


def test_une_tache_se_suit_jusqu_a_sa_fin(ecran, cheffe):
    """The page is not touched: the figure moves, then says that all is done."""
    t = essai.lots.demander(4, par=cheffe)
    prise = prendre(None, "essai")
    AvancementTache.objects.create(tache=t, pourcent=25, texte="lot 1 sur 4")
    ecran.ouvrir(f"/taches/{t.pk}/")
    expect(ecran.page.get_by_text("lot 1 sur 4")).to_be_visible()
    assert violations(ecran) == []
    AvancementTache.objects.update(pourcent=75, texte="lot 3 sur 4")
    expect(ecran.page.get_by_text("lot 3 sur 4")).to_be_visible()
    assert executer(prise)
    expect(ecran.page.get_by_text("Faite")).to_be_visible()
    expect(ecran.page.get_by_text("100 %", exact=True).last).to_be_visible()


def test_une_tache_en_echec_se_relance(ecran, cheffe):
    ecran.ouvrir("/reglages/taches/?etat=echec")
    ecran.page.get_by_role("button", name="Relancer la tâche").click()
    expect(ecran.page.get_by_text("repart dans la file")).to_be_visible()


def test_le_journal_se_filtre(ecran, cheffe):
    ecran.ouvrir("/journal/")
    ecran.page.get_by_label("Nature").select_option("refus")
    ecran.page.get_by_role("button", name="Filtrer").click()
    lignes = ecran.page.locator(".tableau-journal tbody tr")
    expect(lignes).to_have_count(1)
    expect(lignes.first).to_contain_text("Max Essai")
    expect(ecran.page.get_by_label("Nature")).to_have_value("refus")
