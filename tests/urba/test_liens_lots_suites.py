"""Related dossiers, lots, later requests and their effects, constraints kept; two who decide at once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from gis_data.models import DocumentUrbanisme, SupAssiette
from mairie import liens
from mairie.models import Delegation, Evenement, JournalActe, LienSecret
from mairie.workflow import ConflitEdition, Refus, appliquer
from tests.personnes import AUTRE_INSEE, INSEE, commune
from tests.plan_factice import ecrire_plan, rectangle
from tests.urba.fabrique_urba import acteur, agir, dossier, nouveau, personne, qualifie
from tests.urba.test_ecrans_urba import aller, client_de, texte  # noqa: F401
from urba import contraintes_dossier, lies, lots
from urba.courriers.champs import ecartees_en_lettres
from urba.models import ContrainteDossier, DossierAutorisation, DossierInstruction, LienDossier, Lot
from urba.regles.numeros import NatureDossier
from urba.services import Demandeur, demander
from urba.suivi import USAGE

pytestmark = pytest.mark.django_db


@pytest.fixture
def permis(aller):  # noqa: F811
    """A permit granted on 20 April 2026, notified on the 22nd."""
    elu = acteur("signataire")
    Delegation.objects.create(collectivite=commune(), delegataire=elu, titulaire=True, du=date(2015, 1, 1))
    d = dossier("PA", objet="Lotissement", references="AB 1, AB 2")
    return decider(aller, d)


def decider(aller, d, signee=date(2026, 4, 20), notifiee=date(2026, 4, 22), sens="accord"):  # noqa: F811
    qualifie(d)
    agir(d, "rapport_pret", "instructeur")
    agir(d, "finaliser_decision", "instructeur", donnees={"sens": sens, "motifs": "Motif."})
    aller(signee)
    agir(d, "signature", "signataire")
    aller(notifiee)
    return agir(d, "notification_decision", "guichet")


def transfert(d, le=date(2026, 5, 4), nom="Repreneuse", **options):
    options = {"accords_signes": True, **options}
    demande = nouveau(le=le, demandeurs=[Demandeur(personne(nom))] if nom else [])
    return demander(d.da, NatureDossier.TRANSFERT, demande, par=acteur("guichet"), **options)


def titulaires(d):
    return [(x.tiers.nom, x.depuis, x.jusqu_a) for x in d.demandeurs.order_by("depuis", "id")]


# --- transfer, modification ---------------------------------------------------------------------


def test_un_transfert_accorde_change_le_titulaire_au_jour_de_l_accord(permis, aller):  # noqa: F811
    aller(date(2026, 5, 4))
    t = transfert(permis)
    assert (t.numero[-3:], t.date_limite) == ("T01", date(2026, 8, 4))
    assert [nom for nom, _, fin in titulaires(permis) if fin is None] == ["Personne fictive"]
    decider(aller, t, date(2026, 6, 1), date(2026, 6, 3))
    depot, accord = date(2026, 3, 2), date(2026, 6, 1)
    assert titulaires(permis) == [("Personne fictive", depot, accord), ("Repreneuse", accord, None)]
    permis.refresh_from_db()
    permis.da.refresh_from_db()
    assert permis.petitionnaire_nom == "Repreneuse"
    assert permis.validite_fin == permis.da.date_validite == date(2029, 4, 22)
    page = texte(client_de("lecture").get(f"/urba/dossiers/{permis.pk}/"))
    assert "Repreneuse depuis le 01/06/2026, par le transfert PC" not in page
    assert f"Repreneuse depuis le 01/06/2026, par le transfert {t}" in page
    # A second computation of the same log changes nothing.
    agir(t, "affichage_mairie", "guichet", date(2026, 6, 3))
    assert len(titulaires(permis)) == 2


def test_la_cle_de_suivi_de_l_ancien_titulaire_meurt_et_celle_du_nouveau_reste(permis, aller):  # noqa: F811
    aller(date(2026, 4, 25))
    ancienne, _ = liens.creer_cle(permis.da, USAGE, insee=permis.insee)
    aller(date(2026, 5, 4))
    t = transfert(permis)
    # Made without killing the first, as a link of the same day would be.
    neuve, _ = liens.creer(permis.da, USAGE, insee=permis.insee)
    ancienne.refresh_from_db()
    assert ancienne.revoque_le is None
    decider(aller, t, date(2026, 6, 1), date(2026, 6, 3))
    ancienne.refresh_from_db()
    neuve.refresh_from_db()
    assert ancienne.revoque_le is not None and neuve.revoque_le is None


def test_une_cle_perdue_est_donnee_par_le_guichet_seul(permis):
    adresse = f"/urba/dossiers/{permis.pk}/cle/"
    assert client_de("lecture").post(adresse).status_code == 403
    page = client_de("guichet").post(adresse)
    assert page.status_code == 200 and "Nouvelle clé de suivi" in texte(page)
    assert LienSecret.objects.filter(usage=USAGE, revoque_le=None).count() == 1


def test_un_transfert_refuse_ne_change_rien(permis, aller):  # noqa: F811
    aller(date(2026, 5, 4))
    decider(aller, transfert(permis), date(2026, 6, 1), date(2026, 6, 3), "refus")
    assert [(nom, fin) for nom, _, fin in titulaires(permis)] == [("Personne fictive", None)]


def test_un_transfert_sans_reponse_prend_effet_a_la_naissance_du_tacite(permis, aller):  # noqa: F811
    aller(date(2026, 5, 4))
    t = qualifie(transfert(permis))
    aller(date(2026, 8, 20))
    agir(t, "constat_tacite", "instructeur", date(2026, 8, 5))
    assert titulaires(permis)[-1] == ("Repreneuse", date(2026, 8, 5), None)


def test_un_transfert_partiel_deplace_ses_lots(permis, aller):  # noqa: F811
    a, b = (lots.ajouter(permis, n, 400, None, par=acteur("instructeur")) for n in ("1", "2"))
    aller(date(2026, 5, 4))
    with pytest.raises(Refus, match="Un lot au moins reste"):
        transfert(permis, lots=[a, b])
    decider(aller, transfert(permis, lots=[a]), date(2026, 6, 1), date(2026, 6, 3))
    assert [nom for nom, _, fin in titulaires(permis) if fin is None] == ["Personne fictive"]
    assert [(str(t), t.depuis) for t in a.titulaires.all()] == [("lot 1 : Repreneuse", date(2026, 6, 1))]
    assert not b.titulaires.exists()
    with pytest.raises(lots.LotRefuse, match="objet d'un transfert"):
        lots.retirer(permis, a.pk, par=acteur("instructeur"))


@pytest.mark.parametrize(
    ("options", "raison"),
    [({"nom": ""}, "nomme le nouveau titulaire"), ({"accords_signes": False}, "accord signé")],
)
def test_un_transfert_incomplet_est_refuse(permis, aller, options, raison):  # noqa: F811
    aller(date(2026, 5, 4))
    with pytest.raises(Refus, match=raison):
        transfert(permis, **options)
    assert permis.da.instructions.count() == 1


def test_un_modificatif_accorde_met_a_jour_les_donnees_et_garde_la_validite(permis, aller):  # noqa: F811
    aller(date(2026, 5, 4))
    permis.donnees_techniques.donnees = {"logements": 1, "piscine_m2": 20}
    permis.donnees_techniques.save()
    demande = nouveau(le=date(2026, 5, 4), demandeurs=[], objet="Un lot de plus", donnees={"logements": 2})
    m = demander(permis.da, NatureDossier.MODIFICATIF, demande, par=acteur("guichet"))
    permis.donnees_techniques.refresh_from_db()
    assert permis.donnees_techniques.donnees["logements"] == 1
    decider(aller, m, date(2026, 6, 1), date(2026, 6, 3))
    permis.donnees_techniques.refresh_from_db()
    permis.da.refresh_from_db()
    assert permis.donnees_techniques.donnees == {"logements": 2, "piscine_m2": 20}
    assert permis.da.date_validite == date(2029, 4, 22)
    assert [nom for nom, *_ in titulaires(permis)] == ["Personne fictive"]


def test_la_demande_se_saisit_a_l_ecran_et_un_double_clic_n_en_fait_qu_une(permis, aller):  # noqa: F811
    aller(date(2026, 5, 4))
    client = client_de("guichet")
    assert f"/urba/dossiers/{permis.pk}/demander/transfert/" in (
        client.get(f"/urba/dossiers/{permis.pk}/").content.decode()
    )
    adresse = f"/urba/dossiers/{permis.pk}/demander/transfert/"
    assert "Le nouveau titulaire" in texte(client.get(adresse))
    envoi = {
        "depose_le": "2026-05-04", "canal": "guichet", "nom": "Repreneuse",
        "client_uuid": "7b0d0d6e-4a3c-4b0a-9a51-0a54c1c0a001",
    }  # fmt: skip
    refus = client.post(adresse, envoi)
    assert refus.status_code == 422 and "accord signé" in texte(refus)
    for _ in range(2):
        reponse = client.post(adresse, {**envoi, "accords": "on"})
        assert reponse.status_code == 302
    assert permis.da.instructions.filter(nature="TRANSFERT").count() == 1
    assert client_de("lecture").post(adresse, envoi).status_code == 403
    assert client.get(f"/urba/dossiers/{permis.pk}/demander/divorce/").status_code == 404


# --- related dossiers ---------------------------------------------------------------------------


def test_les_dossiers_du_meme_terrain_et_ceux_lies_a_la_main_se_voient_des_deux_cotes(aller):  # noqa: F811
    un = dossier(objet="Garage", references="AB 1")
    partage = dossier("DP", objet="Clôture", references="AB 1, AB 2")
    loin = dossier(objet="Hangar", references="AB 3")
    chef, lecteur = client_de("chef"), acteur("lecture")
    assert [x.pk for x in lies.memes_parcelles(un, lecteur)] == [partage.pk]
    assert un.pk in [x.pk for x in lies.memes_parcelles(partage, lecteur)]
    adresse = f"/urba/dossiers/{un.pk}/liens/"
    chef.post(adresse, {"numero": str(loin).lower(), "motif": "Même voie d'accès"})
    for d, autre in ((un, loin), (loin, un)):
        page = chef.get(f"/urba/dossiers/{d.pk}/").content.decode()
        assert "Même voie d&#x27;accès" in page and f"/urba/dossiers/{autre.pk}/" in page
    assert JournalActe.objects.filter(action=lies.LIE).count() == 2
    lien = LienDossier.objects.get()
    chef.post(f"/urba/dossiers/{loin.pk}/liens/", {"retirer": lien.pk})
    lien.refresh_from_db()
    assert lien.retire_le is not None and lies.lies_a_la_main(un, lecteur) == []
    # Tied again: the closed row stays beside the new one.
    lies.lier(loin, un.numero, "Encore", par=acteur("chef"))
    assert LienDossier.objects.count() == 2


@pytest.mark.parametrize(
    ("numero", "motif", "raison"),
    [
        ("PC 025 999 26 00099", "x", "Aucun dossier que vous puissiez lire"),
        ("n'importe quoi", "x", "Aucun dossier"),
        ("soi", "x", "la même autorisation"),
        ("autre", "  ", "Dites pourquoi"),
        ("deja", "x", "déjà lié"),
        ("ailleurs", "x", "Aucun dossier que vous puissiez lire"),
    ],
)
def test_un_lien_impossible_dit_sa_raison(aller, numero, motif, raison):  # noqa: F811
    un, autre, deja = dossier(), dossier(references="AB 2"), dossier(references="AB 3")
    chef = acteur("chef")
    lies.lier(un, deja.numero, "Déjà", par=chef)
    ecrit = {"soi": un.numero, "autre": autre.numero, "deja": deja.numero}.get(numero, numero)
    if numero == "ailleurs":
        commune(AUTRE_INSEE)
        da = DossierAutorisation.objects.create(
            numero=f"PC0{AUTRE_INSEE}2600001", lettres="PC", insee=AUTRE_INSEE, annee=2026, ordre="00001"
        )
        di = DossierInstruction(da=da, insee=AUTRE_INSEE, nature="INITIAL", numero=da.numero, etat="en_cours")
        di.save()
        ecrit = di.numero
    with pytest.raises(lies.LienRefuse, match=raison):
        lies.lier(un, ecrit, motif, par=chef)
    assert client_de("lecture").post(f"/urba/dossiers/{un.pk}/liens/", {}).status_code == 403


# --- lots ---------------------------------------------------------------------------------------


def _geojson(*noms: str) -> SimpleUploadedFile:
    traits = []
    for rang, nom in enumerate(noms):
        forme = rectangle(10 * rang, 0, 10, 20).transform(4326, clone=True)
        traits.append({"type": "Feature", "properties": {"nom": nom}, "geometry": json.loads(forme.json)})
    contenu = json.dumps({"type": "FeatureCollection", "features": traits}).encode()
    return SimpleUploadedFile("lots.geojson", contenu, "application/geo+json")


def test_les_lots_se_lisent_d_un_fichier_se_montrent_et_s_exportent(aller):  # noqa: F811
    d = dossier("PA", references="AB 1")
    client = client_de("instructeur")
    adresse = f"/urba/dossiers/{d.pk}/lots/"
    client.post(adresse, {"importer": "1", "fichier": _geojson("Lot 1", "2", "10")})
    assert [x.numero for x in lots.lots_de(d)] == ["1", "2", "10"]
    assert Lot.objects.get(numero="1").emprise.area == pytest.approx(200, abs=1)
    # Read again, a lot is redrawn, not doubled; one that overlaps is told.
    client.post(adresse, {"ajouter": "1", "numero": "11", "surface": "150", "emprise": _dessin()})
    page = texte(client.get(adresse))
    assert "Le lot 1 et le lot 11 se recouvrent" in page and "150 m²" in page
    refuse = client.post(adresse, {"ajouter": "1", "numero": "11", "surface": "1"})
    assert refuse.status_code == 422 and "existe déjà" in texte(refuse)
    casse = client.post(
        adresse, {"importer": "1", "fichier": SimpleUploadedFile("x.geojson", b"{")}, follow=True
    )
    assert Lot.objects.count() == 4 and "lots.geojson" not in texte(casse)
    export = client.get("/urba/lots/?export=geojson")
    lu = json.loads(b"".join(export.streaming_content))
    assert len(lu["features"]) == 4 and lu["features"][0]["geometry"]["type"] == "MultiPolygon"
    assert client_de("lecture").post(adresse, {"retirer": Lot.objects.first().pk}).status_code == 302
    assert Lot.objects.count() == 4
    assert client_de("chef", insee=AUTRE_INSEE).get(adresse).status_code == 404


def _dessin() -> str:
    return rectangle(0, 0, 5, 5).transform(4326, clone=True).json


# --- constraints --------------------------------------------------------------------------------


def _abords() -> SupAssiette:
    document = DocumentUrbanisme.objects.create(
        famille="sup", type_document="SUP", categorie="AC1", identifiant="AC1", territoire=INSEE,
        communes=[INSEE], valide_du=date(2023, 3, 1), couches={"AC1_ASSIETTE_SUP_S": 1}, source="ac1.zip",
        empreinte="0" * 64, srid_source=2154,
    )  # fmt: skip
    forme = rectangle(0, 0, 200, 200)
    return SupAssiette.objects.create(
        document=document, couche_source="AC1_ASSIETTE_SUP_S", numero=1, categorie="AC1",
        libelle="Abords de l'église", geom=forme, geom_3857=forme.transform(3857, clone=True),
    )  # fmt: skip


def test_un_nouveau_controle_garde_ce_que_l_agent_a_decide(aller):  # noqa: F811
    assiette = _abords()
    d = qualifie(dossier())
    (trouvee,) = [c for c in d.contraintes.all() if c.etat == "auto" and "glise" in c.libelle]
    client = client_de("instructeur")
    adresse = f"/urba/dossiers/{d.pk}/contraintes/"
    sans = texte(client.post(adresse, {"faire": "ecarter", "ligne": trouvee.pk, "motif": " "}, follow=True))
    assert "Dites pourquoi" in sans
    client.post(adresse, {"faire": "ecarter", "ligne": trouvee.pk, "motif": "Hors du champ de visibilité"})
    client.post(adresse, {"faire": "ajouter", "libelle": "Zone humide", "nature": "risque", "motif": "Vu"})
    assiette.delete()
    client.post(adresse, {"faire": "controler"})
    etats = {c.libelle: (c.etat, c.presente) for c in ContrainteDossier.objects.filter(dossier=d)}
    assert etats == {trouvee.libelle: ("ecartee", False), "Zone humide": ("ajoutee", True)}
    assert ecartees_en_lettres(d) == [f"{trouvee.libelle} (Hors du champ de visibilité)"]
    page = texte(client.get(f"/urba/dossiers/{d.pk}/"))
    assert "la carte ne la donne plus" in page
    assert d.controles_couches.count() == 2
    assert JournalActe.objects.filter(action=contraintes_dossier.ECARTEE, objet_id=str(d.pk)).exists()
    client.post(adresse, {"faire": "retablir", "ligne": trouvee.pk})
    assert [c.libelle for c in d.contraintes.all()] == ["Zone humide"]
    assert client_de("guichet").post(adresse, {"faire": "controler"}).status_code == 403


def test_l_emprise_qui_change_perime_le_controle(aller):  # noqa: F811
    d = qualifie(dossier())
    assert not contraintes_dossier.gardees(DossierInstruction.objects.get(pk=d.pk)).perime
    d.terrain.emprise_dessinee = rectangle(0, 0, 5, 5)
    d.terrain.save()
    assert contraintes_dossier.gardees(DossierInstruction.objects.get(pk=d.pk)).perime


# --- map ----------------------------------------------------------------------------------------


def test_la_carte_porte_les_voisins_avec_leur_annee_et_la_liste_sans_javascript(aller):  # noqa: F811
    un = dossier(references="AB 1", objet="Garage")
    voisin = dossier("DP", references="AB 2")
    page = client_de("lecture").get(f"/urba/dossiers/{un.pk}/").content.decode()
    traits = json.loads(
        page.split('id="urba-voisins-traits" type="application/json">')[1].split("</script>")[0]
    )
    vus = {t["properties"]["titre"]: t["properties"] for t in traits["features"]}
    assert vus[str(un)]["ici"] and vus[str(voisin)]["annee"] == 2026
    assert f'<a href="/urba/dossiers/{voisin.pk}/">{voisin}</a>' in page


# --- two at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_deux_agents_qui_decident_a_la_fois_un_seul_decide(time_machine):
    time_machine.move_to("2026-03-02T10:00:00+01:00", tick=False)
    ecrire_plan()
    d = qualifie(dossier())
    agir(d, "rapport_pret", "instructeur")
    qui = {"accord": acteur("instructeur"), "refus": acteur("chef")}
    ensemble = threading.Barrier(2)

    def decide(sens: str) -> str:
        try:
            vu = DossierInstruction.objects.get(pk=d.pk)
            ensemble.wait(timeout=30)
            donnees = {"sens": sens, "motifs": "Motif."}
            appliquer(vu, "finaliser_decision", par=qui[sens], version=vu.version, donnees=donnees)
            return ""
        except ConflitEdition as e:
            return str(e)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as fils:
        dits = dict(zip(qui, fils.map(decide, qui), strict=True))
    (gagnant,) = [sens for sens, dit in dits.items() if not dit]
    (conflit,) = [dit for dit in dits.values() if dit]
    assert "Décision rédigée" in conflit and "Rechargez la page" in conflit
    ecrites = Evenement.objects.filter(dossier_id=d.pk, type="finaliser_decision")
    assert [e.donnees["sens"] for e in ecrites] == [gagnant]
    d.refresh_from_db()
    assert d.etat == "en_signature"
