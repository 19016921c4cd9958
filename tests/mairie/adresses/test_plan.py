"""Addresses that come from the plan: idempotent, never over what a person or the national base said."""

from __future__ import annotations

import pytest

from mairie.adresses.service import VoiePlan, enregistrer_adresse, recevoir_plan, trancher
from mairie.models import Adresse, EcartAdresse, Voie
from tests.mairie.adresses.fabrique import MOULIN, adresse, au_plan, axe, moi, point, voie
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.django_db
P1, P2 = f"{INSEE}000AB0001", f"{INSEE}000AB0002"


def recevoir(*numeros, voies=(MOULIN,)):
    return recevoir_plan(INSEE, voies, numeros)


def test_le_plan_remplit_une_base_vide():
    b = recevoir(
        au_plan("1", 0), au_plan("12 BIS", 50, "RUE DU MOULIN", P1, P2), au_plan("3", 9, ""), au_plan("?", 1)
    )
    assert (b.voies_creees, b.creees, b.numeros) == (1, 2, 2)
    assert b.ignores == {"sans voie": 1, "numéro illisible": 1}
    rue = Voie.objects.get()
    assert (rue.nom, rue.source, rue.au_plan, rue.type_voie) == ("Rue du Moulin", "edigeo", True, "rue")
    douze = Adresse.objects.get(numero=12)
    assert (douze.suffixe, douze.parcelles, douze.source, douze.cle_interop) == (
        "bis", [P1, P2], "edigeo", f"{INSEE}_xxxx_00012_bis",
    )  # fmt: skip


def test_deux_fois_n_ecrit_rien_la_seconde():
    numeros = [au_plan(str(n), n) for n in range(1, 30)]
    recevoir(*numeros)
    avant = list(Adresse.objects.order_by("pk").values()), list(Voie.objects.values())
    b = recevoir(*numeros)
    assert (b.creees, b.modifiees, b.inchangees, b.voies_inchangees) == (0, 0, 29, 1)
    assert (list(Adresse.objects.order_by("pk").values()), list(Voie.objects.values())) == avant


def test_un_numero_deplace_au_plan_suit():
    recevoir(au_plan("1", 0))
    b = recevoir(au_plan("1", 20, "Rue du Moulin", P1))
    une = Adresse.objects.get()
    assert b.modifiees == 1 and une.position == point(20, 5) and une.parcelles == [P1]


@pytest.mark.parametrize(("metres", "ouverts"), [(5.0, 0), (5.1, 1)])
def test_ce_qu_une_personne_a_place_reste_et_l_ecart_est_dit(metres, ouverts):
    une = adresse(voie(), 1, position=point(0, 5))
    b = recevoir(au_plan("1", metres))
    une.refresh_from_db()
    assert une.position == point(0, 5) and une.au_plan and une.source == "saisie"
    assert (b.inchangees, b.ecarts_ouverts, EcartAdresse.objects.count()) == (1, ouverts, ouverts)
    if ouverts:
        ecart = EcartAdresse.objects.get()
        assert (ecart.nature, ecart.propose, ecart.position) == (
            "position",
            {"distance_m": 5.1},
            point(5.1, 5),
        )


def test_une_correction_sur_une_adresse_du_plan_est_gardee():
    recevoir(au_plan("1", 0, "Rue du Moulin", P1))
    une = Adresse.objects.get()
    enregistrer_adresse(une, {"position": point(30, 5)}, par=moi())
    b = recevoir(au_plan("1", 0, "Rue du Moulin", P2))
    une.refresh_from_db()
    # The position was set by hand; the parcels were not.
    assert une.position == point(30, 5) and une.parcelles == [P2]
    assert [e.nature for e in EcartAdresse.objects.all()] == ["position"] and b.ecarts_ouverts == 1


def test_une_adresse_certifiee_ne_bouge_pas():
    une = adresse(voie(), 1, position=point(0, 5), parcelles=[P1], certifiee=True)
    recevoir(au_plan("1", 40, "Rue du Moulin", P2))
    une.refresh_from_db()
    assert une.position == point(0, 5) and une.parcelles == [P1]
    assert {e.nature for e in EcartAdresse.objects.all()} == {"position", "parcelles"}


def test_un_ecart_ouvert_deux_fois_n_en_fait_qu_un_et_se_ferme_seul():
    adresse(voie(), 1, position=point(0, 5))
    recevoir(au_plan("1", 40))
    assert recevoir(au_plan("1", 40)).ecarts_ouverts == 0
    assert recevoir(au_plan("1", 60)).ecarts_ouverts == 0
    assert EcartAdresse.objects.get().position == point(60, 5)
    assert recevoir(au_plan("1", 0)).ecarts_clos == 1
    assert EcartAdresse.objects.get().decision == "disparu"


