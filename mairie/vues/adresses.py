"""Streets and numbers: state of the bases, a street on the map, a number, the export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit, public
from mairie.adresses import bal, certificat, formulaires, service
from mairie.adresses.choix import chercher
from mairie.adresses.ecrans import etats
from mairie.communes import courante
from mairie.erreurs import Introuvable
from mairie.habilitations import codes_connus, peut, portee
from mairie.models import Adresse, Courrier, EcartAdresse, Utilisateur, Voie
from mairie.panneaux import panneaux
from mairie.perms import GERER_ADRESSES, LIRE

# A street with more numbers is shown by its list only.
CARTE_MAX = 2000
# Degrees shown around a lone point.
AUTOUR = 0.0012


def _agent(request: HttpRequest) -> Utilisateur:
    """The account behind the request: the views' marks let no other in."""
    if not isinstance(request.user, Utilisateur):
        raise PermissionDenied
    return request.user


@droit(LIRE)
@require_safe
def bases(request: HttpRequest) -> HttpResponse:
    """One line a commune, with what is left to do."""
    p = portee(request.user, LIRE)
    ici = courante(request)
    lignes = etats({ici} if ici else p.codes, tout=p.totale and not ici)
    noms = codes_connus(x["insee"] for x in lignes)
    for ligne in lignes:
        ligne["nom"] = noms.get(ligne["insee"], ligne["insee"])
        ligne["gere"] = peut(request.user, GERER_ADRESSES, ligne["insee"])
        nombre = ligne.get("n", 0)
        ligne["part"] = round(100 * ligne.get("certifiees", 0) / nombre) if nombre else 0
    return _privee(render(request, "mairie/adresses/bases.html", {"lignes": lignes}))


