"""What the documents in force say of a ground: shares, states, versions, links."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.imports import importer_plu, importer_sup
from gis_data.contraintes.resultat import Etat
from gis_data.models import CoucheDeclaree, ObjetDeclare
from tests.gis_data.contraintes import plans
from tests.gis_data.contraintes.plans import X0, Y0

pytestmark = pytest.mark.django_db
JOUR = date(2026, 3, 1)


@pytest.fixture
def plu(tmp_path, plan):
    importer_plu(chemin := plans.ecrire(tmp_path), chemin.name)


def boite(x: float, y: float, largeur: float, hauteur: float):
    return shapely.box(X0 + x, Y0 + y, X0 + x + largeur, Y0 + y + hauteur)


def etats(resultat) -> dict[str, str]:
    return {c.nom: c.etat.value for c in resultat.consultees}


def test_les_parts_de_zones_font_cent_la_ou_le_plu_couvre(plu):
    r = contraintes(boite(90, 0, 30, 30), JOUR)
    assert [(z.libelle, z.pct, z.mesure) for z in r.zonage.zones] == [("N", 66.7, 600), ("A", 33.3, 300)]
    assert r.zonage.repartition.hors is None and r.zonage.etat is Etat.TROUVE
    assert r.surface == 900 and r.communes == (("25999", "Valbrune-les-Essais"),)


def test_ce_qui_deborde_du_zonage_est_dit_hors_zonage(plu):
    r = contraintes(boite(150, 0, 100, 100), JOUR)
    assert [(z.libelle, z.pct) for z in r.zonage.zones] == [("N", 50.0)]
    assert (r.zonage.repartition.hors.pct, r.zonage.repartition.hors.mesure) == (50.0, 5000)


def test_un_eclat_de_zone_est_mis_a_part(plu):
    r = contraintes(boite(0, 0, 100.02, 90), JOUR)
    assert [(z.libelle, z.pct) for z in r.zonage.zones] == [("A", 100.0)]
    assert [z.libelle for z in r.zonage.eclats] == ["N"]


def test_une_zone_qui_ne_touche_que_le_bord_n_est_pas_comptee(plu):
    r = contraintes(boite(0, 0, 100, 100), JOUR)
    assert [z.libelle for z in r.zonage.zones] == ["A"] and r.zonage.eclats == ()


def test_sans_document_tout_est_non_charge(plan):
    r = contraintes(boite(0, 0, 30, 30), JOUR)
    assert r.zonage.etat is Etat.NON_CHARGEE and r.zonage.zones == ()
    assert set(etats(r).values()) == {"non_chargee"}
    assert r.zonage.en_json()["hors_zonage"] is None
    assert {"sup_ac1", "sup_pm1", "plu_prescriptions"} <= set(etats(r))


def test_rien_trouve_se_distingue_de_non_charge(plu):
    r = contraintes(boite(0, 0, 30, 30), JOUR)
    assert etats(r)["plu_prescriptions"] == "rien" and etats(r)["sup_ac1"] == "non_chargee"


def test_une_couche_que_le_paquet_n_avait_pas_est_non_chargee(tmp_path, plan):
    p = plans.plan()
    p.couches = {n: c for n, c in p.couches.items() if not n.startswith("PRESCRIPTION")}
    importer_plu(chemin := plans.ecrire(tmp_path, p), chemin.name)
    assert etats(contraintes(boite(0, 0, 30, 30), JOUR))["plu_prescriptions"] == "non_chargee"


def test_les_prescriptions_de_chaque_forme_sont_trouvees_et_mesurees(plu):
    r = contraintes(boite(0, 100, 200, 100), JOUR)
    (prescriptions,) = [c for c in r.consultees if c.nom == "plu_prescriptions"]
    trouvees = {o.code: (o.genre, o.mesure, o.pct, o.libelle) for o in prescriptions.objets}
    assert trouvees == {
        "22-03": ("ligne", 200, None, "Commerces"),
        "07-01": ("point", None, None, "Lavoir"),
    }
    (ebc,) = contraintes(boite(100, 0, 100, 100), JOUR).consultees[0].objets
    assert (ebc.code, ebc.mesure, ebc.pct) == ("01-01", 2500, 25.0)
    assert ebc.categorie == "Espace boisé classé : à protéger ou à conserver"


def test_une_ligne_dessinee_sur_la_limite_est_trouvee(plu):
    """Drawn along the boundary, thirty centimetres off."""
    r = contraintes(boite(0, 150.3, 30, 30), JOUR)
    assert [o.code for o in r.consultees[0].objets] == ["22-03"]
    assert contraintes(boite(0, 150.6, 30, 30), JOUR).consultees[0].objets == ()


def test_le_reglement_de_la_zone_est_lie_a_sa_page(plu, client):
    (zone,) = contraintes(boite(0, 0, 30, 30), JOUR).zonage.zones
    assert zone.lien.endswith("#page=3")
    reponse = client.get(zone.lien.partition("#")[0])
    assert reponse["Content-Type"] == "application/pdf"
    assert b"".join(reponse.streaming_content).startswith(b"%PDF-")
    assert reponse["Content-Security-Policy"].startswith("default-src 'none'")


def test_une_adresse_du_document_prime_et_seule_une_adresse_web_est_suivie(tmp_path, plan):
    p = plans.plan()
    p.couches["ZONE_URBA"][2].attributs["URLFIC"] = "https://exemple.invalid/reglement.pdf#page=4"
    p.couches["ZONE_URBA"][3].attributs |= {"URLFIC": "javascript:alert(1)", "NOMFIC": ""}
    importer_plu(chemin := plans.ecrire(tmp_path, p), chemin.name)
    liens = {z.libelle: z.lien for z in contraintes(boite(50, 0, 100, 90), JOUR).zonage.zones}
    assert liens == {"A": "https://exemple.invalid/reglement.pdf#page=4", "N": ""}


def test_le_jour_choisit_la_version(tmp_path, plan):
    ancien = plans.plan(date(2010, 5, 1))
    for entite in ancien.couches["ZONE_URBA"]:
        entite.attributs["LIBELLE"] = f"ancienne {entite.attributs['LIBELLE']}"[:12]
    for p in (ancien, plans.plan()):
        importer_plu(chemin := plans.ecrire(tmp_path, p), chemin.name)
    terrain = boite(0, 0, 30, 30)
    par_jour = {
        jour: [z.libelle for z in contraintes(terrain, jour).zonage.zones]
        for jour in (date(2010, 4, 30), date(2010, 5, 1), date(2024, 1, 14), date(2024, 1, 15))
    }
    assert list(par_jour.values()) == [[], ["ancienne A"], ["ancienne A"], ["A"]]
    assert contraintes(terrain, date(2010, 4, 30)).zonage.etat is Etat.NON_CHARGEE
    (source,) = contraintes(terrain, date(2020, 1, 1)).zonage.consultee.sources
    assert (source.du, source.au) == (date(2010, 5, 1), date(2024, 1, 15))


def test_les_servitudes_sont_rangees_par_categorie_avec_leurs_actes(tmp_path, plan):
    for categorie in ("AC1", "PM1"):
        importer_sup(chemin := plans.ecrire_sup(tmp_path, categorie), chemin.name)
    r = contraintes(boite(90, 0, 30, 30), JOUR)
    par_nom = {c.nom: c for c in r.consultees}
    (abords,) = par_nom["sup_ac1"].objets
    assert (abords.nature, abords.pct) == ("patrimoine", 100.0)
    assert ("Arrêté", "Inscription de l'église du 01/03/2023") in abords.details
    assert abords.lien
    assert par_nom["sup_pm1"].famille == "risque" and len(par_nom["sup_pm1"].objets) >= 1
    assert par_nom["sup_as1"].etat is Etat.NON_CHARGEE


def test_un_lot_d_une_autre_commune_ne_dit_rien_d_ici(tmp_path, plan):
    p = plans.plan(insee="25998")
    importer_plu(chemin := plans.ecrire(tmp_path, p), chemin.name)
    r = contraintes(boite(210, 0, 30, 30), JOUR)
    assert r.zonage.etat is Etat.NON_CHARGEE


def test_une_ligne_et_un_point_ont_leurs_zones(plu):
    ligne = shapely.LineString([(X0 + 50, Y0 + 50), (X0 + 150, Y0 + 50)])
    assert {z.libelle: z.pct for z in contraintes(ligne, JOUR).zonage.zones} == {"A": 50.0, "N": 50.0}
    point = shapely.Point(X0 + 50, Y0 + 150)
    r = contraintes(point, JOUR)
    assert [(z.libelle, z.pct) for z in r.zonage.zones] == [("UA", 100.0)]
    assert [o.code for o in r.consultees[1].objets] == ["04-00"]


def test_une_forme_croisee_est_reparee_et_une_forme_vide_refusee(plu):
    noeud = shapely.Polygon([(X0, Y0), (X0 + 20, Y0 + 20), (X0 + 20, Y0), (X0, Y0 + 20)])
    assert contraintes(noeud, JOUR).surface == 200
    with pytest.raises(ValueError, match="vide"):
        contraintes(shapely.Polygon(), JOUR)


def test_une_couche_declaree_non_chargee_est_dite_telle(plan):
    CoucheDeclaree.objects.create(nom="risques_argiles", libelle="Argiles", publique=True, source="Essai")
    interne = CoucheDeclaree.objects.create(
        nom="risques_interne", libelle="Interne", source="Essai", chargee_le=timezone.now(), version=1
    )
    assert etats(contraintes(boite(0, 0, 30, 30), JOUR))["risques_argiles"] == "non_chargee"
    assert "risques_interne" not in etats(contraintes(boite(0, 0, 30, 30), JOUR))
    assert ObjetDeclare.objects.filter(couche=interne).count() == 0


def test_une_question_coute_un_nombre_fixe_de_requetes(plu, django_assert_max_num_queries):
    with CaptureQueriesContext(connection) as requetes:
        contraintes(boite(0, 0, 200, 200), JOUR)
    assert len(requetes) <= 8


def test_la_reponse_est_du_json_sans_nom_de_personne(plu):
    import json

    document = json.loads(json.dumps(contraintes(boite(0, 0, 200, 200), JOUR).en_json()))
    assert document["zonage"]["etat_libelle"] == "trouvé"
    assert {z["libelle"] for z in document["zonage"]["zones"]} == {"UA", "UB", "A", "N"}
    assert sum(round(z["pct"] * 10) for z in document["zonage"]["zones"]) == 1000
