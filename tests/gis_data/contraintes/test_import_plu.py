"""Import of planning documents: sound packages of every version, and each bad input."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from gis_data.contraintes.imports import ImportRefuse, importer_plu
from gis_data.contraintes.imports.base import Rapport
from gis_data.demo.urbanisme import defauts, zonage
from gis_data.demo.urbanisme.zonage import Entite, Plan
from gis_data.models import (
    DocumentUrbanisme,
    ImportTravail,
    PieceEcrite,
    PluInformation,
    PluPrescription,
    PluZone,
)
from tests.gis_data.contraintes import plans

pytestmark = pytest.mark.django_db


def importer(chemin, **options):
    return importer_plu(chemin, chemin.name, **options)


def refus(chemin, **options) -> str:
    with pytest.raises(ImportRefuse) as erreur:
        importer(chemin, **options)
    assert not DocumentUrbanisme.objects.exists() and not PluZone.objects.exists()
    assert erreur.value.rapport.statut == "refuse"
    assert ImportTravail.objects.latest("pk").rapport["motif"] == str(erreur.value)
    return str(erreur.value)


def faute(code: str, tmp_path):
    return defauts.ecrire(code, plans.plan(), tmp_path)


# --- sound packages -----------------------------------------------------------------------------


@pytest.mark.parametrize("gpkg", [False, True])
def test_un_paquet_complet_est_ecrit_et_ses_comptes_concordent(tmp_path, gpkg):
    rapport = importer(plans.ecrire(tmp_path, gpkg=gpkg))
    assert rapport.statut == "importe" and rapport.ecarts == {}
    assert rapport.lus == rapport.ecrits == {
        "ZONE_URBA": 4, "PRESCRIPTION_SURF": 1, "PRESCRIPTION_LIN": 1, "PRESCRIPTION_PCT": 1, "INFO_SURF": 1,
        "DOC_URBA": 1, "DOC_URBA_COM": 1,
    }  # fmt: skip
    document = DocumentUrbanisme.objects.get()
    assert (document.type_document, document.territoire, document.communes) == ("PLU", "25999", ["25999"])
    assert (document.valide_du, document.valide_au, document.standard) == (plans.JOUR, None, "2024")
    zone = PluZone.objects.get(libelle="UA")
    assert (zone.typezone, zone.identifiant) == ("U", "Z1")
    assert zone.libelong == "Zone UA à Vallée-l'Œuvre"
    assert zone.nomfic == "25999_reglement_20240115.pdf#page=1" and zone.date_validation == plans.JOUR
    assert zone.geom.area == pytest.approx(10_000) and zone.geom_3857.srid == 3857
    assert PluPrescription.objects.get(type_code="01").sous_type == "01"
    assert {p.geom.geom_type for p in PluPrescription.objects.all()} == {
        "MultiPolygon", "MultiLineString", "MultiPoint",
    }  # fmt: skip
    assert PluInformation.objects.get().txt == "DPU"
    assert PieceEcrite.objects.get().nom == "25999_reglement_20240115.pdf"
    assert rapport.anomalies == []


@pytest.mark.parametrize("standard", ["2013", "2014", "2017"])
def test_les_versions_anciennes_du_standard_se_lisent(tmp_path, standard):
    p = plans.plan()
    for entite in p.couches["ZONE_URBA"]:
        entite.attributs |= {"INSEE": "25999", "DATAPPRO": plans.JOUR, "DESTDOMI": "01"}
    importer(plans.ecrire(tmp_path, p, standard=standard))
    document = DocumentUrbanisme.objects.get()
    assert document.standard == standard
    zone = PluZone.objects.get(libelle="UA")
    assert zone.insee == ("25999" if standard < "2017" else "")
    assert zone.destdomi == ("01" if standard < "2017" else "")


def test_une_carte_communale_se_lit_par_ses_secteurs(tmp_path):
    p = plans.plan()
    zones = p.couches.pop("ZONE_URBA")
    for entite, code in zip(zones, ("01", "02", "03", "03"), strict=True):
        entite.attributs |= {"TYPESECT": code, "FERMRECO": "non", "NOMFIC": ""}
    p.couches = {"SECTEUR_CC": zones, "ZONE_URBA": [], "DOC_URBA": p.couches["DOC_URBA"]}
    p.couches["DOC_URBA"][0].attributs["TYPEDOC"] = "CC"
    rapport = importer(plans.ecrire(tmp_path, p, standard="2017"))
    assert DocumentUrbanisme.objects.get().type_document == "CC"
    assert sorted(PluZone.objects.values_list("typezone", flat=True)) == ["01", "02", "03", "03"]
    assert "TYPE_INCONNU" not in rapport.par_code()


def test_un_plui_tient_ses_communes_de_la_table(tmp_path):
    p = plans.plan(insee="259990001", TYPEDOC="PLUI")
    for entite in p.couches["DOC_URBA"] + p.couches["ZONE_URBA"]:
        entite.attributs["IDURBA"] = "259990001_PLUI_20240115"
    p.couches["DOC_URBA_COM"] = [
        Entite(None, {"IDURBA": "259990001_PLUI_20240115", "INSEE": c}) for c in ("25998", "25999")
    ]
    importer(plans.ecrire(tmp_path, p))
    document = DocumentUrbanisme.objects.get()
    assert (document.type_document, document.territoire) == ("PLUi", "259990001")
    assert document.communes == ["25998", "25999"]


def test_les_textes_en_cp1252_se_lisent(tmp_path):
    rapport = importer(plans.ecrire(tmp_path, encodage="CP1252"))
    assert PluZone.objects.get(libelle="UA").libelong == "Zone UA à Vallée-l'Œuvre"
    assert rapport.encodages["25999_ZONE_URBA_20240115"] == "CP1252"


def test_un_paquet_dans_une_autre_projection_est_ramene_a_la_projection_legale(tmp_path):
    import numpy as np

    from gis_data.projections import transformer

    p = plans.plan()
    for couche in p.couches.values():
        for entite in couche:
            if entite.forme is not None:
                (entite.forme,) = transformer(np.array([entite.forme], dtype=object), 2154, 3947)
    rapport = importer(plans.ecrire(tmp_path, Plan(p.insee, 3947, p.jour, p.couches)))
    assert set(rapport.projections.values()) == {3947}
    zone = PluZone.objects.get(libelle="UA")
    assert zone.geom.extent == pytest.approx(plans.carre(0, 1).bounds, abs=0.05)


def test_un_dossier_s_importe_comme_un_zip(tmp_path):
    import zipfile

    with zipfile.ZipFile(plans.ecrire(tmp_path)) as archive:
        archive.extractall(tmp_path / "d")
    importer(tmp_path / "d" / "25999_PLU_20240115")
    assert PluZone.objects.count() == 4


def test_un_televersement_s_importe(tmp_path):
    octets = plans.ecrire(tmp_path).read_bytes()
    rapport = importer_plu(BytesIO(octets), "25999_PLU_20240115.zip")
    assert rapport.statut == "importe" and len(rapport.empreinte) == 64


def test_les_champs_hors_standard_sont_gardes_et_signales(tmp_path):
    p = plans.plan()
    for entite in p.couches["ZONE_URBA"]:
        entite.attributs["SYMBOLE"] = "fond clair"
    rapport = importer(plans.ecrire(tmp_path, p))
    assert PluZone.objects.filter(autres__SYMBOLE="fond clair").count() == 4
    assert rapport.par_code() == {}


# --- versions -----------------------------------------------------------------------------------


def test_une_version_ferme_la_precedente(tmp_path):
    importer(plans.ecrire(tmp_path, plans.plan(date(2010, 5, 1))))
    rapport = importer(plans.ecrire(tmp_path))
    assert [(d.valide_du, d.valide_au) for d in DocumentUrbanisme.objects.order_by("valide_du")] == [
        (date(2010, 5, 1), plans.JOUR), (plans.JOUR, None),
    ]  # fmt: skip
    assert "cesse le 15/01/2024" in rapport.documents[0]["effets"][0]


def test_une_version_plus_ancienne_prend_sa_place_dans_l_histoire(tmp_path):
    importer(plans.ecrire(tmp_path))
    importer(plans.ecrire(tmp_path, plans.plan(date(2010, 5, 1))))
    ancienne = DocumentUrbanisme.objects.get(valide_du=date(2010, 5, 1))
    assert ancienne.valide_au == plans.JOUR
    assert DocumentUrbanisme.objects.filter(valide_au__isnull=True).count() == 1


def test_le_meme_paquet_deux_fois_remplace_le_premier(tmp_path, django_capture_on_commit_callbacks):
    chemin = plans.ecrire(tmp_path)
    importer(chemin)
    with django_capture_on_commit_callbacks(execute=True):
        rapport = importer(chemin)
    assert "remplacé" in rapport.documents[0]["effets"][0]
    assert DocumentUrbanisme.objects.count() == 1 and PluZone.objects.count() == 4
    # The file of the first import is gone, that of the second is there.
    assert len(list((tmp_path / "media").rglob("*.pdf"))) == 1


def test_un_plui_remplace_le_plu_de_ses_communes(tmp_path):
    importer(plans.ecrire(tmp_path, plans.plan(date(2010, 5, 1))))
    p = plans.plan(insee="259990001", TYPEDOC="PLUI")
    for entite in (*p.couches["DOC_URBA"], *p.couches["ZONE_URBA"]):
        entite.attributs["IDURBA"] = "259990001_PLUI_20240115"
    p.couches["DOC_URBA_COM"] = [Entite(None, {"IDURBA": "259990001_PLUI_20240115", "INSEE": "25999"})]
    importer(plans.ecrire(tmp_path, p))
    assert DocumentUrbanisme.objects.get(territoire="25999").valide_au == plans.JOUR


def test_une_fin_dite_par_le_document_est_gardee(tmp_path):
    p = plans.plan(DATEFIN=date(2025, 3, 1), ETAT="05")
    importer(plans.ecrire(tmp_path, p))
    assert DocumentUrbanisme.objects.get().valide_au == date(2025, 3, 1)


# --- bad input ----------------------------------------------------------------------------------


def test_une_projection_fausse_est_refusee(tmp_path, plan):
    assert "hors du territoire" in refus(faute("projection-fausse", tmp_path))


def test_une_projection_inconnue_est_refusee(tmp_path):
    assert "n'est pas reconnue" in refus(faute("projection-inconnue", tmp_path))


def test_sans_prj_le_paquet_est_refuse_sauf_si_l_on_dit_sa_projection(tmp_path):
    chemin = faute("sans-prj", tmp_path)
    assert ".prj manquant" in refus(chemin)
    assert importer(chemin, srid=2154).statut == "importe"


def test_sans_dbf_le_paquet_est_refuse_et_le_fichier_nomme(tmp_path):
    assert "25999_ZONE_URBA_20240115.dbf" in refus(faute("sans-dbf", tmp_path))


def test_sans_shx_le_paquet_est_importe_et_c_est_dit(tmp_path):
    rapport = importer(faute("sans-shx", tmp_path))
    assert rapport.par_code() == {"FICHIER_MANQUANT": 1} and PluZone.objects.count() == 4


def test_sans_zones_ce_n_est_pas_un_document_d_urbanisme(tmp_path):
    assert "ni ZONE_URBA ni SECTEUR_CC" in refus(faute("sans-zones", tmp_path))


def test_sans_doc_urba_le_nom_du_paquet_suffit(tmp_path):
    rapport = importer(faute("sans-doc-urba", tmp_path))
    assert rapport.par_code() == {"DOC_URBA_ABSENT": 1}
    assert DocumentUrbanisme.objects.get().valide_du == plans.JOUR


def test_sans_rien_qui_le_dise_le_territoire_et_la_date_se_donnent(tmp_path):
    p = plans.plan()
    for entite in p.couches["ZONE_URBA"]:
        entite.attributs["IDURBA"] = ""
    chemin = defauts.ecrire("sans-doc-urba", p, tmp_path).rename(tmp_path / "zonage.zip")
    import zipfile

    with zipfile.ZipFile(chemin) as archive, zipfile.ZipFile(tmp_path / "nu.zip", "w") as nu:
        for membre in archive.namelist():
            nu.writestr(
                membre.rpartition("/")[2].replace("25999_", "").replace("_20240115", ""), archive.read(membre)
            )
    assert "de quel territoire" in refus(tmp_path / "nu.zip")
    importer(tmp_path / "nu.zip", territoire="25999", jour=date(2020, 1, 1))
    assert DocumentUrbanisme.objects.get().identifiant == "25999_PLU_20200101"


def test_un_contour_croise_est_repare_et_c_est_dit(tmp_path):
    rapport = importer(faute("contour-croise", tmp_path))
    (anomalie,) = [a for a in rapport.anomalies if a.code == "GEOMETRIE_REPAREE"]
    assert anomalie.ecrit and "il se croise" in anomalie.message and anomalie.numero == 1
    assert PluZone.objects.get(libelle="UA").geom.valid


def test_des_zones_superposees_sont_signalees_avec_leur_surface(tmp_path):
    rapport = importer(faute("zones-superposees", tmp_path))
    messages = [a.message for a in rapport.anomalies if a.code == "CHEVAUCHEMENT"]
    assert any("zone UA (n° 1)" in m and "zone UB (n° 2)" in m and "m²" in m for m in messages)
    assert PluZone.objects.count() == 4


def test_des_zones_qui_se_touchent_ne_se_superposent_pas(tmp_path):
    assert "CHEVAUCHEMENT" not in importer(plans.ecrire(tmp_path)).par_code()


def test_des_codes_inconnus_sont_gardes_et_signales(tmp_path):
    rapport = importer(faute("codes-inconnus", tmp_path))
    assert rapport.par_code() == {"TYPE_INCONNU": 2}
    assert PluZone.objects.filter(typezone="ZZ").exists()
    assert PluPrescription.objects.filter(type_code="88").exists()


def test_un_objet_sans_geometrie_n_est_pas_ecrit_mais_compte(tmp_path):
    rapport = importer(faute("sans-geometrie", tmp_path))
    assert (rapport.lus["ZONE_URBA"], rapport.ecrits["ZONE_URBA"]) == (5, 4)
    assert rapport.par_code() == {"GEOMETRIE_ABSENTE": 1} and rapport.ecarts == {}


def test_un_projet_de_plan_n_est_pas_importe(tmp_path):
    assert "pas en vigueur" in refus(faute("projet", tmp_path))


def test_un_jeu_de_caracteres_mal_annonce_est_corrige_et_dit(tmp_path):
    rapport = importer(faute("cpg-menteur", tmp_path))
    assert PluZone.objects.get(libelle="UA").libelong == "Zone UA à Vallée-l'Œuvre"
    assert "JEU_DE_CARACTERES" in rapport.par_code()


def test_un_reglement_absent_est_signale(tmp_path):
    rapport = importer(faute("sans-reglement", tmp_path))
    assert rapport.par_code() == {"PIECE_ABSENTE": 1} and not PieceEcrite.objects.exists()


def test_une_date_illisible_est_signalee():
    rapport = Rapport("plu", "essai.zip")
    assert rapport.date("20241345", "ZONE_URBA", 3) is None
    (anomalie,) = rapport.anomalies
    assert (anomalie.code, anomalie.numero) == ("DATE_ILLISIBLE", 3) and "20241345" in anomalie.message
    assert rapport.date("15/01/2024", "ZONE_URBA", 4) == date(2024, 1, 15)
    assert rapport.date("", "ZONE_URBA", 5) is None and len(rapport.anomalies) == 1


def test_un_paquet_d_un_autre_lieu_est_refuse(tmp_path, plan):
    """With the commune loaded, a PLU two hundred kilometres away is not its own."""
    from shapely.affinity import translate

    p = plans.plan()
    for couche in p.couches.values():
        for entite in couche:
            if entite.forme is not None:
                entite.forme = translate(entite.forme, -300_000, -200_000)
    assert "hors du territoire" in refus(plans.ecrire(tmp_path, p))


def test_rien_n_est_a_moitie_ecrit_quand_l_ecriture_echoue(tmp_path, monkeypatch):
    from gis_data.contraintes.imports import plu

    ecrire = plu.ecrire_lots

    def casser(modele, objets):
        if modele is PluInformation:
            raise RuntimeError("panne")
        return ecrire(modele, objets)

    monkeypatch.setattr(plu, "ecrire_lots", casser)
    with pytest.raises(RuntimeError):
        importer(plans.ecrire(tmp_path))
    assert not DocumentUrbanisme.objects.exists() and not PluZone.objects.exists()
    assert ImportTravail.objects.get().etat == "interrompu"
    assert not list((tmp_path / "media").rglob("*.pdf"))


# --- command ------------------------------------------------------------------------------------


def test_la_commande_rend_un_rapport_json_par_paquet(tmp_path):
    sortie = StringIO()
    call_command("importer_plu", str(plans.ecrire(tmp_path)), json=True, stdout=sortie)
    (rapport,) = json.loads(sortie.getvalue())
    assert rapport["statut"] == "importe" and rapport["ecarts"] == {}
    assert rapport["documents"][0]["courant"] is True


def test_la_commande_continue_apres_un_refus_et_le_dit(tmp_path):
    mauvais = faute("sans-zones", tmp_path).rename(tmp_path / "mauvais.zip")
    sortie = StringIO()
    with pytest.raises(CommandError):
        call_command(
            "importer_plu", str(mauvais), str(tmp_path / "absent.zip"), str(plans.ecrire(tmp_path)),
            json=True, stdout=sortie,
        )  # fmt: skip
    assert [r["statut"] for r in json.loads(sortie.getvalue())] == ["refuse", "refuse", "importe"]
    assert PluZone.objects.count() == 4


def test_le_zonage_fictif_pave_la_commune():
    """Zones of the generated plan neither overlap nor leave a hole."""
    from gis_data.demo.construction import construire
    from gis_data.demo.urbanisme import sol

    terrain = sol.du_generateur(construire("25999", 120, 7, 3, "LAMB93"), 2154)
    zones = zonage.decouper(terrain).zones
    assert {"UA", "UB", "A", "N"} <= set(zones)
    assert sum(z.area for z in zones.values()) == pytest.approx(terrain.commune.area, rel=1e-5)
