"""Services of controls of connection: asked, assigned, filled, validated, and what follows a fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.models import Branchement, ControleAC, Prestataire, ReglementService
from assainissement.numerotation import numero_controle_ac
from assainissement.regles.controle_ac import proposer
from assainissement.regles.tables.points_ac import POINTS_AC
from mairie import journal
from mairie.models import Evenement, Utilisateur
from mairie.roles import Acteur, systeme
from mairie.workflow import Refus, appliquer, rafraichir
from mairie.workflow.edition import exiger_version, marquer

Par = Utilisateur | Acteur
SERVICE = systeme("suivi des branchements")
CORRIGE = "assainissement.controle_ac_corrige"


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(journal.Action(CORRIGE, "Demande de contrôle de branchement corrigée"))


def demander(
    insee: str,
    motif: str,
    *,
    par: Par,
    branchement: Branchement | None = None,
    reference: str = "",
    adresse: Any = None,
    logement: str = "maison",
    demandeur: Any = None,
    agent: Utilisateur | None = None,
    prestataire: Prestataire | None = None,
    jour: date | None = None,
    client_uuid: UUID | None = None,
    aujourdhui: date | None = None,
) -> ControleAC:
    """A control to make, with its number. ``Refus`` without a place; the same ``client_uuid`` makes one."""
    ce_jour = aujourdhui or timezone.localdate()
    if client_uuid and (deja := ControleAC.objects.filter(client_uuid=client_uuid).first()):
        return deja
    if branchement is None and not reference and adresse is None:
        raise Refus("Dites où : un branchement, une parcelle ou une adresse.")
    demande = jour or ce_jour
    try:
        with transaction.atomic():
            c: ControleAC = ControleAC.objects.create(
                insee=insee,
                numero=numero_controle_ac(insee, demande),
                branchement=branchement,
                reference=reference,
                adresse=adresse or (branchement.adresse if branchement else None),
                demandeur=demandeur or (branchement.proprietaire if branchement else None),
                motif=motif,
                logement=logement,
                client_uuid=client_uuid,
                cree_par=par if isinstance(par, Utilisateur) else None,
            )
            appliquer(c, "demander", par=par, version=0, date_effet=demande, donnees={}, aujourdhui=ce_jour)
            if agent is not None or prestataire is not None:
                affecter(c, agent, prestataire, par=par, jour=demande, aujourdhui=ce_jour)
    except IntegrityError:
        if client_uuid and (deja := ControleAC.objects.filter(client_uuid=client_uuid).first()):
            return deja
        raise
    c.refresh_from_db()
    return c


def affecter(
    c: ControleAC,
    agent: Utilisateur | None,
    prestataire: Prestataire | None = None,
    *,
    par: Par,
    jour: date | None = None,
    aujourdhui: date | None = None,
) -> None:
    """Who will make the visit; ``Refus`` for a firm whose insurance or agreement has run out."""
    if (agent is None) == (prestataire is None):
        raise Refus("Choisissez un agent, ou un prestataire.")
    with transaction.atomic():
        verrou: ControleAC = ControleAC.objects.select_for_update(of=("self",)).get(pk=c.pk)
        if prestataire is not None:
            if prestataire.insee != verrou.insee:
                raise Refus(f"{prestataire} ne travaille pas pour cette commune.")
            if raison := prestataire.empechement(aujourdhui or timezone.localdate()):
                raise Refus(raison)
        verrou.agent, verrou.prestataire = agent, prestataire
        verrou.save(update_fields=["agent", "prestataire"])
        appliquer(
            verrou, "affecter", par=par, version=verrou.version, date_effet=jour, donnees={},
            aujourdhui=aujourdhui,
        )  # fmt: skip
    c.refresh_from_db()


# What a control is asked for; its connection and its commune stay.
CORRIGEABLES = ("motif", "logement", "reference", "adresse")


def corriger(
    c: ControleAC, champs: Mapping[str, Any], demandeur: Any, *, par: Utilisateur, version: int | None = None,
    aujourdhui: date | None = None,
) -> ControleAC:  # fmt: skip
    """Mend the request until its conclusion, with its due day and its fee; who pays, even after it.

    ``Refus`` for a cancelled control, a conclusion already frozen or no place left. ``ConflitEdition`` when
    it moved since it was seen.
    """
    from assainissement import redevances_ac

    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        verrou: ControleAC = ControleAC.objects.select_for_update(of=("self",)).get(pk=c.pk)
        exiger_version(verrou, version)
        if verrou.etat == "annule":
            raise Refus("Ce contrôle est annulé : demandez-en un autre.")
        valeurs = {n: v for n, v in champs.items() if n in CORRIGEABLES and getattr(verrou, n) != v}
        if valeurs and (verrou.valide_le is not None or verrou.origine_id is not None):
            raise Refus("La conclusion est figée : seul le demandeur se corrige encore.")
        for nom, valeur in {**valeurs, "demandeur": demandeur}.items():
            setattr(verrou, nom, valeur)
        if verrou.branchement_id is None and not verrou.reference and verrou.adresse_id is None:
            raise Refus("Dites où : une parcelle ou une adresse.")
        verrou.save(update_fields=[*valeurs, "demandeur"])
        marquer(verrou)
        rafraichir(verrou, jour)
        if "motif" in valeurs:
            redevances_ac.recaler(verrou, jour)
        journal.noter(par, CORRIGE, verrou, donnees={"colonnes": sorted(valeurs)}, insee=verrou.insee)
    c.refresh_from_db()
    return c


def repondre(c: ControleAC, points: Mapping[str, str], observations: str | None = None) -> ControleAC:
    """Keep the answers; what the table does not know is refused, and nothing once the form is received."""
    for code, reponse in points.items():
        if code not in POINTS_AC or (reponse and reponse not in POINTS_AC[code].choix):
            raise Refus(f"« {reponse} » ne répond pas à « {code} ».")
    with transaction.atomic():
        verrou: ControleAC = ControleAC.objects.select_for_update(of=("self",)).get(pk=c.pk)
        if not verrou.saisissable:
            raise Refus(f"Le contrôle est « {verrou.libelle_etat} » : ses réponses ne changent plus.")
        verrou.points = {k: v for k, v in {**verrou.points, **points}.items() if v}
        if observations is not None:
            verrou.observations = observations
        verrou.save(update_fields=["points", "observations"])
    c.refresh_from_db()
    return c


def duree_mois(c: ControleAC, jour: date) -> int | None:
    """Months of validity that the règlement sets for this dwelling; null: none."""
    version = ReglementService.objects.en_vigueur(c.insee, jour)
    if version is None:
        return None
    valeur: int | None = {
        "maison": version.duree_validite_ac_maison_mois,
        "appartement": version.duree_validite_ac_appartement_mois,
    }.get(c.logement)
    return valeur


def agir(
    c: ControleAC,
    evenement: str,
    *,
    par: Par,
    version: int,
    date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    cle: UUID | None = None,
    aujourdhui: date | None = None,
) -> Evenement:
    """Apply an event, with what the answers conclude that day; the only door of the screens and tasks."""
    valeurs = dict(donnees or {})
    if evenement == "valider" and (cle is None or not Evenement.objects.filter(cle=cle).exists()):
        c.refresh_from_db()
        valeurs["resultat"] = proposer(c.points).en_json()
        valeurs["reponses"] = dict(c.points)
        if c.visite_le and (duree := duree_mois(c, c.visite_le)) is not None:
            valeurs["duree_mois"] = duree
    return appliquer(
        c, evenement, par=par, version=version, date_effet=date_effet, donnees=valeurs, cle=cle,
        aujourdhui=aujourdhui,
    )  # fmt: skip


def contre_visiter(
    c: ControleAC, *, par: Par, version: int, jour: date | None = None, aujourdhui: date | None = None
) -> ControleAC:
    """A new control under the same number, ``-cv1`` then ``-cv2``; the first one waits for it."""
    ce_jour = aujourdhui or timezone.localdate()
    premier = c.origine or c
    with transaction.atomic():
        verrou: ControleAC = ControleAC.objects.select_for_update(of=("self",)).get(pk=premier.pk)
        vue = version if premier.pk == c.pk else verrou.version
        appliquer(
            verrou, "demander_contre_visite", par=par, version=vue,
            date_effet=jour or ce_jour, donnees={}, aujourdhui=ce_jour,
        )  # fmt: skip
        rang = verrou.suites.count() + 1
        suite: ControleAC = ControleAC.objects.create(
            insee=verrou.insee,
            numero=f"{verrou.numero}-cv{rang}",
            branchement=verrou.branchement,
            reference=verrou.reference,
            adresse=verrou.adresse,
            demandeur=verrou.demandeur,
            motif=verrou.motif,
            logement=verrou.logement,
            origine=verrou,
            points=verrou.points,
            cree_par=par if isinstance(par, Utilisateur) else None,
        )
        appliquer(
            suite, "demander", par=par, version=0, date_effet=jour or ce_jour, donnees={}, aujourdhui=ce_jour
        )
        firme = verrou.prestataire
        if firme is not None and firme.empechement(ce_jour):
            # Its insurance ran out since: somebody else is to be named.
            firme = None
        if verrou.agent is not None or firme is not None:
            affecter(suite, verrou.agent, firme, par=par, jour=jour or ce_jour, aujourdhui=ce_jour)
    suite.refresh_from_db()
    return suite


def conclure_origine(c: ControleAC, jour: date) -> None:
    """The control that a contre-visite follows takes its conclusion."""
    if c.origine is None:
        return
    premier: ControleAC = ControleAC.objects.get(pk=c.origine.pk)
    if premier.etat == "contre_visite":
        appliquer(
            premier, "conclure_contre_visite", par=SERVICE, version=premier.version, date_effet=jour,
            donnees={"conclusion": c.conclusion, "controle": c.numero},
            aujourdhui=max(jour, premier.calcule_au or jour),
        )  # fmt: skip


def dernier_valide(parcelle: str, insee: str) -> ControleAC | None:
    """The last concluded control of a parcel, contre-visites included."""
    from django.db.models import Q

    trouve: ControleAC | None = (
        ControleAC.objects.filter(
            Q(reference=parcelle) | Q(branchement__parcelles__reference=parcelle),
            insee=insee,
            valide_le__isnull=False,
        )
        .order_by("-visite_le", "-pk")
        .first()
    )
    return trouve
