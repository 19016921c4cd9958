"""Finances by hand on one file: a credit note for an error, the fee of a title signed before any tariff."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domainepublic import corrections, facturation
from domainepublic.models import DossierODP
from mairie.models import JournalActe
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, faire
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")
RAISON = "Surface mesurée deux fois, en trop"


def adresse(d: DossierODP, suite: str) -> str:
    return f"{d.get_absolute_url()}{suite}"


def emettre(ligne, montant="40.00", raison=RAISON, reste=None, par=None):
    return corrections.emettre_avoir(
        ligne,
        Decimal(montant),
        raison,
        reste_lu=corrections.corrigeable(ligne) if reste is None else Decimal(reste),
        par=par or acteur("finances"),
    )


def test_un_avoir_se_donne_avec_sa_raison_et_se_lit_au_journal():
    grille()
    ligne = accorde(dossier()).lignes.get()
    par = acteur("finances")
    emis = emettre(ligne, par=par)
    assert (emis.montant, emis.motif, emis.origine, emis.etat) == (
        Decimal("-40.00"),
        "erreur",
        ligne,
        "figee",
    )
    assert [e["libelle"] for e in emis.detail] == [f"Erreur corrigée : {RAISON}", "Total"]
    (acte,) = JournalActe.objects.filter(action=corrections.AVOIR_EMIS)
    assert acte.utilisateur_id == par.pk
    assert acte.donnees["montant"] == "40.00"
    assert corrections.corrigeable(ligne) == Decimal("200.00")
    assert corrections.corrigeable(emis) == 0


@pytest.mark.parametrize(
    ("montant", "raison", "refus"),
    [
        ("40.00", "Trop court", "15 caractères"),
        ("0.00", RAISON, "0,01"),
        ("-5.00", RAISON, "0,01"),
        ("240.01", RAISON, "240,00"),
        ("40.005", RAISON, "centime"),
    ],
)
def test_un_avoir_mal_donne_est_refuse_et_rien_ne_change(montant, raison, refus):
    grille()
    ligne = accorde(dossier()).lignes.get()
    with pytest.raises(Refus, match=refus):
        emettre(ligne, montant, raison)
    assert not JournalActe.objects.filter(action=corrections.AVOIR_EMIS).exists()
    assert ligne.corrections.count() == 0


def test_deux_clics_ne_rendent_qu_une_fois():
    grille()
    ligne = accorde(dossier()).lignes.get()
    emettre(ligne, reste="240.00")
    with pytest.raises(Refus, match="entre-temps"):
        emettre(ligne, reste="240.00")
    assert ligne.corrections.get().montant == Decimal("-40.00")


def test_ni_un_avoir_ni_une_ligne_annulee_ni_une_ligne_rendue_ne_se_corrigent():
    grille()
    d = accorde(dossier())
    ligne = d.lignes.get()
    emis = emettre(ligne, "240.00")
    for x in (ligne, emis):
        with pytest.raises(Refus, match="ne demande plus rien"):
            emettre(x, "1.00")
    facturation.annuler(d, "caducite")
    ligne.refresh_from_db()
    assert (ligne.etat, corrections.corrigeable(ligne)) == ("annulee", 0)


def test_ce_qu_un_avoir_a_rendu_n_est_pas_redemande_a_la_fin(aller):
    """24 jours à 10 € ; 40 € rendus pour erreur ; arrêt au quinzième jour : 120 € rendus, 80 € restent."""
    grille(frais_dossier="10.00")
    d = accorde(dossier())
    ligne = d.lignes.get()
    avant = ligne.montant
    emettre(ligne)
    aller(date(2026, 6, 11))
    faire(d, "arreter_avant_terme", donnees={"le": "2026-06-16"})
    assert sum(x.montant for x in d.lignes.all()) == avant - Decimal("120.00") - Decimal("40.00")


def test_un_titre_signe_avant_tout_tarif_se_fige_a_la_main_une_fois():
    d = accorde(dossier(demandeur=payeur()))
    assert d.lignes.count() == 0
    with pytest.raises(Refus, match="pas de redevance à figer"):
        corrections.figer(d, acteur("finances"))
    grille()
    (ligne,) = corrections.figer(d, acteur("finances"))
    assert (ligne.montant, ligne.etat) == (Decimal("240.00"), "figee")
    assert JournalActe.objects.filter(action=corrections.FIGEE).count() == 1
    with pytest.raises(Refus, match="pas de redevance à figer"):
        corrections.figer(d, acteur("finances"))
    assert facturation.preparer_role(INSEE, acteur("finances")).titres.get().montant == Decimal("240.00")


def test_un_dossier_sans_titre_en_vigueur_ne_se_fige_pas():
    grille()
    with pytest.raises(Refus, match="pas de redevance à figer"):
        corrections.figer(dossier(), acteur("finances"))


def test_les_finances_corrigent_sur_la_page_du_dossier():
    grille()
    d = accorde(dossier())
    ligne = d.lignes.get()
    client = client_de("finances")
    page = client.get(d.get_absolute_url())
    assert "Rendre une part par un avoir" in texte(page)
    chemin = adresse(d, f"lignes/{ligne.pk}/avoir/")
    envoi = {"montant": "140,50", "raison": RAISON, "reste": "240.00"}
    reponse = client.post(chemin, envoi, follow=True)
    assert "Avoir de 140,50\u00a0€ émis" in reponse.content.decode()
    assert f"Erreur corrigée : {RAISON}" in reponse.content.decode()
    assert ligne.corrections.get().montant == Decimal("-140.50")
    reponse = client.post(chemin, {**envoi, "montant": "douze"}, follow=True)
    assert "n&#x27;est pas un nombre" in reponse.content.decode()
    assert ligne.corrections.count() == 1


def test_les_finances_figent_sur_la_page_du_dossier():
    d = accorde(dossier())
    grille()
    client = client_de("finances")
    assert "Figer cette redevance" in texte(client.get(d.get_absolute_url()))
    reponse = client.post(adresse(d, "figer/"), follow=True)
    assert "Redevance figée : 240,00\u00a0€" in reponse.content.decode()
    assert "Figer cette redevance" not in texte(reponse)
    assert d.lignes.get().montant == Decimal("240.00")


@pytest.mark.parametrize("role", ["instructeur", "responsable", "signataire", "lecture"])
def test_nul_autre_ne_corrige_ni_ne_fige(role):
    grille()
    d = accorde(dossier())
    ligne = d.lignes.get()
    client = client_de(role)
    assert "Rendre une part" not in texte(client.get(d.get_absolute_url()))
    envoi = {"montant": "1.00", "raison": RAISON, "reste": "240.00"}
    assert client.post(adresse(d, f"lignes/{ligne.pk}/avoir/"), envoi).status_code == 403
    assert client.post(adresse(d, "figer/")).status_code == 403
    assert ligne.corrections.count() == 0


def test_les_finances_d_une_autre_commune_ne_trouvent_rien():
    grille()
    d = accorde(dossier())
    client = client_de("finances", insee="25998")
    ligne = d.lignes.get()
    envoi = {"montant": "1.00", "raison": RAISON, "reste": "240.00"}
    assert client.post(adresse(d, f"lignes/{ligne.pk}/avoir/"), envoi).status_code == 404
    assert client.post(adresse(d, "figer/")).status_code == 404
