"""Calendar of works (CVR L115-1): tacit acceptance, urgency, postponement, what works meet, pages."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.test import Client

from domainepublic.coordination import conflits
from domainepublic.coordination.service import Nouveaux, agir, devenir_occupation, enregistrer, jours_retenus
from domainepublic.ecrans_travaux import suivi
from domainepublic.models import DemandeTravaux, RevetementVoie
from mairie.models import Tiers
from mairie.workflow import Refus, rafraichir
from tests.domainepublic.fabrique_odp import X0, Y0, accorde, acteur, dossier, emprise, ligne, rect, type_
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
DEBUT = date(2026, 6, 1)
BASE = "/domaine-public/calendrier/"


def travaux(regime: str = "demande", **champs) -> DemandeTravaux:
    options = {
        "insee": INSEE,
        "regime": regime,
        "nature": "Conduite d'eau",
        "geom": ligne(),
        "debut": DEBUT,
        "fin": DEBUT + timedelta(days=13),
        "recue_le": date(2026, 3, 2),
        "annee": 2026 if regime == "programme" else None,
        "intervention_le": datetime.fromisoformat("2026-03-02T08:30") if regime == "urgence" else None,
        **champs,
    }
    if "maitre_ouvrage" not in options:
        options["maitre_ouvrage"] = Tiers.objects.create(
            collectivite=INSEE, nature="morale", raison_sociale="Eaux fictives"
        )
    return enregistrer(Nouveaux(**options), par=acteur("coordination"))


@pytest.mark.parametrize(("jour", "etat"), [("2026-05-02", "deposee"), ("2026-05-03", "acceptee_tacite")])
def test_sans_reponse_en_deux_mois_les_travaux_sont_acceptes(aller, jour, etat):
    t = travaux()
    assert (t.numero, t.etat, t.reponse_avant) == ("TRX-25999-2026-00001", "deposee", date(2026, 5, 2))
    aller(date.fromisoformat(jour))
    rafraichir(t)
    rafraichir(t)
    assert t.etat == etat
    assert t.debut_autorise == (DEBUT if etat == "acceptee_tacite" else None)


def test_un_debut_avant_le_terme_est_reporte_au_lendemain_du_terme(aller):
    t = travaux(debut=date(2026, 4, 1), fin=date(2026, 4, 10))
    aller(date(2026, 5, 10))
    rafraichir(t)
    assert t.debut_autorise == date(2026, 5, 3)
    assert jours_retenus(t) == (date(2026, 5, 3), date(2026, 5, 12))


def test_un_report_donne_une_date_plus_tardive_et_un_motif(aller):
    t = travaux()
    par = acteur("coordination")
    with pytest.raises(Refus, match="après le début demandé"):
        agir(t, "reporter", par=par, donnees={"motif": "Marché", "debut": "2026-06-01"})
    with pytest.raises(Refus):
        agir(t, "reporter", par=par, donnees={"debut": "2026-07-01"})
    agir(t, "reporter", par=par, donnees={"motif": "Marché", "debut": "2026-07-01"})
    assert (t.etat, t.debut_autorise, t.publiee) == ("reportee", date(2026, 7, 1), True)
    aller(date(2026, 5, 10))
    autre = travaux(nature="Fibre")
    rafraichir(autre)
    with pytest.raises(Refus):
        agir(autre, "accorder", par=par, date_effet=date(2026, 5, 10))


@pytest.mark.parametrize(("jour", "etat"), [("2026-03-03", "urgente"), ("2026-03-04", "urgence_non_motivee")])
def test_une_urgence_sans_motif_a_24_heures_est_listee(aller, jour, etat):
    t = travaux("urgence", intervention_le=datetime.fromisoformat("2026-03-02T12:30"))
    aller(date.fromisoformat(jour))
    rafraichir(t)
    assert t.etat == etat
    page = texte(client_de("coordination").get(BASE))
    assert ("n'est pas venu" in page or "ne sont pas venus" in page) == (etat == "urgence_non_motivee")
    agir(t, "motiver_urgence", par=acteur("coordination"), donnees={"motif": "Fuite"})
    assert t.etat == "urgence_motivee"


@pytest.mark.parametrize(("instant", "listee"), [("T14:00:00", False), ("T14:31:00", True)])
def test_les_vingt_quatre_heures_se_comptent_a_la_minute(aller, time_machine, instant, listee):
    t = travaux("urgence", intervention_le=datetime.fromisoformat("2026-03-02T14:30"))
    time_machine.move_to(f"2026-03-03{instant}+01:00", tick=False)
    assert list(DemandeTravaux.objects.filter(suivi("sans_motif"))) == ([t] if listee else [])


def test_une_suspension_revient_a_l_etat_quitte(aller):
    t = travaux()
    par = acteur("coordination")
    agir(t, "accorder", par=par)
    agir(t, "suspendre", par=par, donnees={"motif": "Sans coordination"})
    agir(t, "reprendre", par=par)
    assert t.etat == "accordee"
    for code, etat in (("commencer", "en_cours"), ("suspendre", "suspendue"), ("reprendre", "en_cours")):
        agir(t, code, par=par, donnees={"motif": "x"} if code == "suspendre" else {})
        assert t.etat == etat


def revetement(pose_le: date) -> RevetementVoie:
    sol = GEOSGeometry(f"MULTIPOLYGON((({X0} {Y0 + 30},{X0 + 60} {Y0 + 30},{X0 + 60} {Y0 + 40},"
                       f"{X0} {Y0 + 40},{X0} {Y0 + 30})))", srid=2154)  # fmt: skip
    return RevetementVoie.objects.create(insee=INSEE, geom=sol, pose_le=pose_le, nature="enrobé")


@pytest.mark.parametrize(
    ("pose", "recent"),
    [(date(2023, 6, 2), True), (date(2023, 6, 1), False), (date(2026, 6, 2), False)],
)
def test_un_refus_d_inscription_se_motive_sauf_revetement_recent(pose, recent):
    t = travaux("programme")
    revetement(pose)
    assert (conflits.revetement_recent(t) is not None) is recent
    par = acteur("coordination")
    if recent:
        agir(t, "refuser_inscription", par=par)
        assert t.etat == "refus_inscription"
    else:
        with pytest.raises(Refus, match="se motive"):
            agir(t, "refuser_inscription", par=par)


def test_ce_que_des_travaux_rencontrent(aller):
    accorde(dossier(emprise(geom=rect(2, 31))))
    t = travaux(geom=ligne(0, 31, 20))
    meme = travaux("programme", geom=ligne(0, 45, 20), nature="Fibre")
    loin = travaux(geom=ligne(0, 60, 20), nature="Loin")
    plus_tard = travaux(geom=ligne(0, 33, 20), nature="Gaz", debut=date(2026, 10, 1), fin=date(2026, 10, 5))
    trouves = conflits.rencontres(t)
    mots = " ".join(r.texte for r in trouves)
    assert [r.niveau for r in trouves] == ["bloquant", "bloquant", "info"]
    assert str(meme) in mots and "benne" in mots and str(plus_tard) in mots and str(loin) not in mots


def test_des_travaux_deviennent_une_occupation_une_seule_fois():
    type_("RESEAU")
    t = travaux()
    agir(t, "accorder", par=acteur("coordination"))
    d = devenir_occupation(t, acteur("instructeur"))
    assert devenir_occupation(t, acteur("instructeur")) == d
    assert (d.etat, d.debut, d.demandeur) == ("depose", DEBUT, t.maitre_ouvrage)


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"fin": date(2026, 5, 1)}, "précède le début"),
        ({"recue_le": date(2026, 3, 3)}, "dans l'avenir"),
        ({"regime": "programme", "annee": None}, "l'année du programme"),
        ({"regime": "urgence", "intervention_le": None}, "le jour et l'heure"),
        ({"geom": ligne(9000)}, "hors de la commune"),
    ],
)
def test_une_declaration_fausse_est_dite(champs, attendu):
    with pytest.raises(Refus, match=attendu):
        travaux(champs.pop("regime", "demande"), **champs)
    assert not DemandeTravaux.objects.exists()


def test_les_pages_du_calendrier_et_leurs_droits(aller):
    t = travaux()
    travaux("programme", nature="Fibre", geom=ligne(0, 33))
    client = client_de("coordination")
    page = client.get(BASE)
    lu = texte(page)
    assert "Conduite d'eau" in lu and "du 01/06/2026 au 14/06/2026" in lu
    assert "en même temps que d'autres travaux tout près" in lu
    fiche = texte(client.get(t.get_absolute_url()))
    assert "02/05/2026 : deux mois après le dépôt" in fiche and "mêmes jours" in fiche
    formulaire = unescape(client.get(f"{t.get_absolute_url()}accorder/").content.decode())
    assert "Accord" in formulaire
    champs = {"date_effet": "2026-03-02", "version": t.version, "cle": "6f1a3f0a-1f0b-4d8b-9a3c-0d6a9b1c2d3e"}
    assert client.post(f"{t.get_absolute_url()}accorder/", champs).status_code == 302
    t.refresh_from_db()
    assert t.etat == "accordee"
    # A lecteur reads and does not act; another commune sees nothing.
    lecteur = client_de("lecture")
    assert lecteur.get(t.get_absolute_url()).status_code == 200
    assert lecteur.get(f"{t.get_absolute_url()}commencer/").status_code == 403
    ailleurs = client_de("coordination", insee=AUTRE_INSEE)
    assert ailleurs.get(t.get_absolute_url()).status_code == 404
    assert Client().get(BASE).status_code == 302


@pytest.mark.parametrize(
    ("champs", "jour", "dits"),
    [
        ({}, date(2026, 3, 2), ("aucune DICT",)),
        ({"ouvre_sol": False}, date(2026, 3, 2), ()),
        ({"dict_numero": "2026-1"}, date(2026, 5, 31), ()),
        ({"dict_numero": "2026-1"}, date(2026, 6, 1), ("est à refaire",)),
    ],
)
def test_la_dict_manquante_ou_trop_vieille_est_dite(aller, champs, jour, dits):
    t = travaux(debut=date(2026, 7, 1), fin=date(2026, 7, 10), **champs)
    aller(jour)
    page = texte(client_de("coordination").get(t.get_absolute_url()))
    assert [d for d in ("aucune DICT", "est à refaire") if d in page] == list(dits)


def test_un_report_et_une_suspension_ont_leur_document_a_notifier(aller):
    """Named on the page of the works, with motive, day and remedies; no other event has any."""
    from io import BytesIO

    from pypdf import PdfReader

    t = travaux()
    client = client_de("coordination")
    assert "Documents à notifier" not in client.get(t.get_absolute_url()).content.decode()
    par = acteur("coordination")
    agir(t, "reporter", par=par, donnees={"motif": "Marché de Noël.", "debut": "2026-07-06"})
    t.refresh_from_db()
    agir(t, "suspendre", par=par, donnees={"motif": "Fouille sans blindage"})
    html = client.get(t.get_absolute_url()).content.decode()
    adresses = re.findall(r'href="([^"]*/decision-\d+\.pdf)"', html)
    lus = []
    for adresse in adresses:
        reponse = client.get(adresse)
        assert (reponse.status_code, reponse["Content-Type"]) == (200, "application/pdf")
        pages = PdfReader(BytesIO(reponse.content)).pages
        lus.append(re.sub(r"\s+", " ", " ".join(p.extract_text() for p in pages)))
    report, suspension = lus
    assert "ne commencent pas avant le 6 juillet 2026" in report and "Marché de Noël ;" in report
    assert "Eaux fictives" in report and "R. 421-1" in report
    assert "sont suspendus à compter du 2 mars 2026" in suspension and "Fouille sans blindage" in suspension
    assert client.get(re.sub(r"decision-\d+", "decision-999999", adresses[0])).status_code == 404
    assert client_de("coordination", insee=AUTRE_INSEE).get(adresses[0]).status_code == 404
