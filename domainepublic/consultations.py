"""Consultations of services on an occupation, by secret link; their answers go on its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string

from domainepublic import perms
from domainepublic.actes import AVIS
from domainepublic.courriers.valeurs import periode, types
from domainepublic.models import DossierODP
from domainepublic.regles.tables.actes import AVIS_GESTIONNAIRE
from domainepublic.services import agir
from mairie import consultations, courriels
from mairie.habilitations import peut
from mairie.models import Consultation, ServiceConsulte, Utilisateur
from mairie.perms import CONSULTER_SERVICES
from mairie.references import Bilan
from mairie.roles import systeme, usager
from mairie.workflow import ErreurWorkflow, Refus, journal
from mairie.workflow.edition import exiger_version

METIER = "domainepublic"
AVIS_RECU = "avis_recu"
# Services for which the road coordination answers (spec §11).
DE_LA_VOIRIE = ("odp_gestionnaire",)
SERVICE = usager("lien d'avis du service consulté")
MAIRIE = systeme("consultation")
# Answers that the circuit knows; silence that is no opinion leaves the file without one.
SENS = {
    Consultation.Avis.FAVORABLE: "favorable",
    Consultation.Avis.FAVORABLE_PRESCRIPTIONS: "favorable_prescriptions",
    Consultation.Avis.DEFAVORABLE: "defavorable",
    Consultation.Avis.SANS_AVIS: "sans_objet",
    Consultation.Avis.SANS_OBJET: "sans_objet",
}
# Code, name, days to answer, what silence means.
SERVICES = (
    ("odp_gestionnaire", "Gestionnaire de la voie", 15, "favorable"),
    ("odp_transports", "Réseau de transports", 10, "favorable"),
    ("odp_secours", "Service d'incendie et de secours", 15, "favorable"),
    ("odp_police", "Police municipale", 8, "favorable"),
    ("odp_proprete", "Propreté et collecte des déchets", 8, "favorable"),
    # Nothing in this book of rules makes its silence an agreement.
    ("odp_patrimoine", "Architecte des Bâtiments de France", 30, "sans_avis"),
)


def consulter(
    d: DossierODP, services: Sequence[ServiceConsulte], *, par: Utilisateur, version: int, obligatoire: bool
) -> list[tuple[Consultation, str]]:
    """Ask these services: one event, one link each; (consultation, secret) to show once. ``Refus``."""
    if not services:
        raise Refus("Cochez au moins un service.")
    with transaction.atomic():
        noms = [str(s) for s in services]
        donnees = {"services": noms, "obligatoire": obligatoire}
        agir(d, "demander_avis", par=par, version=version, donnees=donnees)
        sortie = []
        for service in services:
            preparee = consultations.preparer(
                d, service, metier=METIER, insee=d.insee, objet=f"{d} – {d.objet}"[:200], par=par
            )
            sortie.append(consultations.envoyer(preparee, par=par))
    return sortie


def avis_attendus(d: DossierODP, personne: Utilisateur) -> dict[str, Consultation | None]:
    """Services whose opinion is awaited and that this person may record, each with its consultation.

    Null for a service named by hand in « Avis demandés », without consultation. The road coordination
    answers for the manager of the road only.
    """
    demandes = consultations.de_dossier(d)
    attendus: dict[str, Consultation | None] = {
        str(c.service): c for c in demandes if c.envoyee_le and not c.avis and not c.close_le
    }
    faits_ = [journal.fait(e) for e in journal.vivantes(journal.lignes(d))]
    nommes = [s for f in faits_ if f.type == "demander_avis" for s in f.donnees.get("services", [])]
    servis = {str(c.service) for c in demandes}
    servis |= {str(f.donnees.get("service")) for f in faits_ if f.type == AVIS_RECU}
    attendus |= {s: None for s in nommes if s not in servis}
    if peut(personne, CONSULTER_SERVICES, d.insee):
        return attendus
    if not peut(personne, perms.COORDONNER, d.insee):
        return {}
    return {
        nom: c
        for nom, c in attendus.items()
        if (c.service.code in DE_LA_VOIRIE if c is not None else nom == AVIS[AVIS_GESTIONNAIRE])
    }


def noter_avis(
    d: DossierODP, *, par: Utilisateur, version: int, date_effet: date, donnees: Mapping[str, Any]
) -> None:
    """Record an opinion that came another way than by the link: its consultation ends with it.

    ``Refus``, ``ConflitEdition``, ``ConsultationImpossible``.
    """
    attendus = avis_attendus(d, par)
    nom = str(donnees.get("service", ""))
    if nom not in attendus:
        raise Refus(f"Aucun avis de « {nom} » n'est attendu sur ce dossier.")
    consultation = attendus[nom]
    if consultation is None:
        agir(d, AVIS_RECU, par=par, version=version, date_effet=date_effet, donnees=donnees)
        return
    with transaction.atomic():
        exiger_version(DossierODP.objects.select_for_update(of=("self",)).get(pk=d.pk), version)
        avis = next(a for a, sens in SENS.items() if sens == donnees.get("sens"))
        if avis == Consultation.Avis.SANS_AVIS:
            avis = Consultation.Avis.SANS_OBJET
        consultations.rendre_avis(
            consultation, avis, motivation=str(donnees.get("texte", "")), le=date_effet, par=par
        )


def _poster(c: Consultation, par: Any) -> None:
    """The answer on the log, while the file is still instructed; then the file goes on by itself."""
    d = DossierODP.objects.get(pk=c.dossier_id)
    if d.etat not in ("en_avis", "en_instruction"):
        return
    donnees = {"service": str(c.service), "sens": SENS[Consultation.Avis(c.avis)], "texte": c.motivation}
    try:
        agir(d, "avis_recu", par=par, version=d.version, date_effet=c.avis_le, donnees=donnees)
    except ErreurWorkflow as e:
        raise consultations.ConsultationImpossible(f"Le dossier {d} refuse cet avis : {e}") from e
    if d.etat == "en_avis" and consultations.toutes_rendues(consultations.de_dossier(d)):
        agir(d, "reprendre", par=MAIRIE, version=d.version)


def rendue(c: Consultation) -> None:
    """Answered, by the link or by an agent."""
    _poster(c, SERVICE if c.versions.filter(par_lien=True).exists() else MAIRIE)


def silence(c: Consultation) -> None:
    """Answer born of silence."""
    _poster(c, MAIRIE)


def presenter(c: Consultation) -> dict[str, Any]:
    """What the consulted service sees: the occupation and its place; nobody's name."""
    d = DossierODP.objects.select_related("voie").get(pk=c.dossier_id)
    faits = [
        ("Dossier", str(d)),
        ("Occupation", ", ".join(types(d))),
        ("Objet", d.objet),
        ("Lieu", d.lieu),
        ("Dates", periode(d)),
        ("Circulation", "changée pendant l'occupation" if d.modifie_circulation else ""),
        ("Réponse au demandeur avant le", f"{d.terme_silence:%d/%m/%Y}" if d.terme_silence else ""),
    ]
    return {"titre": f"Avis sur l'occupation {d}", "faits": [f for f in faits if f[1]]}


