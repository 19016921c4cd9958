"""Contributions to the sewer: prepared by a permit, due at the connection, titled, paid (spec §7, §14)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from assainissement import courriers_redevances, pfac
from assainissement.models import Pfac
from mairie.courriers import services as lettres
from mairie.models import ModeleCourrier, Tiers
from mairie.workflow import Refus, annuler_dernier
from tests.assainissement.fabrique_anc import IDU, acteur, zone
from tests.assainissement.fabrique_redevances import deliberation
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")
REGLES = {"mode": "surface", "tarif_m2": "18", "cout_anc": "9000"}
PROJET = {"nature": "neuf", "surface_m2": "120", "eaux_usees_supplementaires": True}
PERMIS = "PC 025 999 26 00012"
JOUR = date(2026, 3, 2)


def votee(**champs):
    return deliberation(objet="pfac", regles=REGLES, lignes=(), **champs)


def annonce(nom: str = "decision_rendue", **charge):
    charge = {
        "numero": PERMIS,
        "insee": INSEE,
        "nature": "INITIAL",
        "type": "PCMI",
        "idus": [IDU],
        "sens": "accorde",
        "dates": {"date_decision": "2026-02-20"},
        "surface_creee": "120.00",
        "logements": 1,
        **charge,
    }
    return SimpleNamespace(insee=INSEE, charge=charge, nom=f"urba.{nom}")


def faire(p: Pfac, evenement: str, le: date = JOUR, **donnees) -> Pfac:
    p.refresh_from_db()
    pfac.agir(p, evenement, par=acteur("gestionnaire"), version=p.version, date_effet=le, donnees=donnees)
    p.refresh_from_db()
    return p


@pytest.mark.parametrize(
    ("charge", "prepare"),
    [
        ({}, True),
        ({"sens": "accord_tacite", "type": "DP"}, True),
        ({"type": "DP", "surface_creee": "0", "logements": 0}, False),
        ({"type": "DP", "surface_creee": None, "logements": None}, False),
        ({"surface_creee": None, "logements": None}, True),
        ({"sens": "refuse"}, False),
        ({"nature": "MODIFICATIF"}, False),
        ({"type": "CUA"}, False),
        ({"idus": []}, False),
        ({"numero": ""}, False),
    ],
)
def test_un_permis_accorde_en_zone_collective_prepare_une_participation(charge, prepare):
    zone("AC")
    pfac.sur_decision(annonce(**charge))
    pfac.sur_decision(annonce(**charge))
    assert Pfac.objects.count() == int(prepare)
    if prepare and "surface_creee" not in charge:
        p = Pfac.objects.get()
        assert (p.numero, p.etat, p.decision_le) == ("PFAC-25999-2026-0001", "preparee", date(2026, 2, 20))
        assert (p.entrees["surface_m2"], p.entrees["nb_logements"]) == ("120.00", 1)


def test_hors_de_la_zone_collective_rien_ne_se_prepare():
    zone("ANC")
    pfac.sur_decision(annonce())
    assert not Pfac.objects.exists()


def test_le_retrait_du_permis_annule_ce_qui_n_est_que_prepare():
    zone("AC")
    votee()
    pfac.sur_decision(annonce())
    pfac.sur_decision(annonce(numero="PC 2"))
    due = Pfac.objects.get(dossier_urba="PC 2")
    faire(due, "constater_raccordement")
    for numero in (PERMIS, "PC 2"):
        pfac.sur_retrait(annonce("dossier_retire", numero=numero))
    assert Pfac.objects.get(dossier_urba=PERMIS).etat == "annulee"
    due.refresh_from_db()
    assert due.etat == "exigible", "le raccordement a créé la dette"
    pfac.sur_decision(annonce())
    assert sorted(Pfac.objects.values_list("numero", flat=True)) == [
        f"PFAC-25999-2026-000{n}" for n in (1, 2, 3)
    ], "sans trou ni doublon"


def test_le_raccordement_cree_la_dette_et_fige_le_calcul(aller):
    d = votee()
    p = pfac.preparer(INSEE, PERMIS, parcelles=[IDU], entrees=PROJET, jour=JOUR)
    simulation = pfac.calculer(p)
    assert (simulation["montant"], simulation["exigible"]) == ("2160.00", False)
    aller(date(2026, 6, 1))
    event = SimpleNamespace(insee=INSEE, charge={"parcelles": [IDU], "date": "2026-05-20"})
    pfac.sur_raccordement(event)
    p.refresh_from_db()
    assert (p.etat, p.montant, p.date_raccordement) == ("exigible", Decimal("2160.00"), date(2026, 5, 20))
    assert (p.deliberation, p.resultat["plafond"]) == (d, "7200.00")
    with pytest.raises(IntegrityError, match="figé"), transaction.atomic():
        Pfac.objects.filter(pk=p.pk).update(montant=1)
    with pytest.raises(IntegrityError, match="s'efface pas"), transaction.atomic():
        Pfac.objects.filter(pk=p.pk)._raw_delete("default")
    with pytest.raises(Refus, match="ne change plus"):
        pfac.completer(p, PROJET)
    with pytest.raises(Refus, match="impossible au 19/05/2026"):
        faire(p, "titrer", date(2026, 5, 19), reference="T-9")
    faire(p, "titrer", date(2026, 5, 31), reference="T-9")
    assert p.limite_contestation == date(2026, 7, 31)
    faire(p, "solder", date(2026, 6, 1))
    assert (p.etat, p.soldee_le) == ("soldee", date(2026, 6, 1))
    with pytest.raises(Refus):
        faire(p, "annuler", date(2026, 6, 1), motif="Trop tard.")


def test_rien_n_est_du_sans_deliberation_ni_sans_projet_complet():
    p = pfac.preparer(INSEE, PERMIS, parcelles=[IDU], jour=JOUR)
    assert "choix" in pfac.manque(p, JOUR) or pfac.manque(p, JOUR)
    pfac.raccorder(INSEE, [IDU], JOUR)
    p.refresh_from_db()
    assert (p.etat, p.raccorde_le) == ("preparee", JOUR), "gardé, à compléter"
    with pytest.raises(Refus):
        faire(p, "constater_raccordement")
    p.entrees = {**PROJET, "cout_anc": "9000"}
    p.save()
    with pytest.raises(Refus, match="Rien n'est dû : aucune délibération"):
        faire(p, "constater_raccordement")
    votee()
    assert faire(p, "constater_raccordement").etat == "exigible"
    annuler_dernier(p, par=acteur("gestionnaire"), version=p.version, motif="Erreur de parcelle.")
    p.refresh_from_db()
    assert (p.etat, p.date_raccordement) == ("preparee", None)
    pfac.completer(p, {**PROJET, "surface_m2": "100"})
    assert faire(p, "constater_raccordement").montant == Decimal("1800.00")


def test_la_fiche_dit_le_calcul_le_plafond_et_le_recours():
    courriers_redevances.charger()
    votee()
    redevable = Tiers.objects.create(
        collectivite=INSEE, nom="Fictif", voie="1 rue Fictive", code_postal="25999", ville="VALBRUNE"
    )
    p = pfac.preparer(INSEE, PERMIS, entrees=PROJET, redevable=redevable, jour=JOUR)
    faire(p, "constater_raccordement")
    modele = ModeleCourrier.objects.get(code="fiche_pfac")
    lettre = lettres.preparer(
        p, modele, par=acteur("gestionnaire"), destinataire=next(courriers_redevances.destinataires_pfac(p))
    )
    html = lettres.composer(lettre).html.replace("\u00a0", " ").replace("\u202f", " ")
    for mot in (
        PERMIS,
        "2 160,00 €",
        "7 200,00 €",
        "L1331-7",
        "2 mars 2026",
        "deux mois",
        "Délibération 2025-12",
    ):
        assert mot in html, mot
