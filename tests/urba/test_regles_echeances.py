"""Terms after the decision: both sides of each threshold."""

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


class TestControle:
    @pytest.mark.parametrize(
        ("type_", "decision", "champs", "executoire"),
        [
            ("PC", ACCORD, {"transmission_le": "2026-02-23"}, "2026-02-24"),
            ("PC", ACCORD, {"transmission_le": "2026-02-25"}, "2026-02-25"),
            ("PC", ACCORD, {}, None),
            ("PC", accord("2026-02-20", None), {"transmission_le": "2026-02-25"}, None),
            ("PC", ACCORD, {"autorite": "etat"}, "2026-02-24"),
            ("PC", ACCORD, {"autorite": "epci"}, None),
            ("DP", ACCORD, {}, "2026-02-24"),
            ("DP", accord("2026-02-20", None), {"transmission_le": "2026-02-25"}, None),
            ("PC", TACITE, {}, "2026-02-24"),
            ("PD", TACITE, {}, "2026-03-11"),
            ("PD", ACCORD, {"autorite": "etat"}, "2026-03-11"),
            ("PD", ACCORD, {}, None),
            ("PC", ACCORD, {"nature": "MODIFICATIF", "transmission_le": "2026-03-02"}, "2026-03-02"),
            ("PC", expresse("refus", "2026-02-20"), {"transmission_le": "2026-03-02"}, None),
            ("CUB", ACCORD, {"transmission_le": "2026-03-02"}, None),
        ],
    )
    def test_executoire(
        self, type_: str, decision: dict[str, Any], champs: dict[str, Any], executoire: str | None
    ) -> None:
        assert termes(type_, decision, **champs)["executoire_le"] == executoire

    @pytest.mark.parametrize(
        ("type_", "decision", "champs", "limite"),
        [
            ("PC", ACCORD, {}, "2026-03-07"),
            ("CUA", ACCORD, {}, "2026-03-07"),
            ("DP", expresse("refus", "2026-02-20"), {"autorite": "epci"}, "2026-03-07"),
            ("PC", ACCORD, {"autorite": "etat"}, None),
            ("PC", TACITE, {}, None),
        ],
    )
    def test_transmission(
        self, type_: str, decision: dict[str, Any], champs: dict[str, Any], limite: str | None
    ) -> None:
        assert termes(type_, decision, **champs)["transmission_limite"] == limite

    @pytest.mark.parametrize(("le", "tard"), [("2026-03-07", False), ("2026-03-08", True)])
    def test_transmission_tardive(self, le: str, tard: bool) -> None:
        assert ("TRANSMISSION_TARDIVE" in termes("PC", ACCORD, transmission_le=le)["alertes"]) == tard
        assert termes("PC", ACCORD, transmission_le=le, autorite="etat")["alertes"] == []

    @pytest.mark.parametrize(
        ("decision", "champs", "limite"),
        [
            (ACCORD, {"transmission_le": "2026-03-02"}, "2026-05-04"),
            (ACCORD, {"transmission_le": "2026-01-02"}, "2026-04-21"),
            (TACITE, {"transmission_le": "2026-01-02"}, "2026-04-27"),
            (expresse("refus", "2026-02-20"), {"transmission_le": "2026-03-02"}, "2026-05-04"),
            (ACCORD, {}, None),
            (ACCORD, {"transmission_le": "2026-03-02", "autorite": "etat"}, None),
        ],
    )
    def test_defere(self, decision: dict[str, Any], champs: dict[str, Any], limite: str | None) -> None:
        assert termes("PC", decision, **champs)["defere_limite"] == limite

    @pytest.mark.parametrize(("le", "tard"), [("2026-02-28", False), ("2026-03-01", True)])
    def test_affichage_en_mairie(self, le: str, tard: bool) -> None:
        resultat = termes("PC", ACCORD, affichage_mairie_le=le)
        assert resultat["affichage_mairie_limite"] == "2026-02-28"
        assert resultat["affichage_mairie_fin"] == ("2026-05-01" if tard else "2026-04-28")
        assert ("AFFICHAGE_MAIRIE_TARDIF" in resultat["alertes"]) == tard
        refus = termes("PC", expresse("refus", "2026-02-20"), affichage_mairie_le=le)
        assert (refus["affichage_mairie_limite"], refus["affichage_mairie_fin"], refus["alertes"]) == (
            None,
            None,
            [],
        )

    @pytest.mark.parametrize(
        ("type_", "decision", "nature", "limite"),
        [
            ("DP", ACCORD, "INITIAL", "2026-05-20"),
            ("PC", ACCORD, "MODIFICATIF", "2026-05-20"),
            ("PC", ACCORD, "TRANSFERT", None),
            ("PC", TACITE, "INITIAL", "2026-05-24"),
            ("PC", expresse("sursis", "2026-02-20"), "INITIAL", None),
            ("CUA", ACCORD, "INITIAL", None),
        ],
    )
    def test_retrait(self, type_: str, decision: dict[str, Any], nature: str, limite: str | None) -> None:
        assert termes(type_, decision, nature=nature)["retrait_limite"] == limite


