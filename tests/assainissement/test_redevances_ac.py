"""Fees of controls of connection (spec §6.7): by reason, told before the visit, else a written reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from assainissement import controles_ac, courriers_ac, raccordements, redevances, redevances_ac
from assainissement.models import LigneRedevance
from mairie.courriers import services as lettres
from mairie.courriers.sujets import sujet_de
from mairie.models import Courrier, ModeleCourrier
from mairie.workflow import Refus
from tests.assainissement.fabrique_ac import POINTS, branchement, controle_ac, faire, valide
from tests.assainissement.fabrique_anc import JOUR, acteur, proprietaire
from tests.assainissement.fabrique_redevances import deliberation
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")
DOS = "django.contrib.auth.backends.ModelBackend"
LIGNES = (
    {"nature": "controle_ac", "montant_ht": Decimal("130"), "taux_tva": Decimal("10")},
    {"nature": "ac_vente", "montant_ht": Decimal("160"), "taux_tva": Decimal("10")},
    {"nature": "ac_contre_visite", "montant_ht": Decimal("60")},
)


def agir(x: LigneRedevance, evenement: str, le: date | None = None, role: str = "gestionnaire", **donnees):
    x.refresh_from_db()
    redevances.agir(x, evenement, par=acteur(role), version=x.version, date_effet=le, donnees=donnees)
    x.refresh_from_db()
    return x


def test_le_montant_suit_le_motif_sinon_la_ligne_commune():
    assert redevances_ac.ligne_de(controle_ac()) is None, "rien de voté : rien de demandé"
    deliberation(objet="redevance_ac", lignes=LIGNES)
    for motif, ttc in (("vente", "176.00"), ("demande", "143.00"), ("campagne", "143.00")):
        x = redevances_ac.ligne_de(controle_ac(branchement(), motif))
        assert (x.etat, x.montant_ttc) == ("a_annoncer", Decimal(ttc)), motif


def test_annoncee_avant_la_visite_puis_facturee_apres_le_document(aller):
    deliberation(objet="redevance_ac", lignes=LIGNES)
    courriers_ac.charger()
    c = controle_ac()
    x = redevances_ac.ligne_de(c)
    modele = ModeleCourrier.objects.get(code="avis_controle_ac")
    sujet = sujet_de(c)
    assert sujet.convient(c, modele.code)
    lettre = lettres.preparer(c, modele, par=acteur(), destinataire=next(iter(sujet.destinataires(c))))
    html = str(lettres.composer(lettre).html)
    for mot in ("176,00", "Délibération 2025-12", "L1331-11"):
        assert mot in html, mot
    courriers_ac.suivre(lettre, "envoi", None)
    x.refresh_from_db()
    assert (x.etat, x.annoncee_le) == ("annoncee", JOUR)
    aller(date(2026, 3, 9))
    controles_ac.repondre(c, POINTS)
    faire(c, "recevoir_formulaire", visite=date(2026, 3, 8))
    with pytest.raises(Refus, match="pas encore validé"):
        agir(x, "rendre_facturable")
    faire(c, "valider", "responsable")
    x.refresh_from_db()
    assert x.etat == "a_facturer"
    lot = redevances.transmettre(INSEE, par=acteur("gestionnaire"))
    x.refresh_from_db()
    assert (x.etat, x.lot, redevances.payeur(x)) == ("exportee", lot, c.demandeur)
    assert c.numero in lot.contenu
    assert "Personne fictive" in lot.contenu.replace("PERSONNE FICTIVE", "Personne fictive")
    assert agir(x, "encaisser").etat == "payee"
    assert not sujet.convient(c, "avis_controle_ac")


def test_sans_annonce_il_faut_un_motif_ecrit():
    deliberation(objet="redevance_ac", lignes=LIGNES)
    c = controle_ac()
    x = redevances_ac.ligne_de(c)
    with pytest.raises(Refus, match="pas encore validé"):
        agir(x, "facturer_sans_annonce", motif="Urgence.")
    valide(c, JOUR)
    with pytest.raises(Refus, match="s'annonce avant elle"):
        agir(x, "annoncer", moyen="courriel")
    with pytest.raises(Refus):
        agir(x, "facturer_sans_annonce")
    agir(x, "facturer_sans_annonce", motif="Demande du notaire le jour même.")
    assert (x.etat, x.calculs["sans_annonce"]) == ("a_facturer", "Demande du notaire le jour même.")


def test_un_controle_annule_n_est_pas_paye_et_une_contre_visite_a_son_prix():
    deliberation(objet="redevance_ac", lignes=LIGNES)
    c = controle_ac()
    faire(c, "annuler", "responsable", motif="Vente abandonnée.")
    assert redevances_ac.ligne_de(c) is None
    d = valide(controle_ac(branchement()), JOUR, separation="non")
    suite = controles_ac.contre_visiter(d, par=acteur(), version=d.version)
    x = redevances_ac.ligne_de(suite)
    assert (x.nature, x.montant_ttc) == ("ac_contre_visite", Decimal("60.00"))
    with pytest.raises(IntegrityError, match="une_par_controle_ac"), transaction.atomic():
        LigneRedevance.objects.create(
            insee=INSEE, genre="redevance", controle_ac=suite, exercice=2026, nature=x.nature, libelle="x",
            tarif={}, montant_ht=1, montant_tva=0, montant_ttc=1,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="figée"), transaction.atomic():
        LigneRedevance.objects.filter(pk=x.pk).update(controle_ac=d)
    client = Client()
    client.force_login(acteur("gestionnaire"), backend=DOS)
    page = client.get(x.get_absolute_url()).content.decode()
    assert str(suite) in page
    assert "60,00" in client.get(suite.get_absolute_url()).content.decode()
    liste = client.get(f"/assainissement/redevances/?q={suite.numero}").content.decode()
    assert "Contre-visite de raccordement" in liste


def test_les_rappels_de_raccordement_s_ecrivent_un_a_un_et_en_lot(aller):
    courriers_ac.charger()
    qui = proprietaire()
    qui.voie, qui.code_postal, qui.ville = "1 rue de l'Essai", "25999", "VALBRUNE"
    qui.save()
    b = branchement(proprietaire=qui)
    sujet = sujet_de(b)
    assert not sujet.convient(b, "rappel_raccordement"), "les deux ans courent"
    aller(date(2027, 1, 16))
    assert sujet.convient(b, "rappel_raccordement")
    client = Client()
    client.force_login(acteur("gestionnaire"), backend=DOS)
    adresse = "/assainissement/relances/"
    assert b.numero in client.get(f"{adresse}?liste=raccordements").content.decode()
    apercu = client.post(f"{adresse}raccordements/lettres/", {"controles": [b.pk]}).content.decode()
    assert "Écrire 1 lettre" in apercu
    assert not Courrier.objects.exists(), "rien n'est fait"
    corps = {"controles": [b.pk], "confirme": "1", "cle": str(uuid4())}
    for _ in range(2):
        client.post(f"{adresse}raccordements/lettres/", corps)
    lettre = Courrier.objects.get()
    assert (lettre.etat, lettre.dossier) == ("finalise", b)
    assert "15 janvier 2027" in unescape(lettre.html).replace("\xa0", " ")
    assert b.numero not in client.get(f"{adresse}?liste=raccordements").content.decode()
    raccordements.constater(b, date(2027, 1, 10), par=acteur())
    b.refresh_from_db()
    assert not sujet.convient(b, "rappel_raccordement")


def test_la_lettre_ecrite_dit_le_tarif_qu_elle_annonce(aller):
    deliberation(au=date(2026, 3, 4), objet="redevance_ac", lignes=LIGNES)
    chere = {"nature": "ac_vente", "montant_ht": Decimal("200")}
    deliberation(du=date(2026, 3, 5), objet="redevance_ac", lignes=(chere,))
    c = controle_ac()
    assert courriers_ac._prix(c)[0] == "176,00 €"
    aller(date(2026, 3, 6))
    dit = courriers_ac._prix(c)
    redevances_ac.annoncer(c, date(2026, 3, 6))
    x = redevances_ac.ligne_de(c)
    assert (x.etat, x.montant_ttc, dit[0]) == ("annoncee", Decimal("200.00"), "200,00 €")
    assert courriers_ac._prix(c) == dit == ("200,00 €", x.deliberation)


@pytest.mark.parametrize(("visite", "etat"), [(19, "a_annoncer"), (20, "a_annoncer"), (21, "a_facturer")])
def test_une_annonce_du_jour_de_la_visite_ou_d_apres_veut_un_motif(aller, visite, etat):
    deliberation(objet="redevance_ac", lignes=LIGNES)
    c = controle_ac()
    aller(date(2026, 3, 20))
    redevances_ac.annoncer(c, date(2026, 3, 20))
    aller(date(2026, 3, 25))
    valide(c, date(2026, 3, visite))
    x = redevances_ac.ligne_de(c)
    assert x.etat == etat
    if etat == "a_annoncer":
        with pytest.raises(Refus):
            agir(x, "facturer_sans_annonce")
        assert agir(x, "facturer_sans_annonce", motif="Formulaire reçu après.").etat == "a_facturer"


def test_un_branchement_n_a_pas_de_bande_de_capacite():
    from assainissement.formulaires_redevances import FormulaireLigneTarif

    saisie = {"nature": "ac_vente", "unite": "controle", "montant_ht": "160", "eh_max": "20"}
    formulaire = FormulaireLigneTarif(saisie, objet="redevance_ac")
    assert not {"eh_min", "eh_max"} & set(formulaire.fields)
    assert formulaire.is_valid(), formulaire.errors
    assert formulaire.champs()["eh_max"] is None
    # One recorded before prices nothing, and stops nothing.
    bande = {"nature": "ac_vente", "montant_ht": Decimal("160"), "eh_max": Decimal(20)}
    deliberation(objet="redevance_ac", lignes=(bande, LIGNES[0]))
    assert redevances_ac.ligne_de(controle_ac()).nature == "controle_ac"
