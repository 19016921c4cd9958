"""What the screens of letters show: templates offered, fields, phrases, what may be done now and why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from mairie.courriers import envois, services
from mairie.courriers.champs import BlocFusion, ChampFusion, ecriture, par_groupe
from mairie.courriers.formulaires import AbandonForm, EnvoiForm, SignatureForm, SuiviForm
from mairie.courriers.modeles import modeles_proposes
from mairie.courriers.sujets import Sujet
from mairie.delegations import signataires
from mairie.models import Courrier, Delegation, Phrase

Etat = Courrier.Etat
TONS = {
    "brouillon": "neutre", "finalise": "bientot", "signe": "info", "en_envoi": "bientot", "envoye": "info",
    "presente": "info", "distribue": "bien", "consulte": "bien", "retourne": "attention",
    "abandonne": "neutre",
}  # fmt: skip


@dataclass(frozen=True)
class ChampOffert:
    """A field as the editor offers it: what is typed, what it is."""

    ecrit: str
    libelle: str
    detail: str = ""


def champs_offerts(metier: str) -> list[tuple[str, list[ChampOffert]]]:
    """Fields of a trade under their headings, with examples."""
    sortie = []
    for groupe, champs in par_groupe(metier):
        offerts = []
        for champ in champs:
            detail = ""
            if isinstance(champ, BlocFusion):
                colonnes = ", ".join(f"[{champ.code}.{c}]" for c in champ.colonnes)
                detail = f"ou [chaque {champ.code}] … [fin], avec {colonnes}"
            elif isinstance(champ, ChampFusion) and champ.exemple:
                exemple = champ.exemple
                detail = ", ".join(exemple) if isinstance(exemple, list | tuple) else str(exemple)
            offerts.append(
                ChampOffert(ecriture(champ), champ.libelle, detail.splitlines()[0] if detail else "")
            )
        sortie.append((groupe, offerts))
    return sortie


def phrases_de(courrier: Courrier) -> list[Phrase]:
    """Phrases offered for a letter: those of its trade, first those that the dossier's words bring."""
    mots = set(services.sujet_du_courrier(courrier).mots(courrier.dossier))
    phrases = Phrase.objects.filter(metier=courrier.metier, actif=True).filter(
        Q(collectivite__isnull=True) | Q(collectivite__code__in=(courrier.insee, courrier.emetteur.code))
    )
    return sorted(phrases, key=lambda p: (bool(p.filtres) and not mots & set(p.filtres), not p.filtres))


def contexte_bureau(utilisateur: Any, sujet: Sujet, dossier: Any) -> dict[str, Any]:
    """Letters of a dossier and the templates that may start another, by stage."""
    etapes: dict[str, list[Any]] = {}
    for m in modeles_proposes(sujet.metier, sujet.genre, sujet.insee(dossier), timezone.localdate()):
        if sujet.offre(utilisateur, dossier, m.code):
            etapes.setdefault(m.etape, []).append(m)
    libre = sujet.peut_rediger(utilisateur, dossier)
    peut = libre or bool(etapes)
    lettres = Courrier.objects.du_dossier(dossier).select_related("finalise_par", "modifie_par")
    return {
        "sujet": sujet,
        "dossier": dossier,
        "titre": sujet.titre(dossier),
        "retour": sujet.adresse(dossier),
        "peut_rediger": peut,
        "peut_libre": libre,
        "etapes": list(etapes.items()),
        "destinataires": list(enumerate(sujet.destinataires(dossier))) if peut else [],
        "lettres": [(c, TONS[c.etat]) for c in lettres],
    }


def forme_signature(courrier: Courrier, *donnees: Any) -> SignatureForm:
    """Form of the signature: delegations of the day where the act wants one."""
    jour = timezone.localdate()
    titres = signataires(courrier.emetteur, courrier.type_acte, jour) if courrier.type_acte else []
    return SignatureForm(
        *donnees,
        initial={"le": jour, "signataire": _signataire_prevu(courrier)},
        delegations=[(str(d.pk), str(d)) for d in _prevu_d_abord(titres, courrier)],
        delegue=bool(courrier.type_acte),
        prefix=None,
    )


def _prevu_d_abord(titres: list[Delegation], courrier: Courrier) -> list[Delegation]:
    """Who the act names as its signatory comes first."""
    return sorted(titres, key=lambda d: d.pk != courrier.delegation_id)


def _signataire_prevu(courrier: Courrier) -> str:
    entete = courrier.valeurs.get("entete", {})
    return ", ".join(v for c in ("signataire_nom", "signataire_qualite") if (v := entete.get(c)))


def contexte_lettre(utilisateur: Any, courrier: Courrier) -> dict[str, Any]:
    """A letter: its dossier, what may be done now by this person, what became of it."""
    sujet = services.sujet_du_courrier(courrier)
    redige = services.peut_rediger(utilisateur, courrier)
    expedie = redige or sujet.peut_expedier(utilisateur, courrier.dossier)
    signe = sujet.peut_signer(utilisateur, courrier.dossier)
    jour = timezone.localdate()
    faits = [(f.value, f.label) for f in envois.faits_possibles(courrier)]
    pret = courrier.etat == Etat.SIGNE or (courrier.etat == Etat.FINALISE and not courrier.a_signer)
    envoi = {"mode": courrier.mode, "le": jour, "courriel": courrier.destinataire_courriel}
    abandonnable = courrier.etat in (Etat.BROUILLON, Etat.FINALISE, Etat.SIGNE)
    compose = services.composer(courrier) if courrier.modifiable and redige else None
    return {
        "courrier": courrier,
        "ton": TONS[courrier.etat],
        "sujet": sujet,
        "titre_dossier": sujet.titre(courrier.dossier),
        "retour": sujet.adresse(courrier.dossier),
        "peut_rediger": redige,
        "peut_signer": signe,
        "manques": services.manques(courrier, compose) if compose else [],
        "avertissements": list(sujet.avertir(courrier, "finaliser")) if compose and sujet.avertir else [],
        "forme_signature": forme_signature(courrier) if signe and courrier.etat == Etat.FINALISE else None,
        "forme_envoi": EnvoiForm(initial=envoi) if expedie and pret else None,
        "forme_suivi": SuiviForm(faits=faits, initial={"le": jour}) if expedie and faits else None,
        "forme_abandon": AbandonForm() if redige and abandonnable else None,
        "reprenable": redige and courrier.etat == Etat.ABANDONNE,
        "suivi": list(courrier.suivi.select_related("auteur")),
        "courriels": envois.courriels_de(courrier) if courrier.etat != Etat.BROUILLON else [],
        "suites": list(courrier.remplacee_par.all()),
    }
