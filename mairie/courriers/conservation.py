"""Letters past their time of keeping: what names somebody is emptied, the PDF goes; number and days stay.

The database refuses any change of a finalised letter but this one, said for the transaction.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import connection, models, transaction

from mairie.models import Courrier

VIDE = "Contenu effacé : durée de conservation échue."


def vider(dossier: models.Model) -> int:
    """Empty the letters of a dossier, for retention only; how many. Safe to repeat."""
    faits = 0
    with transaction.atomic():
        with connection.cursor() as curseur:
            curseur.execute("SELECT set_config('mairie.conservation', 'oui', true)")
        lettres: Any = Courrier.objects.filter(
            dossier_type__app_label=dossier._meta.app_label,
            dossier_type__model=dossier._meta.model_name,
            dossier_id=dossier.pk,
        )
        for c in lettres.exclude(corps=VIDE).select_for_update(of=("self",)):
            fichiers = [f for f in (c.pdf, c.pdf_signe) if f]
            Courrier.objects.filter(pk=c.pk).update(
                corps=VIDE, html="", valeurs={}, objet=c.libelle[:250], destinataire="",
                destinataire_adresse="", destinataire_courriel="", copies="", tiers_type=None, tiers_id=None,
                public=False,
            )  # fmt: skip
            for f in fichiers:
                transaction.on_commit(partial(f.storage.delete, str(f.name)))
            faits += 1
        with connection.cursor() as curseur:
            curseur.execute("SELECT set_config('mairie.conservation', '', true)")
    return faits
