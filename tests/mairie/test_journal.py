"""The audit log: written with the act, never changed, purged by its one door, read by who may."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from mairie import journal, roles
from mairie.intergiciels import ACCES_INTROUVABLE, ACCES_REFUSE, REFUS_PAR_HEURE
from mairie.journal import Action, consulter, noter
from mairie.models import Collectivite, JournalActe, JournalTotal
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db

ACTE, VUE = "essai.chose_faite", "essai.fiche_vue"


@pytest.fixture(autouse=True)
def _actions(monkeypatch):
    monkeypatch.setattr(journal, "_actions", dict(journal._actions))
    journal.declarer(Action(ACTE, "Chose faite"), Action(VUE, "Fiche vue", "consultation"))


def ligne(jours: int = 0, **champs) -> JournalActe:
    """A line as it would be so many days old."""
    valeurs = {"acteur": "essai", "nature": "acte", "action": ACTE, "insee": INSEE, **champs}
    return JournalActe.objects.create(quand=timezone.now() - timedelta(days=jours), **valeurs)


def connecter(personne) -> Client:
    client = Client()
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    return client


# --- writing ------------------------------------------------------------------------------------


def test_une_ligne_dit_qui_quoi_ou_et_pourquoi():
    personne, ici = agent("mairie.administrateur"), commune()
    requete = RequestFactory().get("/", REMOTE_ADDR="203.0.113.77")
    requete.user, requete.identifiant = personne, "abc123"
    noter(requete, ACTE, ici, donnees={"nombre": 3, "le": date(2026, 3, 1)}, resume="Trois lignes")
    (e,) = JournalActe.objects.all()
    assert (e.par, e.nature, e.action, e.insee) == (str(personne), "acte", ACTE, INSEE)
    assert (e.objet_type.model_class(), e.objet_id) == (Collectivite, str(ici.pk))
    assert (e.donnees, e.resume) == ({"nombre": 3, "le": "2026-03-01"}, "Trois lignes")
    assert (e.requete, e.adresse) == ("abc123", "203.0.113.0/24")


def test_la_ligne_suit_la_transaction_de_l_appelant():
    with pytest.raises(RuntimeError), transaction.atomic():
        noter(agent(), ACTE)
        raise RuntimeError
    assert not JournalActe.objects.exists()


def test_une_tache_et_un_visiteur_sont_nommes_sans_compte():
    noter(roles.systeme("échéances de nuit"), ACTE)
    noter(RequestFactory().get("/"), ACTE)
    assert [e.par for e in JournalActe.objects.order_by("id")] == ["échéances de nuit", journal.ANONYME.nom]


@pytest.mark.parametrize(
    ("codes", "attendu"), [((INSEE,), INSEE), ((INSEE, "259990001"), "259990001"), ((), "")]
)
def test_sans_objet_la_ligne_est_de_la_collectivite_de_la_personne(codes, attendu):
    personne = agent("mairie.administrateur", codes=codes) if codes else agent()
    assert noter(personne, ACTE).insee == attendu
    assert noter(personne, ACTE, insee=AUTRE_INSEE).insee == AUTRE_INSEE


def test_une_action_non_declaree_est_refusee():
    with pytest.raises(ValueError, match="pas déclarée"):
        noter(agent(), "essai.inconnue")
    with pytest.raises(ImproperlyConfigured):
        journal.declarer(Action(ACTE, "Autre chose"))
    with pytest.raises(ImproperlyConfigured):
        journal.declarer(Action("sans point", "Mauvais code"))


def test_une_consultation_dit_sa_finalite_et_compte_chaque_objet():
    lues = [commune(), commune(AUTRE_INSEE)]
    consulter(agent(), VUE, lues, finalite="instruction")
    assert list(JournalActe.objects.order_by("id").values_list("nature", "insee", "finalite")) == [
        ("consultation", INSEE, "instruction"),
        ("consultation", AUTRE_INSEE, "instruction"),
    ]
    with pytest.raises(ValueError, match="finalité"):
        consulter(agent(), VUE, lues, finalite=" ")
    with pytest.raises(ValueError, match="pas une consultation"):
        consulter(agent(), ACTE, lues, finalite="instruction")
    with pytest.raises(IntegrityError), transaction.atomic():
        noter(agent(), VUE, lues[0])


def test_adresses_et_secrets_ne_passent_pas_au_journal():
    e = noter(
        agent(),
        ACTE,
        resume="Écrit à jeanne.martin@exemple.invalid",
        donnees={"jeton": "abc", "liste": ["à x@exemple.invalid"], "nombre": 1},
    )
    assert e.resume == "Écrit à [adresse masquée]"
    assert e.donnees == {"liste": ["à [adresse masquée]"], "nombre": 1}


@pytest.mark.parametrize(
    ("entetes", "proxys", "attendu"),
    [
        ({"REMOTE_ADDR": "198.51.100.9"}, 0, "198.51.100.0/24"),
        ({"REMOTE_ADDR": "2001:db8:1:2::5"}, 0, "2001:db8:1::/48"),
        ({"REMOTE_ADDR": ""}, 0, ""),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.9"}, 0, "10.0.0.0/24"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.9"}, 1, "198.51.100.0/24"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "pas une adresse"}, 1, ""),
    ],
)
def test_l_adresse_du_reseau_est_tronquee(settings, entetes, proxys, attendu):
    settings.PROXYS_DE_CONFIANCE = proxys
    assert journal.adresse_tronquee(RequestFactory().get("/", **entetes)) == attendu


# --- guards of the database ---------------------------------------------------------------------


def refusee(sql: str, *valeurs) -> None:
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as c:
        c.execute(sql, valeurs)


def test_le_journal_ne_se_modifie_ni_ne_s_efface():
    ancienne = ligne(1000)
    refusee("UPDATE mairie_journalacte SET resume = 'autre'")
    refusee("DELETE FROM mairie_journalacte")
    # The setting alone does not open the door to young lines.
    jeune = ligne(10)
    with connection.cursor() as c:
        c.execute("SET LOCAL mairie.purge_journal = 'oui'")
    refusee("DELETE FROM mairie_journalacte WHERE id = %s", jeune.pk)
    refusee("UPDATE mairie_journalacte SET resume = 'autre' WHERE id = %s", ancienne.pk)
    assert JournalActe.objects.count() == 2


@pytest.mark.parametrize("table", ["mairie_journalacte", "mairie_evenement"])
def test_aucun_des_deux_journaux_ne_se_vide(table):
    with connection.cursor() as c:
        c.execute("SET LOCAL mairie.vidage_permis = 'non'")
    refusee(f"TRUNCATE {table} CASCADE")


# --- retention ----------------------------------------------------------------------------------


def test_la_purge_garde_les_totaux_par_mois(settings):
    settings.JOURNAL_JOURS = {"acte": 1095, "consultation": 200, "refus": 180}
    autre = {"nature": "consultation", "action": VUE, "finalite": "essai"}
    for jours in (199, 201, 202, 260):
        ligne(jours, **autre)
    ligne(1094)
    ligne(1096)
    # As old as the line of 201 days: another month or the same, counts add up from purge to purge.
    assert journal.purger() == {"acte": 1, "consultation": 3, "refus": 0}
    assert JournalActe.objects.count() == 2
    assert sum(JournalTotal.objects.filter(action=VUE).values_list("nombre", flat=True)) == 3
    assert JournalTotal.objects.get(action=ACTE).nombre == 1
    ligne(1096)
    journal.purger()
    assert sum(JournalTotal.objects.filter(action=ACTE).values_list("nombre", flat=True)) == 2
    assert {t.mois.day for t in JournalTotal.objects.all()} == {1}


def test_la_purge_compte_le_mois_d_ici():
    """An act of the 1st at midnight in Paris is still of the month before in UTC."""
    JournalActe.objects.create(
        quand=datetime(2020, 5, 31, 22, 30, tzinfo=UTC), acteur="essai", action=ACTE, nature="acte"
    )
    journal.purger()
    assert JournalTotal.objects.get().mois == date(2020, 6, 1)


def test_aucun_reglage_ne_passe_sous_la_duree_minimale(settings):
    settings.JOURNAL_JOURS = {"acte": 1, "consultation": 1, "refus": 1}
    ligne(179)
    ligne(181)
    assert journal.purger()["acte"] == 1


def test_la_commande_purge_et_le_note(capsys):
    ligne(2000)
    call_command("purger_journal")
    assert "acte : 1" in capsys.readouterr().out
    (trace,) = JournalActe.objects.all()
    assert (trace.action, trace.donnees["acte"]) == ("mairie.journal_purge", 1)


# --- refusals -----------------------------------------------------------------------------------


def test_un_refus_est_note_avec_la_vue_et_la_personne():
    personne = agent("mairie.lecteur")
    assert connecter(personne).get("/journal/").status_code == 403
    e = JournalActe.objects.get(action=ACCES_REFUSE)
    assert (e.utilisateur, e.insee, e.nature) == (personne, INSEE, "refus")
    assert e.donnees == {"methode": "GET", "vue": "journal"}
    assert len(e.requete) == 32


def test_une_page_publique_introuvable_ou_un_anonyme_ne_laissent_rien():
    connecter(agent("mairie.lecteur")).get("/nulle-part/")
    connecter(agent("mairie.lecteur")).get("/parcelles/25999000AB0001/")
    Client().get("/journal/")
    assert not JournalActe.objects.exists()


def test_l_objet_d_une_autre_commune_laisse_une_ligne(monkeypatch):
    """Any view with a right, an address with a number, and a 404."""
    from django.http import HttpResponseNotFound

    from gis_data.acces import droit
    from mairie import intergiciels

    @droit("mairie.lire")
    def vue(request, pk):
        return HttpResponseNotFound()

    requete = RequestFactory().get("/x/12/")
    requete.user = agent("mairie.lecteur")

    class Trouvee:
        func, kwargs, view_name = vue, {"pk": 12}, "essai_fiche"

    requete.resolver_match = Trouvee()
    reponse = intergiciels.JournalDesRefus(lambda r: vue(r, pk=12))(requete)
    assert reponse.status_code == 404
    e = JournalActe.objects.get(action=ACCES_INTROUVABLE)
    assert e.donnees == {"methode": "GET", "vue": "essai_fiche", "pk": "12"}


def test_les_refus_en_rafale_ne_remplissent_pas_le_journal():
    personne = agent("mairie.lecteur")
    for _ in range(REFUS_PAR_HEURE - 1):
        ligne(nature="refus", action=ACCES_REFUSE, utilisateur=personne, acteur="")
    client = connecter(personne)
    for _ in range(3):
        client.get("/journal/")
    assert JournalActe.objects.count() == REFUS_PAR_HEURE
    assert "ne sont pas notés" in JournalActe.objects.order_by("-id")[0].resume


# --- screen -------------------------------------------------------------------------------------


@pytest.fixture
def dpo():
    return agent("mairie.dpo")


def codes(reponse) -> list[str]:
    return [str(e.resume) for e in reponse.context["lignes"]]


def test_le_dpo_ne_voit_que_ses_collectivites(dpo):
    ligne(resume="ici")
    ligne(resume="ailleurs", insee=AUTRE_INSEE)
    ligne(resume="maison", insee="", acteur="tâche")
    ligne(resume="sans commune", insee="", acteur="", utilisateur=agent())
    assert codes(connecter(dpo).get("/journal/")) == ["maison", "ici"]
    assert "Journal consulté" in connecter(dpo).get("/journal/").content.decode()


def test_les_filtres(dpo, time_machine):
    # Noon, far from a change of hour: the days of the filters are days of the commune.
    time_machine.move_to("2026-07-15T12:00:00+02:00", tick=True)
    autre = agent("mairie.lecteur", nom="Zoé Exemple")
    ici = commune()
    ligne(resume="vieille", jours=40)
    ligne(resume="de Zoé", utilisateur=autre, acteur="")
    ligne(resume="vue", nature="consultation", action=VUE, finalite="essai")
    noter(roles.systeme("essai"), ACTE, ici, resume="objet")
    client = connecter(dpo)

    def voir(**filtres) -> list[str]:
        # Each look leaves a line of its own.
        return [c for c in codes(client.get("/journal/", filtres)) if c]

    assert voir() == ["objet", "vue", "de Zoé"]
    assert voir(personne="zoé") == ["de Zoé"]
    assert voir(action=VUE) == ["vue"]
    assert voir(nature="consultation") == ["vue"]
    assert voir(objet_type="mairie.collectivite", objet_id=str(ici.pk)) == ["objet"]
    hier = timezone.localdate() - timedelta(days=41)
    assert voir(du=hier.isoformat(), au=hier.replace().isoformat()) == []
    assert voir(du=hier.isoformat(), au=(hier + timedelta(days=1)).isoformat()) == ["vieille"]
    # What is not understood is said, and filters nothing out silently.
    reponse = client.get("/journal/", {"du": "hier", "action": "essai.inconnue"})
    assert "Date invalide" in reponse.content.decode()
    assert reponse.status_code == 200


def test_les_pages_se_suivent(dpo):
    for n in range(120):
        ligne(resume=f"n{n}")
    client = connecter(dpo)
    premiere = client.get("/journal/")
    suite = client.get("/journal/", {"avant": premiere.context["suite"]})
    assert codes(premiere)[0] == "n119"
    assert [c for c in codes(premiere) + codes(suite) if c] == [f"n{n}" for n in reversed(range(120))]
    assert client.get("/journal/", {"avant": "x"}).status_code == 200


def test_le_nombre_de_requetes_ne_depend_pas_du_nombre_de_lignes(dpo, django_assert_num_queries):
    client, ici = connecter(dpo), commune()
    from django.test.utils import CaptureQueriesContext

    comptes = []
    for nombre in (3, 60):
        for n in range(nombre):
            noter(agent("mairie.lecteur", email=f"p{n}@exemple.invalid"), ACTE, ici)
        with CaptureQueriesContext(
            connection,
        ) as requetes:
            client.get("/journal/")
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1]


@pytest.mark.parametrize("forme", ["csv", "xlsx"])
def test_l_export_donne_les_lignes_filtrees_et_se_note(dpo, forme):
    from io import BytesIO

    from openpyxl import load_workbook

    ligne(resume="=1+1")
    ligne(resume="autre", insee=AUTRE_INSEE)
    reponse = connecter(dpo).get("/journal/export/", {"forme": forme})
    assert reponse.status_code == 200
    contenu = b"".join(reponse.streaming_content) if reponse.streaming else reponse.content
    if forme == "csv":
        texte = contenu.decode("utf-8-sig")
        assert "'=1+1" in texte
        assert "autre" not in texte
    else:
        feuille = load_workbook(BytesIO(contenu)).active
        lignes = [[c.value for c in rang] for rang in feuille.iter_rows()]
        assert len(lignes) == 2
        assert "'=1+1" in lignes[1]
    e = JournalActe.objects.get(action="mairie.journal_exporte")
    assert (e.donnees["lignes"], e.nature) == (1, "consultation")


def test_un_export_trop_grand_est_refuse_en_le_disant(dpo, settings):
    settings.JOURNAL_EXPORT_MAX = 1
    ligne()
    ligne()
    reponse = connecter(dpo).get("/journal/export/", {"forme": "csv"}, follow=True)
    assert "réduisez la période" in reponse.content.decode()


def test_les_totaux_joignent_ce_qui_est_purge_et_ce_qui_reste(dpo):
    JournalTotal.objects.create(mois=date(2024, 1, 1), insee=INSEE, nature="acte", action=ACTE, nombre=12)
    JournalTotal.objects.create(
        mois=date(2024, 1, 1), insee=AUTRE_INSEE, nature="acte", action=ACTE, nombre=7
    )
    ligne()
    page = connecter(dpo).get("/journal/totaux/").content.decode()
    assert "janvier 2024" in page
    assert ">12<" in page
    assert ">7<" not in page
