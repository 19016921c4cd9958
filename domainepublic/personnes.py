"""Who asks, builds, pays, and where: corrected while it may be, logged; who of the house studies the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from domainepublic import perms
from domainepublic.instruction.etats import MODIFIABLES
from domainepublic.models import DossierODP
from mairie import journal
from mairie.habilitations import agents_du_droit
from mairie.models import Utilisateur
from mairie.workflow import Refus
from mairie.workflow.edition import exiger_version, marquer

CORRIGEES, AFFECTE = "domainepublic.personnes_corrigees", "domainepublic.dossier_affecte"
DEMANDEUR = ("demandeur", "beneficiaire")
LIEU = (*DEMANDEUR, "executant", "voie", "adresse", "objet")
INFRACTIONS = ("infraction", "pv_dresse")


def modifiables(d: DossierODP) -> frozenset[str]:
    """Fields that an agent may still correct.

    All of who and where until the act is proposed; of an offence, the occupant while he is not known; the
    payer until a line is in a roll.
    """
    champs: set[str] = set()
    if d.etat in MODIFIABLES:
        champs |= set(LIEU)
    elif d.etat in INFRACTIONS and d.demandeur_id is None:
        champs |= set(DEMANDEUR)
    if d.etat and not d.lignes.filter(titre__isnull=False).exists():
        champs.add("payeur")
    return frozenset(champs)


def corriger(
    d: DossierODP, valeurs: Mapping[str, Any], *, par: Utilisateur, version: int | None
) -> list[str]:
    """Write what changed, and say it on the log, without any name; names of the fields changed.

    ``Refus`` for a field that is settled; ``ConflitEdition`` when the file is no longer that which was seen.
    """
    with transaction.atomic():
        verrou: DossierODP = DossierODP.objects.select_for_update(of=("self",)).get(pk=d.pk)
        exiger_version(verrou, version)
        changes = [champ for champ, valeur in valeurs.items() if getattr(verrou, champ) != valeur]
        if set(changes) - modifiables(verrou):
            raise Refus(f"Le dossier est « {verrou.libelle_etat} » : ces renseignements ne changent plus.")
        if not changes:
            return []
        avant = {champ: _note(verrou, champ) for champ in changes}
        for champ in changes:
            setattr(verrou, champ, valeurs[champ])
        verrou.save(update_fields=changes)
        marquer(verrou)
        apres = {champ: _note(verrou, champ) for champ in changes}
        journal.noter(par, CORRIGEES, verrou, insee=verrou.insee, donnees={"avant": avant, "apres": apres})
    return changes


def _note(d: DossierODP, champ: str) -> Any:
    """What the log keeps of a field: the number of a sheet or of a street, never a name nor a free text."""
    if champ in ("demandeur", "executant", "payeur", "voie"):
        return getattr(d, f"{champ}_id")
    return getattr(d, champ) if champ == "beneficiaire" else bool(getattr(d, champ))


def instructeurs(insee: str) -> list[Utilisateur]:
    """Agents who study requests in the commune, by name."""
    return list(agents_du_droit(perms.INSTRUIRE, insee))


def affecter(d: DossierODP, a: Utilisateur, *, par: Utilisateur) -> DossierODP:
    """Give the file to who will study it; ``Refus`` for who has not the right in that commune."""
    if a not in instructeurs(d.insee):
        raise Refus(f"{a} n'instruit pas les occupations de cette commune.")
    with transaction.atomic():
        verrou: DossierODP = DossierODP.objects.select_for_update(of=("self",)).get(pk=d.pk)
        if verrou.instructeur_id != a.pk:
            avant, verrou.instructeur = verrou.instructeur_id, a
            verrou.save(update_fields=["instructeur"])
            journal.noter(par, AFFECTE, verrou, insee=verrou.insee, donnees={"avant": avant, "apres": a.pk})
    return verrou


def declarer() -> None:
    """The log knows these acts, from ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(CORRIGEES, "Personnes et lieu d'une occupation corrigés"),
        journal.Action(AFFECTE, "Occupation confiée à un instructeur"),
    )
