"""Each bad input: made as described, and read or refused as its line says."""

from __future__ import annotations

import bz2
import io
import json
import tarfile

import pytest
import shapely

from gis_data.demo import attendu, defauts, feuilles, millesimes
from gis_data.demo.generer import Demande, generer
from gis_data.formats.edigeo.lecteur import lire_lot
from gis_data.formats.edigeo.modele import ErreurEdigeo, Feuille
from gis_data.formats.edigeo.textes import libelle, nombre
from gis_data.imports.archives import ErreurArchive, LecteurArchives, Limites
from gis_data.projections import grille_ntf_presente, transformateur

from .communes import commune, suivante

LUES = [
    "utf8", "sans-fichiers-optionnels", "next", "minuscules", "crs-cc47", "crs-lamb2", "crs-rgr92utm",
    "crs-rgaf09utm20", "parcelles-en-s1", "objets-degeneres", "section-autre-commune", "millesime-suivant",
]  # fmt: skip
REFUSEES_PAR_LE_LECTEUR = ["fichiers-manquants", "vec-tronque", "sans-thf", "crs-inconnu"]
REFUSEES_A_L_OUVERTURE = ["archive-tronquee", "vide", "texte", "chemins-dangereux", "bombe"]
# Anomalies that the import adds once it knows the commune.
DE_L_IMPORT = {"IDU_INVALIDE", "IDU_DOUBLON", "ATTRIBUT_ABSENT", "CODE_INCOHERENT"}


@pytest.fixture(scope="module")
def base() -> defauts.Base:
    return defauts.base(commune(), feuilles.construire(commune()))


def paquets(nom: str, contenu: bytes) -> list[dict[str, bytes]]:
    """Sheets of an archive, as the import opens it."""
    lecteur = LecteurArchives(Limites(), lambda _: True)
    return [p.fichiers for p in lecteur.paquets(lambda: io.BytesIO(contenu), nom)]


def lire(defaut: defauts.Defaut) -> Feuille:
    ((nom, contenu),) = defaut.fichiers.items()
    (fichiers,) = paquets(nom, contenu)
    return lire_lot(fichiers, departement=defaut.fiche["feuille"][:2])


def test_tous_les_codes_de_la_specification():
    assert set(defauts.CODES) == {*LUES, *REFUSEES_PAR_LE_LECTEUR, *REFUSEES_A_L_OUVERTURE, "zip-de-tars"}


@pytest.mark.parametrize("code", LUES)
def test_defaut_lu(base, code):
    defaut = defauts.fabriquer(code, base)
    fiche = defaut.fiche
    feuille = lire(defaut)
    lue = attendu.de_la_feuille(feuille)
    assert lue["lus"] == fiche["lus"]
    assert fiche["parcelles"] == lue["lus"]["PARCELLE"]
    assert lue["aire_parcelles_m2"] == pytest.approx(fiche["aire_parcelles_m2"], abs=0.01)
    assert feuille.id12 == fiche["feuille"]
    codes = [(a.code, a.type) for a in feuille.anomalies]
    for anomalie in fiche.get("anomalies", []):
        if anomalie["code"] not in DE_L_IMPORT and "minimum" in anomalie:
            trouvees = [c for c, t in codes if c == anomalie["code"] and anomalie.get("type") in (None, t)]
            assert len(trouvees) >= anomalie["minimum"], anomalie
    if "anomalies" not in fiche:
        assert codes == []


def test_utf8(base):
    defaut = defauts.fabriquer("utf8", base)
    feuille = lire(defaut)
    voies = feuille.objets["ZONCOMMUNI"]
    noms = [libelle(voies.attributs, i) for i in range(len(voies))]
    assert set(defaut.fiche["voies_contiennent"]) <= set(noms)
    supf = [nombre(x) for x in feuille.objets["PARCELLE"].attributs["SUPF"]]
    assert sum(x for x in supf if x) == defaut.fiche["somme_contenances_m2"]


def test_next(base):
    feuille = lire(defauts.fabriquer("next", base))
    assert defauts.LIEU_LONG in feuille.objets["LIEUDIT"].attributs["TEX"]
    assert len(defauts.LIEU_LONG) > 72


@pytest.mark.parametrize("code", ["crs-cc47", "crs-lamb2"])
def test_projection(base, code):
    defaut = defauts.fabriquer(code, base)
    feuille, temoin = lire(defaut), defaut.fiche["centroide_2154"]
    assert f"EPSG:{feuille.epsg}" == defaut.fiche["crs"]
    parcelles = feuille.objets["PARCELLE"]
    centre = parcelles.geom[parcelles.attributs["IDU"].index(temoin["idu"][2:])].centroid
    xy = transformateur(feuille.epsg, 2154).transform(centre.x, centre.y)
    tolerance = (
        temoin["tolerance_m"] if grille_ntf_presente() else temoin.get("tolerance_sans_grille_m", 0.05)
    )
    assert xy == pytest.approx(temoin["xy"], abs=tolerance)


