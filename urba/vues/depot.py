"""Entry of a new request, from a parcel clicked on the map or from nothing, with its delay shown first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_safe

from cadastre.models import Parcelle
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit
from mairie.models import Adresse, Tiers, Utilisateur
from mairie.numerotation import dernier_donne
from mairie.tiers import service as tiers_service
from mairie.workflow import Refus
from urba import perms
from urba.formulaires import FormulaireDepot, pieces_remises
from urba.instruction.etats import type_delai
from urba.models import DossierInstruction
from urba.numerotation import DOSSIER
from urba.regles.delais import DemandeDelai, calculer_delai
from urba.regles.nomenclature import Obligation
from urba.regles.numeros import LETTRES_DES_TYPES, composer
from urba.regles.types import LIBELLES_SILENCE
from urba.services import Demandeur, NouveauDossier, deja_depose, deposer
from urba.terrain import ecarts_du_plan


@droit(perms.DEPOSER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest) -> HttpResponse:
    """One screen; nothing typed is lost on an error, and a double click makes one dossier."""
    offertes = communes_du_droit(request.user, perms.DEPOSER)
    connus = Tiers.objects.visibles_par(request.user).actifs()
    options: dict[str, Any] = {"communes": offertes, "tiers": connus}
    if request.method == "POST":
        formulaire = FormulaireDepot(request.POST, request.FILES, **options)
        if formulaire.is_valid():
            try:
                d = _deposer(formulaire.cleaned_data, request.user)
            except Refus as e:
                for raison in e.raisons:
                    formulaire.add_error(None, raison)
            else:
                messages.success(request, f"Le dossier {d} est enregistré.")
                for proche in _proches(d):
                    messages.warning(
                        request,
                        f"Un dossier récent porte sur la même parcelle : {proche} ({proche.libelle_etat}).",
                    )
                for ecart in ecarts_du_plan(d):
                    messages.warning(request, ecart)
                return redirect("urba_dossier", pk=d.pk)
    else:
        formulaire = FormulaireDepot(initial=_depuis_parcelle(request.GET.get("idu", "")), **options)
    return render(
        request,
        "urba/deposer.html",
        {"formulaire": formulaire, "sans_commune": not offertes},
        status=422 if request.method == "POST" else 200,
    )


def _depuis_parcelle(idu: str) -> dict[str, Any]:
    """What a parcel of the map already says."""
    if len(idu) != 14:
        return {}
    version = Parcelle.objects.filter(idu=idu, valide_au__isnull=True).first()
    if version is None:
        return {}
    adresse = Adresse.objects.filter(insee=version.commune, active=True, parcelles__contains=[idu]).first()
    return {
        "insee": version.commune,
        "references": idu,
        "superficie_declaree": version.contenance,
        "adresse": str(adresse) if adresse is not None else "",
    }


def _deposer(donnees: dict[str, Any], utilisateur: Any) -> DossierInstruction:
    assert isinstance(utilisateur, Utilisateur)  # noqa: S101
    if (deja := deja_depose(donnees["client_uuid"])) is not None:
        # Before its petitioner is written a second time.
        return deja
    with transaction.atomic():
        tiers = donnees.get("petitionnaire") or _nouveau_tiers(donnees, utilisateur)
        return deposer(
            NouveauDossier(
                insee=donnees["insee"],
                type_detail=donnees["type_detail"],
                depose_le=donnees["depose_le"],
                canal=donnees["canal"],
                demandeurs=[Demandeur(tiers, accepte_electronique=tiers.accepte_electronique)],
                references=donnees["references"],
                emprise=donnees["emprise"],
                adresse=donnees["adresse"],
                superficie_declaree=donnees["superficie_declaree"],
                objet=donnees["objet"],
                objet_public=donnees["objet_public"],
                client_uuid=donnees["client_uuid"],
                pieces=donnees["pieces"],
            ),
            par=utilisateur,
        )


def _nouveau_tiers(donnees: dict[str, Any], par: Utilisateur) -> Tiers:
    morale = donnees.get("nature_tiers") == Tiers.Nature.MORALE
    commun = {
        "nature": Tiers.Nature.MORALE if morale else Tiers.Nature.PERSONNE,
        "voie": donnees["adresse_tiers"],
        "code_postal": donnees["code_postal"],
        "ville": donnees["ville"],
        "courriel": donnees["courriel"],
    }
    noms = (
        {"raison_sociale": donnees["nom"]}
        if morale
        else {"nom": donnees["nom"], "prenoms": donnees["prenoms"]}
    )
    return tiers_service.creer({**commun, **noms}, collectivite=donnees["insee"], par=par)


def _proches(d: DossierInstruction) -> list[DossierInstruction]:
    """Requests of the last three months on the same parcels: said, never an obstacle (spec §7.1)."""
    idus = [p.idu for p in d.parcelles.all() if p.idu]
    depuis = timezone.localdate() - timedelta(days=92)
    return list(
        DossierInstruction.objects.filter(insee=d.insee, parcelles__idu__in=idus, date_depot__gte=depuis)
        .exclude(pk=d.pk)
        .select_related("da")
        .distinct()[:3]
    )


@droit(perms.DEPOSER)
@require_safe
def apercu_delai(request: HttpRequest) -> JsonResponse:
    """Base delay, next number and pieces of a deposit not yet entered: shown while its form is filled."""
    detail = request.GET.get("type_detail", "")
    try:
        type_ = type_delai(detail)
        jour = parse_date(request.GET.get("depose_le", ""))
        assert isinstance(jour, date)  # noqa: S101
        resultat = calculer_delai(DemandeDelai(type_, jour))
    except (ValueError, AssertionError):
        return JsonResponse({"phrase": ""})
    limite = f"{resultat.date_limite:%d/%m/%Y}" if resultat.date_limite else ""
    silence = LIBELLES_SILENCE[resultat.decision_implicite] if resultat.decision_implicite else ""
    delai = f"Délai de base {resultat.delai_mois} mois, jusqu'au {limite}"
    pieces = [
        {"code": p.code, "libelle": p.libelle, "toujours": p.obligation is Obligation.TOUJOURS}
        for p in pieces_remises(detail)
    ]
    return JsonResponse(
        {
            "phrase": f"{delai} ; silence : {silence.lower()}.",
            "numero": _prochain_numero(request, LETTRES_DES_TYPES[type_], jour),
            "pieces": pieces,
        }
    )


def _prochain_numero(request: HttpRequest, lettres: str, jour: date) -> str:
    """The number that a deposit of today would take; empty for a commune where one may not deposit."""
    insee = request.GET.get("insee", "")
    if insee not in communes_du_droit(request.user, perms.DEPOSER):
        return ""
    ordre = dernier_donne(DOSSIER, insee, jour=jour, cle=lettres) + 1
    return composer(lettres, insee, jour.year, ordre).affichage
