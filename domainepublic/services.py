"""Files of occupations: new ones, and the events of the circuit with what the title says that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from domainepublic import emprises as sol
from domainepublic import parametres
from domainepublic.actes import nature_du_dossier
from domainepublic.emprises import NouvelleEmprise
from domainepublic.lot import Lot
from domainepublic.models import DossierODP
from domainepublic.numerotation import numero_acte
from mairie.calendrier import jma
from mairie.models import Courrier, Evenement, Tiers, Utilisateur, Voie
from mairie.roles import Acteur
from mairie.workflow import Refus, appliquer, derouler_en_masse, journal
from mairie.workflow.edition import exiger_version, marquer

Par = Utilisateur | Acteur
SIGNATURES = ("signer", "signature_exterieure")
PROLONGATION = "accepter_prolongation"
RENOUVELER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("deposer", {"canal": "renouvellement"}),
    ("instruire", {}),
    ("preparer_acte", {}),
)


@dataclass(frozen=True)
class NouveauDossier:
    """All that a deposit brings. ``faits``: what the nature of the act depends on (fields of the file)."""

    insee: str
    depose_le: date
    demandeur: Tiers
    beneficiaire: str
    emprises: Sequence[NouvelleEmprise]
    canal: str = DossierODP.Canal.GUICHET
    objet: str = ""
    voie: Voie | None = None
    adresse: str = ""
    executant: Tiers | None = None
    payeur: Tiers | None = None
    faits: Mapping[str, Any] = field(default_factory=dict)
    client_uuid: UUID | None = None


def deposer(nouveau: NouveauDossier, *, par: Par, aujourdhui: date | None = None) -> DossierODP:
    """File, emprises, number and deposit in one transaction; the same ``client_uuid`` twice gives one file.

    ``Refus`` when something is missing, and then no number is used.
    """
    jour = aujourdhui or timezone.localdate()
    if nouveau.depose_le > jour:
        raise Refus(f"La date de réception ({jma(nouveau.depose_le)}) est dans l'avenir.")
    if (deja := deja_depose(nouveau.client_uuid)) is not None:
        return deja
    try:
        with transaction.atomic():
            dossier = creer(nouveau, par)
            for emprise in nouveau.emprises:
                sol.ajouter(dossier, emprise, jour)
            appliquer(
                dossier,
                "deposer",
                par=par,
                version=0,
                date_effet=nouveau.depose_le,
                donnees={"canal": nouveau.canal},
                aujourdhui=jour,
            )
    except IntegrityError:
        # The same form sent twice at once: the other one won.
        if (deja := deja_depose(nouveau.client_uuid)) is not None:
            return deja
        raise
    return dossier


def deja_depose(client_uuid: UUID | None) -> DossierODP | None:
    """What the same form made the first time; null when it was never sent."""
    if client_uuid is None:
        return None
    connu: DossierODP | None = DossierODP.objects.filter(client_uuid=client_uuid).first()
    return connu


def creer(nouveau: NouveauDossier, par: Par) -> DossierODP:
    """The row, without emprise nor event."""
    dossier = _ligne(nouveau, par)
    dossier.save(force_insert=True)
    return dossier


def _ligne(nouveau: NouveauDossier, par: Par) -> DossierODP:
    auteur = par if isinstance(par, Utilisateur) else par.utilisateur
    return DossierODP(
        insee=nouveau.insee,
        objet=nouveau.objet,
        canal=nouveau.canal,
        demandeur=nouveau.demandeur,
        executant=nouveau.executant,
        payeur=nouveau.payeur,
        beneficiaire=nouveau.beneficiaire,
        voie=nouveau.voie,
        adresse=nouveau.adresse,
        client_uuid=nouveau.client_uuid,
        cree_par=auteur,
        instructeur=auteur if auteur is not None and auteur.has_perm("domainepublic.instruire") else None,
        **nouveau.faits,
    )


def deposer_copies(
    paires: Sequence[tuple[DossierODP, NouveauDossier]],
    *,
    par: Par,
    annee: int,
    jour: date,
    quantites: Mapping[int, Decimal],
) -> list[DossierODP]:
    """New files on the ground of others, in that year, taken together as far as the signatory.

    ``quantites``: billed instead of what was, by key of the file copied, which has a single emprise.
    The same guards as one by one, in the order given; each stops where one refuses. All in one transaction:
    ``Refus`` when one cannot even be deposited, and then nothing is written.
    """
    with transaction.atomic():
        dossiers = DossierODP.objects.bulk_create([_ligne(nouveau, par) for _, nouveau in paires])
        sources = [source for source, _ in paires]
        emprises = sol.copier_en_masse(list(zip(sources, dossiers, strict=True)), annee, quantites)
        DossierODP.objects.bulk_update(dossiers, ["debut", "fin"])
        Lot(dossiers, emprises)
        try:
            resultats = derouler_en_masse(
                dossiers,
                RENOUVELER,
                par=par,
                aujourdhui=jour,
            )
        finally:
            for d in dossiers:
                d.lot = None
        if sans := [r.erreur for r in resultats if r.evenement is None]:
            raise Refus(*sans)
        return dossiers


def agir(
    dossier: DossierODP,
    evenement: str,
    *,
    par: Par,
    version: int,
    date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    cle: UUID | None = None,
    aujourdhui: date | None = None,
    courrier: Courrier | None = None,
    **options: Any,
) -> Evenement:
    """Apply an event, with what the house adds to it; the only door of the screens and tasks.

    ``courrier``: the act just signed, where the letter brings the signature. Signatures of one commune pass
    one after the other, so that two that collide cannot both pass.
    """
    jour = aujourdhui or timezone.localdate()
    try:
        with transaction.atomic():
            valeurs = dict(donnees or {})
            if evenement == "declarer_incomplet" and valeurs.get("delai_jours") in (None, ""):
                # Kept with the request: what the settings become later changes nothing of it.
                valeurs["delai_jours"] = parametres.au_jour("pieces_jours", date_effet or jour)
            if evenement in (*SIGNATURES, PROLONGATION):
                verrouiller_commune(dossier.insee)
            # The same click again: nothing is prepared twice.
            if evenement in SIGNATURES and not (cle and Evenement.objects.filter(cle=cle).exists()):
                valeurs = titre(dossier, evenement, valeurs, date_effet or jour, courrier, par)
            return appliquer(
                dossier,
                evenement,
                par=par,
                version=version,
                date_effet=date_effet,
                donnees=valeurs,
                cle=cle,
                aujourdhui=aujourdhui,
                **options,
            )
    except Refus:
        if evenement in (*SIGNATURES, PROLONGATION, "preparer_acte"):
            from domainepublic.conflits import recalculer

            # What was found is undone with the refusal: found again, so that the page shows it.
            recalculer(dossier)
        raise


def verrouiller_commune(insee: str) -> None:
    """Until the end of the transaction, no other signature in this commune."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"domainepublic.signature.{insee}"])