def test_outre_mer_refusee_en_metropole(base):
    for code, epsg in (("crs-rgr92utm", 2975), ("crs-rgaf09utm20", 5490)):
        fiche = defauts.fabriquer(code, base).fiche
        assert (fiche["etat"], fiche["erreur_code"]) == ("rejetee", "CRS_HORS_TERRITOIRE")
        assert fiche["importee_si_territoire_srid"] == epsg


def test_parcelles_en_s1(base):
    defaut = defauts.fabriquer("parcelles-en-s1", base)
    ((nom, contenu),) = defaut.fichiers.items()
    (fichiers,) = paquets(nom, contenu)
    t1 = next(c for n, c in fichiers.items() if n.endswith("T1.VEC"))
    assert b"FEA" not in t1 and b"EOMT" in t1
    assert set(lire(defaut).objets["PARCELLE"].sous_ensemble) == {"SeSPA_1"}


def test_objets_degeneres(base):
    defaut = defauts.fabriquer("objets-degeneres", base)
    feuille = lire(defaut)
    relation = feuille.relations["BATIMENT_PARCELLE"]
    attendues = defaut.fiche["relations"]["BATIMENT_PARCELLE"]
    assert {"lues": relation.lues, "ecrites": len(relation.membres)} == attendues
    lieux = feuille.objets["LIEUDIT"]
    papillon = lieux.geom[lieux.attributs["TEX"].index(defaut.fiche["lieudit_repare"]["nom"])]
    assert papillon.area == pytest.approx(defaut.fiche["lieudit_repare"]["aire_m2"], abs=0.01)
    assert sum(g is None for g in feuille.objets["PARCELLE"].geom) == 4
    assert feuille.objets["SUBDSECT"].attributs["DEDI"] == ["Absent"]
    batiments = feuille.objets["BATIMENT"]
    assert batiments.attributs["DUR"].count(None) == 1


def test_section_d_une_autre_commune(base):
    feuille = lire(defauts.fabriquer("section-autre-commune", base))
    assert feuille.objets["SECTION"].attributs["IDU"][0][:3] != feuille.code10[:3]


def test_millesime_suivant(base):
    defaut = defauts.fabriquer("millesime-suivant", base)
    assert lire(defaut).millesime.isoformat() == defaut.fiche["millesime"]
    code = defaut.fiche["feuille"][8:]
    assert defaut.fiche["comparer_millesimes"] == millesimes.comparer(suivante(1), suivante(2), code)
    assert defaut.fiche["comparer_millesimes"]["filiation"]


@pytest.mark.parametrize("code", REFUSEES_PAR_LE_LECTEUR)
def test_defaut_refuse_par_le_lecteur(base, code):
    defaut = defauts.fabriquer(code, base)
    with pytest.raises(ErreurEdigeo) as erreur:
        lire(defaut)
    assert erreur.value.code == defaut.fiche["erreur_code"]
    if code == "crs-inconnu":
        assert defauts.CODE_INCONNU in erreur.value.message


@pytest.mark.parametrize("code", REFUSEES_A_L_OUVERTURE)
def test_defaut_refuse_a_l_ouverture(base, code):
    defaut = defauts.fabriquer(code, base)
    ((nom, contenu),) = defaut.fichiers.items()
    with pytest.raises(ErreurArchive) as erreur:
        paquets(nom, contenu)
    assert erreur.value.code == defaut.fiche["erreur_code"]


def test_la_bombe_tient_dans_un_mouchoir(base):
    ((_, contenu),) = defauts.fabriquer("bombe", base).fichiers.items()
    assert len(contenu) < 4096
    with tarfile.open(fileobj=bz2.open(io.BytesIO(contenu)), mode="r|") as archive:
        assert archive.next().size == 600 << 20


def test_zip_de_tars(base):
    defaut = defauts.fabriquer("zip-de-tars", base)
    ((nom, contenu),) = defaut.fichiers.items()
    lots = [lire_lot(f, departement="25") for f in paquets(nom, contenu)]
    assert sorted(f.id12 for f in lots) == defaut.fiche["feuilles"]
    assert sum(len(f.objets["PARCELLE"]) for f in lots) == defaut.fiche["parcelles"]


def test_les_defauts_sont_ecrits_avec_leur_liste(tmp_path):
    generer(Demande(parcelles=60, graine=2, defauts=("vide", "utf8", "vide")), tmp_path)
    fiches = json.loads((tmp_path / "defauts" / "attendu.json").read_text())
    assert [f["fichier"].split("/")[0] for f in fiches] == ["vide", "utf8"]
    assert all((tmp_path / "defauts" / f["fichier"]).is_file() for f in fiches)
    with pytest.raises(KeyError):
        generer(Demande(parcelles=60, defauts=("inconnu",)), tmp_path)


def test_la_feuille_projetee_reste_un_pavage(base):
    feuille = defauts.projeter(base.feuille, "RGF93CC47")
    assert shapely.is_valid(feuille.objets["PARCELLE"].geom).all()