class TestRecours:
    @pytest.mark.parametrize(
        ("fin", "limite"), [("2026-08-31", None), ("2026-09-01", "2026-09-02"), (None, "2026-09-02")]
    )
    def test_affichage_continu_de_deux_mois(self, fin: str | None, limite: str | None) -> None:
        resultat = termes(
            "PC", accord("2026-06-15"), affichage_terrain_le="2026-07-01", affichage_terrain_fin=fin
        )
        assert resultat["recours_tiers_limite"] == limite
        assert (resultat["recours_gracieux_limite"] is None) == (limite is None)
        assert ("AFFICHAGE_TERRAIN_INTERROMPU" in resultat["alertes"]) == (limite is None)

    def test_jours_feries_d_alsace_moselle(self) -> None:
        # 2 February + 2 months + 1 day = Good Friday 3 April 2026.
        resultat = termes("PC", accord("2026-01-15"), affichage_terrain_le="2026-02-02")
        assert resultat["recours_tiers_limite"] == "2026-04-03"
        resultat = termes("PC", accord("2026-01-15"), affichage_terrain_le="2026-02-02", alsace_moselle=True)
        assert resultat["recours_tiers_limite"] == "2026-04-07"
        refus = expresse("refus", "2025-10-25")
        assert termes("PC", refus)["recours_demandeur_limite"] == "2025-12-26"
        assert termes("PC", refus, alsace_moselle=True)["recours_demandeur_limite"] == "2025-12-29"

    @pytest.mark.parametrize(
        ("type_", "decision", "limite"),
        [
            ("PC", ACCORD, None),
            ("PC", expresse("accord_prescriptions", "2026-02-20", "2026-02-24"), "2026-04-27"),
            ("PC", expresse("refus", "2026-02-20", "2026-02-24"), "2026-04-27"),
            ("DP", expresse("sursis", "2026-02-20", "2026-02-24"), "2026-04-27"),
            ("CUB", expresse("refus", "2026-02-20", "2026-02-24"), "2026-04-27"),
            ("PC", {"sens": "refus", "forme": "tacite", "nee_le": "2026-02-24"}, "2026-04-27"),
            ("PC", expresse("refus", "2026-02-20", None), None),
        ],
    )
    def test_demandeur(self, type_: str, decision: dict[str, Any], limite: str | None) -> None:
        assert termes(type_, decision)["recours_demandeur_limite"] == limite

    @pytest.mark.parametrize(
        ("type_", "decision", "nature", "limite"),
        [
            ("PC", ACCORD, "INITIAL", "2027-07-12"),
            ("DP", ACCORD, "INITIAL", "2027-07-12"),
            ("PC", ACCORD, "MODIFICATIF", "2027-07-12"),
            ("PD", ACCORD, "INITIAL", None),
            ("PC", expresse("refus", "2026-02-20"), "INITIAL", None),
            ("CUA", ACCORD, "INITIAL", None),
        ],
    )
    def test_six_mois_apres_l_achevement(
        self, type_: str, decision: dict[str, Any], nature: str, limite: str | None
    ) -> None:
        resultat = termes(type_, decision, nature=nature, daact_le="2027-01-10")
        assert resultat["recours_tiers_limite_absolue"] == limite

    @pytest.mark.parametrize(
        ("acte", "limite", "proroge"),
        [("2025-11-27", "2026-01-28", True), ("2025-11-28", "2025-12-29", False)],
    )
    def test_regime_du_recours_gracieux(self, acte: str, limite: str, proroge: bool) -> None:
        resultat = termes("PC", expresse("refus", acte))
        assert (resultat["recours_gracieux_limite"], resultat["recours_gracieux_proroge"]) == (
            limite,
            proroge,
        )

    def test_certificat_sous_l_ancien_regime(self) -> None:
        resultat = termes("CUB", expresse("refus", "2026-02-20"))
        assert resultat["recours_gracieux_limite"] == "2026-04-21" and resultat["recours_gracieux_proroge"]
        favorable = termes("CUB", ACCORD, recours_gracieux={"recu_le": "2027-01-01"})
        assert favorable["recours_gracieux_limite"] is None and favorable["alertes"] == []
        assert favorable["recours_gracieux_rejet_implicite_le"] == "2027-03-01"

    @pytest.mark.parametrize(
        ("recu", "reponse", "limite", "alertes"),
        [
            ("2024-12-20", None, "2025-04-22", []),
            ("2024-12-20", "2025-01-10", "2025-03-11", []),
            ("2024-12-20", "2024-12-21", "2025-02-24", []),
            ("2024-12-20", "2025-06-01", "2025-04-22", []),
            ("2025-02-17", None, "2025-06-18", []),
            ("2025-02-18", None, "2025-02-17", ["RECOURS_GRACIEUX_TARDIF"]),
        ],
    )
    def test_ancien_regime_prolonge_le_delai_du_demandeur(
        self, recu: str, reponse: str | None, limite: str, alertes: list[str]
    ) -> None:
        gracieux = {"recu_le": recu, "reponse_notifiee_le": reponse}
        resultat = termes("PC", expresse("refus", "2024-12-15"), recours_gracieux=gracieux)
        assert (resultat["recours_demandeur_limite"], resultat["alertes"]) == (limite, alertes)

    def test_ancien_regime_prolonge_le_delai_des_tiers(self) -> None:
        champs = {"affichage_terrain_le": "2025-01-06", "recours_gracieux": {"recu_le": "2025-03-01"}}
        resultat = termes("PC", expresse("accord_prescriptions", "2024-12-15"), **champs)
        assert resultat["recours_tiers_limite"] == "2025-07-02"
        assert resultat["recours_demandeur_limite"] == "2025-02-17"

    def test_nouveau_regime_ne_prolonge_pas(self) -> None:
        gracieux = {"recu_le": "2026-01-10"}
        resultat = termes("PC", expresse("refus", "2025-12-15"), recours_gracieux=gracieux)
        assert (resultat["recours_demandeur_limite"], resultat["alertes"]) == ("2026-02-16", [])


