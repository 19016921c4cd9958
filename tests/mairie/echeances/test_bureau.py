"""The desk, the month, the settings: what is shown, filtered, and in how many queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mairie.bureau import Dossier, MesDossiers, declarer_dossiers
from mairie.models import JournalActe, LienSecret, PreferenceBureau, Service, UsageLien
from mairie.notifications import notifications
from mairie.taches.maison import purger_liens
from mairie.workflow import Etape
from tests.mairie.echeances.conftest import JOUR, PIECES, connecter, poser
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune, habiliter

pytestmark = pytest.mark.django_db


def page(client, adresse="/bureau/", **requete) -> str:
    reponse = client.get(adresse, requete)
    assert reponse.status_code == 200
    return " ".join(reponse.content.decode().split())


def vues(client, **requete) -> dict[str, list[str]]:
    """References by level."""
    groupes = client.get("/bureau/", requete).context["groupes"]
    return {g.palier.urgence.value: [e.reference for e in g.lignes] for g in groupes if g.lignes}


def test_le_bureau_range_par_urgence_et_dit_la_date_en_toutes_lettres(lectrice):
    for jours in (20, 9, 5, 0, -3):
        poser(jours)
    poser(
        9,
        PIECES,
        consequence="Rejet tacite",
        pourquoi=[Etape("Trois mois pour compléter", "21 mars", "R*423-39")],
    )
    client = connecter(lectrice)
    assert vues(client) == {
        "retard": ["D-3"], "jour": ["D0"], "cinq": ["D5"], "quinze": ["D9", "D9"], "plus_tard": ["D20"],
    }  # fmt: skip
    vue = page(client)
    assert "Jeudi 12 mars 2026" in vue
    assert "samedi 21 mars 2026" in vue and "dans 9 jours" in vue
    assert "il y a 3 jours" in vue and "aujourd&#x27;hui" in vue
    assert "Rejet tacite" in vue and "R*423-39" in vue
    assert vue.count("pourquoi ?") == 1


def test_les_filtres(lectrice):
    equipe = Service.objects.create(collectivite=commune(), code="urba", libelle="Urbanisme")
    habiliter(lectrice, "mairie", "lecteur", service=equipe)
    poser(1, reference="moi", responsable=lectrice)
    poser(2, reference="service", service=equipe, responsable=agent("mairie.administrateur"))
    poser(3, reference="personne", code="autre.controle")
    client = connecter(lectrice)
    assert vues(client) == {"cinq": ["moi", "service", "personne"]}
    assert vues(client, qui="moi") == {"cinq": ["moi"]}
    assert vues(client, qui="service") == {"cinq": ["moi", "service"]}
    assert vues(client, qui="personne") == {"cinq": ["personne"]}
    assert vues(client, metier="autre") == {"cinq": ["personne"]}
    assert vues(client, urgence="retard") == {}
    assert vues(client, qui="n'importe", metier="quoi", urgence="x") == vues(client)


def test_la_commune_choisie_en_haut_de_l_ecran_restreint_le_bureau():
    deux = agent("mairie.lecteur", codes=(INSEE, AUTRE_INSEE))
    poser(1, reference="ici")
    poser(1, reference="ailleurs", insee=AUTRE_INSEE)
    client = connecter(deux)
    assert vues(client) == {"cinq": ["ici", "ailleurs"]}
    client.post("/commune/", {"commune": AUTRE_INSEE})
    assert vues(client) == {"cinq": ["ailleurs"]}


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_d_echeances(lectrice):
    client, comptes = connecter(lectrice), []
    for nombre in (2, 40):
        for n in range(nombre):
            responsable = agent("mairie.lecteur", email=f"a{n}@exemple.invalid")
            poser(n % 20, cle=f"{nombre}-{n}", responsable=responsable)
        with CaptureQueriesContext(connection) as requetes:
            client.get("/bureau/")
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1]


def test_au_dela_de_deux_cents_le_bureau_dit_qu_il_en_reste(lectrice, monkeypatch):
    monkeypatch.setattr("mairie.echeances.lecture.MAX", 3)
    for n in range(5):
        poser(n)
    assert "Les 3 premières sont montrées sur 5" in page(connecter(lectrice))


def test_mes_dossiers_par_metier(lectrice):
    demandes = []

    def lister(personne, commune_, limite):
        demandes.append((personne, commune_, limite))
        return [Dossier("PC 12", "En instruction", "/urba/12/", JOUR, "Maison", "info")], 9

    def en_panne(*_):
        raise RuntimeError("métier en panne")

    declarer_dossiers(MesDossiers("essai", "Permis", "mairie.lire", "bi-house", "/urba/?qui=moi", lister))
    declarer_dossiers(MesDossiers("secret", "Secret", "mairie.lire_journal", "bi-lock", "/x/", lister))
    declarer_dossiers(MesDossiers("panne", "Panne", "mairie.lire", "bi-bug", "/x/", en_panne))
    vue = page(connecter(lectrice))
    assert "PC 12" in vue and "Voir les 9" in vue
    assert "Panne" not in vue and "Secret" not in vue
    assert demandes == [(lectrice, INSEE, 8)]


def test_un_bureau_vide_dit_ce_qu_il_montrera(lectrice):
    vue = page(connecter(lectrice))
    assert "Rien n'attend de date" in vue and "Aucun dossier ne vous est attribué" in vue
    poser(-1)
    assert "Aucune échéance ne répond à ces filtres" in page(connecter(lectrice), qui="moi")


def test_les_retards_attendent_sous_la_cloche(lectrice):
    poser(-1), poser(-2, responsable=lectrice), poser(0)
    poser(-3, responsable=agent("mairie.administrateur"))
    lignes = [(n.libelle, n.nombre) for n in notifications(lectrice) if n.adresse.startswith("/bureau/")]
    assert lignes == [("échéances en retard", 2)]


# --- the month ----------------------------------------------------------------------------------


def test_le_mois_commence_un_lundi_et_montre_ses_bords(lectrice):
    poser(0, reference="milieu")
    poser(-14, reference="bord")  # 26 February, in the first week shown
    reponse = connecter(lectrice).get("/bureau/calendrier/")
    semaines = reponse.context["semaines"]
    assert (semaines[0][0][0].isoformat(), semaines[-1][-1][0].isoformat()) == ("2026-02-23", "2026-04-05")
    vue = " ".join(reponse.content.decode().split())
    assert "Mars 2026" in vue and "milieu" in vue and "bord" in vue
    assert [j.isoformat() for j, _ in reponse.context["jours"]] == ["2026-03-12"]


@pytest.mark.parametrize(
    ("mois", "premier"),
    [
        ("2026-04", "2026-04-01"),
        ("2026-12", "2026-12-01"),
        ("2026-13", "2026-03-01"),
        ("x", "2026-03-01"),
        ("9999-12", "2026-03-01"),
    ],
)
def test_le_mois_demande_ou_celui_d_aujourd_hui(lectrice, mois, premier):
    contexte = connecter(lectrice).get("/bureau/calendrier/", {"mois": mois}).context
    assert contexte["premier"].isoformat() == premier
    assert contexte["precedent"] < contexte["premier"] < contexte["suivant"]
    assert contexte["suivant"].day == 1


# --- feed and digest ----------------------------------------------------------------------------


def creer_agenda(client) -> str:
    """The secret path, read where it is shown once."""
    reponse = client.post("/bureau/agenda/", follow=True)
    adresse = reponse.context["nouvelle"]
    assert adresse in reponse.content.decode()
    assert reponse.headers["Cache-Control"] == "no-store"
    return adresse[adresse.index("/bureau/") :]


def test_l_agenda_s_ouvre_par_son_adresse_secrete_et_se_ferme(lectrice):
    poser(9, reference="PC 12", consequence="Permis tacite", adresse="/urba/12/", responsable=lectrice)
    poser(1, "essai.secret", reference="caché")
    client = connecter(lectrice)
    chemin = creer_agenda(client)
    assert "ne sera plus montrée" not in page(client, "/bureau/reglages/"), "shown once"
    reponse = Client().get(chemin)
    assert reponse.status_code == 200
    assert reponse.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in reponse.headers["Cache-Control"]
    texte = reponse.content.decode()
    assert "DTSTART;VALUE=DATE:20260321" in texte and "DTEND;VALUE=DATE:20260322" in texte
    assert "SUMMARY:PC 12 : Décision à rendre" in texte and "Permis tacite" in texte
    assert "caché" not in texte and "Léa" not in texte
    assert chemin.rsplit("/", 1)[1][:22] not in str(LienSecret.objects.values().get())
    ancienne, chemin = chemin, creer_agenda(client)
    assert Client().get(ancienne).status_code == 404
    client.post("/bureau/agenda/revoquer/")
    assert Client().get(chemin).status_code == 404
    assert JournalActe.objects.filter(action__startswith="mairie.agenda_").count() == 3


def test_l_agenda_suit_les_droits_d_aujourd_hui(lectrice):
    poser(9, reference="PC 12")
    chemin = creer_agenda(connecter(lectrice))
    lectrice.habilitations.all().delete()
    assert "PC 12" not in Client().get(chemin).content.decode()
    lectrice.is_active = False
    lectrice.save()
    assert Client().get(chemin).status_code == 404


def test_une_adresse_devinee_est_refusee_puis_ralentie():
    statuts = [Client().get(f"/bureau/agenda/{'A' * 21}{n}.ics").status_code for n in range(7)]
    assert statuts == [404] * 5 + [429] * 2


def test_un_agenda_se_lit_avec_une_bibliotheque(lectrice):
    from icalendar import Calendar

    for n in range(3):
        poser(n, reference=f"D{n} à l'angle; rue, n° 1")
    calendrier = Calendar.from_ical(Client().get(creer_agenda(connecter(lectrice))).content)
    evenements = calendrier.walk("VEVENT")
    assert [str(e["summary"]) for e in evenements] == [
        f"D{n} à l'angle; rue, n° 1 : Décision à rendre" for n in range(3)
    ]
    assert len({str(e["uid"]) for e in evenements}) == 3


def test_le_choix_du_resume_s_enregistre(lectrice):
    client = connecter(lectrice)
    assert client.get("/bureau/reglages/").context["formulaire"].initial["resume"] == "quotidien"
    assert (
        "Votre choix est enregistré"
        in client.post("/bureau/reglages/", {"resume": "jamais"}, follow=True).content.decode()
    )
    assert PreferenceBureau.objects.get().resume == "jamais"
    reponse = client.post("/bureau/reglages/", {"resume": "parfois"})
    assert reponse.status_code == 200
    assert reponse.context["formulaire"].errors


def test_les_lectures_de_l_agenda_s_oublient_la_nuit(lectrice, time_machine):
    chemin = creer_agenda(connecter(lectrice))
    assert Client().get(chemin).status_code == 200
    autre = LienSecret.objects.create(
        objet=lectrice,
        usage="mairie.preuve",
        empreinte=b"x" * 32,
        expire_le=timezone.now() + timedelta(days=9),
    )
    UsageLien.objects.create(lien=autre, action="ouverture")
    time_machine.move_to("2026-04-11T09:00:00+01:00", tick=False)
    assert Client().get(chemin).status_code == 200
    assert purger_liens.func()["agendas"] == 0
    time_machine.move_to("2026-04-11T09:00:01+01:00", tick=False)
    assert purger_liens.func()["agendas"] == 1
    # The latest reading stays, and so does the use of a link that is proof.
    assert UsageLien.objects.count() == 2 and UsageLien.objects.filter(lien=autre).exists()
