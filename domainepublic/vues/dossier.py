"""The page of an occupation, the entry of its events, its facts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domainepublic import (
    actes,
    alertes,
    conflits,
    corrections,
    perms,
    personnes,
    services_proposes,
    signataires,
    tarifs,
    voirie,
)
from domainepublic.conflits import leves_par, premiere_periode_libre
from domainepublic.consultations import AVIS_RECU, avis_attendus, noter_avis
from domainepublic.courriers import concurrence
from domainepublic.courriers.propositions import contexte_courriers
from domainepublic.empechements import (
    DECISIFS,
    REGARDENT_LA_RUE,
    SANS_SAISIE,
    Empechement,
    empechements,
)
from domainepublic.formulaires import (
    FormulaireEvenement,
    FormulaireFaits,
    FormulaireSimulation,
    faits_initiaux,
)
from domainepublic.instruction.etats import EN_ATTENTE, FINALS, MODIFIABLES, TITRES
from domainepublic.models import Alerte, DossierODP
from domainepublic.plans import adresse_sur_la_carte, plan_du_sol, plans_des_conflits
from domainepublic.regles.tables.types import NIVEAUX
from domainepublic.services import agir, modifier_faits
from domainepublic.transmissions import repreneur
from domainepublic.usager.declaration import USAGE_SUIVI
from domainepublic.workflow import DOSSIER_ODP
from gis_data.acces import droit
from mairie import consultations, renvois
from mairie.courriers.section import lettres_de
from mairie.habilitations import peut
from mairie.models import Consultation, Utilisateur
from mairie.perms import CONSULTER_SERVICES
from mairie.vues.suivi import donner_cle
from mairie.workflow import (
    ConflitEdition,
    Refus,
    TypeEvenement,
    actions_possibles,
    annuler_dernier,
    journal,
    refus_annulation,
)
from mairie.workflow.edition import version_a_porter, version_vue
from mairie.workflow.examen import Action

# Played by the calendar or by a service of its own, never by hand.
SANS_FORMULAIRE = ("ouvrir_brouillon", "commencer", "echoir", "ouvrir_constat", "lever_conflit")
# The step that the state waits for: it comes first, as the main button.
DEVANT = (
    "instruire", "completer", "clore_publicite", "retenir", "reprendre", "preparer_acte", "signer",
    "accepter_prolongation", "reprendre_occupation", "constater_liberation", "regulariser",
)  # fmt: skip
# Not for who waived a conflict, without a second look (spec §11).
SECOND_REGARD = ("signer", "accepter_prolongation")
DERRIERE = ("classer_sans_suite", "refuser", "retirer", "constater_caducite", "suspendre", "renvoyer")
DATES = (
    ("date_depot", "Demande reçue"),
    ("date_limite_pieces", "Pièces attendues jusqu'au"),
    ("terme_silence", "Réponse avant le"),
    ("refus_implicite_le", "Refus né du silence"),
    ("date_decision", "Décision"),
    ("debut_titre", "Début du titre"),
    ("fin_titre", "Fin du titre"),
    ("fin_effective", "Sol libre depuis le"),
)


def dossier_ou_404(request: HttpRequest, pk: int) -> DossierODP:
    """The file, if this person may read it."""
    trouve: DossierODP = get_object_or_404(
        DossierODP.objects.visibles_par(request.user).select_related(
            "voie", "demandeur", "executant", "payeur", "instructeur", "dossier_origine"
        ),
        pk=pk,
    )
    return trouve


def dossier_a_instruire(request: HttpRequest, pk: int) -> DossierODP:
    """The file, if this person may change it: 404 otherwise."""
    d = dossier_ou_404(request, pk)
    if not perms.peut_instruire(request.user, d):
        raise Http404
    return d


def dossier_a_facturer(request: HttpRequest, pk: int) -> DossierODP:
    """The file, if this person bills in its commune: 404 otherwise."""
    d = dossier_ou_404(request, pk)
    if not peut(request.user, perms.FACTURER, d.insee):
        raise Http404
    return d


def compte(request: HttpRequest) -> Utilisateur:
    """The account behind the request."""
    assert isinstance(request.user, Utilisateur)  # noqa: S101
    return request.user


@droit(perms.LIRE)
@require_safe
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one occupation on one page."""
    d = dossier_ou_404(request, pk)
    lignes = journal.lignes(d)
    vivantes = {e.pk for e in journal.vivantes(lignes)}
    ici = [a for a in actions_possibles(d, compte(request)) if a.ici and a.type.code not in SANS_FORMULAIRE]
    attendus = avis_attendus(d, compte(request))
    # Nobody is waited for: there is no opinion to record.
    ici = [a for a in ici if a.type.code != AVIS_RECU or attendus]
    ici.sort(key=lambda a: (a.type.code in DERRIERE, not a.possible, a.type.code not in DEVANT))
    emprises = list(d.emprises.select_related("type"))
    factures = list(d.lignes.select_related("titre").prefetch_related("corrections"))
    affiches = [(libelle, date.fromisoformat(d.dates[code])) for code, libelle in DATES if d.dates.get(code)]
    if d.etat not in EN_ATTENTE:
        # Answered: the term of the silence has no object any more.
        affiches = [(libelle, jour) for libelle, jour in affiches if libelle != "Réponse avant le"]
    trouves = sorted(
        d.conflits.select_related("emprise", "autre__dossier", "autre__type", "leve_par"),
        key=lambda c: -NIVEAUX.index(c.niveau),
    )
    modifiable = d.etat in MODIFIABLES and perms.peut_instruire(request.user, d)
    bloquants = [c for c in trouves if c.bloque]
    bloque = modifiable and bool(bloquants)
    peut_lever = peut(request.user, perms.LEVER, d.insee)
    retenues = [
        (a, raisons)
        for a in ici
        if a.type.code in DECISIFS and (raisons := empechements(d, a, bloquants, peut_lever=peut_lever))
    ]
    entier = DossierODP.objects.entiers_pour(request.user).filter(pk=d.pk).exists()
    lettres = entier or DossierODP.objects.lettres_pour(request.user).filter(pk=d.pk).exists()
    factures = factures if entier else []
    prevoir = corrections.previsions if d.etat in TITRES else tarifs.previsions
    previsions = [] if factures or not entier else prevoir(d)
    facture = peut(request.user, perms.FACTURER, d.insee)
    signes = signataires.signees([d])[d.pk]
    demandes = list(consultations.de_dossier(d))
    contexte: dict[str, Any] = {
        "d": d,
        "attente": d.etat in EN_ATTENTE,
        "titre": d.etat in TITRES,
        "final": d.etat in FINALS,
        "modifiable": modifiable,
        "actions": [a for a in ici if a not in [retenue for retenue, _ in retenues]],
        "retenues": retenues,
        "annulation": refus_annulation(d, compte(request)),
        "peut_annuler": peut_lever,
        "dates": affiches,
        "emprises": emprises,
        "nature": (nature := actes.nature_du_dossier(d)),
        "rue": rue if modifiable and (rue := voirie.constat_du_dossier(d)).ecarts(d) else None,
        "actes": [(a, signes.get(a.autorite)) for a in nature.actes],
        "plans_conflits": plans_des_conflits(d.insee, trouves),
        "conflits": trouves,
        "bloque": bloque,
        "libre": premiere_periode_libre(d) if bloque else None,
        "montant": sum((x.montant for x in factures if x.etat != x.Etat.ANNULEE), Decimal(0))
        if factures
        else sum((p.montant or Decimal(0) for p in previsions), Decimal(0)),
        "peut_lever": peut_lever,
        "lignes": [(x, corrections.corrigeable(x) if facture else Decimal(0)) for x in factures],
        "peut_figer": facture and bool(previsions) and corrections.a_figer(d),
        "attend_vente": bool(previsions) and d.etat in TITRES and corrections.attend_sa_vente(d),
        "previsions": previsions,
        "entier": entier,
        **(_simulation(request, d) if entier else {}),
        "evenements": [
            (e, e.pk in vivantes, journal.libelle(DOSSIER_ODP, e.type), _resume(e.donnees) if entier else "")
            for e in reversed(lignes)
        ],
        "suites": d.suites.all(),
        "permis": renvois.trouver("urba", d.autorisation, request.user),
        "riverains": list(d.riverains.all()),
        "alertes": _alertes(d),
        "repreneur": repreneur(d) if d.etat in TITRES else None,
        **_interets(request, d, lignes),
        "mesures": d.mesures.select_related("voie", "dossier"),
        "constats": d.constats.select_related("agent"),
        "sans_titre": d.canal == d.Canal.TERRAIN and not factures and _prix_sans_titre(request, d),
        "consultations": demandes if entier else (),
        "services": services_proposes.proposer(
            d, consultations.services("domainepublic", d.insee), nature, trouves, demandes
        )
        if d.etat == "en_instruction"
        else [],
        **_conduite(request, d),
        "peut_noter_avis": peut(request.user, CONSULTER_SERVICES, d.insee),
        "avis_a_rendre": [c.pk for c in attendus.values() if c is not None],
        "choix_avis": Consultation.Avis.choices,
        "courriers": contexte_courriers(request.user, d) if lettres else None,
        "affichable": d.etat in TITRES,
        "plan": plan_du_sol(d.insee, emprises),
        "carte": adresse_sur_la_carte(emprises),
        "aujourdhui": timezone.localdate(),
    }
    return render(request, "domainepublic/dossier.html", contexte)


