"""Fees of controls of connection: opened when asked, told before the visit, billed after it (spec §6.7).

The line itself lives by ``assainissement.redevances``; here is what a control of connection changes to it.
"""

from __future__ import annotations

from datetime import date

from assainissement import redevances, tarifs
from assainissement.circuits.redevance import LIBRES
from assainissement.models import ControleAC, LigneRedevance
from assainissement.models.tarifs import AC_CONTRE_VISITE, CONTROLE_AC, NATURES_TARIF
from assainissement.regles.redevance import TarifInconnu

G = LigneRedevance.Genre


def ligne_de(c: ControleAC) -> LigneRedevance | None:
    """The living line of a control."""
    trouvee: LigneRedevance | None = (
        LigneRedevance.objects.filter(controle_ac=c).exclude(etat__in=("", "annulee")).order_by("pk").first()
    )
    return trouvee


def tarif_de(c: ControleAC, jour: date) -> tarifs.Prix | None:
    """What it costs on a day: the row of its reason, else the row of all; null: nothing is asked.

    A contre-visite costs what the deliberation says of contre-visites, nothing without such a row.
    """
    natures = (AC_CONTRE_VISITE,) if c.origine_id else (f"ac_{c.motif}", CONTROLE_AC)
    for nature in natures:
        try:
            prix = tarifs.prix(c.insee, nature, None, jour, tarifs.Objet_.AC)
        except TarifInconnu:
            # A row by capacity prices no connection.
            continue
        if prix is not None:
            return prix
    return None


def ouvrir(c: ControleAC, jour: date) -> LigneRedevance | None:
    """The fee of a control at the tariff of the day; null when nothing is asked."""
    if (deja := ligne_de(c)) is not None:
        return deja
    prix = tarif_de(c, jour)
    if prix is None:
        return None
    return redevances.creer(
        prix, jour, {}, insee=c.insee, genre=G.REDEVANCE, controle_ac=c, nature=prix.ligne.nature,
        libelle=f"{NATURES_TARIF[prix.ligne.nature]}, {c}"[:200],
    )  # fmt: skip


def annoncer(c: ControleAC, jour: date, moyen: str = "courrier", reference: str = "") -> None:
    """The owner is told the fee, at the tariff of that day; nothing once the visit is made."""
    if c.visite_le is not None and jour >= c.visite_le:
        return
    x = ligne_de(c)
    if x is not None and x.etat == "a_annoncer":
        prix = tarif_de(c, jour)
        if prix is not None and prix.fige != x.tarif:
            redevances.faire(x, "annuler", jour, motif="Le tarif a changé avant l'annonce.")
            x = None
    x = x or ouvrir(c, jour)
    if x is not None and x.etat == "a_annoncer":
        redevances.faire(x, "annoncer", jour, moyen=moyen, reference=reference)


def recaler(c: ControleAC, jour: date) -> None:
    """The reason is corrected before the visit: the fee is that of the right one, to be told anew."""
    x, prix = ligne_de(c), tarif_de(c, jour)
    if c.visite_le is not None or (x is not None and prix is not None and prix.fige == x.tarif):
        return
    if x is not None and x.etat in ("a_annoncer", "annoncee"):
        redevances.faire(x, "annuler", jour, motif="Le motif du contrôle est corrigé.")
    ouvrir(c, jour)


def valide(c: ControleAC, jour: date) -> None:
    """The document is given: what was told before the visit may be billed.

    Told on its day or after it (the form came later): it was not told, and is billed with a written reason.
    """
    x = ligne_de(c)
    if x is None or x.etat != "annoncee":
        return
    tard = x.annoncee_le is not None and c.visite_le is not None and x.annoncee_le >= c.visite_le
    redevances.faire(x, "retirer_annonce" if tard else "rendre_facturable", jour)


def abandonner(c: ControleAC, jour: date, motif: str) -> None:
    """The control is cancelled: nothing that has not left is asked."""
    x = ligne_de(c)
    if x is not None and x.etat in LIBRES:
        redevances.faire(x, "annuler", jour, motif=motif)
