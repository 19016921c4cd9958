"""What a letter does to its file, and what an event of the file does to its letters.

The act of a title is written when it is proposed, finalised by the agent or at the signature, and signed
by the event « signer »: from the file, the list, or the letter itself; each way gives the same two rows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from domainepublic.actes import nature_du_dossier
from domainepublic.courriers import valeurs as v
from domainepublic.courriers.catalogue import TITRES, Lettre, actes_de_l_evenement, lettre_de
from domainepublic.models import DossierODP
from mairie.courriers import envois, services
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.modeles import version_en_service
from mairie.delegations import signature_de
from mairie.models import Collectivite, Courrier, Evenement, ModeCourrier, ModeleCourrier, Utilisateur
from mairie.roles import Acteur, systeme
from mairie.taches import tache
from mairie.workflow import ConflitEdition, Refus

trace = logging.getLogger(__name__)
Etat = Courrier.Etat
A_COMPLETER = "…"
# Letters of these states may still be sealed by an event.
OUVERTS = (Etat.BROUILLON, Etat.FINALISE)


def lettre_du_courrier(courrier: Courrier) -> Lettre | None:
    """The shipped letter behind a letter; null for a free one or the town hall's own template."""
    return lettre_de(services.code_modele(courrier))


def dossier_de(courrier: Courrier) -> DossierODP:
    """The file that a letter is about."""
    d = courrier.dossier
    assert isinstance(d, DossierODP)  # noqa: S101 - the subject declares this class only
    return d


def lettres(d: DossierODP, codes: Sequence[str], etats: Sequence[str]) -> list[Courrier]:
    """Letters of a file from these templates, newest first."""
    return list(
        Courrier.objects.du_dossier(d)
        .filter(etat__in=etats, modele__modele__metier="domainepublic", modele__modele__code__in=codes)
        .select_related("modele__modele", "delegation__delegataire", "emetteur")
    )


def modele(d: DossierODP, code: str) -> ModeleCourrier | None:
    """The template in service for this file today."""
    # The commune's own takes the place of the common one.
    candidats = ModeleCourrier.objects.filter(
        Q(collectivite__isnull=True) | Q(collectivite__code=d.insee),
        metier="domainepublic", code=code, actif=True,
    ).order_by("collectivite")  # fmt: skip
    trouve = next(iter(candidats), None)
    if trouve is None or version_en_service(trouve, timezone.localdate()) is None:
        return None
    return trouve


def preparer(
    d: DossierODP, code: str, par: Utilisateur | Acteur, emetteur: Collectivite | None = None
) -> Courrier | None:
    """A draft to the holder; null where no such template is in service."""
    from domainepublic.courriers.sujet import destinataires

    trouve = modele(d, code) if code else None
    if trouve is None:
        return None
    try:
        destinataire = next(destinataires(d), None)
        return services.preparer(d, trouve, par=par, destinataire=destinataire, emetteur=emetteur)
    except CourrierRefuse:
        trace.exception("Courrier %s du dossier %s", code, d.pk)
        return None


# --- to be read first ---------------------------------------------------------------------------


def avertir(courrier: Courrier, acte: str) -> Sequence[str]:
    """What the person must have read before « finaliser », « signer » or « envoyer »."""
    dits: list[str] = []
    if acte == "finaliser" and A_COMPLETER in courrier.corps:
        dits.append("Le texte contient encore « … » : complétez ces passages avant de finaliser.")
    lettre = lettre_du_courrier(courrier)
    if lettre is None or not lettre.titre or acte not in ("finaliser", "signer"):
        return dits
    d = dossier_de(courrier)
    if bloquants := d.conflits.filter(leve_le__isnull=True, niveau="bloquant").count():
        pluriel = "s" if bloquants > 1 else ""
        dits.append(f"{bloquants} conflit{pluriel} bloquant{pluriel} à lever : la signature sera refusée.")
    leves = d.conflits.filter(leve_le__isnull=False).count()
    if leves:
        dits.append(
            f"{leves} conflit{'s' if leves > 1 else ''} levé{'s' if leves > 1 else ''} sur ce dossier."
        )
    if d.refus_implicite_le is not None:
        dits.append(f"Le silence a refusé cette demande le {d.refus_implicite_le:%d/%m/%Y}.")
    return dits


# --- from the letter to the file ----------------------------------------------------------------


def figer(courrier: Courrier) -> dict[str, Any]:
    """What the act says, as codes: the signature checks that it still holds."""
    lettre = lettre_du_courrier(courrier)
    if lettre is None:
        return {}
    gele: dict[str, Any] = {"lettre": lettre.code}
    if lettre.titre:
        d = dossier_de(courrier)
        gele |= {"montant": str(v.montant(d)), "dates": [str(d.debut), str(d.fin)]}
    return gele


