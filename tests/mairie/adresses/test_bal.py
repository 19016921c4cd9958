"""The export in the national format: columns, order, encoding, keys, and what the national validator asks."""

from __future__ import annotations

import csv
import io
import re
import uuid

import pytest

from mairie.adresses import bal
from mairie.models import BaseAdresses
from tests.mairie.adresses.fabrique import adresse, degres, point, voie
from tests.personnes import AUTRE_INSEE, INSEE, commune

pytestmark = pytest.mark.django_db
ORDRE = (
    "id_ban_commune;id_ban_toponyme;id_ban_adresse;cle_interop;commune_insee;commune_nom;commune_deleguee_insee;"
    "commune_deleguee_nom;voie_nom;lieudit_complement_nom;numero;suffixe;position;x;y;long;lat;cad_parcelles;"
    "source;date_der_maj;certification_commune"
)


@pytest.fixture(autouse=True)
def _commune():
    commune(INSEE, "Valbrune-lès-Essais")


def lire() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(bal.texte(INSEE)), delimiter=";"))


def test_l_entete_est_celui_du_format():
    assert bal.texte(INSEE) == ORDRE + "\r\n"


def test_une_ligne(time_machine):
    time_machine.move_to("2026-03-02T23:30:00+01:00")
    rue = voie("Rue de l'Été", code="a123")
    adresse(
        rue,
        12,
        "bis",
        position=point(3, 4),
        type_position="entrée",
        certifiee=True,
        complement="Le Pré",
        parcelles=[f"{INSEE}000AB0001", f"{INSEE}000AB0002"],
    )
    lon, lat = degres(point(3, 4))
    assert lire() == [
        {
            "id_ban_commune": "",
            "id_ban_toponyme": "",
            "id_ban_adresse": "",
            "cle_interop": f"{INSEE}_a123_00012_bis",
            "commune_insee": INSEE,
            "commune_nom": "Valbrune-lès-Essais",
            "commune_deleguee_insee": "",
            "commune_deleguee_nom": "",
            "voie_nom": "Rue de l'Été",
            "lieudit_complement_nom": "Le Pré",
            "numero": "12",
            "suffixe": "bis",
            "position": "entrée",
            "x": "900003.00",
            "y": "6650004.00",
            "long": f"{lon:.7f}",
            "lat": f"{lat:.7f}",
            "cad_parcelles": f"{INSEE}000AB0001|{INSEE}000AB0002",
            "source": "commune",
            "date_der_maj": "2026-03-02",
            "certification_commune": "1",
        }
    ]


def test_l_encodage_est_utf8_sans_marque_et_les_lignes_finissent_comme_il_faut():
    adresse(voie("Rue de l'Été"), 1)
    octets = bal.texte(INSEE).encode()
    assert not octets.startswith(b"\xef\xbb\xbf") and "Été".encode() in octets
    assert octets.count(b"\r\n") == octets.count(b"\n") == 2


def test_l_ordre_est_celui_des_rues_puis_des_numeros():
    a, b = voie("Rue B"), voie("Rue A")
    for rue, numero, suffixe in ((a, 2, ""), (a, 1, "ter"), (a, 1, ""), (b, 10, ""), (b, 9, "")):
        adresse(rue, numero, suffixe)
    assert [(x["voie_nom"], x["numero"], x["suffixe"]) for x in lire()] == [
        ("Rue A", "9", ""),
        ("Rue A", "10", ""),
        ("Rue B", "1", ""),
        ("Rue B", "1", "ter"),
        ("Rue B", "2", ""),
    ]


def test_ce_qui_n_est_pas_place_ou_pas_actif_n_y_est_pas():
    rue = voie()
    adresse(rue, 1, position=None)
    adresse(rue, 2, active=False)
    adresse(voie("Rue d'ailleurs", AUTRE_INSEE), 3)
    assert lire() == []


def test_les_identifiants_sont_sur_toutes_les_lignes_ou_sur_aucune():
    rue = voie()
    une, deux = adresse(rue, 1), adresse(rue, 2)
    assert {x["id_ban_adresse"] for x in lire()} == {""}
    national = uuid.uuid4()
    BaseAdresses.objects.create(insee=INSEE, id_ban_commune=national)
    lignes = lire()
    assert {x["id_ban_commune"] for x in lignes} == {str(national)}
    assert {x["id_ban_toponyme"] for x in lignes} == {str(rue.id_ban)}
    assert [x["id_ban_adresse"] for x in lignes] == [str(une.id_ban), str(deux.id_ban)]
    assert all(uuid.UUID(x["id_ban_adresse"]).version == 4 for x in lignes)


def test_un_lieu_dit_sans_numero_porte_99999():
    voie("Le Grand Pré", nature="lieu_dit", code="b042")
    BaseAdresses.objects.create(insee=INSEE, id_ban_commune=uuid.uuid4())
    (x,) = lire()
    assert (
        x["cle_interop"],
        x["numero"],
        x["position"],
        x["id_ban_adresse"],
        x["certification_commune"],
    ) == (
        f"{INSEE}_b042_99999",
        "99999",
        "",
        "",
        "",
    )
    assert x["id_ban_toponyme"]


def test_ce_que_le_validateur_national_demande_de_chaque_ligne():
    """Rules of the validator of the national base, written again from its list of errors."""
    deleguee = {"deleguee_insee": AUTRE_INSEE, "deleguee_nom": "Autre fictive"}
    for i, rue in enumerate(
        [voie("Rue du Moulin"), voie("Chemin", code="0050"), voie("Rue du Moulin", **deleguee)]
    ):
        for n in range(1, 4):
            adresse(rue, n, ["", "bis", "b2"][n - 1], position=point(100 * i + n))
    for x in lire():
        morceaux = x["cle_interop"].split("_")
        assert x["cle_interop"] == x["cle_interop"].lower() and all(morceaux)
        assert morceaux[0] == x["commune_insee"].lower() and len(morceaux[1]) == 4
        assert re.fullmatch(r"\d{5}", morceaux[2]) and int(morceaux[2]) == int(x["numero"])
        assert morceaux[3:] == ([x["suffixe"]] if x["suffixe"] else [])
        assert 3 <= len(x["voie_nom"]) <= 200 and "_" not in x["voie_nom"]
        assert x["voie_nom"] != x["voie_nom"].upper()
        assert re.fullmatch(r"0|[1-9]\d{0,3}", x["numero"])
        for nombre in ("x", "y", "long", "lat"):
            assert re.fullmatch(r"-?(0|[1-9]\d*)\.\d+", x[nombre]), x[nombre]
        assert x["certification_commune"] in ("0", "1")
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", x["date_der_maj"])
        assert x["source"] and x["commune_nom"]
