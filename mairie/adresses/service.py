"""Streets and numbers that come in: from the cadastral plan (pushed by ``cadastre``), or by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import MultiLineString, Point
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from mairie import journal
from mairie.adresses.declaration import ADRESSE_MODIFIEE, ECART_TRANCHE, PLAN_RECU, VOIE_MODIFIEE
from mairie.adresses.rapprochement import BaseEnMemoire, Bilan
from mairie.models import Adresse, BaseAdresses, EcartAdresse, Utilisateur, Voie
from mairie.models.adresses import Origine
from mairie.regles.adresses import cle_voie, lire_numero, motif_nom_voie
from mairie.roles import systeme


@dataclass(frozen=True)
class VoiePlan:
    """A street of the plan: its name as people write it, its axis in the territory's projection."""

    nom: str
    axe: MultiLineString | None = None


@dataclass(frozen=True)
class NumeroPlan:
    """A number of the plan. ``voie``: name of its street, empty when the plan ties it to none."""

    numero: str
    voie: str
    position: Point
    parcelles: tuple[str, ...] = ()


class AdresseModifiee(Exception):
    """Somebody saved the address since it was opened; the message says when."""


def recevoir_plan(insee: str, voies: Iterable[VoiePlan], numeros: Iterable[NumeroPlan]) -> Bilan:
    """Set all that the plan shows of a commune against its base; a second time writes nothing.

    Columns set by hand, certified addresses and those of the national base are never written over: what
    differs is listed for a person to settle. A number that the plan drops becomes inactive.
    """
    with transaction.atomic():
        verrouiller(insee)
        base = BaseEnMemoire(insee, Origine.EDIGEO)
        for voie in voies:
            if cle_voie(voie.nom):
                base.recevoir_voie(voie.nom[:200], axe=voie.axe, au_plan=True)
        for n in numeros:
            lu = lire_numero(n.numero)
            rue = base.voie(n.voie) if n.voie else None
            if lu is None:
                base.bilan.ignores["numéro illisible"] += 1
            elif rue is None:
                base.bilan.ignores["sans voie"] += 1
            else:
                base.recevoir_numero(rue, lu, position=n.position, parcelles=n.parcelles, au_plan=True)
        base.retirer_absentes()
        bilan = base.ecrire()
        BaseAdresses.objects.update_or_create(insee=insee, defaults={"plan_recu_le": timezone.now()})
        journal.noter(systeme("Plan cadastral"), PLAN_RECU, insee=insee, donnees=_comptes(bilan))
    return bilan


