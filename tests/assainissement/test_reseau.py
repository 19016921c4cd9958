"""The sewer network: import of RAEPA files, topology, what lies up and downstream, export."""

from __future__ import annotations

import io
from datetime import date

import pyogrio
import pytest
import shapely

from assainissement.models import Arete, ImportRaepa, LigneRaepa, Noeud, Ouvrage, Troncon
from assainissement.regles.boucles import boucles
from assainissement.regles.tables import raepa
from assainissement.regles.tables import reseau as table
from assainissement.reseau import ecriture, exports, imports, parcours, reconnaissance, topologie
from assainissement.reseau.imports import ImportImpossible
from tests.assainissement import fabrique_reseau as f
from tests.assainissement.fabrique_anc import acteur
from tests.personnes import INSEE

C, OUV, A, R = raepa.CANALISATIONS, raepa.OUVRAGES, raepa.APPAREILLAGES, raepa.REPARATIONS


# --- tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize("couche", raepa.COUCHES)
def test_chaque_champ_du_standard_a_sa_correspondance_et_sa_place_pour_star_eau(couche):
    lignes = table.CORRESPONDANCES[couche]
    assert [c.raepa for c in lignes] == [c.nom for c in raepa.COUCHES[couche]]
    assert {c.star_eau for c in lignes} == {""}


def test_chaque_code_a_ses_mots():
    assert set(table.MATERIAUX) == raepa.LISTES["MATERIAU"]
    assert set(table.FONCTIONS_OUVRAGE) == raepa.LISTES["FNOUVASS"]
    assert set(table.FONCTIONS_APPAREIL) == raepa.LISTES["FNAPPASS"]
    assert set(table.RESEAUX) == raepa.LISTES["TYPRESEAU"]
    assert set(table.CIRCULATIONS) == raepa.LISTES["MODECIRC"]


@pytest.mark.parametrize(
    ("aretes", "attendu"),
    [
        ([(1, 10, 20), (2, 20, 30)], []),
        ([(1, 10, 20), (2, 20, 10), (3, 20, 30)], [1, 2]),
        ([(1, 10, 10)], [1]),
        ([(1, 1, 2), (2, 2, 3), (3, 3, 1), (4, 3, 4), (5, 4, 5), (6, 5, 4)], [1, 2, 3, 5, 6]),
    ],
)
def test_les_boucles_sont_les_arcs_dont_on_revient(aretes, attendu):
    assert boucles(aretes) == attendu


def test_une_couche_se_reconnait_par_son_nom_ou_par_ses_colonnes():
    assert reconnaissance.couche_de("25999_raepa_canalass_l", []) == C
    assert reconnaissance.couche_de("export", ["IDOUVRAGE", "FNOUVASS", "Z", "typreseau"]) == OUV
    assert reconnaissance.couche_de("export", ["IDOUVRAGE", "nom"]) == ""
    # Drinking water has nearly the same columns: never taken for a sewer.
    for couche in raepa.COUCHES:
        colonnes = [c.nom for c in raepa.COUCHES[couche]]
        assert reconnaissance.couche_de("export", colonnes) == couche
        assert reconnaissance.couche_de(couche.replace("ASS", "AEP").lower(), colonnes) == ""


# --- import -------------------------------------------------------------------------------------


def test_le_reseau_dessine_s_importe_et_le_meme_fichier_ne_change_rien(dessin):
    recu = f.importer(f.fichier(dessin, f.dessine()))
    assert recu.bilan["effets"] == {
        C: {"crees": 9, "modifies": 0, "inchanges": 0}, OUV: {"crees": 9, "modifies": 0, "inchanges": 0},
    }  # fmt: skip
    a = f.troncon("A")
    assert (a.gestionnaire, a.diametre, a.annee_fin_pose, a.nb_branchements) == (
        "Régie fictive",
        200,
        1998,
        3,
    )
    assert (a.import_raepa, a.import_ligne, a.attributs_source["IDCANA"]) == (recu, 1, "A")
    assert str(a.date_maj) == "2024-05-02"
    avant = list(Troncon.objects.order_by("pk").values("pk", "modifie_le", "import_raepa"))
    encore = f.importer(f.fichier(dessin, f.dessine()))
    assert encore.bilan["effets"][C] == {"crees": 0, "modifies": 0, "inchanges": 9}
    assert encore.bilan["effets"][OUV] == {"crees": 0, "modifies": 0, "inchanges": 9}
    assert list(Troncon.objects.order_by("pk").values("pk", "modifie_le", "import_raepa")) == avant


