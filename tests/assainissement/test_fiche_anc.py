"""Sheet of an installation: people and places as they change, letters, zones of the list (spec §8, §13)."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from assainissement import controles_ac, courriers, installations, personnes, ventes
from assainissement.models import InstallationTiers, ReglementService
from assainissement.proprietaire import USAGE
from assainissement.ventes import NouvelleVente
from mairie import liens as secrets
from mairie.courriers import services as lettres
from mairie.models import ModeleCourrier
from mairie.workflow import Refus
from tests.assainissement.fabrique_ac import branchement, controle_ac
from tests.assainissement.fabrique_ac import valide as valide_ac
from tests.assainissement.fabrique_anc import (
    IDU,
    JOUR,
    acteur,
    controle,
    faire,
    faire_obligation,
    installation,
    notifie,
    proprietaire,
    zone,
    zone_enjeu,
)
from tests.personnes import agent
from tests.plan_factice import lonlat, point

pytestmark = pytest.mark.usefixtures("aller")
DOS = "django.contrib.auth.backends.ModelBackend"


def client_de(*roles: str, insee: str = "25999") -> Client:
    client = Client()
    client.force_login(agent(*(f"assainissement.{r}" for r in roles), codes=(insee,)), backend=DOS)
    return client


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def liens(i) -> list[tuple[str, str, bool, date | None]]:
    return [(str(p.tiers), p.role, p.indivision, p.au) for p in i.personnes.order_by("pk")]


def test_un_proprietaire_succede_a_l_autre_ou_s_y_ajoute_en_indivision():
    i, par = installation(), acteur()
    voisin = proprietaire("Voisine")
    personnes.ajouter(i, voisin, "proprietaire", date(2026, 2, 1), par=par)
    assert liens(i) == [
        ("Personne fictive", "proprietaire", False, date(2026, 1, 31)),
        ("Voisine", "proprietaire", False, None),
    ]
    frere = proprietaire("Frère")
    personnes.ajouter(i, frere, "proprietaire", date(2026, 2, 5), par=par, indivision=True)
    assert [x[2] for x in liens(i)[1:]] == [True, True], "les deux sont dits en indivision"
    with pytest.raises(Refus, match="l'est déjà"):
        personnes.ajouter(i, frere, "proprietaire", JOUR, par=par, indivision=True)
    with pytest.raises(Refus, match="avenir"):
        personnes.ajouter(i, frere, "occupant", date(2026, 3, 3), par=par)
    lien = i.personnes.get(tiers=frere)
    with pytest.raises(Refus, match="précède le début"):
        personnes.terminer(lien, date(2026, 2, 4), par=par)
    with pytest.raises(Refus, match="pas possible"):
        personnes.terminer(lien, date(1, 1, 1), par=par)
    personnes.terminer(lien, date(2026, 2, 28), par=par)
    assert liens(i)[1] == ("Voisine", "proprietaire", False, None), "elle reste seule"
    with pytest.raises(Refus, match="ne l'est plus"):
        personnes.terminer(lien, date(2026, 3, 1), par=par)
    assert i.proprietaire == voisin


def test_un_proprietaire_termine_perd_sa_cle_et_l_annee_d_une_personne_se_verifie():
    i, par = installation(), acteur()
    i.personnes.update(du=None)
    with pytest.raises(Refus, match="Vérifiez l'année"):
        personnes.ajouter(i, proprietaire("Voisine"), "proprietaire", date(1, 1, 1), par=par)
    lien, _ = secrets.creer_cle(i, USAGE, insee=i.insee)
    personnes.ajouter(i, proprietaire("Locataire"), "occupant", date(2026, 2, 1), par=par)
    personnes.terminer(i.personnes.get(role="occupant"), JOUR, par=par)
    lien.refresh_from_db()
    assert lien.revoque_le is None, "l'occupant n'emporte pas la clé du propriétaire"
    personnes.terminer(i.personnes.get(role="proprietaire"), JOUR, par=par)
    lien.refresh_from_db()
    assert lien.revoque_le is not None


def test_la_page_ajoute_une_personne_et_corrige_les_lieux():
    i = installation()
    client = client_de("technicien")
    adresse = f"{i.get_absolute_url()}personnes/"
    faute = client.post(adresse, {"quoi": "personne", "role": "occupant", "du": "2026-03-01"})
    assert faute.status_code == 422
    assert "écrivez son nom" in texte(faute)
    suite = client.post(
        adresse,
        {
            "quoi": "personne", "role": "occupant", "du": "2026-03-01", "nom": "Locataire",
            "adresse": "4 rue de l'Essai, 25000 Besançon",
        },
        follow=True,
    )  # fmt: skip
    assert "Locataire" in texte(suite)
    lien = i.personnes.get(role="occupant")
    assert lien.tiers.lignes_adresse
    client.post(f"{adresse}{lien.pk}/terminer/", {"au": "2026-03-01"})
    lien.refresh_from_db()
    assert lien.au == date(2026, 3, 1)
    mauvaise = client.post(adresse, {"quoi": "lieux", "parcelles": "AB 1", "adresses": ""})
    assert mauvaise.status_code == 422
    assert "AB" in texte(mauvaise), "ce qui est tapé reste"
    client.post(adresse, {"quoi": "lieux", "parcelles": f"25999000AB0002\n{IDU}", "adresses": ""})
    assert [(p.reference, p.principale) for p in i.parcelles.order_by("-principale")] == [
        ("25999000AB0002", True),
        (IDU, False),
    ]
    # A page opened before another agent's entry wipes nothing, and keeps what was typed.
    i.refresh_from_db()
    assert f'name="version" value="{i.version}"' in client.get(adresse).content.decode()
    perimee = {"quoi": "lieux", "parcelles": "25999000AB0003", "adresses": "", "version": i.version - 1}
    conflit = client.post(adresse, perimee)
    assert (conflit.status_code, "a changé depuis" in texte(conflit)) == (422, True)
    assert i.parcelles.count() == 2
    assert f'name="version" value="{i.version}"' in conflit.content.decode()
    assert client.post(adresse, {**perimee, "version": i.version}).status_code == 302
    assert [p.reference for p in i.parcelles.all()] == ["25999000AB0003"]
    assert client_de("lecture").get(adresse).status_code == 403
    assert client_de("technicien", insee="25998").get(adresse).status_code == 404
    assert InstallationTiers.objects.filter(installation=i).count() == 2


def test_la_fiche_dit_les_causes_les_lettres_et_dessine_la_filiere():
    courriers.charger()
    c = notifie(controle(), contact_eaux_usees="oui")
    i = c.installation
    client = client_de("technicien")
    modele = ModeleCourrier.objects.get(metier="assainissement", code="accompagnement")
    lettres.preparer(c, modele, par=acteur(), destinataire=next(courriers.destinataires(c)))
    page = texte(client.get(i.get_absolute_url()))
    for mot in ("Ce qui y conduit : Contact possible avec des eaux usées.", "Lettre d'accompagnement"):
        assert mot in page, mot
    avant = client.get(i.get_absolute_url()).content
    client.post(
        f"{i.get_absolute_url()}elements/",
        {
            "genre": "REJET:infiltration_parcelle",
            "geom": json.dumps({"type": "Point", "coordinates": lonlat(12, 8)}),
        },
    )
    assert i.elements.get(famille="REJET").geom is not None
    assert client.get(i.get_absolute_url()).content != avant


def test_la_liste_filtre_par_zone_et_par_enjeu_et_exporte_ce_qu_elle_montre():
    zone("AC", largeur=20)
    zone("ANC", x=20)
    zone_enjeu("sanitaire", x=30)
    ici = installation()
    la = installation(champs={"geom": point(35, 5)})
    client = client_de("lecture")
    for filtre, attendus in (
        ("zone=AC", {ici}), ("zone=ANC", {la}), ("enjeu=sanitaire", {la}), ("enjeu=environnemental", set()),
        ("zone=AC&zone=ANC", {ici, la}), ("zone=ANC&enjeu=sanitaire", {la}), ("suivi=jamais", {ici, la}),
        ("traitement=tranchees_epandage&zone=AC", {ici}), ("traitement=micro_station", set()),
    ):  # fmt: skip
        adresse = f"/assainissement/installations/?{filtre}"
        page = texte(client.get(adresse))
        export = client.get(f"{adresse}&export=csv")
        octets = b"".join(export.streaming_content if export.streaming else [export.content]).decode()
        for i in (ici, la):
            assert (i.numero in page) is (i in attendus), (filtre, i.numero)
            assert (i.numero in octets) is (i in attendus), (filtre, "csv")


def test_un_controle_sur_une_installation_desactivee_est_refuse_avec_le_lien_pour_la_reactiver():
    i = installation()
    installations.agir(
        i, "desactiver", par=acteur("responsable"), version=i.version, donnees={"motif": "demolie"}
    )
    client = client_de("responsable")
    adresse = f"{i.get_absolute_url()}planifier/"
    assert f"{i.get_absolute_url()}evenements/reactiver/" in client.get(adresse).content.decode()
    refus = client.post(adresse, {"nature": "periodique"})
    assert refus.status_code == 422
    assert "désactivée" in texte(refus)
    assert "Le responsable peut la réactiver" in texte(client_de("technicien").get(adresse))


@pytest.mark.parametrize(
    ("exige", "visite", "attendu"),
    [
        (False, None, "jamais contrôlé"),
        (True, None, "Demander le contrôle"),
        (True, date(2015, 3, 1), "Demander le contrôle"),
        (True, date(2026, 2, 20), "valable"),
    ],
)
def test_une_vente_dit_le_raccordement_et_le_controle_qu_exige_le_reglement(aller, exige, visite, attendu):
    ReglementService.objects.create(
        insee="25999", date_effet=date(2015, 1, 1), controle_ac_vente_obligatoire=exige
    )
    b = branchement(mise_en_service_le=date(2010, 1, 1))
    if visite:
        valide_ac(controle_ac(b, "demande", jour=visite), visite)
    v = ventes.declarer(
        NouvelleVente(insee="25999", recue_le=JOUR, parcelles=("25999000AB0002",)), par=acteur("gestionnaire")
    )
    page = texte(client_de("gestionnaire").get(v.get_absolute_url()))
    assert attendu in page
    assert ("plus valable après le" in page) is (visite == date(2015, 3, 1))
    assert ("Demander le contrôle" in page) is (attendu == "Demander le contrôle")
    cote = ventes.cote_reseau(v, JOUR)
    assert cote.a_demander is (attendu == "Demander le contrôle")
    if cote.a_demander:
        controle_ac(b, "vente")
        assert not ventes.cote_reseau(v, JOUR).a_demander, "demandé, il est en cours"


def test_une_vente_compte_le_controle_rattache_a_sa_seule_parcelle():
    ReglementService.objects.create(
        insee="25999", date_effet=date(2015, 1, 1), controle_ac_vente_obligatoire=True
    )
    branchement(mise_en_service_le=date(2010, 1, 1))
    parcelle, tech = "25999000AB0002", acteur("technicien")
    c = controles_ac.demander(
        "25999", "vente", par=tech, reference=parcelle, agent=tech, jour=date(2026, 2, 1)
    )
    v = ventes.declarer(
        NouvelleVente(insee="25999", recue_le=JOUR, parcelles=(parcelle,)), par=acteur("gestionnaire")
    )
    assert ventes.cote_reseau(v, JOUR).ouvert == c
    valide_ac(c, date(2026, 2, 20))
    cote = ventes.cote_reseau(v, JOUR)
    assert (cote.controle, cote.valable, cote.a_demander) == (c, True, False)


def test_une_prolongation_mal_saisie_s_annule_et_l_echeance_redevient_celle_du_controle(aller):
    c = notifie(controle(nature="vente"), odeur_jour="oui")
    o = faire_obligation(
        c.obligations.get(), "prolonger", jusqu_au="2099-06-01", motif="Artisan.", signataire="Le maire"
    )
    aller(date(2026, 6, 1))
    faire(c, "enregistrer_acte", le=date(2026, 6, 1))
    o.refresh_from_db()
    assert (o.etat, o.echeance) == ("prolongee", date(2099, 6, 1))
    page = o.get_absolute_url()
    rayure = {"version": o.version, "motif": "Année mal tapée."}
    technicien, elle = client_de("technicien"), client_de("responsable")
    assert "annuler/" not in technicien.get(page).content.decode()
    assert technicien.post(f"{page}annuler/", rayure).status_code == 403
    assert f'action="{page}annuler/"' in elle.get(page).content.decode()
    assert elle.post(f"{page}annuler/", rayure).status_code == 302
    o.refresh_from_db()
    # The deed had come meanwhile: what it brings forward counts again.
    assert (o.etat, o.echeance, o.regle_echeance) == ("ouverte", date(2027, 6, 1), "1_an_acte")
    assert "Annuler le dernier événement :" in texte(elle.get(page))