def verrouiller(insee: str) -> None:
    """Two files about one commune are set against its base one after the other."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(hashtext('mairie.adresses'), hashtext(%s))", [insee])


def _comptes(bilan: Bilan) -> dict[str, Any]:
    comptes = {c: v for c, v in vars(bilan).items() if isinstance(v, int) and v}
    ignores: Counter[str] = bilan.ignores
    return {**comptes, **({"ignores": dict(ignores)} if ignores else {})}


# --- by hand ----------------------------------------------------------------------------------


def enregistrer_voie(voie: Voie, donnees: Mapping[str, Any], *, par: Utilisateur) -> Voie:
    """Make or change a street by hand; columns that change are remembered as set by a person.

    ``ValidationError`` by column when the national base would refuse the name, or when it is taken.
    """
    with transaction.atomic():
        if voie.pk:
            voie = Voie.objects.select_for_update(of=("self",)).get(pk=voie.pk)
        changes = _appliquer(voie, donnees)
        if motif := motif_nom_voie(voie.nom):
            raise ValidationError({"nom": motif})
        voie.completer()
        jumelle = Voie.objects.filter(
            insee=voie.insee, deleguee_insee=voie.deleguee_insee, cle=voie.cle, active=True
        ).exclude(pk=voie.pk)
        if voie.active and jumelle.exists():
            raise ValidationError({"nom": f"Une voie porte déjà ce nom : « {jumelle[0].nom} »."})
        if not voie.active and voie.pk and voie.adresses.filter(active=True).exists():
            raise ValidationError({"active": "Cette voie porte encore des numéros : retirez-les d'abord."})
        voie.saisis = sorted({*voie.saisis, *changes})
        voie.modifie_le, voie.modifie_par = timezone.now(), par
        voie.full_clean()
        voie.save()
        journal.noter(par, VOIE_MODIFIEE, voie, donnees={"colonnes": sorted(changes)})
    return voie


def enregistrer_adresse(
    adresse: Adresse, donnees: Mapping[str, Any], *, par: Utilisateur, version: int | None = None
) -> Adresse:
    """Make or change a number by hand. ``version``: of the address when it was opened (null: a new one).

    ``ValidationError`` by column; ``AdresseModifiee`` when somebody saved it meanwhile.
    """
    with transaction.atomic():
        if adresse.pk:
            adresse = (
                Adresse.objects.select_for_update(of=("self",)).select_related("voie").get(pk=adresse.pk)
            )
            if version is not None and adresse.version != version:
                quand = timezone.localtime(adresse.modifie_le)
                raise AdresseModifiee(
                    f"Cette adresse a été modifiée le {quand:%d/%m/%Y à %H:%M},"
                    " après que vous l'avez ouverte. Relisez-la, puis refaites votre changement."
                )
            adresse.version += 1
        certifiee = adresse.certifiee
        changes = _appliquer(adresse, donnees)
        adresse.insee = adresse.voie.insee
        adresse.suffixe = adresse.suffixe.lower()
        fautes: dict[str, str] = {}
        jumelle = Adresse.objects.filter(
            voie=adresse.voie, numero=adresse.numero, suffixe=adresse.suffixe, active=True
        ).exclude(pk=adresse.pk)
        if adresse.active and jumelle.exists():
            fautes["numero"] = f"Le {adresse.libelle_numero} existe déjà dans cette voie."
        if adresse.certifiee and adresse.position is None:
            fautes["certifiee"] = "Placez l'adresse sur la carte avant de la certifier."
        if fautes:
            raise ValidationError(fautes)
        if adresse.certifiee != certifiee:
            adresse.certifiee_le = timezone.now() if adresse.certifiee else None
        adresse.saisis = sorted({*adresse.saisis, *changes})
        adresse.modifie_le, adresse.modifie_par = timezone.now(), par
        adresse.full_clean()
        adresse.save()
        journal.noter(par, ADRESSE_MODIFIEE, adresse, donnees={"colonnes": sorted(changes)})
    return adresse


def _appliquer(ligne: Any, donnees: Mapping[str, Any]) -> set[str]:
    """Set what was given; the columns that changed (all of them for a new row)."""
    changes = set()
    for champ, valeur in donnees.items():
        if ligne.pk is None or getattr(ligne, champ) != valeur:
            changes.add(champ)
        setattr(ligne, champ, valeur)
    return changes


def trancher(ecart: EcartAdresse, decision: str, *, par: Utilisateur) -> EcartAdresse:
    """Settle a difference: keep what we have, or take what the file says. ``ValueError`` for another word."""
    if decision not in (EcartAdresse.Decision.GARDER, EcartAdresse.Decision.PRENDRE):
        raise ValueError(f"Décision inconnue : {decision}")
    with transaction.atomic():
        ecart = (
            EcartAdresse.objects.select_for_update(of=("self",))
            .select_related("adresse__voie", "voie")
            .get(pk=ecart.pk)
        )
        if ecart.decision:
            return ecart
        if decision == EcartAdresse.Decision.PRENDRE:
            _prendre(ecart, par)
        ecart.decision, ecart.decide_le, ecart.decide_par = decision, timezone.now(), par
        ecart.save(update_fields=["decision", "decide_le", "decide_par"])
        journal.noter(par, ECART_TRANCHE, ecart, donnees={"nature": ecart.nature, "decision": decision})
    return ecart


def _prendre(ecart: EcartAdresse, par: Utilisateur) -> None:
    nature = EcartAdresse.Nature
    if ecart.adresse is None:
        champs = {nature.CODE: ("code",), nature.NOM: ("nom",)}[nature(ecart.nature)]
        enregistrer_voie(ecart.voie, {c: ecart.propose[c] for c in champs}, par=par)
    elif ecart.nature == nature.POSITION:
        enregistrer_adresse(ecart.adresse, {"position": ecart.position}, par=par)
    elif ecart.nature == nature.PARCELLES:
        enregistrer_adresse(ecart.adresse, {"parcelles": ecart.propose["parcelles"]}, par=par)
    elif ecart.nature == nature.ABSENTE:
        enregistrer_adresse(ecart.adresse, {"active": False, "certifiee": False}, par=par)
