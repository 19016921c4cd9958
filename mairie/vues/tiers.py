"""Merging persons, their rights over their data, and the choice of a person in a trade's form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit
from mairie import journal
from mairie.communes import courante
from mairie.habilitations import peut, portee
from mairie.models import FusionTiers, Tiers
from mairie.models.tiers import IDENTITE, colonne
from mairie.perms import EFFACER_TIERS, GERER_TIERS, LIRE
from mairie.tiers import declaration, doublons, droits, fusion
from mairie.tiers.ecrans import FINALITE, noter_lecture
from mairie.tiers.recherche import filtrer

CHOIX_MAX = 10


def _fiche(request: HttpRequest, pk: int, droit_voulu: str) -> Tiers:
    """A sheet of the person's collectivités; 403 where she may read it but not do this."""
    tiers = get_object_or_404(Tiers.objects.visibles_par(request.user), pk=pk)
    if not peut(request.user, droit_voulu, tiers.collectivite):
        raise PermissionDenied
    return tiers


@droit(GERER_TIERS)
@require_http_methods(["GET", "HEAD", "POST"])
def lister_doublons(request: HttpRequest) -> HttpResponse:
    """Pairs that look alike; POST says that a pair is two persons."""
    p = portee(request.user, GERER_TIERS)
    if request.method == "POST":
        un, autre = (_fiche(request, _numero(request.POST.get(c)), GERER_TIERS) for c in ("un", "autre"))
        try:
            fusion.ecarter(un, autre, par=request.user)  # type: ignore[arg-type]
        except fusion.FusionRefusee as e:
            messages.error(request, str(e))
        else:
            messages.success(request, f"« {un} » et « {autre} » sont notées comme deux personnes.")
        return redirect("tiers_doublons")
    ici = courante(request)
    codes = p.codes & {ici} if ici and ici in p.codes else p.codes
    trouvees = doublons.paires(codes, tout=p.totale and not ici)
    contexte = {
        "paires": [(paire, _comparer(paire.un, paire.autre)) for paire in trouvees],
        "limite": len(trouvees) == doublons.LIMITE,
    }
    return _privee(render(request, "mairie/tiers/doublons.html", contexte))


def _numero(texte: str | None) -> int:
    return int(texte) if texte and texte.isascii() and texte.isdigit() and len(texte) < 19 else 0


def _comparer(un: Tiers, autre: Tiers) -> list[tuple[str, Any, Any]]:
    """Values that tell the two sheets apart: (label, one, other)."""
    return [
        (str(colonne(c).verbose_name), getattr(un, c), getattr(autre, c))
        for c in ("voie", "ville", "courriel", "telephone", "mobile", "naissance_le", "siret")
        if getattr(un, c) or getattr(autre, c)
    ]


def _privee(reponse: HttpResponse) -> HttpResponse:
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@droit(GERER_TIERS)
@require_http_methods(["GET", "HEAD", "POST"])
def fusionner(request: HttpRequest, pk: int, autre: int) -> HttpResponse:
    """Two sheets side by side: choose what is kept of each, then merge."""
    garde, absorbe = _fiche(request, pk, GERER_TIERS), _fiche(request, autre, GERER_TIERS)
    if request.method == "POST":
        prendre = [c for c in IDENTITE if request.POST.get(f"valeur_{c}") == "autre"]
        try:
            fusion.fusionner(garde, absorbe, par=request.user, prendre=prendre)  # type: ignore[arg-type]
        except (fusion.FusionRefusee, ValidationError) as e:
            texte = " ".join(e.messages) if isinstance(e, ValidationError) else str(e)
            messages.error(request, f"La fusion n'est pas faite. {texte}")
            return redirect("tiers_fusionner", pk=pk, autre=autre)
        messages.success(
            request, f"Les deux fiches n'en font plus qu'une : « {garde} ». Elle peut être annulée."
        )
        return redirect("mairie_tiers_fiche", pk=garde.pk)
    noter_lecture(request, [garde, absorbe])
    differentes = {c for c, *_ in fusion.differences(garde, absorbe)}
    lignes = [
        (c, str(colonne(c).verbose_name), _lisible(garde, c), _lisible(absorbe, c), c in differentes)
        for c in IDENTITE
        if _lisible(garde, c) or _lisible(absorbe, c)
    ]
    contexte = {"garde": garde, "absorbe": absorbe, "lignes": lignes, "possible": garde.pk != absorbe.pk}
    return _privee(render(request, "mairie/tiers/fusionner.html", contexte))


