"""One worked case for each shipped letter: a request brought, through the services, to where it applies.

For who proofreads the templates (command ``lettres_en_images``) and for the tests; nothing here is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from mairie import consultations as partagees
from mairie.courriers import services
from mairie.courriers.sujets import Destinataire
from mairie.models import Courrier, ModeleCourrier, ServiceConsulte, Tiers, Utilisateur
from mairie.workflow import appliquer
from urba import consultations
from urba.courriers.catalogue import PAR_CODE
from urba.courriers.sujet import destinataires
from urba.models import DossierInstruction
from urba.regles.numeros import NatureDossier
from urba.services import Demandeur, NouveauDossier, demander, deposer

ABF = {"majorations": [{"code": "ABF_ABORDS_SPR", "fondee": True}]}
MOTIFS = (
    "le projet dépasse de deux mètres la hauteur admise par l'article UB 10 du règlement\n"
    "l'accès prévu ne permet pas le croisement de deux véhicules, en méconnaissance de l'article UB 3"
)
PRESCRIPTIONS = (
    "Les eaux pluviales sont infiltrées sur le terrain.\n"
    "Les tuiles sont en terre cuite, de teinte rouge vieilli, comme celles des maisons voisines."
)
SURFACES = {
    "surfaces": [{"destination": "habitation", "creee": "142"}],
    "logements": {"crees": 1},
}
# Event, days after the deposit, data; « = » where the day is that of the implicit decision.
Etape = tuple[str, int | str, Mapping[str, Any]]
QUALIFIE: tuple[Etape, ...] = (("qualification", 3, {}),)
AUX_ABORDS: tuple[Etape, ...] = (("qualification", 3, ABF), ("notification_majoration", 12, ABF))
DEMANDE: tuple[Etape, ...] = (
    *QUALIFIE,
    (
        "demande_pieces",
        8,
        {
            "pieces": [
                {"code": "PCMI2", "exigible": True, "motif": "Le plan n'est pas coté"},
                {"code": "PCMI6"},
            ]
        },
    ),
)
PRESENTEE: tuple[Etape, ...] = (*DEMANDE, ("notification_pieces", 12, {}))


def _redigee(sens: str, base: tuple[Etape, ...] = QUALIFIE) -> tuple[Etape, ...]:
    acte = {"sens": sens, "motifs": MOTIFS, "prescriptions": PRESCRIPTIONS}
    return (*base, ("rapport_pret", 20, {}), ("finaliser_decision", 21, acte))


def _signee(sens: str = "accord_prescriptions") -> tuple[Etape, ...]:
    return (*_redigee(sens), ("signature", 24, {}))


def _notifiee(sens: str = "accord_prescriptions") -> tuple[Etape, ...]:
    return (*_signee(sens), ("notification_decision", 28, {}))


AFFICHEE: tuple[Etape, ...] = (
    *_notifiee(),
    ("transmission_cl", 30, {}),
    ("affichage_mairie", 30, {}),
    ("affichage_terrain", 33, {}),
)
ACHEVEE: tuple[Etape, ...] = (*AFFICHEE, ("doc", 60, {}), ("daact", 300, {"acheve_le": None}))


@dataclass(frozen=True)
class Cas:
    """How a letter comes to be written. ``age``: days since the deposit; ``suite``: a later request."""

    lettre: str
    etapes: tuple[Etape, ...] = ()
    type_detail: str = "PCMI"
    age: int = 40
    service: str = ""
    avis: str = ""
    suite: str = ""
    etapes_suite: tuple[Etape, ...] = ()
    nom: str = ""

    @property
    def cle(self) -> str:
        """Name of the case: its letter, then what is particular."""
        return f"{self.lettre}{'-' + self.nom if self.nom else ''}"


CAS: tuple[Cas, ...] = (
    Cas("recepisse", age=2),
    Cas("recepisse", type_detail="DPMI", age=2, nom="dp"),
    Cas("recepisse", type_detail="CUB", age=2, nom="cu"),
    Cas("avis_depot", age=2),
    Cas("recepisse_pieces", (*PRESENTEE, ("depot_pieces", 35, {"pieces": ["PCMI2", "PCMI6"]}))),
    Cas("recepisse_pieces", (*PRESENTEE, ("depot_pieces", 35, {"pieces": ["PCMI2"]})), nom="partiel"),
    Cas("incompletude", DEMANDE, age=10),
    Cas("majoration", (("qualification", 3, ABF),), age=10),
    Cas("prolongation_abf", AUX_ABORDS),
    Cas("prolongation_evocation", AUX_ABORDS),
    Cas("consultation", QUALIFIE, service="abf", age=12),
    Cas("rapport", (*AUX_ABORDS, ("rapport_pret", 39, {})), service="abf", avis="favorable_prescriptions"),
    Cas("arrete_accord", _redigee("accord")),
    Cas("arrete_accord", _notifiee(), "PC", suite="TRANSFERT", etapes_suite=_redigee("accord"), age=90,
        nom="transfert"),
    Cas("arrete_accord", _notifiee(), "PC", suite="PROROGATION", etapes_suite=_redigee("accord"), age=90,
        nom="prorogation"),
    Cas("arrete_prescriptions", _redigee("accord_prescriptions", AUX_ABORDS), service="abf",
        avis="favorable_prescriptions"),
    Cas("arrete_refus", _redigee("refus")),
    Cas("arrete_sursis", _redigee("sursis")),
    Cas("non_opposition", _redigee("accord_prescriptions"), "DPMI", age=26),
    Cas("non_opposition", _redigee("accord"), "DPMI", age=26, nom="simple"),
    Cas("opposition", _redigee("refus"), "DPMI", age=26),
    Cas("certificat_urbanisme", _redigee("refus"), "CUB"),
    Cas("certificat_urbanisme", _redigee("accord"), "CUA", age=26, nom="information"),
    Cas("bordereau_transmission", _signee()),
    Cas("extrait_affichage", _notifiee()),
    Cas("panneau", _notifiee(), age=31),
    Cas("certificat_tacite", (*QUALIFIE, ("constat_tacite", "=", {})), age=80),
    Cas("certificat_tacite", (*QUALIFIE, ("constat_tacite", "=", {})), "DPMI", age=80, nom="dp"),
    Cas("certificat_tacite", _notifiee(), "PC", suite="PROROGATION",
        etapes_suite=(*QUALIFIE, ("constat_tacite", "=", {})), age=130, nom="prorogation"),
    Cas("certificat_tacite", _notifiee(), "PC", suite="TRANSFERT",
        etapes_suite=(*QUALIFIE, ("constat_tacite", "=", {})), age=160, nom="transfert"),
    Cas("rejet_tacite", (*PRESENTEE, ("constat_rejet", "=", {})), age=130),
    Cas("attestation_affichage", AFFICHEE),
    Cas("pv_recolement", (*ACHEVEE, ("recolement", 320, {"conforme": False})), age=330),
    Cas("pv_recolement", (*ACHEVEE, ("recolement", 320, {"conforme": True})), age=330, nom="conforme"),
    Cas("mise_en_demeure", (*ACHEVEE, ("recolement", 320, {"conforme": False})), age=330),
    Cas("attestation_conformite", (*ACHEVEE, ("attestation_demandee", 400, {})), age=405),
    Cas("contradictoire", _notifiee()),
    Cas("contradictoire", (*QUALIFIE, ("constat_tacite", "=", {})), age=80, nom="tacite"),
    Cas("retrait", _notifiee(), age=60),
    Cas("contradictoire", _notifiee(), "PC", suite="TRANSFERT", etapes_suite=_notifiee("accord"), age=100,
        nom="transfert"),
    Cas("retrait", _notifiee(), "PC", suite="TRANSFERT", etapes_suite=_notifiee("accord"), age=100,
        nom="transfert"),
    Cas("recepisse", _notifiee(), "PC", suite="TRANSFERT", age=50, nom="transfert"),
    Cas("arrete_accord", _redigee("accord"), "PA", nom="amenager"),
    Cas("panneau", _notifiee("accord"), "PD", nom="demolir"),
)  # fmt: skip


@dataclass
class Atelier:
    """Where cases are played: commune, parcels of the plan, who acts. ``jour``: today."""

    insee: str
    references: str
    agent: Utilisateur
    elu: Utilisateur
    jour: date
    services: Sequence[ServiceConsulte] = ()
    adresse: str = "3 rue des Essais"
    personnes: dict[str, Tiers] = field(default_factory=dict)

    def _personne(self, nom: str, prenoms: str, civilite: str) -> Tiers:
        if nom not in self.personnes:
            self.personnes[nom] = Tiers.objects.create(
                collectivite=self.insee, civilite=civilite, nom=nom, prenoms=prenoms,
                voie="12 rue du Moulin", code_postal="25999", ville="Valbrune",
            )  # fmt: skip
        return self.personnes[nom]

    def jouer(self, cas: Cas) -> DossierInstruction:
        """The request of a case, at its state."""
        depot = self.jour - timedelta(days=cas.age)
        jeanne = self._personne("Exemple", "Jeanne", "mme")
        objet = {"CUA": "Information sur le terrain", "CUB": "Construire une maison"}.get(
            cas.type_detail, "Construction d'une maison d'habitation et d'un garage"
        )
        d = deposer(
            NouveauDossier(
                self.insee, cas.type_detail, depot, [Demandeur(jeanne)], references=self.references,
                objet=objet, objet_public=objet, adresse=self.adresse, superficie_declaree=1250,
                donnees={} if cas.type_detail in ("CUA", "CUB") else SURFACES,
            ),
            par=self.agent,
            aujourdhui=depot,
        )  # fmt: skip
        for etape in cas.etapes:
            self._etape(d, depot, etape)
            if etape[0] == "qualification" and cas.service and not cas.suite:
                self._consulter(d, cas, depot + timedelta(days=5))
        if cas.suite:
            depot += timedelta(days=40)
            nature = NatureDossier(cas.suite)
            nouveaux = []
            if nature is NatureDossier.TRANSFERT:
                nouveaux = [Demandeur(self._personne("Reprend", "Paul", "m"))]
            d = demander(
                d.da, nature, NouveauDossier(self.insee, cas.type_detail, depot, nouveaux, objet=objet),
                par=self.agent, accords_signes=True, aujourdhui=self.jour,
            )  # fmt: skip
            for etape in cas.etapes_suite:
                self._etape(d, depot, etape)
        d.refresh_from_db()
        return d

    def _etape(self, d: DossierInstruction, depot: date, etape: Etape) -> None:
        nom, apres, donnees = etape
        d.refresh_from_db()
        jour = d.date_decision_implicite if isinstance(apres, str) else depot + timedelta(days=apres)
        if nom == "qualification":
            donnees = {"type_detail": d.type_detail, **donnees}
        if nom == "daact":
            donnees = {"partielle": False}
        appliquer(
            d, nom, par=self.elu if nom == "signature" else self.agent, version=d.version, date_effet=jour,
            donnees=dict(donnees), aujourdhui=self.jour,
            forcer="Relecture des modèles" if nom == "rapport_pret" else "",
        )  # fmt: skip

    def _consulter(self, d: DossierInstruction, cas: Cas, envoi: date) -> None:
        service = next(s for s in self.services if s.code == cas.service)
        c, _ = partagees.envoyer(consultations.preparer(d, service), le=envoi)
        c = partagees.recevoir(c, envoi)
        if cas.avis:
            partagees.rendre_avis(
                c, cas.avis, motivation="Les tuiles sont de teinte rouge vieilli.",
                le=envoi + timedelta(days=6),
            )  # fmt: skip

    def ecrire(self, cas: Cas) -> Courrier:
        """The draft of the letter of a case, as an agent would have it."""
        d = self.jouer(cas)
        modele = ModeleCourrier.objects.get(metier="urba", code=cas.lettre, collectivite=None)
        tous = list(destinataires(d))
        a: Destinataire = tous[0]
        if PAR_CODE[cas.lettre].prefet:
            a = tous[-1]
        elif cas.lettre == "consultation":
            a = next(x for x in tous if x.qualite == "service consulté")
        c = services.preparer(d, modele, par=self.agent, destinataire=a)
        if not c.destinataire_adresse:
            c = services.modifier(
                c,
                par=self.agent,
                version=0,
                champs={"destinataire_adresse": "8 rue Inventée\n25000 BESANÇON"},
            )
        return c
