"""Dashboard of sanitation: tiles, each a link to the list that it counts; the next visits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    "retard": "danger", "travaux": "danger", "danger": "danger", "papiers": "info", "bientot": "bientot",
    "jamais": "info",
    "semaine": "info", "a_planifier": "info", "a_valider": "bientot", "a_notifier": "bientot",
    "a_facturer": "info", "a_relancer": "bientot",
}  # fmt: skip
PROCHAINES = 12
# Address, number, words, tone.
Tuile = tuple[str, int, str, str]


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
        "groupes": [(titre, tuiles) for titre, tuiles in _groupes(request.user, visites, nombres) if tuiles],
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


def _groupes(
    utilisateur: Any, visites: Mapping[str, int], nombres: Mapping[str, int]
) -> tuple[tuple[str, list[Tuile]], ...]:
    """Tiles by subject, in the order in which a day goes; a subject without work is left out by the page."""
    return (
        ("Contrôles", _comptes("controles", SUIVI_CONTROLES, visites)),
        (
            "Installations",
            _comptes("installations", SUIVI_INSTALLATIONS, nombres) + tuiles_suivi(utilisateur),
        ),
        ("Terrain", tuiles_terrain(utilisateur)),
        ("Projets et ventes", ecrans_liens.tuiles(utilisateur)),
        ("Branchements et réseau", tuiles_ac(utilisateur) + tuiles_reseau(utilisateur)),
        ("Redevances", ecrans_redevances.tuiles(utilisateur)),
    )


def _comptes(liste: str, suivi: Mapping[str, str], nombres: Mapping[str, int]) -> list[Tuile]:
    return [
        (f"/assainissement/{liste}/?suivi={c}", nombres[f"t_{c}"], libelle, TONALITES[c])
        for c, libelle in suivi.items()
        if nombres[f"t_{c}"]
    ]
