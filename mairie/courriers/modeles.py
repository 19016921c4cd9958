"""Templates: draft, versions put in service, earlier texts taken again, copies for a collectivité."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from mairie import journal
from mairie.courriers import actions
from mairie.courriers.champs import champs_de
from mairie.courriers.erreurs import ConflitEdition, CourrierRefuse, TexteRefuse
from mairie.courriers.fusion import analyser, verifier_ligne
from mairie.courriers.texte import TexteTropLong, nettoyer
from mairie.models import Collectivite, ModeleCourrier, Utilisateur, VersionModele

# Columns that make the text of a version.
SAISIS = ("objet", "corps", "forme", "mode", "a_signer", "public", "note")


def version_en_service(modele: ModeleCourrier, jour: date) -> VersionModele | None:
    """The version in force on a day."""
    return (
        modele.versions.filter(publiee_le__isnull=False, valide_du__lte=jour)
        .filter(Q(valide_au__isnull=True) | Q(valide_au__gt=jour))
        .first()
    )


def modeles_proposes(metier: str, genre: str, code: str, jour: date) -> list[ModeleCourrier]:
    """Templates in service for a dossier: the collectivité's own take the place of the common ones."""
    candidats = list(
        ModeleCourrier.objects.filter(metier=metier, actif=True, genre__in=("", genre))
        .filter(Q(collectivite__isnull=True) | Q(collectivite__code=code))
        .select_related("collectivite")
        .order_by("etape", "libelle")
    )
    propres = {m.code for m in candidats if m.collectivite_id}
    return [
        m
        for m in candidats
        if (m.collectivite_id or m.code not in propres) and version_en_service(m, jour) is not None
    ]


def brouillon(modele: ModeleCourrier, par: Utilisateur | None = None) -> VersionModele:
    """The draft of a template; made from its newest version when it has none."""
    existant = modele.versions.filter(publiee_le__isnull=True).first()
    if existant is not None:
        return existant
    derniere = modele.versions.order_by("-numero").first()
    repris: dict[str, Any] = {c: getattr(derniere, c) for c in SAISIS if c != "note"} if derniere else {}
    return VersionModele.objects.create(
        modele=modele, numero=(derniere.numero if derniere else 0) + 1, cree_par=par, **repris
    )


def enregistrer(
    modele: ModeleCourrier, *, par: Utilisateur | None, jeton: int, champs: Mapping[str, Any]
) -> VersionModele:
    """Save the draft. ``jeton``: edition that the person opened. ``TexteRefuse`` for an unknown field."""
    with transaction.atomic():
        _verrouiller(modele)
        version = brouillon(modele, par)
        if version.jeton != jeton:
            raise ConflitEdition(
                "Ce modèle a changé depuis que vous l'avez ouvert, le"
                f" {timezone.localtime(version.modifie_le):%d/%m/%Y à %H:%M}."
            )
        for nom, valeur in champs.items():
            if nom not in SAISIS:
                raise ValueError(f"Le champ « {nom} » d'un modèle ne se saisit pas.")
            setattr(version, nom, valeur)
        version.corps = verifier_texte(modele.metier, version.objet, version.corps)
        version.jeton += 1
        version.modifie_le = timezone.now()
        version.save()
    return version


def verifier_texte(metier: str, objet: str, corps: str) -> str:
    """The text cleaned; ``TexteRefuse`` with all faults, ``CourrierRefuse`` when it is too long."""
    champs = champs_de(metier)
    try:
        propre = nettoyer(corps)
    except TexteTropLong as e:
        raise CourrierRefuse(str(e)) from None
    if fautes := [*verifier_ligne(objet, champs), *analyser(propre, champs).fautes]:
        raise TexteRefuse(fautes)
    return propre


