"""Every row of the table of the life cycle (spec §4): states, who, guard failing then passing, effects.

The first test holds the whole table against the circuit, both ways; the courses then play each row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import domainepublic
from domainepublic import nuit, publicites
from domainepublic.instruction.etats import FINALS, LIBELLES
from domainepublic.models import DossierODP, LigneFacturable
from domainepublic.workflow import DOSSIER_ODP
from mairie.models import Courrier, Evenement, EvenementDomaine
from mairie.roles import systeme, usager
from mairie.workflow import Refus, appliquer, rafraichir
from tests.domainepublic.fabrique_odp import (
    acteur,
    delegue,
    dossier,
    emprise,
    faire,
    ligne,
    photographie,
    rect,
)
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import INSEE

AGENT = {"instructeur", "responsable"}
TERRAIN = {*AGENT, "assermente"}
DEMANDEUR, JOB, SIGNATAIRE = {"usager"}, {"systeme"}, {"signataire"}
# event: (from, who, to), as the specification writes it.
SPEC: dict[str, tuple[set[str], set[str], set[str]]] = {
    "deposer": ({"brouillon"}, DEMANDEUR | AGENT, {"depose"}),
    "declarer_incomplet": ({"depose", "en_instruction"}, AGENT, {"incomplet"}),
    "ouvrir_publicite": ({"depose", "en_instruction"}, AGENT, {"publicite"}),
    "instruire": ({"depose"}, AGENT, {"en_instruction"}),
    "classer_sans_suite": (
        {"depose", "incomplet", "publicite", "mise_en_concurrence", "en_instruction", "en_avis"},
        AGENT | JOB, {"sans_suite"},
    ),
    "completer": ({"incomplet"}, DEMANDEUR | AGENT, {"depose"}),
    "clore_publicite": ({"publicite"}, JOB, {"en_instruction"}),
    "constater_concurrence": ({"publicite"}, AGENT, {"mise_en_concurrence"}),
    "retenir": ({"mise_en_concurrence"}, AGENT, {"en_instruction"}),
    "demander_avis": ({"en_instruction"}, AGENT, {"en_avis"}),
    "reprendre": ({"en_avis"}, AGENT | JOB, {"en_instruction"}),
    "preparer_acte": ({"en_instruction"}, AGENT, {"a_signer"}),
    "refuser": ({"en_instruction", "a_signer"}, SIGNATAIRE, {"refuse"}),
    "renvoyer": ({"a_signer"}, SIGNATAIRE, {"en_instruction"}),
    "signer": ({"a_signer"}, SIGNATAIRE, {"accorde", "a_signer"}),
    "commencer": ({"accorde"}, JOB, {"actif"}),
    "constater_caducite": ({"accorde"}, AGENT, {"caduc"}),
    "retirer": ({"accorde", "actif", "suspendu"}, SIGNATAIRE, {"retire"}),
    "demander_prolongation": ({"actif"}, DEMANDEUR | AGENT, {"prolongation_demandee"}),
    "accepter_prolongation": ({"prolongation_demandee"}, SIGNATAIRE, {"actif"}),
    "refuser_prolongation": ({"prolongation_demandee"}, SIGNATAIRE, {"actif"}),
    "suspendre": ({"actif"}, SIGNATAIRE, {"suspendu"}),
    "reprendre_occupation": ({"suspendu"}, SIGNATAIRE, {"actif"}),
    "arreter_avant_terme": ({"actif", "accorde"}, DEMANDEUR | AGENT, {"a_controler"}),
    "echoir": ({"actif", "suspendu"}, JOB, {"a_controler"}),
    "constater_liberation": ({"a_controler"}, TERRAIN, {"termine"}),
    "constater_depassement": ({"a_controler"}, TERRAIN, {"infraction"}),
    "ouvrir_constat": (set(), TERRAIN, {"infraction"}),
    "regulariser": ({"infraction"}, AGENT, {"regularise"}),
    "dresser_pv": ({"infraction"}, {"assermente"}, {"pv_dresse"}),
    "liberer": ({"infraction", "pv_dresse"}, TERRAIN, {"termine"}),
}  # fmt: skip
# What the house adds, each with its reason: (more from, more who).
AJOUTS: dict[str, tuple[set[str], set[str]]] = {
    "deposer": ({""}, JOB),  # a file is entered and deposited at once; renewals are made by a task
    "classer_sans_suite": ({"brouillon"}, set()),  # a draft may be given up
    "clore_publicite": (set(), AGENT),  # by hand too, once its last day is reached
    "constater_caducite": ({"actif"}, set()),  # the calendar says « actif » though nobody came
    "ouvrir_constat": ({""}, set()),
}
# Events of the file that change no state of the table.
HORS_TABLE = {
    "ouvrir_brouillon", "avis_recu", "lever_conflit", "signature_exterieure", "repondre_renouvellement",
    "justifier_vente",
}  # fmt: skip


def test_le_circuit_est_la_table_de_la_specification():
    circuit = {t.evenement: (set(t.depuis), set(t.roles), set(t.vers)) for t in DOSSIER_ODP.transitions}
    assert set(circuit) == set(SPEC) | HORS_TABLE
    for evenement, (depuis, qui, vers) in SPEC.items():
        plus_depuis, plus_qui = AJOUTS.get(evenement, (set(), set()))
        assert circuit[evenement] == (depuis | plus_depuis, qui | plus_qui, vers), evenement
    assert {e.code for e in DOSSIER_ODP.etats if e.final} == set(FINALS)


def test_aucun_etat_n_est_pose_hors_du_circuit():
    # No form, no admin page, no service writes it: the engine alone does.
    assert DossierODP._meta.get_field("etat").editable is False
    ecrit = re.compile(
        r"DossierODP\.objects[^\n]*\.update\([^)]*\betat=|\b(dossier|d|suite|origine)\.etat\s*=[^=]"
    )
    fautes = [
        f"{p.name}:{n}"
        for p in Path(domainepublic.__file__).parent.rglob("*.py")
        if "migrations" not in p.parts
        for n, texte in enumerate(p.read_text(encoding="utf-8").splitlines(), start=1)
        if ecrit.search(texte)
    ]
    assert fautes == []
    # Each state is reached by a row.
    assert {v for _, _, vers in SPEC.values() for v in vers} | {"brouillon"} == {e for e in LIBELLES if e}


@dataclass(frozen=True)
class Pas:
    """One row played: a role that may not, data refused with their message, then data that pass."""

    evenement: str
    role: str
    vers: str
    donnees: dict[str, Any] = field(default_factory=dict)
    refuses: tuple[tuple[dict[str, Any], str], ...] = ()
    intrus: str = "lecture"
    le: date | None = None


def jouer(d: DossierODP, pas: Pas) -> None:
    d.refresh_from_db()
    depart = d.etat
    with pytest.raises(Refus, match="réservé à"):
        faire(d, pas.evenement, pas.intrus, pas.le, pas.donnees)
    for donnees, message in pas.refuses:
        with pytest.raises(Refus, match=message):
            faire(d, pas.evenement, pas.role, pas.le, donnees)
    d.refresh_from_db()
    assert d.etat == depart, "un refus ne change rien"
    faire(d, pas.evenement, pas.role, pas.le, pas.donnees)
    assert d.etat == pas.vers, pas.evenement


def emis(d: DossierODP) -> set[str]:
    return {
        e.nom.removeprefix("domainepublic.")
        for e in EvenementDomaine.objects.filter(nom__startswith="domainepublic.")
        if e.charge.get("numero") == d.numero
    }


@pytest.fixture
def jours(aller):
    delegue()
    return aller


def test_de_la_demande_a_la_fin_controlee(jours):
    from mairie.references import charger

    charger()
    grille(frais_dossier="10.00")
    d = dossier(demandeur=payeur())
    assert d.numero and emis(d) == {"dossier_depose"}
    jouer(d, Pas("declarer_incomplet", "instructeur", "incomplet", {"pieces": ["plan", "assurance"]},
                 (({"pieces": []}, "quelles pièces manquent"),
                  ({"pieces": ["plan"], "delai_jours": 0}, "entre 1 et 365")), "signataire"))  # fmt: skip
    with pytest.raises(Refus, match="Il manque encore 2"):
        appliquer(d, "completer", par=usager("Suivi en ligne"), version=d.version)
    jouer(d, Pas("completer", "responsable", "depose", {}, (), "finances"))
    jouer(d, Pas("instruire", "instructeur", "en_instruction", {}, (), "coordination"))
    jouer(d, Pas("demander_avis", "instructeur", "en_avis", {"services": ["bus"], "obligatoire": True},
                 (({"services": []}, "au moins un service"),), "assermente"))  # fmt: skip
    with pytest.raises(Refus, match="Avis obligatoires attendus : bus"):
        faire(d, "reprendre")
    faire(d, "avis_recu", donnees={"service": "bus", "sens": "favorable"})
    jouer(d, Pas("reprendre", "instructeur", "en_instruction", {}, (), "finances"))
    jouer(d, Pas("preparer_acte", "responsable", "a_signer", {}, (), "signataire"))
    assert Courrier.objects.du_dossier(d).filter(etat="brouillon").exists(), "le projet d'acte"
    jouer(
        d,
        Pas(
            "renvoyer",
            "signataire",
            "en_instruction",
            {"motif": "Dates"},
            (({}, "Commentaire"),),
            "responsable",
        ),
    )
    faire(d, "preparer_acte")
    jouer(d, Pas("signer", "signataire", "accorde", {}, (), "instructeur"))
    assert d.lignes.get().etat == "figee" and "occupation_accordee" in emis(d)
    # The calendar begins it, and ends it.
    jours(date(2026, 6, 2))
    rafraichir(d)
    jouer(d, Pas("demander_prolongation", "instructeur", "prolongation_demandee", {"fin": "2026-07-05"},
                 (({"fin": "2026-06-30"}, "doit suivre"),), "signataire"))  # fmt: skip
    jouer(
        d,
        Pas(
            "refuser_prolongation", "signataire", "actif", {"motif": "Fête"}, (({}, "Motif"),), "responsable"
        ),
    )
    assert d.fin == date(2026, 6, 30)
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-05"})
    jouer(d, Pas("accepter_prolongation", "signataire", "actif", {}, (), "instructeur"))
    assert d.fin == date(2026, 7, 5) and d.lignes.filter(nature="solde").count() == 1
    jouer(d, Pas("suspendre", "signataire", "suspendu", {"motif": "Fête"}, (({}, "Motif"),), "responsable"))
    jours(date(2026, 6, 4))
    jouer(d, Pas("reprendre_occupation", "signataire", "actif", {"compensation": "avoir"},
                 (({}, "un avoir, ou une fin repoussée"),), "instructeur"))  # fmt: skip
    assert d.lignes.filter(motif="suspension").exists()
    jours(date(2026, 7, 6))
    rafraichir(d)
    assert d.etat == "a_controler"
    jouer(
        d,
        Pas(
            "constater_liberation",
            "assermente",
            "termine",
            {"le": "2026-07-06"},
            (({}, "Libre depuis"), ({"le": "2026-07-07"}, "est dans l'avenir")),
            "finances",
        ),
    )
    assert "occupation_terminee" in emis(d)


def test_de_la_fin_depassee_au_proces_verbal(jours):
    grille(majoration_sans_titre="50")
    d = dossier(demandeur=payeur())
    for evenement, role in (
        ("instruire", "instructeur"),
        ("preparer_acte", "instructeur"),
        ("signer", "signataire"),
    ):
        faire(d, evenement, role)
    jours(date(2026, 7, 3))
    rafraichir(d)
    constat = {"constat": "Toujours là"}
    with pytest.raises(Refus, match="se prouve par une photo"):
        faire(d, "constater_depassement", "assermente", donnees=constat)
    photographie(d)
    jouer(
        d, Pas("constater_depassement", "assermente", "infraction", constat, (({}, "Constat"),), "finances")
    )
    # 8 m² for three days at 1 €, and half as much again.
    assert str(d.lignes.latest("pk").montant) == "36.00"
    jouer(
        d, Pas("dresser_pv", "assermente", "pv_dresse", {"numero": "PV 1"}, (({}, "Numéro"),), "responsable")
    )
    jours(date(2026, 7, 6))
    jouer(
        d,
        Pas(
            "liberer",
            "instructeur",
            "termine",
            {"le": "2026-07-06"},
            (({}, "Libre depuis"), ({"le": "2062-07-06"}, "est dans l'avenir : donnez le jour constaté")),
            "signataire",
        ),
    )
    derniere = d.lignes.latest("pk")
    assert (derniere.debut, derniere.fin, str(derniere.montant)) == (
        date(2026, 7, 4),
        date(2026, 7, 5),
        "24.00",
    )


def test_une_infraction_se_regularise_par_un_nouveau_dossier(jours):
    d = dossier()
    for evenement, role in (
        ("instruire", "instructeur"),
        ("preparer_acte", "instructeur"),
        ("signer", "signataire"),
    ):
        faire(d, evenement, role)
    jours(date(2026, 7, 3))
    photographie(d)
    faire(d, "constater_depassement", donnees={"constat": "Toujours là"})
    jouer(d, Pas("regulariser", "instructeur", "regularise", {"numero": "ODP-25999-2026-00002"},
                 (({}, "Nouveau dossier"),), "assermente"))  # fmt: skip


def test_un_sol_ouvert_se_rend_avec_sa_photo(jours):
    d = dossier(emprise("RESEAU", ligne(0), largeur="1", fin=date(2026, 6, 5)))
    for evenement, role in (
        ("instruire", "instructeur"),
        ("preparer_acte", "instructeur"),
        ("signer", "signataire"),
    ):
        faire(d, evenement, role)
    jours(date(2026, 6, 8))
    rafraichir(d)
    with pytest.raises(Refus, match="une photo de son état est due"):
        faire(d, "constater_liberation", donnees={"le": "2026-06-06"})
    photographie(d)
    assert faire(d, "constater_liberation", donnees={"le": "2026-06-06"}).etat == "termine"


def test_de_la_publicite_a_la_concurrence(jours):
    seul, dispute = (dossier(emprise("TERR_O", rect(x)), demandeur=payeur(siret=s)) for x, s in (
        (0, "12345678200010"), (40, "98765432100011")))  # fmt: skip
    annonce = {"au": "2026-03-20", "lieu": "site de la commune"}
    jouer(seul, Pas("ouvrir_publicite", "instructeur", "publicite", annonce,
                    (({**annonce, "au": "2026-03-02"}, "finit après son ouverture"),),
                    "signataire"))  # fmt: skip
    faire(dispute, "ouvrir_publicite", donnees=annonce)
    with pytest.raises(Refus, match="Aucun autre intérêt"):
        faire(dispute, "constater_concurrence", donnees={"motif": "Un rival"})
    publicites.declarer_interet(
        dispute, nom="Café rival", courriel="rival@exemple.invalid", message="Moi aussi"
    )
    jours(date(2026, 3, 21))
    nuit.clore_publicites(date(2026, 3, 21))
    seul.refresh_from_db()
    assert seul.etat == "en_instruction"
    with pytest.raises(Refus, match="déjà été tenue"):
        faire(seul, "ouvrir_publicite", donnees={**annonce, "au": "2026-04-20"})
    jouer(dispute, Pas("constater_concurrence", "instructeur", "mise_en_concurrence", {"motif": "Un rival"},
                       (({}, "Motif"),), "finances"))  # fmt: skip
    jouer(dispute, Pas("retenir", "responsable", "en_instruction", {"motif": "Projet A : 8/10, B : 5/10"},
                       (({}, "Critères"),), "signataire"))  # fmt: skip
    with pytest.raises(Refus, match="déjà été tenue"):
        faire(dispute, "ouvrir_publicite", donnees={**annonce, "au": "2026-04-20"})
    assert faire(dispute, "preparer_acte").etat == "a_signer"
    sans = dossier(emprise(geom=rect(80)))
    with pytest.raises(Refus, match="n'appelle aucune publicité"):
        faire(sans, "ouvrir_publicite", donnees=annonce)


@pytest.mark.parametrize("jusque", [(), ("instruire",), ("instruire", "preparer_acte")])
def test_refuser_et_classer(jours, jusque):
    d = dossier()
    for evenement in jusque:
        faire(d, evenement)
    if d.etat != "a_signer":
        autre = dossier(emprise(geom=rect(30)))
        for evenement in jusque:
            faire(autre, evenement)
        jouer(autre, Pas("classer_sans_suite", "instructeur", "sans_suite", {"motif": "Abandon"},
                         (({}, "Motif"),), "signataire"))  # fmt: skip
    if d.etat == "depose":
        with pytest.raises(Refus):
            faire(d, "refuser", "signataire", donnees={"motif": "Étroit"})
        return
    jouer(
        d,
        Pas(
            "refuser", "signataire", "refuse", {"motif": "Étroit"}, (({}, "Motifs du refus"),), "responsable"
        ),
    )


def test_une_piece_jamais_venue_classe_la_demande_trente_jours_apres_sa_limite(jours):
    d = faire(dossier(), "declarer_incomplet", donnees={"pieces": ["plan"], "delai_jours": 5})
    assert nuit.classer_sans_pieces(date(2026, 4, 6)) == 0  # limit on 7 March, thirty days more
    assert nuit.classer_sans_pieces(date(2026, 4, 7)) == 1
    d.refresh_from_db()
    assert d.etat == "sans_suite"


@pytest.mark.parametrize(
    ("evenement", "role", "jour", "donnees", "refuses", "vers"),
    [
        ("constater_caducite", "instructeur", date(2027, 6, 1), {"motif": "Jamais venu"},
         (({}, "Motif"),), "caduc"),
        ("retirer", "signataire", date(2026, 6, 9),
         {"motif": "interet_general", "le": "2026-06-10", "contradictoire_le": "2026-06-01"},
         (({"motif": "interet_general", "le": "2026-06-10"}, "cette audition"),
          ({"motif": "renonciation", "le": "2029-01-01"}, "suit la fin du titre"),
          ({"motif": "caprice", "le": "2026-06-10"}, "Motif")), "retire"),
        ("arreter_avant_terme", "instructeur", date(2026, 6, 9), {"le": "2026-06-12"},
         (({"le": "2029-01-01"}, "suit la fin du titre"),), "a_controler"),
    ],
)  # fmt: skip
def test_un_titre_finit_avant_son_terme(jours, evenement, role, jour, donnees, refuses, vers):
    d = dossier(emprise(fin=date(2028, 1, 1)))
    for e, r in (("instruire", "instructeur"), ("preparer_acte", "instructeur"), ("signer", "signataire")):
        faire(d, e, r)
    jours(jour)
    if evenement == "constater_caducite":
        with pytest.raises(Refus, match="à partir du 01/06/2027"):
            faire(d, evenement, role, date(2027, 5, 31), donnees)
    rafraichir(d)
    jouer(d, Pas(evenement, role, vers, donnees, refuses, "finances"))
    assert not LigneFacturable.objects.exists(), "sans tarif, rien n'est dû"


def test_un_brouillon_se_depose_par_qui_le_tient(jours):
    from domainepublic.emprises import ajouter
    from domainepublic.services import NouveauDossier, creer

    vide = creer(
        NouveauDossier(insee=INSEE, depose_le=date(2026, 3, 2), demandeur=payeur(), beneficiaire="entreprise",
                       emprises=()), acteur("instructeur"))  # fmt: skip
    appliquer(vide, "ouvrir_brouillon", par=usager("Suivi en ligne"), version=vide.version)
    vide.refresh_from_db()
    assert (vide.etat, vide.numero) == ("brouillon", None)
    with pytest.raises(Refus, match="aucune emprise"):
        appliquer(vide, "deposer", par=usager("Suivi en ligne"), version=vide.version)
    ajouter(vide, emprise())
    vide.refresh_from_db()
    with pytest.raises(Refus, match="réservé à"):
        faire(vide, "deposer", "finances")
    appliquer(vide, "deposer", par=systeme("essai"), version=vide.version)
    vide.refresh_from_db()
    assert vide.etat == "depose" and vide.numero and vide.terme_silence == date(2026, 5, 2)


def test_une_occupation_sans_titre_demande_sa_photo_et_sa_place(jours):
    from domainepublic import constats
    from tests.domainepublic.test_constats_odp import constat

    for champs, message in (
        ({"photos": []}, "pas de photo"),
        ({"type": None}, "quel type"),
        ({"position": None, "lieu": "ici"}, "pas de position"),
    ):
        with pytest.raises(Refus, match=message):
            constats.ouvrir_infraction(constat(jours, **champs), None, par=acteur("assermente"))
    d = constats.ouvrir_infraction(constat(jours), None, par=acteur("assermente"))
    assert (d.etat, d.emprises.get().type.code) == ("infraction", "SANS") and d.numero
    assert Evenement.objects.filter(dossier_id=d.pk, type="ouvrir_constat").exists()
