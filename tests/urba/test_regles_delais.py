"""Rules of the instruction delay: both sides of each threshold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.urba.outils_urba import calcul

ABF = "ABF_ABORDS_SPR"


def maj(code: str, le: str | None, **champs: Any) -> dict[str, Any]:
    return {"code": code, "notifiee_le": le, **champs}


class TestMajorations:
    @pytest.mark.parametrize(("le", "mois"), [("2025-03-15", 3), ("2025-03-16", 2)])
    def test_fenetre_d_un_mois(self, le: str, mois: int) -> None:
        resultat = calcul("PCMI", "2025-02-15", majorations=[maj(ABF, le)])
        assert resultat["delai_mois"] == mois
        assert resultat["date_limite_notifiee"] == "2025-05-15"
        assert resultat["alertes"] == ([] if mois == 3 else ["DATES_DIVERGENTES", "MAJORATION_TARDIVE"])

    def test_fenetre_d_un_depot_le_31(self) -> None:
        assert calcul("PC", "2025-01-31", majorations=[maj(ABF, "2025-02-28")])["delai_mois"] == 4
        assert calcul("PC", "2025-01-31", majorations=[maj(ABF, "2025-03-01")])["delai_mois"] == 3

    def test_seule_la_plus_longue_compte(self) -> None:
        deux = [maj(ABF, "2026-03-20"), maj("CDPENAF", "2026-03-20")]
        assert calcul("PC", "2026-03-10", majorations=deux)["delai_mois"] == 4
        assert calcul("PC", "2026-03-10", majorations=[*deux, maj("CDAC", "2026-03-20")])["delai_mois"] == 5
        portee = [*deux, maj("CDAC", "2026-03-20"), maj("DEFRICHEMENT_ENQUETE", "2026-03-20")]
        assert calcul("PC", "2026-03-10", majorations=portee)["delai_mois"] == 7
        assert calcul("PC", "2026-03-10", majorations=[maj("DEFRICHEMENT", "2026-03-20")])["delai_mois"] == 3

    def test_non_notifiee(self) -> None:
        resultat = calcul("PC", "2026-03-10", majorations=[maj(ABF, None, fondee=False)])
        assert resultat["alertes"] == ["MAJORATION_NON_NOTIFIEE"]
        assert resultat["date_limite_notifiee"] == resultat["date_limite"] == "2026-06-10"

    def test_non_fondee_et_tardive_a_la_fois(self) -> None:
        resultat = calcul("PC", "2026-03-10", majorations=[maj(ABF, "2026-04-11", fondee=False)])
        assert resultat["alertes"] == ["DATES_DIVERGENTES", "MAJORATION_NON_FONDEE", "MAJORATION_TARDIVE"]
        assert resultat["date_limite_notifiee"] == "2026-07-10"

    @pytest.mark.parametrize(
        ("type_", "nature"), [("PC", "TRANSFERT"), ("PC", "PROROGATION"), ("CUB", "INITIAL")]
    )
    def test_pas_de_majoration_hors_dp_et_permis(self, type_: str, nature: str) -> None:
        resultat = calcul(type_, "2026-03-10", nature=nature, majorations=[maj(ABF, "2026-03-20")])
        assert "MAJORATION_INAPPLICABLE" in resultat["alertes"]
        assert resultat["date_limite"] == resultat["date_limite_notifiee"]

    def test_un_modificatif_se_majore(self) -> None:
        resultat = calcul("PCMI", "2026-03-10", nature="MODIFICATIF", majorations=[maj(ABF, "2026-03-20")])
        assert resultat["delai_mois"] == 3

    def test_inactive_avant_hors_vigueur_et_non_notifiee(self) -> None:
        resultat = calcul("DP", "2026-03-10", majorations=[maj("COEUR_PARC", None)])
        assert resultat["alertes"] == ["DP_SILENCE_FAVORABLE", "MAJORATION_INACTIVE"]
        avant = calcul("DP", "2021-03-10", majorations=[maj("PPVE_L123_19", None)])
        assert avant["alertes"] == ["MAJORATION_HORS_VIGUEUR"]


class TestEnquete:
    ENQUETE = maj("ENQUETE_PUBLIQUE", "2026-02-01")

    def test_deux_mois_quoi_qu_il_arrive(self) -> None:
        resultat = calcul(
            "PC",
            "2026-01-15",
            majorations=[self.ENQUETE, maj("DEFRICHEMENT_ENQUETE", "2026-02-01")],
            enquete_publique={"rapport_recu_le": "2026-06-30"},
        )
        assert (resultat["delai_mois"], resultat["date_limite"]) == (2, "2026-08-30")

    def test_depart_au_plus_tard_du_rapport_et_de_la_completude(self) -> None:
        pieces = [{"notifiee_le": "2026-02-01", "completees_le": "2026-04-20"}]
        for rapport, depart in (("2026-04-19", "2026-04-20"), ("2026-04-21", "2026-04-21")):
            resultat = calcul(
                "PC",
                "2026-01-15",
                majorations=[self.ENQUETE],
                pieces=pieces,
                enquete_publique={"rapport_recu_le": rapport},
            )
            assert (resultat["depart"], resultat["date_completude"]) == (depart, "2026-04-20")

    def test_dossier_incomplet_le_rapport_n_est_pas_encore_attendu(self) -> None:
        resultat = calcul(
            "PC", "2026-01-15", majorations=[self.ENQUETE], pieces=[{"notifiee_le": "2026-02-01"}]
        )
        assert "ENQUETE_RAPPORT_ATTENDU" not in resultat["alertes"]
        assert resultat["date_decision_implicite"] == "2026-05-02"
        assert (resultat["depart"], resultat["date_completude"]) == (None, None)

    def test_rapport_attendu(self) -> None:
        resultat = calcul("PC", "2026-01-15", majorations=[self.ENQUETE], a_la_date="2026-02-10")
        assert resultat["alertes"] == ["ENQUETE_RAPPORT_ATTENDU"]
        assert resultat["date_completude"] == "2026-01-15"
        assert resultat["depart"] is None and resultat["jours_restants"] is None
        assert resultat["delai_mois"] == 2

    def test_enquete_annoncee_trop_tard(self) -> None:
        resultat = calcul("PC", "2026-01-15", majorations=[maj("ENQUETE_PUBLIQUE", "2026-02-16")])
        assert (resultat["date_limite"], resultat["date_limite_notifiee"]) == ("2026-04-15", None)
        assert resultat["decision_implicite"] == "rejet_tacite"
        assert resultat["alertes"] == ["DATES_DIVERGENTES", "MAJORATION_TARDIVE"]

    def test_sans_majoration_le_rapport_n_a_pas_d_effet(self) -> None:
        resultat = calcul("PC", "2026-01-15", enquete_publique={"rapport_recu_le": "2026-06-30"})
        assert (resultat["depart"], resultat["date_limite"]) == ("2026-01-15", "2026-04-15")


class TestPieces:
    @pytest.mark.parametrize(("le", "retenue"), [("2026-02-12", True), ("2026-02-13", False)])
    def test_fenetre_d_un_mois(self, le: str, retenue: bool) -> None:
        resultat = calcul("PCMI", "2026-01-12", pieces=[{"notifiee_le": le}])
        assert (resultat["date_limite"] is None) == retenue
        assert ("DEMANDE_PIECES_TARDIVE" in resultat["alertes"]) != retenue

    @pytest.mark.parametrize(
        ("le", "limite", "alertes"),
        [
            ("2026-05-12", "2026-07-12", []),
            ("2026-05-13", None, ["PIECES_COMPLETEES_TARDIVEMENT"]),
        ],
    )
    def test_trois_mois_pour_completer(self, le: str, limite: str | None, alertes: list[str]) -> None:
        pieces = [{"notifiee_le": "2026-02-12", "completees_le": le}]
        resultat = calcul("PCMI", "2026-01-12", pieces=pieces)
        assert resultat["date_limite_pieces"] == "2026-05-12"
        assert (resultat["date_limite"], resultat["alertes"]) == (limite, alertes)
        if limite is None:
            assert resultat["decision_implicite"] == "rejet_tacite"
            assert resultat["date_decision_implicite"] == "2026-05-13"
            assert resultat["date_completude"] is None

    def test_trois_mois_d_une_fin_de_mois(self) -> None:
        resultat = calcul("PC", "2025-11-15", pieces=[{"notifiee_le": "2025-11-30"}])
        assert resultat["date_limite_pieces"] == "2026-02-28"

    def test_dp_incomplete_le_silence_est_une_opposition(self) -> None:
        resultat = calcul("DP", "2026-01-12", pieces=[{"notifiee_le": "2026-01-20"}])
        assert resultat["decision_implicite"] == "opposition_tacite"
        assert resultat["date_decision_implicite"] == "2026-04-21"

    def test_la_derniere_demande_remplace_les_autres(self) -> None:
        complete = {"notifiee_le": "2026-01-20", "completees_le": "2026-02-01"}
        resultat = calcul("PCMI", "2026-01-12", pieces=[{"notifiee_le": "2026-02-02"}, complete])
        assert (resultat["date_limite_pieces"], resultat["date_limite"]) == ("2026-05-02", None)
        assert resultat["alertes"] == ["DEMANDE_PIECES_REMPLACEE"]

    def test_le_meme_jour_la_derniere_de_la_liste(self) -> None:
        un, deux = {"notifiee_le": "2026-01-20", "completees_le": "2026-02-01"}, {"notifiee_le": "2026-01-20"}
        assert calcul("PC", "2026-01-12", pieces=[un, deux])["date_limite"] is None
        assert calcul("PC", "2026-01-12", pieces=[deux, un])["date_limite"] == "2026-05-01"

    def test_une_demande_sans_effet_ne_remplace_pas(self) -> None:
        bonne = {"notifiee_le": "2026-01-20", "completees_le": "2026-02-01"}
        resultat = calcul(
            "PC", "2026-01-12", pieces=[bonne, {"notifiee_le": "2026-02-01", "exigible": False}]
        )
        assert resultat["date_limite"] == "2026-05-01"
        assert resultat["date_limite_notifiee"] is None
        assert resultat["alertes"] == ["DATES_DIVERGENTES", "PIECE_NON_EXIGIBLE"]

    def test_tardive_et_non_exigible_a_la_fois(self) -> None:
        resultat = calcul("PC", "2026-01-12", pieces=[{"notifiee_le": "2026-02-13", "exigible": False}])
        assert resultat["alertes"] == ["DATES_DIVERGENTES", "DEMANDE_PIECES_TARDIVE", "PIECE_NON_EXIGIBLE"]

    def test_non_notifiee(self) -> None:
        resultat = calcul("PC", "2026-01-12", pieces=[{"exigible": False, "completees_le": "2026-02-01"}])
        assert resultat["alertes"] == ["DEMANDE_PIECES_NON_NOTIFIEE"]
        assert resultat["date_limite"] == resultat["date_limite_notifiee"] == "2026-04-12"

    @pytest.mark.parametrize(
        ("type_", "nature"), [("PC", "TRANSFERT"), ("DP", "PROROGATION"), ("CUA", "INITIAL")]
    )
    def test_sans_regime_d_incompletude(self, type_: str, nature: str) -> None:
        resultat = calcul(type_, "2026-01-12", nature=nature, pieces=[{"notifiee_le": "2026-01-20"}, {}])
        assert resultat["alertes"] == ["DEMANDE_PIECES_SANS_EFFET"]
        assert resultat["date_limite"] == resultat["date_limite_notifiee"] is not None

    def test_le_delai_majore_repart_en_entier(self) -> None:
        resultat = calcul(
            "PC",
            "2025-10-31",
            majorations=[maj(ABF, "2025-11-25")],
            pieces=[{"notifiee_le": "2025-11-20", "completees_le": "2025-11-30"}],
        )
        assert resultat["date_limite"] == "2026-03-30"


class TestLettresElectroniques:
    @pytest.mark.parametrize(
        ("consultee", "pieces_jusqu_au", "fiction"),
        [
            ("2026-03-10", "2026-06-10", False),
            ("2026-03-25", "2026-06-25", False),
            ("2026-03-26", "2026-06-25", True),
            (None, "2026-06-25", True),
        ],
    )
    def test_consultation_ou_quinze_jours(
        self, consultee: str | None, pieces_jusqu_au: str, fiction: bool
    ) -> None:
        lettre = {"mode": "electronique", "envoyee_le": "2026-03-10", "consultee_le": consultee}
        resultat = calcul("DP", "2026-03-02", pieces=[lettre])
        assert resultat["date_limite_pieces"] == pieces_jusqu_au
        assert ("FICTION_ELECTRONIQUE" in resultat["alertes"]) == fiction

    def test_la_fiction_peut_faire_perdre_la_fenetre(self) -> None:
        for envoi, mois in (("2026-03-18", 2), ("2026-03-19", 1)):
            lettre = {"code": ABF, "mode": "electronique", "envoyee_le": envoi}
            resultat = calcul("DP", "2026-03-02", majorations=[lettre])
            assert resultat["delai_mois"] == mois and "FICTION_ELECTRONIQUE" in resultat["alertes"]

    def test_fiction_dite_quoi_que_devienne_la_lettre(self) -> None:
        lettre = {"mode": "electronique", "envoyee_le": "2026-03-10"}
        for champs in (
            {"majorations": [{"code": ABF, **lettre}]},
            {"pieces": [lettre]},
            {"prolongations": [{"code": "CNAC", **lettre}]},
        ):
            assert "FICTION_ELECTRONIQUE" in calcul("CUA", "2026-03-02", **champs)["alertes"]

    def test_sans_envoi_pas_de_notification(self) -> None:
        resultat = calcul("DP", "2026-03-02", pieces=[{"mode": "electronique"}])
        assert resultat["alertes"] == ["DEMANDE_PIECES_NON_NOTIFIEE"]


class TestProlongations:
    def test_dans_l_ordre_de_notification(self) -> None:
        recours = {"code": "ABF_RECOURS", "notifiee_le": "2026-04-20"}
        evocation = {"code": "EVOCATION", "notifiee_le": "2026-05-20"}
        for ordre in ([recours, evocation], [evocation, recours]):
            assert calcul("PC", "2026-03-10", prolongations=ordre)["delai_mois"] == 8
        avant = {"code": "EVOCATION", "notifiee_le": "2026-04-19"}
        resultat = calcul("PC", "2026-03-10", prolongations=[recours, avant])
        assert (resultat["delai_mois"], resultat["date_limite"]) == (10, "2027-01-10")
        assert resultat["decision_implicite"] == "rejet_tacite"

    def test_le_meme_jour_dans_l_ordre_des_codes(self) -> None:
        deux = [{"code": c, "notifiee_le": "2026-04-20"} for c in ("EVOCATION", "ABF_RECOURS")]
        assert calcul("PC", "2026-03-10", prolongations=deux)["delai_mois"] == 8

    def test_la_premiere_ouvre_le_temps_de_la_seconde(self) -> None:
        recours = {"code": "ABF_RECOURS", "notifiee_le": "2026-06-10"}
        for le, mois in (("2026-08-10", 8), ("2026-08-11", 5)):
            evocation = {"code": "EVOCATION", "notifiee_le": le}
            resultat = calcul("PC", "2026-03-10", prolongations=[recours, evocation])
            assert resultat["delai_mois"] == mois
            assert ("PROLONGATION_TARDIVE" in resultat["alertes"]) == (mois == 5)
            assert resultat["date_limite_notifiee"] == "2026-11-10"
            assert resultat["decision_implicite"] == "rejet_tacite"

    def test_un_seul_saut_depuis_le_meme_depart(self) -> None:
        recours = {"code": "ABF_RECOURS", "notifiee_le": "2026-01-20"}
        # Month after month, 31 December would have become the 28th.
        assert calcul("PD", "2025-12-31", prolongations=[recours])["date_limite"] == "2026-04-30"

    def test_retenue_tant_qu_il_n_y_a_pas_de_limite(self) -> None:
        tardive = {"code": "ABF_RECOURS", "notifiee_le": "2027-01-01"}
        resultat = calcul("PC", "2026-03-10", pieces=[{"notifiee_le": "2026-03-20"}], prolongations=[tardive])
        assert (resultat["delai_mois"], resultat["alertes"]) == (5, [])

    def test_non_notifiee(self) -> None:
        resultat = calcul("PC", "2026-03-10", prolongations=[{"code": "EVOCATION"}])
        assert resultat["alertes"] == ["PROLONGATION_NON_NOTIFIEE"]
        assert (resultat["delai_mois"], resultat["decision_implicite"]) == (3, "rejet_tacite")

    def test_evocation_d_une_dp(self) -> None:
        resultat = calcul(
            "DP", "2026-03-10", prolongations=[{"code": "EVOCATION", "notifiee_le": "2026-03-20"}]
        )
        assert resultat["alertes"] == ["DP_SILENCE_FAVORABLE", "PROLONGATION_INAPPLICABLE"]

    def test_ajoutee_aux_deux_mois_de_l_enquete(self) -> None:
        resultat = calcul(
            "PC",
            "2026-01-15",
            majorations=[maj("ENQUETE_PUBLIQUE", "2026-02-01")],
            enquete_publique={"rapport_recu_le": "2026-06-30"},
            prolongations=[{"code": "ABF_RECOURS", "notifiee_le": "2026-08-30"}],
        )
        assert (resultat["delai_mois"], resultat["date_limite"]) == (4, "2026-10-30")

    @pytest.mark.parametrize("nature", ["TRANSFERT", "PROROGATION"])
    def test_inapplicable_hors_instruction(self, nature: str) -> None:
        prolongation = {"code": "ABF_RECOURS", "notifiee_le": "2026-03-20"}
        resultat = calcul("PC", "2026-03-10", nature=nature, prolongations=[prolongation])
        assert resultat["alertes"] == ["PROLONGATION_INAPPLICABLE"]


class TestSilence:
    def test_la_majoration_non_fondee_ne_tourne_pas_le_silence(self) -> None:
        resultat = calcul("PC", "2026-03-10", majorations=[maj("CORSE", "2026-03-20", fondee=False)])
        assert resultat["decision_implicite"] == "permis_tacite"

    def test_la_majoration_fondee_le_tourne_quelle_que_soit_la_lettre(self) -> None:
        for le in (None, "2026-09-01"):
            resultat = calcul("PC", "2026-03-10", majorations=[maj("CORSE", le)])
            assert resultat["decision_implicite"] == "rejet_tacite"

    def test_cdac_et_cinema_ne_sont_pas_leurs_refus(self) -> None:
        deux = [maj("CDAC", "2026-03-20"), maj("CINEMA", "2026-03-20")]
        assert calcul("PC", "2026-03-10", majorations=deux)["decision_implicite"] == "permis_tacite"

    @pytest.mark.parametrize(
        ("type_", "notifie", "silence", "alertes"),
        [
            ("PC", "2026-06-02", "rejet_tacite", []),
            ("PC", "2026-06-03", "permis_tacite", ["AVIS_ABF_TARDIF"]),
            ("DP", "2026-05-02", "non_opposition_tacite", ["DP_ABF_SANS_EFFET_SUR_SILENCE"]),
            ("DP", "2026-05-03", "non_opposition_tacite", ["AVIS_ABF_TARDIF"]),
            ("CUB", "2026-09-03", "cu_tacite", ["CU_TACITE_EFFETS_LIMITES"]),
        ],
    )
    def test_temps_de_l_abf(self, type_: str, notifie: str, silence: str, alertes: list[str]) -> None:
        avis = {"sens": "defavorable", "saisi_le": "2026-04-02", "notifie_le": notifie}
        resultat = calcul(type_, "2026-04-01", avis_abf=avis)
        assert (resultat["decision_implicite"], resultat["alertes"]) == (silence, alertes)

    @pytest.mark.parametrize(
        ("avis", "silence"),
        [
            ({"sens": "prescriptions"}, "rejet_tacite"),
            ({"sens": "defavorable"}, "rejet_tacite"),
            ({"sens": "favorable"}, "permis_tacite"),
            ({"sens": "defavorable", "accord": False}, "permis_tacite"),
            ({"sens": "prescriptions", "accord": False}, "permis_tacite"),
        ],
    )
    def test_sens_de_l_abf(self, avis: dict[str, Any], silence: str) -> None:
        resultat = calcul("PC", "2026-04-01", avis_abf={"notifie_le": "2027-01-01", **avis})
        assert (resultat["decision_implicite"], resultat["alertes"]) == (silence, [])

    def test_l_avis_ne_change_rien_ailleurs(self) -> None:
        avis = {"sens": "defavorable", "saisi_le": "2026-04-02", "notifie_le": "2026-09-01"}
        resultat = calcul("PC", "2026-04-01", nature="TRANSFERT", avis_abf=avis, drapeaux=["DEFENSE"])
        assert (resultat["decision_implicite"], resultat["alertes"]) == ("transfert_tacite", [])

    def test_dp_en_opposition_tacite_pas_d_alerte_rouge(self) -> None:
        avis = {"sens": "defavorable", "notifie_le": "2026-04-20"}
        resultat = calcul(
            "DP", "2026-04-01", avis_abf=avis, drapeaux=["DEFENSE", "EVALUATION_ENVIRONNEMENTALE"]
        )
        assert (resultat["decision_implicite"], resultat["alertes"]) == ("opposition_tacite", [])


class TestDecision:
    def test_sans_date_implicite_la_decision_est_a_temps(self) -> None:
        enquete = [maj("ENQUETE_PUBLIQUE", "2026-02-01")]
        resultat = calcul("PC", "2026-01-15", majorations=enquete, decision_notifiee_le="2030-01-01")
        assert resultat["decision_implicite"] is None and resultat["date_decision_implicite"] is None

    @pytest.mark.parametrize(("le", "a_temps"), [("2026-04-20", True), ("2026-04-21", False)])
    def test_contre_le_rejet_faute_de_pieces(self, le: str, a_temps: bool) -> None:
        resultat = calcul("PC", "2026-01-15", pieces=[{"notifiee_le": "2026-01-20"}], decision_notifiee_le=le)
        assert (resultat["decision_implicite"] is None) == a_temps
        assert ("DECISION_APRES_DECISION_IMPLICITE" in resultat["alertes"]) != a_temps

    def test_cub_decide_a_temps_pas_d_effets_limites(self) -> None:
        assert calcul("CUB", "2026-01-12", decision_notifiee_le="2026-03-12")["alertes"] == []
        tardif = calcul("CUB", "2026-01-12", decision_notifiee_le="2026-03-13")
        assert tardif["alertes"] == ["CU_TACITE_EFFETS_LIMITES", "DECISION_APRES_DECISION_IMPLICITE"]


class TestJoursRestants:
    @pytest.mark.parametrize(
        ("jour", "reste", "alertes"),
        [
            ("2026-06-15", 16, []),
            ("2026-06-16", 15, ["ECHEANCE_PROCHE"]),
            ("2026-07-01", 0, ["ECHEANCE_PROCHE"]),
            ("2026-07-02", -1, ["ECHEANCE_DEPASSEE"]),
            ("2026-05-01", 61, []),
        ],
    )
    def test_seuils(self, jour: str, reste: int, alertes: list[str]) -> None:
        resultat = calcul("DP", "2026-06-01", a_la_date=jour)
        assert (resultat["jours_restants"], resultat["alertes"]) == (reste, alertes)

    def test_une_decision_arrete_le_decompte(self) -> None:
        resultat = calcul("DP", "2026-06-01", a_la_date="2026-06-20", decision_notifiee_le="2026-06-19")
        assert (resultat["jours_restants"], resultat["alertes"]) == (None, [])

    @pytest.mark.parametrize("completees", [None, "2026-10-02"])
    def test_les_pieces_manquantes_sont_la_prochaine_echeance(self, completees: str | None) -> None:
        pieces = [{"notifiee_le": "2026-06-10", "completees_le": completees}]
        assert calcul("DP", "2026-06-01", pieces=pieces, a_la_date="2026-09-01")["jours_restants"] == 9
