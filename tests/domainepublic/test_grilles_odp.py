"""What a grid says besides its prices, its deliberation; what finance would refuse of a roll."""

from __future__ import annotations

import pytest

from domainepublic import facturation
from domainepublic.models import GrilleTarifaire
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")


def test_un_siret_faux_et_un_titre_nul_sont_dits_avant():
    grille()
    accorde(dossier(demandeur=payeur(siret="98765432100011")))
    r = facturation.preparer_role(INSEE, acteur("finances"))
    assert ["le SIRET du payeur est faux" in x for x in facturation.rejets(r)] == [True]
    r.titres.update(montant=0)
    assert "à 0 €" in facturation.rejets(r)[1]


def test_les_zones_et_l_arrondi_se_choisissent_et_la_deliberation_se_joint():
    client = client_de("finances")
    envoi = {
        "insee": INSEE, "libelle": "Tarifs 2026", "deliberation": "12", "deliberation_le": "2025-12-10",
        "du": "2026-01-01", "zone_mode": "plus_chere", "arrondi_final": "euro",
    }  # fmt: skip
    client.post("/domaine-public/tarifs/", envoi)
    g = GrilleTarifaire.objects.get()
    assert g.regles == {"zone_mode": "plus_chere", "arrondi_final": "euro"}
    page = texte(client.get(g.get_absolute_url()))
    assert "la zone la plus chère" in page and "à l'euro" in page
    assert "Délibération" in page and "Déposer" in page
    # Who may only read sees the file, and gives none.
    assert "Déposer" not in texte(client_de("lecture").get(g.get_absolute_url()))
    faux = client.post("/domaine-public/tarifs/", {**envoi, "zone_mode": "au_hasard"})
    assert faux.status_code == 422
