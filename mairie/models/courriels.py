"""The queue of outgoing mail, and the proof of what left."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie.models.collectivites import CODE_COLLECTIVITE


class RequeteCourriels(models.QuerySet[Any]):
    """Mails seen by who administers their collectivité."""

    def visibles_par(self, utilisateur: Any) -> RequeteCourriels:
        """Those of the person's collectivités; those of none (accounts) for who administers all of them."""
        from mairie.ecrans.droits import partout
        from mairie.habilitations import portee
        from mairie.perms import ADMINISTRER

        p = portee(utilisateur, ADMINISTRER)
        if not p:
            return self.none()
        comptes = Q(insee="") if partout(utilisateur, ADMINISTRER) else Q(pk__in=())
        return self.filter(p.filtre("insee") | comptes)


class CourrielSortant(models.Model):
    """One mail to one address. ``cle``: the same is never queued twice. ``message_id`` is fixed at once, so
    that a mail sent twice after a breakdown is recognised as one by who receives it.

    ``pieces``: what is attached, as ``{"source", "id"}`` read when it leaves. ``suite``: who is told that it
    left. ``conserver`` false: its text is wiped once sent (it held a secret link).
    """

    class Etat(models.TextChoices):
        """Where a mail stands."""

        EN_ATTENTE = "en_attente", "en attente"
        EN_COURS = "en_cours", "en cours d'envoi"
        ENVOYE = "envoye", "envoyé"
        ECHEC = "echec", "en échec"
        ANNULE = "annule", "annulé"

    cle = models.CharField("clé", max_length=120, unique=True)
    insee = models.CharField("collectivité", max_length=9, blank=True)
    destinataire = models.EmailField("destinataire")
    objet = models.CharField("objet", max_length=250)
    corps = models.TextField("texte")
    corps_html = models.TextField("texte mis en forme", blank=True)
    pieces = models.JSONField("pièces jointes", default=list, blank=True)
    conserver = models.BooleanField("texte conservé", default=True)
    lie_type = models.ForeignKey(ContentType, models.PROTECT, null=True, blank=True, related_name="+")
    lie_id = models.BigIntegerField("objet lié", null=True, blank=True)
    lie = GenericForeignKey("lie_type", "lie_id")
    suite = models.CharField("suite", max_length=80, blank=True)
    suite_le = models.DateTimeField("suite faite le", null=True, blank=True)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.EN_ATTENTE)
    essais = models.PositiveSmallIntegerField("essais", default=0)
    interruptions = models.PositiveSmallIntegerField("envois interrompus", default=0)
    tente_depuis = models.DateTimeField("tenté depuis", default=timezone.now)
    prochain_essai = models.DateTimeField("prochain essai", default=timezone.now)
    erreur = models.TextField("dernière erreur", blank=True)
    message_id = models.CharField("identifiant du message", max_length=200, unique=True)
    envoye_le = models.DateTimeField("envoyé le", null=True, blank=True)
    reponse = models.CharField("réponse du serveur", max_length=500, blank=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = RequeteCourriels.as_manager()

    class Meta:
        verbose_name = "courriel"
        verbose_name_plural = "courriels"
        ordering = ("-cree_le", "-id")
        indexes = (
            models.Index(
                fields=("prochain_essai", "id"),
                name="courriel_a_envoyer",
                condition=Q(etat__in=("en_attente", "en_cours")),
            ),
            models.Index(fields=("insee", "-cree_le"), name="courriel_par_collectivite"),
            models.Index(fields=("lie_type", "lie_id"), name="courriel_lie"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(etat="envoye", envoye_le__isnull=False)
                | (~Q(etat="envoye") & Q(envoye_le__isnull=True)),
                name="courriel_envoye_date",
            ),
            models.CheckConstraint(
                condition=Q(insee="") | Q(insee__regex=CODE_COLLECTIVITE), name="courriel_collectivite"
            ),
            models.CheckConstraint(
                condition=Q(lie_type__isnull=True, lie_id__isnull=True)
                | Q(lie_type__isnull=False, lie_id__isnull=False),
                name="courriel_lie_entier",
            ),
            models.CheckConstraint(condition=~Q(cle=""), name="courriel_cle"),
        )

    def __str__(self) -> str:
        return f"{self.objet} ({self.get_etat_display()})"

    @property
    def ouvert(self) -> bool:
        """Whether it may still leave."""
        return self.etat in (self.Etat.EN_ATTENTE, self.Etat.EN_COURS)
