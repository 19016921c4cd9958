"""Pages of the public domain through the HTTP client: lists, deposit, events, rights, public."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from domainepublic.models import DossierODP
from mairie.models import Tiers, Voie
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, faire, personne, rect, type_
from tests.personnes import AUTRE_INSEE, INSEE, agent

pytestmark = pytest.mark.usefixtures("aller")
DOS = "django.contrib.auth.backends.ModelBackend"
CARRE = json.dumps(
    {
        "type": "Polygon",
        "coordinates": [[list(p) for p in rect().transform(4326, clone=True).coords[0]]],
    }
)


def client_de(*roles: str, insee: str = INSEE) -> Client:
    client = Client()
    client.force_login(agent(*(f"domainepublic.{r}" for r in roles), codes=(insee,)), backend=DOS)
    return client


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def saisie(**champs):
    return {
        "insee": INSEE,
        "depose_le": "2026-03-02",
        "canal": "guichet",
        "beneficiaire": "entreprise",
        "nom": "Société fictive",
        "objet": "Réfection d'une façade",
        "adresse": "12 rue du Lavoir",
        "type": type_("BENNE").pk,
        "unite": "m2",
        "geom": CARRE,
        "cote": "axe",
        "debut": "2026-06-01",
        "fin": "2026-06-30",
        "domaine": "voie_communale",
        "en_agglomeration": "on",
        "occupant": "ordinaire",
        "client_uuid": str(uuid4()),
        **champs,
    }


def evenement(client: Client, d: DossierODP, code: str, **champs):
    d.refresh_from_db()
    return client.post(
        f"/domaine-public/dossiers/{d.pk}/evenements/{code}/",
        {"date_effet": "2026-03-02", "version": d.version, "cle": str(uuid4()), **champs},
    )


def test_une_demande_se_depose_en_une_page():
    client = client_de("instructeur")
    reponse = client.post("/domaine-public/deposer/", saisie())
    d = DossierODP.objects.get()
    assert (reponse.status_code, reponse["Location"]) == (302, f"/domaine-public/dossiers/{d.pk}/")
    page = texte(client.get(reponse["Location"]))
    for phrase in (
        "ODP-25999-2026-00001", "8,00 m²", "Permis de stationnement", "le maire", "CGCT L2213-6",
        "samedi 2 mai 2026", "12 rue du Lavoir",
    ):  # fmt: skip
        assert phrase in page, phrase


def test_un_double_clic_fait_un_dossier():
    client, valeurs = client_de("instructeur"), saisie()
    for _ in range(2):
        client.post("/domaine-public/deposer/", valeurs)
    assert DossierODP.objects.count() == 1
    assert Tiers.objects.count() == 1


def test_le_fichier_dessine_comme_la_main():
    from django.core.files.uploadedfile import SimpleUploadedFile

    fichier = SimpleUploadedFile("emprise.geojson", CARRE.encode(), "application/geo+json")
    reponse = client_de("instructeur").post(
        "/domaine-public/deposer/", saisie(**{"geom": "", "geom-fichier": fichier})
    )
    assert reponse.status_code == 302
    assert DossierODP.objects.get().emprises.get().surface.area == pytest.approx(8, abs=0.01)


def test_le_contour_croise_se_montre_repare_puis_se_garde():
    croise = (rect(0), rect(4))[0].coords[0]
    a, b, c, e = croise[0], croise[2], croise[1], croise[3]
    from django.contrib.gis.geos import Polygon

    papillon = Polygon((a, b, c, e, a), srid=2154).transform(4326, clone=True).geojson
    client = client_de("instructeur")
    vu = client.post("/domaine-public/deposer/", saisie(geom=papillon))
    assert vu.status_code == 422
    assert "Le contour se croise." in texte(vu)
    assert vu.content.decode().count("odp-trace") >= 2
    assert "Société fictive" in vu.content.decode(), "la saisie est gardée"
    assert client.post("/domaine-public/deposer/", saisie(geom=papillon, reparer="on")).status_code == 302
    assert "contour réparé" in texte(client.get(f"/domaine-public/dossiers/{DossierODP.objects.get().pk}/"))


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"fin": "2026-05-31"}, "La fin (31/05/2026) précède le début (01/06/2026)."),
        ({"geom": ""}, "Dessinez l'emprise, ou donnez un fichier."),
        ({"geom": "n'importe quoi"}, "Ligne 1"),
        ({"nom": ""}, "Choisissez un demandeur connu"),
        ({"depose_le": "2026-03-03"}, "dans l'avenir"),
        ({"debut": "2026-03-01"}, "ce serait une régularisation"),
        ({"de": "08:00"}, "Donnez les deux heures"),
    ],
)
def test_une_mauvaise_saisie_revient_avec_sa_raison(champs, phrase):
    reponse = client_de("instructeur").post("/domaine-public/deposer/", saisie(**champs))
    assert reponse.status_code == 422
    assert phrase in texte(reponse)
    assert not DossierODP.objects.exists()
    assert not Tiers.objects.exists()


def test_les_tuiles_comptent_ce_que_leur_liste_montre(aller):
    dossier(), dossier(emprise(geom=rect(20)))
    accorde(dossier(emprise(geom=rect(40), debut=date(2026, 3, 3), fin=date(2026, 3, 6))))
    client = client_de("responsable")
    page = client.get("/domaine-public/").content.decode()
    tuiles = re.findall(
        r'href="(/domaine-public/dossiers/\?suivi=[^"]+)"><span class="compteur-nombre">(\d+)', page
    )
    assert len(tuiles) == 2
    for adresse, nombre in tuiles:
        assert f"{nombre} résultat" in texte(client.get(adresse)), adresse


def test_la_liste_filtre_cherche_et_s_exporte():
    voie = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir")
    dossier(voie=voie, objet="Toiture", demandeur=personne("Dupré Fictif"))
    dossier(emprise("DEPOT", geom=rect(20)))
    client = client_de("lecture")
    assert "Toiture" not in texte(client.get("/domaine-public/dossiers/?type=DEPOT"))
    for q in ("ODP-25999-2026-00001", "2026-1", "lavoir", "Dupré", "Toiture"):
        page = texte(client.get("/domaine-public/dossiers/", {"q": q}))
        assert "00001" in page, q
        assert "00002" not in page, q
    export = b"".join(client.get("/domaine-public/dossiers/?export=csv").streaming_content).decode()
    assert "ODP-25999-2026-00001" in export
    geo = json.loads(b"".join(client.get("/domaine-public/dossiers/?export=geojson").streaming_content))
    assert [f["geometry"]["type"] for f in geo["features"]] == ["MultiPolygon", "MultiPolygon"]


def test_la_liste_montre_la_redevance_et_les_conflits_et_filtre_par_eux():
    from django.contrib.gis.geos import MultiPolygon

    from domainepublic import facturation, tarifs
    from tests.domainepublic.test_redevances_odp import grille, payeur

    g = grille()
    tarifs.ajouter_zone(g, "C", MultiPolygon(rect(50, 0, 60, 60), srid=2154), "Centre")
    tarifs.enregistrer_tarif(
        g, "B2", {"type": "BENNE", "zone": "C", "unite": "m2", "periode": "jour", "prix": "2"}
    )
    accorde(dossier(demandeur=payeur(raison_sociale="Société Éclair", siret="12345678200010")))
    gene = dossier(emprise(geom=rect(2)))
    faire(gene, "instruire")
    dossier(emprise(geom=rect(60), debut=date(2026, 9, 1), fin=date(2026, 9, 2)))
    facturation.exporter(facturation.valider(facturation.preparer_role(INSEE, acteur("finances"))))
    client = client_de("lecture")

    def numeros(requete: str) -> list[str]:
        page = texte(client.get(f"/domaine-public/dossiers/?tri=numero&{requete}"))
        return sorted(set(re.findall(r"ODP-25999-2026-0000(\d)", page)))

    page = texte(client.get("/domaine-public/dossiers/"))
    assert "240" in page and "à lever" in page
    for requete, attendus in {
        "conflits=a_lever": ["2"],
        "conflits=aucun": ["1", "3"],
        "conflits=signales": [],
        "impaye=1": ["1"],
        "impaye=0": ["2", "3"],
        "zone=C": ["3"],
        "occupe_du=2026-06-30&occupe_au=2026-08-31": ["1", "2"],
        "occupe_du=2026-07-01": ["3"],
        "occupe_au=2026-05-31": [],
        "demandeur=eclair": ["1"],
    }.items():
        assert numeros(requete) == attendus, requete


def test_la_redevance_se_simule_a_d_autres_dates_sans_rien_ecrire():
    from tests.domainepublic.test_redevances_odp import grille

    d, client = dossier(), client_de("lecture")
    assert "Simuler à d'autres dates" not in texte(client.get(d.get_absolute_url()))
    grille(frais_dossier="10.00")
    page = texte(client.get(d.get_absolute_url()))
    assert "250,00 €" in page and "Pour ces dates" not in page
    page = texte(client.get(f"{d.get_absolute_url()}?du=2026-06-01&au=2026-06-02"))
    assert "Pour ces dates : 26,00 €" in page and "250,00 €" in page
    for du, au, dit in (
        ("2026-06-03", "2026-06-02", "précède le début"),
        ("2026-06-03", "demain", "date"),
        ("2026-01-01", "2040-01-01", "cinq ans au plus"),
        ("2027-01-01", "2027-01-02", "Aucune grille tarifaire n'est en vigueur le 01/01/2027."),
    ):
        page = texte(client.get(d.get_absolute_url(), {"du": du, "au": au}))
        assert dit in page and "Pour ces dates" not in page, dit
    d.refresh_from_db()
    assert d.version == 1 and not d.lignes.exists()


def test_un_evenement_s_enregistre_par_sa_page():
    d, client = dossier(), client_de("instructeur")
    assert evenement(client, d, "instruire").status_code == 302
    d.refresh_from_db()
    assert d.etat == "en_instruction"
    page = texte(client.get(f"/domaine-public/dossiers/{d.pk}/"))
    assert "Acte proposé à la signature" in page
    for code in ("commencer", "inconnu", "ouvrir_constat"):
        assert client.get(f"/domaine-public/dossiers/{d.pk}/evenements/{code}/").status_code == 404


def test_la_signature_par_la_page_prend_les_jours_et_le_numero():
    from tests.domainepublic.fabrique_odp import a_signer, delegue

    d = a_signer(dossier())
    delegue()
    assert evenement(client_de("signataire"), d, "signer").status_code == 302
    d.refresh_from_db()
    assert d.etat == "accorde"
    assert "2026-ODP-0001" in texte(client_de("lecture").get(f"/domaine-public/dossiers/{d.pk}/"))


def test_les_pieces_usuelles_sont_proposees():
    d = dossier(emprise("DEPOT"))
    page = client_de("instructeur").get(f"/domaine-public/dossiers/{d.pk}/evenements/declarer_incomplet/")
    assert "plan" in texte(page)
    reponse = evenement(client_de("instructeur"), d, "declarer_incomplet", pieces="plan\nassurance")
    assert reponse.status_code == 302
    d.refresh_from_db()
    assert d.etat == "incomplet"


@pytest.mark.parametrize("role", ["lecture", "finances", "assermente", "administrateur"])
def test_deposer_est_refuse_aux_autres_roles(role):
    assert client_de(role).get("/domaine-public/deposer/").status_code == 403
    d = dossier()
    assert evenement(client_de(role), d, "instruire").status_code == 422
    assert client_de(role).post(f"/domaine-public/dossiers/{d.pk}/emprises/ajouter/", {}).status_code == 403


def test_un_agent_d_une_autre_commune_ne_trouve_rien():
    d = dossier()
    client = client_de("responsable", "signataire", insee=AUTRE_INSEE)
    base = f"/domaine-public/dossiers/{d.pk}/"
    for adresse in (base, f"{base}evenements/instruire/", f"{base}faits/", f"{base}emprises/1/"):
        assert client.get(adresse).status_code == 404, adresse
    assert client.post(f"{base}annuler/", {"motif": "x"}).status_code == 404
    assert "00001" not in texte(client.get("/domaine-public/dossiers/"))
    assert base not in client.get("/recherche/?q=ODP-25999-2026-00001").content.decode()


def test_un_anonyme_n_ouvre_aucune_page_d_agent():
    d = dossier()
    for adresse in ("", "deposer/", "dossiers/", f"dossiers/{d.pk}/"):
        assert Client().get(f"/domaine-public/{adresse}").status_code in (302, 403), adresse
    assert "/domaine-public/" not in Client().get("/recherche/?q=ODP-25999-2026-00001").content.decode()


def test_la_recherche_mene_l_agent_au_dossier():
    dossier(demandeur=personne("Dupré Fictif"))
    for q in ("ODP-25999-2026-00001", "2026-1", "Dupré"):
        assert "ODP-25999-2026-00001" in texte(client_de("lecture").get("/recherche/", {"q": q})), q


def test_la_fiche_de_la_parcelle_montre_l_occupation_sans_nom_au_public():
    d = accorde(dossier(demandeur=personne("Dupré Fictif"), objet="Objet interne"))
    attente = dossier(emprise("DEPOT", geom=rect(8)))
    public = texte(Client().get("/parcelles/25999000AB0001/"))
    assert "Benne" in public
    assert "Dépôt de matériaux" not in public
    assert d.numero not in public
    assert "Dupré" not in public
    assert "Objet interne" not in public
    interne = texte(client_de("lecture").get("/parcelles/25999000AB0001/"))
    assert d.numero in interne
    assert attente.numero in interne


def test_la_couche_publique_ne_montre_que_les_titres_et_aucun_nom():
    from gis_data.couches import couche

    accorde(dossier(demandeur=personne("Dupré Fictif"), objet="Secret"))
    dossier(emprise("DEPOT", geom=rect(8)))
    publique = couche("odp_occupations")
    lignes = list(publique.objets(None).values(*(f"{a.expression}" for a in publique.attributs)))
    assert len(lignes) == 1
    assert not {"Dupré Fictif", "Secret"} & {str(v) for v in lignes[0].values()}
    # The closed list of the specification: a new one is a decision.
    permis = {"type", "voie", "du", "au", "effet", "acte", "societe", "lien"}
    assert {a.nom for a in publique.attributs} == permis


def test_la_carte_montre_les_occupations_du_jour_choisi():
    """The time slider: from the first to the last day included, before and after nothing."""
    from tests.plan_factice import lonlat

    accorde(dossier())
    lon, lat = lonlat(2, 32)
    demande = {"lon": lon, "lat": lat, "zoom": 18, "couches": "odp_occupations"}
    jours = {"2026-05-31": 0, "2026-06-01": 1, "2026-06-30": 1, "2026-07-01": 0, "": 1}
    for jour, nombre in jours.items():
        lus = Client().get("/carte/identifier", {**demande, "jour": jour}).json()["objets"]
        assert len(lus) == nombre, jour
    bornes = Client().get("/carte/jours", {"couches": "odp_occupations"}).json()
    assert bornes == {"debut": "2026-06-01", "fin": "2026-06-30"}


def test_seul_le_responsable_annule_et_la_ligne_reste_rayee():
    d = faire(dossier(), "instruire")
    base = f"/domaine-public/dossiers/{d.pk}/"
    assert client_de("instructeur").post(f"{base}annuler/").status_code == 403
    client = client_de("responsable")
    client.post(f"{base}annuler/", {"version": d.version, "motif": "Erreur de dossier"})
    d.refresh_from_db()
    assert d.etat == "depose"
    assert 'class="annule"' in client.get(base).content.decode()


def test_les_faits_changent_l_acte():
    d, client = dossier(), client_de("instructeur")
    base = f"/domaine-public/dossiers/{d.pk}/"
    reponse = client.post(
        f"{base}faits/",
        {
            "domaine": "route_departementale",
            "occupant": "ordinaire",
            "en_agglomeration": "on",
            "ancrage": "1",
        },
    )
    assert reponse.status_code == 302
    page = texte(client.get(base))
    assert "Permission de voirie" in page
    assert "président du conseil départemental" in page


def test_la_commune_qui_cherche_un_occupant_suit_une_selection():
    d, client = dossier(emprise("TERR_O", unite="m2")), client_de("instructeur")
    adresse = f"{d.get_absolute_url()}faits/"
    faits = {"domaine": "voie_communale", "occupant": "ordinaire", "en_agglomeration": "on"}
    assert client.post(adresse, {**faits, "initiative": "collectivite"}).status_code == 302
    assert "Publicité préalable : procédure de sélection (CG3P L2122-1-1)." in texte(
        client.get(d.get_absolute_url())
    )
    # Read again, and kept when something else changes.
    lu = client.get(adresse).context["faits"].initial
    assert lu["initiative"] == "collectivite"
    assert client.post(adresse, {**faits, "initiative": lu["initiative"], "ancrage": "1"}).status_code == 302
    d.refresh_from_db()
    assert (d.attribution, d.ancrage) == ({"initiative": "collectivite"}, True)
    assert client.post(adresse, {**faits, "initiative": "demande"}).status_code == 302
    assert "appel à manifestation d'intérêt (CG3P L2122-1-4)" in texte(client.get(d.get_absolute_url()))
    assert client.post(adresse, {**faits, "initiative": "etat"}).status_code in (200, 422)


def test_les_types_se_reglent_par_l_administrateur_seul():
    type_("BENNE")
    assert client_de("instructeur").get("/reglages/tables/domainepublic-types/").status_code == 403
    # Common to all communes: an administrateur of one reads it and cannot change it.
    assert "benne" in texte(client_de("administrateur").get("/reglages/tables/domainepublic-types/"))


def test_le_panneau_dit_les_conflits_du_dessin_sans_rien_ecrire(aller):
    d = accorde(dossier())
    client = client_de("instructeur")
    ici = "/domaine-public/conflits/apercu/"
    reponse = client.post(ici, saisie())
    assert reponse.status_code == 200
    assert "bloquant" in texte(reponse) and d.numero in texte(reponse)
    assert "Aucun conflit" in texte(client.post(ici, saisie(debut="2026-08-01", fin="2026-08-02")))
    # Its own emprises do not count; half a form says nothing.
    assert "Aucun conflit" in texte(client.post(ici, {**saisie(), "dossier": d.pk}))
    assert texte(client.post(ici, saisie(geom=""))).strip() == ""
    assert DossierODP.objects.count() == 1
    assert client_de("lecture").post(ici, saisie()).status_code == 403
    assert client_de("instructeur", insee=AUTRE_INSEE).post(ici, saisie()).status_code == 404


def test_un_revetement_recent_alerte_qui_ouvre_le_sol():
    from domainepublic import conflits
    from tests.domainepublic.fabrique_odp import ligne
    from tests.domainepublic.test_coordination_odp import revetement

    revetement(date(2025, 1, 1))
    d = dossier(emprise("RESEAU", geom=ligne(), largeur=1, unite="ml"))
    trouves = conflits.recalculer(d)
    assert [(c.motif, c.niveau) for c in trouves] == [("revetement_recent", "alerte")]
    assert conflits.recalculer(dossier(emprise(geom=rect(20)))) == []
