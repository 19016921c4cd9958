"""A tiny trade for the tests of the generated screens: benches. Its tables are made by a fixture."""

from __future__ import annotations

from unittest.mock import patch

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.urls import include, path, reverse

from mairie.ecrans import (
    Action,
    ActionImpossible,
    Champ,
    Colonne,
    ColonneImport,
    Fiche,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreNombre,
    FiltreOuiNon,
    FiltreTexte,
    Formulaire,
    Import,
    Lien,
    LigneHistorique,
    Liste,
    ListeLiee,
    Nature,
    Section,
    Ton,
    declarer_table_reference,
    reference,
    registre,
)
from mairie.ecrans.adresses import adresses
from mairie.models import TableReference
from mairie.requetes import RequeteVisible


class BancVisible(RequeteVisible):
    DROIT_LIRE = "mairie.lire"


class Banc(models.Model):
    class Etat(models.TextChoices):
        NEUF = "neuf", "neuf"
        USE = "use", "usé"
        CASSE = "casse", "cassé"

    insee = models.CharField("commune", max_length=5, default="25999")
    nom = models.CharField("nom", max_length=80)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.NEUF)
    pose_le = models.DateField("posé le", null=True, blank=True)
    vu_le = models.DateTimeField("vu le", null=True, blank=True)
    prix = models.DecimalField("prix", max_digits=10, decimal_places=2, null=True, blank=True)
    places = models.PositiveSmallIntegerField("places", default=3)
    abrite = models.BooleanField("abrité", default=False)
    remarque = models.TextField("remarque", blank=True)
    geom = models.PointField("place", srid=settings.TERRITOIRE_SRID, null=True, blank=True)

    objects = BancVisible.as_manager()

    class Meta:
        app_label = "mairie"
        managed = False
        db_table = "essai_banc"
        constraints = (models.UniqueConstraint(fields=("insee", "nom"), name="essai_banc_nom"),)

    def __str__(self) -> str:
        return self.nom


class Planche(models.Model):
    banc = models.ForeignKey(Banc, models.CASCADE, related_name="planches")
    essence = models.CharField("essence", max_length=30)

    class Meta:
        app_label = "mairie"
        managed = False
        db_table = "essai_planche"

    def __str__(self) -> str:
        return self.essence


class Essence(TableReference):
    """Common to all collectivités."""

    durete = models.PositiveSmallIntegerField("dureté", default=3)

    class Meta(TableReference.Meta):
        app_label = "mairie"
        managed = False
        db_table = "essai_essence"


class Tarif(TableReference):
    """One of each collectivité."""

    # Other tests delete communes without this table: the deletion must not look into it.
    collectivite = models.ForeignKey(
        "mairie.Collectivite", models.DO_NOTHING, related_name="+", db_constraint=False
    )
    montant = models.DecimalField("montant", max_digits=8, decimal_places=2)

    class Meta:
        app_label = "mairie"
        managed = False
        db_table = "essai_tarif"
        ordering = ("ordre", "libelle")


TONS = {
    "neuf": Ton("neuf", "bien", "bi-check"),
    "use": Ton("usé", "attention", "bi-hourglass"),
    "casse": Ton("cassé", "danger", "bi-x-octagon"),
}


def _reparer(banc: Banc, utilisateur) -> str:
    if banc.remarque == "introuvable":
        raise ActionImpossible("le banc est introuvable")
    banc.etat = Banc.Etat.NEUF
    banc.save()
    return f"« {banc} » est réparé."


def _enlever(banc: Banc, utilisateur) -> None:
    banc.delete()


REPARER = Action(
    "reparer",
    "Réparer",
    "bi-hammer",
    "mairie.administrer",
    faire=_reparer,
    empechement=lambda banc, u: "Ce banc est neuf." if banc.etat == "neuf" else None,
    en_masse=True,
)
ENLEVER = Action(
    "enlever",
    "Enlever",
    "bi-trash",
    "mairie.administrer",
    faire=_enlever,
    confirmation="Le banc disparaît de la liste.",
    danger=True,
    en_masse=True,
)

