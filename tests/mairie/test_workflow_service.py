"""The engine, one rule a test, on the example workflow."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mairie.models import Evenement, EvenementDomaine
from mairie.roles import Acteur, systeme, usager
from mairie.workflow import (
    ConflitEdition,
    Refus,
    actions_possibles,
    annuler_dernier,
    appliquer,
    appliquer_en_masse,
    corriger,
    rafraichir,
    refus_annulation,
    rejouer,
    service,
    simuler,
)
from tests.mairie.essai_workflow import DELAI, JOUR, DossierEssai

pytestmark = pytest.mark.django_db
FIN = "(SELECT max(id) FROM mairie_evenement)"


@pytest.fixture
def tout(agent):
    return agent("guichet", "instructeur", "chef")


def faire(dossier, evenement, par, jours=0, aujourdhui=None, **options):
    """Apply an event `jours` days after JOUR, on a dossier just read."""
    jour = JOUR + timedelta(jours)
    options.setdefault("version", dossier.version)
    return appliquer(dossier, evenement, par=par, date_effet=jour, aujourdhui=aujourdhui or jour, **options)


def test_un_evenement_ecrit_sa_ligne_et_le_cache_du_dossier(nouveau, tout):
    dossier = nouveau()
    ligne = faire(dossier, "depot", tout)
    assert (dossier.etat, dossier.version, dossier.numero) == ("depose", 1, "ESS-25999-2026-0001")
    assert dossier.date_limite == JOUR + timedelta(DELAI)
    assert dossier.dates == {"date_limite": "2026-05-09", "prochain_controle": None}
    assert ligne.avant == {"etat": "", "dates": {}, "calculs": {}}
    assert ligne.apres == {"etat": "depose", "dates": dossier.dates, "calculs": {}}
    assert ligne.explication[-1] == {
        "regle": "Délai d'instruction",
        "article": "art. E.1",
        "entree": {"depot": "2026-03-10", "pauses": 0},
        "resultat": "2026-05-09",
    }
    assert (ligne.auteur, ligne.par, ligne.version) == (tout, "Agent guichet-instructeur-chef", 1)
    assert ligne.dossier == dossier
    assert EvenementDomaine.objects.get().nom == "essai.demande_deposee"


def test_un_refus_dit_sa_raison_et_n_ecrit_rien(nouveau, tout, agent):
    dossier = nouveau(complet=False)
    faire(dossier, "depot", tout)
    instructeur = agent("instructeur")
    cas = (
        ("instruire", instructeur, {}, "Il manque des pièces : complétez le dossier."),
        ("instruire", agent("guichet"), {}, "« Mise à l'instruction » est réservé à : instructeur, systeme."),
        (
            "completer",
            tout,
            {},
            "« Pièces reçues » est impossible au 11/03/2026 dans l'état « Déposé »"
            " (possible dans : « Incomplet »).",
        ),
        ("suspendre", tout, {"donnees": {"motif": " "}}, "« Motif » est obligatoire."),
        (
            "noter",
            tout,
            {"donnees": {"texte": 3, "le": "hier", "x": 1}},
            "Le champ « x » n'est pas prévu. « Texte » : un texte est attendu."
            " « Le » : une date (AAAA-MM-JJ) est attendue.",
        ),
        ("suspendre", tout, {"aujourdhui": JOUR}, "La date d'effet (11/03/2026) est dans l'avenir."),
    )
    for evenement, par, options, raison in cas:
        with pytest.raises(Refus) as e:
            faire(dossier, evenement, par, jours=1, **options)
        assert str(e.value) == raison
    assert Evenement.objects.count() == 1
    assert DossierEssai.objects.get(pk=dossier.pk).version == 1


def test_rien_avant_le_depot(nouveau, tout):
    dossier = nouveau()
    faire(dossier, "depot", tout, jours=2)
    with pytest.raises(Refus, match="le dossier n'existe pas encore à cette date"):
        faire(dossier, "instruire", tout, jours=1)


def test_une_garde_se_force_avec_un_motif_et_le_bon_role(nouveau, tout, agent):
    dossier = nouveau(complet=False)
    faire(dossier, "depot", tout)
    with pytest.raises(Refus) as sans:
        faire(dossier, "instruire", agent("instructeur"), forcer="Urgence")
    assert sans.value.forcables == ()
    with pytest.raises(Refus) as avec:
        faire(dossier, "instruire", tout, forcer=" ")
    assert avec.value.forcables == ("complet",)
    ligne = faire(dossier, "instruire", tout, forcer="Urgence")
    assert ligne.motif == "Urgence"
    assert ligne.forcages == [{"garde": "complet", "raison": "Il manque des pièces : complétez le dossier."}]
    assert dossier.etat == "en_cours"


def test_une_garde_sur_la_saisie_ne_vaut_qu_a_l_application(nouveau, tout):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    faire(dossier, "instruire", tout)
    with pytest.raises(Refus, match="moins de deux jours"):
        faire(dossier, "decider", tout, jours=1, donnees={"sens": "accord"})
    (decider,) = [a for a in actions_possibles(dossier, tout, JOUR) if a.type.code == "decider"]
    assert decider.possible
    faire(dossier, "decider", tout, jours=2, donnees={"sens": "refus", "montant": "12.50"})
    assert dossier.etat == "refuse"


def test_les_actions_disent_ce_qui_est_possible_et_pourquoi_non(nouveau, agent, tout):
    dossier = nouveau(complet=False)
    faire(dossier, "depot", tout)
    actions = {a.type.code: a for a in actions_possibles(dossier, agent("instructeur"), JOUR)}
    assert [c for c, a in actions.items() if a.possible] == ["demander_pieces", "suspendre", "noter"]
    assert actions["instruire"].raisons == ("Il manque des pièces : complétez le dossier.",)
    assert (actions["instruire"].ici, actions["instruire"].forcables) == (True, ())
    assert not actions["decider"].ici
    chef = {a.type.code: a for a in actions_possibles(dossier, tout, JOUR)}
    assert chef["instruire"].forcables == ("complet",)


def test_le_systeme_et_l_usager_ont_leurs_propres_evenements(nouveau, tout):
    dossier = nouveau()
    ligne = faire(dossier, "depot", usager("lien de suivi"))
    assert (ligne.auteur, ligne.par) == (None, "lien de suivi")
    with pytest.raises(Refus, match="réservé à"):
        faire(dossier, "instruire", usager("lien de suivi"))
    faire(dossier, "instruire", systeme("tâche de nuit"))
    with pytest.raises(ValueError, match="qualité"):
        Acteur()
    tout.is_active = False
    with pytest.raises(Refus, match="réservé à"):
        faire(dossier, "noter", tout, donnees={"texte": "x"})


def test_une_version_perimee_dit_qui_a_fait_quoi_et_quand(nouveau, tout, agent):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    faire(dossier, "instruire", agent("instructeur"))
    attendu = (
        r"a changé depuis .* : « Mise à l'instruction » par Agent instructeur"
        r" le \d\d/\d\d/\d{4} à \d\d:\d\d\. Rechargez"
    )
    with pytest.raises(ConflitEdition, match=attendu):
        faire(dossier, "noter", tout, version=1, donnees={"texte": "x"})  # fmt: skip
    with pytest.raises(ConflitEdition, match="n'est pas celle du dossier"):
        faire(dossier, "noter", tout, version=9, donnees={"texte": "x"})
    assert Evenement.objects.count() == 2


def test_un_formulaire_envoye_deux_fois_ne_fait_qu_un_evenement(nouveau, tout):
    dossier, cle = nouveau(), uuid4()
    premiere = faire(dossier, "depot", tout, cle=cle)
    assert faire(dossier, "depot", tout, cle=cle, version=0) == premiere
    assert (Evenement.objects.count(), dossier.version) == (1, 1)
    with pytest.raises(Refus, match="clé de saisie"):
        faire(nouveau(), "depot", tout, cle=cle)


def test_un_evenement_saisi_tard_prend_sa_place_et_tout_est_rejoue(nouveau, tout):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    faire(dossier, "noter", tout, jours=9, donnees={"texte": "appel"})
    apercu = simuler(
        dossier,
        "suspendre",
        par=tout,
        date_effet=JOUR + timedelta(5),
        donnees={"motif": "attente"},
        aujourdhui=JOUR + timedelta(9),
    )
    assert (apercu.avant.etat, apercu.apres.etat) == ("depose", "suspendu")
    assert Evenement.objects.count() == 2
    faire(dossier, "suspendre", tout, 5, JOUR + timedelta(9), donnees={"motif": "attente"})
    faire(dossier, "reprendre", tout, 8, JOUR + timedelta(9))
    assert dossier.etat == "depose"
    assert dossier.date_limite == JOUR + timedelta(DELAI + 3)
    assert rejouer(dossier).ecarts == {}


def test_un_evenement_tardif_ne_rend_pas_impossible_ce_qui_suit(nouveau, tout):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    faire(dossier, "instruire", tout, jours=5)
    with pytest.raises(Refus, match="rendrait impossible l'événement « Mise à l'instruction » du 15/03/2026"):
        faire(dossier, "suspendre", tout, 2, JOUR + timedelta(6), donnees={"motif": "x"})


def test_un_evenement_futur_attend_son_jour(nouveau, tout):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    faire(dossier, "noter", tout, 30, JOUR, donnees={"texte": "rendez-vous"})
    assert len([e for e in dossier.explication if e["regle"] == "Note"]) == 0
    assert rafraichir(dossier, JOUR + timedelta(30))
    assert len([e for e in dossier.explication if e["regle"] == "Note"]) == 1
    assert not rafraichir(dossier, JOUR + timedelta(31))
    assert (dossier.version, rejouer(dossier).ecarts) == (2, {})


def test_annuler_rend_l_etat_d_avant_et_garde_la_trace(nouveau, tout, agent):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    avant = (dossier.etat, dossier.dates, dossier.explication)
    ligne = faire(dossier, "suspendre", tout, jours=1, donnees={"motif": "x"})
    with pytest.raises(Refus, match="motif est obligatoire"):
        annuler_dernier(dossier, par=tout, version=2, motif=" ")
    with pytest.raises(Refus, match="réservée à : chef"):
        annuler_dernier(dossier, par=agent("guichet"), version=2, motif="Erreur")
    with pytest.raises(ConflitEdition):
        annuler_dernier(dossier, par=tout, version=1, motif="Erreur")
    annulation = annuler_dernier(dossier, par=tout, version=2, motif="Erreur", aujourdhui=JOUR)
    assert (dossier.etat, dossier.dates, dossier.explication) == avant
    ligne.refresh_from_db()
    assert (ligne.annule_par, annulation.motif, annulation.donnees) == (
        annulation,
        "Erreur",
        {"annule": ligne.pk},
    )
    assert Evenement.objects.count() == 3
    annuler_dernier(dossier, par=tout, version=3, motif="Tout reprendre")
    assert (dossier.etat, dossier.date_limite, dossier.numero) == ("", None, "ESS-25999-2026-0001")
    assert EvenementDomaine.objects.order_by("-id")[0].nom == "essai.demande_annulee"
    assert refus_annulation(dossier, tout) == "Il n'y a aucun événement à annuler."


def test_un_acte_signe_ne_s_annule_plus_mais_se_corrige(nouveau, tout):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    faire(dossier, "instruire", tout, jours=1)
    acte = faire(dossier, "decider", tout, jours=5, donnees={"sens": "accord"})
    plus_tard = JOUR + timedelta(9)
    with pytest.raises(Refus, match="« Décision » ne peut plus être annulé"):
        annuler_dernier(dossier, par=tout, version=3, motif="Erreur")
    with pytest.raises(Refus, match="moins de deux jours"):
        corriger(
            dossier, acte, par=tout, version=3, motif="Date", date_effet=JOUR + timedelta(1),
            aujourdhui=plus_tard,
        )  # fmt: skip
    corrige = corriger(
        dossier, acte, par=tout, version=3, motif="Date lue sur l'acte", date_effet=JOUR + timedelta(4),
        aujourdhui=plus_tard,
    )  # fmt: skip
    assert (corrige.donnees, corrige.motif, dossier.etat) == (
        {"sens": "accord"},
        "Date lue sur l'acte",
        "accorde",
    )
    with pytest.raises(Refus, match="annulé, ou n'est pas de ce dossier"):
        corriger(dossier, acte, par=tout, version=4, motif="Encore", aujourdhui=plus_tard)
    assert rejouer(dossier).ecarts == {}


def test_annuler_une_correction_ramene_l_evenement_corrige(nouveau, tout):
    dossier = nouveau()
    depot = faire(dossier, "depot", tout)
    corriger(
        dossier, depot, par=tout, version=1, motif="Cachet", date_effet=JOUR - timedelta(3), aujourdhui=JOUR
    )
    assert dossier.date_limite == JOUR + timedelta(DELAI - 3)
    annuler_dernier(dossier, par=tout, version=2, motif="Non", aujourdhui=JOUR)
    assert dossier.date_limite == JOUR + timedelta(DELAI)
    assert EvenementDomaine.objects.count() == 1
    assert rejouer(dossier).ecarts == {}


def test_en_masse_chaque_dossier_a_son_resultat(nouveau, tout, monkeypatch):
    bons = [nouveau(), nouveau()]
    incomplet, perime, casse = nouveau(complet=False), nouveau(), nouveau()
    for dossier in (*bons, incomplet, perime, casse):
        faire(dossier, "depot", tout)
    monkeypatch.setattr(service, "_ecrire", _qui_casse_sur(casse.pk, service._ecrire))
    lot = [(bons[0], 1), (incomplet, 1), (perime, 0), (casse, 1), (bons[1], 1)]
    resultats = appliquer_en_masse(lot, "instruire", par=tout, date_effet=JOUR, aujourdhui=JOUR)
    assert [r.dossier_id for r in resultats] == [d.pk for d, _ in lot]
    assert [r.evenement is not None for r in resultats] == [True, False, False, False, True]
    assert "Il manque des pièces" in resultats[1].erreur
    assert "a changé depuis" in resultats[2].erreur
    assert resultats[3].erreur.startswith("Erreur inattendue")
    assert [DossierEssai.objects.get(pk=d.pk).etat for d, _ in lot] == [
        "en_cours",
        *["depose"] * 3,
        "en_cours",
    ]


def _qui_casse_sur(pk, vrai):
    def ecrire(workflow, dossier, *args, **options):
        if dossier.pk == pk:
            raise RuntimeError("panne d'essai")
        return vrai(workflow, dossier, *args, **options)

    return ecrire


def test_le_rejeu_montre_un_cache_faux(nouveau, tout):
    dossier = nouveau()
    faire(dossier, "depot", tout)
    DossierEssai.objects.filter(pk=dossier.pk).update(etat="refuse", date_limite=JOUR)
    dossier.refresh_from_db()
    assert rejouer(dossier).ecarts == {
        "etat": ("refuse", "depose"),
        "date_limite": (JOUR, JOUR + timedelta(DELAI)),
    }


def test_enregistrer_un_vieil_objet_ne_reprend_pas_l_etat(nouveau, tout):
    dossier = nouveau()
    vieux = DossierEssai.objects.get(pk=dossier.pk)
    faire(dossier, "depot", tout)
    vieux.objet = "Clôture"
    vieux.save()
    dossier.refresh_from_db()
    assert (dossier.etat, dossier.version, dossier.objet) == ("depose", 1, "Clôture")
    assert dossier.date_limite == JOUR + timedelta(DELAI)


def test_un_etat_inconnu_est_refuse_par_la_base(nouveau):
    dossier = nouveau()
    with pytest.raises(IntegrityError), transaction.atomic():
        DossierEssai.objects.filter(pk=dossier.pk).update(etat="perdu")


@pytest.mark.parametrize(
    "requete",
    [
        "UPDATE mairie_evenement SET date_effet = date_effet - 1",
        "UPDATE mairie_evenement SET donnees = '{\"a\": 1}'",
        "UPDATE mairie_evenement SET annule_par_id = NULL",
        f"UPDATE mairie_evenement SET annule_par_id = {FIN}, motif = 'x'",
        f"UPDATE mairie_evenement SET annule_par_id = {FIN} WHERE version = 1",
        "UPDATE mairie_evenement SET annule_par_id = id WHERE version = 2",
        "DELETE FROM mairie_evenement",
    ],
)
def test_le_journal_ne_se_modifie_ni_ne_s_efface(nouveau, tout, requete):
    dossier, autre = nouveau(), nouveau()
    faire(dossier, "depot", tout)
    faire(dossier, "instruire", tout)
    faire(autre, "depot", tout)
    avant = list(Evenement.objects.order_by("id").values())
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(requete)
    assert list(Evenement.objects.order_by("id").values()) == avant


@pytest.mark.parametrize(
    "faux",
    [
        {"version": 1},
        {"version": 0},
        {"type": "Dépôt"},
        {"au_nom_de": "x"},
        {"auteur_id": None},
        {"type": "annulation_evenement"},
    ],
)
def test_la_base_refuse_une_ligne_mal_formee(nouveau, tout, faux):
    dossier = nouveau()
    champs = Evenement.objects.values().get(pk=faire(dossier, "depot", tout).pk)
    del champs["id"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Evenement.objects.create(**champs | {"version": 2} | faux)


SAISIES = {
    "suspendre": {"motif": "x"},
    "noter": {"texte": "x"},
    "decider": {"sens": "accord"},
    "demander_pieces": {"pieces": ["plan"]},
}
GESTES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12), st.integers(0, 3)), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gestes=GESTES)
def test_le_rejeu_du_journal_donne_l_etat_garde(nouveau, tout, gestes):
    """Random legal sequences: events at random days, entered in any order, with undoing among them."""
    with transaction.atomic():
        dossier = nouveau()
        faire(dossier, "depot", tout)
        fin = JOUR + timedelta(20)
        for choix, jours, annuler in gestes:
            avant = (dossier.etat, dossier.dates, dossier.version)
            try:
                if annuler == 0:
                    annuler_dernier(dossier, par=tout, version=dossier.version, motif="x", aujourdhui=fin)
                else:
                    possibles = [a.type.code for a in actions_possibles(dossier, tout, fin) if a.possible]
                    code = possibles[choix % len(possibles)] if possibles else "depot"
                    faire(dossier, code, tout, jours, fin, donnees=SAISIES.get(code, {}))
            except Refus:
                dossier.refresh_from_db()
                assert (dossier.etat, dossier.dates, dossier.version) == avant
            assert rejouer(dossier).ecarts == {}
            assert Evenement.objects.filter(dossier_id=dossier.pk).count() == dossier.version
        transaction.set_rollback(True)
