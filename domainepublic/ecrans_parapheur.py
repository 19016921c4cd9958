"""What waits for the signature of who looks: each authority has its own list (spec §7.9, §14.4)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from domainepublic import perms, signataires
from domainepublic.ecrans import faire_evenement
from domainepublic.empechements import avertir_de_liste
from domainepublic.models import DossierODP
from mairie.ecrans import Action, Colonne, FiltreCommune, FiltreDates, Liste, Nature, declarer
from mairie.menu import Rubrique, ajouter


def _requete(utilisateur: Any) -> QuerySet[DossierODP]:
    lignes: QuerySet[DossierODP] = (
        DossierODP.objects.filter(pk__in=signataires.en_attente_de(utilisateur))
        .select_related("voie", "demandeur")
        .prefetch_related("emprises__type")
        .annotate(
            ouverts=Count("conflits", filter=Q(conflits__leve_le__isnull=True), distinct=True),
            leves=Count("conflits", filter=Q(conflits__leve_le__isnull=False), distinct=True),
            bloquants=Count(
                "conflits",
                filter=Q(conflits__leve_le__isnull=True, conflits__niveau="bloquant"),
                distinct=True,
            ),
        )
    )
    return lignes


def _types(d: DossierODP) -> str:
    return ", ".join(dict.fromkeys(e.type.libelle for e in d.emprises.all()))


PARAPHEUR = Liste(
    code="domainepublic.parapheur",
    titre="À signer par vous",
    presentation="Les actes qui attendent votre signature, ceux dont un conflit reste ouvert d'abord. Ouvrez"
    " un dossier pour lire son projet d'acte ou le renvoyer avec un commentaire.",
    requete=_requete,
    droit=perms.SIGNER,
    adresse="domaine-public/parapheur/",
    groupe="Domaine public",
    colonnes=(
        Colonne("numero", "Numéro", str, tri=("numero",)),
        Colonne("conflits", "Conflits ouverts", "ouverts", Nature.NOMBRE, tri="ouverts"),
        Colonne("leves", "Conflits levés", "leves", Nature.NOMBRE, tri="leves"),
        Colonne("type", "Type", _types),
        Colonne("demandeur", "Demandeur", "demandeur", tri=("demandeur__raison_sociale", "demandeur__nom")),
        Colonne("lieu", "Lieu", lambda d: d.lieu, tri=("voie__nom", "adresse")),
        Colonne("debut", "Du", nature=Nature.DATE, tri=True),
        Colonne("fin", "Au", nature=Nature.DATE, tri=True),
        Colonne("terme", "Réponse avant le", "terme_silence", Nature.DATE, tri=True),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(FiltreCommune(), FiltreDates(code="debut", titre="Commence", chemin="debut")),
    recherche=lambda texte: Q(numero__icontains=texte) | Q(objet__icontains=texte),
    recherche_aide="numéro, objet",
    tri="-conflits",
    adresse_ligne=lambda d: reverse("odp_dossier", args=[d.pk]),
    actions=(
        Action(
            "signer", "Signer", "bi-pen", perms.SIGNER, faire=faire_evenement("signer"),
            avertissement=lambda d, u: avertir_de_liste(bool(d.bloquants)), en_masse=True,
            confirmation="Signer tous les actes choisis ?",
        ),
    ),
    vide="Aucun acte n'attend votre signature.",
    vide_aide="Les actes proposés à la signature paraissent ici pour l'autorité qui les signe.",
)  # fmt: skip


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    declarer(PARAPHEUR)
    ajouter(
        Rubrique(
            "odp_parapheur", "À signer", "bi-pen", "/domaine-public/parapheur/", 203, droit=perms.SIGNER,
            groupe="Domaine public",
        )
    )  # fmt: skip