def transmettre(c: Consultation, adresse: str) -> None:
    """Mail its personal link to the service, where its address is known; the text is not kept."""
    if not c.service.courriel:
        return
    corps = render_to_string("courriels/consultation_odp.txt", {"c": c, "adresse": adresse})
    rang = len(c.relances)
    courriels.mettre_en_file(
        f"domainepublic.consultation:{c.pk}:{rang}", c.service.courriel, f"Demande d'avis : {c.objet}", corps,
        insee=c.insee, lie=c, conserver=False,
    )  # fmt: skip


def charger_services() -> Bilan:
    """Usual services of the street, for all communes; what an administrator changed is kept."""
    crees = 0
    for code, libelle, jours, effet in SERVICES:
        _, neuf = ServiceConsulte.objects.get_or_create(
            collectivite="",
            code=code,
            defaults={
                "libelle": libelle,
                "metier": METIER,
                "nature": ServiceConsulte.Nature.AVIS_SIMPLE,
                "delai_valeur": jours,
                "delai_unite": ServiceConsulte.Unite.JOURS,
                "effet_silence": effet,
            },
        )
        crees += neuf
    return Bilan(creees=crees, inchangees=len(SERVICES) - crees)


def declarer() -> None:
    """Hooks and reference table, from ``AppConfig.ready``."""
    from mairie import references

    consultations.suivre(
        METIER,
        consultations.Suivi(rendue=rendue, silence=silence, presenter=presenter, transmettre=transmettre),
    )
    references.declarer("services consultés du domaine public", charger_services)
