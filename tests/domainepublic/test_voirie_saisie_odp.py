"""Who manages the street under a drawing is proposed at the entry of a file and on its facts."""

from __future__ import annotations

import re
from datetime import date

import pytest

from domainepublic.models import DossierODP, GestionVoirie, TransfertPolice
from tests.domainepublic.fabrique_odp import dossier, emprise, rect
from tests.domainepublic.test_ecrans_odp import client_de, saisie, texte
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
LIRE = "/domaine-public/deposer/voirie/"


@pytest.fixture
def route(db):
    """The street of the tiny plan belongs to the department, out of town, until the end of June."""
    from tests.domainepublic.test_parametres_odp import rectangle

    return GestionVoirie.objects.create(
        insee=INSEE, reference="RD 1", geom=rectangle(0, 30, 60, 10), domaine="route_departementale",
        gestionnaire="epci", en_agglomeration=False, grande_circulation=True, au=date(2026, 6, 30),
    )  # fmt: skip


def test_le_dessin_dit_qui_gere_la_voie(route):
    TransfertPolice.objects.create(insee=INSEE, epci="Val", acte="1", du=date(2026, 1, 1))
    client = client_de("instructeur")
    # Nothing but a place is needed: the rest of the form may still be empty.
    geom = saisie()["geom"]
    lu = client.post(LIRE, {"insee": INSEE, "geom": geom, "debut": "2026-06-30"}).json()
    assert lu["faits"] == {
        "domaine": "route_departementale", "gestionnaire": "epci", "en_agglomeration": False,
        "grande_circulation": True, "police_transferee": True,
    }  # fmt: skip
    assert lu["texte"] == (
        "RD 1 : route départementale, gérée par l'EPCI, hors agglomération, à grande circulation ;"
        " police de la circulation confiée à Val"
    )
    apres = client.post(LIRE, {"insee": INSEE, "geom": geom, "debut": "2026-07-01"}).json()
    assert apres["faits"] == {"police_transferee": True}
    for champs in ({"insee": INSEE}, {"insee": INSEE, "geom": "faux"}):
        assert client.post(LIRE, champs).json() == {"faits": {}, "texte": ""}
    assert client.post(LIRE, {"insee": AUTRE_INSEE, "geom": geom}).status_code == 404
    assert client_de("lecture").post(LIRE, {"insee": INSEE, "geom": geom}).status_code == 403
    assert client.get(LIRE).status_code == 405


def test_sans_script_un_bouton_remplit_la_voie_et_n_enregistre_rien(route):
    client = client_de("instructeur")
    reponse = client.post("/domaine-public/deposer/", saisie(proposer="1"))
    page, html = texte(reponse), reponse.content.decode()
    assert reponse.status_code == 200 and not DossierODP.objects.exists()
    assert "D'après la carte des voies, RD 1 : route départementale" in page
    assert 'value="route_departementale" selected' in html
    # The script brings the keyboard there, once its own button has gone.
    assert re.search(r'<p role="status"\s+tabindex="-1"\s+data-texte>', html)
    # What it says is only proposed: kept as the agent leaves it, with what else was typed.
    assert "Société fictive" in html and "Réfection d&#x27;une façade" in html
    assert client.post("/domaine-public/deposer/", saisie(domaine="voie_communale")).status_code == 302
    assert DossierODP.objects.get().domaine == "voie_communale"
    muet = texte(client.post("/domaine-public/deposer/", saisie(proposer="1", debut="2026-07-01", fin="")))
    assert "La carte des voies ne dit rien de ce lieu" in muet


def test_le_dossier_qui_dit_autre_chose_que_la_carte_le_montre_et_le_reprend(route):
    d, client = dossier(), client_de("instructeur")
    page = texte(client.get(d.get_absolute_url()))
    assert "La carte des voies dit autre chose de ce lieu : RD 1" in page
    assert "La carte des voies dit autre chose que ce dossier" in texte(
        client.get(f"{d.get_absolute_url()}faits/")
    )
    html = client.get(f"{d.get_absolute_url()}faits/?voirie=1").content.decode()
    assert 'value="route_departementale" selected' in html and "Enregistrez pour le retenir" in html
    d.refresh_from_db()
    assert d.domaine == "voie_communale"
    DossierODP.objects.update(
        domaine="route_departementale", gestionnaire="epci", en_agglomeration=False, grande_circulation=True
    )
    assert "La carte des voies dit autre chose" not in texte(client.get(d.get_absolute_url()))
    assert "D'après la carte des voies : RD 1" in texte(client.get(f"{d.get_absolute_url()}faits/"))
    ailleurs = dossier(emprise(geom=rect(80)))
    assert "La carte des voies dit" not in texte(client.get(ailleurs.get_absolute_url()))
