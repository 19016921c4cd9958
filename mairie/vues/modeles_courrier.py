"""Templates and letterheads on screen: draft beside its preview, versions, copy for a collectivité."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit
from mairie import journal
from mairie.courriers import droits, entetes, livraison, modeles
from mairie.courriers.actions import ENTETE_MODIFIE
from mairie.courriers.contenu import Projet, composer_projet
from mairie.courriers.ecran import champs_offerts
from mairie.courriers.erreurs import ConflitEdition, CourrierRefuse
from mairie.courriers.formulaires import EnTeteForm, ModeleForm, VersionForm
from mairie.courriers.rendu import RenduRefuse
from mairie.courriers.reponses import reponse_pdf
from mairie.courriers.sujets import sujet, sujets
from mairie.models import Collectivite, EnTete, ModeleCourrier, Utilisateur, VersionModele
from mairie.perms import GERER_MODELES
from mairie.roles import metiers

# Dossiers offered to try a template on.
ESSAIS_MAX = 20


def _par(request: HttpRequest) -> Utilisateur:
    # A right is held by an account only.
    return cast(Utilisateur, request.user)


def _modele(request: HttpRequest, pk: int) -> ModeleCourrier:
    visibles = ModeleCourrier.objects.visibles_par(request.user).select_related("collectivite")
    trouve: ModeleCourrier = get_object_or_404(visibles, pk=pk)
    return trouve


def _exiger(request: HttpRequest, modele: ModeleCourrier) -> None:
    if not droits.peut_modifier(_par(request), modele):
        raise PermissionDenied("Ce modèle sert à toutes les collectivités.")


def _forme_modele(request: HttpRequest, *donnees: Any, instance: ModeleCourrier | None = None) -> ModeleForm:
    utilisateur = _par(request)
    metiers_ = droits.metiers_geres(utilisateur)
    return ModeleForm(
        *donnees,
        instance=instance,
        metiers=metiers_,
        collectivites=droits.collectivites_gerees(utilisateur),
        commun=any(droits.gere(utilisateur, m, None) for m, _ in metiers_),
    )


@droit(GERER_MODELES)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveau(request: HttpRequest) -> HttpResponse:
    """A template: what it is; its text comes next."""
    forme = _forme_modele(request, request.POST or None)
    if request.method == "POST" and forme.is_valid():
        modele: ModeleCourrier = forme.save(commit=False)
        _exiger(request, modele)
        try:
            with transaction.atomic():
                modele.save()
        except IntegrityError:
            forme.add_error("code", "Un modèle de ce métier porte déjà ce code ici.")
        else:
            return redirect("modele_courrier", modele.pk)
    contexte = {"forme": forme, "titre": "Nouveau modèle"}
    return render(request, "mairie/courriers/modele_nouveau.html", contexte)


@droit(GERER_MODELES)
@require_http_methods(["GET", "HEAD", "POST"])
def modele(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft with its editor and its preview, and the versions before it. POST saves the draft."""
    m = _modele(request, pk)
    if request.method != "POST":
        version = _a_montrer(m)
        initial = {"jeton": version.jeton if version.publiee_le is None else 0}
        return _montrer(request, m, VersionForm(instance=version, initial=initial))
    _exiger(request, m)
    forme = VersionForm(request.POST)
    if not forme.is_valid():
        return _montrer(request, m, forme)
    champs = {c: forme.cleaned_data[c] for c in modeles.SAISIS}
    try:
        modeles.enregistrer(m, par=_par(request), jeton=forme.cleaned_data["jeton"], champs=champs)
    except CourrierRefuse as e:
        if isinstance(e, ConflitEdition):
            saisie = request.POST.copy()
            saisie["jeton"] = str(modeles.brouillon(m).jeton)
            forme.data = saisie
        return _montrer(request, m, forme, e.raisons, isinstance(e, ConflitEdition))
    messages.success(request, "Le brouillon est enregistré ; il ne sert qu'une fois mis en service.")
    return redirect("modele_courrier", pk)


def _a_montrer(m: ModeleCourrier) -> VersionModele:
    """The draft if there is one, else what a new draft would start from."""
    return (
        m.versions.filter(publiee_le__isnull=True).first()
        or m.versions.order_by("-numero").first()
        or VersionModele(modele=m, numero=1)
    )


