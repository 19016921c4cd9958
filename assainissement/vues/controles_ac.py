"""Pages of controls of connection: request, points, conclusion, contre-visite."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import controles_ac, perms, photos_ac, ventes_correction
from assainissement.circuits.controle_ac import CONTROLE_AC
from assainissement.formulaires_ac import FormulaireAffecter, FormulaireControleAC, FormulaireCorrectionAC
from assainissement.models import ControleAC, DeclarationVente, Prestataire
from assainissement.mots_ac import TONS_CONTROLE_AC
from assainissement.regles.controle_ac import manquants, proposer
from assainissement.regles.tables.points_ac import POINTS_AC
from assainissement.vues import commun
from assainissement.vues.raccordements import branchement_ou_404, tiers_offerts
from gis_data.acces import droit
from mairie.courriers.sujets import sujet_de
from mairie.habilitations import agents_du_droit, communes_du_droit, peut
from mairie.models import Courrier, Tiers, Utilisateur
from mairie.pieces.reception import recoit_pieces, refuses
from mairie.pieces.service import trop_lourd
from mairie.workflow import ConflitEdition, ErreurWorkflow, Refus, refus_annulation
from mairie.workflow.edition import version_a_porter, version_vue

MUETTES = ("demander", "affecter", "demander_contre_visite", "conclure_contre_visite")
DATES = (
    ("demande_le", "Demandé"),
    ("remise_avant", "Document à remettre avant le"),
    ("visite_le", "Visite"),
    ("valide_le", "Validé"),
    ("fin_validite", "Valable jusqu'au"),
)
AIDES = {
    "recevoir_formulaire": "La date est celle où le formulaire rempli arrive au service.",
    "valider": "La conclusion que donnent les réponses est figée. Elle ne changera plus.",
}


def controle_ou_404(request: HttpRequest, pk: int) -> ControleAC:
    """The control, if this person may read it."""
    trouve: ControleAC = get_object_or_404(
        ControleAC.objects.visibles_par(request.user).select_related(
            "branchement__adresse__voie", "adresse__voie", "agent", "prestataire", "origine", "demandeur"
        ),
        pk=pk,
    )
    return trouve


def _a_saisir(request: HttpRequest, pk: int, droit_exige: str) -> ControleAC:
    c = controle_ou_404(request, pk)
    if not peut(request.user, droit_exige, c.insee):
        raise Http404
    return c


@droit(perms.VOIR_CONTROLE)
@require_safe
def controle(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one control on one page."""
    c = controle_ou_404(request, pk)
    reponses = c.points
    contexte: dict[str, Any] = {
        "c": c,
        "ton": TONS_CONTROLE_AC[c.etat],
        **commun.contexte_actions(c, request, MUETTES),
        "resultat": c.resultat if c.valide_le else (proposer(reponses).en_json() if reponses else {}),
        "manquants": manquants(reponses),
        "points": [
            (p, p.choix.get(reponses[code], reponses[code]), reponses[code] in p.fautes)
            for code, p in POINTS_AC.items()
            if reponses.get(code)
        ],
        "dates": [(libelle, getattr(c, code)) for code, libelle in DATES if getattr(c, code)],
        "suites": [(s, TONS_CONTROLE_AC[s.etat]) for s in (c.origine or c).suites.order_by("pk")],
        "lignes": commun.lignes(c, CONTROLE_AC),
        "redevances": c.redevances.exclude(etat__in=("", "annulee")).order_by("pk"),
        "lettres": Courrier.objects.filter(
            dossier_type__app_label="assainissement", dossier_type__model="controleac", dossier_id=c.pk
        ).order_by("-pk"),
        "genre": sujet_de(c).genre,
        "annulation": refus_annulation(c, commun.compte(request)),
        "peut_annuler": peut(request.user, perms.VALIDER, c.insee),
        "peut_saisir": c.saisissable and perms.peut_saisir(request.user, c),
        "peut_affecter": c.saisissable and peut(request.user, perms.ENREGISTRER, c.insee),
        "peut_corriger": c.etat != "annule" and peut(request.user, perms.ENREGISTRER, c.insee),
        "peut_contre_visiter": c.origine_id is None
        and c.etat in ("valide_non_conforme", "travaux")
        and peut(request.user, perms.ENREGISTRER, c.insee),
    }
    return render(request, "assainissement/controle_ac.html", contexte)


