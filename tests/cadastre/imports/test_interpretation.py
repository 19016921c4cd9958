"""What becomes of unusual objects, one invented sheet each; rows that several sheets share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cadastre.imports.identite import cle_idu, cles_feuille, id12
from cadastre.imports.parcelles import empreintes
from cadastre.models import (
    Anomalie,
    BatimentParcelle,
    Charge,
    Commune,
    DetailTopo,
    Feuille,
    NumeroVoirieParcelle,
    ObjetInconnu,
    OccurrenceCommune,
    Parcelle,
    PointCanevas,
    RelationEdigeo,
    Section,
    SubdivisionParcelle,
    SymboleLimite,
)
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from tests import bases
from tests.lots import ORIGINE, P, archive, carre, feuille, tar

A, B = "259990000A01", "259990000A02"
M1, M2, M3 = date(2019, 1, 1), date(2020, 1, 1), date(2021, 1, 1)
UN, DEUX = carre(0, 0, 100), carre(100, 0, 100)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(ORIGINE[0] + x, ORIGINE[1] + y)


def verser(
    dossier: Path, id12: str = A, jour: date = M1, parcelles: Any = None, **champs: Any
) -> bases.Import:
    fait = bases.importer(archive(dossier / f"{jour}", id12, jour, parcelles or [P(1, UN)], **champs))
    assert fait.code == 0, fait.erreurs
    return fait


def codes(fait: bases.Import) -> dict[str, dict[str, Any]]:
    return {a["code"]: a for a in fait.seule["anomalies"] if a["code"] != "DOMAINE_NON_CADASTRE"}


# -- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("supf", ["beaucoup", "-5.", "99999999999."])
def test_une_contenance_impossible_est_laissee_vide_et_dite(base_imports, tmp_path, supf):
    fait = verser(tmp_path, parcelles=[P(1, UN, attributs={"SUPF": supf})])
    assert Parcelle.objects.get().contenance is None
    assert codes(fait)["VALEUR_INVALIDE"]["identifiant"] == "25999000" + "0A0001"


def test_sans_contenance_ce_n_est_pas_une_anomalie(base_imports, tmp_path):
    assert codes(verser(tmp_path)) == {}
    assert Parcelle.objects.get().contenance is None


@pytest.mark.parametrize(
    ("dur", "code"), [("01", None), ("02", None), ("03", "VALEUR_INVALIDE"), (None, "ATTRIBUT_ABSENT")]
)
def test_batiment_dur_leger_ou_inconnu(base_imports, tmp_path, dur, code):
    attributs = {"TEX": "GRANGE"} | ({"DUR": dur} if dur else {})
    fait = verser(tmp_path, autres={"BATIMENT": [("B1", attributs, carre(10, 10, 10))]})
    assert set(codes(fait)) == ({code} if code else set())


def test_une_classe_inconnue_est_gardee_entiere(base_imports, tmp_path):
    lignes = [("X1", {"TEX": "éolienne", "HAUTEUR": "120"}, point(5, 5)), ("X2", {}, None)]
    fait = verser(tmp_path, autres={"EOLIENNE": lignes})
    objet = ObjetInconnu.objects.get(rid="X1")
    assert (objet.type, objet.attributs["HAUTEUR"], objet.geom.coords) == (
        "EOLIENNE",
        "120",
        point(5, 5).coords[0],
    )
    assert fait.seule["lus"]["EOLIENNE"] == fait.seule["ecrits"]["EOLIENNE"] == 2
    assert "CLASSE_INCONNUE" in codes(fait)


def test_chaque_classe_va_dans_sa_table(base_imports, tmp_path):
    verser(
        tmp_path,
        autres={
            "CHARGE": [("H1", {"TEX": "servitude"}, carre(0, 0, 10))],
            "PTCANV": [("K1", {"IDU": "12", "ORI": "+50.", "SYM": "5"}, point(1, 1))],
            "SYMBLIM": [("S1", {"SYM": "39", "ORI": "+12.5"}, point(2, 2))],
            "TLINE": [("D1", {"SYM": "21", "TEX": "haie"}, shapely.LineString([point(0, 0), point(9, 9)]))],
            "TPOINT": [("D2", {"SYM": "47"}, point(3, 3))],
        },
    )
    assert Charge.objects.get().texte == "servitude"
    assert (PointCanevas.objects.get().idu, PointCanevas.objects.get().orientation) == ("12", 50.0)
    assert (SymboleLimite.objects.get().sym, SymboleLimite.objects.get().orientation) == ("39", 12.5)
    assert set(DetailTopo.objects.values_list("genre", "sym", "texte")) == {
        ("TLINE", "21", "haie"),
        ("TPOINT", "47", ""),
    }
    assert DetailTopo.objects.get(genre="TPOINT").geom_3857 is not None


def test_deux_parcelles_qui_se_recouvrent(base_imports, tmp_path):
    fait = verser(tmp_path, parcelles=[P(1, UN), P(2, carre(99, 0, 100)), P(3, carre(500, 0, 9))])
    anomalie = codes(fait)["RECOUVREMENT"]
    assert anomalie["identifiant"] == "259990000A0001"
    assert "259990000A0002" in anomalie["detail"]
    assert "100,0 m²" in anomalie["detail"]
    place = Anomalie.objects.get(code="RECOUVREMENT").point
    assert (place.x, place.y) == pytest.approx((ORIGINE[0] + 99.5, ORIGINE[1] + 50), abs=1)


@pytest.mark.parametrize(("largeur", "signale"), [(0.0099, False), (0.0101, True)])
def test_seuil_du_recouvrement(largeur, signale):
    from cadastre.imports.controles import recouvrements
    from cadastre.imports.parcelles import Parcelles

    geom = np.array([UN, carre(100 - largeur, 0, 100)])
    lues = Parcelles(feuille(A, M1, [P(1, UN), P(2, DEUX)]).objets["PARCELLE"], ["a", "b"], ["", ""], [], [])
    assert bool(recouvrements(lues, geom)) is signale


def test_le_domaine_non_cadastre_est_dit(base_imports, tmp_path):
    fait = verser(tmp_path, emprise=carre(0, 0, 200, 100))
    (anomalie,) = [a for a in fait.seule["anomalies"] if a["code"] == "DOMAINE_NON_CADASTRE"]
    assert anomalie["gravite"] == "information"
    assert "10\u202f000 m²" in anomalie["detail"]
    assert "sur 20\u202f000 m²" in anomalie["detail"]


def test_les_dates_de_la_feuille(base_imports, tmp_path):
    lot = feuille(A, M1, [P(1, UN)])
    subdsect = lot.objets["SUBDSECT"]
    subdsect.attributs.update(
        {"QUPL": ["03"], "COPL": ["01"], "EOR": ["2000"], "DEDI": ["28/02/1987"], "DIS": ["Absent"]}
        | {"DRED": ["01/01/0000"]}
    )
    chemin = tmp_path / f"edigeo-{A}.tar.bz2"
    chemin.write_bytes(tar(ecrire_lot(lot)))
    fait = bases.importer(chemin)
    version = Feuille.objects.get().version
    assert (version.qualite, version.confection, version.echelle) == ("03", "01", 2000)
    assert (version.date_edition, version.date_incorporation, version.date_reedition) == (
        date(1987, 2, 28),
        None,
        None,
    )
    assert codes(fait) == {}


# -- links ---------------------------------------------------------------------------------------


def test_liens_des_batiments_numeros_et_subdivisions(base_imports, tmp_path):
    verser(
        tmp_path,
        parcelles=[P(1, UN), P(2, DEUX), P(3, None)],
        autres={
            "BATIMENT": [
                ("B1", {"DUR": "01"}, carre(90, 0, 20, 10)),
                ("B2", {"DUR": "01"}, carre(10, 10, 10)),
            ],
            "NUMVOIE": [("N1", {"TEX": "12"}, point(0, 0))],
            "SUBDFISC": [("F1", {"TEX": "a"}, carre(0, 0, 50)), ("F2", {"TEX": "b"}, carre(80, 0, 100, 9))],
        },
        relations={
            "BATIMENT_PARCELLE": [
                ("BATIMENT", 0, "PARCELLE", 0),
                ("BATIMENT", 0, "PARCELLE", 1),
                ("BATIMENT", 1, "PARCELLE", 0),
                ("BATIMENT", 1, "PARCELLE", 1),
                ("BATIMENT", 1, "PARCELLE", 2),
            ],
            "NUMVOIE_PARCELLE": [("NUMVOIE", 0, "PARCELLE", 0), ("NUMVOIE", 0, "PARCELLE", 1)],
            "SUBDFISC_PARCELLE": [("SUBDFISC", 0, "PARCELLE", 0)],
        },
    )
    liens = BatimentParcelle.objects.values_list("batiment__rid", "parcelle__numero", "aire", "part")
    assert sorted(liens) == [
        ("B1", 1, 100.0, 0.5),
        ("B1", 2, 100.0, 0.5),
        ("B2", 1, 100.0, 1.0),
        ("B2", 2, 0.0, 0.0),
        ("B2", 3, 0.0, 0.0),
    ]
    numeros = NumeroVoirieParcelle.objects.values_list("numero_voirie__numero", "parcelle__numero")
    assert sorted(numeros) == [("12", 1), ("12", 2)]
    subdivisions = SubdivisionParcelle.objects.values_list(
        "subdivision__lettre", "parcelle__numero", "par_geometrie"
    )
    assert sorted(subdivisions) == [("a", 1, False), ("b", 2, True)]
    relation = RelationEdigeo.objects.get(nom="NUMVOIE_PARCELLE")
    assert (relation.type_a, relation.type_b) == ("NUMVOIE", "PARCELLE")
    assert set(relation.b) == set(Parcelle.objects.filter(numero__in=(1, 2)).values_list("pk", flat=True))


def test_les_liens_suivent_la_parcelle_gardee_et_la_nouvelle(base_imports, tmp_path):
    batiments = {"BATIMENT": [("B1", {"DUR": "01"}, carre(90, 0, 20, 10))]}
    relations = {"BATIMENT_PARCELLE": [("BATIMENT", 0, "PARCELLE", i) for i in range(2)]}
    verser(tmp_path, parcelles=[P(1, UN, 5), P(2, DEUX, 5)], autres=batiments, relations=relations)
    gardee = Parcelle.objects.get(numero=1)
    verser(tmp_path, jour=M2, parcelles=[P(1, UN, 5), P(2, DEUX, 6)], autres=batiments, relations=relations)
    nouvelle = Parcelle.objects.get(numero=2, valide_au=None)
    assert set(BatimentParcelle.objects.values_list("parcelle_id", flat=True)) == {gardee.pk, nouvelle.pk}


# -- findings ------------------------------------------------------------------------------------


def test_ce_qu_un_technicien_a_note_est_repris(base_imports, tmp_path):
    autres = {"BATIMENT": [("B1", {}, carre(0, 0, 9)), ("B2", {}, carre(20, 0, 9))]}
    verser(tmp_path, autres=autres)
    hier = timezone.now() - timedelta(days=1)
    Anomalie.objects.filter(identifiant="B1").update(traitee_le=hier, note="vu sur place")
    verser(tmp_path, jour=M2, autres=autres)
    anomalies = {a.identifiant: a for a in Anomalie.objects.filter(code="ATTRIBUT_ABSENT")}
    assert (anomalies["B1"].note, anomalies["B1"].traitee_le) == ("vu sur place", hier)
    assert (anomalies["B2"].note, anomalies["B2"].traitee_le) == ("", None)


def test_lu_et_ecrit_qui_ne_concordent_pas_rejettent_la_feuille(tmp_path):
    from cadastre.imports.ecriture import Ecriture
    from cadastre.imports.resultat import Refus
    from gis_data.imports.rapport import ecarts

    # The rule itself; that the transaction applies it is told by its own code path.
    assert ecarts({"PARCELLE": 2}, {"PARCELLE": 1}, []) == {"PARCELLE": 1}

    class Sourde:
        def copier(self, *_: Any) -> int:
            return 1

    ecriture = Ecriture.__new__(Ecriture)
    ecriture.base = Sourde()  # type: ignore[assignment]
    with pytest.raises(Refus) as refus:
        ecriture._copier(None, "cadastre_borne", ["id"], ["1", "2"])  # type: ignore[arg-type]
    assert refus.value.code == "RECONCILIATION"


# -- rows that several sheets share --------------------------------------------------------------


def test_la_commune_est_celle_du_dernier_millesime_puis_du_plus_grand_code(base_imports, tmp_path):
    verser(tmp_path, A, M2, nom="DEUX MILLE VINGT")
    verser(tmp_path, B, M1, nom="DEUX MILLE DIX NEUF")
    assert Commune.objects.get().nom == "DEUX MILLE VINGT"
    verser(tmp_path, B, M2, nom="AUTRE FEUILLE")
    assert Commune.objects.get().nom == "AUTRE FEUILLE"
    assert Section.objects.get().feuille.id12 == B
    verser(tmp_path, A, M3, nom="LA PLUS RECENTE")
    assert Commune.objects.get().nom == "LA PLUS RECENTE"
    assert (Commune.objects.count(), OccurrenceCommune.objects.count()) == (1, 2)


def test_une_feuille_qui_ne_porte_plus_la_commune_laisse_la_place(base_imports, tmp_path):
    verser(tmp_path, A, M1, nom="ANCIENNE")
    verser(tmp_path, B, M1, nom="RECENTE")
    assert Commune.objects.get().nom == "RECENTE"
    lot = feuille(B, M1, [P(2, DEUX)])
    sans = replace(lot, objets={t: o for t, o in lot.objets.items() if t not in ("COMMUNE", "SECTION")})
    chemin = tmp_path / f"edigeo-{B}.tar.bz2"
    chemin.write_bytes(tar(ecrire_lot(sans)))
    assert bases.importer(chemin).code == 0
    assert Commune.objects.get().nom == "ANCIENNE"
    assert Section.objects.get().feuille.id12 == A


# -- identifiers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noms", "cles"),
    [
        (["edigeo-380040000B01.tar.bz2"], ("380040000B01",)),
        (["edigeo-cc-380040000B01.tar.bz2"], ("380040000B01",)),
        (["EDIGEO-2A0040000b01.TAR.BZ2"], ("2A0040000B01",)),
        (["plan.zip", "97199000AB01"], ("97199000AB01",)),
        (["notes.txt"], ()),
    ],
)
def test_la_feuille_dans_un_nom(noms, cles):
    assert cles_feuille(noms) == cles


@pytest.mark.parametrize(
    ("code10", "cles", "departement", "voulu"),
    [
        ("0040000B01", ("380040000B01",), None, ("380040000B01", True)),
        ("0040000B02", ("380040000B01",), None, ("380040000B02", False)),
        ("0040000B02", ("250010000A01", "380040000B02"), None, ("380040000B02", True)),
        ("0040000B01", (), "2A", ("2A0040000B01", True)),
        ("0040000B01", (), "XX", (None, False)),
        ("0040000B01", (), None, (None, False)),
        ("004/000B01", ("380040000B01",), None, (None, False)),
    ],
)
def test_id12(code10, cles, departement, voulu):
    assert id12(code10, cles, departement) == voulu


IDUS = st.from_regex(r"[0-9][0-9AB][0-9]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4}", fullmatch=True)


@given(IDUS, IDUS)
def test_la_cle_d_un_idu_est_unique_et_tient_en_base(un, autre):
    assert (cle_idu(un) == cle_idu(autre)) is (un == autre)
    assert 0 <= cle_idu(un) < 2**63


@given(st.integers(0, 3), st.floats(-0.004, 0.004), st.booleans())
def test_l_empreinte_ne_voit_ni_le_depart_ni_le_sens_ni_le_demi_centimetre(tour, ecart, envers):
    sommets = [(0.0, 0.0), (100.01, 0.0), (100.01, 50.02), (0.0, 50.02)]
    tournes = sommets[tour:] + sommets[:tour]
    if envers:
        tournes.reverse()
    bouges = [(x + ecart, y) for x, y in tournes]
    memes = np.array([shapely.Polygon(sommets), shapely.Polygon(bouges), None], dtype=object)
    une, autre, vide = empreintes(memes)
    assert une == autre
    assert vide is None


def test_l_empreinte_voit_un_centimetre_et_un_trou():
    formes = np.array([UN, carre(0, 0, 100.01), UN.difference(carre(10, 10, 10))])
    assert len(set(empreintes(formes))) == 3
