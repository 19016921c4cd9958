"""Lists of upkeep, of old controls taken over, and of what zoning and ground say differently."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assainissement import perms, reprise, zonage
from assainissement.models import (
    Branchement,
    ControleRepris,
    Entretien,
    Installation,
    Vidangeur,
    ZonageAssainissement,
)
from assainissement.models.entretiens import avec_boues, q_a_vidanger, q_vidange_ancienne
from assainissement.mots import TONS
from assainissement.recherche import filtrer
from assainissement.regles.tables.entretien import VIDANGE_ANCIENNE_ANNEES
from mairie.ecrans import (
    Colonne,
    Fiche,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    Formulaire,
    Lien,
    Liste,
    Nature,
    Section,
    au_moins_un,
    declarer,
)
from mairie.habilitations import communes_du_droit
from mairie.models import Adresse

GROUPE, BASE = "Assainissement", "assainissement/"
SUIVI_VIDANGE = {"boues": "Boues trop hautes", "ancienne": "Vidange de plus de quatre ans"}


def _suivi_vidange(code: str) -> Q:
    return (
        q_a_vidanger()
        if code == "boues"
        else q_vidange_ancienne(timezone.localdate(), VIDANGE_ANCIENNE_ANNEES)
    )


def a_vidanger(utilisateur: Any) -> QuerySet[Installation]:
    """Installations in service whose sludge is too high, or emptied long ago."""
    lignes: QuerySet[Installation] = (
        avec_boues(Installation.objects.visibles_par(utilisateur).filter(etat="active"))
        .filter(q_a_vidanger() | q_vidange_ancienne(timezone.localdate(), VIDANGE_ANCIENNE_ANNEES))
        .prefetch_related("liens_adresses__adresse__voie")
    )
    return lignes


A_VIDANGER = Liste(
    code="assainissement.a_vidanger",
    titre="À vidanger",
    requete=a_vidanger,
    droit=perms.LIRE,
    adresse=f"{BASE}a-vidanger/",
    groupe=GROUPE,
    presentation="Boues mesurées depuis la vidange : 50 % du volume utile, 30 % pour une microstation.",
    colonnes=(
        Colonne("numero", "Installation", str, tri=("numero",)),
        Colonne("adresse", "Adresse", lambda i: i.lieu),
        Colonne("boues", "Boues (%)", nature=Nature.NOMBRE, tri=True),
        Colonne("seuil", "Seuil (%)", "seuil_boues", Nature.NOMBRE, tri=True),
        Colonne("vidange", "Dernière vidange", "derniere_vidange", Nature.DATE, tri=True),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(
            code="suivi",
            titre="Pourquoi",
            choix=tuple(SUIVI_VIDANGE.items()),
            condition=au_moins_un(_suivi_vidange),
            compter=False,
        ),
    ),
    recherche=filtrer,
    recherche_aide="numéro, parcelle, voie, propriétaire",
    tri="-boues",
    adresse_ligne=lambda i: f"{i.get_absolute_url()}#entretiens",
    geometrie="geom",
    vide="Aucune installation n'est à vidanger.",
    vide_aide="La liste naît des hauteurs de boues et des vidanges enregistrées sur les installations.",
)


def _entretiens(utilisateur: Any) -> QuerySet[Entretien]:
    lignes: QuerySet[Entretien] = (
        Entretien.objects.visibles_par(utilisateur)
        .select_related("installation", "vidangeur")
        .prefetch_related("installation__liens_adresses__adresse__voie")
    )
    return lignes


ENTRETIENS = Liste(
    code="assainissement.entretiens",
    titre="Vidanges et mesures des boues",
    requete=_entretiens,
    droit=perms.LIRE,
    adresse=f"{BASE}entretiens/",
    groupe=GROUPE,
    colonnes=(
        Colonne("date", "Date", nature=Nature.DATE, tri=True),
        Colonne("installation", "Installation", "installation.numero", tri="installation__numero"),
        Colonne("adresse", "Adresse", lambda e: e.installation.lieu),
        Colonne("volume", "Volume (m³)", "volume_m3", Nature.NOMBRE, tri=True),
        Colonne("boues", "Boues (%)", "hauteur_boues_pct", Nature.NOMBRE, tri=True),
        Colonne("vidangeur", "Vidangeur", "vidangeur.nom", tri="vidangeur__nom"),
        Colonne("bordereau", "Bordereau"),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(FiltreCommune(), FiltreDates(code="date", titre="Date")),
    recherche=lambda texte: (
        Q(bordereau__iexact=texte.strip())
        | Q(installation__in=Installation.objects.filter(filtrer(texte)).values("pk"))
    ),
    recherche_aide="bordereau, installation, parcelle, voie, propriétaire",
    tri="-date",
    adresse_ligne=lambda e: f"{e.installation.get_absolute_url()}#entretiens",
    liens=(
        Lien("À vidanger", "bi-exclamation-triangle", f"/{BASE}a-vidanger/", perms.LIRE),
        Lien("Vidangeurs agréés", "bi-truck", f"/{BASE}vidangeurs/", perms.LIRE),
    ),
    vide="Aucune vidange n'est enregistrée.",
    vide_aide="Une vidange s'enregistre depuis la page de son installation.",
)
_SECTIONS_VIDANGEUR = (Section("Le vidangeur", ("insee", "nom", "agrement", "valide_au")),)
VIDANGEURS = Liste(
    code="assainissement.vidangeurs",
    titre="Vidangeurs agréés",
    requete=Vidangeur.objects.visibles_par,
    droit=perms.LIRE,
    adresse=f"{BASE}vidangeurs/",
    groupe=GROUPE,
    colonnes=(
        Colonne("nom", "Nom", tri=True),
        Colonne("agrement", "Agrément", tri=True),
        Colonne("valide", "Agréé jusqu'au", "valide_au", Nature.DATE, tri=True),
        Colonne("commune", "Commune", "insee", tri=True),
    ),
    filtres=(FiltreCommune(),),
    tri="nom",
    adresse_ligne=lambda v: reverse("assainissement_vidangeurs_fiche", args=[v.pk]),
    liens=(
        Lien("Nouveau vidangeur", "bi-plus-lg", f"/{BASE}vidangeurs/nouveau/", perms.REGLER, principal=True),
    ),
    vide="Aucun vidangeur n'est enregistré.",
)


def _communes(forme: Any, utilisateur: Any) -> None:
    """Only communes that this person administers."""
    from django import forms

    valeur = forme.fields["insee"]
    forme.fields["insee"] = forms.ChoiceField(
        label=valeur.label, choices=list(communes_du_droit(utilisateur, perms.REGLER).items())
    )


FORMULAIRE_VIDANGEUR = Formulaire(
    code="assainissement.vidangeurs",
    modele=Vidangeur,
    liste="assainissement.vidangeurs",
    adresse=f"{BASE}vidangeurs/",
    droit=perms.REGLER,
    requete=Vidangeur.objects.visibles_par,
    sections=_SECTIONS_VIDANGEUR,
    preparer=_communes,
)
FICHE_VIDANGEUR = Fiche(
    code="assainissement.vidangeurs",
    liste="assainissement.vidangeurs",
    adresse=f"{BASE}vidangeurs/",
    droit=perms.LIRE,
    requete=Vidangeur.objects.visibles_par,
    sections=_SECTIONS_VIDANGEUR,
    formulaire=FORMULAIRE_VIDANGEUR,
)


def _reprises(utilisateur: Any) -> QuerySet[ControleRepris]:
    lignes: QuerySet[ControleRepris] = ControleRepris.objects.visibles_par(utilisateur).select_related(
        "installation", "controle"
    )
    return lignes


REPRISES = Liste(
    code="assainissement.reprises",
    titre="Contrôles repris d'un tableau",
    requete=_reprises,
    droit=perms.LIRE,
    adresse=f"{BASE}reprises/",
    groupe=GROUPE,
    colonnes=(
        Colonne("ancien", "Ancien numéro", "ancien_numero", tri=True),
        Colonne("nature", "Nature", lambda r: r.get_nature_display(), tri="nature"),
        Colonne("visite", "Visite", nature=Nature.DATE, tri=True),
        Colonne("regle", "Conclusion", "controle.regle", Nature.ETAT, tons=TONS, tri="controle__regle"),
        Colonne("installation", "Installation", "installation.numero", tri="installation__numero"),
        Colonne("repris", "Repris le", "cree_le", Nature.INSTANT, tri=True, defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(FiltreCommune(), FiltreDates(code="visite", titre="Visite")),
    recherche=("ancien_numero", "installation__numero"),
    recherche_aide="ancien numéro, installation",
    tri="-visite",
    adresse_ligne=lambda r: r.controle.get_absolute_url() if r.controle else None,
    liens=(
        Lien("Importer un tableau", "bi-upload", f"/{BASE}reprises/importer/", perms.REGLER, principal=True),
    ),
    vide="Aucun contrôle n'a été repris d'un tableau.",
    vide_aide="Le responsable importe un fichier CSV, XLSX ou ODS : une ligne par contrôle.",
)


def _anc_en_ac(utilisateur: Any) -> QuerySet[Installation]:
    lignes: QuerySet[Installation] = zonage.anc_en_zone_collective(
        Installation.objects.visibles_par(utilisateur), timezone.localdate()
    ).prefetch_related("liens_adresses__adresse__voie")
    return lignes


def usagers_en_zone_anc(utilisateur: Any) -> QuerySet[Branchement]:
    """Connections made where the zoning says that no sewer serves."""
    jour = timezone.localdate()
    zones = ZonageAssainissement.objects.en_vigueur(jour).filter(
        insee=OuterRef("insee"), type=ZonageAssainissement.Type.ANC, geom__intersects=OuterRef("geom")
    )
    lignes: QuerySet[Branchement] = (
        Branchement.objects.visibles_par(utilisateur)
        .filter(raccorde_le__lte=jour, geom__isnull=False)
        .exclude(type_reseau="EP")
        .filter(Exists(zones))
        .select_related("adresse__voie")
    )
    return lignes


def _sans_zone(utilisateur: Any) -> QuerySet[Adresse]:
    lignes: QuerySet[Adresse] = zonage.adresses_sans_zone(
        Adresse.objects.visibles_par(utilisateur), timezone.localdate()
    )
    return lignes


DISCORDANCE_ANC = Liste(
    code="assainissement.anc_en_ac",
    titre="Installations individuelles en zone collective",
    requete=_anc_en_ac,
    droit=perms.LIRE,
    adresse=f"{BASE}discordances/anc-en-zone-collective/",
    groupe=GROUPE,
    presentation="À raccorder, à désactiver si elles le sont, ou en dérogation.",
    colonnes=(
        Colonne("numero", "Installation", str, tri=("numero",)),
        Colonne("adresse", "Adresse", lambda i: i.lieu),
        Colonne("conclusion", "Dernière conclusion", "derniere_regle", Nature.ETAT, tons=TONS, tri=True),
        Colonne("visite", "Dernière visite", "derniere_visite", Nature.DATE, tri=True),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(FiltreCommune(),),
    recherche=filtrer,
    tri="numero",
    adresse_ligne=lambda i: i.get_absolute_url(),
    geometrie="geom",
    vide="Aucune installation individuelle n'est en zone collective.",
)
DISCORDANCE_AC = Liste(
    code="assainissement.ac_en_anc",
    titre="Branchements en zone non collective",
    requete=usagers_en_zone_anc,
    droit=perms.LIRE,
    adresse=f"{BASE}discordances/branchements-en-zone-anc/",
    groupe=GROUPE,
    presentation="Raccordés au réseau là où le zonage dit qu'il ne va pas : corrigez l'un ou l'autre.",
    colonnes=(
        Colonne("numero", "Branchement", str, tri=("numero",)),
        Colonne("adresse", "Adresse", lambda b: b.lieu, tri=("adresse__voie__nom", "adresse__numero")),
        Colonne("raccorde", "Raccordé le", "raccorde_le", Nature.DATE, tri=True),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(FiltreCommune(),),
    recherche=("numero", "adresse__voie__nom"),
    tri="numero",
    adresse_ligne=lambda b: b.get_absolute_url(),
    geometrie="geom",
    vide="Aucun branchement n'est en zone non collective.",
)
DISCORDANCE_ZONE = Liste(
    code="assainissement.sans_zone",
    titre="Adresses dans aucune zone",
    requete=_sans_zone,
    droit=perms.LIRE,
    adresse=f"{BASE}discordances/adresses-sans-zone/",
    groupe=GROUPE,
    presentation="Le zonage ne dit rien d'elles.",
    colonnes=(
        Colonne("adresse", "Adresse", str, tri=("voie__nom", "numero")),
        Colonne("commune", "Commune", "insee", tri=True),
    ),
    filtres=(FiltreCommune(),),
    recherche=("voie__nom",),
    tri="adresse",
    geometrie="position",
    vide="Toutes les adresses sont dans une zone.",
    vide_aide="Sans zonage enregistré, rien n'est comparé.",
)


def tuiles(utilisateur: Any) -> list[tuple[str, int, str, str]]:
    """Tiles of the dashboard: address, number, words, tone."""
    boues = (
        avec_boues(Installation.objects.visibles_par(utilisateur).filter(etat="active"))
        .filter(q_a_vidanger())
        .count()
    )
    return (
        [(f"/{BASE}a-vidanger/?suivi=boues", boues, "Installations à vidanger", "bientot")] if boues else []
    )


def declarer_ecrans() -> None:
    """The lists, and the import of old controls."""
    declarer(
        A_VIDANGER,
        ENTRETIENS,
        VIDANGEURS,
        FICHE_VIDANGEUR,
        REPRISES,
        reprise.IMPORT,
        DISCORDANCE_ANC,
        DISCORDANCE_AC,
        DISCORDANCE_ZONE,
    )
