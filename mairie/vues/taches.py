"""Tasks on screen: who lives, what is scheduled, what was tried and failed; progress of one task."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import get_date_max

from gis_data.acces import connecte, droit
from mairie import journal
from mairie.ecrans.droits import partout
from mairie.erreurs import Introuvable
from mairie.models import Battement, Programmation, Tache
from mairie.perms import ADMINISTRER
from mairie.taches import sante
from mairie.taches.actions import LANCEE, REGLEE, RELANCEE
from mairie.taches.declaration import libelle
from mairie.taches.file import relancer
from mairie.taches.programmes import prochain, programmes

PAR_PAGE = 50
# Code in the address → (states of the row, label, tone).
ETATS: dict[str, tuple[str, str, str]] = {
    "attente": (TaskResultStatus.READY, "En attente", "neutre"),
    "cours": (TaskResultStatus.RUNNING, "En cours", "info"),
    "faite": (TaskResultStatus.SUCCESSFUL, "Faite", "bien"),
    "echec": (TaskResultStatus.FAILED, "En échec", "danger"),
}
_PAR_STATUT = {statut: (nom, ton) for statut, nom, ton in ETATS.values()}


@droit(ADMINISTRER)
@require_safe
def lister(request: HttpRequest) -> HttpResponse:
    """Living processes, schedules, then tasks, the newest first."""
    visibles = Tache.objects.visibles_par(request.user)
    etat = request.GET.get("etat", "")
    choisies = visibles.filter(resultat__status=ETATS[etat][0]) if etat in ETATS else visibles
    comptes = dict(visibles.order_by().values_list("resultat__status").annotate(Count("id")))
    page = Paginator(choisies.select_related("resultat", "avancement", "demandee_par"), PAR_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "mairie/taches/liste.html",
        {
            "page_obj": page,
            "lignes": [habiller(t) for t in page],
            "etats": [(code, nom, comptes.get(statut, 0)) for code, (statut, nom, _) in ETATS.items()],
            "etat": etat,
            "total": sum(comptes.values()),
            "ouvriers": sante.vivants(Battement.Genre.OUVRIER),
            "planificateurs": sante.vivants(Battement.Genre.PLANIFICATEUR),
            "programmes": _programmes(),
            "reglable": partout(request.user, ADMINISTRER),
        },
    )


@droit(ADMINISTRER)
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One task: its tries, what it said, where in the code it failed."""
    tache = get_object_or_404(
        Tache.objects.visibles_par(request.user).select_related("resultat", "avancement", "demandee_par"),
        pk=pk,
    )
    return render(request, "mairie/taches/detail.html", {"t": habiller(tache)})


