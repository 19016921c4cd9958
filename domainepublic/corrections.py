"""What finances do by hand on the fee of a file: a credit note for an error, a line that nothing froze.

A frozen line never changes (spec §8): what was asked too much is given back by a credit note of its own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from domainepublic import facturation, tarifs
from domainepublic.instruction.etats import TITRES
from domainepublic.models import DossierODP, LigneFacturable
from mairie import journal
from mairie.models import Utilisateur
from mairie.workflow import Refus

AVOIR_EMIS, FIGEE = "domainepublic.avoir_emis", "domainepublic.redevance_figee"
RAISON_MIN, RAISON_MAX = 15, 300
CENTIME = Decimal("0.01")


def corrigeable(ligne: LigneFacturable) -> Decimal:
    """What may still be given back on a line, in euros; 0 for a credit note or a cancelled line."""
    if ligne.nature == LigneFacturable.Nature.AVOIR or ligne.etat == LigneFacturable.Etat.ANNULEE:
        return Decimal(0)
    return facturation.reste_de(ligne)


def emettre_avoir(
    ligne: LigneFacturable, montant: Decimal, raison: str, *, reste_lu: Decimal, par: Utilisateur
) -> LigneFacturable:
    """A credit note for an error on a line, with its reason of 15 characters at least.

    ``reste_lu``: what the agent read as left on the line; ``Refus`` when another note came between, so that a
    double click or two agents give back once.
    """
    raison = " ".join(raison.split())
    if len(raison) < RAISON_MIN:
        raise Refus(f"Dites l'erreur que cet avoir corrige, en {RAISON_MIN} caractères au moins.")
    if montant != montant.quantize(CENTIME):
        raise Refus("Un avoir se donne au centime près.")
    with transaction.atomic():
        # The file first, as whoever bills or withdraws it.
        dossier = DossierODP.objects.select_for_update(of=("self",)).get(pk=ligne.dossier_id)
        tenue = LigneFacturable.objects.select_for_update(of=("self",)).get(pk=ligne.pk)
        reste = corrigeable(tenue)
        if reste <= 0:
            raise Refus("Cette ligne ne demande plus rien : il n'y a pas d'avoir à émettre.")
        if reste != reste_lu:
            raise Refus("Un avoir a été émis entre-temps : relisez ce que cette ligne demande encore.")
        emis = facturation.avoir(tenue, montant, facturation.ERREUR, _detail(raison[:RAISON_MAX], montant))
        donnees = {"ligne": tenue.pk, "montant": str(montant), "raison": raison[:RAISON_MAX]}
        journal.noter(par, AVOIR_EMIS, dossier, insee=dossier.insee, donnees=donnees)
    return emis


def _detail(raison: str, montant: Decimal) -> dict[str, Any]:
    return {
        "montant_du": str(-montant),
        "detail": [
            {"etape": "erreur", "montant": str(-montant), "libelle": f"Erreur corrigée : {raison}"},
            {"etape": "total", "montant": str(-montant), "libelle": "Total"},
        ],
    }


def a_figer(dossier: DossierODP) -> bool:
    """Whether a title in force asks for nothing although its commune bills it: signed before any tariff."""
    return dossier.etat in TITRES and not dossier.lignes.exists() and bool(tarifs.previsions(dossier))


def figer(dossier: DossierODP, par: Utilisateur) -> list[LigneFacturable]:
    """Freeze the fee of such a title, once; ``Refus`` otherwise, or with what lacks in the grid."""
    with transaction.atomic():
        tenu = DossierODP.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
        if not a_figer(tenu):
            raise Refus("Ce dossier n'a pas de redevance à figer : rechargez la page.")
        lignes = facturation.figer(tenu)
        journal.noter(par, FIGEE, tenu, insee=tenu.insee, donnees={"lignes": [x.pk for x in lignes]})
    return lignes


def declarer() -> None:
    """The log knows these acts, from ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(AVOIR_EMIS, "Avoir émis sur une redevance"),
        journal.Action(FIGEE, "Redevance figée à la main"),
    )
