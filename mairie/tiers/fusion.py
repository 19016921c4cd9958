"""Two sheets of one person made one: links moved, both sheets kept, undone while nothing has changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pghistory
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from mairie import journal
from mairie.models import FusionTiers, NonDoublon, Tiers, Utilisateur
from mairie.models.tiers import IDENTITE, colonne
from mairie.tiers.declaration import FUSION_ANNULEE, FUSIONNE
from mairie.tiers.relations import Relation, relations
from mairie.tiers.service import enregistrer

_JSON = DjangoJSONEncoder()


class FusionRefusee(Exception):
    """The merge, or its undoing, is not possible; the French message says why."""


def _lisible(valeur: Any) -> Any:
    return valeur if valeur is None or isinstance(valeur, str | bool | int) else _JSON.default(valeur)


def _photo(fiche: Tiers) -> dict[str, Any]:
    colonnes = ("nature", *IDENTITE, "accepte_electronique_le")
    return {champ: _lisible(getattr(fiche, champ)) for champ in colonnes}


def differences(survivant: Tiers, absorbe: Tiers) -> list[tuple[str, str, Any, Any]]:
    """(column, label, value kept, other value) where both sheets say something, and not the same."""
    sortie = []
    for champ in IDENTITE:
        ici, la = getattr(survivant, champ), getattr(absorbe, champ)
        if ici not in ("", None, False) and la not in ("", None, False) and ici != la:
            sortie.append((champ, str(colonne(champ).verbose_name), ici, la))
    return sortie


def fusionner(
    survivant: Tiers,
    absorbe: Tiers,
    *,
    par: Utilisateur,
    prendre: Collection[str] = (),
    motif: str = "",
) -> FusionTiers:
    """Merge ``absorbe`` into ``survivant``: blanks are filled, columns of ``prendre`` are taken from it.

    Raises ``FusionRefusee``; ``ValidationError`` when the merged sheet would not stand.
    """
    if survivant.pk == absorbe.pk:
        raise FusionRefusee("Choisissez deux fiches différentes.")
    if inconnus := set(prendre) - set(IDENTITE):
        raise ValueError(f"Colonnes inconnues : {sorted(inconnus)}")
    with transaction.atomic(), pghistory.context(utilisateur=par.pk, motif="fusion"):
        garde, autre = _verrouiller(survivant.pk, absorbe.pk)
        if garde.collectivite != autre.collectivite:
            raise FusionRefusee("Ces deux fiches n'appartiennent pas à la même collectivité.")
        for fiche in (garde, autre):
            if fiche.fusionne_dans_id or fiche.efface_le:
                raise FusionRefusee(f"La fiche « {fiche} » est déjà fusionnée ou effacée.")
        if garde.nature != autre.nature:
            raise FusionRefusee("Une personne physique et une personne morale ne se fusionnent pas.")
        avant = _photo(garde)
        deplacements = [d for r in relations() if (d := _deplacer(r, autre, garde))]
        for champ in IDENTITE:
            vide = getattr(garde, champ) in ("", None)
            if champ in prendre or (vide and champ != "accepte_electronique"):
                setattr(garde, champ, getattr(autre, champ))
        if not garde.accepte_electronique:
            garde.accepte_electronique_le = None
        elif garde.accepte_electronique_le is None:
            garde.accepte_electronique_le = autre.accepte_electronique_le or timezone.localdate()
        enregistrer(garde, par)
        autre.fusionne_dans = garde
        autre.version += 1
        autre.modifie_le, autre.modifie_par = timezone.now(), par
        autre.save()
        nombre = sum(len(d["ids"]) for d in deplacements)
        journal.noter(par, FUSIONNE, garde, donnees={"fiche_absorbee": autre.pk, "liens": nombre})
        return FusionTiers.objects.create(
            survivant=garde,
            absorbe=autre,
            motif=motif[:300],
            avant=avant,
            deplacements=deplacements,
            version_apres=garde.version,
            faite_par=par,
        )


def _verrouiller(un: int, autre: int) -> tuple[Tiers, Tiers]:
    """Both sheets locked, always in the same order: two merges cannot wait for each other."""
    fiches = {
        t.pk: t
        for t in Tiers.objects.select_for_update(of=("self",)).filter(pk__in=(un, autre)).order_by("pk")
    }
    if len(fiches) < 2:
        raise FusionRefusee("L'une des deux fiches n'existe plus.")
    return fiches[un], fiches[autre]


def _deplacer(relation: Relation, de: Tiers, vers: Tiers) -> dict[str, Any] | None:
    ids = sorted(relation.lignes(de).values_list("pk", flat=True))
    if not ids:
        return None
    try:
        with transaction.atomic():
            relation.modele._default_manager.filter(pk__in=ids).update(**{relation.champ: vers.pk})
    except IntegrityError as e:
        raise FusionRefusee(
            f"Les deux fiches figurent déjà ensemble dans un même dossier ({relation.libelle}) :"
            " retirez-en une de ce dossier, puis recommencez."
        ) from e
    return {"relation": relation.code, "ids": ids}


def pourquoi_pas_annuler(fusion: FusionTiers) -> str:
    """Why a merge can no longer be undone, in a French sentence; empty when it can."""
    if fusion.annulee_le:
        return "Cette fusion est déjà annulée."
    if fusion.survivant.fusionne_dans_id:
        return "La fiche gardée a été fusionnée à son tour : annulez d'abord cette autre fusion."
    if fusion.survivant.efface_le or fusion.absorbe.efface_le:
        return "L'une des deux fiches a été effacée."
    if fusion.survivant.version != fusion.version_apres:
        return "La fiche gardée a été modifiée depuis la fusion."
    for deplacement in fusion.deplacements:
        relation = _connues().get(deplacement["relation"])
        if relation is None:
            return "Un lien déplacé par la fusion n'existe plus."
        encore = relation.lignes(fusion.survivant).filter(pk__in=deplacement["ids"]).count()
        if encore != len(deplacement["ids"]):
            return f"Des dossiers ont changé depuis la fusion ({relation.libelle})."
    return ""


def annuler(fusion: FusionTiers, *, par: Utilisateur) -> FusionTiers:
    """Bring both sheets and all links back as they were; ``FusionRefusee`` when something has changed."""
    with transaction.atomic(), pghistory.context(utilisateur=par.pk, motif="annulation d'une fusion"):
        garde, autre = _verrouiller(fusion.survivant_id, fusion.absorbe_id)
        fusion = FusionTiers.objects.select_for_update(of=("self",)).get(pk=fusion.pk)
        fusion.survivant, fusion.absorbe = garde, autre
        if raison := pourquoi_pas_annuler(fusion):
            raise FusionRefusee(f"{raison} La fusion ne peut plus être annulée.")
        for deplacement in fusion.deplacements:
            relation = _connues()[deplacement["relation"]]
            relation.lignes(garde).filter(pk__in=deplacement["ids"]).update(**{relation.champ: autre.pk})
        autre.fusionne_dans = None
        autre.version += 1
        autre.modifie_le, autre.modifie_par = timezone.now(), par
        autre.save()
        for champ, valeur in fusion.avant.items():
            setattr(garde, champ, colonne(champ).to_python(valeur))
        enregistrer(garde, par)
        fusion.annulee_le, fusion.annulee_par = timezone.now(), par
        fusion.save(update_fields=["annulee_le", "annulee_par"])
        journal.noter(par, FUSION_ANNULEE, garde, donnees={"fiche_absorbee": autre.pk})
    return fusion


def _connues() -> dict[str, Relation]:
    return {r.code: r for r in relations()}


def ecarter(un: Tiers, autre: Tiers, *, par: Utilisateur) -> None:
    """Say that two sheets are two persons: they are not proposed again. Safe to repeat."""
    if un.pk == autre.pk:
        raise FusionRefusee("Choisissez deux fiches différentes.")
    petit, grand = sorted((un, autre), key=lambda t: t.pk)
    NonDoublon.objects.get_or_create(un=petit, autre=grand, defaults={"dit_par": par})


def fusions_de(tiers: Tiers) -> list[FusionTiers]:
    """Merges in which this sheet took part, the last first."""
    return list(
        FusionTiers.objects.filter(Q(survivant=tiers) | Q(absorbe=tiers)).select_related(
            "survivant", "absorbe", "faite_par", "annulee_par"
        )
    )
