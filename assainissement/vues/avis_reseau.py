"""Pages of opinions on connections: what the permits ask, and the answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assainissement import avis_reseau, perms
from assainissement.circuits.avis_reseau import AVIS_RESEAU
from assainissement.models import AvisReseau, Branchement
from assainissement.mots_ac import TONS_BRANCHEMENT
from assainissement.regles.tables.avis_reseau import PHRASES
from assainissement.vues import commun
from gis_data.acces import droit
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.rendu import RenduRefuse
from mairie.courriers.sujets import sujet_de
from mairie.habilitations import peut
from mairie.models import Courrier
from mairie.workflow import Refus

MUETTES = ("demander",)
AIDES = {
    "rendre_avis": "L'avis part en PDF et ferme la consultation de l'urbanisme.",
    "redemander": "L'avis revient à répondre ; celui qui est déjà rendu reste dans ses lettres.",
}


def avis_ou_404(request: HttpRequest, pk: int) -> AvisReseau:
    """The opinion, if this person may read it."""
    trouve: AvisReseau = get_object_or_404(AvisReseau.objects.visibles_par(request.user), pk=pk)
    return trouve


def _muettes(a: AvisReseau) -> tuple[str, ...]:
    """An opinion that waits for its answer is not asked again on screen: its day would be lost."""
    return (*MUETTES, "redemander") if a.etat == "demande" else MUETTES


@droit(perms.LIRE)
@require_safe
def avis(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked, what the ground already has, what was answered."""
    a = avis_ou_404(request, pk)
    jour = timezone.localdate()
    branchements = (
        Branchement.objects.visibles_par(request.user)
        .avec_etat(jour)
        .filter(insee=a.insee, parcelles__reference__in=a.parcelles)
        .distinct()
    )
    contexte: dict[str, Any] = {
        "a": a,
        **commun.contexte_actions(a, request, _muettes(a)),
        "dit": avis_reseau.avis_de(a),
        "phrase": PHRASES.get(a.besoin, ""),
        "branchements": [(b, TONS_BRANCHEMENT[b.etat]) for b in branchements],
        "peut_enregistrer": peut(request.user, perms.ENREGISTRER, a.insee),
        "lettres": Courrier.objects.du_dossier(a).order_by("-pk"),
        "genre": sujet_de(a).genre,
        "lignes": commun.lignes(a, AVIS_RESEAU),
        "peut_annuler": False,
    }
    contexte["premiere"] = contexte["premiere"] and a.etat == "demande"
    return render(request, "assainissement/avis_reseau.html", contexte)


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of an opinion."""
    a = avis_ou_404(request, pk)

    def agir(*args: Any, **options: Any) -> Any:
        try:
            return avis_reseau.agir(*args, **options)
        except (RenduRefuse, CourrierRefuse) as e:
            raise Refus(f"Le document n'a pas pu être fait, rien n'est changé. {e}") from e

    return commun.saisir_evenement(
        request, a, code, AVIS_RESEAU, agir, muettes=_muettes(a), retour=a.get_absolute_url(),
        aide=AIDES.get(code, ""),
    )  # fmt: skip
