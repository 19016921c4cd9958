"""Connections, upkeep and yearly figures of the demonstration, all through the services, on the village."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.gis.db.models import Collect
from django.contrib.gis.db.models.functions import Distance

from assainissement import controles_ac, courriers_ac, entretiens, raccordements, redevances_ac, rpqs
from assainissement.demo import RESPONSABLE, TECHNICIEN
from assainissement.models import AnnexeRPQS, Branchement, Entretien, Installation, Vidangeur
from assainissement.regles.tables import indicateurs as table
from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Adresse, Tiers, Utilisateur
from mairie.workflow import ErreurWorkflow, rafraichir

GRAINE = 25_998
NOMBRE = 120
POINTS = {
    "type_reseau": "separatif", "boite": "oui", "regard": "oui", "event": "oui", "siphons": "oui",
    "raccordement_total": "oui", "fosse": "sans_objet", "separation": "oui", "ecoulement": "oui",
    "colorant": "oui", "fumee": "non_verifie", "destination_ep": "infiltration", "recuperation_ep": "non",
    "servitude": "non",
}  # fmt: skip
# How far each control went, in turn.
ETAPES = (
    "demande", "affecte", "recu", "a_corriger", "conforme", "non_conforme", "travaux", "contre_visite",
    "leve", "conforme", "annule", "retard",
)  # fmt: skip


def declarer() -> None:
    """The step, from ``AppConfig.ready``, after the installations."""
    declarer_etape(Etape("assainissement.collectif", "Branchements, vidanges, rapport annuel", 335, jouer))


@dataclass
class Jeu:
    """Who acts, and the day of the demonstration."""

    jour: date
    technicien: Utilisateur
    responsable: Utilisateur
    hasard: random.Random


def jouer(jour: date) -> str:
    """Once: a commune that has connections keeps them."""
    if Branchement.objects.filter(insee=INSEE).exists():
        from assainissement.models import ControleAC

        for c in ControleAC.objects.filter(insee=INSEE).exclude(etat="annule"):
            rafraichir(c, jour)
        return "déjà là, dates recalculées"
    courriers_ac.charger()
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__in=(TECHNICIEN, RESPONSABLE))}
    jeu = Jeu(
        jour, comptes[TECHNICIEN], comptes[RESPONSABLE],
        random.Random(GRAINE),  # noqa: S311 - invented data, always the same
    )  # fmt: skip
    branchements = [_branchement(jeu, rang, a) for rang, a in enumerate(_adresses())]
    for rang, b in enumerate(branchements[: 3 * len(ETAPES)]):
        _controle(jeu, b, ETAPES[rang % len(ETAPES)], rang)
    vidanges = _entretiens(jeu)
    annees = _annees(jeu)
    return f"{len(branchements)} branchements, {vidanges} entretiens, {annees} années de chiffres"


def _adresses() -> list[Adresse]:
    """Addresses nearest to the middle of the village, where the sewer goes."""
    base = Adresse.objects.filter(insee=INSEE, active=True, position__isnull=False).exclude(parcelles=[])
    centre = base.aggregate(c=Collect("position"))["c"]
    if centre is None:
        return []
    lignes = base.annotate(loin=Distance("position", centre.centroid)).select_related("voie")
    return list(lignes.order_by("loin", "pk")[:NOMBRE])


def _branchement(jeu: Jeu, rang: int, adresse: Adresse) -> Branchement:
    h = jeu.hasard
    ancien = rang % 5 != 3
    relie = rang % 6 != 5 and (ancien or rang % 2 == 1)
    # What is not connected yet is along a recent sewer.
    age = h.randint(8 * 365, 30 * 365) if ancien and relie else h.randint(200, 1500)
    service = jeu.jour - timedelta(days=age)
    raccorde = None
    if relie:
        raccorde = min(service + timedelta(days=h.randint(30, 700)), jeu.jour)
    proprietaire = Tiers.objects.create(
        collectivite=INSEE, nom=f"Fictif-réseau-{rang + 1}", civilite="m" if rang % 2 else "mme",
        voie=str(adresse)[:200], code_postal="25999", ville="VALBRUNE",
    )  # fmt: skip
    b = raccordements.creer(
        INSEE,
        par=jeu.technicien,
        champs={
            "geom": adresse.position,
            "adresse": adresse,
            "proprietaire": proprietaire,
            "type_reseau": "unitaire" if rang % 9 == 4 else "EU",
            "mise_en_service_le": service,
            "boite": rang % 4 != 1,
        },
        parcelles=adresse.parcelles[:1],
        raccorde_le=raccorde,
        aujourdhui=jeu.jour,
    )
    if raccorde is None and rang % 12 == 5:
        raccordements.deroger(
            b, motif="Installation individuelle récente et conforme",
            acte=f"Arrêté fictif {jeu.jour.year - 1}-{rang}",
            du=jeu.jour - timedelta(days=300), au=jeu.jour + timedelta(days=900), par=jeu.responsable,
        )  # fmt: skip
    return b


def _controle(jeu: Jeu, b: Branchement, jusqua: str, rang: int) -> None:
    """One control stopped at a stage."""
    jour = jeu.jour
    jours = 60 if jusqua == "retard" else jeu.hasard.randint(20, 38)
    demande = jour - timedelta(days=jours)
    c = controles_ac.demander(
        b.insee, "vente" if rang % 3 else "demande", par=jeu.technicien, branchement=b,
        logement="appartement" if rang % 4 == 2 else "maison",
        agent=None if jusqua == "demande" else jeu.technicien, jour=demande, aujourdhui=jour,
    )  # fmt: skip

    if rang % 4:
        # Told with the appointment; the others will want a written reason.
        redevances_ac.annoncer(c, demande + timedelta(days=1), "courriel")

    def faire(evenement: str, apres: int, par: Utilisateur, **donnees: object) -> None:
        c.refresh_from_db()
        controles_ac.agir(
            c, evenement, par=par, version=c.version, date_effet=min(demande + timedelta(days=apres), jour),
            donnees=donnees, aujourdhui=jour,
        )  # fmt: skip

    if jusqua in ("demande", "affecte", "retard"):
        return
    if jusqua == "annule":
        faire("annuler", 2, jeu.responsable, motif="Vente abandonnée.")
        return
    fautif = jusqua in ("non_conforme", "travaux", "contre_visite", "leve")
    controles_ac.repondre(c, {**POINTS, "separation": "non" if fautif else "oui"}, "Regard sous la pelouse.")
    visite = (demande + timedelta(days=8)).isoformat()
    faire("recevoir_formulaire", 10, jeu.technicien, visite=visite)
    if jusqua == "a_corriger":
        faire("renvoyer", 11, jeu.responsable, motif="Dire où vont les eaux pluviales.")
    if jusqua in ("recu", "a_corriger"):
        return
    faire("valider", 12, jeu.responsable)
    if jusqua in ("conforme", "non_conforme"):
        return
    faire("annoncer_travaux", 14, jeu.technicien)
    if jusqua == "travaux":
        return
    c.refresh_from_db()
    suite = controles_ac.contre_visiter(
        c, par=jeu.technicien, version=c.version, jour=demande + timedelta(days=16), aujourdhui=jour
    )
    if jusqua == "leve":
        controles_ac.repondre(suite, {"separation": "oui"})
        for evenement, par, donnees in (
            ("recevoir_formulaire", jeu.technicien, {"visite": (demande + timedelta(days=18)).isoformat()}),
            ("valider", jeu.responsable, {}),
        ):
            suite.refresh_from_db()
            controles_ac.agir(
                suite, evenement, par=par, version=suite.version, date_effet=demande + timedelta(days=19),
                donnees=donnees, aujourdhui=jour,
            )  # fmt: skip


def _entretiens(jeu: Jeu) -> int:
    """Emptyings of many years, sludge measured since; one firm's approval is over."""
    bon, perime = (
        Vidangeur.objects.create(insee=INSEE, nom=nom, agrement=f"25-{rang:03d}-FICTIF", valide_au=au)
        for rang, (nom, au) in enumerate(
            (
                ("Vidanges fictives du Val", jeu.jour + timedelta(days=900)),
                ("Curage imaginaire SARL", jeu.jour - timedelta(days=200)),
            ),
            start=1,
        )
    )
    nombre = 0
    actives = Installation.objects.filter(insee=INSEE, etat="active").order_by("pk")
    for rang, i in enumerate(actives[:120]):
        ages = (2600, 1200, 300) if rang % 3 == 0 else (1700,) if rang % 3 == 1 else (500,)
        for age in ages:
            le = jeu.jour - timedelta(days=age + jeu.hasard.randint(0, 90))
            if i.date_creation and le < i.date_creation:
                continue
            entretiens.enregistrer(
                i, par=jeu.technicien, le=le, vidangeur=perime if rang % 25 == 7 else bon,
                bordereau=f"BSD-{i.pk}-{age}", volume_m3=Decimal(jeu.hasard.randint(20, 40)) / 10,
                aujourdhui=jeu.jour,
            )  # fmt: skip
            nombre += 1
        if rang % 4 == 1:
            entretiens.enregistrer(
                i, par=jeu.technicien, le=jeu.jour - timedelta(days=jeu.hasard.randint(5, 60)),
                hauteur_boues_pct=(35, 48, 52, 70)[rang // 4 % 4], aujourdhui=jeu.jour,
            )  # fmt: skip
            nombre += 1
    assert nombre == Entretien.objects.filter(insee=INSEE).count()  # noqa: S101
    return nombre


def _annees(jeu: Jeu) -> int:
    """Typed figures of three years and the lengths renewed of seven; the two first years are published."""
    derniere = jeu.jour.year - 1
    for annee in range(derniere - 6, derniere + 1):
        km = Decimal(jeu.hasard.randint(2, 18)) / 100
        rpqs.saisir(INSEE, annee, {table.RENOUVELE: km}, par=jeu.responsable)
    for rang, annee in enumerate(range(derniere - 2, derniere + 1)):
        valeurs: dict[str, Decimal | None] = dict.fromkeys(table.QUESTIONS, Decimal(1))
        valeurs["traitement_matieres_vidange"] = Decimal(0)
        if rang == 0:
            valeurs["reglement"] = Decimal(0)
        valeurs |= {
            table.LINEAIRE: Decimal("14.2") + rang * Decimal("0.3"),
            "D301.0": Decimal(690 - 5 * rang),
            "D201.0": Decimal(1180 + 12 * rang),
            "D204.0": Decimal("2.41") + rang * Decimal("0.06"),
            "P201.1": Decimal("91.4") + rang,
            "P202.2B": Decimal(58 + 9 * rang),
            "P251.1": Decimal("0.85"),
            "P258.1": Decimal("1.7"),
        }
        rpqs.saisir(INSEE, annee, valeurs, par=jeu.responsable)
        if rang < 2 and not AnnexeRPQS.objects.filter(insee=INSEE, annee=annee).exists():
            try:
                rpqs.publier(INSEE, annee, par=jeu.responsable, aujourdhui=jeu.jour)
            except ErreurWorkflow:
                continue
    return 3
