"""The annex of the yearly report: page, rows behind a figure, typed figures, files, publication."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import perms, rpqs
from assainissement.regles.tables import indicateurs as table
from assainissement.vues.commun import compte
from gis_data.acces import droit
from mairie.courriers.entetes import entete_de
from mairie.courriers.rendu import RenduRefuse, Ressource, rendre
from mairie.exports import flux_csv
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Collectivite
from mairie.workflow import Refus

ANNEES_OFFERTES = 6
COLONNES = ("Indicateur", "Libellé", "Valeur", "Unité", "Numérateur", "Dénominateur", "Origine", "Remarque")
COLONNES_LIGNES = ("Installation", "Contrôle", "Visite", "Nature", "Conclusion", "Compté conforme")


def _choix(
    request: HttpRequest, source: Any, droit_exige: str = perms.LIRE
) -> tuple[dict[str, str], str, int]:
    """(communes, the one chosen, the year, last year by default); 404 for a commune that is not theirs."""
    communes = communes_du_droit(request.user, droit_exige)
    insee = source.get("commune") or next(iter(communes), "")
    if insee and insee not in communes:
        raise Http404
    texte = source.get("annee", "")
    derniere = timezone.localdate().year
    annee = int(texte) if texte.isdecimal() and len(texte) == 4 and "2000" <= texte <= "2100" else 0
    return communes, insee, annee or derniere - 1


def _adresse(nom: str, insee: str, annee: int) -> str:
    return f"{reverse(nom)}?annee={annee}&commune={insee}"


def _figures(request: HttpRequest, insee: str, annee: int) -> tuple[Any, list[rpqs.Chiffre]]:
    """(published annex or null, its figures, else those of today); ``actuels=1`` asks for today's."""
    annexe = rpqs.publiee(insee, annee) if insee else None
    if annexe is not None and request.GET.get("actuels") != "1":
        return annexe, rpqs.figures(annexe)
    return None, rpqs.chiffres(insee, annee) if insee else []


@droit(perms.LIRE)
@require_safe
def annexe(request: HttpRequest) -> HttpResponse:
    """Figures of a commune and year, each with its rows."""
    communes, insee, annee = _choix(request, request.GET)
    publiee, figures = _figures(request, insee, annee)
    courante = timezone.localdate().year
    contexte: dict[str, Any] = {
        "communes": communes,
        "insee": insee,
        "annee": annee,
        "annees": sorted({annee, *range(courante - ANNEES_OFFERTES + 1, courante + 1)}, reverse=True),
        "publiee": publiee,
        "existe": rpqs.publiee(insee, annee) if insee else None,
        "ecarts": rpqs.ecarts(publiee) if publiee is not None else [],
        "services": [
            (libelle, [c for c in figures if c.service == code]) for code, libelle in table.SERVICES.items()
        ],
        "finie": annee < courante,
        "peut_regler": bool(insee) and peut(request.user, perms.REGLER, insee),
        "suffixe": f"annee={annee}&commune={insee}" + ("" if publiee or not insee else "&actuels=1"),
    }
    return render(request, "assainissement/rpqs.html", contexte)


@droit(perms.LIRE)
@require_safe
def lignes(request: HttpRequest) -> HttpResponseBase:
    """The rows behind one figure; ``export=csv`` gives them as a file."""
    _, insee, annee = _choix(request, request.GET)
    publiee, figures = _figures(request, insee, annee)
    code = request.GET.get("code") or table.P301
    chiffre = next((c for c in figures if c.code == code and code in (table.P301, table.CONFORMITE)), None)
    if chiffre is None and insee:
        raise Http404
    rangees = chiffre.lignes if chiffre is not None else ()
    if request.GET.get("export") == "csv":
        return flux_csv(
            f"rpqs-{insee}-{annee}-{code}.csv",
            COLONNES_LIGNES,
            ((x.installation, x.controle, _jma(x.date), x.nature, x.conclusion, x.compte) for x in rangees),
        )
    contexte = {
        "chiffre": chiffre,
        "lignes": [(x, _jma(x.date)) for x in rangees],
        "insee": insee,
        "annee": annee,
        "publiee": publiee,
        "parametres": request.GET.urlencode(),
    }
    return render(request, "assainissement/rpqs_lignes.html", contexte)


def _jma(texte: str) -> str:
    annee, mois, jour = texte.split("-")
    return f"{jour}/{mois}/{annee}"


@droit(perms.LIRE)
@require_safe
def csv(request: HttpRequest) -> HttpResponseBase:
    """The figures as a file, numerator and denominator with them."""
    _, insee, annee = _choix(request, request.GET)
    _, figures = _figures(request, insee, annee)
    return flux_csv(
        f"rpqs-{insee}-{annee}.csv",
        COLONNES,
        (
            (
                c.code, c.libelle, c.valeur, c.unite, c.numerateur, c.denominateur,
                "calculé" if c.origine == table.CALCULE else "saisi", c.commentaire or c.manque,
            )
            for c in figures
        ),
    )  # fmt: skip


