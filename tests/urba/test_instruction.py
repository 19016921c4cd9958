"""The log of a request read by the rules and by the circuit: pure, without database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mairie.workflow.modele import Fait, Incoherent, Situation
from tests.urba.outils_urba import VECTEURS, traiter
from urba.instruction import lecture
from urba.instruction.etats import libelle_etat
from urba.regles.tables_delais import CODES_MAJORATIONS
from urba.workflow import INSTRUCTION_URBA

SAISI = datetime(2026, 1, 1, tzinfo=UTC)
INITIAL = lecture.Contexte("INITIAL")
DEPOT = date(2026, 3, 2)


def journal(*lignes: tuple[str, str, dict[str, Any] | None]) -> list[Fait]:
    """A log from (type, day, data), in the order of the engine."""
    faits = [
        Fait(i, type_, date.fromisoformat(jour), SAISI, donnees or {})
        for i, (type_, jour, donnees) in enumerate(lignes, start=1)
    ]
    return sorted(faits, key=lambda f: (f.date_effet, f.id))


def situation(faits: Sequence[Fait], jour: str, contexte: lecture.Contexte = INITIAL) -> Situation:
    return INSTRUCTION_URBA.situation(faits, contexte, date.fromisoformat(jour))


def depot(type_: str = "PCMI") -> tuple[str, str, dict[str, Any]]:
    return ("depot", "2026-03-02", {"type_detail": type_})


def qualification(
    type_: str = "PCMI", le: str = "2026-03-04", **plus: Any
) -> tuple[str, str, dict[str, Any]]:
    return ("qualification", "2026-03-04", {"type_detail": type_, **plus})


ABF = {"majorations": [{"code": "ABF_ABORDS_SPR"}]}
PIECES = {"pieces": [{"code": "PCMI2", "exigible": True}, {"code": "PCMI7", "exigible": True}]}


def test_le_depot_donne_les_dates_de_base():
    s = situation(journal(depot()), "2026-03-02")
    assert s.etat == "a_qualifier"
    assert s.dates["date_limite"] == date(2026, 5, 2)
    assert s.dates["fin_fenetre_un_mois"] == date(2026, 4, 2)
    assert s.calculs["decision_implicite"] == "permis_tacite"
    assert s.explication[0].article == "R.423-23 b"


def test_une_majoration_notifiee_a_temps_allonge_et_une_tardive_non():
    a_temps = journal(depot(), qualification(**ABF), ("notification_majoration", "2026-04-02", ABF))
    assert situation(a_temps, "2026-04-03").dates["date_limite"] == date(2026, 6, 2)
    tard = journal(depot(), qualification(**ABF), ("notification_majoration", "2026-04-03", ABF))
    s = situation(tard, "2026-04-03")
    assert s.dates["date_limite"] == date(2026, 5, 2)
    assert s.dates["date_limite_notifiee"] == date(2026, 6, 2)
    assert {"MAJORATION_TARDIVE", "DATES_DIVERGENTES"} <= set(s.calculs["alertes"])


def test_une_majoration_seulement_declaree_n_allonge_rien():
    s = situation(journal(depot(), qualification(**ABF)), "2026-03-10")
    assert s.dates["date_limite"] == date(2026, 5, 2)
    assert "MAJORATION_NON_NOTIFIEE" in s.calculs["alertes"]


def incomplet(*suite: tuple[str, str, dict[str, Any] | None]) -> list[Fait]:
    return journal(depot(), qualification(), ("demande_pieces", "2026-03-12", PIECES), *suite)


def test_la_demande_de_pieces_arrete_l_horloge_a_sa_presentation():
    assert situation(incomplet(), "2026-03-13").etat == "incomplet"
    assert situation(incomplet(), "2026-03-13").dates["date_limite"] == date(2026, 5, 2)
    s = situation(incomplet(("notification_pieces", "2026-03-16", None)), "2026-03-16")
    assert s.etat == "incomplet_notifie"
    assert (s.dates["date_limite"], s.dates["date_limite_pieces"]) == (None, date(2026, 6, 16))


@pytest.mark.parametrize(("le", "etat"), [("2026-04-02", "incomplet_notifie"), ("2026-04-03", "en_cours")])
def test_une_demande_presentee_apres_la_fenetre_est_sans_effet(le, etat):
    s = situation(incomplet(("notification_pieces", le, None)), le)
    assert s.etat == etat
    assert ("DEMANDE_PIECES_TARDIVE" in s.calculs["alertes"]) is (etat == "en_cours")


def test_des_pieces_en_partie_ne_changent_rien_et_la_derniere_fait_repartir_le_delai():
    partie = [
        ("notification_pieces", "2026-03-16", None),
        ("depot_pieces", "2026-03-20", {"pieces": ["PCMI2"]}),
    ]
    assert situation(incomplet(*partie), "2026-03-20").etat == "incomplet_notifie"
    s = situation(incomplet(*partie, ("depot_pieces", "2026-04-10", {"pieces": ["PCMI7"]})), "2026-04-10")
    assert s.etat == "en_cours"
    assert (s.dates["date_completude"], s.dates["date_limite"]) == (date(2026, 4, 10), date(2026, 6, 10))


@pytest.mark.parametrize(("le", "etat"), [("2026-06-16", "en_cours"), ("2026-06-17", "incomplet_notifie")])
def test_trois_mois_pour_completer_puis_rejet_tacite(le, etat):
    faits = incomplet(
        ("notification_pieces", "2026-03-16", None), ("depot_pieces", le, {"pieces": ["PCMI2", "PCMI7"]})
    )
    s = situation(faits, le)
    assert s.etat == etat
    if etat == "incomplet_notifie":
        assert s.dates["date_decision_implicite"] == date(2026, 6, 17)
        assert s.calculs["decision_implicite"] == "rejet_tacite"
        assert "PIECES_COMPLETEES_TARDIVEMENT" in s.calculs["alertes"]
        clos = situation([*faits, *journal(("constat_rejet", "2026-06-17", None))], "2026-06-20")
        assert clos.etat == "rejet_tacite"
        assert clos.dates["date_decision"] == date(2026, 6, 17)


def test_une_nouvelle_demande_remplace_la_premiere():
    faits = incomplet(
        ("notification_pieces", "2026-03-16", None),
        ("nouvelle_demande_pieces", "2026-03-18", {"pieces": [{"code": "PCMI4", "exigible": True}]}),
        ("notification_pieces", "2026-03-20", None),
        ("depot_pieces", "2026-03-25", {"pieces": ["PCMI4"]}),
    )
    s = situation(faits, "2026-03-25")
    assert s.etat == "en_cours"
    assert s.dates["date_completude"] == date(2026, 3, 25)


def test_une_lettre_electronique_non_lue_est_reputee_recue_quinze_jours_apres():
    lettre = {"mode": "electronique", "envoyee_le": "2026-03-12"}
    s = situation(incomplet(("notification_pieces", "2026-03-12", lettre)), "2026-03-12")
    assert s.dates["date_limite_pieces"] == date(2026, 6, 27)
    assert "FICTION_ELECTRONIQUE" in s.calculs["alertes"]
    lue = {**lettre, "consultee_le": "2026-03-14"}
    s = situation(incomplet(("notification_pieces", "2026-03-14", lue)), "2026-03-14")
    assert s.dates["date_limite_pieces"] == date(2026, 6, 14)


def decide(notifiee: str, sens: str = "accord", type_: str = "PCMI") -> list[Fait]:
    return journal(
        depot(type_),
        qualification(type_),
        ("rapport_pret", "2026-04-20", None),
        ("finaliser_decision", "2026-04-21", {"sens": sens, "motifs": "x", "prescriptions": "y"}),
        ("signature", "2026-04-28", None),
        ("notification_decision", notifiee, None),
    )


@pytest.mark.parametrize(
    ("sens", "etat"),
    [
        ("accord", "accorde"),
        ("accord_prescriptions", "accorde_prescriptions"),
        ("refus", "refuse"),
        ("sursis", "sursis"),
    ],
)
def test_la_decision_notifiee_le_dernier_jour_l_emporte(sens, etat):
    s = situation(decide("2026-05-02", sens), "2026-05-02")
    assert s.etat == etat
    assert s.dates["date_decision_implicite"] is None
    assert s.dates["date_decision"] == date(2026, 4, 28)


@pytest.mark.parametrize("sens", ["accord", "refus"])
def test_notifiee_le_lendemain_le_silence_avait_parle(sens):
    s = situation(decide("2026-05-03", sens), "2026-05-03")
    assert s.etat == "accord_tacite"
    assert s.dates["date_decision"] == date(2026, 5, 3)
    assert s.calculs["retrait_requis"]
    assert "DECISION_APRES_DECISION_IMPLICITE" in s.calculs["alertes"]


def test_validite_et_recours_courent_de_la_notification():
    s = situation(decide("2026-05-02"), "2026-05-02")
    assert s.dates["validite_fin"] == date(2029, 5, 2)
    assert s.dates["retrait_limite"] == date(2026, 7, 28)
    assert s.dates["transmission_limite"] == date(2026, 5, 13)


def test_l_accord_tacite_se_constate_a_sa_date():
    faits = journal(depot(), qualification(), ("constat_tacite", "2026-05-03", None))
    s = situation(faits, "2026-05-20")
    assert s.etat == "accord_tacite"
    assert s.dates["validite_fin"] == date(2029, 5, 3)
    assert libelle_etat(s.etat, "DP") == "non-opposition tacite"


def test_un_avis_conforme_defavorable_de_l_abf_retourne_le_silence_d_un_permis():
    faits = journal(
        depot(),
        qualification(),
        ("consulter", "2026-03-05", {"service": "ABF"}),
        ("avis_recu", "2026-04-10", {"service": "ABF", "sens": "defavorable", "accord": True}),
    )
    assert situation(faits, "2026-04-10").calculs["decision_implicite"] == "rejet_tacite"
    dp = journal(
        depot("DP"),
        qualification("DP"),
        ("consulter", "2026-03-05", {"service": "ABF"}),
        ("avis_recu", "2026-03-20", {"service": "ABF", "sens": "defavorable", "accord": True}),
    )
    s = situation(dp, "2026-03-20")
    assert s.calculs["decision_implicite"] == "non_opposition_tacite"
    assert "DP_ABF_SANS_EFFET_SUR_SILENCE" in s.calculs["alertes"]


def test_le_chantier_et_l_achevement_changent_l_autorisation():
    faits = [
        *decide("2026-05-02"),
        *journal(("doc", "2026-09-01", None), ("daact", "2027-06-01", {"partielle": False})),
    ]
    assert situation(faits, "2026-09-01").calculs["etat_autorisation"] == "chantier_ouvert"
    assert situation(faits, "2027-06-01").calculs["etat_autorisation"] == "acheve"
    assert situation(faits, "2027-09-02").calculs["etat_autorisation"] == "conforme"


def test_le_chantier_commence_a_sa_premiere_tranche():
    tranches = journal(("doc", "2028-09-01", {"tranche": "1"}), ("doc", "2030-01-10", {"tranche": "2"}))
    s = situation([*decide("2026-05-02"), *tranches], "2030-02-01")
    assert s.calculs["etat_autorisation"] == "chantier_ouvert"
    assert "DOC_APRES_PEREMPTION" not in s.calculs["alertes"]
    assert s.dates["peremption_le"] is None


def test_un_chantier_repris_apres_un_arret_ne_perime_pas():
    faits = [
        *decide("2026-05-02"),
        *journal(("doc", "2028-09-01", None), ("interruption_travaux", "2029-01-10", None)),
    ]
    assert situation(faits, "2029-02-01").dates["peremption_le"] == date(2030, 5, 3)
    repris = [*faits, *journal(("doc", "2029-06-01", {"tranche": "2"}))]
    assert situation(repris, "2029-07-01").dates["peremption_le"] is None


def test_le_premier_affichage_de_deux_mois_fait_courir_le_recours_des_tiers():
    affichages = (("2026-05-11", "2026-06-01"), ("2026-06-10", "2026-08-10"), ("2026-12-01", None))
    faits = [
        *decide("2026-05-02"),
        *journal(*(("affichage_terrain", le, {"fin": fin} if fin else {}) for le, fin in affichages)),
    ]
    # The first was interrupted, the last changes nothing: 10 June, two clear months.
    assert situation(faits, "2027-01-10").dates["recours_tiers_limite"] == date(2026, 8, 11)


def test_une_prorogation_en_attente_puis_acquise():
    faits = [
        *decide("2026-05-02"),
        *journal(("prorogation_demandee", "2029-02-01", {"numero": "PC0259992600001PRO01"})),
    ]
    s = situation(faits, "2029-04-02")
    assert s.dates["validite_fin"] == date(2030, 5, 2)


def test_ce_qui_n_est_pas_encore_effectif_attend_son_jour():
    s = situation(decide("2026-05-02"), "2026-04-25")
    assert s.etat == "en_signature"


def test_un_evenement_impossible_a_sa_place_est_dit():
    with pytest.raises(Incoherent):
        situation(journal(depot(), ("signature", "2026-03-03", None)), "2026-03-03")


# --- properties ---------------------------------------------------------------------------------

CODES = st.lists(st.sampled_from(sorted(CODES_MAJORATIONS)), unique=True, max_size=4)
JOURS = st.integers(0, 60)


def _le(n: int) -> str:
    return (DEPOT + timedelta(n)).isoformat()


@st.composite
def journaux(draw: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Legal logs before the decision, in the order of their days."""
    type_ = draw(st.sampled_from(["DP", "PD", "PCMI", "PC", "PA"]))
    lignes = [("depot", _le(0), {"type_detail": type_})]
    q = draw(st.integers(0, 5))
    declarees = [{"code": c, "fondee": draw(st.booleans())} for c in draw(CODES)]
    lignes.append(("qualification", _le(q), {"type_detail": type_, "majorations": declarees}))
    lignes += [
        ("notification_majoration", _le(q + draw(JOURS)), {"majorations": [m]})
        for m in declarees
        if draw(st.booleans())
    ]
    if draw(st.booleans()):
        d = q + draw(st.integers(0, 30))
        lignes.append(("demande_pieces", _le(d), {"pieces": [{"code": "X1"}, {"code": "X2"}]}))
        if draw(st.booleans()):
            n = d + draw(st.integers(0, 10))
            lignes.append(("notification_pieces", _le(n), {}))
    return lignes