def _vente(request: HttpRequest) -> DeclarationVente | None:
    """The sale from which it is asked, if this person may record it."""
    cle = request.GET.get("vente", "")
    if not (cle.isdecimal() and len(cle) < 18):
        return None
    v = DeclarationVente.objects.visibles_par(request.user).filter(pk=int(cle)).first()
    return v if v is not None and peut(request.user, perms.ENREGISTRER, v.insee) else None


def _tiers(request: HttpRequest, vente: DeclarationVente | None, choisi: Any) -> Any:
    vendeur = (vente.vendeur_id if vente is not None else None) or 0
    return tiers_offerts(request, choisi) | Tiers.objects.filter(pk=vendeur)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest) -> HttpResponse:
    """Ask for a control of a connection, a parcel or an address."""
    envoi = request.method == "POST"
    cle = request.GET.get("branchement", "")
    branchement = branchement_ou_404(request, int(cle)) if cle.isdecimal() and len(cle) < 18 else None
    if branchement is not None and not peut(request.user, perms.ENREGISTRER, branchement.insee):
        raise Http404
    vente = _vente(request)
    communes = communes_du_droit(request.user, perms.ENREGISTRER)
    insee = branchement.insee if branchement is not None else next(iter(communes), "")
    formulaire = FormulaireControleAC(
        request.POST if envoi else None,
        communes=communes,
        tiers=_tiers(request, vente, branchement.proprietaire if branchement is not None else None),
        agents=agents_du_droit(perms.SAISIR, insee) if insee else Utilisateur.objects.none(),
        branchement=branchement,
        initial={
            "motif": "vente" if request.GET.get("motif") == "vente" else "demande",
            "reference": request.GET.get("parcelle", "")[:14],
            "demandeur": vente.vendeur_id if vente is not None else None,
        },
    )
    if envoi and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            c = controles_ac.demander(
                branchement.insee if branchement is not None else d["insee"],
                d["motif"],
                par=commun.compte(request),
                branchement=branchement,
                reference=d.get("reference", ""),
                adresse=d["adresse"],
                logement=d["logement"],
                demandeur=formulaire.qui_demande(
                    commun.compte(request), branchement.insee if branchement is not None else d["insee"]
                ),
                agent=d["agent"],
                jour=d["demande"],
                client_uuid=d["client_uuid"],
            )
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            if vente is not None:
                ventes_correction.rattacher(vente, c, par=commun.compte(request))
            messages.success(request, f"Le contrôle {c} est demandé.")
            return redirect(c.get_absolute_url())
    contexte = {"titre": "Demander un contrôle de branchement", "b": branchement, "formulaire": formulaire}
    return render(request, "assainissement/branchement_saisie.html", contexte, status=422 if envoi else 200)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def corriger(request: HttpRequest, pk: int) -> HttpResponse:
    """Mend what was asked, and who asked: he pays."""
    c = _a_saisir(request, pk, perms.ENREGISTRER)
    if c.etat == "annule":
        messages.error(request, "Ce contrôle est annulé : demandez-en un autre.")
        return redirect(c.get_absolute_url())
    envoi, concurrent = request.method == "POST", False
    formulaire = FormulaireCorrectionAC(
        request.POST if envoi else None, controle=c, tiers=tiers_offerts(request, c.demandeur)
    )
    if envoi and formulaire.is_valid():
        par = commun.compte(request)
        try:
            with transaction.atomic():
                qui = formulaire.qui_demande(par, c.insee)
                controles_ac.corriger(c, formulaire.champs(), qui, par=par, version=version_vue(request))
        except ConflitEdition as e:
            formulaire.add_error(None, str(e))
            concurrent = True
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, "La demande est corrigée.")
            return redirect(c.get_absolute_url())
    contexte = {
        "titre": "Corriger la demande",
        "c": c,
        "formulaire": formulaire,
        "version": version_a_porter(request, c, concurrent=concurrent),
    }
    return render(request, "assainissement/controle_ac_corriger.html", contexte, status=422 if envoi else 200)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def affecter(request: HttpRequest, pk: int) -> HttpResponse:
    """Name who makes the visit."""
    c = _a_saisir(request, pk, perms.ENREGISTRER)
    envoi = request.method == "POST"
    formulaire = FormulaireAffecter(
        request.POST if envoi else None,
        agents=agents_du_droit(perms.SAISIR, c.insee),
        prestataires=Prestataire.objects.filter(insee=c.insee, actif=True),
        initial={"agent": c.agent_id, "prestataire": c.prestataire_id},
    )
    if envoi and formulaire.is_valid():
        try:
            d = formulaire.cleaned_data
            controles_ac.affecter(c, d["agent"], d["prestataire"], par=commun.compte(request))
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            messages.success(request, "Le contrôleur est désigné.")
            return redirect(c.get_absolute_url())
    contexte = {"titre": "Désigner le contrôleur", "b": c, "formulaire": formulaire}
    return render(request, "assainissement/branchement_saisie.html", contexte, status=422 if envoi else 200)