def suivre(courrier: Courrier, fait: str, acteur: Acteur) -> None:
    """The letter's consequence on the file; ``CourrierRefuse`` when the circuit refuses it."""
    lettre = lettre_du_courrier(courrier)
    if lettre is None:
        return
    if fait == "finalisation" and lettre.titre:
        _finalisee(courrier, lettre)
    elif fait == "signature":
        titre = courrier.delegation
        if acteur.utilisateur and titre is not None and titre.delegataire_id != acteur.utilisateur.pk:
            raise CourrierRefuse(f"Seul le signataire, {titre.delegataire}, peut signer cet acte.")
        if lettre.titre and courrier.signe_le is not None:
            _signee(courrier, acteur)


def _finalisee(courrier: Courrier, lettre: Lettre) -> None:
    d, autorite = dossier_de(courrier), v.autorite_de(courrier.emetteur)
    if d.etat != "a_signer" and not deja_signe(d, autorite):
        raise CourrierRefuse(
            f"Le dossier est « {d.libelle_etat} » : proposez d'abord l'acte à la signature, ce qui vérifie"
            " conflits, avis et redevance."
        )
    attendu = lettre_de(v.code_du_titre(d, autorite))
    if attendu is not None and attendu.code != lettre.code:
        raise CourrierRefuse(f"Ce dossier appelle le modèle « {attendu.libelle} », non « {lettre.libelle} ».")
    siens = de_l_autorite(lettres(d, TITRES, (Etat.FINALISE, Etat.SIGNE)), autorite)
    autres = [c for c in siens if c.pk != courrier.pk]
    if autres:
        raise CourrierRefuse(f"« {autres[0]} » porte déjà ce titre : abandonnez-le d'abord.")


def cle_signature(courrier: Courrier) -> UUID:
    """The same act signs its file once."""
    return uuid5(NAMESPACE_URL, f"domainepublic.courrier.{courrier.pk}.signer")


def deja_signe(d: DossierODP, autorite: str = "maire") -> bool:
    """This authority has signed since the act was last proposed."""
    from domainepublic.signataires import signees

    return autorite in signees([d])[d.pk]


def de_l_autorite(courriers: Sequence[Courrier], autorite: str) -> list[Courrier]:
    """Those that bear its letterhead."""
    return [c for c in courriers if v.autorite_de(c.emetteur) == autorite]


def _signee(courrier: Courrier, acteur: Acteur) -> None:
    from domainepublic.services import agir

    d, autorite = DossierODP.objects.get(pk=courrier.dossier_id), v.autorite_de(courrier.emetteur)
    if deja_signe(d, autorite):
        return  # the event came first: this only seals its document
    par = acteur.utilisateur or acteur
    try:
        agir(
            d, "signer", par=par, version=d.version, date_effet=courrier.signe_le,
            cle=cle_signature(courrier), courrier=courrier, donnees={"autorite": autorite},
        )  # fmt: skip
    except Refus as e:
        raise CourrierRefuse(*e.raisons) from e
    except ConflitEdition as e:
        raise CourrierRefuse(str(e)) from e


# --- from the file to its letters ---------------------------------------------------------------


def acte_finalise(d: DossierODP, autorite: str = "maire") -> Courrier | None:
    """The numbered act of an authority that waits for its signature."""
    return next(iter(de_l_autorite(lettres(d, TITRES, (Etat.FINALISE,)), autorite)), None)


def verifier_acte(d: DossierODP, courrier: Courrier) -> None:
    """``Refus`` when the numbered act says another price or other days than the file does now."""
    gele = courrier.valeurs.get("metier", {})
    change = []
    if "montant" in gele and Decimal(gele["montant"]) != v.montant(d):
        change.append("la redevance")
    if "dates" in gele and gele["dates"] != [str(d.debut), str(d.fin)]:
        change.append("les dates")
    if change:
        raise Refus(
            f"L'acte {courrier.numero} a été finalisé avant un changement ({' et '.join(change)}) :"
            " abandonnez-le et reprenez son texte."
        )


def proposee(dossier: Any, evenement: Evenement) -> None:
    """Proposed to the signatory: its act is drafted, once, to be read and completed.

    Acts of a renewal in mass are drafted with its letters, in the background.
    """
    if (
        dossier.annee_renouvelee
        or evenement.date_effet != timezone.localdate()
        or lettres(dossier, TITRES, OUVERTS)
    ):
        return
    rediger_titre(dossier)