def test_l_annulation_rend_le_reseau_d_avant(dessin):
    premier = f.importer(f.fichier(dessin, f.dessine()))
    couches = f.dessine()
    couches[C][0][0]["DIAMETRE"] = 250
    couches[C].append(f.canalisation("Z", (200, 0), (240, 0)))
    second = f.importer(f.fichier(dessin, couches))
    assert second.bilan["effets"][C] == {"crees": 1, "modifies": 1, "inchanges": 8}
    assert f.troncon("A").diametre == 250
    with pytest.raises(ImportImpossible, match="plus récent"):
        ecriture.annuler(premier, acteur())
    ecriture.annuler(second, acteur())
    a = f.troncon("A")
    assert (a.diametre, a.import_raepa, Troncon.objects.count()) == (200, premier, 9)
    assert a.geom.coords[0][:2] == pytest.approx((f.X0, f.Y0 + 40))
    assert Arete.objects.count() == 9
    ecriture.annuler(premier, acteur())
    assert (Troncon.objects.count(), Ouvrage.objects.count(), Noeud.objects.count()) == (0, 0, 0)
    with pytest.raises(ImportImpossible):
        ecriture.annuler(premier, acteur())


def test_dix_mauvais_enregistrements_sont_rendus_avec_leurs_codes_et_se_rejouent(dessin):
    bons = [f.canalisation(f"B{n}", (n, 0), (n, 30)) for n in range(5)]
    mauvais = [f.canalisation(f"M{n}", (n, 0), (n, 30), TYPRESEAU="09") for n in range(7)]
    mauvais += [
        f.canalisation("M7", (7, 0), (7, 30), TYPRESEAU=None),
        f.canalisation("B0", (8, 0), (8, 30)),
        (f.canalisation("M9", (9, 0), (9, 30))[0], None),
    ]
    recu = f.controler(f.fichier(dessin, {C: bons + mauvais}))
    assert (recu.bilan["total"], recu.bilan["rejetes"]) == (15, 10)
    assert Troncon.objects.count() == 0
    codes = dict(LigneRaepa.objects.filter(statut="rejete").values_list("numero", "anomalies"))
    assert [a["code"] for a in codes[6]] == ["CODE_INCONNU"]
    assert [(a["code"], a["champ"]) for a in codes[13]] == [("OBLIGATOIRE_ABSENT", "TYPRESEAU")]
    assert [a["code"] for a in codes[14]] == ["IDENTIFIANT_DOUBLE"]
    assert [a["code"] for a in codes[15]] == ["GEOMETRIE_ABSENTE"]
    ecriture.confirmer(recu, acteur())
    assert set(Troncon.objects.values_list("identifiant", flat=True)) == {f"B{n}" for n in range(5)}
    chemin = dessin / "rejets.gpkg"
    exports.ecrire_rejets(recu, chemin)
    infos = pyogrio.read_info(chemin, layer=C)
    assert infos["features"] == 10
    assert [str(c) for c in infos["fields"]] == [*(c.raepa for c in table.CORRESPONDANCES[C]), "ANOMALIES"]
    # Corrected as a person would in her GIS, then brought back.
    lus = pyogrio.raw.read(chemin, layer=C)
    noms = [str(n) for n in lus[0]["fields"]]
    textes = lus[3][noms.index("ANOMALIES")]
    assert any("CODE_INCONNU (TYPRESEAU)" in t for t in textes)
    lus[3][noms.index("TYPRESEAU")][:] = "02"
    corrige = dessin / "corrige.gpkg"
    pyogrio.raw.write(
        str(corrige), lus[2][:8], [c[:8] for c in lus[3]], lus[0]["fields"], layer=C, driver="GPKG",
        geometry_type="LineString Z", crs="EPSG:2154",
    )  # fmt: skip
    rejoue = f.importer(io.BytesIO(corrige.read_bytes()), "corrige.gpkg")
    assert rejoue.bilan["effets"][C]["crees"] == 8
    assert rejoue.couches[0]["inconnus"] == []
    assert "ANOMALIES" not in f.troncon("M0").attributs_source


def test_un_materiau_inconnu_est_garde_en_toutes_lettres(dessin):
    recu = f.importer(f.fichier(dessin, {C: [f.canalisation("A", (0, 0), (9, 0), MATERIAU="TERRE CUITE")]}))
    assert recu.bilan["avec_reserves"] == 1
    a = f.troncon("A")
    assert (a.materiau, a.materiau_texte, a.materiau_lu) == ("00", "TERRE CUITE", "TERRE CUITE")
    # The format says 00: the words known stay.
    f.importer(f.fichier(dessin, {C: [f.canalisation("A", (0, 0), (9, 0), MATERIAU="00")]}))
    assert f.troncon("A").materiau_texte == "TERRE CUITE"