@droit(perms.REALISER)
@require_http_methods(["GET", "HEAD", "POST"])
@recoit_pieces
def points(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the points and add photos; kept even half-filled."""
    c = controle_ou_404(request, pk)
    if not perms.peut_saisir(request.user, c):
        raise Http404
    if request.method == "POST":
        reponses = {code: request.POST.get(f"p_{code}", "") for code in POINTS_AC}
        try:
            controles_ac.repondre(c, reponses, request.POST.get("observations", "").strip()[:4000])
        except Refus as e:
            messages.error(request, str(e))
        else:
            messages.success(request, "Les points sont enregistrés.")
            _joindre(request, c)
        return redirect(c.get_absolute_url())
    photos = photos_ac.photos(c)
    contexte = {
        "c": c,
        "photos": photos,
        "photos_max": photos_ac.PHOTOS_MAX,
        "restent": photos_ac.PHOTOS_MAX - len(photos),
        "points": [(p, c.points.get(code, ""), list(p.choix.items())) for code, p in POINTS_AC.items()],
        "ferme": not c.saisissable,
    }
    return render(request, "assainissement/points_ac.html", contexte)


def _joindre(request: HttpRequest, c: ControleAC) -> None:
    """Photos sent with the points: a refused one is told, and takes nothing else with it."""
    ajoutees, refus = photos_ac.joindre(
        c,
        request.FILES.getlist("photos"),
        request.POST.get("legende", "").strip()[:200],
        par=commun.compte(request),
    )
    if ajoutees:
        messages.success(
            request, f"{ajoutees} photo{'s' if ajoutees > 1 else ''} ajoutée{'s' if ajoutees > 1 else ''}."
        )
    lourdes = [trop_lourd(nom, 0, settings.PIECE_TAILLE_MAX).message for nom in refuses(request, "photos")]
    for raison in (*refus, *lourdes):
        messages.error(request, raison)


@droit(perms.ENREGISTRER)
@require_POST
def contre_visite(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the contre-visite of a control that does not conform."""
    c = _a_saisir(request, pk, perms.ENREGISTRER)
    version = request.POST.get("version", "")
    try:
        suite = controles_ac.contre_visiter(c, par=commun.compte(request), version=commun.nombre(version, -1))
    except (Refus, ConflitEdition, ErreurWorkflow) as e:
        messages.error(request, str(e))
        return redirect(c.get_absolute_url())
    messages.success(request, f"La contre-visite {suite} est ouverte.")
    return redirect(suite.get_absolute_url())


@droit(perms.VOIR_CONTROLE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of a control."""
    c = controle_ou_404(request, pk)
    return commun.saisir_evenement(
        request, c, code, CONTROLE_AC, controles_ac.agir, muettes=MUETTES, retour=c.get_absolute_url(),
        aide=AIDES.get(code, ""),
    )  # fmt: skip


@droit(perms.VALIDER)
@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out its last event."""
    c = controle_ou_404(request, pk)
    return commun.annuler(request, c, c.get_absolute_url())
