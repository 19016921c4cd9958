"""A printed series asked by the numbers of requests."""

from __future__ import annotations

import pytest

from gis_data.couches import CoucheInconnue
from mairie.impression import serie
from mairie.impression.demande import DemandeRefusee
from tests.personnes import INSEE, commune
from tests.urba.fabrique_urba import acteur, dossier
from urba.couches import lire_ecrit

pytestmark = pytest.mark.django_db
COMMUNS = {"serie": "urba_instruction", "format": "a4", "orientation": "portrait", "echelle": "auto"}


def test_une_serie_se_demande_par_les_numeros_des_dossiers(plan):
    commune(INSEE)
    d, instructeur = dossier(references="AB 1, AB 2"), acteur("instructeur")
    preparee = serie.preparer({**COMMUNS, "cles": f"{d}\n{d.numero}"}, instructeur)
    assert preparee.cles == (d.numero,)
    (feuille,) = serie._feuilles(
        {
            "parametres": preparee.parametres,
            "couche": "urba_instruction",
            "cles": [d.numero],
            "echelle": "auto",
        },
        instructeur,
        lambda part, mots: None,
    )
    assert feuille.titre == d.numero
    # The ground of two parcels in a row: 60 m by 30 on an A4 sheet.
    assert feuille.carte.cadre.denominateur <= 500
    with pytest.raises(CoucheInconnue):
        serie.preparer({**COMMUNS, "cles": str(d)}, None)
    with pytest.raises(DemandeRefusee, match="Introuvables"):
        serie.preparer({**COMMUNS, "cles": "PC 025 999 26 09999"}, instructeur)


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [("PC 025 999 26 00023", "PC0259992600023"), ("pc0259992600023", "PC0259992600023"), ("AB 12", None)],
)
def test_un_numero_se_lit_dans_toute_ecriture(ecrit, lu):
    assert lire_ecrit(ecrit) == lu
