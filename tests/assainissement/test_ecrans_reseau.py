"""The network on screen: who may do what, import from deposit to undoing, tracing, profile, layers."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assainissement.models import (
    ImportRaepa,
    Intervention,
    Ouvrage,
    ReglementService,
    Troncon,
)
from assainissement.regles.tables.raepa import CANALISATIONS
from assainissement.reseau import ecriture, profil
from assainissement.reseau.couches import COUCHES
from assainissement.reseau.parcours import descente
from assainissement.reseau.taches import confirmer_import, controler_import
from gis_data.couches import couche
from tests.assainissement import fabrique_reseau as f
from tests.assainissement.fabrique_anc import JOUR, acteur
from tests.personnes import AUTRE_INSEE, INSEE, commune

BASE = "/assainissement/reseau/"


@pytest.fixture
def dessin(db, tmp_path, settings, time_machine):
    time_machine.move_to(f"{JOUR.isoformat()}T10:00:00+01:00", tick=False)
    settings.MEDIA_ROOT = tmp_path / "media"
    commune()
    (tmp_path / "fichiers").mkdir()
    return tmp_path / "fichiers"


def client(role="technicien", insee=INSEE):
    c = Client()
    c.force_login(acteur(role, insee), backend="django.contrib.auth.backends.ModelBackend")
    return c


def deposer(c, dessin, couches):
    envoi = SimpleUploadedFile("reseau.gpkg", f.fichier(dessin, couches).getvalue())
    return c.post(f"{BASE}importer/", {"insee": INSEE, "fichier": envoi})


def test_un_import_va_du_depot_a_l_annulation_par_les_ecrans(dessin):
    c = client("responsable")
    couches = f.dessine()
    couches[CANALISATIONS].append(f.canalisation("M", (0, 0), (9, 0), TYPRESEAU="09"))
    reponse = deposer(c, dessin, couches)
    recu = ImportRaepa.objects.get()
    assert (reponse.status_code, reponse["Location"]) == (302, recu.get_absolute_url())
    texte = c.get(recu.get_absolute_url()).content.decode()
    assert "CODE_INCONNU (TYPRESEAU)" in texte
    assert "Importer les enregistrements retenus" in texte
    assert Troncon.objects.count() == 0
    rejets = c.get(f"{recu.get_absolute_url()}rejets/")
    assert b"".join(rejets.streaming_content)[:15] == b"SQLite format 3"
    c.post(recu.get_absolute_url(), {"faire": "confirmer"})
    assert Troncon.objects.count() == 9
    # A second click writes nothing twice.
    c.post(recu.get_absolute_url(), {"faire": "confirmer"})
    assert Troncon.objects.count() == 9
    assert "Annuler l&#x27;import" in c.get(recu.get_absolute_url()).content.decode().replace("'", "&#x27;")
    c.post(recu.get_absolute_url(), {"faire": "annuler"})
    recu.refresh_from_db()
    assert (recu.etat, Troncon.objects.count()) == ("annule", 0)


def test_un_fichier_refuse_dit_pourquoi_et_s_oublie(dessin):
    c = client("responsable")
    envoi = SimpleUploadedFile("reseau.zip", b"pas un zip")
    c.post(f"{BASE}importer/", {"insee": INSEE, "fichier": envoi})
    recu = ImportRaepa.objects.get()
    assert "refusé en entier" in c.get(recu.get_absolute_url()).content.decode()
    c.post(recu.get_absolute_url(), {"faire": "oublier"})
    assert not ImportRaepa.objects.exists()


def test_les_colonnes_se_choisissent_a_l_ecran(dessin):
    c = client("responsable")
    ligne = {"type": "LineString", "coordinates": [[5.6, 47.0], [5.601, 47.0]]}
    contenu = f.geojson([({"code": "A", "genre": "02"}, ligne)]).getvalue()
    c.post(f"{BASE}importer/", {"insee": INSEE, "fichier": SimpleUploadedFile("a.geojson", contenu)})
    recu = ImportRaepa.objects.get()
    c.post(recu.get_absolute_url(), {"faire": "controler", "couche_0": CANALISATIONS})
    choix = {"c_0_IDCANA": "code", "c_0_TYPRESEAU": "genre", "couche_0": CANALISATIONS}
    c.post(recu.get_absolute_url(), {"faire": "controler", **choix})
    recu.refresh_from_db()
    assert (recu.etat, recu.bilan["rejetes"]) == ("controle", 0)


def test_un_long_fichier_passe_par_l_ouvrier(dessin, monkeypatch):
    from assainissement.vues import imports_reseau

    monkeypatch.setattr(imports_reseau, "OCTETS_DIRECTS", 10)
    monkeypatch.setattr(imports_reseau, "LIGNES_DIRECTES", 1)
    c = client("responsable")
    deposer(c, dessin, f.dessine())
    recu = ImportRaepa.objects.get()
    assert (recu.etat, recu.tache is not None) == ("depose", True)
    assert "arrière-plan" in c.get(recu.get_absolute_url()).content.decode()

    class Suivi:
        dits: list[str] = []  # noqa: RUF012

        def avancer(self, pourcent, texte=""):
            self.dits.append(texte)

    assert controler_import.func(Suivi(), recu.pk) == {"adresse": recu.get_absolute_url()}
    confirmer_import.func(Suivi(), recu.pk, acteur().pk)
    assert Troncon.objects.count() == 9
    assert "18 enregistrements sur 18" in Suivi.dits


@pytest.mark.parametrize("role", ["technicien", "lecture", "gestionnaire"])
def test_seul_le_responsable_importe(dessin, role):
    f.importer(f.fichier(dessin, f.dessine()))
    c = client(role)
    recu = ImportRaepa.objects.get()
    assert c.get(f"{BASE}importer/").status_code == 403
    assert c.get(recu.get_absolute_url()).status_code == 403
    assert c.get(BASE).status_code == 200
    assert Client().get(BASE).status_code == 302


@pytest.fixture
def reseau(dessin):
    f.importer(f.fichier(dessin, f.dessine()))
    return dessin


def test_l_accueil_compte_et_mene_a_ce_qui_reste_a_voir(reseau):
    c = client()
    texte = c.get(BASE).content.decode()
    assert "9 canalisations" in texte
    assert f"{BASE}canalisations/?a_voir=boucle" in texte
    liste = c.get(f"{BASE}canalisations/?a_voir=boucle").content.decode()
    assert all(f">{nom}<" in liste.replace(" ", "").replace("\n", "") for nom in "DEF")
    # By keyboard: an identifier, a direction.
    reponse = c.get(BASE, {"identifiant": "r2", "sens": "amont"})
    assert reponse["Location"] == f"{BASE}suivre/ouvrages/{Ouvrage.objects.get(identifiant='R2').pk}/amont/"
    assert "Aucun objet" in c.get(BASE, {"identifiant": "zz"}).content.decode()


def test_le_suivi_se_lit_en_page_en_formes_et_en_tableau(reseau):
    c = client()
    adresse = f"{BASE}suivre/canalisations/{f.troncon('G').pk}/amont/"
    texte = c.get(adresse).content.decode()
    assert "5 canalisations" in texte
    assert "300 mm" in texte
    formes = json.loads(c.get(f"{adresse}?export=geojson").content)
    assert {x["properties"]["titre"] for x in formes["features"]} == {"A", "B", "G", "H", "I"}
    assert (formes["resume"]["nombre"], formes["resume"]["branchements"]) == (5, 3)
    lignes = c.get(f"{adresse}?export=csv").content.decode().splitlines()
    assert len(lignes) == 6
    adresses = c.get(f"{adresse}?export=adresses")
    assert adresses.content.decode("utf-8-sig").startswith("Adresse;Commune;")
    assert c.get(f"{BASE}suivre/canalisations/{f.troncon('G').pk}/ailleurs/").status_code == 404
    assert client(insee=AUTRE_INSEE).get(adresse).status_code == 404


def test_la_carte_lit_les_canalisations_de_son_cadre(reseau):
    c = client()
    t = f.troncon("A").geom.transform(4326, clone=True)
    ouest, sud, est, nord = t.extent
    lues = json.loads(c.get(f"{BASE}autour/?emprise={ouest},{sud},{est},{nord}").content)
    assert "A" in {x["properties"]["titre"] for x in lues["features"]}
    assert lues["noeuds"] == []
    proches = c.get(f"{BASE}autour/?emprise={ouest},{sud},{est},{nord}&noeuds=1").json()
    assert {n["titre"] for n in proches["noeuds"]} >= {"R1 (regard)", "R2 (regard)"}
    assert proches["noeuds"][0]["lieu"] == pytest.approx([ouest, nord], abs=1e-3)
    # Inside another's communes, nothing: neither pipes nor nodes.
    ailleurs = (
        client(insee=AUTRE_INSEE).get(f"{BASE}autour/?emprise={ouest},{sud},{est},{nord}&noeuds=1").json()
    )
    assert (ailleurs["features"], ailleurs["noeuds"]) == ([], [])
    for faux in ("", "1,2,3", "a,b,c,d", "0,0,inf,nan"):
        assert c.get(f"{BASE}autour/?emprise={faux}").status_code == 400


def test_le_profil_se_dessine_sans_style_ecrit_et_se_lit_en_tableau(reseau):
    texte = client().get(f"{BASE}canalisations/{f.troncon('A').pk}/profil/").content.decode()
    assert "style=" not in texte.partition("<svg")[2].partition("</svg>")[0]
    assert texte.count("<polyline") == 2
    assert "25,0" in texte
    assert profil.dessiner([]) is None


def test_le_profil_ne_relie_pas_ce_qui_manque(reseau):
    d = profil.dessiner(descente(f.troncon("A")))
    # Inverts known for G alone; the ground for all.
    assert [len(x) for x in (d.radiers, d.sols)] == [1, 1]


def test_l_export_raepa_se_telecharge_pour_sa_commune_seule(reseau):
    c = client()
    for format_, debut in (("gpkg", b"SQLite"), ("shp", b"PK")):
        reponse = c.get(f"{BASE}exporter/{INSEE}/{format_}/")
        assert b"".join(reponse.streaming_content).startswith(debut)
    assert c.get(f"{BASE}exporter/{AUTRE_INSEE}/gpkg/").status_code == 404
    assert c.get(f"{BASE}exporter/{INSEE}/dxf/").status_code == 404


def test_une_intervention_se_note_sur_son_objet_et_bloque_l_annulation(reseau):
    c = client()
    t = f.troncon("A")
    adresse = f"{BASE}canalisations/{t.pk}/intervention/"
    donnees = {"nature": "debordement", "date": "2026-03-01", "usager_touche": "on", "commentaire": "Cave"}
    assert c.post(adresse, {**donnees, "date": "2026-03-03"}).status_code == 422
    assert c.post(adresse, {**donnees, "nature": "curage"}).status_code == 422
    assert c.post(adresse, donnees).status_code == 302
    i = Intervention.objects.get()
    assert (i.insee, i.troncon, i.geom.x) == (INSEE, t, pytest.approx(f.X0 + 20))
    assert "Cave" in c.get(i.get_absolute_url()).content.decode()
    assert "débordement" in c.get(t.get_absolute_url()).content.decode().lower()
    responsable = client("responsable")
    recu = ImportRaepa.objects.get()
    responsable.post(recu.get_absolute_url(), {"faire": "annuler"})
    assert Troncon.objects.count() == 9
    assert "interventions" in responsable.get(recu.get_absolute_url()).content.decode()
    assert client("lecture").post(adresse, donnees).status_code == 403


def test_un_objet_se_cherche_par_son_identifiant_entier_ou_par_son_debut(reseau):
    from assainissement.reseau import recherche
    from mairie.recherche import Demande

    Troncon.objects.filter(identifiant="G").update(identifiant="T-0042-a")

    def trouves(texte, personne):
        return [(r.type, r.titre) for r in recherche.chercher(Demande(texte, personne)).resultats]

    ici = acteur("lecture")
    attendu = [("canalisation", "T-0042-a")]
    assert trouves("t-0042-A", ici) == trouves("T-00", ici) == attendu
    assert trouves("r1", ici) == [("ouvrage du réseau", "R1")], "un regard : deux caractères suffisent"
    for rien in ("T-0043", "rue", "0042", "T-00%", "T-0\0", "1" * 100):
        assert trouves(rien, ici) == [], rien
    assert trouves("T-0042-a", acteur("lecture", AUTRE_INSEE)) == []
    assert trouves("T-0042-a", None) == []
    assert "T-0042-a" in client("lecture").get("/recherche/?q=t-0042-a").content.decode()
    assert "canalisations/" not in Client().get("/recherche/?q=t-0042-a").content.decode()


def test_la_fiche_montre_photos_et_inspections(reseau):
    from mairie.models import Piece

    c = client()
    t = f.troncon("A")
    image = SimpleUploadedFile("regard.png", _png(), content_type="image/png")
    c.post(f"/pieces/assainissement.troncon/{t.pk}/deposer/", {"fichiers": image, "code": "photo"})
    c.post(f"{BASE}canalisations/{t.pk}/intervention/", {"nature": "itv", "date": "2026-03-01"})
    i = Intervention.objects.get()
    rapport = SimpleUploadedFile("itv.png", _png(2), content_type="image/png")
    c.post(f"/pieces/assainissement.intervention/{i.pk}/deposer/", {"fichiers": rapport, "code": "itv"})
    assert Piece.objects.count() == 2
    page = c.get(t.get_absolute_url()).content.decode()
    assert "Inspections et rapports" in page
    assert all(str(p.uuid) in page for p in Piece.objects.all())
    Intervention.objects.all().delete()
    assert "fichiers" in ecriture.empechement(ImportRaepa.objects.get())
    # Who reads deposits nothing.
    assert client("lecture").post(
        f"/pieces/assainissement.troncon/{t.pk}/deposer/", {"fichiers": image, "code": "photo"}
    ).status_code in (403, 404)  # fmt: skip


def _png(cote=1):
    import io

    from PIL import Image

    tampon = io.BytesIO()
    Image.new("RGB", (40 * cote, 30), (90, 90, 90)).save(tampon, "PNG")
    return tampon.getvalue()


def test_la_fiche_d_une_parcelle_dit_le_reseau_a_ses_agents_seuls(reseau):
    from types import SimpleNamespace

    from assainissement.panneaux import parcelle
    from tests.personnes import agent
    from tests.plan_factice import rectangle

    version = SimpleNamespace(
        commune=INSEE, idu=f"{INSEE}000AB0001", geom=rectangle(0, 45, 10, 10), valide_au=None, pk=0
    )
    fiche = SimpleNamespace(version=version)
    panneau = parcelle(fiche, agent("assainissement.lecture", codes=(INSEE,)))
    proches = [(str(t), round(d)) for t, d in panneau.contexte["reseau"]]
    assert proches == [("A", 5), ("I", 11)]
    assert parcelle(fiche, None) is None


def test_un_fichier_se_depose_pour_une_intercommunalite(dessin):
    from mairie.models import Appartenance

    epci = commune("200000099", "Communauté fictive")
    for code in (INSEE, "25998"):
        Appartenance.objects.create(epci=epci, commune=commune(code), du=date(2020, 1, 1))
    tous, seul = client("responsable", "200000099"), client("responsable", "25998")
    assert "Communauté fictive (2 communes)" in tous.get(f"{BASE}importer/").content.decode()
    assert "Communauté" not in seul.get(f"{BASE}importer/").content.decode()
    octets = f.fichier(dessin, f.dessine()).getvalue()

    def envoyer(c):
        envoi = {"insee": "200000099", "fichier": SimpleUploadedFile("r.gpkg", octets)}
        return c.post(f"{BASE}importer/", envoi)

    refus = envoyer(tous)
    assert (refus.status_code, "ne sont pas chargées" in refus.content.decode()) == (422, True)
    assert envoyer(seul).status_code == 422
    assert not ImportRaepa.objects.exists()


# --- layers ---------------------------------------------------------------------------------------

PUBLICS = {
    "ass_troncons": {"type_reseau", "diametre", "materiau", "exploitant"},
    "ass_ouvrages": {"type_reseau", "fonction"},
    "ass_appareillages": {"type_reseau", "fonction"},
}


def test_les_couches_publiques_ont_une_liste_fermee_d_attributs():
    assert {c.nom: {a.nom for a in c.attributs} for c in COUCHES if c.publique} == PUBLICS


def test_le_public_ne_voit_le_reseau_que_la_ou_la_commune_l_ouvre(reseau):
    publique = couche("ass_troncons")
    assert publique.objets(None).count() == 0
    ferme = publique.version()
    r = ReglementService.objects.create(insee=INSEE, date_effet=date(2026, 1, 1), reseau_public=True)
    assert publique.objets(None).count() == 9
    assert publique.version() != ferme
    # The version in force decides, not an older one nor one to come.
    ReglementService.objects.create(insee=INSEE, date_effet=date(2026, 6, 1), reseau_public=False)
    assert publique.objets(None).count() == 9
    ReglementService.objects.create(insee=INSEE, date_effet=date(2026, 2, 1), reseau_public=False)
    assert publique.objets(None).count() == 0
    assert r.reseau_public


def test_la_tuile_publique_suit_l_ouverture_du_reseau_sans_redemarrer(reseau):
    """What a server has prepared once must not outlive the choice of the commune."""
    from gis_data.tuiles.service import oublier_versions
    from tests.gis_data.test_tuiles import tuile_de

    z, x, y = tuile_de(50, 35, 14)
    adresse = f"/tuiles/ass_troncons/{z}/{x}/{y}.pbf"
    for ouvert, statut in ((None, 204), (True, 200), (False, 204)):
        if ouvert is not None:
            ReglementService.objects.update_or_create(
                insee=INSEE, date_effet=date(2026, 1, 1), defaults={"reseau_public": ouvert}
            )
        oublier_versions()
        assert Client().get(adresse).status_code == statut, ouvert


def test_les_vues_sql_se_lisent_et_ne_s_ecrivent_pas(reseau):
    from django.db import DatabaseError, connection, transaction

    with connection.cursor() as curseur:
        curseur.execute("SELECT identifiant, reseau, longueur_m FROM sig_reseau_canalisations ORDER BY 1")
        assert curseur.fetchone()[:2] == ("A", "eaux usées")
        for vue in ("canalisations", "ouvrages", "appareillages", "reparations", "interventions"):
            with pytest.raises(DatabaseError), transaction.atomic():
                curseur.execute(f"DELETE FROM sig_reseau_{vue}")
