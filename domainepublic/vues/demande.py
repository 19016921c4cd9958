"""A request without account: four steps saved one by one, then the number and the key."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from domainepublic import types_locaux
from domainepublic.models import DossierODP
from domainepublic.usager import demande as service
from domainepublic.usager.declaration import GENRE
from domainepublic.usager.formulaires import EtapeOu, EtapeQuand, EtapeQui, EtapeQuoi, types_demandables
from domainepublic.vues.apercu import avant_apres
from gis_data.acces import public
from mairie import brouillons, liens
from mairie.debit import TropDeDemandes, compter
from mairie.models import Brouillon, Piece
from mairie.pieces.reception import recoit_pieces
from mairie.pieces.service import deposer_plusieurs
from mairie.roles import usager
from mairie.vues_avis import lien_mort, sans_trace
from mairie.workflow import Refus

CLE_SESSION = "odp_envoyee"
CHAMPS_TIERS = {"raison_sociale": "nom", "siren": "siret"}


@public
@require_http_methods(["GET", "HEAD", "POST"])
def commencer(request: HttpRequest) -> HttpResponse:
    """What is wanted; the draft begins with the first answer."""
    communes = service.communes()
    if not communes or not types_demandables().exists():
        return sans_trace(render(request, "domainepublic/usager/fermee.html", status=200))
    formulaire = EtapeQuoi(request.POST if request.method == "POST" else None, communes=communes)
    erreur, statut = "", 200
    if request.method == "POST":
        statut = 422
        if formulaire.is_valid():
            try:
                compter(request, "odp.brouillon", settings.ODP_BROUILLONS_PAR_HEURE)
            except TropDeDemandes as e:
                erreur, statut = str(e), 429
            else:
                donnees = {**formulaire.cleaned_data, "client_uuid": str(uuid4())}
                _, jeton = brouillons.commencer(GENRE, insee=donnees["insee"], etape="ou", donnees=donnees)
                return sans_trace(redirect("odp_demande_etape", jeton=jeton, etape="ou"))
    contexte = {"formulaire": formulaire, "etape": "quoi", "etapes": _fil("quoi"), "erreur": erreur}
    return sans_trace(render(request, "domainepublic/usager/quoi.html", contexte, status=statut))


@public
@require_safe
def reprendre(request: HttpRequest, jeton: str) -> HttpResponse:
    """Where the person had stopped."""
    try:
        b = brouillons.reprendre(jeton, GENRE, request)
    except liens.LienRefuse as refus:
        return lien_mort(request, refus)
    etape = b.etape if b.etape in service.ETAPES else "ou"
    return sans_trace(redirect("odp_demande_etape", jeton=jeton, etape=etape))


@public
@recoit_pieces
@require_http_methods(["GET", "HEAD", "POST"])
def etape(request: HttpRequest, jeton: str, etape: str) -> HttpResponse:
    """One step of the draft."""
    try:
        b = brouillons.reprendre(jeton, GENRE, request)
    except liens.LienRefuse as refus:
        return _deja_envoyee(request, refus)
    d = service.lire(b)
    if d is None or etape not in service.ETAPES:
        raise Http404
    pages = {"quoi": _quoi, "ou": _ou, "quand": _quand, "qui": _qui}
    if etape == "quand" and d.geom is None:
        return sans_trace(redirect("odp_demande_etape", jeton=jeton, etape="ou"))
    if etape == "qui" and not d.complete:
        return sans_trace(
            redirect("odp_demande_etape", jeton=jeton, etape="quand" if d.geom is not None else "ou")
        )
    try:
        return sans_trace(pages[etape](request, b, d, jeton))
    except Brouillon.DoesNotExist:
        # Erased by the other sending while this one waited for it.
        return _deja_envoyee(request, liens.LienRefuse(liens.Motif.EXPIRE))


def _deja_envoyee(request: HttpRequest, refus: liens.LienRefuse) -> HttpResponse:
    """Sent twice, the first sending won; otherwise the link is dead."""
    if request.method == "POST" and CLE_SESSION in request.session:
        return sans_trace(redirect("odp_demande_envoyee"))
    return lien_mort(request, refus)


def _fil(ici: str, jeton: str = "", jusqu_ou: str = "") -> list[dict[str, Any]]:
    """The four steps, those already reached being links."""
    atteinte = service.ETAPES.index(jusqu_ou) if jusqu_ou in service.ETAPES else 0
    return [
        {
            "titre": service.TITRES[code],
            "ici": code == ici,
            "faite": rang < service.ETAPES.index(ici),
            "adresse": reverse("odp_demande_etape", args=[jeton, code])
            if jeton and rang <= atteinte and code != ici
            else "",
        }
        for rang, code in enumerate(service.ETAPES)
    ]


def _rendre(
    request: HttpRequest, b: Brouillon, d: service.Demande, jeton: str, ici: str, statut: int, **plus: Any
) -> HttpResponse:
    contexte = {
        "d": d,
        "b": b,
        "jeton": jeton,
        "etapes": _fil(ici, jeton, b.etape),
        "reprise": request.build_absolute_uri(reverse("odp_demande_reprise", args=[jeton])),
        **plus,
    }
    return render(request, f"domainepublic/usager/{ici}.html", contexte, status=statut)


def _garder(
    request: HttpRequest, b: Brouillon, suivante: str, donnees: dict[str, Any], jeton: str
) -> HttpResponse | str:
    """Save and go on; a page opened elsewhere meanwhile does not overwrite."""
    atteinte = max(service.ETAPES.index(suivante), _rang(b.etape))
    try:
        brouillons.enregistrer(b, service.ETAPES[atteinte], donnees, version=_version(request))
    except (brouillons.BrouillonPerime, brouillons.BrouillonTropGros) as e:
        return str(e)
    return redirect("odp_demande_etape", jeton=jeton, etape=suivante)


def _version(request: HttpRequest) -> int:
    """Version of the draft that the page was drawn from; one that no draft has when it does not say."""
    try:
        return int(request.POST.get("version", ""))
    except ValueError:
        return -1


def _rang(code: str) -> int:
    return service.ETAPES.index(code) if code in service.ETAPES else 0


def _quoi(request: HttpRequest, b: Brouillon, d: service.Demande, jeton: str) -> HttpResponse:
    initial = {n: b.donnees.get(n, "") for n in ("insee", "type", "beneficiaire", "objet")}
    formulaire = EtapeQuoi(
        request.POST if request.method == "POST" else None, communes=service.communes(), initial=initial
    )
    erreur, statut = "", 422 if request.method == "POST" else 200
    if request.method == "POST" and formulaire.is_valid():
        donnees = dict(formulaire.cleaned_data)
        if donnees["type"] != d.type.code or donnees["insee"] != d.insee:
            # Another thing, or another commune: it is drawn otherwise.
            donnees |= {"geom": "", "largeur": "", "rayon": "", "voie": None, "confirmee_ou": False}
        issue = _garder(request, b, "ou", donnees, jeton)
        if not isinstance(issue, str):
            return issue
        erreur = issue
    return _rendre(request, b, d, jeton, "quoi", statut, formulaire=formulaire, erreur=erreur)


def _ou(request: HttpRequest, b: Brouillon, d: service.Demande, jeton: str) -> HttpResponse:
    initial = {
        "voie": b.donnees.get("voie"),
        "adresse": d.adresse,
        "geom": d.geom,
        "largeur": d.largeur,
        "rayon": d.rayon,
    }
    formulaire = EtapeOu(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        type_=d.type,
        insee=d.insee,
        initial=initial,
    )
    erreur, statut, examen, dessine = "", 422 if request.method == "POST" else 200, None, None
    if request.method == "POST" and formulaire.is_valid():
        saisie = formulaire.cleaned_data
        dessine = saisie["geom"]
        examen = service.examiner_lieu(d, saisie)
        for champ, faute in examen.fautes.items():
            formulaire.add_error(champ if champ in formulaire.fields else None, faute)
        if not examen.fautes and not examen.a_confirmer:
            donnees = {
                "voie": saisie["voie"].pk if saisie["voie"] else None,
                "adresse": saisie["adresse"],
                "geom": service.geom_en_texte(examen.reparee or dessine),
                "largeur": str(saisie.get("largeur") or ""),
                "rayon": str(saisie.get("rayon") or ""),
                "confirmee_ou": bool(saisie.get("confirmee")),
            }
            issue = _garder(request, b, "quand", donnees, jeton)
            if not isinstance(issue, str):
                return issue
            erreur = issue
    apercu = avant_apres(dessine, examen.reparee) if examen else None
    return _rendre(
        request, b, d, jeton, "ou", statut, formulaire=formulaire, examen=examen, apercu=apercu, erreur=erreur
    )


def _quand(request: HttpRequest, b: Brouillon, d: service.Demande, jeton: str) -> HttpResponse:
    initial = {
        "debut": d.debut,
        "fin": d.fin,
        "gene": d.gene,
        **{n: b.donnees.get(n, "") for n in ("de", "a")},
    }
    formulaire = EtapeQuand(request.POST if request.method == "POST" else None, initial=initial)
    erreur, statut = "", 422 if request.method == "POST" else 200
    a_confirmer: tuple[str, ...] = ()
    if request.method == "POST" and formulaire.is_valid():
        saisie = formulaire.cleaned_data
        donnees = {
            "debut": saisie["debut"].isoformat(),
            "fin": saisie["fin"].isoformat(),
            "de": f"{saisie['de']:%H:%M}" if saisie["de"] else "",
            "a": f"{saisie['a']:%H:%M}" if saisie["a"] else "",
            "gene": saisie["gene"],
            "confirmee_quand": bool(saisie["confirmee"]),
        }
        a_confirmer = service.dates_a_confirmer(d, saisie["debut"], saisie["fin"])
        if not a_confirmer or saisie["confirmee"]:
            issue = _garder(request, b, "qui", donnees, jeton)
            if not isinstance(issue, str):
                return issue
            erreur = issue
    return _rendre(
        request, b, d, jeton, "quand", statut, formulaire=formulaire, a_confirmer=a_confirmer, erreur=erreur
    )


def _qui(request: HttpRequest, b: Brouillon, d: service.Demande, jeton: str) -> HttpResponse:
    formulaire = EtapeQui(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        beneficiaire=d.beneficiaire,
    )
    erreurs: list[str] = []
    statut = 422 if request.method == "POST" else 200
    if request.method == "POST" and formulaire.is_valid():
        try:
            if formulaire.cleaned_data["site"]:
                raise Refus("Votre demande n'a pas pu être envoyée : appelez la mairie.")
            compter(request, "odp.depot", settings.ODP_DEPOTS_PAR_HEURE)
            dossier, cle = service.envoyer(b, formulaire.tiers(), _version(request))
        except TropDeDemandes as e:
            erreurs, statut = [str(e)], 429
        except Refus as e:
            erreurs = list(e.raisons)
        except ValidationError as e:
            for champ, fautes in e.message_dict.items():
                nom = CHAMPS_TIERS.get(champ, champ)
                formulaire.add_error(nom if nom in formulaire.fields else None, fautes)
        else:
            request.session[CLE_SESSION] = {
                "pk": dossier.pk,
                "cle": cle,
                "refus": _deposer_pieces(dossier, formulaire.cleaned_data["pieces"], request),
            }
            return redirect("odp_demande_envoyee")
    contexte = {
        "prix": service.prix(d),
        "pris": service.deja_pris(d),
        "court": service.delai_court(d, timezone.localdate()),
    }
    return _rendre(request, b, d, jeton, "qui", statut, formulaire=formulaire, erreurs=erreurs, **contexte)


def _deposer_pieces(dossier: DossierODP, fichiers: list[Any], request: HttpRequest) -> list[str]:
    """Keep the good files; the others are told, and may be sent again from the follow-up."""
    resultats = deposer_plusieurs(
        dossier, fichiers, par=usager(service.PORTE), code="autre", origine=Piece.Origine.USAGER
    )
    trop = [nom for _, nom in getattr(request, "fichiers_refuses", [])]
    return [r.refus for r in resultats if r.refus] + [
        f"« {nom} » est trop lourd : réduisez-le, puis ajoutez-le depuis la page de suivi." for nom in trop
    ]


@public
@require_safe
def envoyee(request: HttpRequest) -> HttpResponse:
    """The acknowledgement: number, key, what comes next. Shown in the browser that sent it."""
    memoire = request.session.get(CLE_SESSION)
    dossier = DossierODP.objects.filter(pk=memoire["pk"]).first() if memoire else None
    if dossier is None or memoire is None:
        return sans_trace(redirect("suivi_usager"))
    contexte = {
        "d": dossier,
        "cle": liens.ecrire_cle(memoire["cle"]),
        "refus": memoire["refus"],
        "pieces": dict.fromkeys(
            p
            for e in dossier.emprises.select_related("type")
            for p in types_locaux.dans(e.type, dossier.insee).liste_pieces
        ),
    }
    return sans_trace(render(request, "domainepublic/usager/envoyee.html", contexte))
