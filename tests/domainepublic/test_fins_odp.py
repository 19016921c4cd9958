"""End of a title looked at on a phone: free or not, in one sending; a refusal leaves nothing behind."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from domainepublic.models import Constat, DossierODP
from domainepublic.terrain_fin import places
from mairie.hors_ligne.reception import cle_personne
from mairie.models import Evenement
from tests.domainepublic.fabrique_odp import accorde, dossier, emprise, ligne
from tests.domainepublic.test_constats_odp import photo, position
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE, agent
from tests.plan_factice import lonlat

LIBERE = {"suite": "libere", "libre_le": "2026-07-01", "etat_du_sol": "Propre.", "vu_le": "2026-07-01T10:00"}
DEPASSE = {"suite": "depassement", "texte": "La benne est là.", "vu_le": "2026-07-01T10:00"}


@pytest.fixture
def finis(aller, settings, tmp_path):
    """A skip and a trench, both over since the day before."""
    settings.MEDIA_ROOT = tmp_path / "media"
    benne = accorde(dossier(adresse="12 rue du Lavoir"))
    tranchee = emprise("RESEAU", geom=ligne(40), unite="ml", largeur=1, operateur="Réseau fictif")
    autre = accorde(dossier(tranchee))
    aller(date(2026, 7, 1))
    from mairie.workflow import rafraichir

    for d in (benne, autre):
        rafraichir(d)
        d.refresh_from_db()
        assert d.etat == "a_controler"
    return benne, autre


def envoyer(d: DossierODP, champs: dict, role: str = "assermente", insee: str = INSEE, uuid=None, **plus):
    compte = agent(f"domainepublic.{role}", codes=(insee,))
    corps = {"personne": cle_personne(compte), "version": "0", "client_uuid": str(uuid or uuid4())}
    return client_de(role, insee=insee).post(
        f"/terrain/fin/{d.pk}/", {**corps, **champs, **plus}, headers={"accept": "application/json"}
    )


def test_la_liste_dit_ce_qui_est_fini_et_ou(finis):
    benne, tranchee = finis
    page = client_de("assermente").get("/terrain/").content.decode()
    assert "Contrôle de fin d&#x27;occupation" in page and "Les plus proches d'abord" in page
    assert page.count("data-place=") == 2
    lues = places(agent("domainepublic.assermente"))
    assert lues[str(benne.pk)] == pytest.approx(lonlat(2, 32), abs=1e-6) and str(tranchee.pk) in lues
    fiche = texte(client_de("assermente").get(f"/terrain/fin/{tranchee.pk}/"))
    assert "une photo est due" in fiche and "30/06/2026" in fiche
    assert client_de("assermente", insee=AUTRE_INSEE).get(f"/terrain/fin/{benne.pk}/").status_code == 404
    assert client_de("lecture").get(f"/terrain/fin/{benne.pk}/").status_code == 403
    for cle in ("x", "9" * 30):
        assert client_de("assermente").get(f"/terrain/fin/{cle}/").status_code == 404


def test_le_sol_libere_se_dit_en_un_envoi_et_une_fois(finis):
    benne, _ = finis
    uuid = uuid4()
    for _ in range(2):
        reponse = envoyer(benne, LIBERE, uuid=uuid, position=position())
        assert reponse.status_code == 200, reponse.json()
    assert reponse.json()["deja"] and "place rendue" in reponse.json()["message"]
    benne.refresh_from_db()
    assert (benne.etat, benne.fin_effective) == ("termine", date(2026, 7, 1))
    c = Constat.objects.get()
    assert (c.conclusion, c.etat, c.dossier) == ("conforme", "rattache", benne)
    assert Evenement.objects.get(type="constater_liberation").donnees["etat_du_sol"] == "Propre."
    # Sent by another agent meanwhile: told, and nothing more is written.
    reponse = envoyer(benne, LIBERE, role="instructeur")
    assert reponse.status_code == 422 and "n'est plus à contrôler" in reponse.json()["erreur"]
    assert Constat.objects.count() == 1


@pytest.mark.parametrize("champs", [DEPASSE, LIBERE])
def test_sans_la_photo_due_rien_n_est_garde_avec_elle_tout_passe(finis, champs):
    benne, tranchee = finis
    d = benne if champs is DEPASSE else tranchee
    reponse = envoyer(d, champs)
    assert reponse.status_code == 422 and "photo" in reponse.json()["erreur"]
    assert not Constat.objects.exists()
    assert envoyer(d, champs, photos=[photo()]).status_code == 200
    d.refresh_from_db()
    assert d.etat == ("infraction" if champs is DEPASSE else "termine")


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({**DEPASSE, "texte": ""}, "ce qui occupe encore la place"),
        ({**LIBERE, "suite": ""}, "obligatoire"),
        ({**LIBERE, "position": "ici"}, "Deux nombres"),
        ({**LIBERE, "position": "200 95"}, "pas sur la Terre"),
        ({**LIBERE, "vu_le": "2026-07-03T10:00"}, "dans l'avenir"),
    ],
)
def test_une_saisie_fausse_est_dite(finis, champs, attendu):
    reponse = envoyer(finis[0], champs)
    assert reponse.status_code == 422 and attendu in str(reponse.json())
    assert not Constat.objects.exists()