def _montrer(
    request: HttpRequest,
    m: ModeleCourrier,
    forme: VersionForm,
    fautes: tuple[str, ...] = (),
    conflit: bool = False,
) -> HttpResponse:
    versions = list(m.versions.select_related("cree_par"))
    essais = [
        (f"{s.genre}:{d.pk}", s.titre(d))
        for s in sujets(m.metier)
        if m.genre in ("", s.genre)
        for d in s.visibles(request.user).order_by("-pk")[:ESSAIS_MAX]
    ]
    choisi = request.GET.get("essai", "")
    collectivites = droits.collectivites_gerees(_par(request), m.metier)
    contexte = {
        "modele": m,
        "metier": metiers().get(m.metier, m.metier),
        "modifiable": droits.peut_modifier(_par(request), m),
        "forme": forme,
        "fautes": fautes,
        "conflit": conflit,
        "versions": versions,
        "brouillon": next((v for v in versions if v.publiee_le is None), None),
        "montree": _a_montrer(m),
        "essais": essais,
        "essai": choisi if choisi in {code for code, _ in essais} else "",
        "groupes_champs": champs_offerts(m.metier),
        "aujourdhui": timezone.localdate(),
        "copies": [c for c in collectivites if m.collectivite_id is None],
    }
    return render(request, "mairie/courriers/modele.html", contexte, status=422 if fautes else 200)


@droit(GERER_MODELES)
@require_POST
def agir(request: HttpRequest, pk: int, acte: str) -> HttpResponse:
    """Put in service, take an earlier text again, copy for a collectivité, offer or not."""
    m = _modele(request, pk)
    try:
        if acte == "copier":
            return _copier(request, m)
        _exiger(request, m)
        if acte == "publier":
            try:
                le = parse_date(request.POST.get("le", "")) or timezone.localdate()
            except ValueError as e:
                raise CourrierRefuse("Cette date n'existe pas.") from e
            version = modeles.mettre_en_service(m, par=_par(request), le=le)
            messages.success(
                request, f"La version {version.numero} est en service à partir du {le:%d/%m/%Y}."
            )
        elif acte == "restaurer":
            numero = request.POST.get("numero", "")
            version = get_object_or_404(m.versions, numero=numero if numero.isdecimal() else 0)
            modeles.restaurer(version, par=_par(request))
            messages.success(
                request, f"Le texte de la version {version.numero} est repris dans le brouillon."
            )
        elif acte == "reprendre-livre":
            return _reprendre_livre(request, m)
        elif acte == "proposer":
            m.actif = not m.actif
            m.save(update_fields=["actif"])
        else:
            raise Http404
    except CourrierRefuse as e:
        for raison in e.raisons:
            messages.error(request, raison)
    return redirect("modele_courrier", pk)


def _reprendre_livre(request: HttpRequest, m: ModeleCourrier) -> HttpResponseRedirect:
    """Into the draft, to be read and put in service; or in service at once."""
    remplacer = bool(request.POST.get("remplacer"))
    if request.POST.get("servir"):
        version = livraison.servir(m, par=_par(request), remplacer=remplacer)
        messages.success(request, f"« {m} » : le texte livré est en service, version {version.numero}.")
        return redirect("modeles_livres")
    livraison.reprendre(m, par=_par(request), remplacer=remplacer)
    messages.success(request, "Le texte livré est dans le brouillon : relisez-le, puis mettez-le en service.")
    return redirect("modele_courrier", m.pk)


@droit(GERER_MODELES)
@require_http_methods(["GET", "HEAD", "POST"])
def livres(request: HttpRequest) -> HttpResponse:
    """Templates whose text in service is not the one shipped; POST takes those that nobody adapted."""
    if request.method == "POST":
        pris = livraison.servir_intacts(par=_par(request))
        messages.success(request, f"Textes livrés mis en service : {len(pris)}.")
        return redirect("modeles_livres")
    ecarts = livraison.ecarts(_par(request), timezone.localdate())
    intacts = sum(e.intact and e.modifiable and not e.brouillon for e in ecarts)
    return render(request, "mairie/courriers/livres.html", {"ecarts": ecarts, "intacts": intacts})


def _copier(request: HttpRequest, m: ModeleCourrier) -> HttpResponseRedirect:
    code = request.POST.get("collectivite", "")
    collectivite = get_object_or_404(Collectivite, code=code)
    if not droits.gere(_par(request), m.metier, collectivite):
        raise PermissionDenied
    copie = modeles.copier_pour(m, collectivite, par=_par(request))
    messages.success(request, f"{collectivite} a son propre modèle ; mettez-le en service quand il est prêt.")
    return redirect("modele_courrier", copie.pk)


