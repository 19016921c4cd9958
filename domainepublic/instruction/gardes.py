"""Conditions of the events of an occupation (spec §4): each says what is missing and what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from domainepublic.instruction.recalcul import periode
from mairie.calendrier import jma
from mairie.workflow.modele import Demande, Garde


def _demandeur(demande: Demande) -> str | None:
    if demande.dossier.demandeur_id is None:
        return "Le dossier n'a pas de demandeur : dites qui demande."
    return None


DEMANDEUR = Garde("demandeur", "Un demandeur", _demandeur)


def _renouvellement(demande: Demande) -> str | None:
    if demande.dossier.annee_renouvelee is None:
        return "Ce dossier ne renouvelle aucun titre : il n'y a rien à confirmer."
    return None


RENOUVELLEMENT = Garde("renouvellement", "Un titre renouvelé", _renouvellement)


def _emprises(demande: Demande) -> str | None:
    if not demande.dossier.a_des_emprises():
        return "Le dossier n'a aucune emprise : dessinez ce qui sera occupé, avec ses dates."
    return None


EMPRISES = Garde("emprises", "Au moins une emprise", _emprises)


def _pieces(demande: Demande) -> str | None:
    pieces = demande.donnees.get("pieces")
    if isinstance(pieces, list) and pieces and all(isinstance(p, str) and p.strip() for p in pieces):
        return None
    return "Dites quelles pièces manquent : une seule lettre les demande toutes."


PIECES = Garde("pieces", "Au moins une pièce demandée", _pieces, sur_saisie=True)


def _delai_pieces(demande: Demande) -> str | None:
    jours = demande.donnees.get("delai_jours")
    if jours is not None and not 1 <= int(jours) <= 365:
        return "Le délai pour produire les pièces est compris entre 1 et 365 jours."
    return None


DELAI_PIECES = Garde("delai_pieces", "Un délai pour produire les pièces", _delai_pieces, sur_saisie=True)


def _nature(demande: Demande) -> Any:
    from domainepublic.actes import nature_du_dossier

    return nature_du_dossier(demande.dossier)


def _publicite_a_tenir(demande: Demande) -> str | None:
    nature = _nature(demande)
    if nature.erreur:
        return nature.erreur
    if nature.publicite["regime"] == "aucune":
        return "Ce titre n'appelle aucune publicité préalable."
    if any(f.type in ("clore_publicite", "constater_concurrence") for f in demande.faits):
        return "La publicité a déjà été tenue."
    return None


PUBLICITE_A_TENIR = Garde("publicite_a_tenir", "Une publicité est due", _publicite_a_tenir)


def _publicite_finie(demande: Demande) -> str | None:
    ouvertures = [f for f in demande.faits if f.type == "ouvrir_publicite"]
    au = date.fromisoformat(ouvertures[-1].donnees["au"])
    if demande.date_effet < au:
        return f"La publicité court jusqu'au {jma(au)} : elle ne se clôt pas avant."
    return None


PUBLICITE_FINIE = Garde("publicite_finie", "Publicité arrivée à son terme", _publicite_finie, sur_saisie=True)


def _sans_rival(demande: Demande) -> str | None:
    from domainepublic.publicites import rivaux

    declares = len(rivaux(demande.dossier))
    if not declares:
        return None
    dits = (
        "une autre personne s'est fait connaître"
        if declares == 1
        else f"{declares} autres se sont fait connaître"
    )
    return (
        f"La publicité ne se clôt pas sans concurrent : {dits}. Constatez la concurrence, ou écartez avec un"
        " motif ce qui n'en est pas une."
    )


SANS_RIVAL = Garde("sans_rival", "Aucun autre intérêt déclaré", _sans_rival)


def _un_rival(demande: Demande) -> str | None:
    from domainepublic.publicites import rivaux

    if rivaux(demande.dossier):
        return None
    return (
        "Aucun autre intérêt n'est déclaré : enregistrez d'abord celui qui a été reçu, par la page de"
        " l'annonce."
    )


UN_RIVAL = Garde("un_rival", "Au moins un autre intérêt déclaré", _un_rival)


def _fin_publicite(demande: Demande) -> str | None:
    au = demande.donnees.get("au")
    if au and date.fromisoformat(au) <= demande.date_effet:
        return f"La publicité finit après son ouverture ({jma(demande.date_effet)})."
    return None


FIN_PUBLICITE = Garde("fin_publicite", "Fin de la publicité", _fin_publicite, sur_saisie=True)


def _publicite_tenue(demande: Demande) -> str | None:
    """Before the act: the publicity that the rules ask was held."""
    nature = _nature(demande)
    if nature.erreur:
        return nature.erreur
    if not nature.actes:
        return (
            "Aucun acte n'est à signer ici (voie privée) : le propriétaire consent. Classez le dossier sans"
            " suite, ou corrigez le domaine."
        )
    if nature.publicite["regime"] == "aucune":
        return None
    if any(f.type in ("clore_publicite", "retenir") for f in demande.faits):
        return None
    return (
        "Cette activité économique demande une publicité préalable"
        f" ({nature.publicite['fondement']}) : ouvrez-la, ou dites l'exception qui en dispense."
    )


PUBLICITE_TENUE = Garde("publicite_tenue", "Publicité préalable tenue", _publicite_tenue)


def _avis_rendus(demande: Demande) -> str | None:
    demandes = [f for f in demande.faits if f.type == "demander_avis"]
    recus = {f.donnees.get("service") for f in demande.faits if f.type == "avis_recu"}
    manquants = sorted(
        {s for f in demandes if f.donnees.get("obligatoire") for s in f.donnees.get("services", [])} - recus
    )
    if manquants:
        return (
            f"Avis obligatoires attendus : {', '.join(manquants)}. Relancez le service, ou notez l'avis s'il"
            " est reçu autrement."
        )
    return None


AVIS_RENDUS = Garde("avis_rendus", "Avis obligatoires rendus", _avis_rendus)


def _services(demande: Demande) -> str | None:
    services = demande.donnees.get("services")
    return None if isinstance(services, list) and services else "Dites au moins un service à consulter."


SERVICES = Garde("services", "Au moins un service", _services, sur_saisie=True)


def _titre_de_signer(demande: Demande) -> str | None:
    from domainepublic.signataires import MAIRE, peut_signer

    compte, dite = demande.acteur.utilisateur, demande.donnees.get("autorite")
    if compte is None:
        return "Un acte se signe par une personne qui en a le titre."
    autorites = (dite,) if dite else (MAIRE, *_nature(demande).signataires)
    if not peut_signer(compte, demande.dossier.insee, autorites, demande.date_effet):
        return (
            f"Aucune délégation de signature en vigueur le {jma(demande.date_effet)} pour ce compte :"
            " l'administrateur enregistre la délégation et sa date."
        )
    return None


SIGNATAIRE = Garde("signataire", "Délégation de signature en vigueur", _titre_de_signer)


def _autorite(demande: Demande) -> str | None:
    attendue = demande.donnees.get("autorite")
    signataires = demande.donnees.get("signataires") or []
    if attendue not in signataires:
        return "Cette autorité ne signe aucun acte de ce dossier."
    prepares = [i for i, f in enumerate(demande.faits) if f.type == "preparer_acte"]
    depuis = demande.faits[prepares[-1] :] if prepares else ()
    if any(f.donnees.get("autorite") == attendue for f in depuis if f.type in SIGNATURES):
        return "Cette autorité a déjà signé."
    return None


SIGNATURES = ("signer", "signature_exterieure")
AUTORITE = Garde("autorite", "Une autorité qui n'a pas encore signé", _autorite, sur_saisie=True)


def _prolongation(demande: Demande) -> str | None:
    p = periode(demande.faits)
    nouvelle = demande.donnees.get("fin")
    if p is not None and p.fin is None and nouvelle:
        return "Ce titre n'a pas de fin : il ne se prolonge pas."
    if p is None or p.fin is None or not nouvelle:
        return None
    if date.fromisoformat(nouvelle) <= p.fin:
        return f"La nouvelle fin doit suivre celle du titre ({jma(p.fin)})."
    return None


PROLONGATION = Garde("prolongation", "Une fin plus tardive", _prolongation, sur_saisie=True)


def _compensation(demande: Demande) -> str | None:
    p, nouvelle = periode(demande.faits), demande.donnees.get("fin")
    debuts = [f.date_effet for f in demande.faits if f.type == "suspendre"]
    if p is None or p.fin is None or not nouvelle or not debuts:
        return None
    jours = (demande.date_effet - debuts[-1]).days
    if (date.fromisoformat(nouvelle) - p.fin).days > jours:
        return (
            f"La suspension a duré {jours} jour(s) : la fin est repoussée d'autant au plus, au"
            f" {jma(p.fin + timedelta(days=jours))}. Au-delà, c'est une prolongation."
        )
    return None


def _choix_compensation(demande: Demande) -> str | None:
    choix, fin = demande.donnees.get("compensation"), demande.donnees.get("fin")
    if fin and choix in ("avoir", "aucune"):
        return "Un avoir, ou une fin repoussée : pas les deux. Ôtez la date, ou choisissez « fin repoussée »."
    if fin:
        return None
    if choix == "fin_repoussee":
        return "Donnez la nouvelle fin, ou choisissez l'avoir."
    if not choix and demande.dossier.lignes.exclude(etat="annulee").exists():
        return "Dites ce que deviennent les jours suspendus : un avoir, ou une fin repoussée d'autant."
    return None


CHOIX_COMPENSATION = Garde(
    "choix_compensation", "Avoir ou fin repoussée", _choix_compensation, sur_saisie=True
)
COMPENSATION = Garde("compensation", "Les jours suspendus, pas plus", _compensation, sur_saisie=True)


def _contradictoire(demande: Demande) -> str | None:
    if demande.donnees.get("motif") == "renonciation" or demande.donnees.get("contradictoire_le"):
        return None
    return "Ce retrait se décide après que le titulaire a pu répondre : donnez la date de cette audition."


CONTRADICTOIRE = Garde("contradictoire", "Titulaire entendu", _contradictoire, sur_saisie=True)


def _pieces_recues(demande: Demande) -> str | None:
    """The holder's own sending ends the wait once all that was asked has come; an agent answers for his."""
    if demande.acteur.utilisateur is not None or not demande.faits:
        return None
    from domainepublic.pieces import manquantes

    reste = manquantes(demande.dossier, demande.faits)
    if not reste:
        return None
    return f"Il manque encore {reste} des pièces demandées."