def test_les_champs_absents_et_inconnus_sont_dits(dessin):
    ligne = {"type": "LineString", "coordinates": [[5.6, 47.0], [5.601, 47.0]]}
    recu = f.controler(
        f.geojson([({"IDCANA": 1, "TYPRESEAU": 2, "RUE": "x"}, ligne)]), "raepa_canalass_l.geojson"
    )
    assert recu.bilan["valides"] == 0
    assert recu.bilan["avec_reserves"] == 1
    assert "MOUVRAGE" in recu.bilan["champs_absents"][C]
    assert recu.couches[0]["inconnus"] == ["RUE"]


def test_une_geometrie_d_un_autre_genre_est_refusee_une_ligne_en_un_morceau_lue(dessin):
    point = {"type": "Point", "coordinates": [5.6, 47.0]}
    multi = {"type": "MultiLineString", "coordinates": [[[5.6, 47.0], [5.601, 47.0]]]}
    deux = {
        "type": "MultiLineString",
        "coordinates": [[[5.6, 47.0], [5.601, 47.0]], [[5.7, 47.0], [5.701, 47.0]]],
    }
    objets = [({"IDCANA": str(n), "TYPRESEAU": "02"}, g) for n, g in enumerate((point, multi, deux))]
    recu = f.controler(f.geojson(objets), "canalass.geojson")
    assert [x.statut for x in recu.lignes.order_by("numero")] == ["rejete", "avec_reserves", "rejete"]


def test_une_projection_connue_est_ramenee_a_celle_du_territoire(dessin):
    _, brute = f.canalisation("A", (0, 0), (100, 0))
    import numpy as np

    from gis_data.projections import transformer

    cc47 = transformer(np.array([shapely.from_wkb(brute)], dtype=object), 2154, 3947)[0]
    flux = f.fichier(
        dessin, {C: [(f.canalisation("A", (0, 0), (100, 0))[0], shapely.force_3d(cc47).wkb)]}, 3947
    )
    recu = f.importer(flux)
    assert recu.couches[0]["epsg"] == 3947
    assert f.troncon("A").geom.coords[0][:2] == pytest.approx((f.X0, f.Y0), abs=0.01)


def test_une_projection_fausse_refuse_le_fichier_entier(dessin):
    degres = shapely.LineString([(5.6, 47.0, 0), (5.601, 47.0, 0)]).wkb
    recu = f.controler(f.fichier(dessin, {C: [(f.canalisation("A", (0, 0), (1, 0))[0], degres)]}))
    assert recu.etat == ImportRaepa.Etat.REFUSE
    assert "hors du territoire" in recu.motif
    assert not LigneRaepa.objects.exists()


def test_une_projection_inconnue_refuse_le_fichier_entier(dessin):
    formes = dessin / "shp"
    formes.mkdir()
    valeurs, trace = f.canalisation("A", (0, 0), (1, 0))
    exports.ecrire_lot(formes / f"{C}.shp", C, [valeurs], [trace], "shp")
    recu = f.controler(f.archive(formes, sans=(".prj",)), "raepa.zip")
    assert recu.etat == ImportRaepa.Etat.REFUSE
    assert f"ajoutez {C}.prj au zip" in recu.motif
    assert f.controler(f.archive(formes, sans=(".dbf",)), "raepa.zip").etat == ImportRaepa.Etat.REFUSE
    assert f.controler(f.archive(formes), "raepa.zip").etat == ImportRaepa.Etat.CONTROLE


def test_un_fichier_qui_n_est_pas_geographique_est_refuse(dessin):
    assert f.controler(io.BytesIO(b"PK pas un zip"), "reseau.zip").etat == ImportRaepa.Etat.REFUSE


def test_une_couche_sans_nom_attend_qu_on_la_dise(dessin):
    ligne = {"type": "LineString", "coordinates": [[5.6, 47.0], [5.601, 47.0]]}
    recu = f.controler(f.geojson([({"code": "A", "genre": "02"}, ligne)]), "reseau.geojson")
    assert (recu.etat, recu.couches[0]["couche"]) == (ImportRaepa.Etat.DEPOSE, "")
    imports.choisir(recu, {"0": {"couche": C, "champs": {"IDCANA": "code", "TYPRESEAU": "genre"}}})
    assert imports.controler(recu, f.ANNEE).etat == ImportRaepa.Etat.CONTROLE
    # Proposed again for the next file with these columns, once its layer is said.
    assert reconnaissance.proposer(C, ["code", "genre"]) == {"IDCANA": "code", "TYPRESEAU": "genre"}


