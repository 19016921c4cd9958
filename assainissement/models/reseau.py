"""The sewer network: pipes, structures, fittings, repairs, with where each row comes from (spec §3, §6.6).

Columns bear our names; ``regles.tables.reseau.CORRESPONDANCES`` says which field of RAEPA each one holds.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex, OpClass
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone

from assainissement.regles.tables import reseau as table
from mairie.requetes import RequeteVisible

SRID = settings.TERRITOIRE_SRID
INSEE = r"^[0-9][0-9AB][0-9]{3}$"


class RequeteReseau(RequeteVisible):
    """Objects of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


def _texte(libelle: str, **options: Any) -> Any:
    return models.CharField(libelle, blank=True, default="", **options)


def _code(libelle: str, choix: dict[str, str], longueur: int = 2) -> Any:
    return models.CharField(
        libelle, max_length=longueur, blank=True, default="", choices=tuple(choix.items())
    )


class ObjetReseau(models.Model):
    """What every object of the network keeps: whose, from which file and line, with which attributes."""

    insee = models.CharField("commune", max_length=5)
    identifiant = models.CharField("identifiant", max_length=254)
    maitre_ouvrage = _texte("maître d'ouvrage", max_length=254)
    cree_par_import = models.ForeignKey(
        "assainissement.ImportRaepa", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    import_raepa = models.ForeignKey(
        "assainissement.ImportRaepa", models.PROTECT, null=True, blank=True, related_name="+",
        editable=False, verbose_name="import", db_index=False,
    )  # fmt: skip
    import_ligne = models.PositiveIntegerField("ligne du fichier", null=True, blank=True, editable=False)
    attributs_source = models.JSONField("attributs du fichier", default=dict, blank=True, editable=False)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    modifie_le = models.DateTimeField("modifié le", default=timezone.now, editable=False)

    objects: ClassVar[Any] = RequeteReseau.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.identifiant


class ObjetExploite(ObjetReseau):
    """A pipe, a structure or a fitting: its manager, its network, its dates and their quality."""

    gestionnaire = _texte("exploitant", max_length=254)
    type_reseau = _code("réseau", table.RESEAUX)
    annee_debut_pose = models.PositiveSmallIntegerField("pose commencée en", null=True, blank=True)
    annee_fin_pose = models.PositiveSmallIntegerField("posé en", null=True, blank=True)
    qualite_annee = _code("fiabilité de l'année", table.QUALITES_ANNEE)
    canalisation_principale = _texte("canalisation principale")
    qualite_xy = _code("précision en plan", table.QUALITES)
    qualite_z = _code("précision en altitude", table.QUALITES)
    date_maj = models.DateField("mis à jour le", null=True, blank=True)
    source_maj = _texte("source de la mise à jour")
    date_geolocalisation = models.DateField("géolocalisé le", null=True, blank=True)
    source_geolocalisation = _texte("source de la géolocalisation")
    source_attributs = _texte("source des attributs")

    class Meta:
        abstract = True

    @property
    def reseau(self) -> str:
        """The network in words."""
        return table.RESEAUX.get(self.type_reseau, "")


def _contraintes(nom: str, gestionnaire: str = "gestionnaire") -> tuple[Any, ...]:
    return (
        models.UniqueConstraint(fields=("insee", gestionnaire, "identifiant"), name=f"ass_{nom}_unique"),
        models.CheckConstraint(condition=Q(insee__regex=INSEE), name=f"ass_{nom}_insee"),
        models.CheckConstraint(condition=~Q(identifiant=""), name=f"ass_{nom}_identifiant"),
    )


def _cherche(nom: str) -> Any:
    """An identifier, or its beginning, typed in the search box."""
    return models.Index(OpClass(Upper("identifiant"), name="text_pattern_ops"), name=f"ass_{nom}_cherche")


def _reseau_connu(nom: str) -> Any:
    return models.CheckConstraint(condition=Q(type_reseau__in=tuple(table.RESEAUX)), name=f"ass_{nom}_reseau")


class Troncon(ObjetExploite):
    """A pipe, drawn in three dimensions (Z at 0 where the file gave none)."""

    geom = models.LineStringField("tracé", srid=SRID, dim=3, spatial_index=False)
    en_service = _code("en service", table.OUI_NON, 1)
    est_branchement = _code("branchement", table.OUI_NON, 1)
    materiau = _code("matériau", table.MATERIAUX)
    materiau_texte = _texte("matériau écrit dans le fichier")
    diametre = models.IntegerField("diamètre (mm)", null=True, blank=True)
    mode_circulation = _code("circulation", table.CIRCULATIONS)
    contenu = _code("contenu", table.CONTENUS)
    fonction = _code("fonction", table.FONCTIONS_CANALISATION)
    noeud_initial = _texte("nœud initial")
    noeud_terminal = _texte("nœud terminal")
    z_amont = models.FloatField("fil d'eau amont (m)", null=True, blank=True)
    z_aval = models.FloatField("fil d'eau aval (m)", null=True, blank=True)
    sens = _code("sens de l'eau", table.SENS, 1)
    longueur_declaree = models.FloatField("longueur déclarée (m)", null=True, blank=True)
    nb_branchements = models.IntegerField("branchements", null=True, blank=True)

    class Meta:
        verbose_name = "canalisation"
        verbose_name_plural = "canalisations"
        ordering = ("identifiant", "id")
        indexes = (GistIndex(fields=("geom",), name="ass_troncon_geom"), _cherche("troncon"))
        constraints = (*_contraintes("troncon"), _reseau_connu("troncon"))

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/reseau/canalisations/{self.pk}/"

    @property
    def materiau_lu(self) -> str:
        """The material in words: the file's own where its code says nothing."""
        if self.materiau in ("", table.INCONNU) and self.materiau_texte:
            return self.materiau_texte
        return table.MATERIAUX.get(self.materiau, "")


class Ponctuel(ObjetExploite):
    """A structure or a fitting."""

    geom = models.PointField("emplacement", srid=SRID, dim=3, spatial_index=False)
    fonction = models.CharField("fonction", max_length=5, blank=True, default="")
    canalisations_amont = _texte("canalisations amont")
    canalisations_aval = _texte("canalisations aval")
    altitude = models.FloatField("altitude (m)", null=True, blank=True)

    FONCTIONS: ClassVar[dict[str, str]] = {}

    class Meta:
        abstract = True

    @property
    def fonction_lue(self) -> str:
        """The function in words."""
        return table.fonction(self.FONCTIONS, self.fonction)


class Ouvrage(Ponctuel):
    """A manhole, a pumping station, an outlet …"""

    FONCTIONS = table.FONCTIONS_OUVRAGE

    class Meta:
        verbose_name = "ouvrage"
        verbose_name_plural = "ouvrages"
        ordering = ("identifiant", "id")
        indexes = (GistIndex(fields=("geom",), name="ass_ouvrage_geom"), _cherche("ouvrage"))
        constraints = (*_contraintes("ouvrage"), _reseau_connu("ouvrage"))

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/reseau/ouvrages/{self.pk}/"


class Appareillage(Ponctuel):
    """A valve, a meter, a point of connection …"""

    FONCTIONS = table.FONCTIONS_APPAREIL

    diametre = models.IntegerField("diamètre (mm)", null=True, blank=True)
    ouvrage_porteur = _texte("ouvrage qui le porte")

    class Meta:
        verbose_name = "appareillage"
        verbose_name_plural = "appareillages"
        ordering = ("identifiant", "id")
        indexes = (GistIndex(fields=("geom",), name="ass_appareil_geom"), _cherche("appareil"))
        constraints = (*_contraintes("appareil"), _reseau_connu("appareil"))

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/reseau/appareillages/{self.pk}/"


class Reparation(ObjetReseau):
    """A repair made on the network. Support and failure are kept as written: their lists are inactive."""

    geom = models.PointField("emplacement", srid=SRID, dim=3, spatial_index=False)
    support = _texte("support réparé")
    defaillance = _texte("défaillance réparée")
    date_reparation = models.DateField("réparé le", null=True, blank=True)

    class Meta:
        verbose_name = "réparation"
        verbose_name_plural = "réparations"
        ordering = ("-date_reparation", "identifiant", "id")
        indexes = (GistIndex(fields=("geom",), name="ass_reparation_geom"), _cherche("reparation"))
        constraints = _contraintes("reparation", "maitre_ouvrage")

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/reseau/reparations/{self.pk}/"


class Noeud(models.Model):
    """Where pipes meet: a structure, a fitting, an identifier cited by pipes, or ends that touch.

    Made again by ``reseau.topologie`` after each import; nobody writes it by hand.
    """

    insee = models.CharField("commune", max_length=5)
    cle = models.CharField("identifiant", blank=True, default="")
    geom = models.PointField("emplacement", srid=SRID, dim=3, spatial_index=False)
    ouvrage = models.ForeignKey(Ouvrage, models.CASCADE, null=True, blank=True, related_name="noeuds")
    appareillage = models.ForeignKey(
        Appareillage, models.CASCADE, null=True, blank=True, related_name="noeuds"
    )

    class Meta:
        verbose_name = "nœud du réseau"
        verbose_name_plural = "nœuds du réseau"
        indexes = (
            GistIndex(fields=("geom",), name="ass_noeud_geom"),
            models.Index(fields=("insee", "cle"), name="ass_noeud_cle"),
        )

    def __str__(self) -> str:
        return self.cle or f"nœud {self.pk}"


class Arete(models.Model):
    """A pipe as the tracing follows it, from its upstream node to its downstream one; narrow on purpose."""

    troncon = models.OneToOneField(Troncon, models.CASCADE, primary_key=True, related_name="arete")
    insee = models.CharField("commune", max_length=5)
    amont = models.ForeignKey(Noeud, models.CASCADE, related_name="+", verbose_name="nœud amont")
    aval = models.ForeignKey(Noeud, models.CASCADE, related_name="+", verbose_name="nœud aval")
    directe = models.BooleanField("l'eau suit le dessin", default=True)
    longueur = models.FloatField("longueur (m)", default=0)
    sans_noeud = models.BooleanField("un bout sans nœud", default=False)
    isolee = models.BooleanField("isolée", default=False)
    impasse = models.BooleanField("l'eau n'en sort pas", default=False)
    boucle = models.BooleanField("dans une boucle", default=False)

    class Meta:
        verbose_name = "arête du réseau"
        verbose_name_plural = "arêtes du réseau"
        indexes = (
            models.Index(
                fields=("insee",), name="ass_arete_a_voir",
                condition=Q(sans_noeud=True) | Q(isolee=True) | Q(impasse=True) | Q(boucle=True),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.amont_id} → {self.aval_id}"


class Intervention(models.Model):
    """What was done or happened on the network, with its file."""

    class Nature(models.TextChoices):
        """What it was."""

        CURAGE = "curage", "curage"
        ITV = "itv", "inspection télévisée"
        DEBORDEMENT = "debordement", "débordement"
        REPARATION = "reparation", "réparation"
        AUTRE = "autre", "autre"

    insee = models.CharField("commune", max_length=5)
    nature = models.CharField("nature", max_length=12, choices=Nature)
    date = models.DateField("date")
    troncon = models.ForeignKey(
        Troncon, models.PROTECT, null=True, blank=True, related_name="interventions",
        verbose_name="canalisation",
    )  # fmt: skip
    ouvrage = models.ForeignKey(Ouvrage, models.PROTECT, null=True, blank=True, related_name="interventions")
    geom = models.PointField("emplacement", srid=SRID, null=True, blank=True, spatial_index=False)
    usager_touche = models.BooleanField("débordement chez un usager", default=False)
    commentaire = models.TextField("commentaire", blank=True)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteReseau.as_manager()

    class Meta:
        verbose_name = "intervention sur le réseau"
        verbose_name_plural = "interventions sur le réseau"
        ordering = ("-date", "-id")
        indexes = (
            models.Index(fields=("insee", "-date"), name="ass_intervention_date"),
            GistIndex(fields=("geom",), name="ass_intervention_geom"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_intervention_insee"),
            models.CheckConstraint(
                condition=Q(nature__in=("curage", "itv", "debordement", "reparation", "autre")),
                name="ass_intervention_nature",
            ),
            # A pipe or a structure, one of the two.
            models.CheckConstraint(
                condition=Q(troncon__isnull=False, ouvrage__isnull=True)
                | Q(troncon__isnull=True, ouvrage__isnull=False),
                name="ass_intervention_objet",
            ),
            models.CheckConstraint(
                condition=Q(usager_touche=False) | Q(nature="debordement"), name="ass_intervention_usager"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_nature_display()} du {self.date:%d/%m/%Y}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/reseau/interventions/{self.pk}/"

    @property
    def objet(self) -> Troncon | Ouvrage | None:
        """What it was made on."""
        return self.troncon or self.ouvrage


# Objects of each layer of the format.
MODELES: dict[str, type[ObjetReseau]] = {
    "RAEPA_CANALASS_L": Troncon,
    "RAEPA_OUVRASS_P": Ouvrage,
    "RAEPA_APPARASS_P": Appareillage,
    "RAEPA_REPARASS_P": Reparation,
}
__all__ = [
    "MODELES", "Appareillage", "Arete", "Intervention", "Noeud", "Ouvrage", "Reparation", "Troncon",
]  # fmt: skip