def _lisible(tiers: Tiers, champ: str) -> Any:
    afficher = getattr(tiers, f"get_{champ}_display", None)
    valeur = afficher() if afficher else getattr(tiers, champ)
    return {True: "oui", False: ""}.get(valeur, valeur) if isinstance(valeur, bool) else valeur


@droit(GERER_TIERS)
@require_POST
def annuler_fusion(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a merge while nothing has changed."""
    faite = get_object_or_404(
        FusionTiers.objects.filter(survivant__in=Tiers.objects.visibles_par(request.user)), pk=pk
    )
    _fiche(request, faite.survivant_id, GERER_TIERS)
    try:
        fusion.annuler(faite, par=request.user)  # type: ignore[arg-type]
    except fusion.FusionRefusee as e:
        messages.error(request, str(e))
    else:
        messages.success(request, "La fusion est annulée : les deux fiches sont revenues comme avant.")
    return redirect("mairie_tiers_fiche", pk=faite.survivant_id)


class FormulaireEffacement(forms.Form):
    """Why, and a last word."""

    motif = forms.ChoiceField(
        label="Pourquoi", choices=list(droits.MOTIFS.items()), widget=forms.RadioSelect, initial="demande"
    )
    confirme = forms.BooleanField(
        label="J'ai compris : le nom et les coordonnées disparaissent pour toujours",
        error_messages={"required": "Cochez cette case pour effacer."},
    )


@droit(EFFACER_TIERS)
@require_http_methods(["GET", "HEAD", "POST"])
def droits_de_la_personne(request: HttpRequest, pk: int) -> HttpResponse:
    """Her rights: a copy of what is held, and erasure; POST erases."""
    tiers = _fiche(request, pk, EFFACER_TIERS)
    forme = FormulaireEffacement(request.POST or None)
    if request.method == "POST" and forme.is_valid():
        try:
            droits.effacer(tiers, par=request.user, motif=forme.cleaned_data["motif"])  # type: ignore[arg-type]
        except droits.EffacementRefuse as e:
            messages.error(request, str(e))
            return redirect("tiers_droits", pk=pk)
        messages.success(request, "Les données de cette personne sont effacées.")
        return redirect("mairie_tiers_fiche", pk=pk)
    contexte = {"tiers": tiers, "forme": forme, "obstacles": droits.obstacles(tiers, timezone.localdate())}
    return _privee(render(request, "mairie/tiers/droits.html", contexte))


@droit(EFFACER_TIERS)
@require_POST
def copie(request: HttpRequest, pk: int) -> HttpResponse:
    """The copy of her data, to hand to the person."""
    tiers = _fiche(request, pk, EFFACER_TIERS)
    journal.consulter(request, declaration.COPIE_DONNEE, tiers, finalite="droit d'accès de la personne")
    reponse = HttpResponse(droits.archive(tiers), content_type="application/zip")
    reponse["Content-Disposition"] = f'attachment; filename="donnees-personne-{tiers.pk}.zip"'
    return _privee(reponse)


@droit(LIRE)
@require_safe
def choisir(request: HttpRequest) -> HttpResponse:
    """Persons that answer a text, for the fields of trades' forms; ``?collectivite=`` narrows."""
    fiches = Tiers.objects.visibles_par(request.user).actifs()
    if code := request.GET.get("collectivite"):
        fiches = fiches.filter(collectivite=code)
    texte = request.GET.get("q", "").strip()[:200]
    trouvees = list(filtrer(fiches, texte)[:CHOIX_MAX]) if texte else []
    if trouvees:
        journal.noter(
            request, declaration.CHOISIES, donnees={"fiches": [t.pk for t in trouvees]}, finalite=FINALITE
        )
    return _privee(
        JsonResponse(
            {
                "personnes": [
                    {"id": t.pk, "nom": str(t), "adresse": ", ".join(t.lignes_adresse), "nature": t.nature}
                    for t in trouvees
                ]
            },
            json_dumps_params={"ensure_ascii": False},
        )
    )
