"""Figures of the settings: loaded once, read by the services, changed by an administrator, logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from domainepublic.models import ParametreODP, ValeurParametre
from domainepublic.regles.tables.parametres import PARAMETRES, Parametre
from mairie import journal
from mairie.models import Utilisateur
from mairie.references import Bilan
from mairie.workflow import Refus

REGLE, CONFIRME = "domainepublic.parametre_regle", "domainepublic.parametre_confirme"


def charger() -> Bilan:
    """Rows that are missing; what was chosen or confirmed stays."""
    connus = set(ParametreODP.objects.values_list("code", flat=True))
    nouveaux = [
        ParametreODP(
            code=p.code, libelle=p.libelle[:1].upper() + p.libelle[1:], famille=p.famille, valeur=p.valeur,
            unite=p.unite, texte_reference=p.texte_reference, a_confirmer=p.a_confirmer,
        )
        for p in PARAMETRES.values()
        if p.code not in connus
    ]  # fmt: skip
    ParametreODP.objects.bulk_create(nouveaux)
    return Bilan(creees=len(nouveaux), inchangees=len(connus))


def valeur(code: str) -> Decimal:
    """The figure chosen, else the one shipped; ``LookupError`` for one that nobody confirmed."""
    livre = PARAMETRES[code]
    ligne = ParametreODP.objects.filter(code=code).first()
    chiffre = ligne.valeur if ligne is not None and ligne.actif else None
    if ligne is None and not livre.a_confirmer:
        chiffre = livre.valeur
    if chiffre is None:
        raise LookupError(f"parameter {code} is not confirmed")
    return chiffre


def echelle(code: str) -> Callable[[date], int]:
    """The delay of a day, in its unit, by day: read once for many. Before any choice, the one shipped."""
    livre = PARAMETRES[code]
    assert livre.date and livre.valeur is not None  # noqa: S101 - delays of the service only
    depart = int(livre.valeur)
    choisis = list(
        ValeurParametre.objects.filter(parametre__code=code).order_by("-du").values_list("du", "valeur")
    )
    return lambda jour: next((int(v) for du, v in choisis if du <= jour), depart)


def au_jour(code: str, jour: date) -> int:
    """The delay of that day, in its unit."""
    return echelle(code)(jour)


def valeurs(*codes: str, choisis: Mapping[str, Decimal | None] | None = None) -> dict[str, Decimal]:
    """Several figures in one reading. ``choisis``: those of the settings, where already read."""
    if choisis is None:
        choisis = dict(ParametreODP.objects.filter(code__in=codes).values_list("code", "valeur"))
    sortie = {}
    for code in codes:
        chiffre = choisis.get(code)
        if chiffre is None:
            chiffre = PARAMETRES[code].valeur
        assert chiffre is not None  # noqa: S101 - figures of the law are read one by one
        sortie[code] = chiffre
    return sortie


def _verrou(p: ParametreODP) -> ParametreODP:
    verrou: ParametreODP = ParametreODP.objects.select_for_update(of=("self",)).get(pk=p.pk)
    return verrou


def regler(p: ParametreODP, nouvelle: Decimal, par: Utilisateur) -> ParametreODP:
    """Another figure, within its bounds; ``Refus`` otherwise."""
    livre = PARAMETRES.get(p.code)
    if livre is None or not livre.reglable:
        raise Refus("Ce chiffre est celui de la loi : il ne se règle pas.")
    if livre.date:
        raise Refus("Un délai se fixe à partir d'un jour, avec sa référence.")
    _borner(livre, nouvelle)
    with transaction.atomic():
        verrou = _verrou(p)
        avant = verrou.valeur
        verrou.valeur, verrou.modifie_le, verrou.modifie_par = nouvelle, timezone.now(), par
        verrou.save(update_fields=["valeur", "modifie_le", "modifie_par"])
        donnees = {"parametre": p.code, "avant": str(avant), "apres": str(nouvelle)}
        journal.noter(par, REGLE, insee="", donnees=donnees)
    return verrou


def _borner(livre: Parametre, nouvelle: Decimal) -> None:
    if not livre.minimum <= nouvelle <= livre.maximum:
        raise Refus(f"Donnez une valeur entre {livre.minimum} et {livre.maximum}.")
    if livre.unite != "m" and nouvelle != nouvelle.to_integral_value():
        raise Refus("Donnez un nombre entier.")


def fixer(p: ParametreODP, nouvelle: Decimal, du: date, reference: str, par: Utilisateur) -> ValeurParametre:
    """A delay of the service from a day on, today at the earliest: what was promised stays. ``Refus``."""
    livre = PARAMETRES.get(p.code)
    if livre is None or not livre.date:
        raise Refus("Ce chiffre ne change pas à une date.")
    _borner(livre, nouvelle)
    if not reference.strip():
        raise Refus("Dites la décision qui fixe ce délai.")
    if du < timezone.localdate():
        raise Refus("Un délai ne change pas pour le passé : donnez aujourd'hui ou un jour à venir.")
    with transaction.atomic():
        _verrou(p)
        avant = au_jour(p.code, du)
        champs = {"valeur": nouvelle, "reference": reference.strip()[:160], "saisi_par": par}
        valeur_, _ = ValeurParametre.objects.update_or_create(
            parametre=p, du=du, defaults={**champs, "saisi_le": timezone.now()}
        )
        donnees = {"parametre": p.code, "avant": str(avant), "apres": str(nouvelle), "du": du.isoformat()}
        journal.noter(par, REGLE, insee="", donnees=donnees)
    return valeur_


def renoncer(v: ValeurParametre, par: Utilisateur) -> None:
    """Take back a delay that has not begun. ``Refus`` for one that already counts."""
    if v.du <= timezone.localdate():
        raise Refus("Ce délai a déjà servi : fixez-en un autre à partir d'aujourd'hui ou d'un jour à venir.")
    with transaction.atomic():
        _verrou(v.parametre)
        donnees = {"parametre": v.parametre.code, "avant": str(v.valeur), "apres": "", "du": v.du.isoformat()}
        v.delete()
        journal.noter(par, REGLE, insee="", donnees=donnees)


def confirmer(
    p: ParametreODP, reference: str, le: date, par: Utilisateur, chiffre: Decimal | None = None
) -> ParametreODP:
    """Say who checked an inactive figure and where, and from when it holds; ``Refus`` otherwise."""
    if not reference.strip():
        raise Refus("Dites qui a vérifié ce chiffre, et dans quel texte.")
    if le > timezone.localdate():
        raise Refus("Un paramètre ne s'active pas dans l'avenir.")
    with transaction.atomic():
        verrou = _verrou(p)
        if verrou.actif:
            raise Refus("Ce paramètre est déjà actif.")
        verrou.confirme_par, verrou.actif_le = reference.strip()[:160], le
        verrou.valeur = chiffre if chiffre is not None else verrou.valeur
        verrou.modifie_le, verrou.modifie_par = timezone.now(), par
        verrou.save()
        journal.noter(par, CONFIRME, insee="", donnees={"parametre": p.code})
    return verrou


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from mairie.references import declarer as declarer_table

    declarer_table("paramètres du domaine public", charger)
    journal.declarer(
        journal.Action(REGLE, "Paramètre du domaine public réglé"),
        journal.Action(CONFIRME, "Paramètre du domaine public confirmé"),
    )
