"""One file for the communes of an EPCI: each object in its own, the water across their limits."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from assainissement.models import Arete, Noeud, Ouvrage, Troncon
from assainissement.regles.tables import raepa
from assainissement.reseau import ecriture, imports, parcours, topologie
from tests.assainissement import fabrique_reseau as f
from tests.assainissement.fabrique_anc import acteur
from tests.personnes import INSEE, commune

C, OUV, A, R = raepa.CANALISATIONS, raepa.OUVRAGES, raepa.APPAREILLAGES, raepa.REPARATIONS


def _noms(cles):
    return set(Troncon.objects.filter(pk__in=cles).values_list("identifiant", flat=True))


EPCI, VOISINE, LOINTAINE = "200000099", "25998", "25997"


@pytest.fixture
def ensemble(dessin):
    """Two communes of one EPCI side by side, the limit at 55 m: R1, R2, R4, P0 and P1 in the first."""
    from cadastre.models import Commune, Feuille
    from mairie.models import Appartenance
    from tests.plan_factice import rectangle

    feuille = Feuille.objects.create(
        id12=f"{INSEE}000AB01", commune=INSEE, prefixe="000", section="AB", subdivision="01"
    )
    epci = commune(EPCI, "Communauté fictive")
    for code, ouest, largeur in ((INSEE, -200, 255), (VOISINE, 55, 545)):
        Commune.objects.create(
            insee=code,
            nom=code,
            feuille=feuille,
            millesime=date(2026, 1, 1),
            geom=rectangle(ouest, -200, largeur, 400),
        )
        Appartenance.objects.create(epci=epci, commune=commune(code), du=date(2020, 1, 1))
    return dessin


def _par_epci(dessin, couches):
    recu = imports.controler(
        imports.deposer(
            INSEE, f.fichier(dessin, couches), "reseau.gpkg", acteur(insee=EPCI), autres=[VOISINE], epci=EPCI
        ),
        f.ANNEE,
    )
    assert recu.etat == "controle", recu.motif
    return recu


def test_un_fichier_d_intercommunalite_range_chaque_objet_dans_sa_commune(ensemble):
    from django.test import Client

    from tests.personnes import agent

    recu = ecriture.confirmer(_par_epci(ensemble, f.dessine()), acteur(insee=EPCI))
    ici = set(Troncon.objects.filter(insee=INSEE).values_list("identifiant", flat=True))
    assert ici == {"A", "C", "F", "H", "I"}, "une canalisation est à la commune de son milieu"
    assert set(Ouvrage.objects.filter(insee=VOISINE).values_list("identifiant", flat=True)) == {
        "R3", "S", "R5", "R6",
    }  # fmt: skip
    # One network: the water crosses the limit, and who sees one commune sees no further.
    aval = parcours.depuis_troncon(f.troncon("A"), parcours.AVAL)
    assert _noms(aval.troncons) == {"A", "B", "C", "D", "E", "F", "G"}
    voisin = acteur("lecture", VOISINE)
    borne = parcours.depuis_troncon(f.troncon("G"), parcours.AMONT).vu_par(voisin)
    assert (_noms(borne.troncons), borne.caches) == ({"G", "B"}, 3)
    assert [p.troncon.identifiant for p in parcours.descente(f.troncon("A"), pour=acteur("lecture"))] == [
        "A",
        "C",
    ]
    # The same file again changes nothing, whole or for one commune.
    encore = ecriture.confirmer(_par_epci(ensemble, f.dessine()), acteur(insee=EPCI))
    assert encore.bilan["effets"][C] == {"crees": 0, "modifies": 0, "inchanges": 9}
    # Its export too, by the SIREN.
    call_command("ecrire_raepa", str(ensemble), epci=EPCI, stdout=io.StringIO())
    assert (ensemble / f"RAEPA_{EPCI}.zip").exists()
    sortie = ensemble / f"RAEPA_{EPCI}.gpkg"
    with pytest.raises(CommandError, match="Aucune commune n'est membre"):
        call_command("ecrire_raepa", str(ensemble), epci="200000001")
    retour = ecriture.confirmer(
        imports.controler(
            imports.deposer(INSEE, io.BytesIO(sortie.read_bytes()), "r.gpkg", acteur(insee=EPCI),
                            autres=[VOISINE], epci=EPCI),
            f.ANNEE,
        ),
        acteur(insee=EPCI),
    )  # fmt: skip
    assert sum(e["crees"] + e["modifies"] for e in retour.bilan["effets"].values()) == 0
    # Who manages one commune alone sees her objects, not the file of all.
    seul, tous = (agent("assainissement.responsable", codes=(code,)) for code in (VOISINE, EPCI))
    for personne, statut in ((seul, 404), (tous, 200)):
        c = Client()
        c.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
        assert c.get(recu.get_absolute_url()).status_code == statut
        assert c.get(f"/assainissement/reseau/exporter/{EPCI}/gpkg/").status_code == statut
    for i in (retour, encore, recu):
        ecriture.annuler(i, acteur(insee=EPCI))
    assert (Troncon.objects.count(), Noeud.objects.count()) == (0, 0)


def test_un_objet_qui_change_de_commune_y_passe_et_revient(ensemble):
    ecriture.confirmer(_par_epci(ensemble, f.dessine()), acteur(insee=EPCI))
    couches = f.dessine()
    couches[C][0] = f.canalisation("A", (100, 100), (140, 100))
    recu = ecriture.confirmer(_par_epci(ensemble, couches), acteur(insee=EPCI))
    assert (recu.bilan["effets"][C]["modifies"], f.troncon("A").insee) == (1, VOISINE)
    ecriture.annuler(recu, acteur(insee=EPCI))
    assert f.troncon("A").insee == INSEE
    assert Arete.objects.get(troncon=f.troncon("A")).insee == INSEE


def test_un_fichier_d_une_autre_commune_est_refuse_un_objet_au_dela_de_la_limite_signale(ensemble):
    loin = [f.canalisation(f"L{n}", (100 + n, 0), (100 + n, 30)) for n in range(3)]
    recu = f.controler(f.fichier(ensemble, {C: [*loin, f.canalisation("A", (0, 0), (9, 0))]}))
    assert recu.etat == "refuse"
    assert "3 objets sur 4 sont hors de" in recu.motif
    couches = {C: [f.canalisation("A", (0, 0), (9, 0)), f.canalisation("B", (5, 0), (50, 9)), loin[0]]}
    recu = f.importer(f.fichier(ensemble, couches))
    dits = {x.identifiant: [a["code"] for a in x.anomalies] for x in recu.lignes.all()}
    assert dits == {"L0": ["HORS_COMMUNE"]}
    assert Troncon.objects.get(identifiant="L0").insee == INSEE


def test_une_commune_sans_contour_ne_s_importe_pas_avec_les_autres(ensemble):
    from gis_data.ouverture import FichierRefuse

    with pytest.raises(FichierRefuse, match="limites de"):
        imports.deposer(INSEE, io.BytesIO(b"x"), "r.gpkg", acteur(insee=EPCI), autres=[LOINTAINE], epci=EPCI)


def test_une_commune_qui_quitte_l_intercommunalite_n_est_plus_jointe_aux_autres(ensemble):
    from mairie.models import Appartenance

    ecriture.confirmer(_par_epci(ensemble, f.dessine()), acteur(insee=EPCI))
    Appartenance.objects.filter(commune__code=VOISINE).update(au=date(2020, 6, 1))
    topologie.construire(INSEE)
    assert Arete.objects.count() == 9
    assert _noms(parcours.depuis_troncon(f.troncon("A"), parcours.AVAL).troncons) == {"A", "C"}
