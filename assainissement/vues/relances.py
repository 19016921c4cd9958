"""Dues with their letters: the lists, a preview of each letter, the confirmation."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.views.decorators.http import require_POST, require_safe

from assainissement import perms, relances
from assainissement.vues.commun import compte
from gis_data.acces import droit

MONTRES = 100


@droit(perms.LIRE)
@require_safe
def liste(request: HttpRequest) -> HttpResponse:
    """One list at a time, each with its count."""
    jour = timezone.localdate()
    nombres = relances.nombres(request.user, jour)
    premiere = next((c for c, n in nombres.items() if n), "periodiques")
    choisie = relances.LISTES.get(request.GET.get("liste", premiere))
    if choisie is None:
        raise Http404
    contexte = {
        "listes": [(x, nombres[x.code]) for x in relances.LISTES.values()],
        "choisie": choisie,
        "rangees": relances.rangees(choisie, request.user, jour, MONTRES),
        "nombre": nombres[choisie.code],
        "montres": MONTRES,
        "maximum": relances.LETTRES_MAX,
        "peut_ecrire": bool(relances.communes(request.user)),
    }
    return render(request, "assainissement/redevances/relances.html", contexte)


@droit(perms.LIRE)
@require_POST
def lettres(request: HttpRequest, liste: str) -> HttpResponse:
    """First what each letter would say; once confirmed, the letters."""
    due = relances.LISTES.get(liste)
    if due is None or not relances.communes(request.user):
        raise Http404
    cles = [int(c) for c in request.POST.getlist("controles") if c.isdecimal() and len(c) < 16]
    jour = timezone.localdate()
    retour = f"{reverse('ass_relances')}?liste={due.code}"
    choisis = list(relances.objets_de(due, request.user, jour).filter(pk__in=cles)[: relances.LETTRES_MAX])
    if request.POST.get("confirme"):
        try:
            cle = UUID(request.POST.get("cle", ""))
        except ValueError:
            raise Http404 from None
        ecrites = relances.envoyer(due, choisis, compte(request), cle)
        faites = [e for e in ecrites if e.lettre is not None]
        laissees = [e for e in ecrites if e.lettre is None]
        if faites:
            messages.success(
                request,
                f"Lettres écrites : {len(faites)}. Imprimez-les ou envoyez-les depuis les courriers.",
            )
        for e in laissees[:10]:
            messages.warning(request, f"{e.objet_de} : {e.raison}")
        if not ecrites:
            messages.info(request, "Ces lettres sont déjà écrites, ou rien n'était choisi.")
        return redirect(retour)
    if not choisis:
        messages.error(request, "Choisissez au moins une ligne de la liste.")
        return redirect(retour)
    apercus = relances.apercus(due, choisis, compte(request))
    contexte = {
        "due": due,
        "apercus": [(a, " ".join(strip_tags(_corps(a.html)).split())) for a in apercus],
        "partent": sum(1 for a in apercus if not a.raison),
        "coupees": len(set(cles)) > len(choisis),
        "maximum": relances.LETTRES_MAX,
        "cle": uuid4(),
        "retour": retour,
    }
    return render(request, "assainissement/redevances/relances_apercu.html", contexte)


def _corps(html: str) -> str:
    """What stands between the tags of the body."""
    debut = html.find("<body")
    return html[html.find(">", debut) + 1 :] if debut >= 0 else html