def _privee(reponse: HttpResponse) -> HttpResponse:
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@public
@require_safe
def export_bal(request: HttpRequest, insee: str) -> HttpResponse:
    """The commune's Base Adresse Locale, open to all (CRPA L.321-4: reference data)."""
    if not Adresse.objects.filter(insee=insee, active=True).exists():
        raise Introuvable(f"La base adresses de la commune {insee} n'est pas tenue ici.")
    reponse = HttpResponse(bal.texte(insee), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = f'attachment; filename="bal-{insee}.csv"'
    reponse["Cache-Control"] = "public, max-age=300"
    return reponse


# --- a street -------------------------------------------------------------------------------------


@droit(LIRE)
@require_safe
def voie(request: HttpRequest, pk: int) -> HttpResponse:
    """A street: its numbers in a table and on the map, what files say otherwise."""
    rue = get_object_or_404(Voie.objects.visibles_par(request.user), pk=pk)
    adresses = list(rue.adresses.order_by("-active", "numero", "suffixe", "pk"))
    gere = peut(request.user, GERER_ADRESSES, rue.insee)
    contexte = {
        "voie": rue,
        "commune": codes_connus([rue.insee]).get(rue.insee, rue.insee),
        "adresses": adresses,
        "gere": gere,
        "ecarts": rue.ecarts.filter(decision="").count(),
        "carte": _carte([a for a in adresses if a.active][:CARTE_MAX], rue, gere=gere),
    }
    return _privee(render(request, "mairie/adresses/voie.html", contexte))


def _carte(adresses: list[Adresse], rue: Voie, *, gere: bool, voisines: Any = ()) -> dict[str, Any]:
    """What the map draws: points in degrees, axis, box to show."""
    points = [p for a in adresses if (p := _point(a))]
    autour = [p for a in voisines if (p := _point(a))]
    lignes: list[list[list[float]]] = []
    if rue.axe:
        degres: Any = rue.axe.transform(4326, clone=True)
        lignes = [[[round(x, 7), round(y, 7)] for x, y in ligne.coords] for ligne in degres]
    places = [(p["lon"], p["lat"]) for p in points] or [(x, y) for ligne in lignes for x, y in ligne]
    places = places or [(p["lon"], p["lat"]) for p in autour]
    return {
        "points": points,
        "voisins": autour,
        "axe": lignes,
        "peut": gere,
        "emprise": [
            min(x for x, _ in places) - AUTOUR / 2,
            min(y for _, y in places) - AUTOUR / 2,
            max(x for x, _ in places) + AUTOUR / 2,
            max(y for _, y in places) + AUTOUR / 2,
        ]
        if places
        else None,
    }


def _point(a: Adresse) -> dict[str, Any] | None:
    if a.position is None:
        return None
    degres: Any = a.position.transform(4326, clone=True)
    return {
        "id": a.pk,
        "libelle": a.libelle_numero,
        "lon": round(degres.x, 7),
        "lat": round(degres.y, 7),
        "certifiee": a.certifiee,
        "version": a.version,
    }


# --- a number -------------------------------------------------------------------------------------


def _adresses(request: HttpRequest) -> QuerySet[Adresse]:
    adresses: QuerySet[Adresse] = Adresse.objects.visibles_par(request.user)
    return adresses.select_related("voie", "modifie_par")


@droit(LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def adresse(request: HttpRequest, pk: int) -> HttpResponse:
    """A number: read by all, changed (POST) by who may, on the map or by its coordinates."""
    une = get_object_or_404(_adresses(request), pk=pk)
    gere = peut(request.user, GERER_ADRESSES, une.insee)
    if request.method == "POST" and not gere:
        raise PermissionDenied
    forme = formulaires.FormulaireAdresse(request.POST or None, instance=une)
    if request.method == "POST":
        fait = _enregistrer(request, forme)
        if fait:
            messages.success(request, f"« {fait} » est enregistrée.")
            return redirect("adresse", pk=pk)
        # The bound form has written on its object: the page shows what is stored.
        une = get_object_or_404(_adresses(request), pk=pk)
    return _page_adresse(request, une, forme, gere=gere)


@droit(GERER_ADRESSES)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle_adresse(request: HttpRequest, pk: int) -> HttpResponse:
    """One more number in a street; ``?lon=&lat=`` places it, as the map does."""
    rue = get_object_or_404(Voie.objects.visibles_par(request.user), pk=pk)
    if not peut(request.user, GERER_ADRESSES, rue.insee):
        raise PermissionDenied
    lieu = {nom: request.GET.get(cle, "") for nom, cle in (("longitude", "lon"), ("latitude", "lat"))}
    forme = formulaires.FormulaireAdresse(request.POST or None, instance=Adresse(voie=rue), initial=lieu)
    if request.method == "POST":
        fait = _enregistrer(request, forme)
        if fait:
            messages.success(request, f"« {fait} » est créée.")
            return redirect("voie", pk=rue.pk)
    return _page_adresse(request, Adresse(voie=rue, insee=rue.insee), forme, gere=True)


def _enregistrer(request: HttpRequest, forme: formulaires.FormulaireAdresse) -> Adresse | None:
    if not forme.is_valid():
        return None
    try:
        return formulaires.enregistrer_adresse(forme, _agent(request))
    except service.AdresseModifiee as e:
        forme.add_error(None, str(e))
    except ValidationError as e:
        for champ, fautes in e.message_dict.items():
            forme.add_error(champ if champ in forme.fields else None, fautes)
    return None


def _page_adresse(
    request: HttpRequest, une: Adresse, forme: formulaires.FormulaireAdresse, *, gere: bool
) -> HttpResponse:
    autres = [] if une.pk is None else EcartAdresse.objects.filter(adresse=une, decision="")
    voisines = une.voie.adresses.filter(active=True, position__isnull=False).exclude(pk=une.pk)[:CARTE_MAX]
    contexte = {
        "adresse": une,
        "voie": une.voie,
        "commune": codes_connus([une.insee]).get(une.insee, une.insee),
        "forme": forme if gere else None,
        "gere": gere,
        "ecarts": autres,
        "carte": _carte([une] if une.pk else [], une.voie, gere=gere, voisines=voisines),
    }
    if une.pk:
        contexte |= {
            "genre": certificat.GENRE,
            "certificat": certificat.modele_pour(request.user, une, timezone.localdate()),
            "lettres": Courrier.objects.du_dossier(une),
            "panneaux": panneaux("adresse", une, request.user),
        }
    statut = 422 if forme.is_bound and forme.errors else 200
    return _privee(render(request, "mairie/adresses/adresse.html", contexte, status=statut))


@droit(GERER_ADRESSES)
@require_POST
def placer(request: HttpRequest, pk: int) -> HttpResponse:
    """Move one number (from the map): its new version, or the reason of the refusal, as JSON."""
    une = get_object_or_404(_adresses(request), pk=pk)
    if not peut(request.user, GERER_ADRESSES, une.insee):
        raise PermissionDenied
    try:
        lon, lat = float(request.POST.get("lon", "")), float(request.POST.get("lat", ""))
        version = int(request.POST.get("version", ""))
    except ValueError:
        return _refus("Le point reçu est illisible.", 400)
    position = formulaires.placer(lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None
    if position is None:
        return _refus("Ce point est hors du territoire.", 400)
    donnees: dict[str, Any] = {"position": position}
    if not une.parcelles:
        donnees["parcelles"] = formulaires.sous_le_point(position)
    try:
        une = service.enregistrer_adresse(une, donnees, par=_agent(request), version=version)
    except service.AdresseModifiee as e:
        return _refus(str(e), 409)
    except ValidationError as e:
        return _refus(" ".join(e.messages), 422)
    return JsonResponse({"version": une.version, "parcelles": une.parcelles})


def _refus(message: str, statut: int) -> JsonResponse:
    return JsonResponse({"message": message}, status=statut, json_dumps_params={"ensure_ascii": False})


@droit(LIRE)
@require_safe
def choisir(request: HttpRequest) -> HttpResponse:
    """Addresses that begin so, for the fields of trades' forms: ``?q=12 rue du mou&commune=25999``."""
    texte = request.GET.get("q", "").strip()[:200]
    trouvees = chercher(request.user, texte, request.GET.get("commune", "")) if texte else []
    return _privee(JsonResponse({"adresses": trouvees}, json_dumps_params={"ensure_ascii": False}))
