"""Sheet of an installation: people and places as they change, letters, zones of the list (spec §8, §13)."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from assainissement import controles, controles_ac, courriers, entretiens, installations, personnes, ventes
from assainissement.models import Installation, InstallationTiers, ReglementService
from assainissement.models.entretiens import avec_boues, q_a_vidanger
from assainissement.proprietaire import USAGE
from assainissement.ventes import NouvelleVente
from mairie import liens as secrets
from mairie.courriers import services as lettres
from mairie.models import JournalActe, ModeleCourrier
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


def test_un_element_se_corrige_puis_se_retire_et_quitte_la_filiere_pas_les_rapports_d_avant(aller):
    c = notifie(controle())
    i = c.installation
    fosse = i.elements.get(famille="PRE")
    lui, page = client_de("technicien"), f"{i.get_absolute_url()}elements/{fosse.pk}/"
    vu = lui.get(page).content.decode()
    i.refresh_from_db()
    assert f'name="version" value="{i.version}"' in vu
    envoi = {
        "genre": "PRE:fosse_toutes_eaux", "volume_m3": "4", "numero_agrement": "2012-007",
        "date_pose": "2019-05-02", "version": i.version,
    }  # fmt: skip
    assert lui.post(page, envoi).status_code == 302
    fiche = texte(lui.get(i.get_absolute_url()))
    assert "4,0 m³ (agrément 2012-007), posé le 02/05/2019" in fiche
    # Another has changed it since: nothing of his is erased.
    assert "a changé depuis" in texte(lui.post(page, {**envoi, "volume_m3": "5"}))
    for faux, dit in (("2019-05-01", "avant d'être posé"), ("2026-03-03", "le jour où il l'est")):
        refus = lui.post(page, {**envoi, "retire_le": faux, "version": i.version + 1})
        assert (refus.status_code, dit in texte(refus)) == (422, True), faux
    assert lui.post(page, {**envoi, "retire_le": "2026-03-02", "version": i.version + 1}).status_code == 302
    i.refresh_from_db()
    fosse.refresh_from_db()
    assert (fosse.volume_m3, fosse.retire_le) == (4, date(2026, 3, 2))
    assert [e.famille for e in i.filiere] == ["TRAIT"]
    assert [len(i.filiere_au(date(2026, 3, jour))) for jour in (1, 2)] == [2, 1]
    assert "fosse toutes eaux, retiré le 02/03/2026" in texte(lui.get(i.get_absolute_url())).lower()
    lignes = JournalActe.objects.filter(action=installations.CORRIGE).order_by("pk")
    assert [sorted(x.donnees["avant"]) for x in lignes] == [
        ["date_pose", "numero_agrement", "volume_m3"], ["retire_le"],
    ]  # fmt: skip
    # Of another installation, or of another commune: none.
    ailleurs = installation(parcelles=("25999000AB0002",))
    assert lui.get(f"{ailleurs.get_absolute_url()}elements/{fosse.pk}/").status_code == 404
    assert client_de("technicien", insee="25998").get(page).status_code == 404


def test_une_station_retiree_se_dit_a_qui_en_fixe_la_frequence():
    i = installation()
    i.elements.filter(famille="TRAIT").update(type="micro_station")
    installations.modifier(i, {"electromecanique": True}, par=acteur())
    station = i.elements.get(famille="TRAIT")
    lui, page = client_de("technicien"), f"{i.get_absolute_url()}elements/{station.pk}/"
    i.refresh_from_db()
    envoi = {"genre": "TRAIT:micro_station", "retire_le": "2026-03-02", "version": i.version}
    assert "est dite l'être" in texte(lui.post(page, envoi, follow=True))


def test_une_vidange_mal_saisie_se_corrige_et_l_alerte_suit():
    i = installation()
    e = entretiens.enregistrer(i, par=acteur(), le=date(2026, 2, 1), hauteur_boues_pct=80, bordereau="B 1")
    entretiens.enregistrer(i, par=acteur(), le=date(2026, 1, 1), volume_m3=3, bordereau="B 2")
    ligne = avec_boues(Installation.objects.filter(pk=i.pk)).filter(q_a_vidanger())
    assert ligne.exists()
    lui, page = client_de("technicien"), f"{i.get_absolute_url()}entretiens/{e.pk}/"
    assert page in lui.get(i.get_absolute_url()).content.decode()
    i.refresh_from_db()
    envoi = {"date": "2026-02-01", "hauteur_boues_pct": "30", "bordereau": "B 1", "version": i.version}
    for faux in ({"date": "2026-03-03"}, {"hauteur_boues_pct": ""}, {"bordereau": "B 2"}, {"version": 0}):
        assert lui.post(page, {**envoi, **faux}).status_code == 422, faux
    assert lui.post(page, envoi).status_code == 302
    e.refresh_from_db()
    assert (e.hauteur_boues_pct, e.bordereau, ligne.exists()) == (30, "B 1", False)
    dit = JournalActe.objects.get(action=installations.ENTRETIEN_CORRIGE).donnees
    assert dit["avant"] == {"hauteur_boues_pct": "80"}
    assert client_de("technicien", insee="25998").post(page, envoi).status_code == 404


def test_les_travaux_faits_se_notent_sur_l_obligation_sans_la_lever(aller):
    c = notifie(controle(), contact_eaux_usees="oui")
    o, t = c.obligations.get(), c.travaux.get()
    aller(date(2026, 6, 1))
    lui, page = client_de("technicien"), f"{o.get_absolute_url()}travaux/"
    for faux, dit in (("2026-06-02", "est à venir"), ("2026-03-01", "la visite qui les demande"), ("x", "")):
        assert dit in texte(lui.post(page, {f"fait_{t.pk}": faux}, follow=True))
        t.refresh_from_db()
        assert t.fait_le is None
    suite = texte(lui.post(page, {f"fait_{t.pk}": "2026-05-12"}, follow=True))
    assert "le 12/05/2026" in suite
    o.refresh_from_db()
    assert o.etat == "ouverte"
    assert client_de("technicien", insee="25998").post(page).status_code == 404
    # A rectified report keeps the works that it still asks, and their day.
    controles._remplacer_travaux(c, ["Autre chose", t.libelle])
    assert list(c.travaux.values_list("fait_le", flat=True)) == [None, date(2026, 5, 12)]
