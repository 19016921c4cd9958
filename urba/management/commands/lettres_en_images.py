"""Every letter of the permits as a PDF, on requests made up for it and then forgotten: to proofread them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from cadastre.models import BatimentParcelle
from mairie import consultations
from mairie.courriers import services
from mairie.demo import INSEE
from mairie.models import Utilisateur
from urba.courriers.cas import CAS, Atelier
from urba.demo import CHEF, SIGNATAIRE


class Command(BaseCommand):
    """``manage.py lettres_en_images DOSSIER [code…]``, on the demonstration; the database stays as it was."""

    help = "Écrit en PDF chaque lettre des permis, sur des dossiers d'essai annulés ensuite (démonstration)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where, and which."""
        parser.add_argument("dossier", type=Path)
        parser.add_argument("codes", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        """One case after the other, each in a transaction that is given up."""
        options["dossier"].mkdir(parents=True, exist_ok=True)
        baties = BatimentParcelle.objects.filter(parcelle__commune=INSEE, parcelle__valide_au__isnull=True)
        idus = sorted({str(idu) for idu in baties.values_list("parcelle__idu", flat=True)})[40:42]
        comptes = {u.email: u for u in Utilisateur.objects.filter(email__in=(CHEF, SIGNATAIRE))}
        for cas in CAS:
            if options["codes"] and cas.lettre not in options["codes"]:
                continue
            with transaction.atomic():
                atelier = Atelier(
                    INSEE, ", ".join(idus), comptes[CHEF], comptes[SIGNATAIRE], timezone.localdate(),
                    list(consultations.services("urba", INSEE)),
                )  # fmt: skip
                c = atelier.ecrire(cas)
                manques = services.manques(c, services.composer(c))
                (options["dossier"] / f"{cas.cle}.pdf").write_bytes(services.apercu(c).pdf)
                transaction.set_rollback(True)
            self.stdout.write(f"{cas.cle} : {'; '.join(manques) or 'rien ne manque'}")
