"""« Every date on screen unfolds into article and computation »: page, list, desk, queue, preview."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

from django.test import Client

from tests.urba.courriers.conftest import _magasin, aller  # noqa: F401 (fixtures)
from tests.urba.courriers.fabrique import ABF, decide, depose, finale, maire, presentee, signee
from tests.urba.courriers.test_parapheur import entre
from tests.urba.fabrique_urba import agir, qualifie
from tests.urba.test_ecrans_urba import client_de
from urba.models import DossierInstruction

MARS = date(2026, 3, 2)
JOUR = re.compile(
    r"(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) \d{1,2}(er)? \w+ \d{4}|\d\d/\d\d/\d{4}"
)
DEPLIE = re.compile(r"<details[^>]*>\s*<summary>(.*?)</summary>\s*<ol class=\"etapes\">(.*?)</ol>", re.DOTALL)


def nu(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&nbsp;", " ").split())


def etapes_vides(html: str) -> list[str]:
    """Unfolded values of which some step says no article or no result."""
    vides = []
    for titre, liste in DEPLIE.findall(html):
        articles = [nu(a) for a in re.findall(r'class="article">(.*?)</span>', liste)]
        resultats = [nu(r) for r in re.findall(r'class="resultat-etape">(.*?)</span>', liste)]
        if not articles or not all(articles) or not all(resultats):
            vides.append(nu(titre))
    return vides


def page_sans_date_nue(client: Client, d: DossierInstruction) -> None:
    """Each line of « Dates » unfolds, with an article and a result at every step."""
    html = client.get(f"/urba/dossiers/{d.pk}/").content.decode()
    debut = html.index('<dl class="definitions urba-dates">')
    dates = html[debut : html.index("</dl>", debut)]
    lignes = dates.count("<dt>")
    assert lignes == len(DEPLIE.findall(dates)) > 0, (d.etat, nu(dates))
    assert etapes_vides(dates) == [], d.etat


def cellules(html: str, titre: str) -> list[str]:
    return re.findall(rf'data-titre="{titre}">(.*?)</td>', html, re.DOTALL)


def test_chaque_date_de_chaque_ecran_se_deplie(aller):  # noqa: F811
    elu, agent = maire(), client_de("instructeur", "chef")
    d = depose()
    page_sans_date_nue(agent, d)
    qualifie(d, majorations=ABF)
    majoration = finale(d, "majoration")

    # The queue of the signatory: the window of the letter.
    file_ = entre(elu).get("/urba/signature/").content.decode()
    assert "À présenter avant le" in file_
    assert "R.423-38" in file_ and etapes_vides(file_) == []
    presentee(signee(majoration, elu, MARS), MARS)

    # The preview of an event: each date that changes says why.
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    d.refresh_from_db()
    saisie = {"date_effet": "2026-03-02", "version": d.version, "cle": str(uuid4()), "apercu": "1"}
    adresse = f"/urba/dossiers/{d.pk}/evenements/notification_pieces/"
    apercu = agent.post(adresse, saisie).content.decode()
    changees = re.findall(r"<dd>[^<]*→ <strong>[^<]*\d{4}</strong>(.*?)</dd>", apercu, re.DOTALL)
    assert changees and all("pourquoi-valeur" in c for c in changees), nu(apercu)
    assert etapes_vides(apercu) == []

    agir(d, "notification_pieces", "guichet")
    page_sans_date_nue(agent, d)
    agir(d, "depot_pieces", "guichet", donnees={"pieces": ["PCMI2"]})
    page_sans_date_nue(agent, d)

    # The desk and the list.
    bureau = agent.get("/urba/").content.decode()
    limites = cellules(bureau, "Décision avant le")
    assert limites and all("pourquoi-valeur" in c for c in limites)
    assert etapes_vides(bureau) == [] and "R.423-24 c" in bureau
    liste = agent.get("/urba/dossiers/?colonnes=numero,limite,depot,decision,validite").content.decode()
    for titre in ("Date limite", "Déposé le"):
        ecrites = [c for c in cellules(liste, titre) if JOUR.search(nu(c))]
        assert ecrites and all("pourquoi-valeur" in c for c in ecrites), titre
    assert etapes_vides(liste) == []

    # Decided, then carried out to the end.
    arrete = signee(finale(decide(d, "accord"), "arrete_accord"), elu, MARS)
    presentee(arrete, MARS)
    for evenement in ("transmission_cl", "affichage_mairie", "affichage_terrain"):
        agir(d, evenement, "guichet")
    page_sans_date_nue(agent, d)
    aller(date(2026, 9, 1))
    agir(d, "doc", "guichet")
    agir(d, "daact", "guichet")
    agent = client_de("instructeur", "chef")  # the session of March is over
    page_sans_date_nue(agent, d)
    decidees = agent.get("/urba/dossiers/").content.decode()
    assert etapes_vides(decidees) == []


def test_une_decision_tacite_et_un_rejet_s_expliquent_aussi(aller):  # noqa: F811
    tacite, rejete = qualifie(depose()), qualifie(depose(demandeurs=None))
    agir(rejete, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    agir(rejete, "notification_pieces", "guichet")
    aller(date(2026, 6, 10))
    agir(tacite, "constat_tacite", "instructeur", date(2026, 5, 3))
    agir(rejete, "constat_rejet", "instructeur", date(2026, 6, 3))
    agent = client_de("instructeur", "chef")
    for d in (tacite, rejete):
        page_sans_date_nue(agent, d)
