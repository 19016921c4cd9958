"""Services of the contribution to the sewer: prepared by a permit, due at the connection, titled, paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement import tarifs
from assainissement.models import ZonageAssainissement
from assainissement.models.pfac import Pfac
from assainissement.models.tarifs import DeliberationTarif
from assainissement.regles.pfac import calculer_pfac
from cadastre.models import Parcelle
from mairie import evenements
from mairie.lecture_json import ErreurSaisie
from mairie.models import Evenement, EvenementDomaine, Utilisateur
from mairie.numerotation import Genre, declarer, prochain
from mairie.roles import Acteur, systeme
from mairie.workflow import Refus, annuler_dernier, appliquer, journal

Par = Utilisateur | Acteur
PERMIS = systeme("suite d'un permis")
RACCORDEMENT = systeme("suite d'un raccordement")
NUMERO = declarer(
    Genre(
        "assainissement.pfac",
        "Participation au réseau (PFAC)",
        lambda s, n: f"PFAC-{s.collectivite}-{s.annee}-{n:04d}",
        maximum=9999,
    )
)
ACCORDES = ("accorde", "accorde_prescriptions", "accord_tacite")
# What is built and may send waste water to the sewer; a later request of a permit has no line of its own.
TYPES = ("PC", "DP")


def agir(
    p: Pfac, evenement: str, *, par: Par, version: int, date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None, cle: UUID | None = None, aujourdhui: date | None = None,
    raccorde: date | None = None,
) -> Evenement:  # fmt: skip
    """Apply an event; the only door of the screens and tasks. At the connection the calculation is frozen.

    ``raccorde``: day of a connection older than the line, which its log cannot hold as an effective date.
    """
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        valeurs = dict(donnees or {})
        if evenement == "constater_raccordement" and not (
            cle is not None and Evenement.objects.filter(cle=cle).exists()
        ):
            verrou: Pfac = Pfac.objects.select_for_update(of=("self",)).get(pk=p.pk)
            le = raccorde or date_effet or jour
            resultat = calculer(verrou, le)
            if verrou.etat == "preparee" and resultat.get("exigible"):
                _ecrire(verrou, le, resultat)
            valeurs.update(entrees=cas(verrou, le), resultat=resultat)
        return appliquer(
            p, evenement, par=par, version=version, date_effet=date_effet, donnees=valeurs, cle=cle,
            aujourdhui=aujourdhui,
        )  # fmt: skip


def _ecrire(p: Pfac, raccorde: date, resultat: Mapping[str, Any]) -> None:
    Pfac.objects.filter(pk=p.pk).update(
        deliberation=deliberation_du(p.insee, raccorde),
        resultat=dict(resultat),
        montant=Decimal(resultat["montant"]),
        raccorde_le=raccorde,
    )


def deliberation_du(insee: str, jour: date) -> DeliberationTarif | None:
    """The vote in force on a day."""
    return tarifs.en_vigueur(insee, DeliberationTarif.Objet.PFAC, jour)


def cas(p: Pfac, raccorde: date | None = None, jour: date | None = None) -> dict[str, Any]:
    """The case of §6.4: the project as typed, the deliberation of the connection, or of today before it."""
    d = deliberation_du(p.insee, raccorde or jour or timezone.localdate())
    regles: dict[str, Any] = dict(d.regles) if d else {}
    projet: dict[str, Any] = {k: v for k, v in p.entrees.items() if v not in (None, "")}
    projet.setdefault("cout_anc", regles.get("cout_anc"))
    if d is not None:
        connues = {c: v for c, v in regles.items() if c in tarifs.CHAMPS_PFAC}
        fin = d.date_fin.isoformat() if d.date_fin else None
        projet["deliberation"] = {**connues, "date_effet": d.date_effet.isoformat(), "date_fin": fin}
    if raccorde:
        projet["date_raccordement"] = raccorde.isoformat()
    return projet


def calculer(p: Pfac, raccorde: date | None = None, jour: date | None = None) -> dict[str, Any]:
    """Answer of the engine; empty while the project is not complete."""
    return _calculer(cas(p, raccorde, jour))[0]


def resultat_de(p: Pfac, jour: date) -> dict[str, Any]:
    """What a page and a letter say: the calculation frozen with the debt, a simulation before it."""
    return dict(p.resultat) if p.figee else calculer(p, p.raccorde_le, jour)


def manque(p: Pfac, jour: date) -> str:
    """What keeps the calculation from being made, in words; empty when it can be."""
    return _calculer(cas(p, p.raccorde_le, jour))[1]


def _calculer(entree: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    try:
        return calculer_pfac(dict(entree)), ""
    except ErreurSaisie as e:
        if e.champ == "cout_anc":
            return {}, "Aucune délibération ne dit le coût d'un assainissement individuel : saisissez-le."
        return {}, e.message


def preparer(
    insee: str,
    dossier: str,
    *,
    parcelles: Sequence[str] = (),
    decision_le: date | None = None,
    entrees: Mapping[str, Any] | None = None,
    redevable: Any = None,
    par: Par = PERMIS,
    jour: date | None = None,
    aujourdhui: date | None = None,
) -> Pfac:
    """The line of a permit; the one that it has already, when it lives.

    Prepared on ``jour``, else on the day of the decision: the connection may be older than the entry.
    """
    ce_jour = aujourdhui or timezone.localdate()
    depart = jour or min(decision_le or ce_jour, ce_jour)
    vivantes = Pfac.objects.filter(insee=insee, dossier_urba=dossier).exclude(etat="annulee")
    if (deja := vivantes.first()) is not None:
        return deja
    auteur = par if isinstance(par, Utilisateur) else par.utilisateur
    try:
        with transaction.atomic():
            p: Pfac = Pfac.objects.create(
                insee=insee,
                numero=prochain(NUMERO, insee, jour=ce_jour).texte,
                dossier_urba=dossier,
                parcelles=list(parcelles),
                decision_le=decision_le,
                entrees=dict(entrees or {}),
                redevable=redevable,
                cree_par=auteur,
            )
            appliquer(p, "preparer", par=par, version=0, date_effet=depart, aujourdhui=ce_jour)
    except IntegrityError as e:
        if "ass_pfac_une_par_permis" not in str(e):
            raise
        return Pfac.objects.exclude(etat="annulee").get(insee=insee, dossier_urba=dossier)
    return p


def completer(p: Pfac, entrees: Mapping[str, Any], redevable: Any = None) -> Pfac:
    """What the project is; ``Refus`` once the debt exists, or for figures that the rules do not read."""
    with transaction.atomic():
        verrou: Pfac = Pfac.objects.select_for_update(of=("self",)).get(pk=p.pk)
        if verrou.etat != "preparee":
            raise Refus(f"La participation est « {verrou.libelle_etat} » : son projet ne change plus.")
        verrou.entrees = {k: v for k, v in entrees.items() if v not in (None, "")}
        if redevable is not None:
            verrou.redevable = redevable
        _, faute = _calculer(cas(verrou))
        if faute:
            raise Refus(faute)
        verrou.save(update_fields=["entrees", "redevable"])
    return verrou


def en_zone_collective(insee: str, idus: Sequence[str], jour: date) -> bool:
    """Whether a sewer serves one of the parcels, by the zoning of the day."""
    sols = Parcelle.objects.filter(idu__in=list(idus), valide_au__isnull=True, geom__isnull=False)
    zones = ZonageAssainissement.objects.en_vigueur(jour).filter(insee=insee, type="AC")
    # Shrunk by half a metre, so that a common border is not a common ground.
    return any(
        zones.filter(geom__intersects=coeur).exists()
        for sol in sols.values_list("geom", flat=True)
        if sol is not None and not (coeur := sol.buffer(-0.5)).empty
    )


# --- what other trades and services say ---------------------------------------------------------


def _jour(texte: Any, defaut: date) -> date:
    try:
        return date.fromisoformat(str(texte)[:10])
    except ValueError:
        return defaut


def sur_decision(evenement: EvenementDomaine) -> None:
    """A permit is granted where a sewer serves: a line is prepared; else, nothing."""
    d = evenement.charge
    numero, idus = str(d.get("numero") or ""), list(d.get("idus") or ())
    if (
        d.get("sens") not in ACCORDES
        or d.get("nature", "INITIAL") != "INITIAL"
        or not numero
        or not str(d.get("type") or "").startswith(TYPES)
    ):
        return
    if str(d.get("type")).startswith("DP") and not _cree(d):
        return
    jour = timezone.localdate()
    decision = _jour((d.get("dates") or {}).get("date_decision"), jour)
    insee = evenement.insee or str(d.get("insee") or "")
    if not en_zone_collective(insee, idus, decision):
        return
    entrees: dict[str, Any] = {"nature": "neuf", "eaux_usees_supplementaires": True}
    if d.get("surface_creee") not in (None, ""):
        entrees["surface_m2"] = str(d["surface_creee"])
    if d.get("logements"):
        entrees["nb_logements"] = int(d["logements"])
    preparer(insee, numero, parcelles=idus, decision_le=decision, entrees=entrees, aujourdhui=jour)


def _cree(charge: Mapping[str, Any]) -> bool:
    """Whether works make floor area or dwellings: a fence or a window brings no waste water."""
    return Decimal(str(charge.get("surface_creee") or 0)) > 0 or bool(charge.get("logements"))


def sur_retrait(evenement: EvenementDomaine) -> None:
    """A permit is dropped: what was only prepared falls; a debt born of a connection stays."""
    d = evenement.charge
    insee = evenement.insee or str(d.get("insee") or "")
    for p in Pfac.objects.filter(insee=insee, dossier_urba=str(d.get("numero") or ""), etat="preparee"):
        motif = "Le permis est retiré, annulé ou abandonné."
        _suivre(p, "annuler", timezone.localdate(), PERMIS, motif=motif)


def sur_raccordement(evenement: EvenementDomaine) -> None:
    """A connection is recorded on parcels: the lines that wait for it become due, or say what they lack."""
    d = evenement.charge
    idus = list(d.get("parcelles") or d.get("idus") or ())
    raccorder(
        evenement.insee or str(d.get("insee") or ""),
        idus,
        _jour(d.get("date") or d.get("le"), timezone.localdate()),
    )


def sur_correction(evenement: EvenementDomaine) -> None:
    """The day of a connection was wrong: what waits follows, a debt not titled yet is counted again.

    A titled contribution keeps its day: its title is notified.
    """
    d = evenement.charge
    insee = evenement.insee or str(d.get("insee") or "")
    idus = set(d.get("parcelles") or ())
    for p in Pfac.objects.filter(insee=insee, etat__in=("preparee", "exigible")):
        if not idus & set(p.parcelles) or (p.etat == "preparee" and p.raccorde_le is None):
            continue
        if p.etat == "exigible":
            annuler_dernier(
                p, par=RACCORDEMENT, version=p.version, motif="La date du raccordement est corrigée."
            )
        Pfac.objects.filter(pk=p.pk).update(raccorde_le=None)
    if d.get("date"):
        raccorder(insee, list(idus), _jour(d["date"], timezone.localdate()))


def raccorder(insee: str, idus: Sequence[str], le: date) -> list[Pfac]:
    """Lines prepared on these parcels; each is due from that day when its project is complete."""
    suivies = []
    for p in Pfac.objects.filter(insee=insee, etat="preparee"):
        if not set(p.parcelles) & set(idus):
            continue
        Pfac.objects.filter(pk=p.pk).update(raccorde_le=le)
        p.refresh_from_db()
        _naitre(p, le)
        suivies.append(p)
    return suivies


def _naitre(p: Pfac, le: date) -> None:
    """The debt of a connection, if something is due: counted on its day, though the line be younger."""
    if not calculer(p, le).get("exigible"):
        return
    depart = max(le, journal.vivantes(journal.lignes(p))[-1].date_effet)
    agir(
        p, "constater_raccordement", par=RACCORDEMENT, version=p.version, date_effet=depart, raccorde=le,
        aujourdhui=max(depart, timezone.localdate()),
    )  # fmt: skip


def _suivre(p: Pfac, evenement: str, jour: date, par: Acteur, **donnees: Any) -> None:
    le = max(jour, journal.lignes(p)[-1].date_effet)
    agir(p, evenement, par=par, version=p.version, date_effet=le, donnees=donnees, aujourdhui=le)


def brancher() -> None:
    """Listen to the permits and to the connections, from ``AppConfig.ready``."""
    evenements.abonner("urba.decision_rendue", sur_decision, abonne="assainissement.pfac_decision")
    evenements.abonner("urba.dossier_retire", sur_retrait, abonne="assainissement.pfac_retrait")
    evenements.abonner(
        "assainissement.raccordement_constate", sur_raccordement, abonne="assainissement.pfac_raccordement"
    )
    evenements.abonner(
        "assainissement.raccordement_corrige", sur_correction, abonne="assainissement.pfac_correction"
    )
