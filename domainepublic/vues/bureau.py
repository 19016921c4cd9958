"""Dashboard of the public domain: tiles, each a link to the list that it counts."""

from __future__ import annotations

from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from domainepublic import perms
from domainepublic.ecrans import TUILES, tuile
from domainepublic.ecrans_travaux import SUIVIS, suivi
from domainepublic.instruction.etats import EN_ATTENTE, TITRES
from domainepublic.models import DemandeTravaux, DossierODP, Proposition, Role, Titre, TypeOccupation
from domainepublic.propositions import TYPES
from gis_data.acces import droit
from mairie.habilitations import peut

TONS = {
    "silence": "danger",
    "reponse": "bientot",
    "pieces": "bientot",
    "avis": "bientot",
    "a_instruire": "info",
    "a_signer": "bientot",
    "reponses": "bientot",
    "fins": "info",
    "a_controler": "bientot",
    "infractions": "danger",
    "travaux": "bientot",
    "etablissement": "bientot",
    "riverains": "info",
}
PROCHAINS = 12
PROPOSEES = 5


def _autres(request: HttpRequest) -> list[tuple[str, int, str, str]]:
    """Tiles that count in other lists: works and, for finance, claims."""
    travaux = DemandeTravaux.objects.visibles_par(request.user)
    tuiles = [
        (
            f"/domaine-public/travaux-a-coordonner/?suivi={code}",
            travaux.filter(suivi(code)).count(),
            libelle,
            ton,
        )
        for code, libelle, ton in (
            ("reponse", "Travaux acceptés sans réponse dans 10 jours", "bientot"),
            ("sans_motif", SUIVIS["sans_motif"], "danger"),
        )
    ]
    if peut(request.user, perms.FACTURER):
        dus = Titre.objects.visibles_par(request.user).filter(
            role__etat=Role.Etat.EXPORTE, paye__lt=F("montant")
        )
        tuiles.append(("/domaine-public/titres/?solde=0", dus.count(), "Titres impayés", "bientot"))
    return tuiles


@droit(perms.LIRE)
@require_safe
def bureau(request: HttpRequest) -> HttpResponse:
    """Tiles that hold something, then the next answers due."""
    base = DossierODP.objects.visibles_par(request.user)
    comptes = base.aggregate(
        **{f"t_{code}": Count("pk", filter=tuile(code)) for code in TUILES},
        en_attente=Count("pk", filter=Q(etat__in=EN_ATTENTE)),
        titres=Count("pk", filter=Q(etat__in=TITRES)),
    )
    # Empty blocks disappear (spec §7.1).
    tuiles = [
        (f"/domaine-public/dossiers/?suivi={code}", comptes[f"t_{code}"], libelle, TONS[code])
        for code, libelle in TUILES.items()
        if comptes[f"t_{code}"]
    ]
    tuiles += [t for t in _autres(request) if t[1]]
    prochains = (
        base.filter(etat__in=EN_ATTENTE, terme_silence__isnull=False)
        .select_related("voie", "instructeur", "demandeur")
        .order_by("terme_silence", "id")[:PROCHAINS]
    )
    proposees = Proposition.objects.visibles_par(request.user).filter(etat=Proposition.Etat.OUVERTE)
    if peut(request.user, perms.INSTRUIRE) and (nombre := proposees.count()):
        tuiles.append(
            (
                "/domaine-public/propositions/?etat=ouverte",
                nombre,
                "Chantiers autorisés, rue à prévoir",
                "info",
            )
        )
    contexte = {
        "proposees": proposees[:PROPOSEES],
        "types_proposes": TypeOccupation.objects.filter(code__in=TYPES, actif=True).order_by("ordre"),
        "tuiles": tuiles,
        "comptes": comptes,
        "prochains": prochains,
        "jour": timezone.localdate(),
    }
    return render(request, "domainepublic/bureau.html", contexte)
