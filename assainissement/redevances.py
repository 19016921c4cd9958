"""Services of the fees: opened with a control, told before the visit, sent to finance once, paid.

The only code that changes a line. What happens to a control is followed by ``circuits.effets``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement import tarifs
from assainissement.circuits.redevance import LIBRES
from assainissement.models import Controle, Installation
from assainissement.models.redevances import AvoirRedevance, Contrat, LigneRedevance, LotRedevance
from assainissement.models.tarifs import NATURES_TARIF
from assainissement.regles import redevance as regles
from mairie import finances, paiements
from mairie.calendrier import jma
from mairie.models import Evenement, Tiers, Utilisateur
from mairie.montants import texte_francais, texte_nombre
from mairie.numerotation import Genre, declarer, prochain
from mairie.roles import Acteur, systeme
from mairie.workflow import Refus, appliquer, journal

Par = Utilisateur | Acteur
FACTURATION = systeme("facturation des contrôles")
G = LigneRedevance.Genre
LOT = declarer(
    Genre(
        "assainissement.lot_redevance",
        "Envoi des redevances aux finances",
        lambda s, n: f"RED-{s.collectivite}-{s.annee}-{n:02d}",
        maximum=99,
    )
)
DELAI_PAIEMENT = timedelta(days=30)


def agir(
    x: LigneRedevance, evenement: str, *, par: Par, version: int, date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None, cle: UUID | None = None, aujourdhui: date | None = None,
) -> Evenement:  # fmt: skip
    """Apply an event to a line; the only door of the screens and tasks.

    A line of a control is paid with its control, so that both say the same.
    """
    if evenement == "encaisser" and _suit_son_controle(x):
        return _avec_controle(x, "encaisser", par=par, date_effet=date_effet, aujourdhui=aujourdhui)
    return appliquer(
        x, evenement, par=par, version=version, date_effet=date_effet, donnees=donnees or {}, cle=cle,
        aujourdhui=aujourdhui,
    )  # fmt: skip


def _suit_son_controle(x: LigneRedevance) -> bool:
    if x.genre != G.REDEVANCE or x.controle is None:
        return False
    x.controle.refresh_from_db(fields=["etat"])
    return x.controle.etat == "facture"


def _avec_controle(
    x: LigneRedevance, evenement: str, *, par: Par, date_effet: date | None, aujourdhui: date | None,
    donnees: Mapping[str, Any] | None = None,
) -> Evenement:  # fmt: skip
    from assainissement import controles

    c = x.controle
    assert c is not None  # noqa: S101
    c.refresh_from_db()
    fait = controles.agir(
        c, evenement, par=par, version=c.version, date_effet=date_effet, donnees=donnees or {},
        aujourdhui=aujourdhui,
    )  # fmt: skip
    x.refresh_from_db()
    return fait


def faire(x: LigneRedevance, evenement: str, jour: date, **donnees: Any) -> None:
    """An event of the house, never dated before what the line already holds."""
    dernier = journal.lignes(x)[-1].date_effet if x.version else jour
    le = max(jour, dernier)
    appliquer(
        x, evenement, par=FACTURATION, version=x.version, date_effet=le, donnees=donnees,
        aujourdhui=max(le, x.calcule_au or le),
    )  # fmt: skip


def lignes_de(c: Controle, *etats: str) -> list[LigneRedevance]:
    """Living lines of a control, those in some states."""
    lignes = LigneRedevance.objects.filter(controle=c).exclude(etat__in=("", "annulee")).order_by("pk")
    return list(lignes.filter(etat__in=etats) if etats else lignes)


def ligne_de(c: Controle) -> LigneRedevance | None:
    """The fee of a control."""
    return next((x for x in lignes_de(c) if x.genre == G.REDEVANCE), None)


def tarif_de(c: Controle, jour: date) -> tarifs.Prix | None:
    """What the control costs on a day; null: nothing. ``TarifInconnu`` when a capacity is missing."""
    return tarifs.prix(c.insee, c.nature, c.installation.eh, jour)


def creer(prix: tarifs.Prix | None, jour: date, donnees: Mapping[str, Any], **champs: Any) -> LigneRedevance:
    """A line, its figures frozen; ``donnees``: what is already known of it (told, ready to be billed)."""
    m = champs.pop("montants", None) or (prix.montants if prix else None)
    assert m is not None  # noqa: S101
    taux = champs.pop("taux_tva", prix.ligne.taux_tva if prix else None)
    with transaction.atomic():
        x: LigneRedevance = LigneRedevance.objects.create(
            montant_ht=m.ht, montant_tva=m.tva, montant_ttc=m.ttc, taux_tva=taux,
            **{"tarif": prix.fige if prix else {}, "exercice": jour.year, **champs},
        )  # fmt: skip
        faire(x, "ouvrir", jour, **donnees)
    return x


# --- with a control -----------------------------------------------------------------------------


def ouvrir(c: Controle, jour: date) -> LigneRedevance | None:
    """The fee of a control, at the tariff of the day; null when nothing is asked, or not known yet."""
    if (deja := ligne_de(c)) is not None:
        return deja
    try:
        prix = tarif_de(c, jour)
    except regles.TarifInconnu:
        return None
    if prix is None:
        return None
    return creer(
        prix, jour, {}, insee=c.insee, genre=G.REDEVANCE, controle=c, installation=c.installation,
        nature=c.nature, libelle=f"{NATURES_TARIF[c.nature]}, {c.installation}"[:200],
    )  # fmt: skip


def inconnue(c: Controle, jour: date) -> str:
    """Why the fee cannot be told yet; empty when it can, or when nothing is asked."""
    if ligne_de(c) is not None:
        return ""
    try:
        tarif_de(c, jour)
    except regles.TarifInconnu as e:
        return str(e)
    return ""


def annoncer(c: Controle, jour: date, moyen: str = "courrier", reference: str = "") -> None:
    """The owner is told the fee, at the tariff of that day."""
    x = ligne_de(c)
    if x is not None and x.etat == "a_annoncer" and _perimee(x, c, jour):
        faire(x, "annuler", jour, motif="Le tarif a changé avant l'annonce.")
        x = None
    x = x or ouvrir(c, jour)
    if x is not None and x.etat == "a_annoncer":
        faire(x, "annoncer", jour, moyen=moyen, reference=reference)


def _perimee(x: LigneRedevance, c: Controle, jour: date) -> bool:
    """Not told yet, and no longer the price of the day."""
    try:
        prix = tarif_de(c, jour)
    except regles.TarifInconnu:
        return False
    return prix is not None and prix.fige != x.tarif


def annonce_retiree(c: Controle, jour: date) -> None:
    """The announcement is struck out."""
    for x in lignes_de(c, "annoncee"):
        faire(x, "retirer_annonce", jour)


def notifie(c: Controle, jour: date) -> None:
    """The report is received: what was told before the visit may be billed."""
    for x in lignes_de(c, "annoncee"):
        faire(x, "rendre_facturable", jour)


def notification_retiree(c: Controle, jour: date) -> None:
    """The receipt is struck out."""
    for x in lignes_de(c, "a_facturer"):
        faire(x, "suspendre", jour)


def facture(c: Controle, jour: date, reference: str, motif: str) -> None:
    """Billed: the line leaves for finance, with its reason where nothing was told before."""
    x = ligne_de(c)
    if x is None:
        return
    if x.etat == "a_annoncer":
        faire(x, "facturer_sans_annonce", jour, motif=motif)
    if x.etat == "annoncee":
        faire(x, "rendre_facturable", jour)
    if x.etat == "a_facturer":
        _referencer(x, x.reference or reference)
        faire(x, "exporter", jour, reference=x.reference)


def _referencer(x: LigneRedevance, reference: str) -> None:
    try:
        with transaction.atomic():
            LigneRedevance.objects.filter(pk=x.pk).update(reference=reference[:40])
    except IntegrityError as e:
        raise Refus(f"La référence « {reference} » est déjà celle d'une autre ligne.") from e
    x.refresh_from_db()


def regle(c: Controle, jour: date) -> None:
    """Paid with its control."""
    for x in lignes_de(c, "exportee"):
        if x.genre == G.REDEVANCE:
            faire(x, "encaisser", jour)


def reglement_retire(c: Controle, jour: date) -> None:
    """The payment is struck out."""
    for x in lignes_de(c, "payee"):
        if x.genre == G.REDEVANCE:
            faire(x, "retirer_paiement", jour)


def abandonner(c: Controle, jour: date, motif: str) -> None:
    """The control is cancelled: nothing that has not left is asked."""
    for x in lignes_de(c, *LIBRES):
        faire(x, "annuler", jour, motif=motif)


def majorer(c: Controle, jour: date) -> LigneRedevance | None:
    """The surcharge voted, on the fee of the control; null when none is voted or nothing is asked."""
    votee = tarifs.taux_majoration(c.insee, jour)
    base = ligne_de(c) or ouvrir(c, jour)
    if votee is None or base is None or any(x.genre == G.MAJORATION for x in lignes_de(c)):
        return None
    d, taux = votee
    m = regles.montants(regles.majorer(base.montant_ht, taux), base.taux_tva)
    fige = {
        "deliberation": d.reference, "date_effet": d.date_effet.isoformat(), "taux": str(taux),
        "base_ht": str(base.montant_ht), "taux_tva": None if base.taux_tva is None else str(base.taux_tva),
    }  # fmt: skip
    return creer(
        None, jour, {}, insee=c.insee, genre=G.MAJORATION, controle=c, installation=c.installation,
        nature=c.nature, montants=m, taux_tva=base.taux_tva, tarif=fige,
        libelle=f"Majoration de {texte_nombre(taux).replace('.', ',')} %, {c.installation}"[:200],
    )  # fmt: skip


def majoration_annoncee(c: Controle, jour: date, reference: str = "") -> None:
    """The surcharge is notified: it may be billed from then on."""
    for x in lignes_de(c, "a_annoncer"):
        if x.genre == G.MAJORATION:
            faire(x, "annoncer", jour, moyen="courrier", reference=reference)
            faire(x, "rendre_facturable", jour)


def majoration_arretee(c: Controle, jour: date) -> None:
    """A visit is fixed at last: a surcharge not notified yet falls, one that was stays due."""
    for x in lignes_de(c, "a_annoncer"):
        if x.genre == G.MAJORATION:
            faire(x, "annuler", jour, motif="La visite est fixée avant la notification de la majoration.")


def ouvrir_pour_contrat(
    c: Contrat, prix: tarifs.Prix, annee: int, jour: date, libelle: str
) -> LigneRedevance:
    """The fee of a year of a contract, which told it when it was signed."""
    return creer(
        prix, jour, {"annoncee": c.debut, "facturable": True}, insee=c.insee, genre=G.CONTRAT, contrat=c,
        installation=c.installation, nature=c.genre, exercice=annee,
        libelle=f"{libelle}, {c.installation}"[:200],
    )  # fmt: skip


# --- to finance ---------------------------------------------------------------------------------


def payeur_de(i: Installation, contrat: Contrat | None = None) -> Tiers | None:
    """Who pays: said by the contract, else the payer, the owner, the trustee, the occupant of today."""
    if contrat is not None and contrat.payeur is not None:
        return contrat.payeur
    personnes = list(i.personnes.filter(au__isnull=True).select_related("tiers").order_by("pk"))
    for role in ("payeur", "proprietaire", "syndic", "occupant"):
        for p in personnes:
            if p.role == role:
                return p.tiers
    return None


def payeur(x: LigneRedevance) -> Tiers | None:
    """Who pays a line: for a control of connection who asked for it, else the owner of the connection."""
    if x.controle_ac is not None:
        c = x.controle_ac
        return c.demandeur or (c.branchement.proprietaire if c.branchement is not None else None)
    return payeur_de(x.installation, x.contrat) if x.installation is not None else None


def a_transmettre(insee: str) -> Any:
    """Lines that may leave."""
    return (
        LigneRedevance.objects.filter(insee=insee, etat="a_facturer")
        .select_related(
            "installation",
            "controle",
            "contrat__payeur",
            "controle_ac__demandeur",
            "controle_ac__branchement__proprietaire",
        )
        .order_by("pk")
    )


def rejets(insee: str) -> list[str]:
    """What finance would refuse, said before it leaves."""
    from assainissement import avoirs

    partants = [(str(x), x) for x in a_transmettre(insee)]
    partants += [(str(a), a.ligne) for a in avoirs.a_transmettre(insee)]
    return [faute for nom, x in partants for faute in finances.rejets(nom, payeur(x))]


def transmettre(insee: str, *, par: Utilisateur, aujourdhui: date | None = None) -> LotRedevance:
    """Send all that may leave in one file; lines are locked, two agents at once share nothing.

    Credit notes come after the lines. What has no payer stays. ``Refus`` when nothing can leave.
    """
    from assainissement import avoirs

    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        lignes = [
            (x, qui)
            for x in a_transmettre(insee).select_for_update(of=("self",))
            if (qui := payeur(x)) is not None
        ]
        rendus = [
            (a, qui)
            for a in avoirs.a_transmettre(insee).select_for_update(of=("self",))
            if (qui := payeur(a.ligne)) is not None
        ]
        if not lignes and not rendus:
            raise Refus("Rien à transmettre : aucune ligne à facturer n'a de payeur connu.")
        numero = prochain(LOT, insee, jour=jour).texte
        echeance = jour + DELAI_PAIEMENT
        rangees = [
            _rangee(x, qui, numero, f"{numero}-{rang:04d}", echeance)
            for rang, (x, qui) in enumerate(lignes, start=1)
        ]
        debut = len(lignes) + 1
        rangees_rendues = [
            _rangee_d_avoir(a, qui, numero, f"{numero}-{rang:04d}", echeance)
            for rang, (a, qui) in enumerate(rendus, start=debut)
        ]
        contenu = finances.ecrire([*rangees, *rangees_rendues])
        lot: LotRedevance = LotRedevance.objects.create(
            insee=insee, numero=numero, annee=jour.year, le=jour, echeance=echeance, contenu=contenu,
            empreinte=finances.empreinte(contenu), cree_par=par,
        )  # fmt: skip
        for (x, _), rangee in zip(lignes, rangees, strict=True):
            LigneRedevance.objects.filter(pk=x.pk).update(lot=lot, reference=rangee["reference_titre"])
            x.refresh_from_db()
            if x.genre == G.REDEVANCE and x.controle is not None and x.controle.etat == "notifie":
                _avec_controle(
                    x, "facturer", par=par, date_effet=jour, aujourdhui=jour,
                    donnees={"reference": x.reference},
                )  # fmt: skip
            else:
                faire(x, "exporter", jour, reference=x.reference)
        for (a, _), rangee in zip(rendus, rangees_rendues, strict=True):
            a.lot, a.reference = lot, rangee["reference_titre"]
            a.save(update_fields=["lot", "reference"])
    return lot


def _rangee_d_avoir(
    a: AvoirRedevance, qui: Tiers, lot: str, reference: str, echeance: date
) -> dict[str, str]:
    """What a credit note says to finance: negative sums, and the claim that it reduces."""
    return {
        **_rangee(a.ligne, qui, lot, reference, echeance),
        "objet": f"Avoir : {a.ligne.libelle}"[:200],
        "montant_ht": texte_francais(-a.montant_ht),
        "montant_ttc": texte_francais(-a.montant_ttc),
        "avoir_de": a.ligne.reference,
    }


def _rangee(x: LigneRedevance, qui: Tiers, lot: str, reference: str, echeance: date) -> dict[str, str]:
    return {
        "role": lot,
        "exercice": str(x.exercice),
        "reference_titre": reference,
        "numero_dossier": x.objet.numero or "",
        **finances.payeur(qui),
        "objet": x.libelle,
        "imputation": "",
        "periode_du": "",
        "periode_au": "",
        "montant_ht": texte_francais(x.montant_ht),
        "taux_tva": "" if x.taux_tva is None else texte_francais(x.taux_tva),
        "montant_ttc": texte_francais(x.montant_ttc),
        "echeance": jma(echeance),
        "avoir_de": "",
    }


def lire_paiements(insee: str, octets: bytes, par: Utilisateur) -> paiements.Rapport:
    """Record the payments of the lines sent to finance; a line already paid is told and left."""
    from assainissement import avoirs

    def enregistrer(reference: str, numero: str, le: date, montant: Decimal) -> bool:
        trouvees = LigneRedevance.objects.select_for_update(of=("self",)).filter(
            insee=insee, reference=reference
        )
        x = trouvees.first() if reference else None
        if x is None:
            raise Refus(f"Aucune ligne « {reference} » n'a été transmise dans cette commune.")
        reste = x.montant_ttc - avoirs.rendu(x)
        # Paid before its credit note reached finance, a line may bring its whole sum.
        if montant not in (reste, x.montant_ttc):
            raise Refus(f"La ligne demande {texte_francais(reste)} € : elle se paie en une fois.")
        if x.etat == "payee":
            return False
        if x.exportee_le is not None and le < x.exportee_le:
            raise Refus(f"Le paiement précède l'envoi aux finances, le {jma(x.exportee_le)}.")
        agir(x, "encaisser", par=par, version=x.version, date_effet=le)
        return True

    return paiements.importer(octets, enregistrer)
