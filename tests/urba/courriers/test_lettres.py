"""Each shipped letter in its situation: what the law wants it to say is on the PDF."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from mairie import consultations as partagees
from mairie.courriers import services
from mairie.courriers.champs import champs_de
from mairie.courriers.envois import lire_pdf
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.fusion import analyser
from mairie.models import ModeleCourrier, Phrase, ServiceConsulte
from tests.mairie.courriers.fabrique import texte_pdf
from tests.urba.courriers.fabrique import (
    ABF,
    adjoint,
    decide,
    depose,
    finale,
    lettre,
    maire,
    presentee,
    signee,
)
from tests.urba.fabrique_urba import acteur, agir, qualifie
from urba import consultations
from urba.courriers import modeles
from urba.courriers.catalogue import LETTRES
from urba.courriers.phrases import phrases


def lire(c) -> str:
    """Text of the archived letter; kept as a file to be looked at when ``LETTRES_VUES`` names a folder."""
    octets = lire_pdf(c)
    if dossier := os.environ.get("LETTRES_VUES"):
        Path(dossier, f"{services.code_modele(c)}-{c.pk}.pdf").write_bytes(octets)
    # A word cut at the end of a line by its own hyphen.
    return " ".join(texte_pdf(octets).split()).replace("- ", "-")


def contient(c, *morceaux: str) -> None:
    texte = lire(c)
    manquent = [m for m in morceaux if m not in texte]
    assert not manquent, (manquent, texte)
    assert "[" not in texte.replace("[…]", ""), texte


# --- references ---------------------------------------------------------------------------------


def test_les_modeles_se_chargent_une_fois_et_gardent_ce_qui_fut_change(aller):
    assert ModeleCourrier.objects.filter(metier="urba").count() == len(LETTRES)
    m = ModeleCourrier.objects.get(metier="urba", code="recepisse")
    m.libelle = "Changé"
    m.save()
    Phrase.objects.filter(metier="urba").first().delete()
    assert modeles.charger().creees == 1
    m.refresh_from_db()
    assert m.libelle == "Changé"


@pytest.mark.parametrize("code", [x.code for x in LETTRES])
def test_chaque_modele_n_emploie_que_des_champs_connus(code):
    assert analyser(modeles.texte(code), champs_de("urba")).fautes == []


def test_chaque_phrase_a_son_titre_et_ses_categories_attendues():
    toutes = list(phrases())
    assert {"Prescriptions", "Motifs de refus ou d'opposition"} <= {p.categorie for p in toutes}
    assert len({(p.categorie, p.libelle) for p in toutes}) == len(toutes) >= 18


# --- deposit ------------------------------------------------------------------------------------


def test_le_recepisse_d_un_pcmi_dit_delai_silence_et_ce_qui_peut_changer(aller):
    c = finale(depose(), "recepisse", par=acteur("guichet"))
    assert (c.a_signer, c.destinataire) == (False, "Madame Jeanne Exemple")
    contient(
        c,
        "PC 025 999 26 00001",
        "2 mars 2026",
        "deux mois",
        "samedi 2 mai 2026",
        "avant le dimanche 3 mai 2026",
        "permis de construire tacite",
        "Jusqu'au 2 avril 2026",
        "R. 423-5",
        "trois mois pour les fournir",
        "aucune autorisation tacite ne peut naître",
        "architecte des Bâtiments de France",
        "Affichez l'autorisation",
        "12 rue du Moulin",
        "AB 1 et AB 2",
    )


def test_le_recepisse_d_une_declaration_parle_de_non_opposition(aller):
    contient(
        finale(depose("DPMI"), "recepisse"),
        "non-opposition sera née",
        "jeudi 2 avril 2026",
        "avant le vendredi 3 avril 2026",
    )


def test_le_recepisse_d_un_certificat_n_annonce_ni_pieces_ni_travaux(aller):
    c = finale(depose("CUA"), "recepisse")
    contient(c, "certificat d'urbanisme tacite", "n'autorise aucun travaux", "un mois")
    assert "premier mois" not in lire(c)
    assert "Affichez" not in lire(c)


def test_le_recepisse_d_un_permis_de_demolir_dit_les_quinze_jours(aller):
    contient(finale(depose("PD"), "recepisse"), "quinze jours", "R. 452-1")


def test_le_recepisse_de_pieces_dit_le_nouveau_delai(aller):
    maire()
    d = qualifie(depose())
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    aller(date(2026, 3, 10))
    agir(d, "notification_pieces", "guichet")
    aller(date(2026, 4, 10))
    agir(d, "depot_pieces", "guichet", donnees={"pieces": ["PCMI2"]})
    contient(finale(d, "recepisse_pieces"), "complet depuis le 10 avril 2026", "mercredi 10 juin 2026")


# --- first month --------------------------------------------------------------------------------


def test_la_demande_de_pieces_enumere_avec_les_articles_et_dit_les_suites(aller):
    maire()
    d = qualifie(depose())
    pieces = [{"code": "PCMI2"}, {"code": "PCMI5", "motif": "Plan non coté"}]
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": pieces})
    c = finale(d, "incompletude")
    contient(
        c,
        "incomplet",
        "PCMI2",
        "Plan de masse",
        "R. 431-9",
        "Plan non coté",
        "exhaustive",
        "trois mois à compter de la réception",
        "décision tacite de rejet",
        "R. 423-39",
        "la dernière des pièces",
        "RECOMMANDÉE",
        "Claude Exemple",
        "Le maire",
    )
    assert c.valeurs["metier"]["pieces"] == ["PCMI2", "PCMI5"]


def test_pour_une_declaration_le_defaut_de_pieces_vaut_opposition(aller):
    d = qualifie(depose("DPMI"))
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "DP2"}]})
    contient(finale(d, "incompletude"), "décision tacite d'opposition")


def test_sans_piece_demandee_la_lettre_ne_se_finalise_pas(aller):
    with pytest.raises(CourrierRefuse, match="pieces_manquantes"):
        finale(qualifie(depose()), "incompletude")


def test_la_majoration_dit_nouveau_delai_depart_motif_silence_et_reserve_de_l_abf(aller):
    maire()
    d = qualifie(depose(), majorations=ABF)
    c = finale(d, "majoration")
    contient(
        c,
        "trois mois",
        "mardi 2 juin 2026",
        "R. 423-24 c",
        "le 2 mars 2026, date de dépôt",
        "permis de construire tacite",
        "ne pourrez pas vous prévaloir d'un permis tacite",
        "R. 424-3",
        "Copie de cette lettre est adressée au préfet",
    )
    assert c.valeurs["metier"]["majorations"] == ABF


def test_la_majoration_d_une_declaration_ne_promet_pas_de_rejet(aller):
    c = finale(qualifie(depose("DPMI"), majorations=ABF), "majoration")
    contient(c, "deux mois", "non-opposition sera née")
    assert "R. 424-3" not in lire(c)


def test_la_majoration_dit_le_rejet_la_ou_le_silence_vaut_rejet(aller):
    d = qualifie(depose("PC"), majorations=ABF, drapeaux=["DEFENSE"])
    contient(finale(d, "majoration"), "quatre mois", "réputée rejetée")


# --- consultation -------------------------------------------------------------------------------


def test_la_consultation_dit_le_service_le_projet_la_limite_et_son_silence(aller):
    consultations.charger_services()
    d = qualifie(depose())
    service = ServiceConsulte.objects.get(code="abf")
    service.adresse = "5 rue du Palais\n25000 Besançon"
    service.save()
    contexte = [consultations.Contexte.ABORDS_SPR]
    partagees.envoyer(consultations.preparer(d, service, contextes=contexte))
    c = finale(d, "consultation", a=1)
    contient(
        c,
        "Architecte des Bâtiments de France",
        "deux mois",
        "réputé favorable",
        "R. 423-67",
        "Construction d'une maison",
        "5 rue du Palais",
        "Commune",
    )


# --- decision -----------------------------------------------------------------------------------


def test_l_arrete_accordant_porte_visas_articles_recours_et_signature(aller):
    elu = maire()
    d = decide(depose(), "accord")
    c = finale(d, "arrete_accord")
    contient(
        c,
        "2026-URBA-0001",
        "au nom de la commune",
        "Vu le code de l'urbanisme",
        "déposée le 2 mars 2026 par Madame Jeanne Exemple",
        "Le permis de construire est accordé.",
        "L. 2131-1",
        "deux mois",
        "L. 600-12-2",
        "R. 424-17",
        "R. 600-2",
        "L. 424-5",
        "Claude Exemple",
        "Acte public",
    )
    assert (c.public, c.delegation.delegataire) == (True, elu)


def test_l_arrete_signe_par_delegation_le_dit(aller):
    adjoint("urba.decision")
    contient(
        finale(decide(depose(), "accord"), "arrete_accord"),
        "Pour le maire et par délégation",
        "L'adjointe à l'urbanisme, arrêté n° 2020-12 du 4 juillet 2020",
        "Dominique Adjointe",
    )


def test_les_prescriptions_sont_celles_de_la_decision_une_par_ligne(aller):
    maire()
    texte = "Les tuiles sont en terre cuite.\n- Les eaux pluviales sont infiltrées ;"
    d = decide(depose(), "accord_prescriptions", prescriptions=texte)
    contient(
        finale(d, "arrete_prescriptions"),
        "sous réserve des prescriptions de l'article 2",
        "Les tuiles sont en terre cuite ;",
        "Les eaux pluviales sont infiltrées ;",
        "R. 424-5",
    )


def test_le_refus_est_motive_et_dit_le_recours_prealable_de_l_abf(aller):
    maire()
    d = decide(depose(), "refus", motifs="le projet dépasse la hauteur admise")
    c = finale(d, "arrete_refus")
    contient(
        c,
        "Considérant que le projet dépasse la hauteur admise ;",
        "Le permis de construire est refusé.",
        "préfet de région",
        "R. 424-14",
    )
    assert "Commencement des travaux" not in lire(c)


def test_le_sursis_dit_sa_duree_et_la_confirmation(aller):
    maire()
    d = decide(depose(), "sursis", motifs="le projet compromettrait le plan en cours d'élaboration")
    c = lettre(d, "arrete_sursis")
    c = services.modifier(
        c,
        par=acteur("instructeur"),
        version=0,
        champs={"corps": c.corps.replace("… (deux ans au plus)", "deux ans")},
    )
    c = services.finaliser(c, par=acteur("instructeur"), version=c.version)
    contient(c, "sursis à statuer", "deux ans", "confirmer sa demande", "L. 424-1")


@pytest.mark.parametrize(
    ("sens", "code", "morceau"),
    [
        ("accord", "non_opposition", "Il n'est pas fait opposition à la déclaration préalable."),
        ("accord_prescriptions", "non_opposition", "La clôture est enduite ;"),
        ("refus", "opposition", "Il est fait opposition à la déclaration préalable."),
    ],
)
def test_une_declaration_recoit_non_opposition_ou_opposition(aller, sens, code, morceau):
    maire()
    d = decide(depose("DPMI"), sens, motifs="motif fictif", prescriptions="La clôture est enduite")
    contient(finale(d, code), morceau)


def test_un_certificat_operationnel_negatif_dit_pourquoi(aller):
    maire()
    d = decide(depose("CUB"), "refus", motifs="le terrain n'est pas desservi par le réseau d'eau")
    c = finale(d, "certificat_urbanisme", confirmer=True)
    contient(c, "ne peut pas être utilisé", "le terrain n'est pas desservi", "dix-huit mois", "L. 410-1")


def test_un_certificat_d_information_n_a_pas_d_operation(aller):
    maire()
    c = finale(decide(depose("CUA"), "accord"), "certificat_urbanisme", confirmer=True)
    contient(c, "CERTIFIE", "n'autorise pas les travaux")
    assert "être utilisé" not in lire(c)


# --- after --------------------------------------------------------------------------------------


def test_le_certificat_tacite_date_la_decision_et_dit_sa_duree(aller):
    maire()
    d = qualifie(depose())
    aller(date(2026, 5, 4))
    agir(d, "constat_tacite", "instructeur", date(2026, 5, 3))
    c = finale(d, "certificat_tacite", confirmer=True)
    contient(c, "né tacitement le 3 mai 2026", "R. 424-13", "3 août 2026", "3 mai 2029")


def test_l_avis_de_rejet_tacite_date_le_rejet(aller):
    maire()
    d = qualifie(depose())
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    aller(date(2026, 3, 10))
    agir(d, "notification_pieces", "guichet")
    aller(date(2026, 6, 12))
    agir(d, "constat_rejet", "instructeur", date(2026, 6, 11))
    contient(finale(d, "rejet_tacite"), "née le 11 juin 2026", "décision tacite de rejet")


def test_l_attestation_d_affichage_date_mairie_et_terrain(aller):
    elu = maire()
    d = decide(depose(), "accord")
    c = signee(finale(d, "arrete_accord"), elu, date(2026, 3, 2))
    presentee(c, date(2026, 3, 2))
    aller(date(2026, 3, 9))
    agir(d, "affichage_mairie", "guichet", date(2026, 3, 5))
    agir(d, "affichage_terrain", "guichet", date(2026, 3, 9))
    contient(
        finale(d, "attestation_affichage"),
        "depuis le 5 mars 2026",
        "depuis le 9 mars 2026",
        "11 mai 2026",
    )


def test_le_retrait_vise_la_lettre_contradictoire_et_sa_limite(aller):
    elu = maire()
    d = decide(depose(), "accord")
    presentee(signee(finale(d, "arrete_accord"), elu, date(2026, 3, 2)), date(2026, 3, 2))
    avant = finale(d, "contradictoire", confirmer=True)
    contient(avant, "jusqu'au 2 juin 2026", "quinze jours", "L. 122-1")
    contient(finale(d, "retrait", confirmer=True), "retirée", "L. 424-5", "jusqu'au 2 juin 2026")


def test_l_arrete_reprend_les_donnees_techniques(aller):
    maire()
    d = decide(depose(), "accord")
    techniques = d.donnees_techniques
    techniques.donnees = {
        "surfaces": [
            {"destination": "habitation", "creee": "142.50"},
            {"destination": "bureaux", "existante": 20},
        ],
        "logements": {"individuels": 1},
    }
    techniques.save()
    texte = lire(finale(d, "arrete_accord"))
    assert "surface de plancher créée : 142,5 m²" in texte
    assert "destination : habitation" in texte
    assert "bureaux" not in texte