def rediger_titre(d: DossierODP) -> Courrier | None:
    """The drafts of the acts that the rules call, one an authority of this house; the first of them."""
    faits_ = [
        preparer(d, v.code_du_titre(d, autorite), systeme("proposition à la signature"), emetteur)
        for autorite, emetteur in _emetteurs(d)
    ]
    return next((c for c in faits_ if c is not None), None)


def _emetteurs(d: DossierODP) -> list[tuple[str, Collectivite | None]]:
    """Authorities that sign here, with their letterhead; that of the commune is the usual one."""
    from domainepublic.signataires import MAIRE, collectivite

    attendues = nature_du_dossier(d).signataires
    connus = [(a, None if a == MAIRE else collectivite(d.insee, a, timezone.localdate())) for a in attendues]
    return [(a, c) for a, c in connus if a == MAIRE or c is not None]


def renvoyee(dossier: Any, evenement: Evenement) -> None:
    """Sent back: the act that waited is given up; its text may be taken again."""
    motif = str(evenement.donnees.get("motif") or "repris par l'instructeur")
    for c in lettres(dossier, TITRES, OUVERTS):
        services.abandonner(
            c, par=systeme("renvoi à l'instructeur"), version=c.version, motif=f"Renvoi : {motif}"
        )


def decidee(dossier: Any, evenement: Evenement) -> None:
    """An event whose decision is a document: it is drafted if need be, and sealed in the background.

    An event entered after its day bears a document signed elsewhere: none is made here.
    """
    codes = actes_de_l_evenement(evenement.type)
    auteur = evenement.auteur
    if not codes or auteur is None or evenement.date_effet != timezone.localdate():
        return
    ouvertes = lettres(dossier, codes, (*OUVERTS, Etat.SIGNE))
    autorite = str(evenement.donnees.get("autorite") or "maire")
    if evenement.type == "signer":
        ouvertes = de_l_autorite(ouvertes, autorite)
    else:
        for c in lettres(dossier, TITRES, OUVERTS):
            services.abandonner(
                c, par=systeme("décision contraire"), version=c.version, motif="Décision contraire"
            )
    if any(c.etat == Etat.SIGNE for c in ouvertes):
        return  # the letter was signed first, and posted this event
    if not ouvertes:
        code = v.code_du_titre(dossier, autorite) if evenement.type == "signer" else codes[0]
        emetteur = dict(_emetteurs(dossier)).get(autorite) if evenement.type == "signer" else None
        if preparer(dossier, code, systeme("décision"), emetteur) is None:
            return
    sceller.demander(
        evenement.pk, cle=f"domainepublic.sceller:{evenement.pk}", par=auteur, insee=dossier.insee
    )


@tache("domainepublic.sceller", "Acte signé : PDF, signature, envoi électronique")
def sceller(evenement: int) -> dict[str, Any]:
    """The document of a decision: numbered, its PDF sealed, signed by who decided; mailed where agreed."""
    ligne = Evenement.objects.select_related("auteur").get(pk=evenement)
    d = DossierODP.objects.get(pk=ligne.dossier_id)
    ouverts = lettres(d, actes_de_l_evenement(ligne.type), OUVERTS)
    if ligne.type == "signer":
        ouverts = de_l_autorite(ouverts, str(ligne.donnees.get("autorite") or "maire"))
    if not ouverts or ligne.auteur is None:
        return {"acte": ""}
    courrier = ouverts[0]
    numeros = ligne.donnees.get("numeros") or [""]
    with transaction.atomic():
        if courrier.etat == Etat.BROUILLON:
            maison = systeme("signature")
            titre = signature_de(ligne.auteur, courrier.emetteur, courrier.type_acte, ligne.date_effet)
            courrier = services.modifier(
                courrier, par=maison, version=courrier.version, champs={}, delegation=titre
            )
            courrier = services.finaliser(
                courrier, par=maison, version=courrier.version, confirmer=True, numero=str(numeros[0]),
                jour=ligne.date_effet,
            )  # fmt: skip
        le = max(ligne.date_effet, timezone.localdate(courrier.finalise_le))
        courrier = envois.signer(courrier, par=ligne.auteur, le=le, confirmer=True)
    if courrier.destinataire_courriel:
        try:
            envois.envoyer(
                courrier, par=systeme("notification"), mode=ModeCourrier.ELECTRONIQUE, confirmer=True
            )
        except CourrierRefuse:
            # It stays signed, to be sent otherwise.
            trace.exception("Envoi du courrier %s", courrier.pk)
    return {"acte": courrier.numero}


def jour_de_notification(courrier: Courrier) -> date | None:
    """Day on which the holder had the act."""
    return courrier.premiere_presentation or courrier.distribue_le or courrier.consulte_le
