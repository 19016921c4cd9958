"""Letters around the decision: displays, report, transmission, prolongations, completion, follow-up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from mairie.courriers import envois
from mairie.courriers.erreurs import AConfirmer, CourrierRefuse
from mairie.models import Courrier, Evenement, LienSecret
from tests.urba.courriers.fabrique import (
    ABF,
    decide,
    depose,
    finale,
    lettre,
    maire,
    modele,
    presentee,
    signee,
)
from tests.urba.courriers.test_lettres import contient, lire
from tests.urba.courriers.test_suites import proposees
from tests.urba.fabrique_urba import acteur, agir, qualifie
from tests.urba.test_ecrans_urba import client_de, texte
from urba.courriers.catalogue import LETTRES
from urba.courriers.sujet import PREFET, prefecture

MARS = date(2026, 3, 2)


def accorde():
    """A house permit signed and notified on 2 March 2026."""
    d = decide(depose(), "accord")
    presentee(signee(finale(d, "arrete_accord"), maire(), MARS), MARS)
    d.refresh_from_db()
    return d


def test_l_avis_de_depot_dit_sa_date_limite_et_aucun_nom(aller):
    c = finale(depose(objet_public="Maison d'habitation"), "avis_depot", par=acteur("guichet"))
    contient(c, "R. 423-6", "Maison d'habitation", "17 mars 2026", "AB 1 et AB 2")
    assert "Jeanne" not in lire(c)
    assert "Claude Exemple" not in lire(c), "nobody signs what is put up"
    assert not c.numero.startswith("2026-URBA"), "the register of the acts keeps its numbers"


def test_le_rapport_dit_delai_pieces_contraintes_avis_et_proposition(aller):
    ecartee = {
        "candidats": [
            {
                "cle": "x", "libelle": "Site classé", "article": "R.423-31", "sources": [],
                "retenue": False, "motif": "terrain hors du site",
            }
        ]
    }  # fmt: skip
    d = qualifie(depose(), controle=ecartee)
    agir(d, "rapport_pret", "instructeur")
    assert proposees(d) == ["recepisse", "avis_depot", "rapport"]
    c = finale(d, "rapport", confirmer=True)
    contient(
        c,
        "R. 423-23 b",
        "samedi 2 mai 2026",
        "Plan de masse",
        "Site classé (R. 423-31), écarté : terrain hors du site",
        "Aucun avis n'a été recueilli",
        "Extrait du plan" if "Extrait du plan" in lire(c) else "Échelle",
    )


def test_apres_la_signature_transmission_puis_affichages(aller):
    elu = maire()
    d = decide(depose(), "accord_prescriptions", prescriptions="Les tuiles sont en terre cuite.")
    acte = signee(finale(d, "arrete_prescriptions"), elu, MARS)
    d.refresh_from_db()
    assert "bordereau_transmission" in proposees(d)
    assert proposees(d)[-1] == "bordereau_transmission", "signée, pas encore notifiée : rien à afficher"
    client_de("guichet").post(f"/urba/dossiers/{d.pk}/courriers/bordereau_transmission/")
    bordereau = Courrier.objects.latest("id")
    assert (bordereau.destinataire, bordereau.destinataire_adresse) == (PREFET, "")
    bordereau.delete()
    adresse = "8 rue Inventée\n25000 BESANÇON"
    c = finale(d, "bordereau_transmission", a=-1, par=acteur("guichet"), destinataire_adresse=adresse)
    contient(c, "L. 2131-1", acte.numero, "2 mars 2026", "pas encore notifiée", "contrôle de légalité")
    assert prefecture(d).adresse == adresse, "the address written once is proposed again"
    presentee(acte, MARS)
    d.refresh_from_db()
    assert proposees(d)[-1] == "extrait_affichage"
    extrait = finale(d, "extrait_affichage", par=acteur("guichet"))
    contient(
        extrait, "R. 424-15", "accordé avec prescriptions", acte.numero, "Madame Jeanne Exemple", "deux mois"
    )
    assert "12 rue du Moulin" not in lire(extrait), "the home address is nobody's concern"
    panneau = finale(d, "panneau", confirmer=True, par=acteur("guichet"))
    contient(panneau, "A. 424-15 à A. 424-18", "Droit de recours", "R. 600-1", "R. 600-2", "1 250 m²")
    agir(d, "transmission_cl", "guichet")
    agir(d, "affichage_mairie", "guichet")
    assert proposees(d)[-1] == "attestation_affichage"


@pytest.mark.parametrize(
    ("code", "motif", "mois", "limite", "silence"),
    [
        (
            "prolongation_abf",
            "ABF_RECOURS",
            "cinq mois",
            "dimanche 2 août 2026",
            "permis de construire tacite",
        ),
        ("prolongation_evocation", "EVOCATION", "huit mois", "lundi 2 novembre 2026", "réputée rejetée"),
    ],
)
def test_une_prolongation_dit_et_fait_le_nouveau_delai(aller, code, motif, mois, limite, silence):
    elu = maire()
    d = qualifie(depose(), majorations=ABF)
    presentee(signee(finale(d, "majoration"), elu, MARS), MARS)
    c = finale(d, code)
    contient(c, mois, limite, silence, "R. 423-44", "adressée au préfet")
    presentee(signee(c, elu, MARS), MARS)
    d.refresh_from_db()
    e = Evenement.objects.get(dossier_id=d.pk, type="notification_prolongation")
    assert e.donnees["code"] == motif
    assert str(d.date_limite.day) in limite.split()[1] and d.date_limite.year == 2026


def test_une_prolongation_apres_la_limite_le_dit_et_celle_que_la_loi_n_ouvre_pas_est_refusee(aller):
    d = qualifie(depose(), majorations=ABF)
    aller(date(2026, 5, 3))
    with pytest.raises(AConfirmer, match=r"Le délai s'est achevé le 02/05/2026.*R\. 423-44"):
        finale(d, "prolongation_abf")
    with pytest.raises(CourrierRefuse, match="prolonge_evocation_mois"):
        finale(qualifie(depose("DPMI")), "prolongation_evocation", confirmer=True)


def test_des_travaux_non_conformes_la_mise_en_demeure_rappelle_delai_et_sanctions(aller):
    d = accorde()
    aller(date(2026, 9, 1))
    agir(d, "doc", "guichet")
    agir(d, "daact", "guichet")
    agir(d, "recolement", "technicien", donnees={"conforme": False})
    assert proposees(d)[-1] == "mise_en_demeure"
    c = finale(d, "mise_en_demeure", confirmer=True)
    contient(
        c, "R. 462-9", "permis modificatif", "1er décembre 2026", "trois mois", "L. 480-4", "RECOMMANDÉE"
    )
    signee(c, maire(), date(2026, 9, 1))
    d.refresh_from_db()
    assert Evenement.objects.filter(dossier_id=d.pk, type="mise_en_demeure").count() == 1
    assert d.da.__class__.objects.get(pk=d.da_id).etat == "conteste"
    aller(date(2026, 12, 2))
    with pytest.raises(AConfirmer, match="contestable que jusqu'au 01/12/2026"):
        finale(d, "mise_en_demeure")


def test_l_attestation_de_conformite_attend_la_fin_du_delai(aller):
    d = accorde()
    aller(date(2026, 9, 1))
    agir(d, "doc", "guichet")
    agir(d, "daact", "guichet")
    with pytest.raises(AConfirmer, match="ne sera acquise que le 02/12/2026"):
        finale(d, "attestation_conformite")
    Courrier.objects.filter(etat="brouillon").delete()
    aller(date(2026, 12, 3))
    agir(d, "attestation_demandee", "guichet")
    assert proposees(d)[-1] == "attestation_conformite"
    c = finale(d, "attestation_conformite")
    contient(
        c,
        "R. 462-10",
        "n'a pas été contestée",
        "1er décembre 2026",
        "demande d'attestation reçue le 3 décembre",
    )
    signee(c, maire(), date(2026, 12, 3))
    assert Evenement.objects.filter(dossier_id=d.pk, type="attestation").exists()


# --- follow-up ----------------------------------------------------------------------------------


def cle_du(c: Courrier) -> str:
    return str(c.valeurs["champs"]["cle_suivi"])


def suivre(client, d, cle: str):
    return client.post("/suivi/", {"numero": str(d), "cle": cle}, follow=True)


def test_le_recepisse_donne_une_cle_qui_ouvre_le_suivi_et_lui_seul(aller, client):
    d = depose()
    c = lettre(d, "recepisse", par=acteur("guichet"))
    client_de("guichet").get(f"/courriers/{c.pk}/lettre.pdf")
    assert not LienSecret.objects.exists(), "a draft that is looked at makes no key"
    c = finale(d, "recepisse", par=acteur("guichet"))
    contient(c, "/suivi/", cle_du(c))
    page = texte(suivre(client, d, cle_du(c).lower()))
    assert "En cours d'instruction" in page and "samedi 2 mai 2026" in page
    assert "Jeanne" not in page and "qualifier" not in page
    autre = depose(demandeurs=None)
    assert "En cours d'instruction" not in texte(suivre(client, autre, cle_du(c)))
    sienne, ferme = f"/urba/suivi/{d.da.numero}/", f"/urba/suivi/{autre.da.numero}/"
    assert client.get(sienne)["Cache-Control"] == "private, no-store"
    assert client.get(ferme)["Location"].startswith("/suivi/?numero="), "nothing is said without the key"
    assert Client().get(sienne)["Location"].startswith("/suivi/?numero="), "nor in another browser"
    nouvelle = finale(d, "recepisse", par=acteur("guichet"))
    assert "En cours d'instruction" not in texte(suivre(Client(), d, cle_du(c))), "replaced by a new receipt"
    assert "En cours d'instruction" in texte(suivre(Client(), d, cle_du(nouvelle)))


def test_le_suivi_ne_montre_que_ce_qui_est_parti_et_ralentit_qui_devine(aller, client):
    elu = maire()
    d = depose()
    cle = cle_du(finale(d, "recepisse", par=acteur("guichet")))
    agir(qualifie(d), "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    c = signee(finale(d, "incompletude"), elu, MARS)
    avant = texte(suivre(client, d, cle))
    assert "PCMI2" not in avant and "En cours d'instruction" in avant
    presentee(c, MARS)
    apres = texte(suivre(client, d, cle))
    assert "PCMI2 – Plan de masse" in apres and "mardi 2 juin 2026" in apres
    assert "Demande de pièces manquantes, envoyée le 02/03/2026" in apres
    for _ in range(5):
        suivre(client, d, "0000-0000-0000-0000")
    assert suivre(Client(), d, cle).status_code == 429


def test_chaque_lettre_dit_son_article_et_le_guide_les_nomme_toutes(aller):
    guide = Path("docs/instruire.md").read_text(encoding="utf-8")
    assert [x.libelle for x in LETTRES if x.libelle not in guide] == []
    sans = {x.code for x in LETTRES if not x.article}
    assert sans == {"rapport"}, "only the report is a custom rather than a duty"
    assert modele("recepisse").etape == "dépôt"


def test_un_envoi_du_bordereau_ne_touche_pas_au_delai(aller):
    elu = maire()
    d = decide(depose(), "accord")
    signee(finale(d, "arrete_accord"), elu, MARS)
    c = finale(d, "bordereau_transmission", a=-1, destinataire_adresse="8 rue Inventée\n25000 BESANÇON")
    avant = Evenement.objects.count()
    envois.envoyer(c, par=acteur("guichet"), le=MARS)
    assert Evenement.objects.count() == avant
