"""Projects and sales of the demonstration, in every state, through the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import connection

from assainissement import avis_reseau, courriers_projets, observations, projets, ventes
from assainissement.controles import agir as agir_controle
from assainissement.demo import RESPONSABLE, TECHNICIEN
from assainissement.models import BranchementParcelle, Controle, DeclarationVente, Installation, ProjetAnc
from assainissement.projets import NouveauProjet
from assainissement.ventes import NouvelleVente
from mairie import evenements
from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Tiers, Utilisateur
from mairie.roles import systeme
from mairie.workflow import ErreurWorkflow

# How far each project goes; those of the permits come besides.
PARCOURS = (
    ("demande",),
    ("incomplet",),
    ("avis_favorable",),
    ("avis_defavorable",),
    ("avis_favorable", "planifier"),
    ("avis_favorable", "planifier", "visite"),
    ("avis_favorable", "planifier", "visite", "non_conforme"),
    ("avis_favorable", "planifier", "visite", "non_conforme", "contre_visite"),
    ("avis_favorable", "planifier", "visite", "conforme"),
    ("abandonne",),
)
FILIERES = (
    "Fosse toutes eaux de 4 m³ et tranchées d'épandage",
    "Microstation agréée de 6 EH",
    "Fosse toutes eaux de 3 m³ et filtre à sable",
)


def declarer() -> None:
    """From ``AppConfig.ready``."""
    declarer_etape(Etape("assainissement.liens", "Projets et ventes d'assainissement", 336, jouer))


def jouer(jour: date) -> str:
    """Once; deliveries that wait are made each time, so that permits have their project."""
    livrees = evenements.livrer()[0] if not connection.in_atomic_block else 0
    if DeclarationVente.objects.filter(insee=INSEE).exists():
        return f"déjà là, {livrees} événements livrés"
    courriers_projets.charger()
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__in=(TECHNICIEN, RESPONSABLE))}
    if len(comptes) < 2 or not Installation.objects.filter(insee=INSEE).exists():
        return "aucune installation : rien à montrer"
    faits = _projets(jour, comptes[TECHNICIEN], comptes[RESPONSABLE])
    vendues = _ventes(jour, comptes[RESPONSABLE])
    _avis(jour, comptes[RESPONSABLE])
    if not connection.in_atomic_block:
        evenements.livrer()
    return f"{faits} projets, {vendues} ventes, {livrees} événements livrés"


def _avis(jour: date, responsable: Utilisateur) -> None:
    """Three opinions on connections, one still due."""
    references = BranchementParcelle.objects.filter(branchement__insee=INSEE).order_by("pk")
    reponses: tuple[dict[str, str], ...] = (
        {"sens": "favorable_prescriptions", "besoin": "a_creer",
         "motif": "Poser la boîte de branchement en limite de propriété, eaux de pluie à part."},
        {"sens": "favorable", "besoin": "existant"},
        {},
    )  # fmt: skip
    for rang, (reference, dit) in enumerate(
        zip(references.values_list("reference", flat=True), reponses, strict=False)
    ):
        numero = f"PC 025 999 {jour:%y} R{rang + 1:04d} (fictif)"
        a = avis_reseau.demander(
            INSEE, par=systeme("demande d'urbanisme"), autorisation=numero, dossier_urba=numero,
            service="ASSAINISSEMENT", parcelles=[reference], objet="Maison individuelle (fictive)",
            recu_le=jour - timedelta(days=20 - rang), aujourdhui=jour,
        )  # fmt: skip
        if dit and a.etat == "demande":
            a.refresh_from_db()
            _essayer(
                avis_reseau.agir, a, "rendre_avis", par=responsable, version=a.version,
                date_effet=jour - timedelta(days=10 - rang), donnees=dit, aujourdhui=jour,
            )  # fmt: skip


def _essayer(fonction: Callable[..., Any], *args: Any, **nommes: Any) -> bool:
    try:
        fonction(*args, **nommes)
    except ErreurWorkflow:
        return False
    return True


def _projets(jour: date, technicien: Utilisateur, responsable: Utilisateur) -> int:
    """On installations in service that nobody else of the demonstration works on."""
    libres = Installation.objects.filter(
        insee=INSEE, etat="active", derniere_regle__in=("R0", "R1", "R2", "R3", "R4")
    ).exclude(controles__etat__in=("a_planifier", "rdv_fixe", "visite_faite", "rapport_redige"))
    for rang, (i, parcours) in enumerate(zip(libres.order_by("-pk"), PARCOURS, strict=False)):
        p = projets.demander(
            NouveauProjet(
                insee=INSEE, installation=i, recu_le=jour - timedelta(days=70 + rang), objet="Réhabilitation"
            ),
            par=technicien,
            aujourdhui=jour,
        )
        for etape in parcours:
            p.refresh_from_db()
            if not _essayer(_etape, p, etape, rang, jour, technicien, responsable):
                break
    return int(ProjetAnc.objects.filter(insee=INSEE).count())


def _etape(
    p: ProjetAnc, etape: str, rang: int, jour: date, technicien: Utilisateur, responsable: Utilisateur
) -> None:
    def faire(evenement: str, par: Utilisateur, avant: int, **donnees: Any) -> None:
        projets.agir(
            p,
            evenement,
            par=par,
            version=p.version,
            date_effet=jour - timedelta(days=avant),
            donnees=donnees,
            aujourdhui=jour,
        )

    avis = {"filiere": FILIERES[rang % len(FILIERES)], "plan": "Plan de masse au 1/200"}
    match etape:
        case "incomplet":
            faire("declarer_incomplet", technicien, 60, motif="L'étude de sol manque.")
        case "avis_favorable" if rang % 2:
            faire(
                "rendre_avis", responsable, 50, sens="favorable_prescriptions",
                motif="Poser le rejet à plus de 35 mètres du puits voisin.", **avis,
            )  # fmt: skip
        case "avis_favorable":
            faire("rendre_avis", responsable, 50, sens="favorable", **avis)
        case "avis_defavorable":
            faire(
                "rendre_avis", responsable, 50, sens="defavorable",
                motif="Le sol ne laisse pas l'eau s'infiltrer : choisissez une filière drainée.", **avis,
            )  # fmt: skip
        case "planifier":
            faire("planifier_execution", technicien, 30, motif="Le propriétaire annonce la fin des travaux.")
        case "visite":
            _visiter(p.controle_execution, jour - timedelta(days=20), jour, technicien)
        case "conforme" | "non_conforme":
            _conclure(p.controle_execution, etape, jour - timedelta(days=15), jour, technicien, responsable)
        case "contre_visite":
            faire("planifier_contre_visite", technicien, 5, motif="Les travaux sont repris.")
        case "abandonne":
            faire("abandonner", technicien, 40, motif="Le propriétaire garde son installation.")


def _agir(c: Controle, evenement: str, par: Utilisateur, le: date, jour: date, **donnees: Any) -> None:
    c.refresh_from_db()
    agir_controle(c, evenement, par=par, version=c.version, date_effet=le, donnees=donnees, aujourdhui=jour)


def _visiter(c: Controle | None, le: date, jour: date, technicien: Utilisateur) -> None:
    if c is None:
        return
    reponses = {p.code: ("oui", "") for p in observations.points_de(c)}
    observations.enregistrer(c, reponses, None, {"conclusion_travaux": "conforme"})
    _agir(c, "saisir_visite", technicien, le, jour, present="le propriétaire")


def _conclure(
    c: Controle | None,
    conclusion: str,
    le: date,
    jour: date,
    technicien: Utilisateur,
    responsable: Utilisateur,
) -> None:
    if c is None:
        return
    observations.enregistrer(c, {}, None, {"conclusion_travaux": conclusion})
    _agir(c, "rediger", technicien, le, jour, presence="signee")
    _agir(c, "valider", responsable, le, jour)
    _agir(c, "notifier", responsable, le, jour)


def _ventes(jour: date, responsable: Utilisateur) -> int:
    """Valid, expired and missing reports; answered or not, signed or dropped."""
    etude = Tiers.objects.create(
        collectivite=INSEE, nature=Tiers.Nature.MORALE, raison_sociale="Étude notariale fictive",
        voie="1 place de l'Essai", code_postal="25999", ville="VALBRUNE",
    )  # fmt: skip
    en_service = Installation.objects.filter(insee=INSEE, etat="active").order_by("pk")
    valables = list(en_service.filter(fin_validite__gte=jour)[:6])
    expires = list(en_service.filter(fin_validite__lt=jour)[:4])
    jamais = list(en_service.filter(derniere_regle="")[:2])
    suites = ("", "repondre", "acte", "repondre", "sans_suite", "")
    for rang, i in enumerate([*valables, *expires, *jamais]):
        v = ventes.declarer(
            NouvelleVente(
                insee=INSEE,
                recue_le=jour - timedelta(days=3 + 4 * rang),
                source="dia" if rang % 3 == 0 else "notaire",
                reference=f"DIA-{jour.year}-{rang + 1:03d}" if rang % 3 == 0 else "",
                installation=i,
                notaire=etude,
            ),
            par=responsable,
            aujourdhui=jour,
        )
        suite = suites[rang % len(suites)]
        if suite in ("repondre", "acte"):
            _essayer(ventes.repondre, v, par=responsable, version=v.version, aujourdhui=jour)
        v.refresh_from_db()
        if suite == "acte":
            le = jour - timedelta(days=1)
            _essayer(_signer, v, le, jour, responsable)
        elif suite == "sans_suite":
            _essayer(
                ventes.agir, v, "classer_sans_suite", par=responsable, version=v.version,
                donnees={"motif": "La vente est abandonnée."}, aujourdhui=jour,
            )  # fmt: skip
    return int(DeclarationVente.objects.filter(insee=INSEE).count())


def _signer(v: DeclarationVente, le: date, jour: date, par: Utilisateur) -> None:
    ventes.agir(
        v, "signer_acte", par=par, version=v.version, date_effet=jour, donnees={"le": le}, aujourdhui=jour
    )
