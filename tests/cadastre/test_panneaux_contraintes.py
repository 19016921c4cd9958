"""PLU and risks on the parcel page, and through the API."""

from __future__ import annotations

import html
import json
import re

import pytest
from django.utils import timezone

from gis_data.contraintes.imports import importer_plu, importer_sup
from gis_data.models import CoucheDeclaree
from tests.gis_data.contraintes import plans
from tests.gis_data.contraintes.lecture_directe import lire_sans_enfant
from tests.personnes import agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def plu(tmp_path, plan, monkeypatch, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    lire_sans_enfant(monkeypatch)
    importer_plu(chemin := plans.ecrire(tmp_path), chemin.name)


def page(client, numero: int) -> str:
    reponse = client.get(f"/parcelles/25999000AB{numero:04d}/")
    assert reponse.status_code == 200
    texte = html.unescape(reponse.content.decode()).replace("\u202f", " ").replace("\xa0", " ")
    return re.sub(r"\s+", " ", texte)


def test_les_parts_de_zones_de_la_parcelle_font_cent(plu, client):
    """AB 4 lies across A and N."""
    texte = page(client, 4)
    table = texte[texte.index("tableau-zones") :]
    table = table[: table.index("</table>")]
    parts = [float(p.replace(",", ".")) for p in re.findall(r'<td class="nombre">([\d,]+) %', table)]
    assert parts == [66.7, 33.3, 100.0]
    assert sum(parts[:-1]) == 100.0
    assert "600 m²" in table and "300 m²" in table
    assert re.search(r'href="/carte/pieces/\d+#page=4"', table)
    assert "PLU du 15/01/2024 (25999_PLU_20240115)" in texte


def test_ce_qui_n_est_pas_charge_est_dit_et_ne_se_confond_pas_avec_rien(plu, client):
    texte = page(client, 1)
    assert "Rien trouvé" in texte and "prescriptions" in texte
    non_charge = texte[texte.index("Couche non chargée") :]
    assert "captage d'eau potable" in non_charge
    assert 'Risques : <span class="discret">couche non chargée' in texte


def test_sans_document_la_page_dit_non_charge(plan, client):
    texte = page(client, 1)
    assert 'Plan local d\'urbanisme, servitudes : <span class="discret">couche non chargée' in texte
    assert "tableau-zones" not in texte


def test_une_commune_sans_plu_mais_avec_des_servitudes_le_dit(plan, client, tmp_path, monkeypatch):
    lire_sans_enfant(monkeypatch)
    importer_sup(chemin := plans.ecrire_sup(tmp_path, "AC1"), chemin.name)
    texte = page(client, 1)
    assert "le document d'urbanisme de cette commune n'est pas dans l'outil" in texte
    assert "Abords de l'église, 500 m" in texte and "100 % du terrain" in texte


def test_une_couche_interne_ne_se_voit_que_des_agents(plu, client):
    CoucheDeclaree.objects.create(
        nom="risques_secret", libelle="Couche interne d'essai", source="Essai", chargee_le=timezone.now()
    )
    CoucheDeclaree.objects.create(
        nom="risques_argiles", libelle="Retrait des argiles", source="Essai", publique=True
    )
    assert "couche interne d'essai" not in page(client, 1)
    client.force_login(agent("sig.technicien"), backend="django.contrib.auth.backends.ModelBackend")
    assert "couche interne d'essai" in page(client, 1)


def test_une_parcelle_sans_contour_le_dit(plu, client):
    texte = page(client, 9001)
    assert "inconnu : la parcelle n'a pas de contour" in texte


# --- API ----------------------------------------------------------------------------------------


def demander(client, corps, statut: int = 200) -> dict:
    reponse = client.post("/api/contraintes", json.dumps(corps), content_type="application/json")
    assert reponse.status_code == statut, reponse.content
    return reponse.json()


def en_degres(x: float, y: float) -> list[float]:
    from tests.plan_factice import lonlat

    return list(lonlat(x, y))


def terrain(*coins: tuple[float, float]) -> dict:
    return {"type": "Polygon", "coordinates": [[en_degres(*c) for c in (*coins, coins[0])]]}


def test_un_terrain_dessine_a_ses_contraintes(plu, client):
    lu = demander(client, {"geometrie": terrain((90, 0), (120, 0), (120, 30), (90, 30))})
    assert {z["libelle"]: z["pct"] for z in lu["zonage"]["zones"]} == {"N": 66.7, "A": 33.3}
    assert lu["communes"] == [{"insee": "25999", "nom": "Valbrune-les-Essais"}]
    etats = {c["nom"]: c["etat"] for c in lu["couches"]}
    assert etats["plu_prescriptions"] == "trouve" and etats["sup_ac1"] == "non_chargee"


def test_un_point_et_une_date(plu, client):
    lon, lat = en_degres(50, 150)
    lu = client.get("/api/contraintes", {"lon": lon, "lat": lat}).json()
    assert [z["libelle"] for z in lu["zonage"]["zones"]] == ["UA"]
    avant = client.get("/api/contraintes", {"lon": lon, "lat": lat, "date": "2020-01-01"}).json()
    assert avant["zonage"]["etat"] == "non_chargee" and avant["jour"] == "2020-01-01"


@pytest.mark.parametrize(
    ("corps", "statut", "mot"),
    [
        ({}, 422, "geometrie"),
        ({"geometrie": {"type": "Polygon"}}, 400, "GeoJSON"),
        ({"geometrie": {"type": "Polygon", "coordinates": []}}, 400, ""),
        ({"geometrie": {"type": "Point", "coordinates": [900000, 6650000]}}, 400, "sort du territoire"),
        ({"geometrie": {"type": "Point", "coordinates": [170, -80]}}, 400, "sort du territoire"),
        (
            {
                "geometrie": {
                    "type": "Polygon",
                    "coordinates": [[[-4, 42], [9, 42], [9, 51], [-4, 51], [-4, 42]]],
                }
            },
            400,
            "25 km²",
        ),
        ({"geometrie": {"type": "Point", "coordinates": [6, 47]}, "jour": "jamais"}, 422, "jour"),
    ],
)
def test_une_demande_fautive_est_refusee_avec_des_mots(plu, client, corps, statut, mot):
    lu = demander(client, corps, statut)
    assert mot in lu["detail"]
    assert "Traceback" not in json.dumps(lu)


def test_une_forme_de_trop_de_sommets_est_refusee(plu, client):
    anneau = [[6 + i / 1e6, 47] for i in range(25_000)]
    lu = demander(client, {"geometrie": {"type": "LineString", "coordinates": anneau}}, 400)
    assert "20000 sommets" in lu["detail"]
