"""Tariffs in force: deliberations with their rows, the price of a control, figures of the law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.models.tarifs import NATURES_TARIF, DeliberationTarif, LigneTarif, ParametreLoi
from assainissement.regles import pfac, redevance
from assainissement.regles.lecture import Objet
from assainissement.regles.redevance import LigneVotee, Montants
from assainissement.regles.tables import parametres as table
from assainissement.regles.tables import sispea
from mairie.calendrier import jma
from mairie.lecture_json import ErreurSaisie
from mairie.models import Utilisateur
from mairie.references import Bilan
from mairie.workflow import Refus

Objet_ = DeliberationTarif.Objet
CHAMPS_PFAC = tuple(c for c in pfac.CHAMPS_DELIBERATION if c not in ("date_effet", "date_fin"))


@dataclass(frozen=True)
class Prix:
    """A price chosen in a deliberation, with what is frozen of it."""

    deliberation: DeliberationTarif
    ligne: LigneVotee
    montants: Montants

    @property
    def fige(self) -> dict[str, Any]:
        """What a line keeps of the tariff."""
        x = self.ligne
        return {
            "deliberation": self.deliberation.reference,
            "date_effet": self.deliberation.date_effet.isoformat(),
            "nature": x.nature,
            "eh_min": None if x.eh_min is None else str(x.eh_min),
            "eh_max": None if x.eh_max is None else str(x.eh_max),
            "unite": x.unite,
            "montant_ht": str(x.montant_ht),
            "taux_tva": None if x.taux_tva is None else str(x.taux_tva),
        }


def en_vigueur(insee: str, objet: str, jour: date) -> DeliberationTarif | None:
    """The deliberation of a day."""
    trouvee: DeliberationTarif | None = DeliberationTarif.objects.prefetch_related("lignes").en_vigueur(
        insee, objet, jour
    )
    return trouvee


def prix(insee: str, nature: str, eh: Decimal | None, jour: date, objet: str = Objet_.ANC) -> Prix | None:
    """Price of a nature on a day; null: nothing is asked. ``TarifInconnu`` when a capacity is missing."""
    d = en_vigueur(insee, objet, jour)
    if d is None:
        return None
    ligne = redevance.choisir(d.votees(), nature, eh)
    if ligne is None:
        return None
    return Prix(d, ligne, redevance.montants(ligne.montant_ht, ligne.taux_tva))


def taux_majoration(insee: str, jour: date) -> tuple[DeliberationTarif, Decimal] | None:
    """The deliberation and its rate in percent; null when no surcharge is voted."""
    d = en_vigueur(insee, Objet_.MAJORATION, jour)
    return (d, d.taux) if d is not None and d.taux is not None else None


# --- deliberations ------------------------------------------------------------------------------


def verifier_regles(objet: str, regles: Mapping[str, Any], effet: date, fin: date | None) -> str:
    """``Refus`` for figures that the rules do not read; a warning in words, or nothing."""
    if objet == Objet_.PFAC:
        connues = {c: v for c, v in regles.items() if c in CHAMPS_PFAC}
        if Decimal(str(regles.get("cout_anc") or 0)) <= 0:
            raise Refus("Donnez le coût d'un assainissement individuel : il fixe le plafond (CSP L1331-7).")
        cas = {**connues, "date_effet": effet.isoformat(), "date_fin": fin.isoformat() if fin else None}
        try:
            pfac.lire_deliberation(Objet.ouvrir(cas, "deliberation", pfac.CHAMPS_DELIBERATION))
        except ErreurSaisie as e:
            raise Refus(e.message) from e
        return ""
    if objet == Objet_.MAJORATION:
        taux = Decimal(str(regles.get("taux") or 0))
        if taux <= 0:
            raise Refus("Donnez le taux de la majoration, en pourcentage.")
        plafond = parametre_actif("AC_MAJORATION_MAX", effet)
        if plafond is not None and taux > plafond:
            raise Refus(f"La majoration ne peut pas dépasser {plafond:f} % (CSP L1331-8).")
        return redevance.avertir_majoration(taux, plafond, table.PARAMETRES["AC_MAJORATION_MAX"].valeur)
    return ""


def enregistrer(
    insee: str,
    objet: str,
    reference: str,
    date_effet: date,
    date_fin: date | None = None,
    *,
    regles: Mapping[str, Any] | None = None,
    lignes: Sequence[Mapping[str, Any]] = (),
    par: Utilisateur | None = None,
) -> DeliberationTarif:
    """A deliberation with its rows; ``Refus`` when another holds on one of its days, or a row is wrong."""
    if date_fin and date_fin < date_effet:
        raise Refus(f"La fin ({jma(date_fin)}) précède la prise d'effet ({jma(date_effet)}).")
    verifier_regles(objet, regles or {}, date_effet, date_fin)
    try:
        with transaction.atomic():
            d: DeliberationTarif = DeliberationTarif.objects.create(
                insee=insee,
                objet=objet,
                reference=reference,
                date_effet=date_effet,
                date_fin=date_fin,
                regles=dict(regles or {}),
                cree_par=par,
            )
    except IntegrityError as e:
        if "ass_deliberation_une_par_jour" not in str(e):
            raise
        raise Refus(
            "Une autre délibération du même objet est en vigueur un de ces jours : fermez-la la veille."
        ) from e
    for ligne in lignes:
        ajouter_ligne(d, **ligne)
    return d


def ajouter_ligne(d: DeliberationTarif, **champs: Any) -> LigneTarif:
    """One more row; ``Refus`` when another prices the same capacities."""
    if d.objet not in (Objet_.ANC, Objet_.AC):
        raise Refus("Cette délibération n'a pas de lignes : ses montants sont dans ses règles.")
    try:
        with transaction.atomic():
            return LigneTarif.objects.create(deliberation=d, **champs)
    except IntegrityError as e:
        texte = str(e)
        if "ass_tarif_une_bande" in texte:
            raise Refus(
                f"{NATURES_TARIF.get(champs.get('nature', ''), 'Cette nature')} : une autre ligne couvre déjà"
                " une partie de ces capacités."
            ) from e
        if "ass_tarif" in texte:
            raise Refus("Vérifiez la ligne : montant positif, capacités dans l'ordre.") from e
        raise


def retirer_ligne(d: DeliberationTarif, pk: int) -> None:
    """Take a row away; lines already opened keep the price frozen in them."""
    d.lignes.filter(pk=pk).delete()


def fermer(d: DeliberationTarif, fin: date) -> DeliberationTarif:
    """Last day of a deliberation, so that the next one may begin."""
    if fin < d.date_effet:
        raise Refus(f"La fin précède la prise d'effet ({jma(d.date_effet)}).")
    with transaction.atomic():
        verrou: DeliberationTarif = DeliberationTarif.objects.select_for_update(of=("self",)).get(pk=d.pk)
        verrou.date_fin = fin
        try:
            with transaction.atomic():
                verrou.save(update_fields=["date_fin"])
        except IntegrityError as e:
            raise Refus("Une autre délibération du même objet est en vigueur un de ces jours.") from e
    return verrou


# --- figures of the law -------------------------------------------------------------------------


def charger_parametres() -> Bilan:
    """Add the rows that are missing; what was confirmed stays."""
    connus = set(ParametreLoi.objects.values_list("code", "valide_du"))
    nouveaux = [
        ParametreLoi(
            code=p.code,
            libelle=p.libelle[:1].upper() + p.libelle[1:],
            valeur=p.valeur,
            unite=p.unite,
            article=p.article,
            valide_du=p.valide_du,
            valide_au=p.valide_au,
            a_confirmer=p.a_confirmer,
        )
        for p in table.PARAMETRES.values()
        if (p.code, p.valide_du) not in connus
    ]
    if (sispea.CODE_POINTS, sispea.POINTS_DU) not in connus:
        nouveaux.append(
            ParametreLoi(
                code=sispea.CODE_POINTS,
                libelle="Points de l'indice D302.0",
                detail=sispea.POINTS_EN_MOTS,
                article=sispea.POINTS_ARTICLE,
                valide_du=sispea.POINTS_DU,
            )
        )
    ParametreLoi.objects.bulk_create(nouveaux)
    return Bilan(creees=len(nouveaux), inchangees=len(connus))


def parametre_actif(code: str, jour: date) -> Decimal | None:
    """The figure in force on a day; null for one shipped inactive that nobody confirmed."""
    ligne = (
        ParametreLoi.objects.filter(code=code, valide_du__lte=jour)
        .exclude(valide_au__lt=jour)
        .order_by("-valide_du")
        .first()
    )
    if ligne is None:
        livre = table.PARAMETRES.get(code)
        return livre.valeur if livre is not None and not livre.a_confirmer else None
    if not ligne.a_confirmer:
        return ligne.valeur
    return ligne.valeur if ligne.actif_le is not None and ligne.actif_le <= jour else None


def activer(p: ParametreLoi, reference: str, le: date, par: Utilisateur) -> ParametreLoi:
    """Say where an inactive figure was checked, and from when it holds."""
    if not reference.strip():
        raise Refus("Dites où ce paramètre a été vérifié : texte, date, personne.")
    if le > timezone.localdate():
        raise Refus("Un paramètre ne s'active pas dans l'avenir.")
    with transaction.atomic():
        verrou = ParametreLoi.objects.select_for_update(of=("self",)).get(pk=p.pk)
        if verrou.actif:
            raise Refus("Ce paramètre est déjà actif.")
        verrou.confirme_par, verrou.actif_le, verrou.active_par = reference.strip()[:160], le, par
        verrou.save(update_fields=["confirme_par", "actif_le", "active_par"])
    return verrou