@given(journaux(), st.randoms())
def test_l_ordre_de_saisie_ne_change_rien(lignes, hasard):
    """Same days, entered in any order (of those the engine allows on one day): same dates."""
    jours = [ligne[1] for ligne in lignes]
    if len(set(jours)) < len(jours):
        return
    melange = list(lignes)
    hasard.shuffle(melange)
    jour = _le(400)
    assert situation(journal(*lignes), jour) == situation(journal(*melange), jour)


@given(journaux(), st.sampled_from(sorted(set(CODES_MAJORATIONS) - {"ENQUETE_PUBLIQUE"})))
def test_une_majoration_de_plus_n_abrege_jamais(lignes, code):
    plus = [*lignes, ("notification_majoration", _le(28), {"majorations": [{"code": code, "fondee": True}]})]
    avant, apres = (lecture.delai(journal(*x), INITIAL) for x in (lignes, plus))
    assert apres.delai_mois >= avant.delai_mois or "ENQUETE_PUBLIQUE" in str(lignes)
    if avant.date_limite and apres.date_limite and "ENQUETE_PUBLIQUE" not in str(lignes):
        assert apres.date_limite >= avant.date_limite


def _en_journal(cas: dict[str, Any]) -> list[Fait] | None:
    """A vector of the rules written as a log; null where a log cannot say it."""
    lignes: list[tuple[str, str, dict[str, Any]]] = [
        ("depot", cas["depot"], {"type_detail": cas["type"].upper()})
    ]
    declarees = [{"code": m["code"], "fondee": m.get("fondee", True)} for m in cas.get("majorations", [])]
    if len({m["code"] for m in declarees}) < len(declarees):
        return None
    lignes.append(
        (
            "qualification",
            cas["depot"],
            {
                "type_detail": cas["type"].upper(),
                "majorations": declarees,
                "drapeaux": cas.get("drapeaux", []),
            },
        )
    )

    def lettre(x: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
        if x.get("mode") == "electronique":
            if not x.get("envoyee_le"):
                return None
            d = {k: x[k] for k in ("mode", "envoyee_le", "consultee_le") if x.get(k)}
            return x.get("consultee_le") or x["envoyee_le"], d
        return (x["notifiee_le"], {}) if x.get("notifiee_le") else None

    for m, d in zip(cas.get("majorations", []), declarees, strict=True):
        if (dit := lettre(m)) is not None:
            lignes.append(("notification_majoration", dit[0], {"majorations": [d], **dit[1]}))
    pieces = cas.get("pieces", [])
    if len(pieces) > 1:
        return None
    for p in pieces:
        dit = lettre(p)
        lignes.append(
            (
                "demande_pieces",
                cas["depot"],
                {"pieces": [{"code": "X1", "exigible": p.get("exigible", True)}]},
            )
        )
        if dit is not None:
            lignes.append(("notification_pieces", dit[0], dit[1]))
        if p.get("completees_le"):
            lignes.append(("depot_pieces", p["completees_le"], {"pieces": ["X1"]}))
    for p in cas.get("prolongations", []):
        dit = lettre(p)
        if dit is None:
            return None
        lignes.append(("notification_prolongation", dit[0], {"code": p["code"], **dit[1]}))
    if avis := cas.get("avis_abf"):
        lignes.append(
            (
                "avis_recu",
                avis["notifie_le"],
                {"service": "ABF", **{k: avis[k] for k in avis if k != "notifie_le"}},
            )
        )
    if rapport := (cas.get("enquete_publique") or {}).get("rapport_recu_le"):
        lignes.append(("rapport_enquete", rapport, {}))
    if le := cas.get("decision_notifiee_le"):
        lignes.append(("notification_decision", le, {}))
    return journal(*lignes)


CHAMPS_DATES = (
    "delai_mois",
    "fin_fenetre_un_mois",
    "date_completude",
    "date_limite",
    "date_limite_notifiee",
    "date_limite_pieces",
    "decision_implicite",
    "date_decision_implicite",
)
CAS = [
    pytest.param(v["entree"], id=v["nom"])
    for v in VECTEURS
    if v["commande"] == "calculer_delai" and isinstance(v["entree"], dict) and "erreur" not in v["attendu"]
]


def test_assez_de_vecteurs_se_disent_en_journal():
    assert sum(_en_journal(c.values[0]) is not None for c in CAS) > len(CAS) * 0.7


@pytest.mark.parametrize("cas", CAS)
def test_un_vecteur_dit_en_journal_donne_les_memes_dates(cas):
    faits = _en_journal(cas)
    if faits is None:
        return
    contexte = lecture.Contexte(cas.get("nature", "INITIAL"))
    jour = cas.get("a_la_date")
    obtenu = lecture.delai(faits, contexte, date.fromisoformat(jour) if jour else None)
    attendu = traiter("calculer_delai", cas)
    for champ in CHAMPS_DATES:
        valeur = getattr(obtenu, champ)
        lu = valeur.isoformat() if isinstance(valeur, date) else valeur
        assert lu == attendu[champ], champ
    assert sorted(obtenu.alertes) == attendu["alertes"]
