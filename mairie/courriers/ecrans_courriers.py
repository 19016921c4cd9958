"""Lists of letters, templates and phrases, and the form of a phrase, declared to the generator of screens."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from mairie.courriers import droits
from mairie.courriers.ecran import TONS
from mairie.courriers.formulaires import PhraseForm
from mairie.courriers.sujets import sujet_du_type
from mairie.ecrans import (
    ActionImpossible,
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    Formulaire,
    Lien,
    Liste,
    Nature,
    Section,
    Ton,
    declarer,
)
from mairie.menu import Rubrique, ajouter
from mairie.models import Courrier, ModeCourrier, ModeleCourrier, Phrase, VersionModele
from mairie.perms import GERER_MODELES, LIRE, REDIGER_COURRIER
from mairie.roles import metiers

_ICONES = {
    "brouillon": "bi-pencil", "finalise": "bi-lock", "signe": "bi-pen", "en_envoi": "bi-hourglass-split",
    "envoye": "bi-send", "presente": "bi-mailbox", "distribue": "bi-mailbox-flag", "consulte": "bi-eye",
    "retourne": "bi-arrow-return-left", "abandonne": "bi-x-circle",
}  # fmt: skip
ETATS = {c: Ton(str(libelle), TONS[c], _ICONES[c]) for c, libelle in Courrier.Etat.choices}


def _lettres(utilisateur: Any) -> QuerySet[Courrier]:
    return Courrier.objects.visibles_par(utilisateur).select_related(
        "emetteur", "dossier_type", "finalise_par"
    )


def _metiers(utilisateur: Any) -> list[tuple[str, str]]:
    return list(metiers().items())


def _genre(courrier: Courrier) -> str:
    type_: ContentType = courrier.dossier_type
    sujet = sujet_du_type(type_)
    return sujet.libelle if sujet else ""


COURRIERS = Liste(
    code="mairie.courriers",
    titre="Courriers",
    presentation="Les lettres et les actes de vos dossiers, du brouillon à l'accusé de réception.",
    requete=_lettres,
    droit=LIRE,
    adresse="courriers/",
    colonnes=(
        Colonne("libelle", "Lettre", tri=True),
        Colonne("numero", "Numéro", tri=True),
        Colonne("objet", "Objet", "objet_lisible", tri=("objet",)),
        Colonne("etat", "État", nature=Nature.ETAT, tons=ETATS, tri=True),
        Colonne("destinataire", "Destinataire", tri=True),
        Colonne("mode", "Envoi", lambda c: c.get_mode_display(), defaut=False),
        Colonne("finalise", "Finalisée le", "finalise_le", Nature.INSTANT, tri=("finalise_le",)),
        Colonne("envoye", "Envoyée le", "envoye_le", Nature.DATE, tri=("envoye_le",)),
        Colonne("presente", "Présentée le", "premiere_presentation", Nature.DATE, tri=True, defaut=False),
        Colonne("distribue", "Distribuée le", "distribue_le", Nature.DATE, tri=True, defaut=False),
        Colonne("genre", "Dossier", _genre, defaut=False),
        Colonne("emetteur", "Émetteur", "emetteur.nom", tri="emetteur__nom", defaut=False),
        Colonne("cree", "Créée le", "cree_le", Nature.INSTANT, tri=("cree_le",), defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="etat", titre="État", choix=Courrier.Etat.choices),
        FiltreChoix(code="metier", titre="Métier", choix=_metiers),
        FiltreChoix(code="mode", titre="Envoi", choix=ModeCourrier.choices),
        FiltreDates(code="envoye", titre="Envoyée", chemin="envoye_le"),
        FiltreDates(code="cree", titre="Créée", chemin="cree_le", instant=True),
    ),
    recherche=("numero", "objet", "libelle", "destinataire"),
    recherche_aide="numéro, objet, destinataire",
    tri="-cree",
    adresse_ligne=lambda c: reverse("courrier", args=[c.pk]),
    liens=(
        Lien("Nouveau courrier", "bi-plus-lg", "/courriers/nouveau/", REDIGER_COURRIER, principal=True),
        Lien("Modèles", "bi-file-earmark-text", "/courriers/modeles/", GERER_MODELES),
    ),
    vide="Aucune lettre.",
    vide_aide="Les lettres s'écrivent depuis la page de leur dossier.",
)


def _modeles(utilisateur: Any) -> QuerySet[ModeleCourrier]:
    jour = timezone.localdate()
    publiees = VersionModele.objects.filter(modele=OuterRef("pk"), publiee_le__isnull=False)
    en_service = publiees.filter(valide_du__lte=jour).filter(Q(valide_au=None) | Q(valide_au__gt=jour))
    brouillons = VersionModele.objects.filter(modele=OuterRef("pk"), publiee_le__isnull=True)
    modeles: QuerySet[ModeleCourrier] = (
        ModeleCourrier.objects.visibles_par(utilisateur)
        .select_related("collectivite")
        .annotate(
            version_du=Subquery(en_service.values("valide_du")[:1]),
            version_numero=Subquery(en_service.values("numero")[:1]),
            brouillon_le=Subquery(brouillons.values("modifie_le")[:1]),
            a_collectivite=F("collectivite__nom"),
        )
    )
    return modeles


def _version(modele: Any) -> str:
    return f"version {modele.version_numero}" if modele.version_numero else "aucune"


MODELES = Liste(
    code="mairie.modeles",
    titre="Modèles de lettres",
    presentation=(
        "Le texte de départ de chaque lettre. Une version en service ne change plus : la suivante la"
        " remplace."
    ),
    requete=_modeles,
    droit=GERER_MODELES,
    adresse="courriers/modeles/",
    groupe="Administration",
    colonnes=(
        Colonne("libelle", "Modèle", tri=True),
        Colonne("metier", "Métier", lambda m: metiers().get(m.metier, m.metier), tri=("metier",)),
        Colonne("collectivite", "Pour", lambda m: m.a_collectivite or "toutes", tri=("a_collectivite",)),
        Colonne("etape", "Étape", tri=True),
        Colonne("version", "En service", _version, tri=("version_numero",)),
        Colonne("du", "Depuis le", "version_du", Nature.DATE, tri=("version_du",)),
        Colonne("brouillon", "Brouillon modifié le", "brouillon_le", Nature.INSTANT, tri=("brouillon_le",)),
        Colonne("actif", "Proposé", nature=Nature.OUI_NON, tri=True),
        Colonne("code", "Code", tri=True, defaut=False),
    ),
    filtres=(FiltreChoix(code="metier", titre="Métier", choix=_metiers),),
    recherche=("libelle", "code", "etape"),
    tri="libelle",
    adresse_ligne=lambda m: reverse("modele_courrier", args=[m.pk]),
    liens=(
        Lien("Nouveau modèle", "bi-plus-lg", "/courriers/modeles/nouveau/", GERER_MODELES, principal=True),
        Lien("Modèles livrés modifiés", "bi-arrow-repeat", "/courriers/modeles/livres/", GERER_MODELES),
        Lien("Phrases", "bi-chat-square-quote", "/courriers/phrases/", GERER_MODELES),
        Lien("En-têtes", "bi-card-heading", "/reglages/en-tetes/", GERER_MODELES),
    ),
    vide="Aucun modèle.",
    vide_aide="Chaque métier apporte les siens ; vous pouvez en créer d'autres.",
)


def _phrases(utilisateur: Any) -> QuerySet[Phrase]:
    phrases: QuerySet[Phrase] = Phrase.objects.visibles_par(utilisateur).select_related("collectivite")
    return phrases


def _figee(phrase: Phrase, utilisateur: Any) -> str | None:
    if droits.peut_modifier(utilisateur, phrase):
        return None
    return "Cette phrase sert à toutes les collectivités : seul qui les administre toutes peut la modifier."


def _choix(forme: Any, utilisateur: Any) -> None:
    from django import forms

    forme.fields["metier"] = forms.ChoiceField(label="Métier", choices=droits.metiers_geres(utilisateur))
    gerees = droits.collectivites_gerees(utilisateur)
    champ = forme.fields["collectivite"]
    champ.queryset = champ.queryset.filter(pk__in=[c.pk for c in gerees])
    commun = any(droits.gere(utilisateur, m, None) for m, _ in droits.metiers_geres(utilisateur))
    champ.required, champ.empty_label = not commun, "Toutes"


def _enregistrer(forme: Any, utilisateur: Any) -> Phrase:
    phrase: Phrase = forme.save(commit=False)
    if not droits.peut_modifier(utilisateur, phrase):
        raise ActionImpossible("vous ne gérez pas les phrases de ce métier dans cette collectivité")
    phrase.save()
    return phrase


PHRASES = Liste(
    code="mairie.phrases",
    titre="Bibliothèque de phrases",
    presentation="Des passages tout prêts, insérés dans une lettre d'un clic.",
    requete=_phrases,
    droit=GERER_MODELES,
    adresse="courriers/phrases/",
    groupe="Administration",
    colonnes=(
        Colonne("libelle", "Phrase", tri=True),
        Colonne("categorie", "Catégorie", tri=True),
        Colonne("metier", "Métier", lambda p: metiers().get(p.metier, p.metier), tri=("metier",)),
        Colonne(
            "collectivite", "Pour", lambda p: str(p.collectivite or "toutes"), tri=("collectivite__nom",)
        ),
        Colonne("filtres", "Proposée d'abord pour", lambda p: ", ".join(p.filtres)),
        Colonne("actif", "Proposée", nature=Nature.OUI_NON, tri=True),
    ),
    filtres=(FiltreChoix(code="metier", titre="Métier", choix=_metiers),),
    recherche=("libelle", "categorie", "texte"),
    tri="categorie",
    adresse_ligne=lambda p: reverse("mairie_phrases_modifier", args=[p.pk]),
    liens=(
        Lien("Nouvelle phrase", "bi-plus-lg", "/courriers/phrases/nouveau/", GERER_MODELES, principal=True),
    ),
    vide="Aucune phrase.",
    vide_aide="Écrivez une fois les passages qui reviennent : motifs, délais, formules de politesse.",
)

FORMULAIRE_PHRASE = Formulaire(
    code="mairie.phrases",
    modele=Phrase,
    liste="mairie.phrases",
    adresse="courriers/phrases/",
    droit=GERER_MODELES,
    requete=_phrases,
    titre="Modifier une phrase",
    titre_nouveau="Nouvelle phrase",
    sections=(
        Section("La phrase", ("metier", "collectivite", "categorie", "libelle", "texte", "filtres", "actif")),
    ),
    classe=PhraseForm,
    preparer=_choix,
    enregistrer=_enregistrer,
    empechement=_figee,
    retour=lambda p: reverse("mairie_phrases"),
)


def declarer_ecrans() -> None:
    """From ``AppConfig.ready``."""
    declarer(COURRIERS, MODELES, PHRASES, FORMULAIRE_PHRASE)
    ajouter(
        Rubrique("courriers", "Courriers", "bi-envelope-paper", "/courriers/", 40, LIRE),
        Rubrique(
            "modeles_courrier", "Modèles de lettres", "bi-file-earmark-text", "/courriers/modeles/", 920,
            GERER_MODELES, groupe="Administration",
        ),
    )  # fmt: skip
