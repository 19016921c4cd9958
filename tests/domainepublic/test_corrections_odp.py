"""Finances by hand on one file: a credit note for an error, the fee of a title signed before any tariff."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domainepublic import corrections, facturation, tarifs
from domainepublic.models import DossierODP
from domainepublic.nuit import nuit
from mairie.models import JournalActe
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, faire, rect
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


@pytest.mark.parametrize(
    ("erreur", "rendu"),
    [("40.00", "100.00"), ("120.00", "60.00"), ("250.00", "0.00")],
)
def test_une_fin_anticipee_rend_la_part_de_ce_que_l_erreur_a_laisse(aller, erreur, rendu):
    """240 € pour trente jours et 10 € de frais ; l'erreur concerne tous les jours ; arrêt au seizième."""
    grille(frais_dossier="10.00")
    d = accorde(dossier())
    emettre(d.lignes.get(), erreur)
    aller(date(2026, 6, 11))
    faire(d, "arreter_avant_terme", donnees={"le": "2026-06-16"})
    notes = d.lignes.filter(motif="fin_anticipee")
    assert sum(-x.montant for x in notes) == Decimal(rendu)
    if erreur == "120.00":
        assert "en proportion" in notes.get().detail[-1]["libelle"]
        # 120 € left for thirty days, of which fifteen were taken, and the costs.
        assert sum(x.montant for x in d.lignes.all()) == Decimal("70.00")


def test_un_retrait_ne_rend_que_ce_qui_a_ete_paye(aller):
    """240 € pour juin, 120 € rendus pour erreur : la moitié des jours vaut 60 € (CG3P L2125-6)."""
    grille()
    d = accorde(dossier())
    emettre(d.lignes.get(), "120.00")
    aller(date(2026, 6, 10))
    donnees = {"motif": "interet_general", "le": "2026-06-16", "contradictoire_le": "2026-06-02"}
    faire(d, "retirer", "signataire", donnees=donnees)
    assert [str(x.montant) for x in d.lignes.filter(motif="retrait")] == ["-60.00"]
    assert sum(x.montant for x in d.lignes.all()) == Decimal("60.00")


def test_une_suspension_ne_rend_que_ce_qui_restait_demande(aller):
    grille()
    d = accorde(dossier())
    emettre(d.lignes.get(), "120.00")
    facturation.indemniser(d, date(2026, 6, 6), date(2026, 6, 10))
    assert [str(x.montant) for x in d.lignes.filter(motif="suspension")] == ["-20.00"]


def test_une_prolongation_ne_redemande_pas_l_erreur_rendue(aller):
    grille()
    d = accorde(dossier())
    emettre(d.lignes.get(), "240.00")
    aller(date(2026, 6, 20))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    faire(d, "accepter_prolongation", "signataire")
    vivantes = d.lignes.exclude(etat="annulee")
    assert [(x.nature, str(x.montant)) for x in vivantes] == [("solde", "80.00")]


def test_une_ligne_hors_role_rendue_entiere_est_annulee_avec_son_avoir():
    """Sinon les deux attendraient toujours : ensemble, elles ne demandent rien."""
    grille()
    d = accorde(dossier(demandeur=payeur()))
    ligne = d.lignes.get()
    emettre(ligne, "40.00")
    assert emettre(ligne, "200.00").etat == "annulee"
    assert {x.etat for x in d.lignes.all()} == {"annulee"}
    assert corrections.corrigeable(d.lignes.get(nature="redevance")) == 0
    with pytest.raises(Refus, match="Rien à mettre"):
        facturation.preparer_role(INSEE, acteur("finances"))
    assert not corrections.a_figer(d)


def test_un_role_abandonne_annule_ce_qu_un_avoir_a_rendu_entre_temps():
    grille()
    d = accorde(dossier(demandeur=payeur()))
    role = facturation.preparer_role(INSEE, acteur("finances"))
    assert emettre(d.lignes.get(), "240.00").etat == "figee"
    facturation.abandonner(role)
    assert {x.etat for x in d.lignes.all()} == {"annulee"}


def test_l_annee_rendue_pour_erreur_n_est_pas_refacturee_et_les_suivantes_le_sont(aller):
    for an in (2026, 2027, 2028):
        grille(an)
    d = accorde(dossier(emprise("BENNE", fin=date(2028, 3, 31))))
    aller(date(2027, 1, 1))
    assert nuit.func()["annees_facturees"] == 1
    for ligne in list(d.lignes.order_by("debut")):
        assert emettre(ligne, str(ligne.montant)).etat == "annulee"
    assert nuit.func()["annees_facturees"] == 0
    aller(date(2028, 1, 1))
    assert nuit.func()["annees_facturees"] == 1
    (vive,) = d.lignes.exclude(etat="annulee")
    assert (vive.debut, str(vive.montant)) == (date(2028, 1, 1), "728.00")  # 8 m² × 91 days


def test_un_titre_qui_attend_sa_vente_ne_se_fige_pas():
    d = accorde(dossier())
    faits = {"dossier_origine": d, "transmission": "reprise_fonds"}
    suite = accorde(dossier(emprise(geom=rect(20)), faits=faits, role="instructeur"))
    grille()
    assert suite.etat == "accorde" and not suite.lignes.exists()
    with pytest.raises(Refus, match="pas de redevance à figer"):
        corrections.figer(suite, acteur("finances"))
    page = texte(client_de("finances").get(suite.get_absolute_url()))
    assert "Figer cette redevance" not in page and "attend la vente du fonds" in page
    # What was signed for good is still offered.
    assert corrections.a_figer(d)


@pytest.mark.parametrize(
    ("fin", "attendu"),
    [
        (None, [("2026-01-01", "2026-12-31", "2920.00")]),
        (date(2026, 5, 31), [("2026-01-01", "2026-05-31", "1208.00")]),
    ],
)
def test_un_titre_commence_avant_le_premier_tarif_se_fige_depuis_ce_tarif(fin, attendu):
    code = "BENNE" if fin else "TERR_F"
    ancien = emprise(code, debut=date(2025, 6, 1), fin=fin, unite="m2")
    d = accorde(dossier(ancien, le=date(2025, 5, 1), faits={"economique": False}))
    g = grille(frais_dossier="10.00")
    if not fin:
        tarif = {"type": "TERR_F", "unite": "m2", "periode": "jour", "prix": "1.00"}
        tarifs.enregistrer_tarif(g, "TERR_F", tarif)
    client = client_de("finances")
    page = texte(client.get(d.get_absolute_url()))
    assert "rien n'est dû avant le 01/01/2026" in page and "Figer cette redevance" in page
    client.post(adresse(d, "figer/"))
    assert [(f"{x.debut}", f"{x.fin}", str(x.montant)) for x in d.lignes.all()] == attendu


def test_un_titre_fini_avant_le_premier_tarif_ne_doit_rien():
    ancien = emprise(debut=date(2025, 6, 1), fin=date(2026, 6, 30))
    d = accorde(dossier(ancien, le=date(2025, 5, 1)))
    grille(2027)
    assert corrections.previsions(d) == [] and not corrections.a_figer(d)


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
