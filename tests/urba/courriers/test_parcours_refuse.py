"""The course of ``tests/navigateur/test_permis.py``, by the roles that must not: refused each time."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from mairie.models import Courrier, Evenement
from tests.personnes import AUTRE_INSEE, agent, commune
from tests.urba.courriers.fabrique import decide, depose, finale, maire, presentee, signee
from tests.urba.courriers.test_parapheur import entre
from tests.urba.fabrique_urba import agir, qualifie
from tests.urba.test_ecrans_urba import client_de
from urba.models import DossierInstruction

JOUR = date(2026, 3, 2)
PIECES = {"pieces": [{"code": "PCMI2", "exigible": True}]}
TOUS = ("guichet", "instructeur", "chef", "signataire", "technicien", "lecture", "administrateur")
# Event → state to reach first, what the form says, roles that may.
INSTRUIRE, DATER = {"instructeur", "chef"}, {"guichet", "instructeur", "chef"}
SUIVRE = DATER | {"technicien"}
EVENEMENTS = {
    "qualification": ("depose", {"type_detail": "PCMI"}, INSTRUIRE),
    "demande_pieces": ("qualifie", {"pieces": ["PCMI2"]}, INSTRUIRE),
    "notification_pieces": ("incomplet", {}, DATER),
    "notification_majoration": ("qualifie", {"majorations": ["ABF_ABORDS_SPR"]}, DATER),
    "depot_pieces": ("incomplet_notifie", {"pieces": ["PCMI2"]}, DATER),
    "rapport_pret": ("qualifie", {}, INSTRUIRE),
    "finaliser_decision": ("redaction", {"sens": "accord"}, INSTRUIRE),
    "notification_decision": ("signe", {}, DATER),
    "transmission_cl": ("accorde", {}, DATER),
    "affichage_mairie": ("accorde", {}, DATER),
    "affichage_terrain": ("accorde", {}, DATER),
    "doc": ("accorde", {}, SUIVRE),
    "daact": ("accorde", {}, SUIVRE),
}


def amener(etat: str) -> DossierInstruction:
    """A dossier in that state, by those who may."""
    d = depose()
    if etat == "depose":
        return d
    qualifie(d)
    if etat in ("incomplet", "incomplet_notifie"):
        agir(d, "demande_pieces", "instructeur", donnees=PIECES)
        return agir(d, "notification_pieces", "guichet") if etat == "incomplet_notifie" else d
    if etat == "redaction":
        return agir(d, "rapport_pret", "instructeur")
    if etat in ("signe", "accorde"):
        c = signee(finale(decide(d, "accord"), "arrete_accord"), maire(), JOUR)
        if etat == "accorde":
            presentee(c, JOUR)
        d.refresh_from_db()
    return d


@pytest.mark.parametrize("evenement", list(EVENEMENTS))
def test_chaque_etape_est_refusee_aux_roles_qui_ne_la_font_pas(aller, evenement):
    etat, champs, permis = EVENEMENTS[evenement]
    d = amener(etat)
    avant = Evenement.objects.count()
    for role in set(TOUS) - permis:
        d.refresh_from_db()
        reponse = client_de(role).post(
            f"/urba/dossiers/{d.pk}/evenements/{evenement}/",
            {"date_effet": "2026-03-02", "version": d.version, "cle": str(uuid4()), **champs},
        )
        assert reponse.status_code == 422, (role, reponse.status_code)
        assert "réservé à" in reponse.content.decode(), role
    assert Evenement.objects.count() == avant
    role = sorted(permis)[0]
    assert client_de(role).post(
        f"/urba/dossiers/{d.pk}/evenements/{evenement}/",
        {"date_effet": "2026-03-02", "version": d.version, "cle": str(uuid4()), **champs},
    ).status_code == 302  # fmt: skip


def test_deposer_est_refuse_a_qui_ne_tient_pas_le_guichet(aller):
    for role in ("lecture", "technicien", "signataire", "administrateur"):
        assert client_de(role).get("/urba/deposer/").status_code == 403, role
        assert client_de(role).post("/urba/deposer/", {}).status_code == 403, role


def test_consulter_et_dater_une_consultation_sont_refuses(aller):
    d = amener("qualifie")
    for role in ("lecture", "technicien", "signataire", "administrateur", "guichet"):
        assert client_de(role).post(f"/urba/dossiers/{d.pk}/consulter/", {"services": "1"}).status_code == 403


def test_finaliser_signer_envoyer_dater_une_lettre_sont_refuses_a_l_ecran(aller):
    maire()
    d = amener("incomplet")
    c = finale(d, "incompletude")
    for role in set(TOUS) - {"instructeur", "chef", "guichet"}:
        client = client_de(role)
        for acte in ("envoyer", "suivre", "abandonner"):
            donnees = {"mode": "recommande", "le": "2026-03-02", "version": c.version, "motif": "x"}
            reponse = client.post(f"/courriers/{c.pk}/{acte}/", donnees)
            assert reponse.status_code in (302, 403), (role, acte)
            c.refresh_from_db()
            assert c.etat == "finalise", (role, acte)
    for role in set(TOUS):
        client_de(role).post(f"/courriers/{c.pk}/signer/", {"le": "2026-03-02"})
        c.refresh_from_db()
        assert c.etat == "finalise", f"{role} a signé sans titre"


def test_personne_d_une_autre_commune_n_ouvre_rien_du_parcours(aller):
    d = amener("accorde")
    c = Courrier.objects.get()
    commune(AUTRE_INSEE)
    ailleurs = entre(agent(*(f"urba.{r}" for r in TOUS), codes=(AUTRE_INSEE,)))
    for adresse in (
        f"/urba/dossiers/{d.pk}/", f"/urba/dossiers/{d.pk}/evenements/doc/", f"/courriers/{c.pk}/",
        f"/courriers/{c.pk}/lettre.pdf", f"/courriers/dossier/urba.dossier/{d.pk}/",
    ):  # fmt: skip
        assert ailleurs.get(adresse).status_code == 404, adresse


# Events on a granted permit that close, contest or certify: roles that may.
SUR_UN_ACCORD = {
    "recours_depose": ({"genre": "gracieux"}, INSTRUIRE),
    "recolement": ({"conforme": "on"}, INSTRUIRE | {"technicien"}),
    "interruption_travaux": ({}, SUIVRE),
    "attestation_demandee": ({}, SUIVRE),
    "mise_en_demeure": ({}, {"signataire"}),
    "attestation": ({}, {"signataire"}),
    "retrait": ({"a_la_demande": "on"}, {"signataire"}),
    "annulation": ({}, {"guichet", "chef"}),
}


def test_ce_qui_suit_l_accord_est_refuse_aux_roles_qui_ne_le_font_pas(aller):
    d = amener("accorde")
    avant, version = Evenement.objects.count(), d.version
    clients = {role: client_de(role) for role in TOUS}
    for evenement, (champs, permis) in SUR_UN_ACCORD.items():
        for role in set(TOUS) - permis:
            reponse = clients[role].post(
                f"/urba/dossiers/{d.pk}/evenements/{evenement}/",
                {"date_effet": "2026-03-02", "version": version, "cle": str(uuid4()), **champs},
            )
            assert reponse.status_code == 422, (evenement, role, reponse.status_code)
            assert "réservé à" in reponse.content.decode(), (evenement, role)
    assert Evenement.objects.count() == avant


def test_un_avis_ne_se_date_ni_ne_se_saisit_par_qui_n_instruit_pas(aller):
    from mairie import consultations as partagees
    from mairie.models import ServiceConsulte
    from urba import consultations

    consultations.charger_services()
    d = amener("qualifie")
    partagees.envoyer(consultations.preparer(d, ServiceConsulte.objects.get(code="eau")))
    c = partagees.de_dossier(d)[0]
    for role in ("lecture", "technicien", "signataire", "administrateur", "guichet"):
        client = client_de(role)
        for acte, champs in (
            ("recevoir", {"le": "2026-03-02"}),
            ("avis", {"avis": "favorable", "le": "2026-03-02", "motivation": "x"}),
        ):
            reponse = client.post(f"/consultations/{c.pk}/{acte}/", champs)
            assert reponse.status_code in (403, 404), (role, acte, reponse.status_code)
    c.refresh_from_db()
    assert (c.recue_le, c.avis) == (None, "")


def test_qui_n_a_pas_de_titre_ne_signe_pas_et_ne_renvoie_pas_dans_la_file(aller):
    maire()
    d = decide(amener("qualifie"), "accord")
    c = finale(d, "arrete_accord")
    for role in TOUS:
        client = client_de(role)
        client.post("/urba/signature/", {"actes": [c.pk]})
        client.post(f"/urba/signature/{c.pk}/renvoyer/", {"motif": "x"})
        c.refresh_from_db()
        d.refresh_from_db()
        assert (c.etat, d.etat) == ("finalise", "en_signature"), role
