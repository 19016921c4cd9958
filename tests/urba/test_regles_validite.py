"""Validity, prorogations, suits and works: both sides of each threshold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.urba.outils_urba import expresse, termes

ACCORD = expresse("accord", "2026-02-20", "2026-02-24")
TACITE = {"sens": "accord", "forme": "tacite", "nee_le": "2026-02-24"}


def accord(signee_le: str, notifiee_le: str | None = "") -> dict[str, Any]:
    return expresse("accord", signee_le, notifiee_le)


class TestValidite:
    @pytest.mark.parametrize(
        ("acte", "fin", "regle"),
        [
            ("2020-12-31", "2023-12-31", "R.424-17"),
            ("2022-05-26", "2025-05-26", "R.424-17"),
            ("2022-05-27", "2026-05-27", "DECRET_2025_461_PLUS_1_AN"),
            ("2022-05-28", "2027-05-28", "DECRET_2025_461_5_ANS"),
            ("2024-05-28", "2029-05-28", "DECRET_2025_461_5_ANS"),
            ("2024-05-29", "2027-05-29", "R.424-17"),
        ],
    )
    @pytest.mark.parametrize("type_", ["DP", "PC", "PD"])
    def test_fenetres_du_decret(self, type_: str, acte: str, fin: str, regle: str) -> None:
        resultat = termes(type_, accord(acte))
        assert (resultat["validite_fin"], resultat["validite_regle"]) == (fin, regle)

    def test_la_fenetre_regarde_la_date_d_acte_et_la_validite_court_de_la_notification(self) -> None:
        resultat = termes("PC", accord("2022-05-27", "2022-06-15"))
        assert (resultat["validite_fin"], resultat["validite_regle"]) == (
            "2026-06-15",
            "DECRET_2025_461_PLUS_1_AN",
        )
        resultat = termes("PC", accord("2024-05-28", "2024-06-15"))
        assert (resultat["validite_fin"], resultat["validite_regle"]) == (
            "2029-06-15",
            "DECRET_2025_461_5_ANS",
        )

    def test_un_an_de_plus_grace_a_une_prorogation_anterieure(self) -> None:
        demande = {"demandee_le": "2023-10-01", "decision_le": "2023-11-01", "sens": "accord"}
        resultat = termes("PC", accord("2021-01-01"), prorogations=[demande])
        assert resultat["validite_fin"] == "2025-01-01" and resultat["validite_regle"] == "R.424-17"
        deux = [demande, {"demandee_le": "2024-10-01"}]
        resultat = termes("PC", accord("2021-01-01"), prorogations=deux)
        assert resultat["validite_fin"] == "2027-01-01"
        assert resultat["validite_regle"] == "DECRET_2025_461_PLUS_1_AN"
        assert [p["fin"] for p in resultat["prorogations"]] == ["2025-01-01", "2026-01-01"]
        assert termes("PC", accord("2020-12-31"), prorogations=deux)["validite_fin"] == "2025-12-31"

    def test_prorogation_apres_l_annee_du_decret(self) -> None:
        resultat = termes("PC", accord("2022-05-27"), prorogations=[{"demandee_le": "2026-03-27"}])
        assert resultat["validite_fin"] == "2027-05-27" and resultat["prorogations_restantes"] == 1
        le_meme_jour = termes("PC", accord("2022-05-27"), prorogations=[{"demandee_le": "2025-05-27"}])
        # Weighed before the decree: the end is still 27 May 2025, and two months are needed.
        assert le_meme_jour["alertes"] == ["PROROGATION_DEMANDE_TARDIVE"]

    def test_ni_refus_ni_modificatif_ni_non_notifie(self) -> None:
        for decision, nature in (
            (expresse("refus", "2026-02-20"), "INITIAL"),
            (expresse("sursis", "2026-02-20"), "INITIAL"),
            (ACCORD, "MODIFICATIF"),
            (ACCORD, "TRANSFERT"),
            (accord("2026-02-20", None), "INITIAL"),
        ):
            resultat = termes("PC", decision, nature=nature)
            for cle in (
                "validite_fin",
                "validite_regle",
                "prorogation_demande_limite",
                "prorogations_restantes",
            ):
                assert resultat[cle] is None
            assert resultat["peremption_le"] is None

    def test_demandes_sans_validite(self) -> None:
        resultat = termes("PC", expresse("refus", "2026-02-20"), prorogations=[{"demandee_le": "2026-03-01"}])
        assert resultat["prorogations"] == [
            {"demandee_le": "2026-03-01", "retenue": False, "acquise_le": None, "fin": None}
        ]
        assert resultat["alertes"] == []

    def test_certificat_negatif_ou_non_notifie_valable_dix_huit_mois(self) -> None:
        assert termes("CUB", expresse("refus", "2026-02-20"))["validite_fin"] == "2027-08-20"
        resultat = termes("CUB", accord("2026-02-20", None))
        assert resultat["validite_fin"] == "2027-08-20" and resultat["alertes"] == ["DECISION_NON_NOTIFIEE"]
        ne = termes("CUA", {"sens": "accord", "forme": "tacite", "nee_le": "2026-02-28"})
        assert (ne["validite_fin"], ne["validite_regle"]) == ("2027-08-28", "L.410-1")

    def test_29_fevrier(self) -> None:
        assert termes("PC", accord("2028-02-29"))["validite_fin"] == "2031-02-28"


class TestProrogations:
    DECISION = accord("2025-09-10")

    def demander(self, *demandes: dict[str, Any], **champs: Any) -> dict[str, Any]:
        return termes("PC", self.DECISION, prorogations=list(demandes), **champs)

    @pytest.mark.parametrize(("le", "retenue"), [("2028-07-10", True), ("2028-07-11", False)])
    def test_deux_mois_avant_la_fin(self, le: str, retenue: bool) -> None:
        resultat = self.demander({"demandee_le": le})
        assert resultat["prorogations"][0]["retenue"] == retenue
        assert ("PROROGATION_DEMANDE_TARDIVE" in resultat["alertes"]) != retenue

    @pytest.mark.parametrize(
        ("le", "sens", "retenue", "acquise", "alertes"),
        [
            ("2028-08-01", "refus", False, None, []),
            ("2028-08-02", "refus", True, "2028-08-02", ["PROROGATION_DECISION_TARDIVE"]),
            ("2028-06-15", "accord", True, "2028-06-15", []),
            ("2028-08-01", "accord", True, "2028-08-01", []),
            ("2028-08-15", "accord", True, "2028-08-02", []),
        ],
    )
    def test_decision_avant_ou_apres_le_silence(
        self, le: str, sens: str, retenue: bool, acquise: str | None, alertes: list[str]
    ) -> None:
        resultat = self.demander({"demandee_le": "2028-06-01", "decision_le": le, "sens": sens})
        assert resultat["alertes"] == alertes
        assert (resultat["prorogations"][0]["retenue"], resultat["prorogations"][0]["acquise_le"]) == (
            retenue,
            acquise,
        )

    @pytest.mark.parametrize(("jour", "attente"), [("2028-08-01", True), ("2028-08-02", False)])
    def test_en_attente(self, jour: str, attente: bool) -> None:
        resultat = self.demander({"demandee_le": "2028-06-01"}, a_la_date=jour)
        assert ("PROROGATION_EN_ATTENTE" in resultat["alertes"]) == attente
        assert resultat["validite_fin"] == "2029-09-10"

    def test_refus_puis_nouvelle_demande(self) -> None:
        refusee = {"demandee_le": "2028-01-01", "decision_le": "2028-02-01", "sens": "refus"}
        resultat = self.demander({"demandee_le": "2028-06-01"}, refusee)
        assert [p["retenue"] for p in resultat["prorogations"]] == [True, False]
        assert resultat["prorogations_restantes"] == 1

    def test_cinq_ans_exclut_la_prorogation(self) -> None:
        resultat = termes("PC", accord("2023-01-10"), prorogations=[{"demandee_le": "2027-01-01"}])
        assert resultat["alertes"] == ["PROROGATION_EXCLUE"]
        assert (resultat["validite_fin"], resultat["prorogations_restantes"]) == ("2028-01-10", 0)

    def test_certificat_sans_plafond(self) -> None:
        demandes = [{"demandee_le": f"{annee}-06-01"} for annee in (2027, 2028, 2029, 2030)]
        resultat = termes("CUB", accord("2026-02-20"), prorogations=demandes)
        assert resultat["validite_fin"] == "2031-08-20" and resultat["alertes"] == []
        assert resultat["prorogations_restantes"] is None
        assert resultat["prorogation_demande_limite"] == "2031-06-20"


class TestSuspension:
    DECISION = accord("2026-01-15")

    def plaider(self, *recours: dict[str, Any], **champs: Any) -> dict[str, Any]:
        return termes("PC", self.DECISION, recours_contentieux=list(recours), **champs)

    def test_recours_qui_se_recouvrent(self) -> None:
        un = {"introduit_le": "2026-03-01", "decision_definitive_le": "2026-06-01"}
        dedans = {"introduit_le": "2026-04-01", "decision_definitive_le": "2026-05-01"}
        deborde = {"introduit_le": "2026-05-01", "decision_definitive_le": "2026-06-11"}
        assert self.plaider(un, dedans)["validite_fin"] == "2029-04-17"
        assert self.plaider(dedans, un)["validite_fin"] == "2029-04-17"
        assert self.plaider(un, deborde)["validite_fin"] == "2029-04-27"
        disjoint = {"introduit_le": "2026-07-01", "decision_definitive_le": "2026-07-11"}
        assert self.plaider(un, disjoint)["validite_fin"] == "2029-04-27"

    @pytest.mark.parametrize(
        ("le", "alertes"), [("2029-01-15", []), ("2029-01-16", ["RECOURS_APRES_PEREMPTION"])]
    )
    def test_introduit_avant_la_fin(self, le: str, alertes: list[str]) -> None:
        resultat = self.plaider({"introduit_le": le, "decision_definitive_le": "2029-01-26"})
        assert resultat["alertes"] == alertes
        assert resultat["validite_fin"] == ("2029-01-26" if not alertes else "2029-01-15")

    def test_pendant(self) -> None:
        resultat = self.plaider(
            {"introduit_le": "2026-03-01"},
            prorogations=[{"demandee_le": "2028-01-01"}],
            a_la_date="2026-04-01",
        )
        assert resultat["alertes"] == ["VALIDITE_SUSPENDUE"]
        assert (resultat["validite_fin"], resultat["validite_regle"]) == (None, "R.424-17")
        assert resultat["prorogations"][0]["retenue"] is False
        assert resultat["prorogation_demande_limite"] is None and resultat["prorogations_restantes"] == 2
        assert resultat["peremption_le"] is None and resultat["etat"] == "suspendu"

    def test_pendant_le_decret_est_sans_effet(self) -> None:
        recours = [{"introduit_le": "2025-05-27"}]
        assert termes("PC", accord("2022-05-27"), recours_contentieux=recours)["validite_regle"] == "R.424-17"
        recours = [{"introduit_le": "2025-05-28"}]
        resultat = termes("PC", accord("2022-05-27"), recours_contentieux=recours)
        assert (resultat["validite_regle"], resultat["validite_fin"]) == ("DECRET_2025_461_PLUS_1_AN", None)

    def test_le_recours_du_meme_jour_passe_avant_la_demande(self) -> None:
        recours = {"introduit_le": "2028-12-01", "decision_definitive_le": "2028-12-31"}
        resultat = self.plaider(recours, prorogations=[{"demandee_le": "2028-12-01"}])
        assert resultat["prorogations"][0]["fin"] == "2030-02-14"
        seule = self.plaider(prorogations=[{"demandee_le": "2028-12-01"}])
        assert seule["alertes"] == ["PROROGATION_DEMANDE_TARDIVE"]

    def test_un_recours_sauve_l_annee_du_decret(self) -> None:
        recours = [{"introduit_le": "2025-05-01", "decision_definitive_le": "2025-05-31"}]
        resultat = termes("PC", accord("2022-05-20"), recours_contentieux=recours)
        assert resultat["validite_fin"] == "2026-06-19"

    def test_sans_effet_sur_un_certificat(self) -> None:
        recours = [{"introduit_le": "2026-03-01"}, {"introduit_le": "2030-03-01"}]
        resultat = termes("CUA", accord("2026-01-15"), recours_contentieux=recours, a_la_date="2026-03-02")
        assert (resultat["validite_fin"], resultat["etat"], resultat["alertes"]) == (
            "2027-07-15",
            "valide",
            [],
        )


class TestTravaux:
    DECISION = accord("2025-02-10")

    @pytest.mark.parametrize(
        ("doc", "perime", "alertes"),
        [
            ("2028-02-10", None, []),
            ("2028-02-11", "2028-02-11", ["DOC_APRES_PEREMPTION"]),
            ("2025-02-10", None, []),
            ("2025-02-09", None, ["DOC_AVANT_DECISION"]),
        ],
    )
    def test_ouverture_du_chantier(self, doc: str, perime: str | None, alertes: list[str]) -> None:
        resultat = termes("PC", self.DECISION, doc_le=doc)
        assert (resultat["peremption_le"], resultat["alertes"]) == (perime, alertes)

    @pytest.mark.parametrize(
        ("arret", "perime"),
        [("2026-01-01", "2029-02-11"), ("2028-02-10", "2029-02-11"), ("2028-02-29", "2029-03-01")],
    )
    def test_un_an_d_interruption_apres_la_fin(self, arret: str, perime: str) -> None:
        resultat = termes("PC", self.DECISION, doc_le="2025-12-01", travaux_interrompus_depuis=arret)
        assert resultat["peremption_le"] == perime

    def test_interrompus_pendant_un_recours(self) -> None:
        resultat = termes(
            "PC",
            self.DECISION,
            doc_le="2025-12-01",
            travaux_interrompus_depuis="2026-01-01",
            recours_contentieux=[{"introduit_le": "2025-03-01"}],
        )
        assert resultat["peremption_le"] is None

    def test_chantier_tardif_arret_sans_effet(self) -> None:
        resultat = termes("PC", self.DECISION, doc_le="2028-02-11", travaux_interrompus_depuis="2028-03-01")
        assert resultat["peremption_le"] == "2028-02-11"

    @pytest.mark.parametrize(("recolement", "limite"), [(False, "2026-02-28"), (True, "2026-04-30")])
    def test_contestation(self, recolement: bool, limite: str) -> None:
        resultat = termes(
            "PC",
            self.DECISION,
            doc_le="2025-03-01",
            daact_le="2025-11-30",
            recolement_obligatoire=recolement,
            attestation_demandee_le="2026-05-02",
        )
        assert resultat["contestation_conformite_limite"] == limite
        assert resultat["attestation_limite"] == "2026-05-17"
        assert resultat["peremption_le"] is None and resultat["alertes"] == []

    @pytest.mark.parametrize(("le", "prematuree"), [("2026-02-28", True), ("2026-03-01", False)])
    def test_attestation_prematuree(self, le: str, prematuree: bool) -> None:
        resultat = termes(
            "PC", self.DECISION, doc_le="2025-03-01", daact_le="2025-11-30", attestation_demandee_le=le
        )
        assert ("ATTESTATION_PREMATUREE" in resultat["alertes"]) == prematuree

    @pytest.mark.parametrize(
        ("type_", "decision", "nature"),
        [
            ("PD", ACCORD, "INITIAL"),
            ("PC", ACCORD, "MODIFICATIF"),
            ("PC", expresse("refus", "2026-02-20"), "INITIAL"),
            ("CUB", ACCORD, "INITIAL"),
        ],
    )
    def test_daact_sans_objet(self, type_: str, decision: dict[str, Any], nature: str) -> None:
        resultat = termes(
            type_,
            decision,
            nature=nature,
            daact_le="2027-01-10",
            achevement_le="2027-01-05",
            attestation_demandee_le="2027-01-11",
        )
        assert "DAACT_SANS_OBJET" in resultat["alertes"]
        for alerte in ("DAACT_SANS_DOC", "DAACT_AVANT_DOC", "ATTESTATION_PREMATUREE"):
            assert alerte not in resultat["alertes"]
        for cle in ("contestation_conformite_limite", "conformite_acquise_le", "attestation_limite"):
            assert resultat[cle] is None
        assert resultat["taxe_declaration_limite"] is None
        if type_ == "PD":
            assert resultat["peremption_le"] == "2029-02-25"

    @pytest.mark.parametrize(
        ("type_", "doc", "alertes"),
        [
            ("PC", None, ["DAACT_SANS_DOC"]),
            ("DP", None, []),
            ("PC", "2025-12-01", ["DAACT_AVANT_DOC"]),
            ("DP", "2025-12-01", ["DAACT_AVANT_DOC"]),
            ("PC", "2025-11-30", []),
        ],
    )
    def test_daact_et_doc(self, type_: str, doc: str | None, alertes: list[str]) -> None:
        assert termes(type_, self.DECISION, doc_le=doc, daact_le="2025-11-30")["alertes"] == alertes

    def test_l_achevement_passe_avant_la_daact(self) -> None:
        resultat = termes(
            "PC", self.DECISION, doc_le="2025-03-01", daact_le="2026-01-31", achevement_le="2026-01-01"
        )
        assert resultat["taxe_declaration_limite"] == "2026-04-01"
        assert resultat["recours_tiers_limite_absolue"] == "2026-07-02"
        assert resultat["contestation_conformite_limite"] == "2026-04-30"