@droit(ADMINISTRER)
@require_POST
def relancer_une(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a failed task all its tries again."""
    tache = get_object_or_404(Tache.objects.visibles_par(request.user), pk=pk)
    with transaction.atomic():
        fait = relancer(tache)
        if fait:
            journal.noter(request, RELANCEE, tache, insee=tache.insee, donnees={"tache": tache.code})
    if fait:
        messages.success(request, f"« {libelle(tache.code)} » repart dans la file.")
    else:
        messages.warning(request, "Cette tâche n'est plus en échec : elle a déjà été relancée.")
    return redirect("taches")


@droit(ADMINISTRER)
@require_POST
def lancer_programme(request: HttpRequest, code: str) -> HttpResponse:
    """Queue a scheduled task now; twice in a minute is once."""
    programme = programmes().get(code)
    if programme is None or programme.chaque_creneau:
        raise Introuvable("Cette tâche programmée n'existe pas, ou ne se lance pas à la main.")
    with transaction.atomic():
        maintenant = timezone.now()
        tache = programme.tache.demander(cle=f"{code}@main-{maintenant:%Y%m%d%H%M}")
        journal.noter(request, LANCEE, tache, donnees={"programme": code})
    messages.success(request, f"« {programme.libelle} » est dans la file.")
    return redirect("taches")


@droit(ADMINISTRER)
@require_POST
def regler_programme(request: HttpRequest, code: str) -> HttpResponse:
    """Suspend a schedule (``active``: 0) or take it up again (1); slots of the pause are not caught up."""
    programme = programmes().get(code)
    if programme is None:
        raise Introuvable("Cette tâche programmée n'existe pas.")
    # One schedule serves all collectivités: who administers them all alone may stop it.
    if not partout(request.user, ADMINISTRER):
        raise PermissionDenied
    active = request.POST.get("active") == "1"
    with transaction.atomic():
        Programmation.objects.get_or_create(code=code, defaults={"derniere": timezone.now()})
        ligne = Programmation.objects.select_for_update(of=("self",)).get(code=code)
        if ligne.active != active:
            ligne.active = active
            ligne.save(update_fields=["active"])
            journal.noter(request, REGLEE, ligne, donnees={"programme": code, "active": active})
    if active:
        messages.success(request, f"« {programme.libelle} » est reprise, dès sa prochaine fois.")
    else:
        messages.warning(
            request,
            f"« {programme.libelle} » est suspendue : elle ne se fera plus jusqu'à ce qu'on la reprenne.",
        )
    return redirect("taches")


@connecte
@require_safe
def suivre(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress of a task for who asked for it; with ``?partie=1``, only what changes."""
    mienne = Q(demandee_par=request.user.pk)
    administrees = Q(pk__in=Tache.objects.visibles_par(request.user).values("pk"))
    tache = get_object_or_404(
        Tache.objects.filter(mienne | administrees).select_related("resultat", "avancement"), pk=pk
    )
    gabarit = "mairie/taches/_avancement.html" if "partie" in request.GET else "mairie/taches/suivi.html"
    return render(request, gabarit, {"t": habiller(tache)})


def habiller(tache: Tache) -> Tache:
    """What the templates show of a task, in words."""
    t: Any = tache
    resultat = tache.resultat
    t.libelle = libelle(tache.code)
    t.etat, t.ton = _PAR_STATUT[resultat.status]
    t.en_cours = resultat.status in (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    t.en_echec = resultat.status == TaskResultStatus.FAILED
    t.avance = getattr(tache, "avancement", None)
    t.pourcent = (
        100 if resultat.status == TaskResultStatus.SUCCESSFUL else (t.avance.pourcent if t.avance else 0)
    )
    attend = resultat.status == TaskResultStatus.READY and resultat.run_after != get_date_max()
    t.prochain = resultat.run_after if attend and resultat.run_after > timezone.now() else None
    t.duree_s = None
    if resultat.finished_at is not None and resultat.started_at is not None:
        t.duree_s = (resultat.finished_at - resultat.started_at).total_seconds()
    valeur = resultat.return_value
    adresse = valeur.get("adresse", "") if isinstance(valeur, dict) else ""
    # A task may say where its result is: a page of this site, nothing else.
    t.suite = adresse if isinstance(adresse, str) and adresse.startswith("/") and adresse[1:2] != "/" else ""
    if isinstance(valeur, dict):
        valeur = ", ".join(f"{c} : {v}" for c, v in valeur.items() if c != "adresse")
    t.valeur = valeur
    return tache


def _programmes() -> list[dict[str, Any]]:
    lignes = {p.code: p for p in Programmation.objects.select_related("derniere_tache__resultat")}
    fuseau = timezone.get_default_timezone()
    sortie = []
    for programme in programmes().values():
        ligne = lignes.get(programme.code)
        derniere = ligne.derniere_tache if ligne else None
        suivant = prochain(programme, ligne.derniere, fuseau) if ligne and programme.heure else None
        sortie.append(
            {
                "programme": programme,
                "active": ligne is None or ligne.active,
                "prochain": suivant,
                "derniere": habiller(derniere) if derniere else None,
                "a_la_main": not programme.chaque_creneau,
            }
        )
    return sortie
