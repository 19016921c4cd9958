"""The signatory's queue: what waits for whom, many signed at once, sent back."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from mairie.models import Courrier
from tests.personnes import AUTRE_INSEE, agent, commune
from tests.urba.courriers.fabrique import adjoint, decide, depose, finale, maire
from tests.urba.fabrique_urba import acteur, agir, qualifie
from tests.urba.test_ecrans_urba import DOS, client_de, texte
from urba.courriers import parapheur


def entre(personne) -> Client:
    client = Client()
    client.force_login(personne, backend=DOS)
    return client


def trois(sens: str = "accord") -> list[Courrier]:
    return [finale(decide(depose(references=f"AB {n}"), sens), "arrete_accord") for n in (1, 2, 3)]


def test_la_file_montre_objet_decision_avis_et_limite(aller):
    elu = maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    page = texte(entre(elu).get("/urba/signature/"))
    for morceau in (str(c), "PC 025 999 26 00001", "Construction d'une maison", "Accordé", "1 acte attend"):
        assert morceau in page, morceau


@pytest.mark.parametrize(
    ("type_", "sens", "code", "dit"),
    [
        ("PCMI", "accord_prescriptions", "arrete_prescriptions", "Accordé avec prescriptions"),
        ("PCMI", "refus", "arrete_refus", "Refusé"),
        ("DPMI", "refus", "opposition", "Opposition"),
        ("DPMI", "accord", "non_opposition", "Non-opposition"),
    ],
)
def test_la_proposition_porte_le_nom_que_la_loi_lui_donne(aller, type_, sens, code, dit):
    elu = maire()
    finale(decide(depose(type_), sens, motifs="motif", prescriptions="Tuiles rouges"), code)
    assert f"Proposition {dit}" in texte(entre(elu).get("/urba/signature/"))


def test_plusieurs_actes_se_signent_avec_un_resultat_chacun(aller):
    elu = maire()
    actes = trois()
    perdu = actes[1]
    d = perdu.dossier
    agir(d, "renvoi", "signataire", donnees={"motif": "Revoir"})
    page = texte(entre(elu).post("/urba/signature/", {"actes": [c.pk for c in actes]}))
    assert "1 acte sur 3 n'est pas signé" in page
    assert "a été renvoyé ou abandonné depuis" in page
    etats = {c.pk: Courrier.objects.get(pk=c.pk).etat for c in actes}
    assert [etats[c.pk] for c in actes] == ["signe", "abandonne", "signe"]
    assert [Courrier.objects.get(pk=c.pk).dossier.etat for c in actes] == [
        "decide_a_notifier", "redaction", "decide_a_notifier",
    ]  # fmt: skip


def test_deux_signataires_a_la_fois_le_second_apprend_qui_a_signe(aller):
    elu = maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    client = entre(elu)
    client.post("/urba/signature/", {"actes": [c.pk]})
    page = texte(client.post("/urba/signature/", {"actes": [c.pk]}))
    assert "Déjà signé le 02/03/2026 par Claude Exemple" in page


def test_chacun_ne_voit_que_ce_que_son_titre_lui_permet(aller):
    elu, deleguee = maire(), adjoint("urba.instruction")
    acte = finale(decide(depose(), "accord"), "arrete_accord")
    d = qualifie(depose(references="AB 5"))
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    lettre = finale(d, "incompletude")
    jour = date(2026, 3, 2)
    assert parapheur.miens(elu, jour) == ([acte, lettre], 0)
    assert parapheur.miens(deleguee, jour) == ([], 2), "la lettre porte le nom du maire"
    assert "2 attendent un autre signataire" in texte(entre(deleguee).get("/urba/signature/"))


@pytest.mark.parametrize("role", ["lecture", "guichet", "instructeur", "chef"])
def test_sans_titre_la_file_est_vide_et_signer_refuse(aller, role):
    maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    client = client_de(role)
    assert "Rien n'attend votre signature" in texte(client.get("/urba/signature/"))
    assert "pas ce jour de titre" in texte(client.post("/urba/signature/", {"actes": [c.pk]}))
    assert Courrier.objects.get(pk=c.pk).etat == "finalise"


def test_l_elu_d_une_autre_commune_ne_voit_ni_ne_signe(aller):
    maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    commune(AUTRE_INSEE)
    voisin = agent("urba.signataire", codes=(AUTRE_INSEE,))
    client = entre(voisin)
    assert str(c) not in texte(client.get("/urba/signature/"))
    assert "n'existe pas" in texte(client.post("/urba/signature/", {"actes": [c.pk]}))
    assert client.post(f"/urba/signature/{c.pk}/renvoyer/", {"motif": "x"}).status_code == 404


def test_une_lettre_d_un_autre_metier_ne_dit_pas_son_nom(aller):
    elu, ailleurs = maire(), commune(AUTRE_INSEE)
    lettre = Courrier.objects.create(
        dossier_type=ContentType.objects.get_for_model(ailleurs), dossier_id=depose().pk, metier="mairie",
        insee=AUTRE_INSEE, emetteur=ailleurs, libelle="Lettre d'ailleurs", serie="mairie.courrier",
        objet="Objet", corps="<p>Texte</p>",
    )  # fmt: skip
    (dit,) = parapheur.signer([lettre.pk], par=elu, le=date(2026, 3, 2))
    assert (dit.libelle, dit.dossier) == ("Acte", "")


def test_renvoyer_demande_un_motif_et_remet_en_redaction(aller):
    elu = maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    client = entre(elu)
    adresse = f"/urba/signature/{c.pk}/renvoyer/"
    assert "Dites pourquoi" in texte(client.post(adresse, {"motif": " "}, follow=True))
    client.post(adresse, {"motif": "Revoir l'article 2"})
    c.refresh_from_db()
    assert (c.etat, c.dossier.etat) == ("abandonne", "redaction")
    assert "Revoir l'article 2" in texte(client.get(f"/urba/dossiers/{c.dossier_id}/"))


def test_une_lettre_d_instruction_renvoyee_ne_change_pas_le_dossier(aller):
    elu = maire()
    d = qualifie(depose())
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    c = finale(d, "incompletude")
    parapheur.renvoyer(c, par=elu, motif="Ajouter PCMI3", le=date(2026, 3, 2))
    c.refresh_from_db()
    d.refresh_from_db()
    assert (c.etat, d.etat) == ("abandonne", "incomplet")
    assert "Ajouter PCMI3" in c.abandon_motif


def test_une_lettre_du_premier_mois_passe_avant_et_dit_sa_fenetre(aller):
    elu = maire()
    finale(decide(depose(references="AB 1"), "accord"), "arrete_accord")
    d = qualifie(depose(references="AB 5"))
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    c = finale(d, "incompletude")
    assert parapheur.file_de(elu, date(2026, 3, 2))[0][0].courrier == c
    assert "À présenter avant le jeudi 2 avril 2026" in texte(entre(elu).get("/urba/signature/"))


def test_rien_de_coche_le_dit(aller):
    assert "Cochez au moins un acte" in texte(entre(maire()).post("/urba/signature/", {}, follow=True))


def test_ce_qui_manque_encore_d_un_acte_est_liste(aller):
    d = decide(depose(), "accord")
    page = texte(entre(maire()).get("/urba/signature/"))
    assert "acte à finaliser par l'instructeur" in page
    assert str(d) in page


def test_la_file_pose_un_nombre_borne_de_questions(aller, django_assert_max_num_queries):
    elu = maire()
    trois()
    client = entre(elu)
    client.get("/urba/signature/")
    with django_assert_max_num_queries(75):
        client.get("/urba/signature/")


def test_la_rubrique_n_est_que_pour_qui_signe(aller):
    assert "/urba/signature/" in entre(maire()).get("/urba/").content.decode()
    assert "/urba/signature/" not in client_de("lecture").get("/urba/").content.decode()
    assert acteur("lecture")