def test_un_import_ne_s_ecrit_pas_deux_fois_ni_sans_ses_enregistrements(dessin):
    recu = f.controler(f.fichier(dessin, f.dessine()))
    LigneRaepa.objects.filter(import_raepa=recu, numero=1).delete()
    with pytest.raises(ImportImpossible, match="à nouveau"):
        ecriture.confirmer(recu, acteur())
    ecriture.confirmer(imports.controler(recu, f.ANNEE), acteur())
    for interdit in (ecriture.confirmer,):
        with pytest.raises(ImportImpossible):
            interdit(recu, acteur())
    with pytest.raises(ImportImpossible):
        imports.controler(recu, f.ANNEE)
    with pytest.raises(ImportImpossible):
        imports.oublier(recu)


# --- topology and tracing -----------------------------------------------------------------------


@pytest.fixture
def reseau(dessin):
    f.importer(f.fichier(dessin, f.dessine()))
    return dessin


def _noms(cles):
    return set(Troncon.objects.filter(pk__in=cles).values_list("identifiant", flat=True))


def _ouvrage(nom):
    return Ouvrage.objects.get(identifiant=nom)


def test_les_quatre_resultats_du_suivi_passent_fourche_boucle_et_pompage(reseau):
    aval = parcours.depuis_troncon(f.troncon("A"), parcours.AVAL)
    assert _noms(aval.troncons) == {"A", "B", "C", "D", "E", "F", "G"}
    amont = parcours.depuis_troncon(f.troncon("G"), parcours.AMONT)
    assert _noms(amont.troncons) == {"G", "B", "A", "I", "H"}
    assert _noms(parcours.depuis_ouvrage(_ouvrage("P0"), parcours.AVAL).troncons) == set(f.ARCS) - {"A"}
    assert _noms(parcours.depuis_ouvrage(_ouvrage("R2"), parcours.AMONT).troncons) == {"A", "I", "H"}
    # Round the loop, each once; a limit stops the search.
    boucle = parcours.depuis_ouvrage(_ouvrage("R4"), parcours.AVAL).troncons
    assert (len(boucle), _noms(boucle)) == (3, {"D", "E", "F"})
    court = parcours.depuis_troncon(f.troncon("A"), parcours.AVAL, maximum=2)
    assert (len(court.troncons), court.tronque) == (3, True)


def test_le_resume_additionne_longueurs_branchements_et_diametres(reseau):
    r = parcours.resumer(parcours.depuis_troncon(f.troncon("G"), parcours.AMONT))
    assert r.nombre == 5
    assert r.longueur == pytest.approx(40 + 40 + 40 + 40 + 56.57, abs=0.01)
    assert r.branchements == 3
    assert [(d, n) for d, n, _ in r.diametres] == [(200, 4), (300, 1)]


def test_ce_qui_ne_tient_pas_ensemble_est_marque(dessin):
    couches = f.dessine()
    couches[C] += [
        # 8 cm from R1: attached; 12 cm from it: not.
        f.canalisation("J", (-30, 40), (-0.08, 40)),
        f.canalisation("K", (0, 70), (0, 40.12)),
        f.canalisation("L", (300, 0), (340, 0)),
        # Two pipes without manhole, end to end.
        f.canalisation("N1", (400, 0), (440, 0)),
        f.canalisation("N2", (440, 0.05), (480, 0)),
    ]
    bilan = f.importer(f.fichier(dessin, couches)).bilan["topologie"]

    def marques(champ):
        return _noms(Arete.objects.filter(**{champ: True}).values_list("troncon", flat=True))

    assert marques("sans_noeud") == {"J", "K", "L", "N1", "N2"}
    assert marques("isolee") == {"K", "L"}
    assert marques("impasse") == {"K", "L", "N2"}
    assert marques("boucle") == {"D", "E", "F"}
    assert bilan["boucle"] == 3
    assert _noms(parcours.depuis_troncon(f.troncon("J"), parcours.AVAL).troncons) >= {"A", "G"}
    assert _noms(parcours.depuis_troncon(f.troncon("N1"), parcours.AVAL).troncons) == {"N1", "N2"}
    # The parameter: at 20 cm K joins R1.
    topologie.construire(INSEE, tolerance=0.20)
    assert marques("isolee") == {"L"}


