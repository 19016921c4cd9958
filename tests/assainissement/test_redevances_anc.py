"""Fees: tariff of the day, told before the visit, frozen, sent once, paid; the surcharge (spec §6.7, §7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from assainissement import courriers_redevances, redevances, tarifs
from assainissement.models import LigneRedevance, LotRedevance, ParametreLoi, ReglementService
from assainissement.regles import redevance as regles
from assainissement.regles.redevance import LigneVotee
from mairie.models import Tiers
from mairie.workflow import ConflitEdition, Refus, annuler_dernier
from tests.assainissement.fabrique_anc import (
    acteur,
    controle,
    faire,
    installation,
    notifie,
    repondre,
    valide,
)
from tests.assainissement.fabrique_redevances import deliberation, ligne, majoration
from tests.personnes import INSEE

D = Decimal


# --- rules without database -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eh", "attendu"),
    [("0", "120"), ("20", "120"), ("20.1", "300"), ("200", None), (None, TypeError)],
)
def test_la_bande_choisit_la_ligne_borne_haute_comprise(eh, attendu):
    lignes = [
        LigneVotee("periodique", D(120), eh_max=D(20)),
        LigneVotee("periodique", D(300), eh_min=D(20), eh_max=D(199)),
        LigneVotee("vente", D(150)),
    ]
    if attendu is TypeError:
        with pytest.raises(regles.TarifInconnu, match="renseignez-la"):
            regles.choisir(lignes, "periodique", None)
        return
    choisie = regles.choisir(lignes, "periodique", D(eh))
    assert (choisie and str(choisie.montant_ht)) == attendu


def test_sans_bande_ni_ligne():
    lignes = [LigneVotee("vente", D(150))]
    assert regles.choisir(lignes, "vente", None) == lignes[0]
    assert regles.choisir(lignes, "periodique", None) is None


@pytest.mark.parametrize(
    ("ht", "taux", "attendu"),
    [
        ("120", "10", ("120.00", "12.00", "132.00")),
        ("100.05", "5.5", ("100.05", "5.50", "105.55")),
        ("99.90", "5", ("99.90", "5.00", "104.90")),
        ("150.50", None, ("150.50", "0.00", "150.50")),
    ],
)
def test_les_montants_s_arrondissent_au_centime(ht, taux, attendu):
    m = regles.montants(D(ht), D(taux) if taux else None)
    assert (str(m.ht), str(m.tva), str(m.ttc)) == attendu


def test_une_majoration_haute_avertit_tant_que_le_plafond_n_est_pas_confirme():
    assert regles.avertir_majoration(D(400), None, D(400)) == ""
    assert "400 %" in regles.avertir_majoration(D(401), None, D(400))
    assert regles.avertir_majoration(D(401), D(400), D(400)) == ""


# --- tariffs --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("aller")
class TestTarifs:
    def test_deux_deliberations_du_meme_objet_ne_se_recouvrent_jamais(self):
        deliberation(au=date(2025, 12, 31))
        with pytest.raises(Refus, match="fermez-la la veille"):
            deliberation(du=date(2025, 12, 31))
        assert deliberation(du=date(2026, 1, 1)).pk
        assert majoration(du=date(2025, 6, 1)).pk, "un autre objet"
        with pytest.raises(Refus, match="précède"):
            deliberation(du=date(2020, 1, 2), au=date(2020, 1, 1))

    def test_deux_lignes_d_une_nature_ne_se_recouvrent_pas(self):
        d = deliberation()
        with pytest.raises(Refus, match="couvre déjà"):
            tarifs.ajouter_ligne(d, nature="periodique", eh_min=D(19), eh_max=D(30), montant_ht=D(1))
        with pytest.raises(Refus, match="Vérifiez la ligne"):
            tarifs.ajouter_ligne(d, nature="contre_visite", montant_ht=D(-1))
        with pytest.raises(Refus, match="n'a pas de lignes"):
            tarifs.ajouter_ligne(majoration(), nature="vente", montant_ht=D(1))

    def test_le_tarif_est_celui_du_jour(self):
        d = deliberation(au=date(2025, 12, 31))
        deliberation(du=date(2026, 1, 1), lignes=({"nature": "vente", "montant_ht": D(160)},))
        assert tarifs.prix(INSEE, "vente", None, date(2025, 12, 31)).montants.ttc == D("150.50")
        assert tarifs.prix(INSEE, "vente", None, date(2026, 1, 1)).montants.ttc == D("160.00")
        assert tarifs.prix(INSEE, "periodique", D(5), date(2026, 1, 1)) is None, "non votée"
        assert tarifs.prix(INSEE, "vente", None, date(2024, 12, 31)) is None, "avant la première"
        with pytest.raises(Refus, match="un de ces jours"):
            tarifs.fermer(d, date(2026, 3, 1))

    def test_une_pfac_hors_de_la_loi_et_une_majoration_sans_taux_sont_refusees(self):
        pfac = {"objet": "pfac", "lignes": ()}
        bonnes = {"mode": "surface", "tarif_m2": "18", "cout_anc": "9000"}
        for fausses in ({"tarif_m2": None}, {"taux_plafond": "0.9"}, {"cout_anc": "0"}):
            with pytest.raises(Refus):
                deliberation(regles={**bonnes, **fausses}, **pfac)
        assert deliberation(regles=bonnes, **pfac).pk
        with pytest.raises(Refus, match="taux"):
            majoration("0")

    def test_un_parametre_inactif_s_active_avec_une_reference_et_une_date(self):
        tarifs.charger_parametres()
        assert tarifs.charger_parametres().creees == 0, "une fois"
        assert ParametreLoi.objects.filter(a_confirmer=True).count() == 2
        assert ParametreLoi.objects.get(code="D302_POINTS").en_mots == "A 20/20/30/30, B 10/20/10"
        assert ParametreLoi.objects.get(code="ANC_VALIDITE_RAPPORT").en_mots == "3 ans"
        plafond = ParametreLoi.objects.get(code="AC_MAJORATION_MAX")
        jour = date(2026, 3, 2)
        assert tarifs.parametre_actif("AC_MAJORATION_MAX", jour) is None
        assert tarifs.parametre_actif("PFAC_CONTESTATION", jour) == 2
        assert majoration("500").pk, "rien n'est imposé tant que la loi n'est pas confirmée"
        for reference, le, dit in (("", jour, "vérifié"), ("Légifrance", date(2026, 3, 3), "avenir")):
            with pytest.raises(Refus, match=dit):
                tarifs.activer(plafond, reference, le, acteur())
        tarifs.activer(plafond, "Légifrance, 2 mars 2026", jour, acteur())
        assert tarifs.parametre_actif("AC_MAJORATION_MAX", jour) == 400
        assert tarifs.parametre_actif("AC_MAJORATION_MAX", date(2026, 3, 1)) is None
        with pytest.raises(Refus, match="déjà actif"):
            tarifs.activer(plafond, "Encore", jour, acteur())
        with pytest.raises(Refus, match="400"):
            majoration("401", du=date(2026, 3, 2), insee="25998")


# --- the life of a line ---------------------------------------------------------------------------


@pytest.mark.usefixtures("aller")
class TestLigne:
    def test_la_redevance_suit_son_controle_du_premier_jour_au_paiement(self, aller):
        deliberation()
        c = controle()
        x = ligne(c)
        assert (x.etat, x.montant_ht, x.montant_ttc) == ("a_annoncer", D("120.00"), D("132.00"))
        assert x.tarif["deliberation"] == "Délibération 2025-12"
        faire(c, "proposer_rdv", donnees={"le": "2026-03-20", "creneau": "9 h"})
        x.refresh_from_db()
        assert (x.etat, x.annoncee_le) == ("annoncee", date(2026, 3, 2))
        faire(c, "fixer_rdv", donnees={"le": "2026-03-20", "creneau": "9 h"})
        aller(date(2026, 3, 20))
        notifie(c)
        x.refresh_from_db()
        assert x.etat == "a_facturer"
        faire(c, "facturer", "gestionnaire", donnees={"reference": "T-12"})
        x.refresh_from_db()
        assert (x.etat, x.reference, x.exportee_le) == ("exportee", "T-12", date(2026, 3, 20))
        faire(c, "encaisser", "gestionnaire")
        x.refresh_from_db()
        assert (x.etat, c.etat, c.verrou) == ("payee", "clos", 2)
        annuler_dernier(c, par=acteur(), version=c.version, motif="Chèque refusé.")
        x.refresh_from_db()
        assert (x.etat, x.payee_le) == ("exportee", None)

    def test_sans_tarif_rien_ne_se_facture_et_rien_ne_bloque(self):
        c = notifie(controle())
        faire(c, "facturer", "gestionnaire", donnees={"reference": "T-1"})
        assert not LigneRedevance.objects.exists()

    def test_sans_annonce_il_faut_un_motif_ecrit(self):
        deliberation()
        c = notifie(controle())
        assert ligne(c).etat == "a_annoncer"
        with pytest.raises(Refus, match="n'a pas été annoncée avant la visite"):
            faire(c, "facturer", "gestionnaire", donnees={"reference": "T-1"})
        with pytest.raises(Refus, match="s'annonce avant elle"):
            x = ligne(c)
            redevances.agir(
                x, "annoncer", par=acteur("gestionnaire"), version=x.version, donnees={"moyen": "courriel"}
            )
        faire(
            c, "facturer", "gestionnaire", donnees={"reference": "T-1", "sans_annonce": "Urgence sanitaire."}
        )
        x = ligne(c)
        assert (x.etat, x.calculs["sans_annonce"]) == ("exportee", "Urgence sanitaire.")

    def test_une_annonce_se_rattrape_avec_sa_vraie_date(self, aller):
        deliberation()
        c = controle()
        aller(date(2026, 3, 10))
        valide(c)
        x = ligne(c)
        for le, permis in ((date(2026, 3, 10), False), (date(2026, 3, 9), True)):
            options = {"par": acteur("technicien"), "version": x.version, "date_effet": le}
            if permis:
                redevances.agir(x, "annoncer", donnees={"moyen": "courrier"}, **options)
            else:
                with pytest.raises(Refus, match="avant elle"):
                    redevances.agir(x, "annoncer", donnees={"moyen": "courrier"}, **options)
        with pytest.raises(Refus, match="pas encore reçu"):
            redevances.agir(x, "rendre_facturable", par=acteur("gestionnaire"), version=x.version)
        faire(c, "notifier")
        x.refresh_from_db()
        assert x.etat == "a_facturer"
        annuler_dernier(c, par=acteur(), version=c.version, motif="Reçu plus tard.")
        x.refresh_from_db()
        assert x.etat == "annoncee", "la réception rayée, rien ne se facture plus"

    def test_le_tarif_de_l_annonce_remplace_celui_d_avant(self, aller):
        deliberation(au=date(2026, 3, 31))
        deliberation(du=date(2026, 4, 1), lignes=({"nature": "periodique", "montant_ht": D(130)},))
        c = controle()
        assert ligne(c).montant_ht == D("120.00")
        assert courriers_redevances._prix(c)[0] == "132,00 €"
        aller(date(2026, 4, 2))
        assert courriers_redevances._prix(c)[0] == "130,00 €", "la lettre dit ce qu'elle annonce"
        faire(c, "proposer_rdv")
        assert (ligne(c).montant_ht, ligne(c).etat) == (D("130.00"), "annoncee")
        assert LigneRedevance.objects.get(etat="annulee").montant_ht == D("120.00")

    def test_une_capacite_inconnue_empeche_d_annoncer(self):
        deliberation()
        c = controle(installation(champs={"eh": None}))
        assert not LigneRedevance.objects.exists()
        with pytest.raises(Refus, match="renseignez-la"):
            faire(c, "proposer_rdv")

    def test_un_controle_annule_n_est_pas_paye(self):
        deliberation()
        c = controle()
        faire(c, "proposer_rdv")
        faire(c, "annuler", "responsable", donnees={"motif": "Doublon."})
        assert LigneRedevance.objects.get().etat == "annulee"

    @pytest.mark.parametrize(
        "instruction",
        [
            "UPDATE assainissement_ligneredevance SET montant_ht = 1, montant_ttc = 1 + montant_tva",
            "UPDATE assainissement_ligneredevance SET libelle = 'Autre'",
            "DELETE FROM assainissement_ligneredevance",
        ],
    )
    def test_les_montants_ne_changent_ni_par_l_ecran_ni_en_sql(self, instruction):
        deliberation()
        controle()
        with (
            pytest.raises(IntegrityError, match=r"figée|s'efface pas"),
            transaction.atomic(),
            connection.cursor() as c,
        ):
            c.execute(instruction)


# --- to finance -----------------------------------------------------------------------------------


def _a_facturer(nom: str = "Personne fictive"):
    payeur = Tiers.objects.create(
        collectivite=INSEE, nom=nom, voie="1 rue Fictive", code_postal="25999", ville="VALBRUNE"
    )
    c = controle(installation(proprietaire=payeur))
    faire(c, "proposer_rdv")
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": f"{nom}"})
    return notifie(c)


@pytest.mark.usefixtures("aller")
class TestEnvoi:
    def test_un_envoi_prend_tout_une_fois_et_ne_change_plus(self):
        deliberation()
        c, sans = _a_facturer("=cmd"), notifie(controle(installation(proprietaire=None), "vente"))
        assert ligne(sans).etat == "a_annoncer"
        assert redevances.rejets(INSEE) == []
        lot = redevances.transmettre(INSEE, par=acteur("gestionnaire"))
        x = ligne(c)
        c.refresh_from_db()
        assert (x.etat, c.etat, lot.numero) == ("exportee", "facture", "RED-25999-2026-01")
        entete, rangee, fin = lot.contenu.split("\r\n")
        assert entete.startswith("role;exercice;reference_titre;numero_dossier;tiers_code")
        assert rangee.startswith(f"RED-25999-2026-01;2026;RED-25999-2026-01-0001;{c.numero};")
        assert ";'=cmd;" in rangee and ";120,00;10,00;132,00;01/04/2026;" in rangee
        assert (fin, len(lot.empreinte)) == ("", 64)
        with pytest.raises(Refus, match="Rien à transmettre"):
            redevances.transmettre(INSEE, par=acteur("gestionnaire"))
        with pytest.raises(IntegrityError, match="ne change plus"), transaction.atomic():
            LotRedevance.objects.update(contenu="autre")
        with pytest.raises(IntegrityError, match="référence"), transaction.atomic():
            LigneRedevance.objects.filter(pk=x.pk).update(reference="autre")
        redevances.agir(x, "encaisser", par=acteur("gestionnaire"), version=x.version)
        c.refresh_from_db()
        assert (ligne(c).etat, c.etat) == ("payee", "clos")

    def test_deux_agents_ne_facturent_pas_deux_fois(self):
        deliberation()
        c = _a_facturer()
        vue = c.version
        faire(c, "facturer", "gestionnaire", donnees={"reference": "T-1"})
        from assainissement import controles

        with pytest.raises(ConflitEdition):
            controles.agir(
                c, "facturer", par=acteur("responsable"), version=vue, donnees={"reference": "T-2"}
            )
        x = ligne(c)
        champs = {
            f.attname: getattr(x, f.attname)
            for f in x._meta.concrete_fields
            if f.attname not in ("id", "reference", "lot_id")
        }
        with pytest.raises(IntegrityError, match="ass_redevance_une_par_controle"), transaction.atomic():
            LigneRedevance.objects.create(**champs, reference="T-3")


# --- surcharge ------------------------------------------------------------------------------------


def _refusee(aller):
    ReglementService.objects.create(insee=INSEE, date_effet=date(2020, 1, 1), relances_avant_majoration=1)
    c = controle()
    faire(c, "proposer_rdv")
    faire(c, "constater_refus")
    aller(date(2026, 6, 3))
    return faire(c, "relancer")


def test_une_majoration_se_vote_se_notifie_puis_se_facture(aller):
    deliberation()
    c = _refusee(aller)
    assert (c.nb_relances, c.calculs["majoration_due"]) == (1, True)
    with pytest.raises(Refus, match="Aucune délibération en vigueur ne fixe la majoration"):
        faire(c, "majorer", "responsable", donnees={"motif": "Refus."})
    majoration("150")
    faire(c, "majorer", "responsable", donnees={"motif": "Refus."})
    x = ligne(c, "majoration")
    assert (x.etat, x.montant_ht, x.montant_ttc) == ("a_annoncer", D("180.00"), D("198.00"))
    assert x.libelle.startswith("Majoration de 150 %")
    redevances.majoration_annoncee(c, date(2026, 6, 4), "C-1")
    x.refresh_from_db()
    assert x.etat == "a_facturer"
    faire(c, "fixer_rdv", donnees={"le": "2026-07-01", "creneau": "9 h"})
    x.refresh_from_db()
    assert x.etat == "a_facturer", "notifiée, elle reste due"


def test_une_visite_fixee_arrete_une_majoration_pas_encore_notifiee(aller):
    deliberation()
    majoration()
    c = _refusee(aller)
    faire(c, "majorer", "responsable", donnees={"motif": "Refus."})
    faire(c, "fixer_rdv", donnees={"le": "2026-07-01", "creneau": "9 h"})
    assert LigneRedevance.objects.get(genre="majoration").etat == "annulee"
    repondre(c)
    assert ligne(c).etat == "annoncee"
