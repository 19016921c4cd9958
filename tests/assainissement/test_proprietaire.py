"""The owner's page by his key: reports, dates, appointment, papers; nothing without the key, revocable."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assainissement import courriers, courriers_redevances, proprietaire
from mairie import liens
from mairie.courriers import services as lettres
from mairie.models import JournalActe, LienSecret, ModeleCourrier, Piece, Tiers
from tests.assainissement.fabrique_anc import acteur, controle, faire, installation, notifie
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.assainissement.test_projets import sans_pdf  # noqa: F401
from tests.assainissement.test_ventes import texte_de
from tests.personnes import INSEE, agent
from tests.urba.fabrique_urba import dossier as dossier_urba

pytestmark = pytest.mark.usefixtures("aller")
PDF = b"%PDF-1.4 bordereau\n%%EOF"


def entrer(i, client: Client | None = None) -> Client:
    """The owner, key given."""
    client = client or Client()
    _, cle = liens.creer_cle(i, proprietaire.USAGE, insee=INSEE)
    suite = client.post("/suivi/", {"numero": str(i), "cle": liens.ecrire_cle(cle)})
    assert suite["Location"] == f"/assainissement/suivi/{i}/"
    return client


def test_l_agent_donne_la_cle_le_proprietaire_lit_son_rapport(sans_pdf):  # noqa: F811
    i = installation()
    c = notifie(controle(i), date(2026, 3, 2), contact_eaux_usees="oui")
    courriers.charger()
    modele = ModeleCourrier.objects.get(metier="assainissement", code="rapport_visite")
    lettre = lettres.preparer(c, modele, par=acteur(), destinataire=next(courriers.destinataires(c)))
    lettre.destinataire_adresse = lettre.destinataire_adresse or "1 rue de l'Essai\n25999 VALBRUNE"
    lettre.save(update_fields=["destinataire_adresse"])
    lettres.finaliser(lettre, par=acteur(), version=lettre.version, confirmer=True)
    page = client_de("technicien").post(f"{i.get_absolute_url()}cle/").content.decode()
    cle = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", page)[0]
    client = Client()
    client.post("/suivi/", {"numero": str(i).lower(), "cle": cle})
    suivi = texte(client.get(f"/assainissement/suivi/{i}/"))
    for mot in (
        "danger pour la santé",
        "Travaux à faire",
        "au plus tard le samedi 2 mars 2030",
        "Rapport de visite",
    ):
        assert mot in suivi, mot
    assert "Personne fictive" not in suivi
    reponse = client.get(f"/assainissement/suivi/{i}/rapports/{lettre.pk}/")
    assert (reponse["Content-Type"], reponse["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert JournalActe.objects.filter(action="assainissement.rapport_lu_par_lien").count() == 1
    assert client.get(f"/assainissement/suivi/{i}/rapports/{lettre.pk + 1}/").status_code == 404
    # Who instructs a permit on this ground reads the same report from its page, and no other one.
    permis = dossier_urba()
    instructeur = agent("urba.instructeur")
    poste = Client()
    poste.force_login(instructeur, backend="django.contrib.auth.backends.ModelBackend")
    ici = f"/assainissement/permis/{permis.da.numero}/installations/{i.pk}/rapports/{lettre.pk}/"
    assert ici in poste.get(f"/urba/dossiers/{permis.pk}/").content.decode()
    assert poste.get(ici)["Content-Type"] == "application/pdf"
    assert JournalActe.objects.filter(action="assainissement.rapport_lu_du_permis").count() == 1
    ailleurs = installation(parcelles=(f"{INSEE}000AB0002",))
    for faux in (
        ici.replace(permis.da.numero, "PC0259992699999"),
        ici.replace(f"installations/{i.pk}/", f"installations/{ailleurs.pk}/"),
        ici.replace(f"rapports/{lettre.pk}/", f"rapports/{lettre.pk + 1}/"),
    ):
        assert poste.get(faux).status_code == 404
    assert client_de("prestataire").get(ici).status_code == 404
    assert Client().get(ici).status_code == 302


def test_sans_cle_rien_et_la_cle_expire_se_retire_et_se_limite(time_machine):
    i, autre = installation(), installation()
    page = f"/assainissement/suivi/{i}/"
    assert Client().get(page)["Location"] == f"/suivi/?numero={i}"
    client = entrer(i)
    assert client.get(page).status_code == 200
    assert client.get(f"/assainissement/suivi/{autre}/").status_code == 302, "une clé n'ouvre que la sienne"
    lien = LienSecret.objects.get(usage=proprietaire.USAGE, objet_id=i.pk)
    assert lien.expire_le - lien.cree_le == timedelta(days=365)
    client_de("gestionnaire").post(f"{i.get_absolute_url()}cle/retirer/")
    assert client.get(page).status_code == 302
    assert client_de("lecture").post(f"{i.get_absolute_url()}cle/").status_code == 403
    for _ in range(5):
        assert Client().post("/suivi/", {"numero": str(autre), "cle": "0000-0000"}).status_code == 422
    assert Client().post("/suivi/", {"numero": str(autre), "cle": "0000-0000"}).status_code == 429


def test_le_proprietaire_choisit_son_rendez_vous_une_fois():
    i = installation()
    c = controle(i, agent=(technicien := acteur("technicien")))
    pris = controle(installation(), agent=technicien)
    faire(pris, "fixer_rdv", donnees={"le": "2026-03-04", "creneau": proprietaire.CRENEAUX["matin"]})
    faire(c, "proposer_rdv")
    client = entrer(i)
    page = f"/assainissement/suivi/{i}/"
    offre = client.get(page).content.decode()
    assert 'value="2026-03-04 matin"' not in offre, "l'agent est pris"
    assert 'value="2026-03-07 matin"' not in offre, "un samedi"
    for faux in ("2026-03-04 matin", "2020-01-01 matin", "", "x"):
        assert client.post(page, {"action": "rdv", "creneau": faux}).status_code == 422, faux
    assert client.post(page, {"action": "rdv", "creneau": "2026-03-04 apres_midi"}).status_code == 302
    c.refresh_from_db()
    assert (c.etat, c.date_rdv) == ("rdv_fixe", date(2026, 3, 4))
    assert "Rendez-vous le mercredi 4 mars 2026" in texte(client.get(page))
    assert client.post(page, {"action": "rdv", "creneau": "2026-03-05 matin"}).status_code == 422


def test_le_proprietaire_envoie_un_bordereau_et_rien_d_autre(aller):
    i = installation()
    client = entrer(i)
    page = f"/assainissement/suivi/{i}/"

    def envoyer(code: str, octets: bytes, nom: str = "bordereau.pdf"):
        return client.post(
            page, {"action": "papier", "code": code, "fichier": SimpleUploadedFile(nom, octets)}
        )

    assert envoyer("bordereau", PDF).status_code == 302
    piece = Piece.objects.du_dossier(i).get()
    assert (piece.code, piece.origine, piece.visible_public) == ("bordereau", "usager", False)
    assert envoyer("rapport", PDF).status_code == 422
    assert envoyer("facture", b"MZ\x90", "facture.exe").status_code == 422
    assert Piece.objects.du_dossier(i).count() == 1
    assert "bordereau.pdf" in texte(client.get(page))
    # The service sees that something came, for a month.
    elle = client_de("technicien")
    assert "Papiers reçus du propriétaire" in texte(elle.get("/assainissement/"))
    assert str(i) in texte(elle.get("/assainissement/installations/?suivi=papiers"))
    aller(date(2026, 4, 2))
    elle = client_de("technicien")
    assert "Papiers reçus du propriétaire" not in texte(elle.get("/assainissement/"))


def _lettre(c, code: str, destinataire):
    modele = ModeleCourrier.objects.get(metier="assainissement", code=code)
    lettre = lettres.preparer(c, modele, par=acteur(), destinataire=destinataire)
    assert "(créée à la finalisation)" in lettre.html or "En ligne" not in lettre.html
    return lettres.finaliser(lettre, par=acteur(), version=lettre.version, confirmer=True)


def test_la_lettre_au_proprietaire_porte_sa_cle_et_celle_a_l_occupant_non(sans_pdf):  # noqa: F811
    courriers.charger()
    courriers_redevances.charger()
    occupant = Tiers.objects.create(collectivite=INSEE, nom="Locataire fictive")
    i = installation(occupant=occupant)
    Tiers.objects.update(voie="1 rue de l'Essai", code_postal="25999", ville="VALBRUNE")
    c = controle(i)
    faire(c, "proposer_rdv")
    au_proprietaire, a_l_occupant = courriers.destinataires(c)
    lettre = _lettre(c, "avis_passage", au_proprietaire)
    assert f"avec le numéro {i}" in texte_de(lettre.html)
    cle = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", lettre.html)[0]
    client = Client()
    assert client.post("/suivi/", {"numero": str(i), "cle": cle}).status_code == 302
    assert client.get(f"/assainissement/suivi/{i}/").status_code == 200
    assert "clé" not in texte_de(_lettre(c, "avis_passage", a_l_occupant).html)
    assert client.get(f"/assainissement/suivi/{i}/").status_code == 200, "sa clé vit toujours"
    _lettre(c, "avis_passage", au_proprietaire)
    assert client.get(f"/assainissement/suivi/{i}/").status_code == 302, "la nouvelle la remplace"
