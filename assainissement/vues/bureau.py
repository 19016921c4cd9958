"""Dashboard of sanitation: tiles, each a link to the list that it counts; the next visits."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assainissement import ecrans_liens, ecrans_redevances, perms
from assainissement.circuits.obligation import VIVANTES
from assainissement.ecrans import (
    SUIVI_CONTROLES,
    SUIVI_INSTALLATIONS,
    suivi_controle,
    suivi_installation,
)
from assainissement.ecrans_raccordement import tuiles as tuiles_ac
from assainissement.ecrans_suivi import tuiles as tuiles_suivi
from assainissement.ecrans_terrain import tuiles as tuiles_terrain
from assainissement.models import Controle, Installation, Obligation
from assainissement.mots import TONS
from assainissement.reseau.tuiles import tuiles as tuiles_reseau
from gis_data.acces import droit

TONALITES = {
    "retard": "danger", "travaux": "danger", "danger": "danger", "bientot": "bientot", "jamais": "info",
    "semaine": "info", "a_planifier": "info", "a_valider": "bientot", "a_notifier": "bientot",
    "a_facturer": "info", "a_relancer": "bientot",
}  # fmt: skip
PROCHAINES = 12


@droit(perms.LIRE)
@require_safe
def bureau(request: HttpRequest) -> HttpResponse:
    """What is urgent, then the visits to come, then the share of each conclusion."""
    installations = Installation.objects.visibles_par(request.user).exclude(etat="")
    controles = Controle.objects.visibles_par(request.user).exclude(etat="")
    nombres = installations.aggregate(
        **{f"t_{c}": Count("pk", filter=suivi_installation(c)) for c in SUIVI_INSTALLATIONS},
        actives=Count("pk", filter=Q(etat="active")),
        projets=Count("pk", filter=Q(etat="projet")),
    )
    visites = controles.aggregate(
        **{f"t_{c}": Count("pk", filter=suivi_controle(c)) for c in SUIVI_CONTROLES}
    )
    obligations = Obligation.objects.visibles_par(request.user).filter(etat__in=VIVANTES)
    par_regle = dict(
        installations.filter(etat="active").order_by().values_list("derniere_regle").annotate(n=Count("pk"))
    )
    contexte = {
        "tuiles": [
            *ecrans_liens.tuiles(request.user),
            *(
                (f"/assainissement/controles/?suivi={c}", visites[f"t_{c}"], libelle, TONALITES[c])
                for c, libelle in SUIVI_CONTROLES.items()
                if visites[f"t_{c}"]
            ),
            *(
                (f"/assainissement/installations/?suivi={c}", nombres[f"t_{c}"], libelle, TONALITES[c])
                for c, libelle in SUIVI_INSTALLATIONS.items()
                if nombres[f"t_{c}"]
            ),
            *tuiles_terrain(request.user),
            *tuiles_ac(request.user),
            *tuiles_reseau(request.user),
            *tuiles_suivi(request.user),
            *ecrans_redevances.tuiles(request.user),
        ],
        "nombres": nombres,
        "obligations": obligations.count(),
        "prochaines": controles.filter(etat="rdv_fixe", date_rdv__gte=timezone.localdate())
        .select_related("installation", "agent", "prestataire")
        .prefetch_related("installation__liens_adresses__adresse__voie")
        .order_by("date_rdv", "creneau", "id")[:PROCHAINES],
        "conclusions": [
            (TONS[r], r, par_regle[r], round(100 * par_regle[r] / nombres["actives"]))
            for r in ("R0", "R1", "R2", "R3", "R4", "R5", "R6", "")
            if par_regle.get(r)
        ],
    }
    return render(request, "assainissement/bureau.html", contexte)
