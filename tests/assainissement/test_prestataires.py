"""Firms, rounds and absences: what is entrusted to whom, and what a firm may see (spec §3, §8, §12)."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from assainissement import controles, controles_ac, courriers_ac, photos_ac, tournees
from assainissement.models import Controle, Indisponibilite, Prestataire, Tournee
from assainissement.regles.tournee import Visite, longueur, ordonner, proposer
from mairie.courriers import services as lettres
from mairie.models import ModeleCourrier
from mairie.pieces.demo import vue_jpeg
from mairie.pieces.service import deposer
from mairie.workflow import Refus
from tests.assainissement.fabrique_ac import POINTS, branchement, controle_ac
from tests.assainissement.fabrique_anc import (
    JOUR,
    acteur,
    controle,
    faire,
    installation,
    notifie,
    repondre,
    valide,
)
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune
from tests.plan_factice import point

SIRET = "73282932000074"


def firme(insee: str = INSEE, **champs) -> Prestataire:
    valeurs = {
        "nom": "Contrôles fictifs",
        "assurance_jusqu_au": date(2027, 1, 1),
        "agrement_jusqu_au": date(2027, 1, 1),
    }
    p = Prestataire.objects.create(insee=insee, siret=SIRET, **{**valeurs, **champs})
    p.comptes.add(agent("assainissement.prestataire", codes=(insee,)))
    return p


def client(personne) -> Client:
    c = Client()
    c.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    return c


def plusieurs(nombre: int, **options) -> list[Controle]:
    return [
        controle(
            installation(
                parcelles=(f"25999000AB000{n + 1}",), champs={"geom": point(5 + 40 * n, 5)}, **options
            )
        )
        for n in range(nombre)
    ]


# --- the rules of rounds, without database -------------------------------------------------------


def test_une_proposition_prend_le_plus_du_puis_le_plus_proche():
    du, proche, loin = (
        Visite(1, 0, 0, date(2025, 1, 1)),
        Visite(2, 100, 0),
        Visite(3, 4000, 0),
    )
    assert proposer([loin, proche, du], JOUR, 2, 5000) == [1, 2]
    # Three years late are worth a long detour; beyond the radius nothing is.
    tard = Visite(4, 4900, 0, date(2020, 1, 1))
    assert set(proposer([du, proche, tard], JOUR, 2, 5000)) == {4, 1}
    assert 4 not in proposer([Visite(1, 0, 0, fixee=True), tard, proche], JOUR, 3, 4899)
    assert 4 in proposer([Visite(1, 0, 0, fixee=True), tard, proche], JOUR, 3, 4900)


def test_les_rendez_vous_du_jour_y_sont_tous_et_les_sans_lieu_en_dernier():
    fixees = [Visite(n, n * 9000, 0, fixee=True) for n in (1, 2, 3)]
    assert set(proposer([*fixees, Visite(9, None, None)], JOUR, 2, 100)) == {1, 2, 3}
    assert proposer([Visite(9, None, None), Visite(1, 0, 0)], JOUR, 2, 100) == [1, 9]
    assert proposer([], JOUR, 5, 100) == []


def test_le_chemin_ne_se_croise_pas():
    carre = [Visite(1, 0, 0), Visite(2, 100, 100), Visite(3, 100, 0), Visite(4, 0, 100)]
    par_cle = {v.cle: v for v in carre}
    assert longueur([par_cle[c] for c in ordonner(carre)]) == 300


# --- firms ---------------------------------------------------------------------------------------


def test_une_date_passee_bloque_ce_qui_lui_est_confie(aller):
    c, p = controle(), firme()
    controles.affecter(c, None, p)
    c.refresh_from_db()
    assert (c.prestataire, c.agent, c.controleur) == (p, None, "Contrôles fictifs")
    for champ, mot in (("assurance_jusqu_au", "assurance"), ("agrement_jusqu_au", "agrément")):
        valable = getattr(p, champ)
        setattr(p, champ, JOUR)
        controles.affecter(c, None, p)
        setattr(p, champ, date(2026, 3, 1))
        with pytest.raises(Refus, match=mot):
            controles.affecter(c, None, p)
        with pytest.raises(Refus, match=mot):
            tournees.creer(INSEE, JOUR, [c], par=acteur(), prestataire=p)
        with pytest.raises(Refus, match=mot):
            controles.planifier(c.installation, "vente", par=acteur(), prestataire=p)
        setattr(p, champ, valable)
    # Valid today, expired on the day of the visit.
    faire(c, "fixer_rdv", donnees={"le": "2026-05-04", "creneau": "9 h"})
    p.assurance_jusqu_au = date(2026, 5, 3)
    with pytest.raises(Refus, match="04/05/2026"):
        controles.affecter(c, None, p)
    p.actif = False
    with pytest.raises(Refus, match="plus actif"):
        controles.affecter(c, None, p)


def test_un_seul_controleur_et_de_la_commune(aller):
    c, p = controle(), firme()
    with pytest.raises(Refus, match="un agent, ou un prestataire"):
        controles.affecter(c, acteur("technicien"), p)
    ailleurs = firme(AUTRE_INSEE, nom="Autres fictifs")
    with pytest.raises(Refus, match="ne travaille pas"):
        controles.affecter(c, None, ailleurs)
    with pytest.raises(IntegrityError), transaction.atomic():
        Controle.objects.filter(pk=c.pk).update(agent=acteur("technicien"), prestataire=p)


@pytest.mark.parametrize("siret", ["7328293200007", "73282932000075", "ABCDEFGHIJKLMN"])
def test_un_siret_faux_est_refuse(db, siret):
    p = Prestataire(insee=INSEE, nom="Faux", siret=siret, assurance_jusqu_au=JOUR, agrement_jusqu_au=JOUR)
    with pytest.raises(ValidationError) as e:
        p.full_clean()
    assert set(e.value.message_dict) == {"siret"}


def test_un_prestataire_ne_voit_que_ce_qui_lui_est_confie(aller):
    """Pages, entry, files, lists, exports, search, tiles: nothing else, by any number (spec Done 10)."""
    p = firme()
    lui = client(p.comptes.get())
    sien, autre = plusieurs(2)
    controles.affecter(sien, None, p)
    for c, attendu in ((sien, 200), (autre, 404)):
        for suite in ("", "saisie/existence/", "conclusion/", "evenements/saisir_visite/"):
            assert lui.get(f"/assainissement/controles/{c.pk}/{suite}").status_code == attendu, suite
        photo = deposer(c, SimpleUploadedFile("vue.jpg", vue_jpeg("essai")), par=acteur(), code="photo")
        for suite in ("fichier", "vignette"):
            assert lui.get(f"/pieces/{photo.uuid}/{suite}").status_code == attendu, suite
    assert lui.get("/assainissement/controles/999999/").status_code == 404
    page = lui.get(f"/assainissement/controles/{sien.pk}/").content.decode()
    assert f"/assainissement/installations/{sien.installation_id}/" not in page
    fermees = (
        "/assainissement/", "/assainissement/installations/", "/assainissement/controles/",
        "/assainissement/obligations/", "/assainissement/prestataires/", "/assainissement/indisponibilites/",
        f"/assainissement/installations/{sien.installation_id}/",
        "/assainissement/controles/?format=csv", "/assainissement/tournees/nouvelle/",
        f"/assainissement/controles/{sien.pk}/affecter/", f"/assainissement/controles/{sien.pk}/rectifier/",
    )  # fmt: skip
    for adresse in fermees:
        assert lui.get(adresse).status_code == 403, adresse
    for adresse in ("/api/recherche/?q=ANC-25999", "/recherche/?q=ANC-25999"):
        assert "ANC-25999-0" not in lui.get(adresse).content.decode(), adresse
    assert lui.get("/tuiles/ass_installations/15/1/1.pbf").status_code in (401, 403, 404)
    # Given to somebody else, it is no longer his; a firm closed sees nothing.
    controles.affecter(sien, acteur("technicien"))
    assert lui.get(f"/assainissement/controles/{sien.pk}/").status_code == 404
    controles.affecter(sien, None, p)
    Prestataire.objects.update(actif=False)
    assert lui.get(f"/assainissement/controles/{sien.pk}/").status_code == 404


def test_un_prestataire_remplit_et_redige_mais_ne_valide_pas(aller):
    p = firme()
    lui = p.comptes.get()
    sien, autre = plusieurs(2)
    controles.affecter(sien, None, p)
    repondre(sien)
    repondre(autre)
    for c, evenement in ((autre, "saisir_visite"), (sien, "valider"), (sien, "annuler")):
        c.refresh_from_db()
        with pytest.raises(Refus):
            controles.agir(c, evenement, par=lui, version=c.version, donnees={"motif": "non"})
    sien.refresh_from_db()
    controles.agir(sien, "saisir_visite", par=lui, version=sien.version)
    sien.refresh_from_db()
    controles.agir(sien, "rediger", par=lui, version=sien.version, donnees={"presence": "signee"})
    sien.refresh_from_db()
    assert sien.etat == "rapport_redige"
    assert list(Controle.objects.visibles_par(lui)) == [sien]
    with pytest.raises(Refus):
        controles.agir(sien, "valider", par=lui, version=sien.version)


# --- rounds --------------------------------------------------------------------------------------


def test_une_tournee_se_propose_se_cree_une_fois_et_confie_ses_controles(aller):
    p = firme()
    ici = plusieurs(3)
    proposes = tournees.proposer(INSEE, JOUR, None, p)
    assert {c.pk for c in proposes} == {c.pk for c in ici}
    cle = uuid4()
    t = tournees.creer(INSEE, JOUR, proposes, par=acteur(), prestataire=p, client_uuid=cle)
    assert tournees.creer(INSEE, JOUR, proposes, par=acteur(), prestataire=p, client_uuid=cle) == t
    assert [e.controle.prestataire for e in t.etapes.all()] == [p, p, p]
    assert tournees.proposer(INSEE, JOUR, None, p) == []
    with pytest.raises(Refus, match="déjà une tournée"):
        tournees.creer(INSEE, JOUR, [], par=acteur(), prestataire=p)
    with pytest.raises(Refus, match="déjà dans la tournée"):
        tournees.creer(INSEE, date(2026, 3, 9), ici, par=acteur(), agent=acteur("technicien"))
    assert Tournee.objects.count() == 1


def test_l_ordre_se_change_et_une_version_perimee_est_refusee(aller):
    a, b, c = plusieurs(3)
    t = tournees.creer(INSEE, JOUR, [a, b, c], par=acteur(), agent=acteur("technicien"))

    def ordre():
        t.refresh_from_db()
        return list(t.etapes.values_list("controle", flat=True))

    tournees.deplacer(t, c.pk, -1, version=1)
    assert ordre() == [a.pk, c.pk, b.pk]
    with pytest.raises(Refus, match="a changé"):
        tournees.deplacer(t, c.pk, -1, version=1)
    tournees.ordonner(t, [b.pk, c.pk, a.pk], version=2)
    assert ordre() == [b.pk, c.pk, a.pk]
    for faux in ([b.pk, c.pk], [b.pk, c.pk, c.pk], [b.pk, c.pk, a.pk, 999_999]):
        with pytest.raises(Refus):
            tournees.ordonner(t, faux, version=3)
    tournees.optimiser(t, version=3)
    assert ordre() in ([a.pk, b.pk, c.pk], [c.pk, b.pk, a.pk])
    tournees.retirer(t, b.pk, version=4)
    assert ordre() in ([a.pk, c.pk], [c.pk, a.pk])
    tournees.ajouter(t, b, version=5)
    assert ordre()[-1] == b.pk


def test_une_absence_refuse_tournee_et_rendez_vous(aller):
    technicien = acteur("technicien")
    Indisponibilite.objects.create(insee=INSEE, agent=technicien, du=date(2026, 3, 9), au=date(2026, 3, 11))
    c = controle()
    controles.affecter(c, technicien)
    for jour in (9, 11):
        with pytest.raises(Refus, match="absent du 09/03/2026"):
            tournees.creer(INSEE, date(2026, 3, jour), [c], par=acteur(), agent=technicien)
        with pytest.raises(Refus, match="absent du 09/03/2026"):
            faire(c, "fixer_rdv", donnees={"le": f"2026-03-{jour:02}", "creneau": "9 h"})
    for jour in (8, 12):
        tournees.creer(INSEE, date(2026, 3, jour), [], par=acteur(), agent=technicien)
    faire(c, "fixer_rdv", donnees={"le": "2026-03-12", "creneau": "9 h"})
    with pytest.raises(Refus, match="rendez-vous le 12/03/2026"):
        tournees.creer(INSEE, date(2026, 3, 13), [c], par=acteur(), agent=technicien)


def test_une_tournee_refuse_le_passe_une_visite_faite_et_une_autre_commune(aller):
    technicien = acteur("technicien")
    with pytest.raises(Refus, match="jour à venir"):
        tournees.creer(INSEE, date(2026, 3, 1), [], par=acteur(), agent=technicien)
    with pytest.raises(Refus, match="un agent, ou un prestataire"):
        tournees.creer(INSEE, JOUR, [], par=acteur())
    with pytest.raises(Refus, match="n'est plus à faire"):
        tournees.creer(INSEE, JOUR, [valide(controle())], par=acteur(), agent=technicien)
    commune(AUTRE_INSEE)
    with pytest.raises(Refus, match="autre commune"):
        ailleurs = controle(installation(insee=AUTRE_INSEE))
        tournees.creer(INSEE, JOUR, [ailleurs], par=acteur(), agent=technicien)
    assert not Tournee.objects.exists()


def test_les_pages_d_une_tournee(aller):
    a, b = plusieurs(2)
    elle, technicien = client(acteur("gestionnaire")), acteur("technicien")
    demande = {"insee": INSEE, "date": "2026-03-02", "agent": technicien.pk, "nombre": 6, "rayon": 5}
    page = elle.get("/assainissement/tournees/nouvelle/", demande)
    assert page.status_code == 200 and str(a) in page.content.decode()
    cree = elle.post(
        "/assainissement/tournees/nouvelle/", {**demande, "controle": [a.pk, b.pk], "client_uuid": uuid4()}
    )
    t = Tournee.objects.get()
    assert cree.status_code == 302 and cree.headers["Location"] == t.get_absolute_url()
    page = elle.get(t.get_absolute_url()).content.decode()
    assert page.index(f'data-controle="{a.pk}"') < page.index(f'data-controle="{b.pk}"')
    adresse = f"{t.get_absolute_url()}changer/"
    elle.post(adresse, {"geste": "descendre", "controle": a.pk, "version": 1})
    assert list(t.etapes.values_list("controle", flat=True)) == [b.pk, a.pk]
    for folle in ("²", "9" * 5000):
        assert elle.post(adresse, {"geste": "monter", "controle": folle, "version": folle}).status_code == 302
    faux = elle.post(
        adresse, {"geste": "ordre", "ordre": [a.pk], "version": 2}, headers={"accept": "application/json"}
    )
    assert faux.status_code == 409 and "a changé" in faux.json()["erreur"]
    juste = elle.post(
        adresse,
        {"geste": "ordre", "ordre": [a.pk, b.pk], "version": 2},
        headers={"accept": "application/json"},
    )
    assert juste.json() == {"version": 3}
    # Nothing is proposed to who is away, and an unknown gesture is told.
    Indisponibilite.objects.create(insee=INSEE, agent=technicien, du=JOUR, au=JOUR)
    page = elle.get("/assainissement/tournees/nouvelle/", demande).content.decode()
    assert "absent du" in page and "Créer la tournée" not in page
    assert elle.post(adresse, {"geste": "danser", "version": 3}).status_code == 302
    assert client(firme().comptes.get()).get(t.get_absolute_url()).status_code == 404


# --- the new version of a report ------------------------------------------------------------------


def test_rectifier_garde_l_ancienne_version_et_suit_ses_suites(aller):
    c = notifie(controle(), incomplete_fosse_seule="oui")
    assert (c.regle, c.obligations.get().etat) == ("R4", "ouverte")
    ancien_travail = c.travaux.get().libelle
    elle = client(acteur())
    adresse = f"/assainissement/controles/{c.pk}/rectifier/"
    page = elle.get(adresse)
    assert page.status_code == 200
    envoi = {
        "version": c.version, "cle": uuid4(), "motif": "Le traitement était caché sous la haie.",
        "r_elements_probants": "oui", "r_incomplete_fosse_seule": "non", "travaux": "",
    }  # fmt: skip
    assert elle.post(adresse, {**envoi, "motif": " "}).status_code == 422
    assert elle.post(adresse, envoi).status_code == 302
    # The same sending again changes nothing.
    assert elle.post(adresse, envoi).status_code == 302
    c.refresh_from_db()
    assert (c.etat, c.regle, c.date_rapport, c.travaux.count()) == ("notifie", "R6", JOUR, 0)
    (rectification,) = c.calculs["rectifications"]
    assert rectification["avant"]["regle"] == "R4" and rectification["apres"] == "R6"
    assert rectification["avant"]["travaux"] == [ancien_travail]
    assert c.obligations.get().etat == "levee" and c.echeance_travaux is None
    c.installation.refresh_from_db()
    assert c.installation.derniere_regle == "R6"
    for lue in (f"/assainissement/controles/{c.pk}/", f"/assainissement/installations/{c.installation_id}/"):
        texte = elle.get(lue).content.decode()
        assert "Rapport rectifié le 02/03/2026" in texte and ancien_travail in texte
    assert client(acteur("technicien")).get(adresse).status_code == 403


def test_rectifier_vers_un_danger_demande_ses_travaux_et_les_date(aller):
    c = notifie(controle())
    options = {"par": acteur(), "version": c.version, "motif": "Couvercle cassé, oublié."}
    pire = {"elements_probants": ("oui", ""), "couvercle_non_securise": ("oui", "")}
    with pytest.raises(Refus, match="appelle des travaux"):
        controles.rectifier(c, reponses=pire, **options)
    c.refresh_from_db()
    assert not c.observations.filter(point__code="couvercle_non_securise", reponse="oui").exists()
    with pytest.raises(Refus, match="Rien n'a changé"):
        controles.rectifier(c, reponses={}, **options)
    controles.rectifier(c, reponses=pire, travaux=["Poser un couvercle"], **options)
    c.refresh_from_db()
    assert (c.regle, c.cas, c.echeance_travaux) == ("R1", "a", date(2030, 3, 2))
    o = c.obligations.get()
    assert (o.nature, o.etat, o.echeance) == ("travaux", "ouverte", date(2030, 3, 2))


def test_un_rapport_pas_encore_recu_se_renvoie_et_ne_se_rectifie_pas(aller):
    c = valide(controle())
    with pytest.raises(Refus, match="déjà reçu"):
        controles.rectifier(c, par=acteur(), version=c.version, motif="Trop tôt.", reponses={})
    assert c.conclu


def test_un_controle_de_raccordement_confie_se_remplit_et_un_agent_le_valide(aller):
    """Spec §7: only an agent validates a form filled by a provider; what is not entrusted does not exist."""
    p = firme()
    lui = p.comptes.get()
    sien, autre = (controle_ac(branchement()) for _ in range(2))
    for qui, mot in (((None, None), "ou un prestataire"), ((acteur("technicien"), p), "ou un prestataire")):
        with pytest.raises(Refus, match=mot):
            controles_ac.affecter(sien, *qui, par=acteur())
    p.assurance_jusqu_au = date(2026, 3, 1)
    p.save()
    with pytest.raises(Refus, match="ssurance"):
        controles_ac.affecter(sien, None, p, par=acteur())
    p.assurance_jusqu_au = date(2027, 1, 1)
    p.save()
    controles_ac.affecter(sien, None, p, par=acteur())
    sien.refresh_from_db()
    assert (sien.controleur, sien.etat) == (str(p), "affecte")
    navigateur = client(lui)
    for c, attendu in ((sien, 200), (autre, 404)):
        for suite in ("", "points/", "evenements/recevoir_formulaire/"):
            assert navigateur.get(f"{c.get_absolute_url()}{suite}").status_code == attendu, suite
    liste = navigateur.get("/assainissement/controles-ac/").content.decode()
    assert sien.numero in liste
    assert autre.numero not in liste
    page = navigateur.get(sien.get_absolute_url()).content.decode()
    assert sien.branchement.get_absolute_url() not in page
    for adresse in (f"{sien.get_absolute_url()}affecter/", "/assainissement/branchements/"):
        assert navigateur.get(adresse).status_code == 403, adresse
    navigateur.post(f"{sien.get_absolute_url()}points/", {f"p_{k}": v for k, v in POINTS.items()})
    sien.refresh_from_db()
    assert sien.points == POINTS
    for c in (autre, sien):
        controles_ac.repondre(c, POINTS)
        c.refresh_from_db()
    with pytest.raises(Refus, match="pas confié"):
        controles_ac.agir(
            autre, "recevoir_formulaire", par=lui, version=autre.version, donnees={"visite": "2026-03-02"}
        )
    controles_ac.agir(
        sien, "recevoir_formulaire", par=lui, version=sien.version, donnees={"visite": "2026-03-02"}
    )
    sien.refresh_from_db()
    with pytest.raises(Refus, match="réservé à"):
        controles_ac.agir(sien, "valider", par=lui, version=sien.version)
    controles_ac.agir(sien, "valider", par=acteur("responsable"), version=sien.version)
    sien.refresh_from_db()
    assert sien.etat == "valide_conforme"


def test_un_prestataire_joint_les_photos_de_son_controle_de_raccordement(aller, monkeypatch):
    """His own only, from the points and from the files, without their position; then in the certificate."""
    p = firme()
    lui = client(p.comptes.get())
    sien, autre = (controle_ac(branchement()) for _ in range(2))
    controles_ac.affecter(sien, None, p, par=acteur())
    accueil = lui.get("/bureau/").content.decode()
    assert 'href="/assainissement/controles-ac/"' in accueil
    assert 'href="/assainissement/branchements/"' not in accueil
    assert 'name="photos"' in lui.get(f"{sien.get_absolute_url()}points/").content.decode()
    prises = [
        SimpleUploadedFile("boite.jpg", vue_jpeg("boîte")), SimpleUploadedFile("faux.jpg", b"non"),
    ]  # fmt: skip
    assert b"Exif" in prises[0].read()
    prises[0].seek(0)
    reponses = {f"p_{k}": v for k, v in POINTS.items()}
    envoi = {**reponses, "photos": prises, "legende": "La boîte de branchement"}
    lui.post(f"{sien.get_absolute_url()}points/", envoi)
    sien.refresh_from_db()
    (vue,) = photos_ac.photos(sien)
    assert (sien.points, vue.libelle, vue.depose_par) == (POINTS, "La boîte de branchement", p.comptes.get())
    assert "faux.jpg" in lui.get(sien.get_absolute_url()).content.decode()
    depot = "/pieces/assainissement.controleac/{}/deposer/"
    for c, attendu in ((sien, 302), (autre, 404)):
        photo = SimpleUploadedFile("vue.jpg", vue_jpeg(str(c.pk)))
        lu = lui.post(depot.format(c.pk), {"fichiers": photo, "code": "photo"})
        assert lu.status_code == attendu
    for octets in (x.fichier.read() for x in photos_ac.photos(sien)):
        assert b"Exif" not in octets
    assert (len(photos_ac.photos(sien)), photos_ac.photos(autre)) == (2, [])
    # One too many is told; the same one again is none.
    monkeypatch.setattr(photos_ac, "PHOTOS_MAX", 3)
    autres = [SimpleUploadedFile(f"{n}.jpg", vue_jpeg(n)) for n in ("boîte", "vue 1", "vue 2")]
    ajoutees, refus = photos_ac.joindre(sien, autres, "", par=acteur())
    assert (ajoutees, len(refus)) == (1, 1) and "3 photos au plus" in refus[0]
    # Once received, the service alone adds to it.
    controles_ac.agir(
        sien, "recevoir_formulaire", par=p.comptes.get(), version=sien.version,
        donnees={"visite": "2026-03-02"},
    )  # fmt: skip
    tard = {"fichiers": SimpleUploadedFile("tard.pdf", b"%PDF-1.4 x"), "code": "autre"}
    assert "envoyez au service" in lui.post(depot.format(sien.pk), tard, follow=True).content.decode()
    sien.refresh_from_db()
    controles_ac.agir(sien, "valider", par=acteur("responsable"), version=sien.version)
    sien.refresh_from_db()
    courriers_ac.charger()
    modele = ModeleCourrier.objects.get(code="certificat_raccordement")
    composee = lettres.composer(lettres.preparer(sien, modele, par=acteur(), destinataire=None))
    assert composee.html.count("<figure") == 3 and "La boîte de branchement" in composee.html