def _conduite(request: HttpRequest, d: DossierODP) -> dict[str, Any]:
    """For who studies the file: to whom it may be given, what of its people may still be corrected."""
    if not perms.peut_instruire(request.user, d):
        return {"peut_instruire": False}
    # Given to nobody more once it is over.
    confie = [] if d.etat in FINALS else personnes.instructeurs(d.insee)
    return {
        "peut_instruire": True,
        "personnes_corrigeables": bool(personnes.modifiables(d)),
        "peut_prendre": d.instructeur_id != request.user.pk and request.user in confie,
        "collegues": [u for u in confie if u.pk not in (d.instructeur_id, request.user.pk)],
    }


def _interets(request: HttpRequest, d: DossierODP, lignes: Any) -> dict[str, Any]:
    """Who declared an interest, for who studies the file: set aside, answered or waiting; and the choice."""
    if not perms.peut_instruire(request.user, d):
        return {"interets": ()}
    interets = list(d.interets.select_related("ecarte_par"))
    choix = next((e for e in reversed(journal.vivantes(lignes)) if e.type == "retenir"), None)
    if interets and choix is not None:
        lettres = {i.pk: lettre for i, lettre in concurrence.reponses(d, lettres_de(d))}
        for i in interets:
            i.lettre = lettres.get(i.pk)  # type: ignore[attr-defined]
    return {"interets": interets, "choix": choix}


