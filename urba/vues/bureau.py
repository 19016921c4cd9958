"""Dashboard of the permits: one row of tiles, each a link to the list that it counts."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gis_data.acces import droit
from urba import perms
from urba.ecrans import ECHEANCES, echeance
from urba.explications import raisons
from urba.instruction.etats import OUVERTS
from urba.models import DossierInstruction

TONS = {
    "retard": "danger",
    "5": "danger",
    "15": "bientot",
    "fenetre": "bientot",
    "pieces": "info",
    "tacite": "danger",
}
# What only an express decision prevents (spec §5.6): shown in red.
ALERTES_ROUGES = ("DP_SILENCE_FAVORABLE", "DP_ABF_SANS_EFFET_SUR_SILENCE")
PROCHAINS = 12


@droit(perms.LIRE)
@require_safe
def bureau(request: HttpRequest) -> HttpResponse:
    """Tiles of mine or of the service, then the next limits; two queries, whatever the number of dossiers."""
    a_moi = request.GET.get("qui") == "moi"
    base = DossierInstruction.objects.visibles_par(request.user)
    if a_moi:
        base = base.filter(instructeur=request.user)
    # Every tile is about open ones, a few in a hundred: the index leaves the rest out.
    comptes = base.filter(etat__in=OUVERTS).aggregate(
        **{f"e{code}": Count("pk", filter=echeance(code)) for code in ECHEANCES},
        rouges=Count("pk", filter=Q(etat__in=OUVERTS, alertes__overlap=list(ALERTES_ROUGES))),
        divergents=Count("pk", filter=Q(etat__in=OUVERTS, alertes__contains=["DATES_DIVERGENTES"])),
        a_signer=Count("pk", filter=Q(etat="en_signature")),
        a_notifier=Count("pk", filter=Q(etat="decide_a_notifier")),
        sans_instructeur=Count("pk", filter=Q(etat__in=OUVERTS, instructeur__isnull=True)),
        ouverts=Count("pk", filter=Q(etat__in=OUVERTS)),
    )
    suite = f"&instructeur={request.user.pk}" if a_moi else ""
    tuiles = [
        (f"/urba/dossiers/?echeance={code}{suite}", comptes[f"e{code}"], libelle, TONS[code])
        for code, libelle in ECHEANCES.items()
    ]
    rouges = "".join(f"&alerte={a}" for a in ALERTES_ROUGES)
    tuiles += [
        (f"/urba/dossiers/?q={rouges}{suite}", comptes["rouges"], "Silence à empêcher (DP)", "danger"),
        (f"/urba/dossiers/?etat=en_signature{suite}", comptes["a_signer"], "À signer", "bientot"),
        (f"/urba/dossiers/?etat=decide_a_notifier{suite}", comptes["a_notifier"], "À notifier", "bientot"),
        (
            f"/urba/dossiers/?alerte=DATES_DIVERGENTES{suite}",
            comptes["divergents"],
            "Date annoncée fausse",
            "attention",
        ),
    ]
    prochains = (
        base.filter(etat__in=OUVERTS, date_limite__isnull=False)
        .select_related("da", "terrain", "instructeur")
        .order_by("date_limite", "id")[:PROCHAINS]
    )
    return render(
        request,
        "urba/bureau.html",
        {
            "tuiles": tuiles,
            "comptes": comptes,
            "prochains": [(d, raisons(d, "date_limite")) for d in prochains],
            "a_moi": a_moi,
        },
    )
