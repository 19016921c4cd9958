"""The silence that refuses is told to who answers for the file, once, by mail (spec §4, §14.11)."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.template.loader import render_to_string

from domainepublic import perms
from domainepublic.instruction.etats import EN_ATTENTE
from domainepublic.models import DossierODP
from mairie import courriels
from mairie.habilitations import agents_du_droit
from mairie.models import CourrielSortant

# A commune that takes up its old files is not flooded with what passed long ago.
RECENT = timedelta(days=30)


def prevenir(jour: date) -> int:
    """Queue the mail of each request whose term has passed without answer; how many files are told now.

    To its instructeur, else to all who study requests in the commune. Run again, nothing more leaves.
    """
    passes = DossierODP.objects.filter(
        etat__in=EN_ATTENTE, terme_silence__lt=jour, terme_silence__gte=jour - RECENT
    ).select_related("instructeur", "voie")
    return sum(_prevenir(d) for d in passes.order_by("pk"))


def _prevenir(d: DossierODP) -> bool:
    cle = f"domainepublic.silence:{d.pk}:{d.terme_silence}:"
    if CourrielSortant.objects.filter(cle__startswith=cle).exists():
        return False
    agents = (
        [d.instructeur]
        if d.instructeur is not None and d.instructeur.is_active
        else list(agents_du_droit(perms.INSTRUIRE, d.insee))
    )
    corps = render_to_string(
        "courriels/silence_odp.txt",
        {"d": d, "adresse": settings.ADRESSE_DU_SITE.rstrip("/") + d.get_absolute_url()},
    )
    for agent in agents:
        courriels.mettre_en_file(
            f"{cle}{agent.pk}", agent.email, f"Silence dépassé : {d}", corps, insee=d.insee, lie=d
        )
    return bool(agents)
