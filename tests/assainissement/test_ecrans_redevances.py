"""Pages of tariffs, fees, contracts, contributions and batches of letters: entry, rights, seals."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from assainissement import contrats, courriers, courriers_redevances, installations, pfac, redevances, tarifs
from assainissement.models import (
    Contrat,
    Controle,
    DeliberationTarif,
    LigneRedevance,
    LotRedevance,
    ParametreLoi,
    Pfac,
)
from assainissement.models.relances import LotLettres
from mairie.models import Courrier, JournalActe, Tiers
from mairie.workflow import Refus
from tests.assainissement.fabrique_anc import IDU, acteur, controle, faire, installation, notifie
from tests.assainissement.fabrique_redevances import deliberation, ligne, majoration
from tests.personnes import AUTRE_INSEE, INSEE, agent

pytestmark = pytest.mark.usefixtures("aller")
DOS = "django.contrib.auth.backends.ModelBackend"
JOUR = date(2026, 3, 2)


def client_de(*roles: str, insee: str = INSEE) -> Client:
    client = Client()
    noms = [r if "." in r else f"assainissement.{r}" for r in roles]
    client.force_login(agent(*noms, codes=(insee,)), backend=DOS)
    return client


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def payeur(nom: str = "Fictif") -> Tiers:
    return Tiers.objects.create(
        collectivite=INSEE, nom=nom, voie="1 rue Fictive", code_postal="25999", ville="VALBRUNE"
    )


def test_une_deliberation_se_saisit_avec_ses_lignes_et_se_ferme():
    client = client_de("responsable")
    nouvelle = "/assainissement/tarifs/nouvelle/redevance_anc/"
    saisie = {"insee": INSEE, "reference": "Délibération 12", "date_effet": "2026-01-01"}
    adresse = client.post(nouvelle, saisie)["Location"]
    encore = client.post(nouvelle, saisie)
    assert (encore.status_code, "fermez-la la veille" in texte(encore)) == (422, True)
    prix = {
        "nature": "periodique",
        "eh_max": "20",
        "unite": "controle",
        "montant_ht": "120,50",
        "taux_tva": "10",
    }
    assert client.post(f"{adresse}ligne/", prix).status_code == 302
    for champs, dit in (
        ({}, "couvre déjà"),
        ({"eh_min": "30"}, "au-dessus"),
        ({"montant_ht": "-1"}, "négatif"),
    ):
        refus = client.post(f"{adresse}ligne/", {**prix, **champs})
        assert (refus.status_code, dit in texte(refus)) == (422, True), dit
    page = texte(client.get(adresse))
    for mot in ("Contrôle périodique", "jusqu'à 20 EH", "120,50", "10 %"):
        assert mot in page, mot
    client.post(f"{adresse}fermer/", {"fin": "2026-12-31"})
    d = DeliberationTarif.objects.get()
    assert d.date_fin == date(2026, 12, 31)
    client.post(f"{adresse}retirer/", {"ligne": d.lignes.get().pk})
    assert not d.lignes.exists()
    assert "Délibération 12" in texte(client_de("lecture").get("/assainissement/tarifs/"))


def test_la_pfac_et_la_majoration_se_votent_par_leur_formulaire():
    client = client_de("responsable")
    base = {"insee": INSEE, "reference": "Délibération 14", "date_effet": "2026-01-01"}
    sans = client.post("/assainissement/tarifs/nouvelle/pfac/", {**base, "mode": "mixte", "cout_anc": "9000"})
    assert sans.status_code == 422
    client.post(
        "/assainissement/tarifs/nouvelle/pfac/",
        {
            **base,
            "mode": "surface",
            "tarif_m2": "18",
            "cout_anc": "9000",
            "plafond": "70",
            "coef_annexe": "0,5",
        },
    )
    d = DeliberationTarif.objects.get(objet="pfac")
    assert (Decimal(d.regles["taux_plafond"]), d.regles["coefficients"]) == (
        Decimal("0.7"),
        {"annexe": "0.5"},
    )
    haute = client.post("/assainissement/tarifs/nouvelle/majoration/", {**base, "taux": "500"}, follow=True)
    assert "pas encore confirmé" in texte(haute), "avertie, non refusée"
    # « Mon adresse » shows documents beside their price: a surcharge has none there.
    client.post("/assainissement/tarifs/nouvelle/redevance_ac/", base)
    for objet, lu in (("pfac", True), ("majoration", False), ("redevance_ac", False)):
        fiche = client.get(DeliberationTarif.objects.get(objet=objet).get_absolute_url())
        assert ("Un PDF publié se lit" in texte(fiche)) is lu, objet
    assert client.get("/assainissement/tarifs/nouvelle/inconnu/").status_code == 404


def test_un_parametre_de_la_loi_ne_s_active_que_par_l_administrateur():
    tarifs.charger_parametres()
    p = ParametreLoi.objects.get(code="AC_PROLONGATION_MAX")
    adresse = f"/assainissement/parametres/{p.pk}/activer/"
    assert "inactif, à confirmer" in texte(client_de("lecture").get("/assainissement/parametres/"))
    assert client_de("responsable").post(adresse, {"reference": "x", "le": "2026-03-02"}).status_code == 403
    client = client_de("lecture", "mairie.administrateur")
    assert client.post(adresse, {"reference": "", "le": "2026-03-02"}).status_code == 422
    client.post(adresse, {"reference": "Préfecture, 2 mars 2026", "le": "2026-03-02"})
    assert tarifs.parametre_actif("AC_PROLONGATION_MAX", JOUR) == 10


def test_du_tarif_au_fichier_des_finances():
    deliberation()
    c = controle(installation(proprietaire=payeur()))
    faire(c, "proposer_rdv")
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
    assert "132,00" in texte(client_de("technicien").get(c.get_absolute_url())), "le technicien dit le prix"
    notifie(c)
    client = client_de("gestionnaire")
    x = ligne(c)
    assert "132,00" in texte(client.get("/assainissement/redevances/?etat=a_facturer"))
    page = texte(client.get(x.get_absolute_url()))
    for mot in ("120,00", "Délibération 2025-12", "Fictif", c.numero):
        assert mot in page, mot
    assert "Redevances à facturer" in texte(client.get("/assainissement/"))
    assert "1 ligne sur 1" in texte(client.get(f"/assainissement/finances/transmettre/{INSEE}/"))
    envoi = client.post(f"/assainissement/finances/transmettre/{INSEE}/")
    lot = LotRedevance.objects.get()
    assert envoi["Location"] == lot.get_absolute_url()
    csv = client.get(f"{lot.get_absolute_url()}fichier.csv")
    assert csv.content.startswith(b"\xef\xbb\xbfrole;")
    assert csv.content == client.get(f"{lot.get_absolute_url()}fichier.csv").content
    client.post(f"/assainissement/finances/transmettre/{INSEE}/")
    assert LotRedevance.objects.count() == 1, "rien de plus"
    x.refresh_from_db()
    paye = client.post(
        f"{x.get_absolute_url()}evenements/encaisser/",
        {"date_effet": "2026-03-02", "version": x.version, "cle": str(uuid4())},
    )
    c.refresh_from_db()
    assert (paye.status_code, ligne(c).etat, c.etat) == (302, "payee", "clos")
    assert client.get(f"{x.get_absolute_url()}evenements/exporter/").status_code == 404, "par l'envoi seul"


def test_les_paiements_du_fichier_des_finances_closent_les_controles():
    from django.core.files.uploadedfile import SimpleUploadedFile

    deliberation()
    c = controle(installation(proprietaire=payeur()))
    faire(c, "proposer_rdv")
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
    notifie(c)
    redevances.transmettre(INSEE, par=acteur("gestionnaire"))
    client = client_de("gestionnaire")
    reference = ligne(c).reference
    lignes = [
        "reference;date_paiement;montant",
        f"{reference};02/03/2026;131,00",
        f"{reference};02/03/2026;132,00",
        f"{reference};02/03/2026;132,00",
        "INCONNUE;02/03/2026;132,00",
        f"{reference};03/03/2026;132,00",
    ]

    def lire(corps: str, **champs):
        fichier = SimpleUploadedFile("p.csv", corps.encode())
        return client.post("/assainissement/finances/paiements/", {"fichier": fichier, **champs})

    page = texte(lire("\r\n".join(lignes)))
    for mot in (
        "1 paiement enregistré (132,00 €)",
        "1 déjà connu",
        "3 lignes rejetées",
        "se paie en une fois",
    ):
        assert mot in page, mot
    c.refresh_from_db()
    assert (ligne(c).etat, c.etat) == ("payee", "clos")
    assert lire("n'importe quoi").status_code == 422
    assert lire("\r\n".join(lignes), commune=AUTRE_INSEE).status_code == 404
    rejets = client.post("/assainissement/finances/paiements/rejets/", {"rejets": "reference"})
    assert rejets.content.startswith(b"\xef\xbb\xbfreference")


def test_chacun_voit_ce_que_son_role_permet_et_rien_d_une_autre_commune():
    deliberation()
    c = controle()
    x, contrat = ligne(c), contrats.ouvrir(c.installation, "entretien", date(2025, 1, 1))
    p = pfac.preparer(INSEE, "PC 1")
    adresses = (
        x.get_absolute_url(),
        f"/assainissement/contrats/{contrat.pk}/",
        p.get_absolute_url(),
        f"/assainissement/finances/transmettre/{INSEE}/",
    )
    for adresse in adresses:
        assert client_de("gestionnaire").get(adresse).status_code == 200, adresse
        assert client_de("technicien").get(adresse).status_code == 403, adresse
        assert client_de("gestionnaire", insee=AUTRE_INSEE).get(adresse).status_code == 404, adresse
        assert Client().get(adresse).status_code == 302, adresse
    d = DeliberationTarif.objects.get()
    assert (
        client_de("gestionnaire").post(f"{d.get_absolute_url()}fermer/", {"fin": "2026-12-31"}).status_code
        == 403
    )
    voisin = client_de("responsable", insee=AUTRE_INSEE)
    assert voisin.post(f"{d.get_absolute_url()}fermer/", {"fin": "2026-12-31"}).status_code == 404


# --- contracts --------------------------------------------------------------------------------------


def test_les_contrats_d_une_annee_se_facturent_une_fois():
    deliberation()
    client = client_de("gestionnaire")
    i = installation(proprietaire=payeur())
    saisie = {"numero": i.numero, "genre": "entretien", "debut": "2025-06-01"}
    assert client.post("/assainissement/contrats/nouveau/", saisie).status_code == 302
    double = client.post("/assainissement/contrats/nouveau/", {**saisie, "debut": "2026-01-01"})
    assert (double.status_code, "Un autre contrat" in texte(double)) == (422, True)
    for champs, dit in (
        ({"numero": "ANC-25998-00001"}, "Aucune installation"),
        ({"genre": "abonnement", "fin": "2025-01-01"}, "après son début"),
        ({"genre": "abonnement", "fin": "2026-01-01"}, "Dites pourquoi"),
    ):
        refus = client.post("/assainissement/contrats/nouveau/", {**saisie, **champs})
        assert (refus.status_code, dit in texte(refus)) == (422, True), dit
    contrats.ouvrir(i, "abonnement", date(2025, 1, 1), fin=date(2025, 12, 31), motif_fin="Vente")
    page = texte(client.post("/assainissement/contrats/facturer/", {"commune": INSEE, "annee": "2026"}))
    assert "Lignes à facturer : 1. Contrats déjà facturés : 0." in page
    page = texte(client.post("/assainissement/contrats/facturer/", {"commune": INSEE, "annee": "2026"}))
    assert "Lignes à facturer : 0. Contrats déjà facturés : 1." in page
    x = LigneRedevance.objects.get()
    assert (x.etat, x.montant_ttc, x.exercice, x.annoncee_le) == (
        "a_facturer", Decimal("80.00"), 2026, date(2025, 6, 1),
    )  # fmt: skip
    bilan = contrats.facturer(INSEE, 2025)
    assert (bilan.ouvertes, [r for _, r in bilan.laisses]) == (1, ["Aucune délibération ne fixe son prix."])
    with pytest.raises(Refus, match="n'est pas commencée"):
        contrats.facturer(INSEE, 2027)
    assert Contrat.objects.count() == 2
    lot = redevances.transmettre(INSEE, par=acteur("gestionnaire"))
    assert lot.lignes.count() == 2


def test_un_contrat_a_son_payeur_et_ne_se_facture_plus_sur_une_installation_desactivee(aller):
    deliberation()
    client = client_de("gestionnaire")
    qui, autre = payeur("Locataire"), payeur("Ailleurs")
    Tiers.objects.filter(pk=autre.pk).update(collectivite=AUTRE_INSEE)
    i = installation(proprietaire=payeur())
    saisie = {"numero": i.numero, "genre": "entretien", "debut": "2025-06-01", "payeur": autre.pk}
    assert client.post("/assainissement/contrats/nouveau/", saisie).status_code == 422, "pas de sa commune"
    assert client.post("/assainissement/contrats/nouveau/", {**saisie, "payeur": qui.pk}).status_code == 302
    c = Contrat.objects.get()
    assert redevances.payeur_de(i, c) == qui
    assert "Locataire" in texte(client.get(f"/assainissement/contrats/{c.pk}/"))
    i.refresh_from_db()
    installations.agir(
        i, "desactiver", par=acteur("responsable"), version=i.version, donnees={"motif": "demolie"}
    )
    assert contrats.facturer(INSEE, 2026).ouvertes == 1, "l'année commencée est due"
    aller(date(2027, 1, 4))
    page = texte(
        client_de("gestionnaire").post(
            "/assainissement/contrats/facturer/", {"commune": INSEE, "annee": "2027"}
        )
    )
    assert "Lignes à facturer : 0." in page
    assert "désactivée depuis le 02/03/2026 : finissez le contrat" in page


# --- contributions ------------------------------------------------------------------------------------


def test_une_participation_se_complete_se_raccorde_et_se_titre_a_l_ecran():
    deliberation(objet="pfac", regles={"mode": "surface", "tarif_m2": "18", "cout_anc": "9000"}, lignes=())
    client = client_de("gestionnaire")
    saisie = {
        "insee": INSEE,
        "dossier": "PC 025 999 26 00012",
        "parcelles": IDU,
        "nature": "neuf",
        "eaux_usees_supplementaires": "on",
    }
    mauvaise = client.post("/assainissement/pfac/nouvelle/", {**saisie, "parcelles": "AB 12"})
    assert mauvaise.status_code == 422
    client.post("/assainissement/pfac/nouvelle/", saisie)
    p = Pfac.objects.get()
    assert "donnez la surface" in texte(client.get(p.get_absolute_url()))
    incomplet = client.post(f"{p.get_absolute_url()}completer/", {"nature": "neuf"})
    assert incomplet.status_code == 422
    client.post(
        f"{p.get_absolute_url()}completer/",
        {"nature": "neuf", "surface_m2": "600", "eaux_usees_supplementaires": "on", "part_zac": "50"},
    )
    page = texte(client.get(p.get_absolute_url()))
    assert "simulation" in page
    assert "Montant : 3600,00 €" in page, "plafonné, puis la moitié"
    pfac.raccorder(AUTRE_INSEE, [IDU], JOUR)
    assert Pfac.objects.get().raccorde_le is None
    p.refresh_from_db()
    for code, champs in (("constater_raccordement", {}), ("titrer", {"reference": "T-1"})):
        p.refresh_from_db()
        reponse = client.post(
            f"{p.get_absolute_url()}evenements/{code}/",
            {"date_effet": "2026-03-02", "version": p.version, "cle": str(uuid4()), **champs},
        )
        assert reponse.status_code == 302, code
    p.refresh_from_db()
    assert (p.etat, p.limite_contestation) == ("titree", date(2026, 5, 2))
    assert "titrée" in texte(client.get("/assainissement/pfac/?etat=titree"))


def test_une_participation_saisie_a_la_main_dit_partout_le_meme_montant(aller):
    deliberation(objet="pfac", regles={"mode": "surface", "tarif_m2": "18", "cout_anc": "9000"}, lignes=())
    aller(date(2026, 3, 20))
    client = client_de("responsable")
    projet = {
        "nature": "neuf", "surface_m2": "100", "eaux_usees_supplementaires": "on", "part_zac": "12,5",
    }  # fmt: skip
    saisie = {"insee": INSEE, "dossier": "PC 1", "parcelles": IDU, "decision_le": "2026-01-15", **projet}
    adresse = client.post("/assainissement/pfac/nouvelle/", saisie)["Location"]
    page = client.get(adresse).content.decode()
    assert 'name="part_zac" value="12.5"' in page.replace("12,5", "12.5"), "le champ se renvoie tel quel"
    assert client.post(f"{adresse}completer/", {**projet, "part_zac": "12.5"}).status_code == 302
    p = Pfac.objects.get()

    def constate() -> Pfac:
        p.refresh_from_db()
        reponse = client.post(
            f"{adresse}evenements/constater_raccordement/",
            {"date_effet": "2026-02-10", "version": p.version, "cle": str(uuid4())},
        )
        assert reponse.status_code == 302, "le raccordement précède la saisie, non la décision"
        p.refresh_from_db()
        return p

    assert constate().montant == Decimal("1575.00")
    client.post(f"{adresse}annuler/", {"version": p.version, "motif": "Autre parcelle."})
    assert client.post(f"{adresse}completer/", {**projet, "surface_m2": "200"}).status_code == 302
    p.refresh_from_db()
    lettre = " ".join(courriers_redevances._de_pfac("montant")(p).split())
    assert lettre.replace(" ", "") == "3150,00€"
    for page in (adresse, "/assainissement/pfac/"):
        assert "1575,00" not in texte(client.get(page)).replace(" ", ""), "le montant rayé ne se montre plus"
    assert constate().montant == Decimal("3150.00")


def test_les_pfac_non_titrees_sont_les_raccordees_d_une_commune_qui_a_vote():
    pfac.preparer(INSEE, "PC 1", parcelles=[IDU], jour=JOUR)
    pfac.preparer(INSEE, "PC 2", parcelles=["25999000AB0002"], jour=JOUR)
    pfac.raccorder(INSEE, [IDU], JOUR)
    client = client_de("gestionnaire")
    liste = "/assainissement/pfac/?suivi=non_titrees"
    assert "PC 1" not in texte(client.get(liste)), "rien n'est voté"
    deliberation(objet="pfac", regles={"mode": "surface", "tarif_m2": "18", "cout_anc": "9000"}, lignes=())
    page = texte(client.get(liste))
    assert ("PC 1" in page, "PC 2" in page) == (True, False)
    assert "PFAC non titrées" in texte(client.get("/assainissement/"))


# --- letters -------------------------------------------------------------------------------------------


def test_les_lettres_d_un_lot_se_lisent_puis_s_ecrivent_une_fois():
    courriers.charger()
    courriers_redevances.charger()
    deliberation()
    c = controle(installation(proprietaire=payeur()))
    sans_adresse = controle(installation())
    client = client_de("gestionnaire")
    adresse = "/assainissement/relances/"
    page = texte(client.get(f"{adresse}?liste=periodiques"))
    assert c.numero in page
    assert sans_adresse.numero in page
    choisis = {"controles": [c.pk, sans_adresse.pk]}
    apercu = client.post(f"{adresse}periodiques/lettres/", choisis)
    page = texte(apercu)
    assert "132,00 € (Délibération 2025-12)" in page
    assert "n'a pas d'adresse" in page
    assert "Écrire 1 lettre" in page
    c.refresh_from_db()
    assert (c.etat, Courrier.objects.count(), ligne(c).etat) == ("a_planifier", 0, "a_annoncer"), (
        "rien n'est fait"
    )
    cle = re.search(r'name="cle" value="([^"]+)"', apercu.content.decode())[1]
    for _ in range(2):
        client.post(f"{adresse}periodiques/lettres/", {"controles": [c.pk], "cle": cle, "confirme": "1"})
    c.refresh_from_db()
    lettre = Courrier.objects.get()
    assert (c.etat, ligne(c).etat) == ("rdv_propose", "annoncee")
    assert (lettre.etat, lettre.pdf.read(5), LotLettres.objects.get().nombre) == ("finalise", b"%PDF-", 1)
    notes = JournalActe.objects.filter(objet_id=lettre.pk).count() if hasattr(JournalActe, "objet_id") else 2
    assert notes == 2, "préparée, finalisée : une ligne chacune"
    assert c.numero not in texte(client.get(f"{adresse}?liste=periodiques"))
    assert client.post(f"{adresse}inconnue/lettres/", choisis).status_code == 404
    assert client_de("lecture").post(f"{adresse}periodiques/lettres/", choisis).status_code == 404
    rien = client.post(f"{adresse}periodiques/lettres/", {}, follow=True)
    assert "Choisissez au moins" in texte(rien)


def test_une_relance_puis_une_majoration_s_ecrivent_en_lot(aller):
    from assainissement.models import ReglementService

    courriers_redevances.charger()
    ReglementService.objects.create(insee=INSEE, date_effet=date(2020, 1, 1), relances_avant_majoration=1)
    deliberation()
    majoration()
    c = controle(installation(proprietaire=payeur()))
    faire(c, "proposer_rdv")
    faire(c, "constater_refus")
    aller(date(2026, 6, 3))
    client = client_de("responsable", "gestionnaire")

    def ecrire(liste: str) -> str:
        corps = {"controles": [c.pk], "confirme": "1", "cle": str(uuid4())}
        client.post(f"/assainissement/relances/{liste}/lettres/", corps)
        c.refresh_from_db()
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", Courrier.objects.latest("pk").html)))

    page = ecrire("relances")
    assert (c.etat, c.nb_relances) == ("relance", 1)
    for mot in ("relance n° 1", "132,00 €", "L1331-8"):
        assert mot in page, mot
    faire(c, "majorer", "responsable", donnees={"motif": "Refus."})
    page = ecrire("majorations")
    assert "Votre redevance est majorée de 132,00 € (Délibération 2025-12)" in page
    assert ligne(c, "majoration").etat == "a_facturer"


def test_les_echeances_viennent_de_la_plus_ancienne_et_menent_a_leur_liste():
    du = []
    for jour in (date(2026, 2, 20), date(2025, 6, 1)):
        c = notifie(controle(installation(proprietaire=payeur())), odeur_jour="oui")
        c.obligations.update(echeance=jour)
        Controle.objects.filter(pk=c.pk).update(echeance_travaux=jour)
        du.append(c.numero)
    page = texte(client_de("gestionnaire").get("/assainissement/relances/?liste=travaux"))
    assert page.index(du[1]) < page.index(du[0])
    assert "ouverte" in page and "01/06/2025" in page and "Filtrer, trier ou exporter" in page


def test_la_liste_a_filtrer_des_controles_a_proposer_montre_les_memes():
    a_proposer, propose = (controle(installation(proprietaire=payeur())) for _ in range(2))
    faire(propose, "proposer_rdv")
    elle = client_de("gestionnaire")
    page = elle.get("/assainissement/relances/?liste=periodiques").content.decode()
    (suite,) = re.findall(r'href="([^"]+)">Filtrer, trier ou exporter', page)
    for lue in (page, elle.get(unescape(suite)).content.decode()):
        assert a_proposer.get_absolute_url() in lue and propose.get_absolute_url() not in lue
