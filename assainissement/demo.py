"""Sanitation of the demonstration: some 300 installations with their histories, all through the services.

Old reports are taken over in one event each, as a service does on its first day; recent ones live their life.
Invented people are plainly so.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.gis.db.models import Collect
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon

from assainissement import controles, courriers, installations, obligations, observations, references
from assainissement.installations import NouvelElement, NouvelleInstallation
from assainissement.models import (
    Controle,
    Installation,
    Obligation,
    ReglementService,
    ZonageAssainissement,
    ZoneEnjeu,
)
from cadastre.models import Commune, Parcelle
from mairie.courriers import services as lettres
from mairie.courriers.erreurs import CourrierRefuse
from mairie.demo import INSEE, CompteDemo, Etape, declarer_comptes, declarer_etape
from mairie.models import Adresse, ModeleCourrier, Tiers, Utilisateur
from mairie.workflow import ErreurWorkflow, rafraichir

TECHNICIEN, RESPONSABLE, ELU = "spanc@demo.invalid", "responsable.spanc@demo.invalid", "elu@demo.invalid"
GRAINE = 25_997
NOMBRE = 300
FILIERES = (
    (("PRE", "fosse_toutes_eaux"), ("TRAIT", "tranchees_epandage"), ("REJET", "infiltration_parcelle")),
    (("PRE", "fosse_toutes_eaux"), ("TRAIT", "filtre_sable_draine"), ("REJET", "cours_eau")),
    (("TRAIT", "micro_station"), ("REJET", "fosse_eau_pluviale")),
    (("PRE", "fosse_septique_bac_graisse"), ("TRAIT", "aucun"), ("REJET", "puisard")),
    (("TRAIT", "filiere_compacte_agreee"), ("REJET", "tranchee_infiltration")),
    (("PRE", "fosse_toutes_eaux"), ("TRAIT", "filtre_sable_non_draine"), ("REJET", "infiltration_parcelle")),
)
# Facts of a visit, as often as they are met: one list, drawn at random.
CONSTATS: tuple[dict[str, bool], ...] = (
    {}, {}, {}, {}, {"defaut_entretien": True}, {"defaut_entretien": True}, {"usure": True},
    {"incomplete": True}, {"incomplete": True}, {"incomplete": True, "defaut_entretien": True},
    {"sous_dimensionnement_constate": True}, {"dysfonctionnement_majeur": True},
    {"incomplete": True, "zone_sanitaire": True},
    {"dysfonctionnement_majeur": True, "zone_environnementale": True, "preuve_impact": True},
    {"contact_eaux_usees": True, "incomplete": True}, {"couvercle_non_securise": True},
)  # fmt: skip


# Elements that make an installation incomplete (annexe II).
INCOMPLETES = {("TRAIT", "aucun"), ("REJET", "puisard")}


def declarer() -> None:
    """Accounts and the step, from ``AppConfig.ready``."""
    declarer_comptes(
        CompteDemo(
            TECHNICIEN, "Technicien du SPANC (démonstration)", (("assainissement", "technicien"),),
            "technicien de l'assainissement",
        ),
        CompteDemo(
            RESPONSABLE, "Responsable du SPANC (démonstration)",
            (("assainissement", "responsable"), ("assainissement", "gestionnaire")),
            "responsable de l'assainissement",
        ),
        CompteDemo(ELU, "", (("assainissement", "elu"),), ""),
        CompteDemo("secretaire@demo.invalid", "", (("assainissement", "lecture"),), ""),
    )  # fmt: skip
    declarer_etape(Etape("assainissement.installations", "Assainissement non collectif", 330, jouer))


@dataclass
class Jeu:
    """Who acts, and the day of the demonstration."""

    jour: date
    technicien: Utilisateur
    responsable: Utilisateur
    elu: Utilisateur
    hasard: random.Random


def jouer(jour: date) -> str:
    """Installations once: a commune that has some keeps them, brought to the day."""
    if Installation.objects.filter(insee=INSEE).exists():
        for c in Controle.objects.filter(insee=INSEE).exclude(etat__in=("clos", "annule")):
            rafraichir(c, jour)
        return "déjà là, dates recalculées"
    references.charger_points()
    courriers.charger()
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__endswith="@demo.invalid")}
    jeu = Jeu(
        jour, comptes[TECHNICIEN], comptes[RESPONSABLE], comptes[ELU],
        random.Random(GRAINE),  # noqa: S311 - invented data, always the same
    )  # fmt: skip
    for annee, periodique, danger in ((jour.year - 12, 10, None), (jour.year - 4, 8, 4)):
        ReglementService.objects.create(
            insee=INSEE, date_effet=date(annee, 1, 1), reference=f"Délibération fictive {annee}-07",
            frequence_periodique_annees=periodique, frequence_danger_annees=danger,
            frequence_electromecanique_annees=6 if danger else None,
        )  # fmt: skip
    lieux = _lieux()
    if not lieux:
        return "aucune adresse : rien à montrer"
    faites = [_installation(jeu, rang, adresse, idu) for rang, (adresse, idu) in enumerate(lieux)]
    for rang, i in enumerate(faites):
        _histoire(jeu, rang, i)
    _zones(jour)
    _obligations(jeu)
    nombre = _rapports(jeu)
    return (
        f"{len(faites)} installations, {Controle.objects.filter(insee=INSEE).count()} contrôles,"
        f" {nombre} rapports écrits"
    )


def _lieux() -> list[tuple[Adresse, str]]:
    """Addresses far from the middle of the commune, where the sewer does not go, with their parcel."""
    base = Adresse.objects.filter(insee=INSEE, active=True, position__isnull=False).exclude(parcelles=[])
    centre = base.aggregate(c=Collect("position"))["c"]
    if centre is None:
        return []
    lignes = base.annotate(loin=Distance("position", centre.centroid)).select_related("voie")
    choisies = list(lignes.order_by("-loin", "pk")[:NOMBRE])
    vivantes = set(
        Parcelle.objects.filter(
            idu__in=[a.parcelles[0] for a in choisies], valide_au__isnull=True
        ).values_list("idu", flat=True)
    )
    return [(a, a.parcelles[0] if a.parcelles[0] in vivantes else "") for a in choisies]


def _installation(jeu: Jeu, rang: int, adresse: Adresse, idu: str) -> Installation:
    h = jeu.hasard
    projet = rang % 50 == 7
    filiere = FILIERES[h.randrange(len(FILIERES))]
    pieces = h.randint(3, 7)
    pose = jeu.jour - timedelta(days=h.randint(9 * 365, 40 * 365))
    proprietaire = Tiers.objects.create(
        collectivite=INSEE, nom=f"Fictif-{rang + 1}", civilite="mme" if rang % 2 else "m",
        voie=str(adresse)[:200], code_postal="25999", ville="VALBRUNE",
    )  # fmt: skip
    elements = [
        NouvelElement(famille, code, {"volume_m3": Decimal(max(3, pieces - 2))} if famille == "PRE" else {})
        for famille, code in filiere
    ]
    return installations.creer(
        NouvelleInstallation(
            insee=INSEE,
            parcelles=[idu] if idu else [],
            adresses=[adresse],
            proprietaire=proprietaire,
            elements=() if projet else elements,
            projet=projet,
            champs={
                "geom": adresse.position,
                "pieces_principales": pieces,
                "eh": Decimal(pieces),
                "date_creation": None if projet else pose,
                "ancien_numero": f"S{1000 + rang}" if rang % 3 == 0 else "",
            },
        ),
        par=jeu.technicien,
        jour=max(pose, jeu.jour - timedelta(days=15 * 365)) if not projet else jeu.jour - timedelta(days=40),
        aujourdhui=jeu.jour,
    )


def _histoire(jeu: Jeu, rang: int, i: Installation) -> None:
    """Old reports, then what goes on today."""
    h = jeu.hasard
    if i.etat == "projet":
        _vivre(jeu, i, "conception_neuf", ("rdv", "fait", "redige", "valide")[rang // 50 % 4], 20)
        return
    if rang % 17 == 4:
        if rang % 34 == 4:
            _vivre(jeu, i, "diagnostic_initial", "a_planifier", 10)
        return
    ancien = jeu.jour - timedelta(days=h.randint(3 * 365, 12 * 365))
    faits = _faits(jeu, i)
    complete = not faits.get("incomplete")
    if rang % 41 == 9:
        _reprendre(jeu, i, "diagnostic_initial", ancien, {"elements_probants": False})
    else:
        _reprendre(jeu, i, "diagnostic_initial", ancien, {"elements_probants": True, **faits})
    if rang % 6 == 1:
        recent = jeu.jour - timedelta(days=h.randint(200, 1000))
        suite = {} if rang % 12 == 1 and complete else faits
        nature = (
            "contre_visite"
            if rang % 12 == 1 and faits and complete
            else "vente"
            if rang % 18 == 7
            else "periodique"
        )
        _reprendre(jeu, i, nature, recent, {"elements_probants": True, **suite})
    elif rang % 5 == 2:
        etapes = (
            "a_planifier",
            "rdv",
            "absent",
            "refus",
            "fait",
            "redige",
            "valide",
            "notifie",
            "notifie",
            "acte",
        )
        _vivre(jeu, i, "vente" if rang % 10 == 7 else "periodique", etapes[rang // 5 % len(etapes)], 30)
    if rang % 60 == 23:
        i.refresh_from_db()
        installations.agir(
            i, "desactiver", par=jeu.responsable, version=i.version,
            donnees={"motif": "raccordee_ac", "precision": "Raccordée au réseau neuf."}, aujourdhui=jeu.jour,
        )  # fmt: skip


def _faits(jeu: Jeu, i: Installation) -> dict[str, bool]:
    """Facts drawn at random that the elements do not belie: a tank without treatment is incomplete."""
    faits = dict(CONSTATS[jeu.hasard.randrange(len(CONSTATS))])
    types = {(e.famille, e.type) for e in i.elements.all()}
    if types & INCOMPLETES:
        return {**faits, "incomplete": True}
    if faits.pop("incomplete", False):
        faits["dysfonctionnement_majeur"] = True
    return faits


def _reprendre(jeu: Jeu, i: Installation, nature: str, visite: date, cas: dict[str, Any]) -> None:
    if i.date_creation and visite < i.date_creation:
        return
    travaux = [
        controles.TRAVAUX_PROPOSES[fait]
        for fait, vrai in cas.items()
        if vrai and fait in controles.TRAVAUX_PROPOSES
    ]
    controles.reprendre(
        i, nature, par=jeu.responsable, visite=visite, cas=cas,
        notification=min(visite + timedelta(days=21), jeu.jour), travaux=travaux, source="ancien logiciel",
        aujourdhui=jeu.jour,
    )  # fmt: skip


def _vivre(jeu: Jeu, i: Installation, nature: str, jusqua: str, jours: int) -> None:
    """One control of today, stopped at a stage; ``jours``: how long ago it was asked."""
    h, jour = jeu.hasard, jeu.jour
    demande = jour - timedelta(days=jours + h.randint(0, 15))
    c = controles.planifier(
        i,
        nature,
        par=jeu.technicien,
        agent=jeu.technicien,
        vente=nature == "vente",
        jour=demande,
        aujourdhui=jour,
    )

    def faire(evenement: str, le: date, par: Utilisateur, donnees: dict[str, Any] | None = None) -> bool:
        c.refresh_from_db()
        try:
            controles.agir(
                c, evenement, par=par, version=c.version, date_effet=min(le, jour), donnees=donnees or {},
                aujourdhui=jour,
            )  # fmt: skip
        except ErreurWorkflow:
            return False
        return True

    if jusqua == "a_planifier":
        return
    futur = jusqua == "rdv"
    rdv = jour + timedelta(days=h.randint(1, 20)) if futur else demande + timedelta(days=12)
    heure = f"{h.randint(8, 16)} h"
    faire("fixer_rdv", demande + timedelta(days=3), jeu.technicien, {"le": rdv.isoformat(), "creneau": heure})
    if futur:
        return
    if jusqua in ("absent", "refus"):
        faire("constater_absence" if jusqua == "absent" else "constater_refus", rdv, jeu.technicien)
        return
    _constat(jeu, c)
    suite: tuple[tuple[str, str, int, Utilisateur, dict[str, Any]], ...] = (
        ("fait", "saisir_visite", 0, jeu.technicien, {"present": "l'occupant"}),
        ("redige", "rediger", 2, jeu.technicien, {"presence": "signee"}),
        ("valide", "valider", 4, jeu.responsable, {"commentaire": "Vu."}),
        ("notifie", "notifier", 9, jeu.technicien, {}),
        ("acte", "enregistrer_acte", 12, jeu.technicien, {}),
    )
    for etape, evenement, apres, par, donnees in suite:
        if not faire(evenement, rdv + timedelta(days=apres), par, donnees) or etape == jusqua:
            return


def _constat(jeu: Jeu, c: Controle) -> None:
    """Answers to every question, drawn from the same list of facts."""
    champs: dict[str, Any] = {"observations_libres": "Vidanger la fosse tous les quatre ans environ."}
    if not c.existant:
        reponses = {p.code: ("oui", "") for p in observations.points_de(c)}
        observations.enregistrer(c, reponses, None, {"conclusion_travaux": "conforme"})
        return
    faits = _faits(jeu, c.installation)
    reponses = {}
    poses: set[str] = set()
    for p in observations.points_de(c):
        vrai = p.fait == "elements_probants" or (faits.get(p.fait, False) and p.fait not in poses)
        if p.fait:
            oppose = "non" if p.reponse == "oui" else "oui"
            reponses[p.code] = (p.reponse if vrai else oppose, "")
            poses.add(p.fait) if vrai else None
        else:
            reponses[p.code] = ("non" if p.code == "modifiee" else "oui", "")
    observations.enregistrer(c, reponses, {"capacite_eh": "5", "charge_eh": "4"}, champs)


def _zones(jour: date) -> None:
    """A zoning in two zones round the village, and one zone with an issue, on invented acts."""
    base = Adresse.objects.filter(insee=INSEE, active=True, position__isnull=False)
    centre = base.aggregate(c=Collect("position"))["c"].centroid
    commune = Commune.objects.filter(insee=INSEE).values_list("geom", flat=True).first()
    if commune is None:
        return
    proches = base.annotate(loin=Distance("position", centre)).order_by("loin", "pk")
    milieu = proches[base.count() - NOMBRE + 12].loin.m if base.count() > NOMBRE else 300
    bourg = centre.buffer(milieu).intersection(commune)
    acte = f"Délibération fictive {jour.year - 6}-31"
    for type_, sol in (("AC", bourg), ("ANC", commune.difference(bourg))):
        ZonageAssainissement.objects.create(
            insee=INSEE,
            type=type_,
            acte=acte,
            du=date(jour.year - 6, 9, 1),
            annexe_plu=True,
            geom=_multiple(sol),
        )
    ouest = commune.extent
    bande = Polygon.from_bbox((ouest[0], ouest[1], ouest[0] + (ouest[2] - ouest[0]) / 4, ouest[3]))
    bande.srid = commune.srid
    ZoneEnjeu.objects.create(
        insee=INSEE, enjeu="sanitaire", source="Profil de baignade fictif", du=date(jour.year - 5, 5, 1),
        geom=_multiple(bande.intersection(commune)),
    )  # fmt: skip


def _multiple(sol: GEOSGeometry) -> MultiPolygon:
    """The same ground as one multipolygon."""
    return sol if isinstance(sol, MultiPolygon) else MultiPolygon(sol, srid=sol.srid)


def _obligations(jeu: Jeu) -> None:
    """A few owners who answer, a few who do not."""
    tardives = Obligation.objects.filter(insee=INSEE, etat="ouverte", echeance__lt=jeu.jour).order_by("pk")
    pas: tuple[tuple[str, Utilisateur, Callable[[Obligation], dict[str, Any]]], ...] = (
        ("annoncer_travaux", jeu.technicien, lambda o: {"pour": jeu.jour + timedelta(days=60)}),
        (
            "mettre_en_demeure", jeu.elu,
            lambda o: {"delai_mois": 3, "motif": "Les travaux demandés par le rapport n'ont pas été faits."},
        ),
        (
            "prolonger", jeu.responsable,
            lambda o: {
                "jusqu_au": jeu.jour + timedelta(days=200), "motif": "Artisan retenu, attente d'un créneau.",
                "signataire": "La maire (démonstration)",
            },
        ),
    )  # fmt: skip
    for rang, o in enumerate(tardives[:9]):
        evenement, par, donnees = pas[rang % 3]
        obligations.agir(o, evenement, par=par, version=o.version, donnees=donnees(o), aujourdhui=jeu.jour)


def _rapports(jeu: Jeu) -> int:
    """A few reports as letters, one still a draft."""
    modele = ModeleCourrier.objects.filter(metier="assainissement", code="rapport_visite").first()
    faits = 0
    for rang, c in enumerate(Controle.objects.filter(insee=INSEE, etat="notifie").order_by("pk")[:3]):
        if modele is None:
            break
        try:
            lettre = lettres.preparer(
                c, modele, par=jeu.responsable, destinataire=next(courriers.destinataires(c), None)
            )
            if rang:
                lettres.finaliser(lettre, par=jeu.responsable, version=lettre.version, confirmer=True)
        except CourrierRefuse:
            continue
        faits += 1
    return faits