BANCS = Liste(
    code="mairie.bancs",
    titre="Bancs publics",
    requete=Banc.objects.visibles_par,
    droit="mairie.lire",
    adresse="essai/bancs/",
    colonnes=(
        Colonne("nom", "Nom", tri=True),
        Colonne("etat", "État", nature=Nature.ETAT, tons=TONS, tri=True),
        Colonne("pose", "Posé le", "pose_le", Nature.DATE, tri=True),
        Colonne("vu", "Vu le", "vu_le", Nature.INSTANT, tri=True, defaut=False),
        Colonne("prix", "Prix", nature=Nature.MONTANT, tri=True),
        Colonne("places", "Places", nature=Nature.NOMBRE, tri=True),
        Colonne("abrite", "Abrité", nature=Nature.OUI_NON),
        Colonne("longueur", "Longueur du nom", lambda b: len(b.nom), Nature.NOMBRE, defaut=False),
        Colonne("remarque", "Remarque", droit="mairie.administrer"),
        Colonne("commune", "Commune", "insee", defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="etat", titre="État", choix=Banc.Etat.choices),
        FiltreDates(code="pose", titre="Posé", chemin="pose_le"),
        FiltreDates(code="vu", titre="Vu", chemin="vu_le", instant=True),
        FiltreOuiNon(code="abrite", titre="Abri", oui="abrité", non="sans abri"),
        FiltreNombre(code="prix", titre="Prix", unite="€"),
        FiltreTexte(code="note", titre="Remarque", chemin="remarque", droit="mairie.administrer"),
        FiltreOuiNon(
            code="cher",
            titre="Cher",
            condition=lambda oui: Q(prix__gt=1000) if oui else ~Q(prix__gt=1000),
        ),
    ),
    recherche=("nom", "remarque"),
    tri="nom",
    adresse_ligne=lambda b: reverse("mairie_bancs_fiche", args=[b.pk]),
    actions=(REPARER, ENLEVER),
    liens=(Lien("Nouveau banc", "bi-plus", "/essai/bancs/nouveau/", "mairie.administrer", principal=True),),
    geometrie="geom",
    vide="Aucun banc n'est posé.",
    vide_aide="Commencez par « Nouveau banc ».",
)

PLANCHES = Liste(
    code="mairie.planches",
    titre="Planches",
    requete=lambda u: Planche.objects.filter(banc__in=Banc.objects.visibles_par(u)),
    droit="mairie.lire",
    adresse="essai/planches/",
    colonnes=(Colonne("essence", "Essence", tri=True),),
)

FORMULAIRE = Formulaire(
    code="mairie.bancs",
    modele=Banc,
    requete=Banc.objects.visibles_par,
    droit="mairie.administrer",
    adresse="essai/bancs/",
    liste="mairie.bancs",
    titre="Modifier le banc",
    titre_nouveau="Nouveau banc",
    sections=(
        Section("Le banc", ("insee", "nom", "etat", "pose_le", "vu_le", "abrite")),
        Section("Comptes", ("prix", "places", "remarque"), aide="En euros, toutes taxes comprises."),
    ),
    empechement=lambda banc, u: "Ce banc est scellé." if banc.remarque == "scellé" else None,
)

FICHE = Fiche(
    code="mairie.bancs",
    requete=Banc.objects.visibles_par,
    droit="mairie.lire",
    adresse="essai/bancs/",
    liste="mairie.bancs",
    etat=Champ("etat", "État", nature=Nature.ETAT, tons=TONS),
    geometrie="geom",
    sections=(
        Section("Le banc", ("nom", "pose_le", Champ("prix", "Prix", nature=Nature.MONTANT))),
        Section("Réservé", ("remarque",), droit="mairie.administrer"),
    ),
    actions=(REPARER, ENLEVER),
    formulaire=FORMULAIRE,
    listes=(ListeLiee(PLANCHES, lambda b: Q(banc=b), "Ses planches"),),
    historique=lambda b, u: [LigneHistorique(b.vu_le, "Ronde", "Banc vu")] if b.vu_le else [],
)

IMPORT = Import(
    code="mairie.bancs",
    titre="Importer des bancs",
    modele=Banc,
    requete=Banc.objects.visibles_par,
    droit="mairie.administrer",
    adresse="essai/bancs/",
    liste="mairie.bancs",
    colonnes=(
        ColonneImport("insee", synonymes=("code INSEE",)),
        ColonneImport("nom", synonymes=("désignation",)),
        ColonneImport("etat"),
        ColonneImport("pose_le"),
        ColonneImport("vu_le"),
        ColonneImport("prix", synonymes=("coût",)),
        ColonneImport("places"),
        ColonneImport("abrite"),
        ColonneImport("remarque"),
    ),
    cle=("insee", "nom"),
)

ECRANS = (BANCS, PLANCHES, FORMULAIRE, FICHE, IMPORT)
MODELES = (Banc, Planche, Essence, Tarif)

# Their reference tables are declared in a registry of their own, so that no other test sees them.
with patch.dict(registre._ecrans, clear=True) as _a_part, patch.dict(reference._tables, clear=True):
    declarer_table_reference(
        Essence, code="mairie.essences", titre="Essences de bois", groupe="Mairie", champs=("durete",)
    )
    declarer_table_reference(
        Tarif,
        code="mairie.tarifs_essai",
        titre="Tarifs",
        groupe="Mairie",
        champs=("montant",),
        collectivite="collectivite",
    )
    TABLES = dict(reference._tables)
    ECRANS = (*ECRANS, *_a_part.values())

urlpatterns = [*adresses(*ECRANS), path("", include("config.urls"))]
handler404 = "mairie.erreurs.introuvable"
