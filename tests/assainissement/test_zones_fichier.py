"""Zones of a file for several communes, zones with an issue by file, a network written for an EPCI."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assainissement.enjeux_import import lire_date, lire_enjeu
from assainissement.models import ImportZonage, ZonageAssainissement, ZoneEnjeu
from assainissement.zones_fichier import code_insee
from mairie.models import Appartenance
from tests.assainissement.fabrique_anc import JOUR
from tests.assainissement.test_ecrans_anc import texte
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune
from tests.plan_factice import rectangle

EPCI = "200000099"


def client_de_communes(*codes: str, role: str = "responsable") -> Client:
    client = Client()
    qui = agent(f"assainissement.{role}", codes=codes)
    client.force_login(qui, backend="django.contrib.auth.backends.ModelBackend")
    return client


def fichier(*zones: tuple[float, float, dict]) -> SimpleUploadedFile:
    """(west, width, attributes) of rectangles, as GeoJSON."""
    objets = [
        {
            "type": "Feature",
            "properties": dits,
            "geometry": json.loads(rectangle(x, 0, large, 30).transform(4326, clone=True).geojson),
        }
        for x, large, dits in zones
    ]
    return SimpleUploadedFile(
        "z.geojson", json.dumps({"type": "FeatureCollection", "features": objets}).encode()
    )


# --- what files write, without database ------------------------------------------------------------


@pytest.mark.parametrize(
    ("ecrit", "enjeu"),
    [
        ("sanitaire", "sanitaire"), ("Zone à enjeu SANITAIRE", "sanitaire"), ("ZES", "sanitaire"),
        ("environnemental", "environnemental"), ("ZEE", "environnemental"),
        ("sanitaire et environnemental", ""), ("polygone", ""), (None, ""), (3, ""),
    ],
)  # fmt: skip
def test_l_enjeu_se_lit_a_ses_ecritures(ecrit, enjeu):
    assert lire_enjeu(ecrit) == enjeu


def test_une_date_se_lit_comme_les_fichiers_l_ecrivent_ou_se_refuse():
    for ecrite in ("2024-05-02", "2024/05/02", "02/05/2024", "20240502", 20240502, "2024-05-02T00:00:00"):
        assert lire_date(ecrite) == date(2024, 5, 2), ecrite
    assert lire_date("") is lire_date(None) is None
    assert lire_date("1985-06-12") == date(1985, 6, 12)  # catchments were protected long before 1992
    for fausse in ("31/02/2024", "mai 2024", "1899-12-31", "2200-01-01", "20240502.0"):
        with pytest.raises(ValueError, match=r".+"):
            lire_date(fausse)


def test_une_commune_se_lit_en_texte_ou_en_nombre():
    assert [code_insee({"INSEE": v}) for v in ("25999", 25999, 25999.0, 1004, " 2a004 ", True, None)] == [
        "25999", "25999", "25999", "01004", "2A004", "", "",
    ]  # fmt: skip
    assert code_insee({"nom": "25999"}) == ""


# --- several communes at once ----------------------------------------------------------------------


@pytest.fixture
def ensemble(aller):
    """Two communes of one EPCI side by side, the limit at 55 m."""
    from cadastre.models import Commune, Feuille

    feuille = Feuille.objects.first()
    epci = commune(EPCI, "Communauté fictive")
    for code, ouest, large in ((INSEE, -200, 255), (AUTRE_INSEE, 55, 545)):
        Commune.objects.update_or_create(
            insee=code,
            defaults={
                "nom": code, "feuille": feuille, "millesime": date(2026, 1, 1),
                "geom": rectangle(ouest, -200, large, 400),
            },
        )  # fmt: skip
        Appartenance.objects.create(epci=epci, commune=commune(code), du=date(2020, 1, 1))


def deposer(client, zones, chemin="importer", **champs) -> ImportZonage:
    valeurs = {"insee": EPCI, "acte": "Délibération 2026-2", "du": "2026-01-01", "fichier": zones, **champs}
    envoi = client.post(f"/assainissement/zonage/{chemin}/", valeurs)
    assert envoi.status_code == 302, texte(envoi)
    return ImportZonage.objects.first()


def test_un_zonage_d_epci_va_a_chaque_commune_et_refuse_le_dehors(ensemble):
    elle = client_de_communes(INSEE, AUTRE_INSEE)
    zones = fichier(
        (0, 100, {"type": "AC"}),  # across the limit: 55 m here, 45 m there
        (100, 40, {"type": "ANC", "insee": AUTRE_INSEE}),
        (150, 40, {"type": "ANC", "insee": "25111"}),
        (150, 20, {"type": "ANC", "insee": INSEE}),  # not on its ground
        (900, 40, {"type": "ANC"}),
        (580, 40, {"type": "EP"}),  # half of it out of both
    )
    ligne = deposer(elle, zones)
    assert (ligne.communes, ligne.genre) == ([AUTRE_INSEE, INSEE], "zonage")
    dites = [(o["rang"], o["insee"], o["surface_m2"], " ".join(o["fautes"])) for o in ligne.objets]
    assert [d[:3] for d in dites if not d[3]] == [
        (1, AUTRE_INSEE, 1350), (1, INSEE, 1650), (2, AUTRE_INSEE, 1200), (6, AUTRE_INSEE, 600),
    ]  # fmt: skip
    assert [d[0] for d in dites if d[3]] == [3, 4, 5]
    fautes = [d[3] for d in dites if d[3]]
    for attendue, faute in zip(
        ("Commune 25111 : ce n'est pas", "Hors de", "Hors des communes"), fautes, strict=True
    ):
        assert attendue in faute
    rapport = texte(elle.get(ligne.get_absolute_url()))
    assert "600 m² hors des communes de l'import" in rapport and "Enregistrer 4 zones" in rapport
    cellules = re.findall(
        r'data-titre="Commune">\s*([^<]*?)\s*<', elle.get(ligne.get_absolute_url()).content.decode()
    )
    assert [c[-5:] for c in cellules] == [d[1] for d in dites] and f"Commune fictive {INSEE}" in cellules
    # Who rules one of them alone neither sees nor confirms it.
    assert client_de_communes(INSEE).get(ligne.get_absolute_url()).status_code == 404
    assert ligne.nom_fichier not in texte(client_de_communes(INSEE).get("/assainissement/zonage/importer/"))
    elle.post(ligne.get_absolute_url())
    lues = ZonageAssainissement.objects.order_by("insee", "type").values_list("insee", "type")
    assert sorted(lues) == sorted(
        [(INSEE, "AC"), (AUTRE_INSEE, "AC"), (AUTRE_INSEE, "ANC"), (AUTRE_INSEE, "EP")]
    )
    refusees = json.loads(elle.get(f"{ligne.get_absolute_url()}rejets/").content)["features"]
    assert [f["properties"].get("insee") for f in refusees] == ["25111", INSEE, None]
    # One commune replaced: the other keeps its own.
    ligne = deposer(elle, fichier((0, 50, {"type": "ANC"})), remplace="on", du="2026-02-01")
    elle.post(ligne.get_absolute_url())
    actuelles = ZonageAssainissement.objects.en_vigueur(JOUR).values_list("insee", "type")
    assert (INSEE, "ANC") in actuelles and (INSEE, "AC") not in actuelles
    assert (AUTRE_INSEE, "AC") in actuelles


def test_un_import_d_une_commune_refuse_la_ligne_d_une_autre(ensemble):
    lui = client_de_communes(INSEE)
    assert EPCI not in lui.get("/assainissement/zonage/importer/").content.decode()
    ligne = deposer(
        lui, fichier((0, 20, {"type": "AC"}), (20, 20, {"type": "AC", "insee": AUTRE_INSEE})), insee=INSEE
    )
    assert [bool(o["fautes"]) for o in ligne.objets] == [False, True]
    assert f"Commune {AUTRE_INSEE} : cet import est pour" in ligne.objets[1]["fautes"][0]


def test_des_zones_a_enjeu_s_importent_avec_leur_source_et_leurs_dates(ensemble):
    elle = client_de_communes(INSEE, AUTRE_INSEE)
    zones = fichier(
        (
            0,
            20,
            {"enjeu": "ZES", "source": "Profil de baignade 2024", "du": "02/05/2024", "au": "2030-01-01"},
        ),
        (20, 20, {"enjeu": "environnemental", "source": "SAGE fictif", "preuve_impact": "oui"}),
        (40, 10, {"enjeu": "mystère", "source": "SAGE fictif"}),
        (60, 10, {"enjeu": "sanitaire"}),
        (70, 10, {"enjeu": "sanitaire", "source": "S", "du": "32/01/2024"}),
        (80, 10, {"enjeu": "sanitaire", "source": "S", "du": "2025-01-02", "au": "2025-01-01"}),
        (90, 10, {"enjeu": "sanitaire", "source": "S", "preuve_impact": "un peu"}),
        (20, 20, {"enjeu": "environnemental", "source": "SAGE fictif"}),
        (600, 100, {"enjeu": "sanitaire", "source": "S"}),
    )
    ligne = deposer(elle, zones, "importer-enjeux", acte="")
    mots = (
        "Enjeu inconnu", "Source absente", "Date illisible", "La fin précède", "oui ou non", "que l'objet 2",
        "Hors des communes",
    )  # fmt: skip
    for mot, o in zip(mots, (o for o in ligne.objets if o["fautes"]), strict=True):
        assert mot in o["fautes"][0]
    page = texte(elle.get(ligne.get_absolute_url()))
    for mot in ("Profil de baignade 2024", "du 02/05/2024 au 01/01/2030", "impact prouvé", "7 refusées"):
        assert mot in page, mot
    elle.post(ligne.get_absolute_url())
    z = ZoneEnjeu.objects.get(enjeu="sanitaire")
    assert (z.insee, z.source, z.du, z.au) == (
        INSEE, "Profil de baignade 2024", date(2024, 5, 2), date(2030, 1, 1),
    )  # fmt: skip
    assert ZoneEnjeu.objects.get(enjeu="environnemental").preuve_impact
    # The same row again is known; a source said for the whole file serves rows without one.
    suite = fichier(
        (20, 20, {"enjeu": "ZEE", "source": "SAGE fictif"}), (60, 10, {"enjeu": "sanitaire"}),
    )  # fmt: skip
    ligne = deposer(elle, suite, "importer-enjeux", acte="SAGE fictif")
    assert [o["fautes"] for o in ligne.objets] == [["Déjà enregistrée."], []]
    # Replaced: those of that source alone end the day before.
    suite.seek(0)
    ligne = deposer(elle, suite, "importer-enjeux", acte="SAGE fictif", remplace="on", du="2026-02-01")
    elle.post(ligne.get_absolute_url())
    finies = ZoneEnjeu.objects.filter(au=date(2026, 1, 31))
    assert [(x.enjeu, x.source) for x in finies] == [("environnemental", "SAGE fictif")]
    assert ZoneEnjeu.objects.en_vigueur(JOUR).count() == 3
    assert (
        client_de_communes(INSEE, role="technicien")
        .get("/assainissement/zonage/importer-enjeux/")
        .status_code
        == 403
    )


def _enjeu(ouest: float = 20, large: float = 20, **dits) -> tuple[float, float, dict]:
    return ouest, large, {"enjeu": "ZEE", "source": "SAGE fictif", **dits}


def _refaire(elle, *zones, **champs) -> list[list[str]]:
    """Faults of each row of a file; what has none is written."""
    ligne = deposer(elle, fichier(*zones), "importer-enjeux", acte="", **champs)
    elle.post(ligne.get_absolute_url())
    return [o["fautes"] for o in ligne.objets]


def test_une_zone_a_enjeu_ne_s_enregistre_pas_deux_fois_pour_les_memes_jours(ensemble):
    elle = client_de_communes(INSEE, AUTRE_INSEE)
    # An old order in a column of decimals, with its end.
    datee = _enjeu(du="1985-06-12", au="2030-01-01", preuve_impact=1.0)
    assert _refaire(elle, datee) == [[]]
    z = ZoneEnjeu.objects.get()
    assert (z.du, z.au, z.preuve_impact) == (date(1985, 6, 12), date(2030, 1, 1), True)
    assert _refaire(elle, datee) == [["Déjà enregistrée."]]
    # The last day that they share; the next one is another period.
    assert _refaire(elle, _enjeu(du="2030-01-01")) == [["Déjà enregistrée."]]
    suites = (_enjeu(du="2030-01-02", au="2031-12-31"), _enjeu(du="2032-01-01"), _enjeu(du="2040-01-01"))
    assert _refaire(elle, *suites) == [[], [], ["La même que l'objet 2."]]
    assert ZoneEnjeu.objects.count() == 3


def test_remplacer_une_source_ne_laisse_jamais_deux_zones_du_meme_jour(ensemble):
    elle = client_de_communes(INSEE, AUTRE_INSEE)
    assert _refaire(elle, _enjeu(), du="2026-01-01") == [[]]
    # Of the same day: nothing would end, so neither the same nor its correction comes beside it.
    fautes = _refaire(
        elle, _enjeu(), _enjeu(20, 25), _enjeu(45, 5), remplace="on", du="2026-01-01"
    )  # fmt: skip
    assert fautes[0] == ["Déjà enregistrée."] and "depuis le 01/01/2026" in fautes[1][0] and fautes[2] == []
    # Rows that are older than what is in force replace nothing.
    assert "Dites une date" in _refaire(elle, _enjeu(20, 22), remplace="on", du="2025-12-31")[0][0]
    # A later day ends them both the day before, whatever the end that was said for them.
    assert _refaire(elle, _enjeu(20, 25), remplace="on", du="2026-02-01") == [[]]
    finie = (date(2026, 1, 1), date(2026, 1, 31))
    zones = ZoneEnjeu.objects.order_by("du", "pk").values_list("du", "au")
    assert list(zones) == [finie, finie, (date(2026, 2, 1), None)]


def test_mille_zones_d_une_source_se_comparent_a_leurs_voisines_seules(monkeypatch):
    from assainissement import enjeux_import, zones_fichier

    comparees = []
    monkeypatch.setattr(
        enjeux_import, "_pareilles", lambda un, autre: comparees.append(1) or un.equals(autre)
    )
    monkeypatch.setattr(enjeux_import, "_enregistrees", lambda objets: [])
    demandes = []
    monkeypatch.setattr(zones_fichier, "noms", lambda codes: demandes.append(1) or list(codes))
    monkeypatch.setattr(zones_fichier, "contours", lambda communes: {})
    lues = [
        zones_fichier.Lue(
            n + 1, {"insee": AUTRE_INSEE if n % 2 else INSEE}, shapely.box(n * 10, 0, n * 10 + 5, 5)
        )
        for n in range(1000)
    ]
    lues[-2] = zones_fichier.Lue(999, {}, lues[0].forme)
    objets = zones_fichier.repartir(lues, [INSEE])
    assert (len([o for o in objets if o["fautes"]]), demandes) == (500, [1])
    for o in objets:
        enjeux_import.completer(o, enjeu="sanitaire", source="S", du=JOUR)
    enjeux_import.verifier(objets, [o["forme"] for o in objets], remplace=False)
    assert objets[-2]["fautes"] == ["La même que l'objet 1."] and comparees == [1]
