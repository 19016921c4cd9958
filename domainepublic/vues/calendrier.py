"""Pages of the calendar of works: a year by streets with its map, the meeting, both as PDF, publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from domainepublic import perms
from domainepublic.coordination import calendrier as cal
from domainepublic.coordination.etats import A_REPONDRE
from domainepublic.ecrans_travaux import suivi
from domainepublic.models import DemandeTravaux
from gis_data.acces import droit
from mairie.courriers.rendu import Rendu, RenduRefuse
from mairie.habilitations import communes_du_droit, peut


def _annee(texte: str) -> int:
    courante = timezone.localdate().year
    return int(texte) if texte.isdecimal() and len(texte) == 4 and "2000" <= texte <= "2100" else courante


def _choix(request: HttpRequest) -> tuple[dict[str, str], str, int, int]:
    """(communes, the one chosen or "", year, month or 0); 404 for a commune that may not be read."""
    communes = communes_du_droit(request.user, perms.LIRE)
    insee = request.GET.get("commune", "")
    if insee and insee not in communes:
        raise Http404
    if not insee and len(communes) == 1:
        insee = next(iter(communes))
    mois = request.GET.get("mois", "")
    numero = int(mois) if mois.isdecimal() and len(mois) <= 2 else 0
    return communes, insee, _annee(request.GET.get("annee", "")), numero if 1 <= numero <= 12 else 0


@droit(perms.LIRE)
@require_safe
def calendrier(request: HttpRequest) -> HttpResponse:
    """Streets × weeks of a year: what is planned where, what meets, what waits for an answer."""
    communes, insee, annee, mois = _choix(request)
    jour = timezone.localdate()
    visibles = DemandeTravaux.objects.visibles_par(request.user)
    lundis = cal.semaines(annee)
    rues = cal.par_rue(cal.travaux_de(visibles, annee, insee, mois), lundis)
    plusieurs = len({code for code, _ in rues}) > 1
    contexte: dict[str, Any] = {
        "rues": [
            (f"{nom}, {communes.get(code, code)}" if plusieurs else nom,
             [(b, range(b.avant), range(b.apres)) for b in barres])
            for (code, nom), barres in rues.items()
        ],
        "donnees": cal.en_json(b for barres in rues.values() for b in barres),
        "lundis": lundis,
        "mois_entete": [
            (nom, cal.MOIS_COURTS[cal.MOIS.index(nom)], n)
            for nom, n in cal.mois_des_semaines(lundis, annee)
        ],
        "colonnes": len(lundis) + 1,
        "semaine": jour.toordinal() - jour.weekday(),
        "annee": annee,
        "annees": range(jour.year - 3, jour.year + 4),
        "communes": communes,
        "insee": insee,
        "mois": mois,
        "noms_mois": list(enumerate(cal.MOIS, 1)),
        "a_repondre": visibles.filter(etat__in=A_REPONDRE)
        .select_related("voie")
        .order_by("reponse_avant", "debut")[:12],
        "sans_motif": visibles.filter(suivi("sans_motif")),
        "coordonne": bool(communes_du_droit(request.user, perms.COORDONNER)),
        "a_publier": cal.a_publier(insee, annee).count()
        if insee and peut(request.user, perms.COORDONNER, insee) else 0,
        "jour": jour,
    }  # fmt: skip
    return render(request, "domainepublic/calendrier.html", contexte)


@droit(perms.COORDONNER)
@require_POST
def publier(request: HttpRequest, insee: str, annee: int) -> HttpResponse:
    """Works that may begin enter the public calendar."""
    if not peut(request.user, perms.COORDONNER, insee) or not 1900 < annee < 2200:
        raise Http404
    nombre = cal.publier(insee, annee)
    if nombre:
        mots = "chantier de plus se lit" if nombre == 1 else "chantiers de plus se lisent"
        messages.success(request, f"Calendrier {annee} : {nombre} {mots} sur la carte.")
    else:
        messages.info(request, "Tout ce qui peut commencer est déjà publié.")
    return redirect(f"{reverse('odp_calendrier')}?annee={annee}&commune={insee}")


def _ici(request: HttpRequest) -> tuple[str, int]:
    """One commune and a year, for a document."""
    communes, insee, annee, _ = _choix(request)
    insee = insee or next(iter(communes), "")
    if not insee:
        raise Http404
    return insee, annee


def repondre_pdf(rendu: Rendu, nom: str) -> HttpResponse:
    reponse = HttpResponse(rendu.pdf, content_type="application/pdf")
    reponse["Content-Disposition"] = f'inline; filename="{nom}.pdf"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@droit(perms.LIRE)
@require_safe
def pdf(request: HttpRequest) -> HttpResponse:
    """The calendar of a commune and year, to notify and to post."""
    insee, annee = _ici(request)
    visibles = DemandeTravaux.objects.visibles_par(request.user)
    try:
        rendu = cal.calendrier_pdf(cal.travaux_de(visibles, annee, insee), annee, insee, timezone.localdate())
    except RenduRefuse as e:
        messages.error(request, str(e))
        return redirect("odp_calendrier")
    return repondre_pdf(rendu, f"calendrier-travaux-{insee}-{annee}")


@droit(perms.LIRE)
@require_safe
def reunion(request: HttpRequest) -> HttpResponse:
    """What the coordination meeting examines: to answer, and what meets something."""
    communes, insee, annee, _ = _choix(request)
    insee = insee or next(iter(communes), "")
    jour = timezone.localdate()
    visibles = DemandeTravaux.objects.visibles_par(request.user)
    a_decider, a_voir = cal.ordre_du_jour(visibles, annee, insee, jour)
    if request.GET.get("format") == "pdf" and insee:
        try:
            return repondre_pdf(
                cal.reunion_pdf(a_decider, a_voir, annee, insee, jour), f"reunion-travaux-{insee}-{annee}"
            )
        except RenduRefuse as e:
            messages.error(request, str(e))
    contexte = {
        "communes": communes,
        "insee": insee,
        "annee": annee,
        "annees": range(jour.year - 1, jour.year + 4),
        "a_decider": a_decider,
        "a_voir": a_voir,
    }
    return render(request, "domainepublic/reunion.html", contexte)
