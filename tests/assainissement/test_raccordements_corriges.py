"""What is corrected of a connection after the fact: its day, a derogation, two people at once."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from uuid import uuid4

import pytest

from assainissement import pfac, raccordements
from assainissement.models import Branchement, Pfac
from mairie.models import EvenementDomaine, JournalActe
from mairie.workflow import ConflitEdition, Refus
from tests.assainissement.fabrique_ac import branchement
from tests.assainissement.fabrique_anc import JOUR, acteur
from tests.assainissement.fabrique_redevances import deliberation
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")
IDU = "25999000AB0002"
RAISON = "La fiche du fontainier dit un autre jour."
PROJET = {"nature": "neuf", "eaux_usees_supplementaires": True, "surface_m2": "100"}
VOTE = {"mode": "surface", "tarif_m2": "18", "cout_anc": "9000"}


def livrer(nom: str) -> None:
    """Hand the last event of that name to the contributions, as the task does."""
    e = EvenementDomaine.objects.filter(nom=f"assainissement.{nom}").latest("pk")
    fonction = pfac.sur_correction if nom == "raccordement_corrige" else pfac.sur_raccordement
    fonction(SimpleNamespace(insee=e.insee, charge=e.charge))


def test_une_date_fausse_se_corrige_et_la_dette_se_recompte():
    deliberation(objet="pfac", regles=VOTE, lignes=(), du=date(2025, 1, 1), au=date(2025, 12, 31))
    deliberation(objet="pfac", regles={**VOTE, "tarif_m2": "20"}, lignes=(), du=date(2026, 1, 1))
    b = branchement(raccorde_le=date(2026, 2, 20))
    p = pfac.preparer(INSEE, "PC 1", parcelles=[IDU], entrees=PROJET, jour=date(2025, 2, 1))
    livrer("raccordement_constate")
    p.refresh_from_db()
    assert (p.etat, str(p.montant)) == ("exigible", "2000.00")
    qui = acteur("responsable")
    for le, raison, phrase in (
        (date(2025, 12, 20), "erreur", "15 caractères"),
        (date(2026, 2, 20), RAISON, "déjà du 20/02/2026"),
        (date(2026, 3, 3), RAISON, "le jour où il est fait"),
        (date(2025, 1, 14), RAISON, "en service"),
    ):
        with pytest.raises(Refus, match=phrase):
            raccordements.corriger_jour(b, le, raison, par=qui)
    raccordements.corriger_jour(b, date(2025, 12, 20), RAISON, par=qui)
    livrer("raccordement_corrige")
    p.refresh_from_db()
    assert (p.etat, str(p.montant), p.date_raccordement, p.raccorde_le) == (
        "exigible", "1800.00", date(2025, 12, 20), date(2025, 12, 20),
    ), "au tarif du vrai jour"  # fmt: skip
    acte = JournalActe.objects.get(action=raccordements.DATE_CORRIGEE)
    assert (acte.donnees["ancienne"], acte.donnees["raison"]) == ("2026-02-20", RAISON)
    # It was no connection at all: nothing is due any more.
    raccordements.corriger_jour(b, None, RAISON, par=qui)
    livrer("raccordement_corrige")
    p.refresh_from_db()
    assert (p.etat, p.raccorde_le, b.etat_au(JOUR)) == ("preparee", None, "a_raccorder")
    with pytest.raises(Refus, match="Aucun raccordement"):
        raccordements.corriger_jour(b, JOUR, RAISON, par=qui)


def test_un_titre_notifie_garde_sa_date_et_la_page_le_dit():
    deliberation(objet="pfac", regles=VOTE, lignes=())
    b = branchement(raccorde_le=date(2026, 2, 20))
    p = pfac.preparer(INSEE, "PC 1", parcelles=[IDU], entrees=PROJET, jour=date(2025, 2, 1))
    livrer("raccordement_constate")
    p.refresh_from_db()
    pfac.agir(p, "titrer", par=acteur("gestionnaire"), version=p.version, donnees={"reference": "T-1"})
    adresse = f"{b.get_absolute_url()}corriger-date/"
    assert client_de("technicien").get(adresse).status_code == 403
    client = client_de("responsable")
    page = client.get(adresse).content.decode()
    assert 'value="2026-02-20"' in page
    vue = raccordements.version(Branchement.objects.get())
    envoi = client.post(adresse, {"le": "2026-01-20", "raison": RAISON, "version": vue}, follow=True)
    assert "est déjà titrée" in texte(envoi)
    livrer("raccordement_corrige")
    assert Pfac.objects.get().date_raccordement == date(2026, 2, 20)
    assert Branchement.objects.get().raccorde_le == date(2026, 1, 20)


def test_une_derogation_se_finit_avant_son_terme_avec_sa_raison():
    b = branchement(mise_en_service_le=date(2024, 1, 1))
    qui = acteur("responsable")
    champs = {"motif": "Pente", "acte": "Arrêté 1", "du": date(2026, 1, 1), "au": date(2027, 1, 1)}
    d = raccordements.deroger(b, par=qui, **champs)
    raccordements.deroger(
        b, par=qui, **{**champs, "acte": "Arrêté 2", "du": date(2027, 1, 2), "au": date(2028, 1, 1)}
    )
    with pytest.raises(Refus, match="Arrêté 2"):
        raccordements.corriger_derogation(d, par=qui, raison=RAISON, **{**champs, "au": date(2027, 1, 2)})
    assert b.etat_au(JOUR) == "deroge"
    adresse = f"{b.get_absolute_url()}derogations/{d.pk}/"
    assert adresse in client_de("responsable").get(b.get_absolute_url()).content.decode()
    saisie = {"motif": "Pente", "acte": "Arrêté 1", "du": "2026-01-01", "au": "2026-02-28", "raison": RAISON}
    assert client_de("technicien").post(adresse, saisie).status_code == 403
    assert client_de("responsable").post(adresse, {**saisie, "raison": ""}).status_code == 422
    assert client_de("responsable").post(adresse, saisie).status_code == 302
    assert Branchement.objects.get().etat_au(JOUR) == "en_retard"
    acte = JournalActe.objects.get(action=raccordements.DEROGATION_CORRIGEE)
    assert (acte.donnees["au"], acte.donnees["nouvelle_au"]) == ("2027-01-01", "2026-02-28")
    autre = branchement(parcelles=("25999000AB0001",))
    assert client_de("responsable").get(f"{autre.get_absolute_url()}derogations/{d.pk}/").status_code == 404


def test_deux_corrections_du_meme_branchement_ne_s_effacent_pas(aller):
    b = branchement()
    client = client_de("technicien")
    adresse = f"{b.get_absolute_url()}modifier/"
    vue = raccordements.version(Branchement.objects.get())
    assert f'name="version" value="{vue}"' in client.get(adresse).content.decode()
    aller(date(2026, 3, 3))
    client = client_de("technicien")
    saisie = {"parcelles": IDU, "type_reseau": "EU", "version": vue, "client_uuid": str(uuid4())}
    assert client.post(adresse, {**saisie, "notes": "Premier"}).status_code == 302
    second = client.post(adresse, {**saisie, "notes": "Second"})
    assert (second.status_code, "a changé depuis" in texte(second)) == (422, True)
    page = second.content.decode()
    assert "Second" in page, "la saisie est gardée"
    neuve = raccordements.version(Branchement.objects.get())
    assert f'name="version" value="{neuve}"' in page
    assert Branchement.objects.get().notes == "Premier"
    assert client.post(adresse, {**saisie, "notes": "Second", "version": neuve}).status_code == 302
    with pytest.raises(ConflitEdition):
        raccordements.modifier(Branchement.objects.get(), {}, [IDU], par=acteur(), vue=vue)
