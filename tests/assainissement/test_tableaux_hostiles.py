"""Zonings, tables of old controls and declarations of sale that are wrong on purpose, through their pages."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assainissement.models import Controle, DeclarationVente, ImportZonage, ZonageAssainissement
from mairie.models import ImportTable
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.assainissement.test_suivi_collectif import TITRES
from tests.personnes import AUTRE_INSEE, INSEE, commune
from tests.plan_factice import rectangle

pytestmark = pytest.mark.usefixtures("aller")
IDU = f"{INSEE}000AB0001"


# --- zonings --------------------------------------------------------------------------------------


def zone(x=0.0, largeur=30.0, geometrie=..., **attributs):
    if geometrie is ...:
        geometrie = json.loads(rectangle(x, 0, largeur, 30).transform(4326, clone=True).geojson)
    return {"type": "Feature", "properties": {"type": "AC", **attributs}, "geometry": geometrie}


def deposer(client, *zones, octets=None, **champs):
    contenu = octets or json.dumps({"type": "FeatureCollection", "features": list(zones)}).encode()
    fichier = SimpleUploadedFile("zonage.geojson", contenu)
    valeurs = {
        "insee": INSEE,
        "acte": "Délibération 2026-2",
        "du": "2026-01-01",
        "fichier": fichier,
        **champs,
    }
    return client.post("/assainissement/zonage/importer/", valeurs)


def test_un_zonage_mele_dit_chaque_objet_meme_sans_forme():
    client = client_de("responsable")
    point = {"type": "Point", "coordinates": [5.6, 47.0]}
    plate = json.loads(rectangle(0, 0, 30, 30).transform(4326, clone=True).geojson)
    haute = {**plate, "coordinates": [[[[*p, 12.5] for p in plate["coordinates"][0][0]]]]}
    deposer(
        client, zone(geometrie=haute, **{"clé\0": "v\0"}), zone(geometrie=point, type="ANC"),
        zone(geometrie=None, type="ANC"), zone(40, 20, type="ANC"),
    )  # fmt: skip
    ligne = ImportZonage.objects.get()
    assert [bool(o["fautes"]) for o in ligne.objets] == [False, True, True, False]
    assert client.get(ligne.get_absolute_url()).status_code == 200
    rejets = json.loads(client.get(f"{ligne.get_absolute_url()}rejets/").content)
    assert len(rejets["features"]) == 2
    assert client.post(ligne.get_absolute_url()).status_code == 302
    assert sorted(ZonageAssainissement.objects.values_list("type", flat=True)) == ["AC", "ANC"]


@pytest.mark.parametrize(
    "octets",
    [
        b'{"type":"FeatureCollection","features":[]}',
        b"[1]",
        b'{"type":"FeatureCollection","features":[' + b'{"a":' * 3000,
        b'{"type":"Feature","geometry":{"type":"Polygon","coordinates":"ici"}}',
        b'{"type":"Feature","geometry":null,"properties":{"type":"AC"}}',
    ],
)
def test_un_fichier_de_zones_qui_n_en_est_pas_un_est_refuse_en_clair(octets):
    reponse = deposer(client_de("responsable"), octets=octets)
    assert reponse.status_code == 422
    assert not ImportZonage.objects.exists()
    assert 'aria-invalid="true"' in reponse.content.decode()


def test_le_meme_zonage_deux_fois_remplace_ou_non_ne_double_aucune_zone():
    client = client_de("responsable")
    for champs in ({}, {}, {"remplace": "on"}):
        deposer(client, zone(), **champs)
        client.post(ImportZonage.objects.latest("pk").get_absolute_url())
        assert ZonageAssainissement.objects.count() == 1
    # Two agents had the same file read before either confirmed.
    for jour in ("2026-02-01", "2026-02-01"):
        deposer(client, zone(), remplace="on", du=jour)
    for ligne in ImportZonage.objects.order_by("-pk")[:2]:
        client.post(ligne.get_absolute_url())
    assert list(ZonageAssainissement.objects.order_by("du").values_list("au", flat=True))[-1] is None
    assert ZonageAssainissement.objects.count() == 2


def test_un_jour_hors_du_temps_est_refuse():
    for jour in ("0001-01-01", "2025-02-29"):
        assert deposer(client_de("responsable"), zone(), du=jour, remplace="on").status_code == 422


def test_trois_mille_zones_se_verifient_sans_attendre(monkeypatch):
    """Compared to their neighbours only: the count of intersections is what would make a page time out."""
    import shapely

    from assainissement import zonage_import

    faites = []
    vraie = shapely.Polygon.intersection

    def compter(self, *a, **k):
        faites.append(1)
        return vraie(self, *a, **k)

    monkeypatch.setattr(shapely.Polygon, "intersection", compter)
    from datetime import date

    formes = [shapely.box(n * 10, 0, n * 10 + 10, 10) for n in range(400)]
    objets = [{"rang": n, "type": "AC", "fautes": []} for n in range(400)]
    zonage_import._verifier(objets, formes, "25998", date(2026, 1, 1), False)
    assert len(faites) == 399


def test_l_agent_d_une_autre_commune_n_ouvre_ni_ne_confirme_un_zonage():
    deposer(client_de("responsable"), zone())
    ligne = ImportZonage.objects.get()
    commune(AUTRE_INSEE, "Ailleurs")
    autre = client_de("responsable", insee=AUTRE_INSEE)
    assert autre.get(ligne.get_absolute_url()).status_code == 404
    assert autre.post(ligne.get_absolute_url()).status_code == 404
    assert autre.get(f"{ligne.get_absolute_url()}rejets/").status_code == 404
    assert deposer(autre, zone()).status_code == 422


# --- old controls ---------------------------------------------------------------------------------


def essayer(client, octets: bytes, nom="anciens.csv", appliquer=True) -> ImportTable | None:
    """Deposit, dry run, application; null when the file is refused at the door."""
    reponse = client.post("/assainissement/reprises/importer/", {"fichier": SimpleUploadedFile(nom, octets)})
    if reponse.status_code == 422:
        return None
    ligne = ImportTable.objects.latest("pk")
    champs = {f"c_{c}": r for c, r in ligne.correspondance.items()}
    for quoi in ("essayer", "appliquer")[: 2 if appliquer else 1]:
        client.post(reponse["Location"], {"faire": quoi, **champs})
        assert client.get(reponse["Location"]).status_code == 200
    ligne.refresh_from_db()
    return ligne


def rang(numero, visite="04/05/2018", avis="conforme", **plus):
    valeurs = dict(zip(TITRES, [INSEE, numero, "", visite, avis, "", "", IDU, "Fictif"], strict=True)) | plus
    return ";".join(valeurs.values())


def tableau(*rangs) -> str:
    return "\n".join([";".join(TITRES), *rangs])


def test_formules_octets_nuls_et_vingt_neuf_fevrier_dans_un_tableau():
    client = client_de("responsable")
    formule = '=HYPERLINK("http://x")|\'cmd'
    ligne = essayer(
        client,
        tableau(
            rang("A-1", "29/02/2024"), rang("A-2", "29/02/2023"), rang(formule, avis="on ne sait"),
            rang("é-4", **{"Nom du propriétaire": formule}), rang("A-1", "29/02/2024"),
        ).encode("cp1252"),
    )  # fmt: skip
    assert ligne is not None
    assert (ligne.bilan["creees"], ligne.bilan["refusees"]) == (2, 3)
    rejets = ligne.rejets.open("rb").read().decode("utf-8-sig")
    assert "'=HYPERLINK" in rejets
    assert {str(c.date_visite) for c in Controle.objects.all()} == {"2024-02-29", "2018-05-04"}
    # NUL in a text that is not what it says: refused at the door, whatever the encoding.
    for mauvais in (
        tableau(rang("A-9", avis="bien\0")).encode("utf-16"),
        tableau(rang("A-9\0")).encode(),
        tableau(rang("A-9")).replace("Avis", "Avis\0").encode("utf-16"),
    ):
        assert essayer(client, mauvais) is None


def test_un_tableau_d_un_autre_territoire_n_entre_pas():
    commune(AUTRE_INSEE, "Ailleurs")
    ligne = essayer(client_de("responsable"), tableau(rang("A-1", Commune=AUTRE_INSEE)).encode())
    assert ligne is not None
    assert (ligne.bilan["creees"], ligne.bilan["refusees"]) == (0, 1)
    assert (
        essayer(client_de("responsable", insee=AUTRE_INSEE), tableau(rang("A-1")).encode()).bilan["creees"]
        == 0
    )
    assert not Controle.objects.exists()


# --- declarations of sale -------------------------------------------------------------------------


def test_un_fichier_de_dia_piege_est_dit_ligne_par_ligne():
    client = client_de("responsable")

    def envoyer(contenu):
        fichier = SimpleUploadedFile(
            "dia.csv", contenu if isinstance(contenu, bytes) else contenu.encode("cp1252")
        )
        return client.post("/assainissement/ventes/importer/", {"fichier": fichier})

    entete = "Reference;Recue_le;Parcelles;Vendeur;Date_acte\n"
    lignes = [
        f"D-1;02/03/2026;{IDU};=1+1;",
        f"D-2;29/02/2025;{IDU};x;",
        f"D-3;01/03/2027;{IDU};x;",
        f"{'D' * 60}1;02/03/2026;{IDU};x;",
        f"D-5;02/03/2026;{AUTRE_INSEE}000AB0001;x;",
        f"D-6;02/03/2026;{IDU};{'x' * 151};",
        f"D-1;02/03/2026;{IDU};Élodie œuvre;",
    ]
    page = texte(envoyer(entete + "\n".join(lignes)))
    assert DeclarationVente.objects.get().reference == "D-1"
    for phrase in ("29/02/2025", "dans l'avenir", "dépasse 60", "n'est pas des vôtres", "dépasse 150"):
        assert phrase in page, phrase
    for mauvais in (b"Reference\0;x", b"a;b\n1;2", '"' + "x" * 200_000, b"", b"PK\x03\x04" + bytes(40)):
        assert envoyer(mauvais).status_code == 422
    assert DeclarationVente.objects.count() == 1