@droit(GERER_MODELES)
@require_safe
def apercu(request: HttpRequest, pk: int, numero: int) -> HttpResponseBase:
    """PDF of a version: on a dossier that the person may read, or on the examples of the fields."""
    m = _modele(request, pk)
    version = get_object_or_404(m.versions, numero=numero)
    genre, _, cle = request.GET.get("essai", "").rpartition(":")
    s, dossier = sujet(genre), None
    if s is not None and s.metier == m.metier and cle.isdecimal():
        dossier = get_object_or_404(s.visibles(request.user), pk=cle)
    emetteur = m.collectivite
    if dossier is not None and s is not None:
        emetteur = Collectivite.objects.filter(code=s.insee(dossier)).first() or emetteur
    emetteur = emetteur or next(iter(droits.collectivites_gerees(_par(request), m.metier)), None)
    if emetteur is None:
        raise Http404
    repris = ("objet", "corps", "forme", "mode", "a_signer", "public")
    projet = Projet(
        sujet=s,
        dossier=dossier,
        metier=m.metier,
        emetteur=emetteur,
        libelle=m.libelle,
        destinataire="Madame Jeanne Exemple",
        destinataire_adresse="12 rue de l'Exemple\n00000 VILLE",
        redacteur=str(request.user),
        code="exemple",
        **{c: getattr(version, c) for c in repris},
    )
    try:
        return reponse_pdf(composer_projet(projet, timezone.localdate()).rendre().pdf, "modele.pdf")
    except RenduRefuse as e:
        return render(request, "mairie/courriers/sans_apercu.html", {"raison": str(e)}, status=422)


# --- letterheads ---------------------------------------------------------------------------------


def _place(request: HttpRequest, code: str, metier: str) -> Collectivite:
    """The collectivité whose letterhead this person may set, for a trade or all; 404 otherwise."""
    collectivite = get_object_or_404(Collectivite, code=code, active=True)
    if (metier and metier not in metiers()) or not droits.gere(_par(request), metier, collectivite):
        raise Http404
    return collectivite


@droit(GERER_MODELES)
@require_safe
def lister_entetes(request: HttpRequest) -> HttpResponse:
    """Each collectivité with its letterheads, and the trades that may have their own."""
    utilisateur = _par(request)
    lignes = []
    for c in droits.collectivites_gerees(utilisateur):
        poses = {e.metier: e for e in c.entetes.all()}
        choix = [("", "Toutes les lettres"), *metiers().items()]
        lignes.append(
            (
                c,
                [
                    (m, nom, poses.get(m))
                    for m, nom in choix
                    if m != "mairie" and droits.gere(utilisateur, m, c)
                ],
            )
        )
    return render(request, "mairie/courriers/entetes.html", {"lignes": lignes})


@droit(GERER_MODELES)
@require_http_methods(["GET", "HEAD", "POST"])
def entete(request: HttpRequest, code: str, metier: str = "") -> HttpResponse:
    """The letterhead of a collectivité, for a trade or for all."""
    collectivite = _place(request, code, metier)
    pose = EnTete.objects.filter(collectivite=collectivite, metier=metier).first()
    depart = pose or EnTete(collectivite=collectivite, metier=metier)
    if pose is None:
        textes = entetes.entete_de(collectivite, metier).textes
        for champ in ("nom", "sous_titre", "adresse", "pied", "lieu"):
            setattr(depart, champ, textes.get(champ, ""))
    forme = EnTeteForm(
        request.POST or None, request.FILES or None, instance=depart, initial={"version": depart.version}
    )
    if request.method == "POST" and forme.is_valid():
        if _garder(request, forme, pose):
            messages.success(request, "L'en-tête est enregistré : les prochaines lettres le porteront.")
            return redirect("entetes")
        messages.error(
            request, "Cet en-tête a changé pendant que vous le modifiiez : relisez-le, puis enregistrez."
        )
        return redirect(request.path)
    contexte = {
        "forme": forme,
        "collectivite": collectivite,
        "metier": metier,
        "metier_nom": metiers().get(metier, ""),
        "entete": pose,
    }
    return render(request, "mairie/courriers/entete.html", contexte)


def _garder(request: HttpRequest, forme: EnTeteForm, pose: EnTete | None) -> bool:
    """Save; false when somebody else did since the form was opened."""
    with transaction.atomic():
        e: EnTete = forme.save(commit=False)
        if pose is not None:
            tenu = EnTete.objects.select_for_update(of=("self",)).get(pk=pose.pk)
            if tenu.version != forme.cleaned_data["version"]:
                return False
        image = forme.cleaned_data.get("fichier")
        if image:
            e.logo_mime = image[0]
            e.logo.save(
                "logo.svg" if image[0] == "image/svg+xml" else "logo.png", ContentFile(image[1]), save=False
            )
        elif forme.cleaned_data["sans_logo"]:
            e.logo, e.logo_mime = "", ""
        e.version = (pose.version if pose else 0) + 1
        e.save()
        journal.noter(_par(request), ENTETE_MODIFIE, e, insee=e.collectivite.code)
    return True


@droit(GERER_MODELES)
@require_safe
def logo(request: HttpRequest, code: str, metier: str = "") -> HttpResponse:
    """The picture of a letterhead, alone: a drawing may run nothing and load nothing."""
    collectivite = _place(request, code, metier)
    pose = get_object_or_404(EnTete, collectivite=collectivite, metier=metier)
    image = entetes.logo_de(pose)
    if image is None:
        raise Http404
    reponse = HttpResponse(image.octets, content_type=image.mime)
    reponse["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    reponse["Cache-Control"] = "private, no-cache"
    return reponse