PIECES_RECUES = Garde("pieces_recues", "Toutes les pièces demandées", _pieces_recues)


def _dans_le_titre(demande: Demande) -> str | None:
    p, le = periode(demande.faits), demande.donnees.get("le")
    if p is None or not le:
        return None
    jour = date.fromisoformat(le)
    if p.fin is not None and jour > p.fin:
        return f"Le {jma(jour)} suit la fin du titre ({jma(p.fin)})."
    return None


DANS_LE_TITRE = Garde("dans_le_titre", "Avant la fin du titre", _dans_le_titre, sur_saisie=True)


def _caducite(demande: Demande) -> str | None:
    le = demande.situation.dates.get("caducite_le")
    if le is not None and demande.date_effet < le:
        return f"La caducité se constate à partir du {jma(le)}, si l'occupation n'a pas commencé."
    return None


CADUCITE = Garde("caducite", "Délai pour commencer passé", _caducite, sur_saisie=True)


def _photographie(demande: Demande) -> bool:
    """A photo taken on the ground since the end, or put among the pieces of the file."""
    from mairie.models import Piece

    d = demande.dossier
    if Piece.objects.du_dossier(d).courantes().filter(code="photo").exists():
        return True
    p = periode(demande.faits)
    return any(
        Piece.objects.du_dossier(c).filter(code="photo").exists()
        for c in d.constats.all()
        if p is None or p.fin is None or timezone.localdate(c.vu_le) >= p.fin
    )