class TestEtat:
    @pytest.mark.parametrize(
        ("jour", "etat"),
        [
            ("2026-02-23", "en_attente_notification"),
            ("2026-02-24", "valide"),
            ("2026-04-30", "valide"),
            ("2026-05-01", "chantier_ouvert"),
            ("2026-09-30", "chantier_ouvert"),
            ("2026-10-01", "acheve"),
            ("2027-01-01", "acheve"),
            ("2027-01-02", "conforme"),
            ("2035-01-01", "conforme"),
        ],
    )
    def test_la_vie_d_un_permis(self, jour: str, etat: str) -> None:
        resultat = termes("PC", ACCORD, doc_le="2026-05-01", daact_le="2026-10-01", a_la_date=jour)
        assert resultat["etat"] == etat

    @pytest.mark.parametrize(
        ("jour", "etat"),
        [
            ("2026-02-28", "valide"),
            ("2026-03-01", "suspendu"),
            ("2026-05-31", "suspendu"),
            ("2026-06-01", "chantier_ouvert"),
            ("2029-05-27", "chantier_ouvert"),
            ("2030-05-28", "perime"),
        ],
    )
    def test_un_recours_puis_un_chantier_arrete(self, jour: str, etat: str) -> None:
        resultat = termes(
            "PC",
            ACCORD,
            recours_contentieux=[{"introduit_le": "2026-03-01", "decision_definitive_le": "2026-06-01"}],
            doc_le="2026-04-01",
            travaux_interrompus_depuis="2026-08-01",
            a_la_date=jour,
        )
        assert resultat["etat"] == etat

    def test_un_recours_tardif_ne_suspend_pas(self) -> None:
        resultat = termes(
            "PC",
            ACCORD,
            doc_le="2026-04-01",
            recours_contentieux=[{"introduit_le": "2030-03-01"}],
            a_la_date="2030-04-01",
        )
        assert (resultat["etat"], resultat["alertes"]) == ("chantier_ouvert", ["RECOURS_APRES_PEREMPTION"])

    @pytest.mark.parametrize(
        ("jour", "etat"), [("2027-08-20", "valide"), ("2027-08-21", "expire"), ("2020-01-01", "valide")]
    )
    def test_certificat(self, jour: str, etat: str) -> None:
        assert termes("CUB", expresse("refus", "2026-02-20", None), a_la_date=jour)["etat"] == etat

    def test_sursis_et_refus(self) -> None:
        jour = "2026-01-01"
        assert termes("PC", expresse("sursis", "2026-02-20", None), a_la_date=jour)["etat"] == "sursis"
        assert termes("DP", expresse("refus", "2026-02-20"), a_la_date=jour)["etat"] == "sans_autorisation"

    def test_pas_encore_ne(self) -> None:
        assert termes("PC", TACITE, a_la_date="2026-02-23")["etat"] == "en_attente_notification"
        assert termes("PC", TACITE, a_la_date="2026-02-24")["etat"] == "valide"

    def test_null_sans_date_ou_hors_initial(self) -> None:
        assert termes("PC", ACCORD)["etat"] is None
        resultat = termes("PC", ACCORD, nature="TRANSFERT", a_la_date="2026-03-01")
        assert resultat["etat"] is None and resultat["alertes"] == ["VALIDITE_DU_PERMIS_INITIAL"]
        refuse = termes("PC", expresse("refus", "2026-02-20"), nature="MODIFICATIF")
        assert refuse["alertes"] == []
