"""Calendar of a year, meeting, PDF, publication, programmes brought in by a file."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from domainepublic.coordination import calendrier as cal
from domainepublic.coordination.programmes import IMPORT, lire_trace
from domainepublic.coordination.service import agir
from domainepublic.models import DemandeTravaux, LigneProgramme, MesureCirculation
from gis_data.couches import couche
from gis_data.dessin.lecture import DessinRefuse
from mairie.ecrans.imports import geojson, lecture, service
from mairie.models import ImportTable, Tiers
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, ligne, personne, rect
from tests.domainepublic.test_coordination_odp import travaux
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE

BASE = "/domaine-public/calendrier/"
DEPOT = "/domaine-public/programmes/importer/"


@pytest.fixture(autouse=True)
def _stockage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def degres(geom):
    return json.loads(geom.transform(4326, clone=True).geojson)


def fichier(*objets: tuple[dict, object], **plus) -> bytes:
    traits = [{"type": "Feature", "properties": p, "geometry": g} for p, g in objets]
    return json.dumps({"type": "FeatureCollection", "features": traits, **plus}).encode()


def proprietes(reference: str = "A1", **plus) -> dict:
    return {
        "insee": INSEE, "opérateur": "Gaz fictif", "année": 2026, "référence": reference,
        "nature": "Conduite de gaz", "début": "2026-09-01", "fin": "2026-09-20", **plus,
    }  # fmt: skip


def importer(octets: bytes, nom: str, par) -> ImportTable:
    recu = service.deposer(IMPORT, BytesIO(octets), nom, par)
    service.passer(IMPORT, recu, appliquer=True)
    return recu


# --- without database ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annee", "premier", "dernier", "nombre"),
    [(2026, date(2025, 12, 29), date(2026, 12, 28), 53), (2027, date(2026, 12, 28), date(2027, 12, 27), 53)],
)
def test_les_semaines_d_une_annee_la_couvrent_toute(annee, premier, dernier, nombre):
    lundis = cal.semaines(annee)
    assert (lundis[0], lundis[-1], len(lundis)) == (premier, dernier, nombre)
    entete = cal.mois_des_semaines(lundis, annee)
    assert [m for m, _ in entete] == list(cal.MOIS)
    assert sum(n for _, n in entete) == nombre


def test_un_geojson_se_lit_comme_un_tableau_et_ses_rejets_se_relisent():
    trait = {"type": "LineString", "coordinates": [[6.35, 47.1], [6.36, 47.1]]}
    table = lecture.lire(
        BytesIO(fichier(({"a": 1, "b": True}, trait), ({"a": None, "c": "x"}, None))), "p.geojson"
    )
    assert (table.titres, table.format) == (("a", "b", "c", geojson.GEOMETRIE), "geojson")
    assert [x.numero for x in table.lignes] == [1, 2]
    assert table.lignes[0].cellules[:3] == ("1", "oui", "")
    assert json.loads(table.lignes[0].cellules[3]) == trait
    ecrit = geojson.ecrire([*table.titres, "Motif du refus"], [[*table.lignes[0].cellules, "non"]])
    relu = lecture.lire(BytesIO(ecrit), "r.geojson")
    assert json.loads(relu.lignes[0].cellules[-1]) == trait and "Motif du refus" in relu.titres


@pytest.mark.parametrize(
    ("octets", "dit"),
    [
        (b'{"type": "FeatureCollection", "features": [', "ne se lit pas"),
        (b'{"type": "Feature", "geometry": null}', "liste d'objets"),
        (fichier(({"a": 1}, None), crs={"properties": {"name": "Lune"}}), "n'est pas connue"),
        (b'{"type": "FeatureCollection", "features": []}', "aucune ligne"),
    ],
)
def test_un_geojson_faux_est_refuse_en_mots(octets, dit):
    with pytest.raises(lecture.FichierRefuse, match=dit):
        lecture.lire(BytesIO(octets), "p.geojson")


def test_un_point_ne_fait_pas_un_chantier():
    with pytest.raises(DessinRefuse, match="ligne ou une surface"):
        lire_trace('{"type": "Point", "coordinates": [6.35, 47.1]}')


# --- programmes ---------------------------------------------------------------------------------


def test_un_programme_geojson_fait_des_travaux_une_seule_fois(aller):
    par = acteur("coordination")
    octets = fichier(
        (proprietes("A1"), degres(ligne())),
        (proprietes("A2", fin="2026-08-01"), degres(ligne(0, 33))),
        (proprietes("A3"), {"type": "Point", "coordinates": [6.35, 47.1]}),
        (proprietes("A4") | {"opérateur": "GAZ  FICTIF"}, degres(ligne(0, 35))),
    )
    recu = importer(octets, "programme.geojson", par)
    assert {k: recu.bilan[k] for k in ("lues", "creees", "refusees")} == {
        "lues": 4,
        "creees": 2,
        "refusees": 2,
    }
    assert [n for n, _ in recu.bilan["premiers"]] == [2, 3]
    assert "précède le début" in recu.bilan["premiers"][0][1]
    t = DemandeTravaux.objects.get(ligne_programme__reference="A1")
    assert (t.etat, t.annee, t.nature) == ("programmee", 2026, "Conduite de gaz")
    # One firm, however its name is written.
    assert Tiers.objects.filter(raison_sociale__iexact="gaz fictif").count() == 1
    # The refused objects come back as the same kind of file, and go in once corrected.
    rejets = json.loads(recu.rejets.read())
    assert len(rejets["features"]) == 2
    rejets["features"][0]["properties"]["fin"] = "2026-09-30"
    corrige = importer(json.dumps({**rejets, "features": rejets["features"][:1]}).encode(), "r.geojson", par)
    assert corrige.bilan["creees"] == 1
    # The same file again: nothing is doubled; a correction changes what nobody answered yet.
    assert importer(octets, "programme.geojson", par).bilan["inchangees"] == 2
    agir(t, "inscrire", par=par)
    autre = {"opérateur": "GAZ FICTIF", "nature": "Autre"}
    change = fichier(
        (proprietes("A1", nature="Autre"), degres(ligne())),
        (proprietes("A4") | autre, degres(ligne(0, 35))),
    )
    bilan = importer(change, "programme.geojson", par).bilan
    assert (bilan["modifiees"], bilan["refusees"]) == (1, 1)
    assert "le programme ne les change plus" in bilan["premiers"][0][1]
    assert DemandeTravaux.objects.count() == LigneProgramme.objects.count() == 3
    assert DemandeTravaux.objects.filter(nature="Autre").count() == 1


def test_l_essai_a_blanc_n_ecrit_rien_et_un_csv_nomme_sa_voie(aller):
    client = client_de("coordination")
    lignes = (
        "Commune;Maître d'ouvrage;Année;Référence;Nature;Voie;Tracé;Début;Fin\n"
        f"{INSEE};Eaux;2026;1;Conduite;;{ligne().wkt};01/10/2026;10/10/2026\n"
        f"{INSEE};Eaux;2026;2;Conduite;Rue inconnue;;01/10/2026;10/10/2026\n"
        f"{INSEE};Eaux;2026;3;Conduite;;;01/10/2026;10/10/2026\n"
        f"{INSEE};Eaux;2027;4;Conduite;;{ligne().wkt};01/10/2026;10/10/2026\n"
        f"{AUTRE_INSEE};Eaux;2026;5;Conduite;;{ligne().wkt};01/10/2026;10/10/2026\n"
    )
    reponse = client.post(DEPOT, {"fichier": SimpleUploadedFile("p.csv", lignes.encode())})
    recu = ImportTable.objects.latest("pk")
    assert reponse.status_code == 302
    choix = {f"c_{c}": str(r) for c, r in recu.correspondance.items()}
    page = texte(client.post(f"{DEPOT}{recu.pk}/", {"faire": "essayer", **choix}, follow=True))
    assert not DemandeTravaux.objects.exists()
    for motif in (
        "n'est pas une voie de la commune",
        "un tracé, ou une voie",
        "pas de l'année 2027",
        "pas ce droit",
    ):
        assert motif in page
    client.post(f"{DEPOT}{recu.pk}/", {"faire": "appliquer"})
    assert DemandeTravaux.objects.count() == 1
    assert client_de("lecture").get(DEPOT).status_code == 403


# --- pages --------------------------------------------------------------------------------------


def test_le_calendrier_d_une_annee_ses_documents_et_sa_publication(aller):
    t = travaux()
    autre = travaux(
        "programme", nature="Fibre", geom=ligne(0, 33), debut=date(2026, 12, 1), fin=date(2027, 1, 15)
    )
    coordination = client_de("coordination")
    page = coordination.get(BASE, {"annee": "2027"})
    donnees = page.context["donnees"]
    assert [d["id"] for d in donnees] == [autre.pk] and donnees[0]["ton"] == "bientot"
    juin = coordination.get(BASE, {"annee": "2026", "mois": "6"}).context["donnees"]
    assert [d["id"] for d in juin] == [t.pk]
    assert coordination.get(BASE, {"commune": AUTRE_INSEE}).status_code == 404
    reunion = texte(coordination.get(f"{BASE}reunion/", {"annee": "2026"}))
    assert "À répondre (2)" in reunion and "fouille à partager" in reunion
    for adresse in (f"{BASE}calendrier.pdf?annee=2026", f"{BASE}reunion/?annee=2026&format=pdf"):
        pdf = coordination.get(adresse)
        assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    # Accepted by silence: nobody had put it before the public.
    aller(date(2026, 5, 3))
    coordination = client_de("coordination")
    DemandeTravaux.objects.filter(pk=t.pk).update(etat="acceptee_tacite")
    publique = couche("odp_calendrier_travaux")
    assert list(publique.objets(None)) == []
    assert "Publier le calendrier 2026" in texte(coordination.get(BASE, {"annee": "2026"}))
    adresse = f"{BASE}publier/{INSEE}/2026/"
    assert client_de("instructeur").post(adresse).status_code == 403
    assert client_de("coordination", insee=AUTRE_INSEE).post(adresse).status_code == 404
    for annee in ("0", "99999"):
        assert coordination.post(f"{BASE}publier/{INSEE}/{annee}/").status_code == 404
    assert coordination.post(adresse).status_code == 302
    trait = publique.objets(None).get()
    assert (trait.pk, trait.pour, trait.retenu_du) == (t.pk, "Eaux fictives", date(2026, 6, 1))
    assert {a.nom for a in publique.attributs} == {"maitre_ouvrage", "nature", "du", "au"}
    assert Client().get(BASE).status_code == 302


def test_des_travaux_reportes_se_publient_dans_leur_annee_retenue(aller):
    t = travaux()
    agir(t, "reporter", par=acteur("coordination"), donnees={"motif": "Marché", "debut": "2027-03-01"})
    DemandeTravaux.objects.update(publiee=False)
    assert (cal.a_publier(INSEE, 2026).count(), cal.a_publier(INSEE, 2027).count()) == (0, 1)


def test_le_public_ne_lit_jamais_le_nom_d_un_particulier_au_calendrier(aller):
    t = travaux(maitre_ouvrage=Tiers.objects.create(collectivite=INSEE, nom="Dupont fictif"))
    agir(t, "accorder", par=acteur("coordination"))
    assert couche("odp_calendrier_travaux").objets(None).get().pour == "un particulier"


def test_les_couches_publiques_disent_l_effet_l_acte_et_la_societe_des_chantiers_seuls(aller):
    firme = Tiers.objects.create(collectivite=INSEE, nature="morale", raison_sociale="Travaux fictifs")
    benne = accorde(dossier(demandeur=firme))
    MesureCirculation.objects.create(
        dossier=benne, type="stationnement_interdit", debut=date(2026, 6, 1), fin=date(2026, 6, 2)
    )
    accorde(dossier(emprise(geom=rect(20)), demandeur=personne("Dupont fictif")))
    accorde(dossier(emprise("MANIF", geom=rect(40)), demandeur=firme, faits={"economique": False}))
    noms = ("numero_acte", "mesures_dites", "firme", "page")
    lues = list(couche("odp_occupations").objets(None).order_by("pk").values_list("type__code", *noms))
    e = benne.emprises.get()
    assert lues[0] == (
        "BENNE", "2026-ODP-0001", "stationnement interdit", "Travaux fictifs",
        f"/domaine-public/travaux/{e.pk}/",
    )  # fmt: skip
    assert [(x[0], x[3]) for x in lues[1:]] == [("BENNE", ""), ("MANIF", "")]
    assert couche("odp_chantiers").objets(None).count() == 2
    mesure = couche("odp_mesures_circulation").objets(None).get()
    assert (mesure.mesures_du, mesure.mesures_au) == (date(2026, 6, 1), date(2026, 6, 2))
    assert (mesure.numero_acte, mesure.heures) == ("2026-ODP-0001", "jour et nuit")
    assert mesure.page == f"/domaine-public/travaux/{e.pk}/"
    MesureCirculation.objects.update(creneaux=[{"jours": [], "de": "08:00", "a": "18:00"}])
    assert "certaines heures" in couche("odp_mesures_circulation").objets(None).get().heures
    internes = couche("odp_emprises").objets(acteur("instructeur")).order_by("pk")
    assert list(internes.values_list("qui", "facturee", "montant"))[:2] == [
        ("Travaux fictifs", 8.0, None), ("Dupont fictif", 8.0, None),
    ]  # fmt: skip