def _photo_du_sol(demande: Demande) -> str | None:
    if any(e.type.affecte_sol for e in demande.dossier.ses_emprises()) and not _photographie(demande):
        return (
            "L'occupation a ouvert le sol : une photo de son état est due. Faites le contrôle sur place"
            " (« Terrain »), ou déposez-la aux pièces du dossier."
        )
    return None


PHOTO_DU_SOL = Garde("photo_du_sol", "Une photo, si le sol fut ouvert", _photo_du_sol)


def _photo(demande: Demande) -> str | None:
    if _photographie(demande):
        return None
    return (
        "Un dépassement se prouve par une photo : faites le contrôle sur place (« Terrain »), ou déposez-la"
        " aux pièces du dossier."
    )


PHOTO = Garde("photo", "Une photo de ce qui occupe la place", _photo)


def _vente(demande: Demande) -> str | None:
    le, p = demande.donnees.get("le"), periode(demande.faits)
    if demande.dossier.transmission != "reprise_fonds":
        return "Ce dossier n'est pas une reprise de fonds de commerce."
    if any(f.type == "justifier_vente" for f in demande.faits):
        return "La vente est déjà justifiée."
    if le and date.fromisoformat(le) > demande.aujourdhui:
        return f"La vente du {jma(date.fromisoformat(le))} est dans l'avenir."
    fin = p.fin if p is not None else demande.dossier.fin
    if le and fin is not None and date.fromisoformat(le) > fin:
        return f"La vente suit la fin du titre ({jma(fin)}) : il n'a plus d'objet."
    return None