def mettre_en_service(modele: ModeleCourrier, *, par: Utilisateur | None, le: date) -> VersionModele:
    """Put the draft in service from a day; the version before it ends that day. Never again changed.

    ``CourrierRefuse`` for a day already past, or before the day when the version in force began.
    """
    with transaction.atomic():
        _verrouiller(modele)
        version = modele.versions.filter(publiee_le__isnull=True).first()
        if version is None:
            raise CourrierRefuse("Ce modèle n'a pas de brouillon à mettre en service.")
        version.corps = verifier_texte(modele.metier, version.objet, version.corps)
        if not version.objet.strip() or not version.corps:
            raise CourrierRefuse("Écrivez l'objet et le texte avant de mettre le modèle en service.")
        if par is not None and le < timezone.localdate():
            raise CourrierRefuse("Un modèle n'entre pas en service dans le passé.")
        publiees = modele.versions.filter(publiee_le__isnull=False)
        dernier = publiees.aggregate(d=Max("valide_du"))["d"]
        if dernier is not None and dernier > le:
            raise CourrierRefuse(
                f"Une version plus récente entre en service le {dernier:%d/%m/%Y} : choisissez ce jour"
                " ou un autre après lui."
            )
        publiees.filter(valide_au__isnull=True).update(valide_au=le)
        version.valide_du, version.publiee_le = le, timezone.now()
        version.save()
        if par is not None:
            journal.noter(
                par,
                actions.MODELE_MIS_EN_SERVICE,
                version,
                insee=modele.collectivite.code if modele.collectivite else "",
                resume=f"{modele.metier}.{modele.code} v{version.numero}",
            )
    return version


def restaurer(version: VersionModele, *, par: Utilisateur | None) -> VersionModele:
    """Bring the text of an earlier version into the draft."""
    with transaction.atomic():
        _verrouiller(version.modele)
        cible = brouillon(version.modele, par)
        for champ in SAISIS:
            setattr(cible, champ, getattr(version, champ))
        cible.note = f"Reprise de la version {version.numero}"
        cible.jeton += 1
        cible.modifie_le = timezone.now()
        cible.save()
    return cible


def copier_pour(modele: ModeleCourrier, collectivite: Collectivite, *, par: Utilisateur) -> ModeleCourrier:
    """A template of the collectivité's own, its draft made from the common one; the one it has, if any."""
    repris = ("libelle", "genre", "etape", "serie", "type_acte", "actif")
    with transaction.atomic():
        copie, neuve = ModeleCourrier.objects.get_or_create(
            metier=modele.metier,
            code=modele.code,
            collectivite=collectivite,
            defaults={c: getattr(modele, c) for c in repris},
        )
        if neuve:
            source = version_en_service(modele, timezone.localdate()) or modele.versions.first()
            textes: dict[str, Any] = {c: getattr(source, c) for c in SAISIS if c != "note"} if source else {}
            VersionModele.objects.create(
                modele=copie, numero=1, cree_par=par, note="Copie du modèle commun", **textes
            )
    return copie


def declarer_modele(
    metier: str,
    code: str,
    libelle: str,
    *,
    objet: str,
    corps: str,
    le: date,
    forme: str = "lettre",
    mode: str = "simple",
    a_signer: bool = True,
    public: bool = False,
    **options: Any,
) -> ModeleCourrier:
    """The common template that a trade ships, in service from ``le``; left alone once it exists, what is
    shipped being kept beside it (``livraison``).

    ``options``: other columns of ``ModeleCourrier``. For references and demonstration data.
    """
    modele, neuf = ModeleCourrier.objects.get_or_create(
        metier=metier, code=code, collectivite=None, defaults={"libelle": libelle, **options}
    )
    champs = {"objet": objet, "corps": corps, "forme": forme, "mode": mode, "a_signer": a_signer}
    champs |= {"public": public}
    if neuf:
        enregistrer(modele, par=None, jeton=0, champs=champs)
        mettre_en_service(modele, par=None, le=le)
    from mairie.courriers import livraison

    livraison.garder(modele, {**champs, "corps": verifier_texte(metier, objet, corps)})
    return modele


def _verrouiller(modele: ModeleCourrier) -> None:
    ModeleCourrier.objects.select_for_update(of=("self",)).get(pk=modele.pk)