def _alertes(d: DossierODP) -> list[tuple[str, str, list[Alerte]]]:
    """Open alerts by kind: (code, words, alerts)."""
    par_genre: dict[str, list[Alerte]] = {}
    for alerte in d.alertes.filter(traitee_le__isnull=True):
        par_genre.setdefault(alerte.genre, []).append(alerte)
    return [(genre, x[0].get_genre_display(), x) for genre, x in par_genre.items()]


@droit(perms.INSTRUIRE)
@require_POST
def traiter_alerte(request: HttpRequest, pk: int, genre: str) -> HttpResponse:
    """The agent has looked at it."""
    d = dossier_a_instruire(request, pk)
    if genre not in Alerte.Genre.values:
        raise Http404
    if alertes.traiter(d, genre, par=compte(request)):
        messages.success(request, "L'alerte est classée.")
    return redirect(d.get_absolute_url())


def _simulation(request: HttpRequest, d: DossierODP) -> dict[str, Any]:
    """The same ground on other days: form, and its price once days are given."""
    if not tarifs.facture(d.insee) or d.debut is None:
        return {}
    formulaire = FormulaireSimulation(
        request.GET if "du" in request.GET else None, initial={"du": d.debut, "au": d.fin}
    )
    if not formulaire.is_valid():
        return {"simulation": formulaire}
    prevues = tarifs.simuler_dates(d, formulaire.cleaned_data["du"], formulaire.cleaned_data["au"])
    montants = [p.montant for p in prevues if p.montant is not None]
    total = sum(montants, Decimal(0)) if len(montants) == len(prevues) else None
    return {"simulation": formulaire, "simulees": prevues, "simule_total": total}


def _prix_sans_titre(request: HttpRequest, d: DossierODP) -> Any:
    """The price of an occupation without title until today, for who may bill it."""
    from domainepublic.constats import prix_sans_titre

    if not peut(request.user, perms.FACTURER, d.insee):
        return None
    return prix_sans_titre(d, min(timezone.localdate(), d.fin or timezone.localdate()))


_MUETS = ("signataires", "actes", "autorite", "canal", "caducite_mois")


def _resume(donnees: dict[str, Any]) -> str:
    """Short words of an event's data."""
    morceaux = []
    if donnees.get("actes") and donnees.get("debut"):
        fin = donnees.get("fin")
        morceaux.append(f"du {_lisible(donnees['debut'])}" + (f" au {_lisible(fin)}" if fin else ""))
        donnees = {k: v for k, v in donnees.items() if k not in ("debut", "fin")}
    for cle, valeur in donnees.items():
        if cle in _MUETS or valeur in (None, "", False, []):
            continue
        if isinstance(valeur, list):
            morceaux.append(", ".join(str(x) for x in valeur))
        elif valeur is True:
            morceaux.append(cle)
        elif cle == "delai_jours":
            morceaux.append(f"{valeur} jours pour les produire")
        else:
            morceaux.append(_lisible(str(valeur)))
    return " · ".join(m for m in morceaux if m)[:300]


def _lisible(texte: str) -> str:
    from domainepublic.instruction.etats import MOTIFS_RETRAIT
    from mairie.calendrier import jma

    try:
        return jma(date.fromisoformat(texte))
    except ValueError:
        return MOTIFS_RETRAIT.get(texte, texte.replace("_", " "))


