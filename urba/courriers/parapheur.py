"""The signatory's queue: acts that wait for this person, signed one by one or many at once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from mairie.courriers import envois, services
from mairie.courriers.erreurs import CourrierRefuse
from mairie.delegations import signature_de
from mairie.models import Courrier, Utilisateur
from mairie.roles import systeme
from mairie.workflow import ConflitEdition, Refus, appliquer
from urba.courriers import suites
from urba.courriers.valeurs import avis, decision_sens
from urba.explications import Raison, raisons
from urba.models import DossierInstruction

trace = logging.getLogger(__name__)


@dataclass(frozen=True)
class AttenteSignature:
    """An act that waits: its request, what it decides, opinions, what must be read before signing."""

    courrier: Courrier
    dossier: DossierInstruction
    decision: str
    avis: list[dict[str, str]]
    avertissements: list[str]
    # Last day on which a letter of the first month still counts; null for the others.
    fenetre: date | None = None
    pourquoi: Sequence[Raison] = ()


@dataclass(frozen=True)
class Resultat:
    """What became of one act."""

    libelle: str
    dossier: str
    fait: bool
    message: str


def _attendus(utilisateur: Utilisateur) -> list[Courrier]:
    """Final letters of the permits not yet signed, in the communes of this person."""
    visibles = DossierInstruction.objects.visibles_par(utilisateur).order_by().values("pk")
    return list(
        Courrier.objects.filter(
            dossier_type=ContentType.objects.get_for_model(DossierInstruction),
            dossier_id__in=visibles,
            etat=Courrier.Etat.FINALISE,
            a_signer=True,
        )
        .select_related("emetteur", "modele__modele", "delegation__delegataire")
        .order_by("finalise_le", "id")
    )


def miens(utilisateur: Utilisateur, jour: date) -> tuple[list[Courrier], int]:
    """Letters that this person may sign that day, and how many wait for somebody else."""
    titres: dict[tuple[str, str], bool] = {}
    a_moi, autres = [], 0
    for c in _attendus(utilisateur):
        cle = (c.emetteur.code, c.type_acte)
        if cle not in titres:
            titres[cle] = bool(c.type_acte) and signature_de(utilisateur, *cle, jour) is not None
        pour_moi = c.delegation is None or c.delegation.delegataire_id == utilisateur.pk
        if titres[cle] and pour_moi:
            a_moi.append(c)
        else:
            autres += 1
    return a_moi, autres


def file_de(utilisateur: Utilisateur, jour: date) -> tuple[list[AttenteSignature], int]:
    """The queue, the nearest limit first, and how many wait for somebody else."""
    lettres, autres = miens(utilisateur, jour)
    dossiers = DossierInstruction.objects.select_related("da", "terrain", "instructeur").in_bulk(
        {c.dossier_id for c in lettres}
    )
    lignes = []
    for c in lettres:
        d = dossiers[c.dossier_id]
        lettre = suites.lettre_du_courrier(c)
        decision = decision_sens(d) if lettre is not None and lettre.decision else c.libelle
        dits = list(suites.avertir(c, "signer"))
        du_mois = lettre is not None and lettre.code in ("incompletude", "majoration")
        fenetre = d.fin_fenetre_un_mois if du_mois else None
        pourquoi = raisons(d, "fin_fenetre_un_mois" if fenetre else "date_limite")
        lignes.append(AttenteSignature(c, d, decision, avis(d), dits, fenetre, pourquoi))
    lignes.sort(key=lambda x: (x.fenetre or x.dossier.date_limite or date.max, x.courrier.pk))
    return lignes, autres


def signer(numeros: Iterable[int], *, par: Utilisateur, le: date) -> list[Resultat]:
    """Sign these acts, each in its own transaction: one result an act, whatever happens to the others."""
    permis = {c.pk: c for c in miens(par, le)[0]}
    resultats = []
    for numero in numeros:
        c = permis.get(numero)
        if c is None:
            # The key of a dossier says nothing without its kind: another trade has the same numbers.
            deja = Courrier.objects.filter(
                pk=numero,
                metier="urba",
                dossier_id__in=DossierInstruction.objects.visibles_par(par).values("pk"),
            ).first()
            dit = _deja(deja)
            resultats.append(Resultat(str(deja or "Acte"), str(deja.dossier) if deja else "", False, dit))
            continue
        resultats.append(_un(c, par, le))
    return resultats


def _deja(courrier: Courrier | None) -> str:
    if courrier is None:
        return "Cet acte n'existe pas, ou il n'est pas d'une commune où vous signez."
    if courrier.signe_le is not None:
        return f"Déjà signé le {courrier.signe_le:%d/%m/%Y} par {courrier.signe_par or courrier.signataire}."
    if courrier.etat == Courrier.Etat.ABANDONNE:
        return "Cet acte a été renvoyé ou abandonné depuis que vous avez ouvert la liste."
    return "Vous n'avez pas ce jour de titre pour le signer, ou il porte le nom d'un autre signataire."


def _un(courrier: Courrier, par: Utilisateur, le: date) -> Resultat:
    try:
        envois.signer(courrier, par=par, le=le, confirmer=True)
    except (CourrierRefuse, Refus, ConflitEdition) as e:
        return Resultat(str(courrier), str(courrier.dossier), False, str(e))
    except Exception:
        # What is signed is signed: the person must know which ones, even when one fails by our fault.
        trace.exception("Signature du courrier %s", courrier.pk)
        return Resultat(
            str(courrier), str(courrier.dossier), False, "Erreur inattendue : cet acte n'est pas signé."
        )
    return Resultat(str(courrier), str(courrier.dossier), True, "Signé.")


def renvoyer(courrier: Courrier, *, par: Utilisateur, motif: str, le: date) -> None:
    """Send an act back to be written again, with its reason; ``CourrierRefuse`` when it may not be."""
    if courrier.pk not in {c.pk for c in miens(par, le)[0]}:
        raise CourrierRefuse(_deja(courrier))
    if not motif.strip():
        raise CourrierRefuse("Dites pourquoi vous renvoyez cet acte : l'instructeur le lira.")
    lettre = suites.lettre_du_courrier(courrier)
    d: DossierInstruction = DossierInstruction.objects.get(pk=courrier.dossier_id)
    with transaction.atomic():
        if lettre is not None and lettre.decision and d.etat == "en_signature":
            try:
                appliquer(d, "renvoi", par=par, version=d.version, donnees={"motif": motif.strip()[:500]})
            except (Refus, ConflitEdition) as e:
                raise CourrierRefuse(str(e)) from e
            return
        services.abandonner(
            courrier,
            par=systeme(f"renvoi par {par}"[:120]),
            version=courrier.version,
            motif=f"Renvoyée par {par} : {motif.strip()}"[:300],
        )
