"""A drawing measured for the simulator of prices: figures for its script, else its page filled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from domainepublic.mesure import Mesure, mesurer
from domainepublic.models.emprises import UNITES_LISIBLES
from domainepublic.simulateurs.redevance import COMMUNE, SIMULATEUR, communes_votees
from domainepublic.usager import mesure as usager
from gis_data.acces import public
from mairie.montants import texte_francais
from mairie.workflow import Refus


@public
@require_http_methods(["GET", "HEAD", "POST"])
def mesurer_dessin(request: HttpRequest) -> HttpResponse:
    """Nothing is written. JSON where it is asked; without script the simulator opens, filled."""
    if request.method != "POST":
        return redirect(f"{SIMULATEUR.adresse}#mesure")
    en_json = request.headers.get("Accept", "").startswith("application/json")
    formulaire = usager.FormulaireMesure(request.POST, request.FILES)
    if formulaire.is_valid():
        d = formulaire.cleaned_data
        type_ = usager.types_mesurables().get(code=d["type"])
        try:
            m = mesurer(type_, d["geom"], d["debut"], largeur=d.get("largeur"), rayon=d.get("rayon"))
        except Refus as e:
            formulaire.add_error("geom", list(e.raisons))
        else:
            if en_json:
                reponse = JsonResponse(
                    {"champs": champs(m), "phrase": phrase(m)}, json_dumps_params={"ensure_ascii": False}
                )
                reponse["Cache-Control"] = "no-store"
                return reponse
            gardes = {n: request.POST[n] for n in usager.GARDES if request.POST.get(n)}
            reste = {f"{usager.PREFIXE}type": d["type"], f"{usager.PREFIXE}debut": d["debut"].isoformat()}
            mesures = {n: v.replace(".", ",") if n.endswith("quantite") else v for n, v in champs(m).items()}
            return redirect(f"{SIMULATEUR.adresse}?{urlencode({**reste, **gardes, **mesures})}")
    if en_json:
        fautes = [str(x) for liste in formulaire.errors.values() for x in liste]
        return JsonResponse(
            {"erreur": " ".join(fautes)}, status=422, json_dumps_params={"ensure_ascii": False}
        )
    contexte: dict[str, Any] = {
        "outil": {
            "formulaire": formulaire,
            "genres": usager.genres_par_type(),
            "gardes": {n: request.POST[n] for n in usager.GARDES if request.POST.get(n)},
        },
        "simulateur": SIMULATEUR,
    }
    return render(request, "domainepublic/usager/mesurer.html", contexte, status=422)


def champs(m: Mesure) -> dict[str, str]:
    """Answers of the simulator, by the names of its fields."""
    o = m.occupation()
    sortie = {f"{usager.PREFIXE}unite": o["unite"]}
    if len(communes_votees()) > 1:
        sortie[f"{usager.PREFIXE}{COMMUNE}"] = m.insee
    if "zones" not in o:
        return {
            **sortie,
            f"{usager.PREFIXE}quantite": o["quantite"],
            f"{usager.PREFIXE}zone": o["zone"] or "",
        }
    for i, part in enumerate(o["zones"]):
        sortie[f"zones-{i}-zone"] = part["zone"] or ""
        sortie[f"zones-{i}-quantite"] = part["quantite"]
    return sortie


def phrase(m: Mesure) -> str:
    """« 12,50 m linéaires, zone A », and the shares where there are several."""
    unite = m.emprise.unite_lisible
    mesure = f"{_nombre(m.quantite)} {unite}"
    parts = [
        f"{_nombre(p['quantite'])} {UNITES_LISIBLES[m.emprise.unite]} {_zone(p['zone'])}" for p in m.zones
    ]
    if len(parts) > 1:
        mesure += f", soit {', '.join(parts[:-1])} et {parts[-1]}"
    elif m.zones:
        mesure += f", {_zone(m.zones[0]['zone'])}"
    return f"Mesuré : {mesure}." + (" Le contour se croisait : il est réparé." if m.reparee else "")


def _zone(code: str | None) -> str:
    return f"en zone {code}" if code else "hors zone"


def _nombre(valeur: Any) -> str:
    texte = texte_francais(Decimal(str(valeur)))
    return texte.removesuffix(",00")
