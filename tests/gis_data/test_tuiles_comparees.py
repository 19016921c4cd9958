"""Layers compared place by place: a change is shown at once where it is, nothing is made anew elsewhere."""

from __future__ import annotations

import pytest
from django.db.models import F

from gis_data.contraintes.declarees import registre
from gis_data.couches import couche
from gis_data.models import CoucheDeclaree, ObjetDeclare
from gis_data.tuiles import cache, service
from gis_data.tuiles.empreintes import difference, empreinte, relue
from tests.couches_remplies import couches_declarees
from tests.gis_data.test_tuiles import tuile_de
from tests.gis_data.test_tuiles_gardees import _dossier, faites  # noqa: F401
from tests.plan_factice import rectangle
from tests.urba.fabrique_urba import dossier
from urba.models import DossierInstruction, Terrain

AILLEURS = 40_000.0
URBA = "urba_dossiers"


def demander(client, nom: str, x: float) -> bytes:
    z, colonne, ligne = tuile_de(x, 20, 15)
    reponse = client.get(f"/tuiles/{nom}/{z}/{colonne}/{ligne}.pbf")
    assert reponse.status_code in (200, 204)
    return reponse.content


def deux_permis() -> tuple[DossierInstruction, DossierInstruction]:
    """One on the tiny plan, one 40 km away."""
    ici, loin = dossier(references="AB 1"), dossier(references="AB 2")
    Terrain.objects.filter(dossier=loin).update(emprise_dessinee=rectangle(AILLEURS, 0, 60, 40))
    service.oublier_versions()
    return ici, loin


def cacher(permis: DossierInstruction) -> None:
    DossierInstruction.objects.filter(pk=permis.pk).update(etat="depose", version=F("version") + 1)
    service.oublier_versions()


def test_un_permis_qui_cesse_d_etre_public_disparait_aussitot_et_lui_seul(client, plan, faites):  # noqa: F811
    ici, _ = deux_permis()
    avant, loin = demander(client, URBA, 50), demander(client, URBA, AILLEURS + 30)
    assert avant and loin and len(faites) == 2
    cacher(ici)
    assert demander(client, URBA, 50) == b""
    assert demander(client, URBA, AILLEURS + 30) == loin
    assert [f[0] for f in faites] == [URBA] * 3


def test_un_terrain_deplace_refait_l_ancien_lieu_et_le_nouveau(client, plan, faites):  # noqa: F811
    ici, _ = deux_permis()
    assert demander(client, URBA, 50) and demander(client, URBA, AILLEURS + 30)
    assert demander(client, URBA, 2 * AILLEURS + 30) == b"" and len(faites) == 3
    Terrain.objects.filter(dossier=ici).update(emprise_dessinee=rectangle(2 * AILLEURS, 0, 60, 40))
    service.oublier_versions()
    assert demander(client, URBA, 50) == b""
    assert demander(client, URBA, 2 * AILLEURS + 30)
    assert demander(client, URBA, AILLEURS + 30) and len(faites) == 5


def test_un_autre_processus_compare_avec_ce_qui_est_sur_le_disque(client, plan, faites):  # noqa: F811
    ici, _ = deux_permis()
    demander(client, URBA, 50), demander(client, URBA, AILLEURS + 30)
    cache._ETATS.clear()
    cacher(ici)
    assert demander(client, URBA, 50) == b"" and demander(client, URBA, AILLEURS + 30)
    assert len(faites) == 3


def test_sans_empreinte_gardee_tout_est_refait(client, plan, faites, monkeypatch):  # noqa: F811
    """A chain written before these sums, or a layer of too many places."""
    ici, _ = deux_permis()
    demander(client, URBA, AILLEURS + 30)
    monkeypatch.setattr(cache, "empreinte", lambda c: None)
    cacher(ici)
    demander(client, URBA, AILLEURS + 30)
    assert len(faites) == 2


def test_une_couche_declaree_rechargee_ne_refait_que_ce_qui_differe(client, plan, faites):  # noqa: F811
    nom, interne = couches_declarees()
    declaree = CoucheDeclaree.objects.get(nom=nom)
    forme = rectangle(AILLEURS, 0, 60, 40)
    la_bas = ObjetDeclare.objects.create(
        couche=declaree, titre="Loin", geom=forme, geom_3857=forme.transform(3857, clone=True)
    )
    relire(declaree)
    ici, loin = demander(client, nom, 50), demander(client, nom, AILLEURS + 30)
    # Another colour: no tile says it.
    CoucheDeclaree.objects.filter(pk=declaree.pk).update(style={"couleur": "#1f6f5c"})
    relire(declaree)
    assert demander(client, nom, 50) == ici and demander(client, nom, AILLEURS + 30) == loin
    assert len(faites) == 2
    ObjetDeclare.objects.filter(pk=la_bas.pk).update(titre="Plus loin")
    relire(declaree)
    assert demander(client, nom, AILLEURS + 30) != loin and demander(client, nom, 50) == ici
    assert len(faites) == 3
    assert not couche(interne).comparee


def relire(declaree: CoucheDeclaree) -> None:
    CoucheDeclaree.objects.filter(pk=declaree.pk).update(version=F("version") + 1)
    registre.oublier()
    registre.rafraichir()
    service.oublier_versions()


def test_l_empreinte_dit_les_lieux_et_revient_du_disque(plan):
    import json

    assert empreinte(couche(URBA)) == {}
    dossier(references="AB 1")
    un = empreinte(couche(URBA))
    ((_, (nombre, _, *cadre)),) = un.items()
    assert nombre == 1 and cadre[0] < cadre[2]
    assert relue(json.loads(json.dumps({URBA: un, "autre": None}))) == {URBA: un, "autre": None}
    assert difference(un, un) == [] and difference({}, un) == [tuple(cadre)] == difference(un, {})
    assert difference(None, un) is None and difference(un, None) is None
    with pytest.raises((TypeError, ValueError)):
        relue([1])
