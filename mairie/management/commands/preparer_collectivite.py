"""`preparer_collectivite`: the first collectivité of an installation, and its administrateur's invitation."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils import timezone

from mairie.comptes import invitations
from mairie.comptes.droits import Proposition, Refus
from mairie.models import Collectivite, Habilitation


class Command(BaseCommand):
    """``preparer_collectivite CODE NOM [--administrateur COURRIEL]``; may run again at will."""

    help = "Crée la collectivité si elle manque, et invite son premier administrateur s'il n'y en a pas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, run by whom."""
        parser.add_argument("code", help="Code INSEE (commune) ou SIREN (EPCI).")
        parser.add_argument("nom")
        parser.add_argument("--administrateur", default="", metavar="COURRIEL")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create, invite, print the link once: it is stored nowhere."""
        nature = Collectivite.Nature.EPCI if len(options["code"]) == 9 else Collectivite.Nature.COMMUNE
        collectivite = Collectivite.objects.filter(code=options["code"]).first()
        if collectivite is None:
            collectivite = Collectivite(code=options["code"], nom=options["nom"].strip(), nature=nature)
            try:
                collectivite.full_clean()
            except ValidationError as e:
                raise CommandError(" ".join(e.messages)) from e
            collectivite.save()
            self.stdout.write(f"Collectivité créée : {collectivite.nom} ({collectivite.code})")
        if options["administrateur"]:
            self._inviter(collectivite, options["administrateur"])

    def _inviter(self, collectivite: Collectivite, courriel: str) -> None:
        try:
            validate_email(courriel)
        except ValidationError as e:
            raise CommandError(f"Adresse électronique invalide : {courriel}") from e
        jour = timezone.localdate()
        en_place = Habilitation.objects.filter(
            Q(au__isnull=True) | Q(au__gte=jour),
            metier="mairie",
            role="administrateur",
            collectivites=collectivite,
            utilisateur__is_active=True,
            du__lte=jour,
        )
        if en_place.exists():
            self.stdout.write("Un administrateur est déjà en place : personne n'est invité.")
            return
        proposition = Proposition("mairie", "administrateur", (collectivite.code,), jour)
        try:
            _, jeton = invitations.inviter(None, collectivite, courriel, [proposition])
        except Refus as e:
            raise CommandError(str(e)) from e
        self.stdout.write(
            "Premier administrateur, ouvrez ce lien (il ne sert qu'une fois et ne sera plus affiché) :"
        )
        self.stdout.write(f"    {invitations.adresse(jeton)}")
