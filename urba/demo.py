"""Permits of the demonstration: some 150 dossiers in every state, made through the services.

Histories are spread over the last two years around today; invented people are plainly so.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cadastre.fiche import lire_fiche
from cadastre.models import BatimentParcelle
from mairie import consultations as partagees
from mairie.calendrier import plus_mois
from mairie.demo import INSEE, CompteDemo, Etape, declarer_comptes, declarer_etape
from mairie.models import Collectivite, Delegation, ServiceConsulte, Tiers, Utilisateur
from mairie.references import charger
from mairie.workflow import ErreurWorkflow, appliquer, rafraichir
from urba import consultations
from urba.models import DossierInstruction
from urba.regles.numeros import NatureDossier
from urba.services import Demandeur, NouveauDossier, demander, deposer

INSTRUCTEUR, CHEF, SIGNATAIRE = "instructeur@demo.invalid", "chef@demo.invalid", "elu@demo.invalid"
GRAINE = 25999
DOSSIERS = 150
PROJETS = (
    ("PCMI", "Maison individuelle"),
    ("PCMI", "Extension d'une maison"),
    ("PCMI", "Garage et abri"),
    ("DPMI", "Piscine de 32 m²"),
    ("DPMI", "Clôture sur rue"),
    ("DPMI", "Panneaux solaires en toiture"),
    ("DPC", "Réfection d'une devanture"),
    ("DPLT", "Division en deux lots à bâtir"),
    ("PC", "Hangar agricole"),
    ("PC", "Atelier artisanal"),
    ("PA", "Lotissement de six lots"),
    ("PD", "Démolition d'une grange"),
    ("CUA", "Information sur le terrain"),
    ("CUB", "Construire une maison"),
)


def declarer() -> None:
    """Accounts and the step, from ``AppConfig.ready``."""
    declarer_comptes(
        CompteDemo(
            "secretaire@demo.invalid",
            "",
            (("urba", "guichet"), ("urba", "chef"), ("urba", "instructeur"), ("urba", "administrateur")),
            "",
        ),
        CompteDemo(
            INSTRUCTEUR,
            "Instructrice (démonstration)",
            (("urba", "instructeur"), ("urba", "guichet")),
            "instructrice des permis",
        ),
        CompteDemo(CHEF, "Chef de service (démonstration)", (("urba", "chef"),), "chef du service urbanisme"),
        CompteDemo(SIGNATAIRE, "", (("urba", "signataire"),), ""),
    )
    declarer_etape(Etape("urba.dossiers", "Dossiers d'urbanisme", 300, jouer))


@dataclass
class Jeu:
    """Who acts, and the day of the demonstration."""

    jour: date
    instructeur: Utilisateur
    chef: Utilisateur
    elu: Utilisateur
    services: list[ServiceConsulte]


def jouer(jour: date) -> str:
    """Dossiers once: a commune that has some keeps them."""
    if DossierInstruction.objects.filter(insee=INSEE).exists():
        for d in DossierInstruction.objects.filter(insee=INSEE):
            rafraichir(d, jour)
        return "déjà là, dates recalculées"
    if not ServiceConsulte.objects.exists():
        charger()
    jeu = jeu_du(jour)
    hasard = random.Random(GRAINE)  # noqa: S311 - a demonstration, the same each time
    baties = BatimentParcelle.objects.filter(parcelle__commune=INSEE, parcelle__valide_au__isnull=True)
    idus = baties.order_by("parcelle__idu").values_list("parcelle__idu", flat=True).distinct()
    parcelles = [idu for idu in idus if idu]
    depots = sorted(hasard.randint(0, 700) for _ in range(DOSSIERS))
    for rang, age in enumerate(reversed(depots)):
        _un(jeu, hasard, rang, jour - timedelta(days=age), hasard.choice(parcelles))
    nombre = DossierInstruction.objects.filter(insee=INSEE).count()
    return f"{nombre} dossiers d'instruction"


def jeu_du(jour: date) -> Jeu:
    """Accounts, delegation of the mayor and services of the demonstration."""
    commune = Collectivite.objects.get(code=INSEE)
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__in=(INSTRUCTEUR, CHEF, SIGNATAIRE))}
    Delegation.objects.get_or_create(
        collectivite=commune,
        delegataire=comptes[SIGNATAIRE],
        titulaire=True,
        defaults={"du": date(jour.year - 6, 7, 1), "qualite": "Le maire"},
    )
    services = list(partagees.services("urba", INSEE))
    return Jeu(jour, comptes[INSTRUCTEUR], comptes[CHEF], comptes[SIGNATAIRE], services)


def _adresse(idu: str) -> str:
    """A number of the plan on that parcel, with its street; empty where it has none."""
    fiche = lire_fiche(idu)
    return fiche.adresses[0] if fiche and fiche.adresses else ""


def _tiers(hasard: random.Random, rang: int) -> Tiers:
    if hasard.random() < 0.2:
        return Tiers.objects.create(
            collectivite=INSEE, nature=Tiers.Nature.MORALE, raison_sociale=f"Société fictive {rang}"
        )
    return Tiers.objects.create(collectivite=INSEE, nom=f"Personne fictive {rang}", ville="Commune fictive")


def _un(jeu: Jeu, hasard: random.Random, rang: int, le: date, idu: str) -> None:
    type_, objet = PROJETS[rang % len(PROJETS)]
    d = deposer(
        NouveauDossier(
            insee=INSEE,
            type_detail=type_,
            depose_le=le,
            demandeurs=[Demandeur(_tiers(hasard, rang))],
            references=idu,
            objet=objet,
            objet_public=objet,
            adresse=_adresse(idu),
        ),
        par=jeu.chef,
        aujourdhui=le,
    )
    vie = Vie(jeu, d, le)
    if (jeu.jour - le).days < 8 or (rang % 9 == 0 and (jeu.jour - le).days < 40):
        return  # left to be qualified
    vie.faire("affectation", jeu.chef, 1, {"instructeur": jeu.instructeur.pk if rang % 3 else jeu.chef.pk})
    par = jeu.instructeur if rang % 3 else jeu.chef
    abords = type_ in ("PCMI", "PC", "PA", "PD") and rang % 4 == 0
    declarees = [{"code": "ABF_ABORDS_SPR", "fondee": True}] if abords else []
    # Recent houses without a sewer: the sanitation service is asked, and answers on its own pages.
    anc = objet in ("Maison individuelle", "Extension d'une maison") and (jeu.jour - le).days < 60
    vie.faire("qualification", par, 3, {"type_detail": type_, "majorations": declarees, "anc": anc})
    if anc:
        vie.consulter("spanc", 4, "")
    if abords:
        vie.faire("notification_majoration", par, 12, {"majorations": declarees})
        vie.consulter("abf", 5, "favorable_prescriptions" if rang % 8 else "favorable")
    if rang % 5 == 0:
        vie.consulter("eau", 6, "favorable")
    if type_ not in ("CUA", "CUB") and rang % 6 == 1:
        piece = {"PCMI": "PCMI2", "PC": "PC2", "PA": "PA3", "PD": "PD2"}.get(type_, "DP2")
        vie.faire("demande_pieces", par, 10, {"pieces": [{"code": piece, "exigible": True}]})
        vie.faire("notification_pieces", par, 14, {})
        if rang % 12 == 1:
            vie.faire("depot_pieces", par, 40, {"pieces": [piece]})
    if rang % 7 == 3:
        vie.tacite(par)
        return
    vie.decider(par, rang, hasard)


class Vie:
    """One dossier's life: acts dated from its deposit, those still ahead are not played."""

    def __init__(self, jeu: Jeu, dossier: DossierInstruction, depot: date) -> None:
        self.jeu, self.d, self.depot = jeu, dossier, depot

    def faire(self, evenement: str, par: Utilisateur, apres: int, donnees: dict[str, Any]) -> bool:
        """Play an event so many days after the deposit; False when it is ahead or not allowed."""
        return self.le(evenement, par, self.depot + timedelta(days=apres), donnees)

    def le(self, evenement: str, par: Utilisateur, jour: date, donnees: dict[str, Any]) -> bool:
        """Play an event on a day."""
        if jour > self.jeu.jour:
            return False
        self.d.refresh_from_db()
        try:
            appliquer(
                self.d,
                evenement,
                par=par,
                version=self.d.version,
                date_effet=jour,
                donnees=donnees,
                aujourdhui=self.jeu.jour,
            )
        except ErreurWorkflow:
            return False
        return True

    def consulter(self, code: str, apres: int, avis: str) -> None:
        """Ask a service, answered three weeks later when that day is past; never without an answer given."""
        service = next(s for s in self.jeu.services if s.code == code)
        envoi = self.depot + timedelta(days=apres)
        if envoi > self.jeu.jour:
            return
        c, _ = partagees.envoyer(consultations.preparer(self.d, service), le=envoi)
        c = partagees.recevoir(c, envoi)
        reponse = envoi + timedelta(days=21)
        if avis and reponse <= self.jeu.jour:
            partagees.rendre_avis(c, avis, motivation="Avis de démonstration.", le=reponse)

    def tacite(self, par: Utilisateur) -> None:
        """Silence speaks; confirmed when it is some weeks old, left to confirm when it is recent."""
        self.d.refresh_from_db()
        nee = self.d.date_decision_implicite
        if nee is not None and nee + timedelta(days=20) <= self.jeu.jour:
            self.le("constat_tacite", par, nee, {})

    def decider(self, par: Utilisateur, rang: int, hasard: random.Random) -> None:
        """Report, decision, signature, notification a few days before the limit; then works."""
        self.d.refresh_from_db()
        limite = self.d.date_limite
        if limite is None:
            self._rejeter(par)
            return
        if rang % 11 == 10:
            self.tacite(par)
            return
        sens = ("accord", "accord_prescriptions", "accord", "refus", "accord")[rang % 5]
        if self.d.type_detail == "CUA":
            sens = "accord"
        if self.d.type_detail == "CUB" and sens == "accord_prescriptions":
            sens = "accord"
        fin = limite - timedelta(days=hasard.randint(2, 9))
        acte = {"sens": sens, "motifs": "Motifs de démonstration.", "prescriptions": "Prescription fictive."}
        etapes: tuple[tuple[str, Utilisateur, int, dict[str, Any]], ...] = (
            ("rapport_pret", par, 8, {}),
            ("finaliser_decision", par, 7, acte),
            ("signature", self.jeu.elu, 4, {}),
            ("notification_decision", par, 0, {}),
        )
        for nom, qui, avant, donnees in etapes:
            if not self.le(nom, qui, fin - timedelta(days=avant), donnees):
                return
        if sens.startswith("accord") and self.d.type_detail not in ("CUA", "CUB"):
            self.le("transmission_cl", par, fin + timedelta(days=3), {})
            self.le("affichage_terrain", par, fin + timedelta(days=10), {})
            if self.d.type_detail in ("PCMI", "PC", "PA") and rang % 2:
                self.le("doc", self.jeu.chef, plus_mois(fin, 3), {})
                if rang % 4 == 3:
                    self.le("daact", self.jeu.chef, plus_mois(fin, 9), {"partielle": False})
            if rang % 13 == 0:
                self._suite(NatureDossier.MODIFICATIF, plus_mois(fin, 2))

    def _rejeter(self, par: Utilisateur) -> None:
        """Pieces that never came: rejected, and found so when it is some weeks old."""
        nee = self.d.date_decision_implicite
        if nee is not None and nee + timedelta(days=20) <= self.jeu.jour:
            self.le("constat_rejet", par, nee, {})

    def _suite(self, nature: NatureDossier, le: date) -> None:
        if le > self.jeu.jour or self.d.type_detail not in ("PCMI", "PC", "PA"):
            return
        nouveau = NouveauDossier(INSEE, self.d.type_detail, le, [], objet="Modification de façade")
        try:
            demander(self.d.da, nature, nouveau, par=self.jeu.chef, aujourdhui=self.jeu.jour)
        except ErreurWorkflow:
            return