def test_un_ecart_garde_n_est_plus_propose_un_autre_oui():
    adresse(voie(), 1, position=point(0, 5))
    recevoir(au_plan("1", 40))
    trancher(EcartAdresse.objects.get(), "garder", par=moi())
    assert recevoir(au_plan("1", 40)).ecarts_ouverts == 0
    assert recevoir(au_plan("1", 80)).ecarts_ouverts == 1


def test_prendre_la_valeur_du_plan():
    une = adresse(voie(), 1, position=point(0, 5), parcelles=[P1])
    recevoir(au_plan("1", 40, "Rue du Moulin", P2))
    for ecart in EcartAdresse.objects.all():
        trancher(ecart, "prendre", par=moi())
    une.refresh_from_db()
    assert une.position == point(40, 5) and une.parcelles == [P2]
    assert not EcartAdresse.objects.filter(decision="").exists()


def test_un_numero_qui_quitte_le_plan_s_efface_et_revient():
    recevoir(au_plan("1", 0), au_plan("2", 10))
    b = recevoir(au_plan("2", 10))
    assert b.retirees == 1 and not Adresse.objects.get(numero=1).active
    b = recevoir(au_plan("1", 0), au_plan("2", 10))
    assert b.reactivees == 1 and Adresse.objects.get(numero=1).active
    assert Adresse.objects.count() == 2


def test_un_numero_touche_qui_quitte_le_plan_reste_et_se_signale():
    recevoir(au_plan("1", 0))
    enregistrer_adresse(Adresse.objects.get(), {"certifiee": True}, par=moi())
    b = recevoir()
    assert b.retirees == 0 and Adresse.objects.get().active
    ecart = EcartAdresse.objects.get()
    assert ecart.nature == "absente"
    trancher(ecart, "prendre", par=moi())
    assert not Adresse.objects.get().active


def test_ce_qu_une_personne_a_retire_ne_revient_pas():
    recevoir(au_plan("1", 0))
    enregistrer_adresse(Adresse.objects.get(), {"active": False}, par=moi())
    recevoir(au_plan("1", 0))
    assert not Adresse.objects.get().active


def test_une_voie_qui_quitte_le_plan_s_efface_avec_ses_numeros():
    autre = VoiePlan("Impasse du Pré", axe(40))
    recevoir(au_plan("1", 0), voies=(MOULIN, autre))
    assert recevoir(au_plan("1", 0)).voies_retirees == 1
    assert not Voie.objects.get(nom="Impasse du Pré").active
    recevoir(au_plan("1", 0), voies=(MOULIN, autre))
    assert Voie.objects.get(nom="Impasse du Pré").active


def test_le_nom_ecrit_par_une_personne_reste():
    v = voie("Rue du Mouliñ")
    recevoir_plan(INSEE, [VoiePlan("RUE DU MOULIN", axe())], [au_plan("1", 0, "RUE DU MOULIN")])
    v.refresh_from_db()
    assert v.nom == "Rue du Mouliñ" and v.axe is not None and v.adresses.count() == 1


def test_une_commune_ne_touche_pas_l_autre():
    recevoir_plan(AUTRE_INSEE, [MOULIN], [au_plan("1", 0)])
    recevoir(au_plan("2", 0))
    recevoir_plan(AUTRE_INSEE, [MOULIN], [au_plan("1", 0)])
    assert Voie.objects.count() == 2 and Adresse.objects.filter(active=True).count() == 2


def test_un_numero_deux_fois_au_plan_ne_compte_qu_une():
    b = recevoir(au_plan("1", 0), au_plan("1", 70))
    assert b.creees == 1 and b.ignores == {"en double dans le fichier": 1}
    b = recevoir(au_plan("1", 0), au_plan("1", 70))
    assert b.inchangees == 1 and b.ignores == {"en double dans le fichier": 1}


def test_le_plan_prete_sa_voie_a_la_commune_deleguee():
    v = voie("Rue du Moulin", deleguee_insee=AUTRE_INSEE, deleguee_nom="Ancienne commune fictive")
    b = recevoir(au_plan("1", 0))
    assert b.voies_creees == 0 and Adresse.objects.get().voie == v


def test_dix_mille_numeros_en_peu_de_requetes(django_assert_max_num_queries):
    rues = [VoiePlan(f"Rue numéro {n}", axe(n)) for n in range(100)]
    numeros = [au_plan(str(i), i, f"Rue numéro {n}") for n in range(100) for i in range(1, 101)]
    with django_assert_max_num_queries(60):
        assert recevoir_plan(INSEE, rues, numeros).creees == 10_000
    with django_assert_max_num_queries(15):
        assert recevoir_plan(INSEE, rues, numeros).inchangees == 10_000
