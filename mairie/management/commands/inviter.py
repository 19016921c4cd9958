"""`inviter`: a link by which an agent opens an account, the first administrateur above all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from mairie import profils
from mairie.comptes import invitations
from mairie.comptes.droits import Proposition, Refus
from mairie.models import Collectivite


class Command(BaseCommand):
    """Prints the link: it stands in for the mail where no mail server is set up yet."""

    help = "Invite une personne à ouvrir un compte d'agent, et affiche le lien de l'invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, where, as what."""
        parser.add_argument("email", help="adresse électronique de la personne")
        parser.add_argument("--collectivite", required=True, help="code INSEE ou SIREN")
        parser.add_argument("--nom", default="", help="prénom et nom")
        parser.add_argument(
            "--role", action="append", default=[], help="métier.rôle, par exemple mairie.administrateur"
        )
        parser.add_argument("--profil", action="append", default=[], help="profil, par exemple secretaire")
        parser.add_argument("--jours", type=int, default=None, help="durée du lien, en jours")
        parser.add_argument("--sans-courriel", action="store_true", help="affiche le lien sans l'envoyer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the invitation, print its link, mail it."""
        try:
            validate_email(options["email"])
        except ValidationError as e:
            raise CommandError(f"Adresse électronique invalide : {options['email']}") from e
        collectivite = Collectivite.objects.filter(code=options["collectivite"]).first()
        if collectivite is None:
            raise CommandError(f"Aucune collectivité de code {options['collectivite']}.")
        jour = timezone.localdate()
        roles = dict.fromkeys(self._roles(options))
        propositions = [Proposition(m, r, (collectivite.code,), jour) for m, r in roles]
        try:
            invitation, jeton = invitations.inviter(
                None, collectivite, options["email"], propositions, nom=options["nom"], jours=options["jours"]
            )
        except Refus as e:
            raise CommandError(str(e)) from e
        self.stdout.write(invitations.adresse(jeton))
        if not options["sans_courriel"]:
            invitations.envoyer(invitation, jeton)
            self.stderr.write("Le courriel est dans la file d'envoi ; ce lien vaut le sien.")

    def _roles(self, options: dict[str, Any]) -> list[tuple[str, str]]:
        roles = []
        for texte in options["role"]:
            metier, point, code = texte.partition(".")
            if not point:
                raise CommandError(f"Un rôle s'écrit métier.rôle : {texte}")
            roles.append((metier, code))
        for code in options["profil"]:
            profil = profils.profil(code)
            if profil is None:
                connus = ", ".join(p.code for p in profils.profils())
                raise CommandError(f"Profil inconnu : {code}. Profils : {connus}.")
            roles += [(r.metier, r.code) for r in profil.roles]
        return roles
