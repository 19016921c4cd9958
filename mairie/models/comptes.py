"""People who log in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class GestionnaireUtilisateurs(BaseUserManager["Utilisateur"]):
    """Creates users known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **champs: Any) -> Utilisateur:
        """A user; ``ValueError`` without an address. No password: it cannot log in by password."""
        if not email:
            raise ValueError("L'adresse électronique est obligatoire.")
        utilisateur = self.model(email=email.strip().lower(), **champs)
        utilisateur.set_password(password)
        utilisateur.save(using=self._db)
        return utilisateur

    def create_superuser(self, email: str, password: str | None = None, **champs: Any) -> Utilisateur:
        """A user with every technical right; who runs the server vouches for the address."""
        from allauth.account.models import EmailAddress

        utilisateur = self.create_user(email, password, is_staff=True, is_superuser=True, **champs)
        EmailAddress.objects.using(self._db).create(
            user=utilisateur, email=utilisateur.email, primary=True, verified=True
        )
        return utilisateur

    def visibles_par(self, utilisateur: Any) -> models.QuerySet[Utilisateur]:
        """People who hold, held or were offered a role where this person administers; never citizens."""
        from mairie.habilitations import portee

        p = portee(utilisateur, "mairie.administrer")
        if not p:
            return self.none()
        return self.filter(
            p.filtre("habilitations__collectivites__code") | p.filtre("invitations__collectivite__code")
        ).distinct()

    def get_by_natural_key(self, username: str | None) -> Utilisateur:
        """Log-in is blind to case."""
        return self.get(email__iexact=username)


class Utilisateur(AbstractBaseUser, PermissionsMixin):
    """A person with an account, an agent or a citizen; the e-mail address is the login."""

    email = models.EmailField("adresse électronique", unique=True)
    nom = models.CharField("nom", max_length=150, blank=True)
    is_staff = models.BooleanField("accès à l'administration technique", default=False)
    is_active = models.BooleanField("compte actif", default=True)
    date_joined = models.DateTimeField("créé le", default=timezone.now)

    objects: ClassVar[GestionnaireUtilisateurs] = GestionnaireUtilisateurs()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "utilisateur"
        verbose_name_plural = "utilisateurs"
        constraints = (models.UniqueConstraint(Lower("email"), name="utilisateur_email_sans_casse"),)

    def __str__(self) -> str:
        return self.nom or self.email
