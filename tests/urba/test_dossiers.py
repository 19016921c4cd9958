"""Requests in the database: deposit, numbers, circuit through the engine, rights, later requests."""

from __future__ import annotations

import threading
from datetime import date
from uuid import uuid4

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import IntegrityError, connection, transaction

from mairie.models import Delegation, Evenement, EvenementDomaine
from mairie.workflow import ConflitEdition, Refus, annuler_dernier, appliquer, rafraichir, rejouer
from tests.personnes import AUTRE_INSEE, INSEE, commune
from tests.plan_factice import ecrire_plan
from tests.urba.fabrique_urba import DEPOT, acteur, agir, dossier, nouveau, personne, qualifie
from urba.models import DossierAutorisation, DossierInstruction
from urba.regles.numeros import NatureDossier
from urba.services import Demandeur, demander, deposer, natures_ouvertes

pytestmark = pytest.mark.django_db


@pytest.fixture
def aller(time_machine):
    """Go to a day; the tests begin on the day of deposit."""

    def vers(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T10:00:00+01:00", tick=False)

    vers(DEPOT)
    ecrire_plan()
    return vers


@pytest.fixture
def delegation(aller):
    """The signatory of the commune has signed since 2015."""
    return Delegation.objects.create(
        collectivite=commune(), delegataire=acteur("signataire"), titulaire=True, du=date(2015, 1, 1)
    )


def accorde(aller, di, signee=date(2026, 4, 20), notifiee=date(2026, 4, 22), sens="accord", **plus):
    """Brought to its notified decision."""
    qualifie(di)
    agir(di, "rapport_pret", "instructeur")
    agir(di, "finaliser_decision", "instructeur", donnees={"sens": sens, **plus})
    aller(signee)
    agir(di, "signature", "signataire")
    aller(notifiee)
    return agir(di, "notification_decision", "guichet")


# --- deposit ------------------------------------------------------------------------------------


def test_le_depot_numerote_situe_et_date(aller):
    di = dossier(references="AB 1, AB 2", objet="Maison")
    assert di.numero == "PC0259992600001"
    assert str(di) == "PC 025 999 26 00001"
    assert (di.etat, di.date_limite, di.delai_mois) == ("a_qualifier", date(2026, 5, 2), 2)
    assert [p.idu for p in di.parcelles.all()] == ["25999000AB0001", "25999000AB0002"]
    assert di.parcelles.first().parcelle is not None
    di.terrain.refresh_from_db()
    assert di.terrain.emprise.area == pytest.approx(1800, abs=1)
    assert di.terrain.emprise_3857.srid == 3857
    assert di.da.etat == "en_instruction"
    annonce = EvenementDomaine.objects.get(nom="urba.dossier_depose")
    assert annonce.charge["idus"] == ["25999000AB0001", "25999000AB0002"]
    assert "fictive" not in str(annonce.charge), "aucun nom ne sort"


def test_une_parcelle_inconnue_se_garde_comme_ecrite(aller):
    di = dossier(references="ZZ 999")
    parcelle = di.parcelles.get()
    assert (parcelle.texte_saisi, parcelle.parcelle, parcelle.geom_du_jour) == ("ZZ 999", None, None)


def test_une_parcelle_d_une_autre_commune_est_refusee(aller):
    with pytest.raises(Refus, match="une seule commune"):
        dossier(references="25998000AB0001")
    assert not DossierAutorisation.objects.exists()


def test_un_dessin_l_emporte_sur_l_union_des_parcelles(aller):
    di = dossier()
    carre = Polygon.from_bbox(di.terrain.emprise_parcelles.envelope.extent)
    carre.srid = 2154
    autre = dossier(emprise=carre.buffer(5))
    autre.terrain.refresh_from_db()
    assert autre.terrain.emprise.area > di.terrain.emprise_parcelles.area


def test_un_dessin_croise_est_refuse(aller):
    papillon = MultiPolygon(Polygon(((0, 0), (10, 10), (10, 0), (0, 10), (0, 0))), srid=2154)
    with pytest.raises(Refus, match="se croise"):
        dossier(emprise=papillon)
    assert not DossierInstruction.objects.exists()


@pytest.mark.parametrize(
    ("champs", "message"),
    [
        ({"type_detail": "XX"}, "Type de dossier inconnu"),
        ({"le": date(2026, 3, 3)}, "dans l'avenir"),
        ({"le": date(2017, 3, 31)}, "à reprendre"),
        ({"demandeurs": []}, "un pétitionnaire"),
        ({"references": ""}, "au moins une parcelle"),
    ],
)
def test_un_depot_impossible_ne_laisse_rien(aller, champs, message):
    with pytest.raises(Refus, match=message):
        dossier(**champs)
    assert not DossierAutorisation.objects.exists()
    assert dossier().numero.endswith("00001"), "le numéro n'a pas été consommé"


def test_le_meme_formulaire_envoye_deux_fois_fait_un_dossier(aller):
    cle = uuid4()
    assert dossier(client_uuid=cle) == dossier(client_uuid=cle)
    assert DossierInstruction.objects.count() == 1


def test_les_numeros_se_suivent_par_lettres_et_par_annee(aller):
    numeros = [dossier(t).numero[:2] + dossier(t).numero[-5:] for t in ("PCMI", "DP")]
    assert numeros == ["PC00002", "DP00002"]
    aller(date(2027, 1, 4))
    assert dossier("PC", date(2027, 1, 4)).numero == "PC0259992700001"


@pytest.mark.django_db(transaction=True)
def test_des_depots_simultanes_se_suivent_sans_trou(time_machine):
    ecrire_plan()
    par, erreurs = acteur("guichet"), []
    demandes = [nouveau(le=date(2026, 3, 2), demandeurs=[Demandeur(personne(f"P{i}"))]) for i in range(12)]

    def un(demande):
        try:
            deposer(demande, par=par, aujourdhui=date(2026, 3, 2))
        except Exception as e:
            erreurs.append(e)
        finally:
            connection.close()

    fils = [threading.Thread(target=un, args=(d,)) for d in demandes]
    for f in fils:
        f.start()
    for f in fils:
        f.join()
    assert erreurs == []
    ordres = sorted(DossierAutorisation.objects.values_list("ordre", flat=True))
    assert ordres == [f"{n:05d}" for n in range(1, 13)]


# --- circuit ------------------------------------------------------------------------------------


def test_un_pcmi_complet_du_depot_a_la_conformite(aller, delegation):
    di = dossier()
    aller(date(2026, 3, 4))
    qualifie(di, majorations=[{"code": "ABF_ABORDS_SPR"}])
    aller(date(2026, 3, 10))
    agir(di, "notification_majoration", "guichet", donnees={"majorations": [{"code": "ABF_ABORDS_SPR"}]})
    assert di.date_limite == date(2026, 6, 2)
    agir(di, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    aller(date(2026, 3, 16))
    agir(di, "notification_pieces", "guichet")
    assert (di.etat, di.date_limite, di.date_limite_pieces) == ("incomplet_notifie", None, date(2026, 6, 16))
    aller(date(2026, 4, 1))
    agir(di, "depot_pieces", "guichet", donnees={"pieces": ["PCMI2"]})
    assert (di.etat, di.date_limite) == ("en_cours", date(2026, 7, 1))
    agir(di, "rapport_pret", "instructeur")
    agir(
        di,
        "finaliser_decision",
        "instructeur",
        donnees={"sens": "accord_prescriptions", "prescriptions": "Tuiles canal."},
    )
    agir(di, "renvoi", "signataire", donnees={"motif": "Préciser la teinte."})
    agir(
        di,
        "finaliser_decision",
        "instructeur",
        donnees={"sens": "accord_prescriptions", "prescriptions": "Tuiles canal ocre."},
    )
    aller(date(2026, 6, 20))
    agir(di, "signature", "signataire")
    aller(date(2026, 6, 23))
    agir(di, "notification_decision", "guichet")
    di.da.refresh_from_db()
    assert (di.etat, di.da.etat, di.da.date_validite) == (
        "accorde_prescriptions",
        "valide",
        date(2029, 6, 23),
    )
    aller(date(2026, 9, 1))
    agir(di, "doc", "technicien")
    aller(date(2027, 9, 1))
    agir(di, "daact", "guichet")
    di.da.refresh_from_db()
    assert di.da.etat == "acheve"
    rafraichir(di, date(2027, 12, 2))
    di.da.refresh_from_db()
    assert di.da.etat == "conforme"
    assert rejouer(di).ecarts == {}


def test_la_fenetre_fermee_se_force_avec_un_motif(aller):
    di = qualifie(dossier())
    aller(date(2026, 4, 3))
    with pytest.raises(Refus, match="s'est fermée le 02/04/2026") as refus:
        agir(di, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    assert refus.value.forcables == ("fenetre_ouverte",)
    agir(
        di, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]}, forcer="Utile au projet"
    )
    agir(di, "notification_pieces", "guichet")
    assert (di.etat, di.date_limite) == ("en_cours", date(2026, 5, 2))
    assert "DEMANDE_PIECES_TARDIVE" in di.alertes


def test_le_dernier_jour_de_la_fenetre_est_ouvert(aller):
    di = qualifie(dossier())
    aller(date(2026, 4, 2))
    agir(di, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    assert di.etat == "incomplet"


@pytest.mark.parametrize(
    ("evenement", "role", "donnees", "message"),
    [
        ("qualification", "guichet", {"type_detail": "PCMI"}, "réservé à"),
        ("qualification", "instructeur", {"type_detail": "DP"}, "Le numéro est en PC"),
        (
            "qualification",
            "instructeur",
            {"type_detail": "PCMI", "majorations": [{"code": "X"}]},
            "inconnue : X",
        ),
        ("signature", "signataire", {}, "impossible"),
        ("constat_tacite", "instructeur", {}, "naîtra le 03/05/2026"),
    ],
)
def test_ce_qui_est_refuse_dit_pourquoi(aller, evenement, role, donnees, message):
    di = dossier()
    with pytest.raises(Refus, match=message):
        agir(di, evenement, role, donnees=donnees)
    assert di.version == 1


def test_un_refus_sans_motifs_et_des_prescriptions_vides_sont_refuses(aller):
    di = qualifie(dossier())
    agir(di, "rapport_pret", "instructeur")
    for sens, message in (("refus", "motivé"), ("accord_prescriptions", "les énonce")):
        with pytest.raises(Refus, match=message):
            agir(di, "finaliser_decision", "instructeur", donnees={"sens": sens})


def test_le_dossier_d_un_autre_instructeur_est_reserve(aller):
    di = dossier()
    from tests.personnes import agent

    autre = agent("urba.instructeur", email="autre@exemple.invalid")
    agir(di, "affectation", "chef", donnees={"instructeur": autre.pk})
    assert di.instructeur == autre
    with pytest.raises(Refus, match="confié à un autre"):
        qualifie(di)
    annuler_dernier(di, par=acteur("chef"), version=di.version, motif="Erreur")
    di.refresh_from_db()
    assert di.instructeur is None
    qualifie(di)


def test_un_instructeur_prend_un_dossier_libre_mais_n_en_donne_pas(aller):
    from tests.personnes import agent

    di, autre = dossier(), agent("urba.instructeur", email="autre@exemple.invalid")
    with pytest.raises(Refus, match="revient au chef de service"):
        agir(di, "affectation", "instructeur", donnees={"instructeur": autre.pk})
    agir(di, "affectation", "instructeur", donnees={"instructeur": acteur("instructeur").pk})
    assert di.instructeur == acteur("instructeur")
    with pytest.raises(Refus, match="revient au chef de service"):
        agir(di, "affectation", "instructeur")
    agir(di, "affectation", "chef", donnees={"instructeur": autre.pk})
    with pytest.raises(Refus, match="confié à un autre"):
        agir(di, "affectation", "instructeur", donnees={"instructeur": acteur("instructeur").pk})


def test_sans_delegation_valable_ce_jour_on_ne_signe_pas(aller):
    di = qualifie(dossier())
    agir(di, "rapport_pret", "instructeur")
    agir(di, "finaliser_decision", "instructeur", donnees={"sens": "accord"})
    with pytest.raises(Refus, match="Aucune délégation"):
        agir(di, "signature", "signataire")
    Delegation.objects.create(
        collectivite=commune(), delegataire=acteur("signataire"), titulaire=True, du=date(2026, 3, 2)
    )
    agir(di, "signature", "signataire")
    assert di.etat == "decide_a_notifier"


@pytest.mark.parametrize(
    ("types", "signe"),
    [
        (["urba.decision"], True),
        (["urba"], True),
        (["urba.instruction"], False),
        (["domainepublic.arrete"], False),
    ],
    ids=["ce genre d'acte", "tout le métier", "un autre genre", "un autre métier"],
)
def test_une_delegation_ne_vaut_que_pour_ses_genres_d_actes(aller, types, signe):
    di = qualifie(dossier())
    agir(di, "rapport_pret", "instructeur")
    agir(di, "finaliser_decision", "instructeur", donnees={"sens": "accord"})
    Delegation.objects.create(
        collectivite=commune(),
        delegataire=acteur("signataire"),
        types_actes=types,
        acte_reference="2026-03",
        acte_date=date(2026, 3, 1),
        du=date(2026, 3, 2),
    )
    if signe:
        agir(di, "signature", "signataire")
        assert di.etat == "decide_a_notifier"
    else:
        with pytest.raises(Refus, match="Aucune délégation"):
            agir(di, "signature", "signataire")


@pytest.mark.parametrize(("jour", "ouvert"), [(date(2026, 5, 2), False), (date(2026, 5, 3), True)])
def test_le_tacite_se_constate_le_lendemain_de_la_limite(aller, jour, ouvert):
    di = qualifie(dossier())
    aller(jour)
    if ouvert:
        agir(di, "constat_tacite", "instructeur", date(2026, 5, 3))
        assert (di.etat, di.date_decision) == ("accord_tacite", date(2026, 5, 3))
        rendue = EvenementDomaine.objects.get(nom="urba.decision_rendue")
        assert rendue.charge["tacite"] is True
    else:
        with pytest.raises(Refus, match="naîtra"):
            agir(di, "constat_tacite", "instructeur", jour)


def test_le_constat_porte_la_date_de_la_loi(aller):
    di = qualifie(dossier())
    aller(date(2026, 5, 10))
    with pytest.raises(Refus, match="porte la date de la décision implicite : 03/05/2026"):
        agir(di, "constat_tacite", "instructeur")


def test_une_decision_notifiee_trop_tard_laisse_le_tacite_et_demande_un_retrait(aller, delegation):
    di = accorde(aller, dossier(), date(2026, 5, 2), date(2026, 5, 3), "refus", motifs="PLU")
    assert (di.etat, di.calculs["retrait_requis"]) == ("accord_tacite", True)
    with pytest.raises(Refus, match="contradictoire"):
        agir(di, "retrait", "signataire")
    aller(date(2026, 8, 4))
    with pytest.raises(Refus, match="jusqu'au 03/08/2026"):
        agir(di, "retrait", "signataire", donnees={"contradictoire_le": "2026-06-01"})
    agir(di, "retrait", "signataire", date(2026, 8, 3), {"contradictoire_le": "2026-06-01"})
    di.da.refresh_from_db()
    assert (di.etat, di.da.etat) == ("retire", "retire")


def test_deux_agents_a_la_fois_un_seul_l_emporte(aller):
    di = dossier()
    appliquer(di, "qualification", par=acteur("instructeur"), version=1, donnees={"type_detail": "PCMI"})
    with pytest.raises(ConflitEdition, match="Qualification"):
        appliquer(di, "abandon", par=acteur("guichet"), version=1)


def test_un_evenement_tardif_reprend_sa_place(aller):
    di = qualifie(dossier())
    aller(date(2026, 4, 20))
    agir(di, "notification_majoration", "guichet", date(2026, 3, 20), {"majorations": [{"code": "CDPENAF"}]})
    assert di.date_limite == date(2026, 6, 2)


# --- later requests -----------------------------------------------------------------------------


def suite(di, nature, le):
    """A later request of the same petitioner."""
    return demander(di.da, nature, nouveau(le=le, demandeurs=[]), par=acteur("guichet"))


def test_un_modificatif_accorde_garde_la_validite(aller, delegation):
    di = accorde(aller, dossier())
    assert NatureDossier.MODIFICATIF in natures_ouvertes(di.da, date(2026, 5, 4))
    aller(date(2026, 5, 4))
    m = demander(
        di.da, NatureDossier.MODIFICATIF, nouveau(le=date(2026, 5, 4), demandeurs=[]), par=acteur("guichet")
    )
    assert m.numero == "PC0259992600001M01"
    assert m.demandeurs.count() == 1
    assert (m.etat, m.date_limite) == ("a_qualifier", date(2026, 7, 4))
    with pytest.raises(Refus, match="déjà à l'instruction"):
        suite(di, NatureDossier.MODIFICATIF, date(2026, 5, 4))
    accorde(aller, m, date(2026, 6, 1), date(2026, 6, 2))
    di.da.refresh_from_db()
    assert di.da.date_validite == date(2029, 4, 22)


def test_une_prorogation_sans_reponse_est_acquise(aller, delegation):
    di = accorde(aller, dossier())
    aller(date(2029, 2, 1))
    p = demander(
        di.da, NatureDossier.PROROGATION, nouveau(le=date(2029, 2, 1), demandeurs=[]), par=acteur("guichet")
    )
    assert p.numero.endswith("PRO01")
    di.refresh_from_db()
    assert di.validite_fin == date(2030, 4, 22)


def test_une_dp_ne_se_modifie_pas(aller, delegation):
    di = accorde(aller, dossier("DP"), date(2026, 3, 20), date(2026, 3, 21))
    with pytest.raises(Refus, match="ne se modifie pas"):
        suite(di, NatureDossier.MODIFICATIF, date(2026, 3, 21))
    assert NatureDossier.MODIFICATIF not in natures_ouvertes(di.da, date(2026, 3, 21))


def test_doc_et_daact_posent_leur_evenement_sur_l_autorisation(aller, delegation):
    di = accorde(aller, dossier())
    aller(date(2026, 9, 1))
    doc = demander(
        di.da, NatureDossier.DOC, nouveau(le=date(2026, 9, 1), demandeurs=[]), par=acteur("guichet")
    )
    assert (doc.etat, doc.numero[-5:]) == ("enregistre", "DOC01")
    di.da.refresh_from_db()
    assert di.da.etat == "chantier_ouvert"
    with pytest.raises(Refus, match="commencés"):
        demander(
            di.da,
            NatureDossier.ANNULATION,
            nouveau(le=date(2026, 9, 1), demandeurs=[]),
            par=acteur("guichet"),
        )


def test_sur_un_dossier_en_cours_rien_d_autre_ne_se_demande(aller):
    di = dossier()
    assert natures_ouvertes(di.da, DEPOT) == []


# --- rights and database ------------------------------------------------------------------------


def test_chacun_ne_voit_que_sa_commune(aller):
    di = dossier()
    assert list(DossierInstruction.objects.visibles_par(acteur("lecture"))) == [di]
    assert not DossierInstruction.objects.visibles_par(acteur("lecture", AUTRE_INSEE)).exists()
    assert not DossierInstruction.objects.visibles_par(None).exists()
    with pytest.raises(Refus, match="réservé"):
        appliquer(
            di,
            "qualification",
            par=acteur("instructeur", AUTRE_INSEE),
            version=di.version,
            donnees={"type_detail": "PCMI"},
        )


def test_la_base_refuse_deux_petitionnaires_et_une_limite_avant_le_depot(aller):
    di = dossier()
    with pytest.raises(IntegrityError), transaction.atomic():
        di.demandeurs.create(tiers=personne("Autre"), role="petitionnaire", depuis=DEPOT)
    with pytest.raises(IntegrityError), transaction.atomic():
        DossierInstruction.objects.filter(pk=di.pk).update(date_limite=date(2026, 3, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        DossierInstruction.objects.filter(pk=di.pk).update(etat="inconnu")


def test_le_journal_d_un_dossier_reste(aller):
    di = qualifie(dossier())
    assert Evenement.objects.filter(dossier_id=di.pk).count() == 2
    assert di.insee == INSEE
