"""Sales declared to the service: by a DIA, a notary, an agency or the seller (spec §14)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assainissement.circuits.vente import VENTE
from assainissement.circuits.vente import VENTE_ETATS as LIBELLES
from assainissement.models.controles import Controle
from assainissement.models.installations import Installation
from mairie.adresses.presentation import nom_parcelle
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible


class RequeteVentes(RequeteVisible):
    """Sales of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class DeclarationVente(DossierSuivi):
    """One sale. ``controle``: the report that answers it, or the control asked."""

    WORKFLOW = "assainissement.vente"

    class Source(models.TextChoices):
        """Who told."""

        DIA = "dia", "déclaration d'intention d'aliéner"
        NOTAIRE = "notaire", "notaire"
        AGENCE = "agence", "agence"
        VENDEUR = "vendeur", "vendeur"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=24, unique=True, null=True, blank=True, editable=False)
    reference = models.CharField("référence du demandeur", max_length=60, blank=True)
    recue_le = models.DateField("reçue le")
    source = models.CharField("origine", max_length=8, choices=Source, default=Source.NOTAIRE)
    notaire = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="notaire"
    )
    vendeur = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vendeur"
    )
    parcelles = ArrayField(
        models.CharField(max_length=14), default=list, blank=True, verbose_name="parcelles"
    )
    adresse = models.ForeignKey(
        "mairie.Adresse", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="adresse"
    )
    installation = models.ForeignKey(
        Installation, models.PROTECT, null=True, blank=True, related_name="ventes"
    )
    controle = models.ForeignKey(
        Controle, models.PROTECT, null=True, blank=True, related_name="ventes", verbose_name="contrôle"
    )
    # The control of connection that answers instead of an installation: chosen, or asked for this sale.
    raccordement = models.ForeignKey(
        "assainissement.ControleAC", models.PROTECT, null=True, blank=True, related_name="ventes",
        verbose_name="contrôle de raccordement",
    )  # fmt: skip
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- kept by the engine ---
    date_acte = models.DateField("acte signé le", null=True, blank=True, editable=False)
    repondu_le = models.DateField("réponse du", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteVentes.as_manager()

    class Meta:
        verbose_name = "déclaration de vente"
        verbose_name_plural = "déclarations de vente"
        ordering = ("-recue_le", "-id")
        indexes = (
            models.Index(fields=("insee", "etat", "recue_le"), name="ass_vente_bureau"),
            models.Index(fields=("installation",), name="ass_vente_installation"),
        )
        constraints = (
            contrainte_etats("ass_vente_etat", VENTE),
            models.CheckConstraint(
                condition=Q(source__in=("dia", "notaire", "agence", "vendeur")), name="ass_vente_source"
            ),
            models.CheckConstraint(
                condition=Q(installation__isnull=True) | Q(raccordement__isnull=True),
                name="ass_vente_une_reponse",
            ),
            models.UniqueConstraint(
                fields=("insee", "source", "reference"), condition=~Q(reference=""),
                name="ass_vente_reference",
                violation_error_message="Une vente porte déjà cette référence dans cette commune.",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.numero or "vente à enregistrer"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/ventes/{self.pk}/"

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def lieu(self) -> str:
        """Address, else parcels, in words."""
        if self.adresse is not None:
            return str(self.adresse)
        if self.installation is not None and self.installation.lieu:
            return self.installation.lieu
        noms = [nom_parcelle(p) for p in self.parcelles]
        return f"parcelle{'s' if len(noms) > 1 else ''} {', '.join(noms)}" if noms else ""