def _type(code: str) -> TypeEvenement:
    if code in SANS_FORMULAIRE:
        raise Http404
    try:
        return DOSSIER_ODP.type(code)
    except KeyError:
        raise Http404 from None


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event."""
    d = dossier_ou_404(request, pk)
    type_ = _type(code)
    action = next(a for a in actions_possibles(d, compte(request)) if a.type.code == code)
    attendus = avis_attendus(d, compte(request)) if code == AVIS_RECU else {}
    formulaire = FormulaireEvenement(
        type_,
        d,
        request.POST if request.method == "POST" else None,
        services=list(attendus),
        initial={"service": request.GET.get("service", "")},
    )
    raisons = [] if action.possible else list(action.raisons)
    if code == AVIS_RECU and action.possible and not attendus:
        raisons = ["Aucun avis n'est attendu sur ce dossier : demandez-le d'abord au service."]
    retenu = [] if request.method == "POST" else _retenu(request, d, action)
    if request.method == "POST" and formulaire.is_valid():
        try:
            _appliquer(request, d, code, formulaire)
            messages.success(request, f"« {type_.libelle} » est enregistré.")
            return redirect(d.get_absolute_url())
        except ConflitEdition as e:
            raisons = [str(e)]
        except Refus as e:
            raisons = list(e.raisons)
        except consultations.ConsultationImpossible as e:
            raisons = [str(e)]
    contexte = {
        "leves": leves_par(d, compte(request).pk) if code in SECOND_REGARD else 0,
        "d": d, "type": type_, "formulaire": formulaire, "raisons": [] if retenu else raisons,
        "retenu": retenu, "a": action,
    }  # fmt: skip
    return render(
        request, "domainepublic/evenement.html", contexte, status=422 if raisons and request.POST else 200
    )


def _appliquer(request: HttpRequest, d: DossierODP, code: str, formulaire: FormulaireEvenement) -> None:
    saisie: dict[str, Any] = {
        "par": compte(request),
        "version": formulaire.cleaned_data["version"],
        "date_effet": formulaire.cleaned_data["date_effet"],
        "donnees": formulaire.donnees(),
    }
    if code == AVIS_RECU:
        noter_avis(d, **saisie)
    else:
        agir(d, code, cle=formulaire.cle_saisie, **saisie)


def _retenu(request: HttpRequest, d: DossierODP, action: Action) -> list[Empechement]:
    """What holds the event back as the street is now; the form is not offered then."""
    if action.type.code not in SANS_SAISIE:
        return []
    regarde = action.ici and action.type.code in REGARDENT_LA_RUE
    bloquants = conflits.bloquants_du_jour(d) if regarde else []
    return empechements(d, action, bloquants, peut_lever=peut(request.user, perms.LEVER, d.insee))


@droit(perms.LEVER)
@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out the last event, with its reason."""
    d = dossier_ou_404(request, pk)
    try:
        version = int(request.POST.get("version", ""))
    except ValueError:
        version = -1
    try:
        annuler_dernier(d, par=compte(request), version=version, motif=request.POST.get("motif", ""))
        messages.success(request, "Le dernier événement est annulé ; il reste au journal, rayé.")
    except (Refus, ConflitEdition) as e:
        messages.error(request, str(e))
    return redirect(d.get_absolute_url())


@droit(perms.INSTRUIRE)
@require_POST
def cle(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key of follow-up, for who lost his."""
    d = dossier_a_instruire(request, pk)
    return donner_cle(request, d, USAGE_SUIVI, insee=d.insee, numero=str(d), retour=str(d.get_absolute_url()))


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def faits(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what the acts depend on."""
    d = dossier_a_instruire(request, pk)
    donnees = request.POST if request.method == "POST" else None
    rue = voirie.constat_du_dossier(d)
    reprise = rue.faits if "voirie" in request.GET else {}
    formulaire = FormulaireFaits(donnees, initial={**faits_initiaux(d), **reprise})
    concurrent = False
    types = d.emprises.values_list("type__code", flat=True)
    if donnees is not None and formulaire.is_valid() and formulaire.convient(d.beneficiaire, types):
        try:
            modifier_faits(d, formulaire.faits(), version=version_vue(request))
            messages.success(request, "Les faits sont enregistrés ; les actes sont recalculés.")
            return redirect(f"{d.get_absolute_url()}#actes")
        except (Refus, ConflitEdition) as e:
            formulaire.add_error(None, str(e))
            concurrent = isinstance(e, ConflitEdition)
            d.refresh_from_db()
    version = version_a_porter(request, d, concurrent=concurrent)
    contexte = {
        "d": d, "faits": formulaire, "concurrent": concurrent, "version": version, "rue": rue,
        "reprise": bool(reprise), "rue_differe": rue.ecarts(d),
    }  # fmt: skip
    return render(request, "domainepublic/faits.html", contexte)
