"""Each number of the dashboard is the count of the list that it opens (spec §14.15)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from domainepublic import facturation
from domainepublic.ecrans import TUILES
from domainepublic.models import Alerte, DemandeTravaux, DossierODP, Proposition
from domainepublic.usager.renouvellement import CHANGER, repondre
from mairie.models import Consultation, ServiceConsulte
from mairie.workflow import rafraichir
from tests.domainepublic.fabrique_odp import (
    a_signer,
    accorde,
    acteur,
    dossier,
    emprise,
    faire,
    ligne,
    photographie,
    rect,
)
from tests.domainepublic.test_coordination_odp import travaux
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import INSEE

JOUR = date(2026, 5, 10)
COMPTEUR = re.compile(r'href="(/domaine-public/[a-z-]+/\?[a-z]+=[^"]+)"><span class="compteur-nombre">(\d+)')


def _un_de_chaque(aller) -> None:
    """On 10 May 2026, at least one row behind each number."""
    grille()
    occupant = payeur(siret="12345678200010")
    assert dossier(emprise(geom=rect(0))).terme_silence == date(2026, 5, 2)
    depasse, fini, _ = (
        accorde(dossier(emprise(geom=rect(x), debut=du, fin=au), demandeur=occupant))
        for x, du, au in (
            (20, date(2026, 3, 3), date(2026, 3, 6)),
            (30, date(2026, 3, 3), date(2026, 3, 7)),
            (40, date(2026, 4, 1), date(2026, 5, 14)),
        )
    )
    facturation.exporter(facturation.valider(facturation.preparer_role(INSEE, acteur("finances"))))
    travaux("urgence", geom=ligne(60))
    aller(date(2026, 3, 15))
    dossier(emprise(geom=rect(60)), le=date(2026, 3, 15))
    travaux(recue_le=date(2026, 3, 15))
    aller(date(2026, 4, 20))
    incomplet = dossier(emprise(geom=rect(70)), le=date(2026, 4, 20))
    faire(incomplet, "declarer_incomplet", donnees={"pieces": ["plan"], "delai_jours": 5})
    avis = dossier(emprise(geom=rect(80)), le=date(2026, 4, 20))
    faire(avis, "instruire")
    faire(avis, "demander_avis", donnees={"services": ["Gestionnaire"], "obligatoire": False})
    Consultation.objects.create(
        dossier=avis, metier="domainepublic", insee=INSEE, envoyee_le=date(2026, 4, 20), delai_valeur=8,
        delai_unite="jours", effet_silence="sans_avis", limite=date(2026, 4, 28),
        service=ServiceConsulte.objects.create(code="gestionnaire", libelle="Gestionnaire"),
    )  # fmt: skip
    aller(JOUR)
    for rang, genre in enumerate(Alerte.Genre.values):
        Alerte.objects.create(dossier=avis, genre=genre, le=JOUR, evenement=rang)
    Proposition.objects.create(insee=INSEE, autorisation="PC0259992600001", origine="decision", le=JOUR)
    a_signer(dossier(emprise(geom=rect(90)), le=JOUR))
    faits = {"dossier_origine": fini, "annee_renouvelee": 2027}
    repondre(dossier(emprise(geom=rect(100)), le=JOUR, faits=faits), CHANGER, message="Une autre place.")
    for d in (*DossierODP.objects.all(), *DemandeTravaux.objects.all()):
        rafraichir(d)
    faire(photographie(depasse), "constater_depassement", donnees={"constat": "Toujours là."})
    fini.refresh_from_db()
    assert fini.etat == "a_controler"


def test_chaque_nombre_du_tableau_de_bord_est_celui_de_sa_liste(aller):
    _un_de_chaque(aller)
    client = client_de("responsable", "finances", "coordination")
    tuiles = dict(COMPTEUR.findall(client.get("/domaine-public/").content.decode()))
    montrees = {adresse.rpartition("/")[0] + adresse.rpartition("=")[2] for adresse in tuiles}
    assert montrees == {
        *(f"/domaine-public/dossiers{code}" for code in TUILES),
        "/domaine-public/travaux-a-coordonnerreponse",
        "/domaine-public/travaux-a-coordonnersans_motif",
        "/domaine-public/titres0",
        "/domaine-public/propositionsouverte",
    }
    for adresse, nombre in tuiles.items():
        assert f"{nombre} résultat" in texte(client.get(adresse)), adresse
        export = b"".join(client.get(f"{adresse}&export=csv").streaming_content).decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(export), delimiter=";"))) == int(nombre) + 1, adresse


def test_les_impayes_ne_se_comptent_que_pour_les_finances(aller):
    _un_de_chaque(aller)
    assert "Titres impayés" not in texte(client_de("lecture").get("/domaine-public/"))
