"""Settings: figures, those to confirm, the matrix, the street, services, bench of a grid, rights."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.core.files.uploadedfile import SimpleUploadedFile

from domainepublic import banc, conflits, parametres, types_locaux, voirie
from domainepublic.coordination import conflits as rencontres
from domainepublic.ecrans_parametres import FormulaireType
from domainepublic.formulaires import FormulaireEmprise
from domainepublic.models import (
    Compatibilite,
    GestionVoirie,
    LigneBus,
    ParametreODP,
    PointEau,
    ReglageType,
    TransfertPolice,
    TypeOccupation,
)
from domainepublic.tarifs import dupliquer
from domainepublic.usager.formulaires import EtapeQuoi
from mairie.models import ImportTable, JournalActe, ServiceConsulte
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import X0, Y0, acteur, dossier, emprise, ligne, rect, type_
from tests.domainepublic.test_coordination_odp import travaux
from tests.domainepublic.test_ecrans_odp import client_de
from tests.domainepublic.test_ecrans_odp import texte as lire
from tests.domainepublic.test_redevances_odp import grille
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune
from tests.plan_factice import point, rectangle

pytestmark = pytest.mark.usefixtures("aller")
BASE = "/domaine-public/parametres/"
VOIRIE = "/domaine-public/voirie/"


@pytest.fixture(autouse=True)
def _stockage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _deux_communes(aller):
    commune(AUTRE_INSEE)


def texte(reponse, statut: int = 200) -> str:
    assert reponse.status_code == statut
    return lire(reponse)


def partout(role: str):
    """The same role in both communes of the tests."""
    return agent(f"domainepublic.{role}", codes=(INSEE, AUTRE_INSEE), email=f"{role}@exemple.invalid")


def client_partout(client, role: str):
    client.force_login(partout(role), backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- figures --------------------------------------------------------------------------------------


def test_les_distances_reglees_servent_aux_conflits_et_au_calendrier():
    parametres.charger()
    par = acteur("administrateur")
    a, loin = travaux(), travaux(geom=ligne(0, 61), nature="Loin")
    assert not [r for r in rencontres.rencontres(a) if str(loin) in r.texte]
    p = ParametreODP.objects.get(code="coordination_m")
    parametres.regler(p, Decimal(40), par)
    assert [r for r in rencontres.rencontres(a) if str(loin) in r.texte and "40 m" in r.texte]
    # Trenches of the occupations are sought as far.
    tranchees = [
        dossier(emprise("RESEAU", geom=ligne(0, y), largeur=Decimal(1), operateur=f"Opérateur {y}"))
        for y in (31, 61)
    ]
    proches = conflits.candidates(tranchees[0].emprises.get(), tranchees[0])
    assert [e.dossier for e in proches] == [tranchees[1]]
    assert JournalActe.objects.filter(action=parametres.REGLE, donnees__apres="40").count() == 1
    with pytest.raises(Refus, match="entre 1 et 500"):
        parametres.regler(p, Decimal(0), par)
    with pytest.raises(Refus, match="nombre entier"):
        parametres.regler(ParametreODP.objects.get(code="revetement"), Decimal("2.5"), par)
    with pytest.raises(Refus, match="de la loi"):
        parametres.regler(ParametreODP.objects.get(code="loi_silence_travaux"), Decimal(3), par)


def test_un_chiffre_a_confirmer_ne_sert_qu_une_fois_verifie(aller):
    with pytest.raises(LookupError):
        parametres.valeur("loi_dict")
    parametres.charger()
    assert parametres.charger().creees == 0
    p = ParametreODP.objects.get(code="loi_dict")
    with pytest.raises(LookupError):
        parametres.valeur("loi_dict")
    par = acteur("administrateur")
    with pytest.raises(Refus, match="qui a vérifié"):
        parametres.confirmer(p, " ", date(2026, 3, 2), par)
    with pytest.raises(Refus, match="l'avenir"):
        parametres.confirmer(p, "A. Fictif, R554-26", date(2026, 3, 3), par)
    parametres.confirmer(p, "A. Fictif, R554-26", date(2026, 3, 2), par)
    assert parametres.valeur("loi_dict") == 7
    with pytest.raises(Refus, match="déjà actif"):
        parametres.confirmer(p, "encore", date(2026, 3, 2), par)


def test_les_pages_des_parametres_et_leurs_droits(client):
    parametres.charger()
    lecteur = client_de("lecture")
    lu = texte(lecteur.get(BASE))
    assert "Types d'occupation" in lu and "Délégations" in lu
    page = texte(lecteur.get(f"{BASE}a-confirmer/"))
    assert page.count("à confirmer") >= 6 and "Tarifs T" in page and "Activer" not in page
    p = ParametreODP.objects.get(code="pei_m")
    assert lecteur.get(f"{BASE}delais/{p.pk}/").status_code == 403
    # Common to all: who administers one commune only does not change it.
    assert "commune à toutes" in texte(client_de("administrateur").get(f"{BASE}delais/{p.pk}/"))
    admin = client_partout(client, "administrateur")
    assert texte(admin.post(f"{BASE}delais/{p.pk}/", {"valeur": "99"}), 422).count(
        "Donnez une valeur entre 0 et 50"
    )
    assert admin.post(f"{BASE}delais/{p.pk}/", {"valeur": "8,5"}).status_code == 302
    p.refresh_from_db()
    assert p.valeur == Decimal("8.5")


def test_un_type_livre_se_ferme_mais_ne_change_pas_de_code():
    t = type_("BENNE")
    champs = {
        "code": "MABENNE", "libelle": "Benne", "libelle_public": "Benne", "emprise_defaut": "non",
        "economique_defaut": "non", "geometries": "point, polygone", "unites": "unite", "periodes": "jour",
        "pieces": "plan", "delai_conseille_jours": "10", "imputation": "70323", "ordre": "1",
    }  # fmt: skip
    assert "type livré" in str(FormulaireType(champs, instance=t).errors["code"])
    ferme = FormulaireType({**champs, "code": "benne"}, instance=TypeOccupation.objects.get(pk=t.pk)).save()
    assert (ferme.code, ferme.actif, ferme.delai_conseille_jours) == ("BENNE", False, 10)
    assert FormulaireType(champs).is_valid()


def test_une_commune_dit_un_type_a_sa_facon_ou_le_ferme():
    t = type_("BENNE")
    admin = client_de("administrateur")
    champs = {
        "insee": INSEE, "type": t.pk, "propose": "on", "libelle_public": "Benne à gravats",
        "pieces": "plan\nphoto", "delai_conseille_jours": "21", "imputation": "70388", "unites": "m2",
    }  # fmt: skip
    adresse = "/domaine-public/types/nouveau/"
    assert "ne se compte pas en place" in texte(admin.post(adresse, {**champs, "unites": "place"}), 422)
    assert admin.post(adresse, champs).status_code == 302
    assert client_de("instructeur").get(adresse).status_code == 403
    ici, ailleurs = types_locaux.dans(t, INSEE), types_locaux.dans(t, AUTRE_INSEE)
    assert (ici.libelle_public, ici.liste_pieces, ici.delai_conseille_jours) == (
        "Benne à gravats", ("plan", "photo"), 21,
    )  # fmt: skip
    assert ailleurs is t and types_locaux.imputations(INSEE) == {t.pk: "70388"}
    assert dossier(emprise(unite="")).emprises.get().unite == "m2"
    donnees = {"insee": INSEE, "type": "BENNE", "beneficiaire": "particulier", "objet": ""}
    communes = [(INSEE, "Ici"), (AUTRE_INSEE, "Là")]
    assert EtapeQuoi(donnees, communes=communes).is_valid()
    ReglageType.objects.update(propose=False)
    assert list(EtapeQuoi(donnees, communes=communes).errors) == ["type"]
    assert EtapeQuoi({**donnees, "insee": AUTRE_INSEE}, communes=communes).is_valid()
    assert "BENNE" not in dict(EtapeQuoi(communes=communes[:1]).fields["type"].choices)
    # An agent of that commune alone is not offered it either; an emprise that has it keeps it.
    benne = type_("BENNE")
    offerts = FormulaireEmprise(insee=INSEE).fields["type"].queryset
    assert benne not in offerts and type_("ECHAF") in offerts
    assert benne in FormulaireEmprise(insee=AUTRE_INSEE).fields["type"].queryset
    deja = dossier(emprise("BENNE")).emprises.get()
    assert benne in FormulaireEmprise(insee=INSEE, emprise=deja).fields["type"].queryset
    ReglageType.objects.create(insee=INSEE, type=type_("ECHAF"), libelle="échafaudage de façade")
    assert "échafaudage de façade" in str(FormulaireEmprise(insee=INSEE)["type"])


# --- matrix ---------------------------------------------------------------------------------------


def test_la_matrice_se_regle_par_le_responsable_et_change_le_conflit(client):
    type_("BENNE")
    adresse = f"{BASE}compatibilite/?type=TERR_O"
    assert client_de("lecture").post(adresse, {"n_BENNE": "aucun"}).status_code == 403
    responsable = client_partout(client, "responsable")
    assert "terrasse ouverte" in texte(responsable.get(adresse)).lower()
    assert texte(responsable.post(adresse, {"n_BENNE": "jamais"}), 422).count("niveau de la liste")
    assert responsable.post(adresse, {"n_BENNE": "info", "t_BENNE": "vu"}).status_code == 302
    c = Compatibilite.objects.get(a="BENNE", b="TERR_O")
    assert (c.niveau, c.texte) == ("info", "vu")
    assert responsable.post(adresse, {"n_BENNE": "", "t_BENNE": ""}).status_code == 302
    assert not Compatibilite.objects.filter(a="BENNE", b="TERR_O").exists()
    assert responsable.get(f"{BASE}compatibilite/?type=RIEN").status_code == 404


# --- the street -----------------------------------------------------------------------------------


def test_un_point_d_eau_et_une_ligne_de_bus_se_disent_a_qui_instruit():
    PointEau.objects.create(insee=INSEE, numero="12", geom=point(8, 33))
    trait = LineString((X0, Y0 + 38), (X0 + 60, Y0 + 38), srid=2154)
    LigneBus.objects.create(insee=INSEE, code="3", geom=MultiLineString(trait, srid=2154), largeur=Decimal(7))
    d = dossier(emprise(geom=rect(0, 31, 4, 5)))
    motifs = {(c.motif, c.objet) for c in conflits.recalculer(d)}
    assert motifs == {("proximite_pei", "PEI-12"), ("avis_transport", "BUS-3")}


@pytest.mark.parametrize(("x", "attendu"), [(0, "route_departementale"), (200, None)])
def test_le_gestionnaire_du_sol_et_le_transfert_donnent_les_faits(x, attendu):
    GestionVoirie.objects.create(
        insee=INSEE, reference="RD 1", geom=rectangle(0, 30, 60, 10), domaine="route_departementale",
        en_agglomeration=False, au=date(2026, 6, 30),
    )  # fmt: skip
    TransfertPolice.objects.create(insee=INSEE, epci="Val", acte="1", du=date(2026, 1, 1))
    sol = rectangle(x, 31, 4, 2)
    faits = voirie.faits(INSEE, sol, date(2026, 6, 30))
    assert faits.get("domaine") == attendu and faits["police_transferee"] is True
    assert "domaine" not in voirie.faits(INSEE, sol, date(2026, 7, 1))


def test_deux_gestionnaires_ne_tiennent_pas_le_meme_sol_le_meme_jour():
    coordination = client_de("coordination")
    champs = {
        "insee": INSEE, "reference": "VC 1", "domaine": "voie_communale", "du": "2026-01-01",
        "geom": rectangle(0, 30, 60, 10).wkt,
    }  # fmt: skip
    assert coordination.post(f"{VOIRIE}gestionnaires/nouveau/", champs).status_code == 302
    suite = {**champs, "reference": "VC 2"}
    assert "recouvre 600 m²" in texte(coordination.post(f"{VOIRIE}gestionnaires/nouveau/", suite), 422)
    passe = {**suite, "du": "2025-01-01", "au": "2025-12-31"}
    assert coordination.post(f"{VOIRIE}gestionnaires/nouveau/", passe).status_code == 302
    assert client_de("instructeur").get(f"{VOIRIE}gestionnaires/nouveau/").status_code == 403
    g = GestionVoirie.objects.get(reference="VC 1")
    assert client_de("lecture").get(f"{VOIRIE}gestionnaires/{g.pk}/").status_code == 200
    assert (
        client_de("coordination", insee=AUTRE_INSEE).get(f"{VOIRIE}gestionnaires/{g.pk}/").status_code == 404
    )
    transfert = {"insee": INSEE, "epci": "Val", "circulation": "on", "acte": "1", "du": "2026-01-01"}
    assert coordination.post(f"{VOIRIE}transferts/nouveau/", transfert).status_code == 302
    assert "Un autre transfert" in texte(
        coordination.post(f"{VOIRIE}transferts/nouveau/", {**transfert, "du": "2026-02-01"}), 422
    )


def test_des_points_d_eau_s_importent_sans_doublon():
    coordination = client_de("coordination")
    degres = json.loads(point(8, 33).transform(4326, clone=True).geojson)
    trait = {
        "type": "Feature",
        "geometry": degres,
        "properties": {"insee": INSEE, "numéro": "12", "type": "BI"},
    }
    octets = json.dumps({"type": "FeatureCollection", "features": [trait]}).encode()
    for creees, inchangees in ((1, 0), (0, 1)):
        coordination.post(f"{VOIRIE}pei/importer/", {"fichier": SimpleUploadedFile("pei.geojson", octets)})
        recu = ImportTable.objects.latest("pk")
        choix = {f"c_{c}": str(r) for c, r in recu.correspondance.items()}
        for faire in ("essayer", "appliquer"):
            coordination.post(f"{VOIRIE}pei/importer/{recu.pk}/", {"faire": faire, **choix})
        recu.refresh_from_db()
        assert (recu.bilan["creees"], recu.bilan["inchangees"]) == (creees, inchangees)
    assert PointEau.objects.get().nature == "BI"


def test_un_service_consulte_se_regle_dans_sa_commune(client):
    admin = client_de("administrateur")
    champs = {
        "collectivite": INSEE, "code": "bornes", "libelle": "Bornes", "nature": "avis_simple",
        "delai_valeur": "5", "delai_unite": "jours", "effet_silence": "favorable", "actif": "on",
    }  # fmt: skip
    assert admin.post("/domaine-public/services/nouveau/", champs).status_code == 302
    s = ServiceConsulte.objects.get(code="bornes")
    assert (s.metier, s.collectivite) == ("domainepublic", INSEE)
    assert (
        admin.post(
            "/domaine-public/services/nouveau/", {**champs, "collectivite": "", "code": "b"}
        ).status_code
        == 422
    )
    assert client_de("instructeur").get("/domaine-public/services/").status_code == 403


# --- bench ----------------------------------------------------------------------------------------


def test_le_banc_compare_dix_cas_a_la_grille_precedente():
    g = grille()
    g.au = date(2026, 12, 31)
    g.save()
    suite = dupliquer(
        g, Decimal(10), libelle="2027", deliberation="2", deliberation_le=date(2026, 11, 1),
        du=date(2027, 1, 1), au=None,
    )  # fmt: skip
    cas = banc.cas(suite, {})
    assert 0 < len(cas) <= 10
    compares = [c for c in cas if c.ecart is not None and c.avant]
    assert compares and all(c.apres > c.avant for c in compares)
    assert banc.cas(suite, {"q0": "3,5", "j0": "2"})[0].quantite == Decimal("3.5")
    assert banc.cas(suite, {"q0": "-1", "j0": "x"})[0].quantite == cas[0].quantite
    page = client_de("finances").get(f"/domaine-public/tarifs/{suite.pk}/banc/")
    assert "Banc d'essai" in texte(page)


def test_des_zones_s_importent_chacune_prise_ou_refusee_avec_son_rang():
    g = grille()
    degres = [
        json.loads(rectangle(x, 30, 20, 10).transform(4326, clone=True).geojson) for x in (300, 310, 400)
    ]
    traits = [
        {"type": "Feature", "properties": {"code": c, "libelle": "Zone"}, "geometry": forme}
        for c, forme in zip(("X1", "X2", "X3"), degres, strict=True)
    ]
    octets = json.dumps({"type": "FeatureCollection", "features": traits}).encode()
    finances = client_de("finances")
    adresse = f"/domaine-public/tarifs/{g.pk}/zones.geojson/"
    for essai, nombre in (({"essai": "on"}, 0), ({}, 2), ({}, 2)):
        lu = texte(finances.post(adresse, {"fichier": SimpleUploadedFile("z.geojson", octets), **essai}), 422)
        assert "Objet 2 : Cette zone recouvre la zone X1" in lu
        assert g.zones.filter(code__startswith="X").count() == nombre
    assert client_de("instructeur").post(adresse).status_code == 403