@droit(perms.LIRE)
@require_safe
def pdf(request: HttpRequest) -> HttpResponse:
    """The annex to join to the report."""
    communes, insee, annee = _choix(request, request.GET)
    if not insee:
        return redirect("ass_rpqs")
    publiee, figures = _figures(request, insee, annee)
    commune = Collectivite.objects.filter(code=insee).first()
    entete = entete_de(commune, "assainissement") if commune is not None else None
    ressources: dict[str, Ressource] = {}
    if entete is not None and entete.logo is not None:
        ressources["logo"] = entete.logo
    contexte = {
        "annee": annee,
        "commune": communes[insee],
        "publiee": publiee,
        "jour": timezone.localdate(),
        "logo": "logo" in ressources,
        "services": [
            (libelle, [c for c in figures if c.service == code and (c.valeur or c.origine == table.CALCULE)])
            for code, libelle in table.SERVICES.items()
        ],
    }
    try:
        rendu = rendre(render_to_string("assainissement/rpqs_pdf.html", contexte), lettre=ressources)
    except RenduRefuse as e:
        messages.error(request, str(e))
        return redirect(_adresse("ass_rpqs", insee, annee))
    reponse = HttpResponse(rendu.pdf, content_type="application/pdf")
    reponse["Content-Disposition"] = f'inline; filename="annexe-rpqs-{insee}-{annee}.pdf"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def saisir(request: HttpRequest) -> HttpResponse:
    """Type the figures of a year; nothing typed is lost on an error."""
    envoi = request.method == "POST"
    communes, insee, annee = _choix(request, request.POST if envoi else request.GET, perms.REGLER)
    connus = rpqs.saisissables()
    gardees = {code: i for (_, code), i in rpqs.saisies(insee, [annee]).items()} if insee else {}
    valeurs: dict[str, Decimal | None] = {}
    fautes: dict[str, str] = {}
    textes: dict[str, str] = {
        code: rpqs.ecrire(i.valeur, connus[code][2]) for code, i in gardees.items() if code in connus
    }
    commentaires = {code: i.commentaire for code, i in gardees.items()}
    if envoi:
        for code, (_, haut, decimales) in connus.items():
            texte = request.POST.get(f"v_{code}", "").strip()
            textes[code] = texte
            commentaires[code] = request.POST.get(f"c_{code}", "").strip()[:300]
            try:
                valeurs[code] = _lire(texte, haut, decimales)
            except ValueError as e:
                fautes[code] = str(e)
        if insee and not fautes:
            try:
                rpqs.saisir(insee, annee, valeurs, par=compte(request), commentaires=commentaires)
            except Refus as e:
                messages.error(request, str(e))
            else:
                messages.success(request, f"Les chiffres de {annee} sont enregistrés.")
                return redirect(_adresse("ass_rpqs", insee, annee))
    groupes = (
        ("Organisation du service (D302.0)", list(table.QUESTIONS), "question"),
        ("Longueurs de réseau (P253.2)", list(table.LINEAIRES), "nombre"),
        *(
            (
                service,
                [
                    i.code
                    for i in table.INDICATEURS.values()
                    if i.service == genre and i.origine == table.SAISI
                ],
                "nombre",
            )
            for genre, service in table.SERVICES.items()
        ),
    )
    contexte = {
        "insee": insee,
        "annee": annee,
        "commune": communes.get(insee, ""),
        "groupes": [
            (
                titre,
                genre,
                [
                    (
                        code,
                        connus[code][0],
                        textes.get(code, ""),
                        commentaires.get(code, ""),
                        fautes.get(code, ""),
                    )
                    for code in codes
                ],
            )
            for titre, codes, genre in groupes
        ],
        "publiee": rpqs.publiee(insee, annee) if insee else None,
    }
    return render(request, "assainissement/rpqs_saisie.html", contexte, status=422 if envoi else 200)


def _lire(texte: str, haut: Decimal, decimales: int) -> Decimal | None:
    """A figure typed with a comma or a dot; ``ValueError`` says what is expected."""
    if not texte:
        return None
    try:
        valeur = Decimal("".join(texte.split()).replace(",", "."))
    except InvalidOperation:
        raise ValueError("Écrivez un nombre, comme 12 ou 4,5.") from None
    if not valeur.is_finite() or not 0 <= valeur <= haut:
        raise ValueError(f"Écrivez un nombre entre 0 et {haut}.")
    if valeur != round(valeur, decimales):
        raise ValueError(
            f"{decimales} décimale{'s' if decimales > 1 else ''} au plus."
            if decimales
            else "Un nombre entier."
        )
    return valeur


@droit(perms.REGLER)
@require_POST
def publier(request: HttpRequest) -> HttpResponse:
    """Freeze the figures of a year."""
    _, insee, annee = _choix(request, request.POST, perms.REGLER)
    if not insee:
        raise Http404
    try:
        figee = rpqs.publier(
            insee, annee, par=compte(request), motif=request.POST.get("motif", ""),
            aujourdhui=timezone.localdate(),
        )  # fmt: skip
        messages.success(request, f"{figee} : publiée. Ses chiffres ne changeront plus.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(_adresse("ass_rpqs", insee, annee))