VENTE = Garde("vente", "Une reprise de fonds, pas encore justifiée", _vente)


def _libre_passe(demande: Demande) -> str | None:
    le = demande.donnees.get("le")
    if le and date.fromisoformat(le) > demande.aujourdhui:
        return f"Le {jma(date.fromisoformat(le))} est dans l'avenir : donnez le jour constaté."
    return None


LIBRE_PASSE = Garde("libre_passe", "Un jour déjà venu", _libre_passe, sur_saisie=True)


def _criteres(demande: Demande) -> str | None:
    return None if str(demande.donnees.get("motif", "")).strip() else "Dites les critères et le classement."


CRITERES = Garde("criteres", "Candidats classés", _criteres, sur_saisie=True)


# Words that names of companies share with everybody's sentences.
_COMMUNS = {
    *("les", "des", "une", "aux", "sur", "sous", "pour", "par", "avec", "dans", "entre", "chez"),
    *("monsieur", "madame", "mme", "mlle", "societe", "association", "entreprise", "commerce", "commune"),
    *("sarl", "sas", "sasu", "sci", "eurl", "scop", "selarl"),
}
_MOT = re.compile(r"[^\W\d_]+")


def _plie(texte: str) -> str:
    decompose = unicodedata.normalize("NFKD", texte)
    return "".join(c for c in decompose if not unicodedata.combining(c)).casefold()


def noms_cites(texte: str, noms: Iterable[str]) -> list[str]:
    """Names that a text tells: whole, or by one of their words written with its capital.

    A word in small letters is a common one: « un projet plus petit » does not name Mr Petit.
    """
    mots = _MOT.findall(texte)
    suite = f" {' '.join(map(_plie, mots))} "
    propres = {_plie(m) for m in mots if m[0].isupper()}
    cites = []
    for nom in noms:
        siens = [_plie(m) for m in _MOT.findall(nom)]
        entier = len(siens) > 1 and f" {' '.join(siens)} " in suite
        if entier or ({m for m in siens if len(m) > 2} - _COMMUNS) & propres:
            cites.append(nom)
    return sorted(set(cites))


def _sans_nom(demande: Demande) -> str | None:
    """What everybody will read names none of those who asked."""
    d = demande.dossier
    tiers = d.demandeur
    noms = [i.nom for i in d.interets.all()] + (
        [tiers.nom, tiers.raison_sociale] if tiers is not None else []
    )
    if cites := noms_cites(str(demande.donnees.get("publie") or ""), noms):
        dits = ", ".join(cites)
        return f"Les motifs publiés nomment {dits} : dites « le projet retenu », « un autre projet »."
    return None


SANS_NOM = Garde("sans_nom", "Aucun nom dans les motifs publiés", _sans_nom, sur_saisie=True)


def _prix(demande: Demande) -> str | None:
    from domainepublic.facturation import refus_prix

    return refus_prix(demande.dossier)


PRIX = Garde("prix", "Redevance calculée", _prix)


def _conflits(demande: Demande) -> str | None:
    from domainepublic.conflits import refus_conflits

    return refus_conflits(demande.dossier)


# Looked at when the person acts, never when a page is only shown.
CONFLITS = Garde("conflits", "Aucun conflit bloquant", _conflits, sur_saisie=True)
