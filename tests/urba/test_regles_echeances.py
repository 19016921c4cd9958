"""Control of legality, appeals and state after the decision: both sides of each threshold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.urba.outils_urba import expresse, termes

ACCORD = expresse("accord", "2026-02-20", "2026-02-24")
TACITE = {"sens": "accord", "forme": "tacite", "nee_le": "2026-02-24"}


def accord(signee_le: str, notifiee_le: str | None = "") -> dict[str, Any]:
    return expresse("accord", signee_le, notifiee_le)


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