def titre(
    dossier: DossierODP,
    evenement: str,
    donnees: Mapping[str, Any],
    jour: date,
    courrier: Courrier | None = None,
    par: Par | None = None,
) -> dict[str, Any]:
    """What a signature freezes: acts by the rules, authority, days of the title, numbers of its acts.

    The authority is the one said, else one still awaited in whose name this person signs.
    """
    from domainepublic.signataires import autorite_de

    nature = nature_du_dossier(dossier)
    if nature.erreur:
        raise Refus(nature.erreur)
    dossier.refresh_from_db()
    if dossier.debut is None:
        raise Refus("Le dossier n'a aucune emprise : il n'y a rien à signer.")
    autorite = str(donnees.get("autorite") or "")
    if evenement == "signer" and not autorite:
        compte = par if isinstance(par, Utilisateur) else getattr(par, "utilisateur", None)
        autorite = autorite_de(compte, dossier, nature.signataires, jour)
    signes = [a for a in nature.actes if a.autorite == autorite]
    valeurs: dict[str, Any] = {
        "autorite": autorite,
        "signataires": list(nature.signataires),
        "actes": nature.en_json(),
        "debut": dossier.debut.isoformat(),
        "caducite_mois": parametres.au_jour("caducite_mois", jour),
    }
    if dossier.fin:
        valeurs["fin"] = dossier.fin.isoformat()
    if dossier.transmission == DossierODP.Transmission.REPRISE and not _vendu(dossier):
        valeurs["sous_condition"] = True
    if evenement == "signer":
        # One authority: permit and traffic order are one document, one number (spec §5.2).
        valeurs["numeros"] = [_numero(dossier, jour, courrier, autorite)] if signes else []
    else:
        valeurs["reference"] = donnees.get("reference", "")
    return valeurs


def _vendu(dossier: DossierODP) -> bool:
    return any(e.type == "justifier_vente" for e in journal.vivantes(journal.lignes(dossier)))


def _numero(dossier: DossierODP, jour: date, courrier: Courrier | None, autorite: str) -> str:
    """That of the act already finalised, which must say what the file says; else the next of its register."""
    from domainepublic.courriers import suites
    from domainepublic.signataires import collectivite

    acte = courrier or suites.acte_finalise(dossier, autorite)
    if acte is None:
        emetteur = collectivite(dossier.insee, autorite, jour)
        return numero_acte(emetteur.code if emetteur else dossier.insee, jour)
    suites.verifier_acte(dossier, acte)
    return acte.numero


def modifier_faits(dossier: DossierODP, valeurs: Mapping[str, Any], version: int | None = None) -> DossierODP:
    """Change who, where, and what the nature of the act depends on, while nothing is signed.

    ``version``: that which the person saw; ``ConflitEdition`` when the file has another one now.
    """
    from domainepublic.instruction.etats import MODIFIABLES

    with transaction.atomic():
        verrou: DossierODP = DossierODP.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
        exiger_version(verrou, version)
        if verrou.etat not in ("", *MODIFIABLES):
            raise Refus(f"Le dossier est « {verrou.libelle_etat} » : ses faits ne changent plus.")
        for champ, valeur in valeurs.items():
            setattr(verrou, champ, valeur)
        verrou.save(update_fields=list(valeurs))
        marquer(verrou)
    return verrou