def test_la_descente_suit_la_plus_grosse_canalisation_et_finit_au_rejet(reseau):
    pas = parcours.descente(f.troncon("A"))
    assert [p.troncon.identifiant for p in pas] == ["A", "B", "G"]
    assert pas[-1].fin == pytest.approx(120)
    assert (pas[-1].radier_amont, pas[-1].radier_aval, pas[-1].sol_aval) == (100.0, 99.0, 105.0)
    assert pas[-1].pente == pytest.approx(25)
    # Drawn against the water: the levels follow the water.
    premier = parcours.descente(f.troncon("H"))[0]
    assert (premier.radier_amont, premier.radier_aval, premier.noeud_amont) == (98.0, 97.0, "P0")


# --- purge -----------------------------------------------------------------------------------------


def test_un_vieux_fichier_s_efface_et_son_import_reste_annulable(dessin):
    from datetime import timedelta

    from django.utils import timezone

    from assainissement.reseau.taches import purger

    ecrit = f.importer(f.fichier(dessin, f.dessine()))
    attend = f.controler(f.fichier(dessin, f.dessine()))
    recent = f.controler(f.fichier(dessin, f.dessine()))
    vieux = timezone.now() - timedelta(days=31)
    ImportRaepa.objects.exclude(pk=recent.pk).update(depose_le=vieux)
    stockage, nom = ecrit.fichier.storage, ecrit.fichier.name
    assert purger.func() == {"imports": 2}
    ecrit.refresh_from_db()
    assert (bool(ecrit.fichier), stockage.exists(nom), ecrit.lignes.count()) == (False, False, 0)
    assert not ImportRaepa.objects.filter(pk=attend.pk).exists()
    assert recent.lignes.count() == 18
    recent.fichier.open("rb").close()
    imports.oublier(recent)
    assert ecriture.annuler(ecrit, acteur()).etat == ImportRaepa.Etat.ANNULE


# --- demonstration --------------------------------------------------------------------------------


def test_le_reseau_de_demonstration_descend_tout_entier_a_son_exutoire():
    from assainissement.reseau import demo

    x, y = f.X0, f.Y0
    rues = [
        shapely.LineString([(x, y), (x, y + 400)]),
        # Stops four metres short of the first street, and is led to it.
        shapely.LineString([(x + 4, y + 200), (x + 300, y + 230)]),
        shapely.LineString([(x - 200, y + 300), (x + 200, y + 300)]),
    ]
    plan = demo.tracer(rues)
    assert plan is not None
    assert len(plan.exutoires) == 1
    suivants = {n: parent for n, parent, _ in plan.tuyaux}
    assert len(suivants) == len(plan.tuyaux) > 40
    for depart in suivants:
        chemin = [depart]
        while chemin[-1] in suivants and len(chemin) <= len(suivants):
            chemin.append(suivants[chemin[-1]])
        assert chemin[-1] == plan.exutoires[0]
    assert demo.tracer([]) is None
    couches = demo.enregistrements(plan, date(2026, 3, 2))
    assert sum(v["FNOUVASS"] == "01" for v, _ in couches[OUV]) == 1
    assert (
        sum(v["MODECIRC"] == "02" and v["ZAVAL"] > v["ZAMONT"] for v, _ in couches[C][: len(plan.tuyaux)])
        == 1
    )


def test_la_commande_ecrit_les_fichiers_du_standard(dessin):
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="Aucune canalisation"):
        call_command("ecrire_raepa", dessin / "sortie")
    f.importer(f.fichier(dessin, f.dessine()))
    for _ in range(2):
        call_command("ecrire_raepa", dessin / "sortie", commune=INSEE, stdout=io.StringIO())
    assert {p.name for p in (dessin / "sortie").iterdir()} >= {f"RAEPA_{INSEE}.gpkg", f"RAEPA_{INSEE}.zip"}


def test_un_import_controle_avant_les_fichiers_a_plusieurs_communes_s_ecrit_dans_la_sienne(dessin):
    recu = f.controler(f.fichier(dessin, f.dessine()))
    LigneRaepa.objects.filter(import_raepa=recu).update(insee="")
    ecriture.confirmer(recu, acteur())
    assert set(Troncon.objects.values_list("insee", flat=True)) == {INSEE}
    recu = f.controler(f.fichier(dessin, f.dessine()))
    LigneRaepa.objects.filter(import_raepa=recu).update(insee="")
    effets = ecriture.confirmer(recu, acteur()).bilan["effets"]
    assert sum(e["crees"] + e["modifies"] for e in effets.values()) == 0
