"""What finances do by hand on the fee of a file: a credit note for an error, a line that nothing froze.

A frozen line never changes (spec §8): what was asked too much is given back by a credit note of its own.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from domainepublic import facturation, tarifs
from domainepublic.instruction import effets
from domainepublic.instruction.etats import TITRES
from domainepublic.instruction.recalcul import periode
from domainepublic.models import DossierODP, GrilleTarifaire, LigneFacturable
from domainepublic.tarifs import Prevision
from mairie import journal
from mairie.models import Utilisateur
from mairie.workflow import Refus
from mairie.workflow import journal as suivi

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
    double click or two agents give back once. A line not yet in a roll given back whole is cancelled with
    its note: the note comes back ``annulee``.
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
        if facturation.solder_avant_role(tenue):
            emis.refresh_from_db()
    return emis


def _detail(raison: str, montant: Decimal) -> dict[str, Any]:
    return {
        "montant_du": str(-montant),
        "detail": [
            {"etape": "erreur", "montant": str(-montant), "libelle": f"Erreur corrigée : {raison}"},
            {"etape": "total", "montant": str(-montant), "libelle": "Total"},
        ],
    }


def previsions(dossier: DossierODP) -> list[Prevision]:
    """What freezing asks by hand: the usual price, or from the first tariff where the days began before it.

    Nothing before the vote is due, neither days nor costs of the file; a flat price was for the whole.
    """
    return [p for prevue in tarifs.previsions(dossier) if (p := _depuis_le_tarif(prevue)) is not None]


def _depuis_le_tarif(prevue: Prevision) -> Prevision | None:
    emprise = prevue.emprise
    if prevue.resultat is not None or tarifs.grilles_de(emprise.dossier.insee, prevue.debut, prevue.debut):
        return prevue
    suivantes = GrilleTarifaire.objects.filter(insee=emprise.dossier.insee, du__gt=prevue.debut)
    depart = suivantes.aggregate(m=Min("du"))["m"]
    if depart is None:
        return prevue
    if emprise.fin is not None and emprise.fin < depart:
        return None
    annuelle = tarifs.par_annee(emprise.dossier, emprise)
    fin = date(depart.year, 12, 31) if annuelle or emprise.fin is None else emprise.fin
    if emprise.fin is not None:
        fin = min(fin, emprise.fin)
    p = tarifs.simuler(emprise.dossier, emprise, depart, fin, premiere=False, suite=True)
    return p if p.resultat is None or tarifs.revient(p.entree) else None


def attend_sa_vente(dossier: DossierODP) -> bool:
    """Whether its title takes effect on the proof of a sale that has not come (CG3P L2124-33)."""
    titre = periode([suivi.fait(e) for e in suivi.vivantes(suivi.lignes(dossier))])
    return titre is not None and titre.en_attente


def a_figer(dossier: DossierODP) -> bool:
    """Whether a title in force asks for nothing although its commune bills it: signed before any tariff."""
    return (
        dossier.etat in TITRES
        and not dossier.lignes.exists()
        and not attend_sa_vente(dossier)
        and bool(previsions(dossier))
    )


def figer(dossier: DossierODP, par: Utilisateur) -> list[LigneFacturable]:
    """Freeze the fee of such a title, once; ``Refus`` otherwise, or with what lacks in the grid."""
    with transaction.atomic():
        tenu = DossierODP.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
        if not a_figer(tenu):
            raise Refus("Ce dossier n'a pas de redevance à figer : rechargez la page.")
        lignes = facturation.figer(tenu, prevues=previsions(tenu))
        # The years begun since are due too.
        lignes += effets.rattraper_annees(tenu, timezone.localdate())[0]
        journal.noter(par, FIGEE, tenu, insee=tenu.insee, donnees={"lignes": [x.pk for x in lignes]})
    return lignes


def declarer() -> None:
    """The log knows these acts, from ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(AVOIR_EMIS, "Avoir émis sur une redevance"),
        journal.Action(FIGEE, "Redevance figée à la main"),
    )
