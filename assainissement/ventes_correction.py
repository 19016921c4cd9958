"""What was entered wrong of a sale: who, where, what answers it; and a deed entered by mistake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from assainissement import ventes
from assainissement.models import Controle, ControleAC, DeclarationVente, Installation
from assainissement.suivi import dernier_rapport
from mairie import journal
from mairie.calendrier import jma
from mairie.journal import Action
from mairie.models import Adresse, Evenement, Tiers, Utilisateur
from mairie.workflow import Refus, annuler_dernier
from mairie.workflow import journal as evenements
from mairie.workflow.edition import exiger_version, marquer

CORRIGEE = "assainissement.vente_corrigee"


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(Action(CORRIGEE, "Déclaration de vente corrigée"))


@dataclass(frozen=True)
class Correction:
    """The sale as it should be; ``installation`` or ``raccordement``, what answers it, never both."""

    notaire: Tiers | None
    vendeur: Tiers | None
    parcelles: Sequence[str]
    adresse: Adresse | None
    installation: Installation | None
    raccordement: ControleAC | None = None


def corriger(
    v: DeclarationVente,
    voulue: Correction,
    *,
    par: Utilisateur,
    version: int | None,
    aujourdhui: date | None = None,
) -> list[str]:
    """Write the sale as it should be; columns changed. ``ConflitEdition`` when it moved since it was seen.

    Once the deed is entered its place stays: the deed reached the report of what was sold.
    """
    jour = aujourdhui or timezone.localdate()
    valeurs: dict[str, Any] = {
        "notaire": voulue.notaire,
        "vendeur": voulue.vendeur,
        "parcelles": list(voulue.parcelles),
        "adresse": voulue.adresse,
        "installation": voulue.installation,
        "raccordement": voulue.raccordement,
    }
    with transaction.atomic():
        verrou: DeclarationVente = DeclarationVente.objects.select_for_update(of=("self",)).get(pk=v.pk)
        exiger_version(verrou, version)
        _verifier(verrou, voulue)
        changes = [c for c, valeur in valeurs.items() if getattr(verrou, c) != valeur]
        if verrou.etat == "acte_signe" and set(changes) - {"notaire", "vendeur"}:
            raise Refus(
                "L'acte est enregistré : seuls le notaire et le vendeur se corrigent encore. Si la vente"
                " porte sur un autre immeuble, le responsable annule d'abord l'acte."
            )
        if not changes:
            return []
        for champ, valeur in valeurs.items():
            setattr(verrou, champ, valeur)
        if "installation" in changes:
            i = voulue.installation
            verrou.controle = dernier_rapport(i) if i is not None else None
        verrou.save(update_fields=[*changes, "controle"])
        marquer(verrou)
        if (
            verrou.etat == "controle_a_faire"
            and "installation" in changes
            and ventes.rapport_valable(verrou, jour) is None
        ):
            ventes.ouvrir_controle(verrou, jour)
        journal.noter(par, CORRIGEE, verrou, donnees={"colonnes": sorted(changes)}, insee=verrou.insee)
    v.refresh_from_db()
    return changes


def _verifier(v: DeclarationVente, voulue: Correction) -> None:
    if voulue.installation is not None and voulue.raccordement is not None:
        raise Refus("Une vente se répond par une installation ou par un raccordement, pas par les deux.")
    lieux = (voulue.installation, voulue.raccordement, voulue.adresse)
    if any(x is not None and x.insee != v.insee for x in lieux) or any(
        p[:5] != v.insee for p in voulue.parcelles
    ):
        raise Refus("Ce lieu est d'une autre commune : une vente reste dans la sienne.")
    if not (voulue.parcelles or voulue.adresse or voulue.installation or voulue.raccordement):
        raise Refus("Dites au moins une parcelle, une adresse ou une installation.")


def rattacher(v: DeclarationVente, c: ControleAC, *, par: Utilisateur) -> None:
    """A control of connection asked for a sale answers it, where no installation is there to answer."""
    from assainissement.ventes_choix import a_choisir, installation_de

    with transaction.atomic():
        verrou: DeclarationVente = DeclarationVente.objects.select_for_update(of=("self",)).get(pk=v.pk)
        if verrou.insee != c.insee or verrou.raccordement_id is not None or verrou.etat == "acte_signe":
            return
        if installation_de(verrou) is not None or a_choisir(verrou):
            return
        verrou.installation, verrou.raccordement = None, c
        verrou.save(update_fields=["installation", "raccordement"])
        marquer(verrou)
        journal.noter(par, CORRIGEE, verrou, donnees={"colonnes": ["raccordement"]}, insee=verrou.insee)


def retirer_acte(v: DeclarationVente, evenement: Evenement) -> None:
    """A deed struck out leaves the report too: its due dates are computed again without it.

    ``Refus`` when the report went on since: its own events are undone first.
    """
    acte = date.fromisoformat(evenement.donnees["le"])
    i = v.installation
    if i is None:
        return
    rayure = Evenement.objects.select_related("annule_par__auteur").get(pk=evenement.pk).annule_par
    auteur = rayure.auteur if rayure is not None else None
    for c in Controle.objects.filter(installation=i, date_acte=acte):
        lignes = evenements.vivantes(evenements.lignes(c))
        porte = next((e for e in lignes if e.type == "enregistrer_acte" and e.pk > evenement.pk), None)
        if porte is None:
            continue
        if max(e.pk for e in lignes) != porte.pk:
            raise Refus(
                f"Le rapport de {c} a changé depuis l'acte du {jma(acte)} : annulez d'abord ce qui l'a suivi."
            )
        if auteur is None:
            raise Refus(f"L'acte porté sur {c} se retire par le responsable.")
        annuler_dernier(
            c, par=auteur, version=c.version, motif=f"Vente {v} : acte annulé",
            aujourdhui=max(x for x in (rayure.date_effet if rayure else acte, c.calcule_au) if x is not None),
        )  # fmt: skip
