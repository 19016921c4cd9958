"""Fees of the demonstration: two years of invented tariffs, lines and contributions in every state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.gis.db.models import Collect
from django.contrib.gis.db.models.functions import Distance

from assainissement import contrats, controles, courriers_redevances, pfac, redevances, tarifs
from assainissement.demo import RESPONSABLE
from assainissement.models import Contrat, Controle, DeliberationTarif, Installation, LigneRedevance, Pfac
from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Adresse, Utilisateur
from mairie.workflow import ErreurWorkflow

ANNEES = (("110", "280", "140", "75"), ("120", "300", "150", "80"))
PFAC_REGLES = {"mode": "surface", "tarif_m2": "18", "franchise_m2": "20", "cout_anc": "9000"}


def declarer() -> None:
    """From ``AppConfig.ready``: tariffs before the controls, the rest after them."""
    declarer_etape(Etape("assainissement.tarifs", "Tarifs de l'assainissement", 329, voter))
    declarer_etape(Etape("assainissement.redevances", "Redevances et PFAC", 332, jouer))


def voter(jour: date) -> str:
    """Two years of fees, a surcharge, a contribution; once."""
    tarifs.charger_parametres()
    courriers_redevances.charger()
    if DeliberationTarif.objects.filter(insee=INSEE).exists():
        return "déjà là"
    for rang, (petit, grand, vente, entretien) in enumerate(ANNEES):
        annee = jour.year - 1 + rang
        tarifs.enregistrer(
            INSEE,
            "redevance_anc",
            f"Délibération fictive {annee}-12",
            date(annee, 1, 1),
            date(annee, 12, 31) if rang == 0 else None,
            lignes=[
                {"nature": "periodique", "eh_max": Decimal(20), "montant_ht": Decimal(petit), "taux_tva": 10},
                {"nature": "periodique", "eh_min": Decimal(20), "montant_ht": Decimal(grand), "taux_tva": 10},
                {"nature": "diagnostic_initial", "montant_ht": Decimal(petit), "taux_tva": 10},
                {"nature": "vente", "montant_ht": Decimal(vente), "taux_tva": 10},
                {"nature": "conception_neuf", "montant_ht": Decimal("90"), "taux_tva": 10},
                {"nature": "execution_neuf", "montant_ht": Decimal("95"), "taux_tva": 10},
                {"nature": "entretien", "montant_ht": Decimal(entretien), "taux_tva": 10, "unite": "an"},
                {"nature": "abonnement", "montant_ht": Decimal("24"), "unite": "an"},
            ],
        )
    debut = date(jour.year - 1, 1, 1)
    tarifs.enregistrer(INSEE, "majoration", "Délibération fictive 13", debut, regles={"taux": "100"})
    tarifs.enregistrer(INSEE, "pfac", "Délibération fictive 14", debut, regles=PFAC_REGLES)
    tarifs.enregistrer(
        INSEE, "redevance_ac", "Délibération fictive 15", debut,
        lignes=[{"nature": "controle_ac", "montant_ht": Decimal("130"), "taux_tva": 10}],
    )  # fmt: skip
    return f"{DeliberationTarif.objects.filter(insee=INSEE).count()} délibérations"


def jouer(jour: date) -> str:
    """Lines told, billed, sent, paid, cancelled; contracts of two years; contributions; once."""
    if Contrat.objects.filter(insee=INSEE).exists():
        return "déjà là"
    par = Utilisateur.objects.get(email=RESPONSABLE)
    # First: what it sends would take the lines of the controls along.
    _contrats(par, jour)
    _redevances(par, jour)
    _majorations(par, jour)
    participations = _pfac(par, jour)
    lignes = LigneRedevance.objects.filter(insee=INSEE).count()
    return f"{lignes} lignes de redevance, {participations} participations"


def _agir(x: LigneRedevance, evenement: str, par: Utilisateur, le: date, jour: date, **donnees: Any) -> bool:
    x.refresh_from_db()
    try:
        redevances.agir(
            x, evenement, par=par, version=x.version, date_effet=le, donnees=donnees, aujourdhui=jour
        )
    except ErreurWorkflow:
        return False
    return True


def _redevances(par: Utilisateur, jour: date) -> None:
    """Told before the visit, but for one in eight; then a first file, paid in part, a second, a rest."""
    lignes = list(
        LigneRedevance.objects.filter(insee=INSEE, genre="redevance", etat="a_annoncer")
        .select_related("controle")
        .order_by("pk")
    )
    for rang, x in enumerate(lignes):
        c = x.controle
        visite = c.date_visite or c.date_rdv if c is not None else None
        if rang % 8 == 3 or c is None or visite is None:
            continue
        le = min(visite, jour) - timedelta(days=6)
        moyen = "courriel" if rang % 3 == 0 else "courrier"
        if _agir(x, "annoncer", par, le, jour, moyen=moyen) and c.date_notification:
            _agir(x, "rendre_facturable", par, c.date_notification, jour)
    pretes = list(
        LigneRedevance.objects.filter(insee=INSEE, genre="redevance", etat="a_facturer").order_by("pk")
    )
    tiers = max(1, len(pretes) // 3)
    # The first third leaves and is paid, the second leaves, the last waits.
    for rang, lot in enumerate((pretes[:tiers], pretes[tiers : 2 * tiers])):
        le = jour - timedelta(days=2 - rang)
        for x in lot:
            c = x.controle
            reference = f"T-{jour.year}-{x.pk:05d}"
            if c is not None and _facturer(c, par, le, jour, reference) and rang == 0:
                _agir(x, "encaisser", par, jour, jour)
    for x in LigneRedevance.objects.filter(insee=INSEE, etat="a_annoncer", controle__etat="notifie")[:1]:
        _agir(x, "annuler", par, jour, jour, motif="Annonce oubliée : geste du service.")


def _facturer(c: Controle, par: Utilisateur, le: date, jour: date, reference: str) -> bool:
    c.refresh_from_db()
    try:
        controles.agir(
            c, "facturer", par=par, version=c.version, date_effet=le, donnees={"reference": reference},
            aujourdhui=jour,
        )  # fmt: skip
    except ErreurWorkflow:
        return False
    return True


def _majorations(par: Utilisateur, jour: date) -> None:
    """One owner who refuses: reminded, then surcharged; another only reminded."""
    for rang, c in enumerate(Controle.objects.filter(insee=INSEE, etat="refus").order_by("pk")[:2]):
        suite = (("relancer", 4, {}), ("majorer", 2, {"motif": "Refus réitéré."}))[: 2 - rang]
        for evenement, jours, donnees in suite:
            c.refresh_from_db()
            try:
                controles.agir(
                    c, evenement, par=par, version=c.version, date_effet=jour - timedelta(days=jours),
                    donnees=donnees, aujourdhui=jour,
                )  # fmt: skip
            except ErreurWorkflow:
                break


def _contrats(par: Utilisateur, jour: date) -> None:
    debut = date(jour.year - 1, 3, 1)
    for rang, i in enumerate(Installation.objects.filter(insee=INSEE, etat="active").order_by("pk")[:12]):
        fini = rang % 6 == 5
        contrats.ouvrir(
            i, "abonnement" if rang % 4 == 3 else "entretien", debut, par=par,
            fin=date(jour.year - 1, 12, 31) if fini else None, motif_fin="Vente" if fini else "",
        )  # fmt: skip
    contrats.facturer(INSEE, jour.year - 1, aujourdhui=jour)
    redevances.transmettre(INSEE, par=par, aujourdhui=jour)
    contrats.facturer(INSEE, jour.year, aujourdhui=jour)


def _parcelles() -> Sequence[str]:
    """Parcels in the middle of the village, where the sewer is."""
    base = Adresse.objects.filter(insee=INSEE, active=True, position__isnull=False).exclude(parcelles=[])
    centre = base.aggregate(c=Collect("position"))["c"]
    if centre is None:
        return []
    proches = base.annotate(loin=Distance("position", centre.centroid)).order_by("loin", "pk")
    return list(dict.fromkeys(a.parcelles[0] for a in proches[:30]))


def _pfac(par: Utilisateur, jour: date) -> int:
    """Prepared, waiting for its project, due, titled, paid, cancelled."""
    suites: tuple[tuple[str, ...], ...] = (
        (),
        ("raccordee",),
        ("constater_raccordement",),
        ("constater_raccordement", "titrer"),
        ("constater_raccordement", "titrer", "solder"),
        ("annuler",),
    )
    for rang, (idu, suite) in enumerate(zip(_parcelles(), suites, strict=False)):
        complet = "raccordee" not in suite
        projet = {"nature": "neuf", "eaux_usees_supplementaires": True}
        if complet:
            projet["surface_m2"] = str(90 + 15 * rang)
        decision = jour - timedelta(days=300 - 20 * rang)
        p = pfac.preparer(
            INSEE, f"PC 025 999 {jour.year % 100:02d} F{rang + 1:04d} (fictif)", parcelles=[idu],
            decision_le=decision, entrees=projet, par=par, jour=decision, aujourdhui=jour,
        )  # fmt: skip
        for pas, evenement in enumerate(suite):
            le = jour - timedelta(days=60 - 20 * pas)
            if evenement == "raccordee":
                pfac.raccorder(INSEE, [idu], le)
                continue
            p.refresh_from_db()
            donnees = {
                "titrer": {"reference": f"T-{jour.year}-P{rang}"},
                "annuler": {"motif": "Projet abandonné par le demandeur."},
            }.get(evenement, {})
            pfac.agir(
                p, evenement, par=par, version=p.version, date_effet=le, donnees=donnees, aujourdhui=jour
            )
    return Pfac.objects.filter(insee=INSEE).count()
