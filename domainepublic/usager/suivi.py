"""What the holder of the key sees of a file, in plain words; never who works on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from domainepublic import tarifs
from domainepublic.courriers import catalogue, suites
from domainepublic.models import DossierODP, LigneFacturable
from domainepublic.pieces import manquantes
from domainepublic.regles.creneaux import en_mots
from domainepublic.regles.effets import EFFETS, effets
from domainepublic.services import agir
from domainepublic.usager import renouvellement
from mairie.calendrier import jma
from mairie.models import Collectivite, Courrier, Piece
from mairie.roles import usager
from mairie.workflow import journal

PORTE = "Suivi en ligne"
PHRASES = {
    "brouillon": ("Pas encore envoyée", "Terminez votre demande."),
    "depose": ("Reçue", "La mairie vérifie qu'il ne manque rien."),
    "incomplet": ("Il manque des pièces", "Ajoutez-les ci-dessous : l'examen reprend aussitôt."),
    "publicite": (
        "Publiée avant décision",
        "Une activité commerciale sur la rue est d'abord annoncée, pour que d'autres puissent se proposer.",
    ),
    "mise_en_concurrence": ("Plusieurs personnes intéressées", "La mairie compare les propositions."),
    "en_instruction": ("À l'étude", "La mairie vérifie la place, le passage et les autres chantiers."),
    "en_avis": ("À l'étude", "La mairie a demandé l'avis d'autres services."),
    "a_signer": ("Presque prête", "L'arrêté est rédigé ; il attend sa signature."),
    "accorde": ("Accordée", "Vous pourrez occuper la place aux dates ci-dessous, pas avant."),
    "actif": ("En cours", "Votre autorisation est valable jusqu'au dernier jour ci-dessous."),
    "prolongation_demandee": ("Prolongation demandée", "La mairie examine la nouvelle date."),
    "suspendu": ("Suspendue", "La mairie a suspendu l'occupation : libérez la place, elle vous écrit."),
    "a_controler": ("Finie", "Un agent passera voir que la place est rendue propre."),
    "infraction": ("Occupation irrégulière", "Appelez la mairie sans attendre."),
    "pv_dresse": ("Procès-verbal dressé", "Appelez la mairie sans attendre."),
    "refuse": ("Refusée", "L'arrêté de refus dit pourquoi et comment le contester."),
    "sans_suite": ("Classée sans suite", "Vous pouvez faire une nouvelle demande."),
    "retire": ("Autorisation retirée", "L'arrêté dit pourquoi et comment le contester."),
    "caduc": ("Autorisation périmée", "Elle n'a pas servi à temps : faites une nouvelle demande."),
    "termine": ("Terminée", "La place est rendue. Merci."),
    "regularise": ("Régularisée", "Un nouveau dossier a pris la suite."),
}
# What the holder may read of the log, in his words.
ETAPES = {
    "deposer": "Demande reçue",
    "declarer_incomplet": "Pièces demandées",
    "completer": "Pièces reçues",
    "ouvrir_publicite": "Annonce publiée",
    "clore_publicite": "Annonce close",
    "instruire": "Étude commencée",
    "demander_avis": "Avis d'autres services demandés",
    "preparer_acte": "Arrêté rédigé",
    renouvellement.EVENEMENT: "Votre réponse au renouvellement",
    "signer": "Arrêté signé",
    "signature_exterieure": "Arrêté signé",
    "refuser": "Demande refusée",
    "classer_sans_suite": "Classée sans suite",
    "demander_prolongation": "Prolongation demandée",
    "accepter_prolongation": "Prolongation accordée",
    "refuser_prolongation": "Prolongation refusée",
    "suspendre": "Occupation suspendue",
    "reprendre_occupation": "Occupation reprise",
    "arreter_avant_terme": "Fin anticipée",
    "constater_liberation": "Place rendue",
    "retirer": "Autorisation retirée",
}
# Where the price stands, for who pays it.
PRIX = {
    "figee": "fixé : l'avis de paiement suivra",
    "en_role": "fixé : l'avis de paiement suivra",
    "titree": "à payer selon l'avis reçu",
    "soldee": "payé",
    "sous_seuil": "trop peu pour être demandé seul",
}
# Nothing more comes of it: the next step is another request.
SANS_SUITE = ("refuse", "sans_suite", "retire", "caduc", "termine")
PIECES_JUSQU_A = ("depose", "incomplet", "publicite", "en_instruction", "en_avis")


@dataclass(frozen=True)
class Ligne:
    """One line of the price."""

    libelle: str
    montant: Any
    etat: str
    etapes: list[dict[str, Any]]


def presenter(d: DossierODP) -> dict[str, Any]:
    """All of the page."""
    titre, phrase = PHRASES.get(d.etat, ("", ""))
    lignes = journal.lignes(d)
    vivantes = {e.pk for e in journal.vivantes(lignes)}
    demandees: list[str] = []
    for e in lignes:
        if e.pk in vivantes and e.type == "declarer_incomplet":
            demandees = [str(p) for p in e.donnees.get("pieces", [])]
    emprises = list(d.emprises.select_related("type"))
    numeros = [n for e in lignes if e.pk in vivantes for n in e.donnees.get("numeros") or []]
    return {
        "d": d,
        "titre_etat": titre,
        "phrase": phrase,
        "emprises": [(e, [en_mots(x) for x in e.creneaux]) for e in emprises],
        "pieces_demandees": demandees if d.etat == "incomplet" else [],
        "pieces": Piece.objects.du_dossier(d).courantes().filter(origine=Piece.Origine.USAGER),
        "peut_joindre": d.etat in PIECES_JUSQU_A,
        "etapes": [
            (e.date_effet, ETAPES[e.type]) for e in reversed(lignes) if e.pk in vivantes and e.type in ETAPES
        ],
        "prix": _prix(d),
        "nouvelle": d.etat in SANS_SUITE,
        "mairie": Collectivite.objects.filter(code=d.insee).first(),
        "actes": numeros,
        "actes_signes": actes_signes(d),
        "gene": [
            EFFETS[c]
            for c in effets(
                [m.type for m in d.mesures.all()],
                [(e.largeur_libre, e.sans_obstacle_lateral) for e in emprises],
            )
        ],
        "peut_prolonger": d.etat == "actif" and d.fin is not None,
        "peut_arreter": d.etat in ("accorde", "actif"),
        "renouvellement": renouvellement.attend_une_reponse(d),
        "reponse": reponse.donnees if (reponse := renouvellement.derniere(d)) else None,
        "silence": d.terme_silence if d.etat in PIECES_JUSQU_A or d.etat == "a_signer" else None,
    }


def actes_signes(d: DossierODP) -> list[Courrier]:
    """Acts of the file that are signed and whose paper is made, newest first."""
    return [
        c
        for c in suites.lettres(d, catalogue.ACTES, Courrier.Etat.values)
        if c.signe_le is not None and c.pdf and c.etat != Courrier.Etat.ABANDONNE
    ]


def _prix(d: DossierODP) -> list[Ligne]:
    factures = list(d.lignes.exclude(etat=LigneFacturable.Etat.ANNULEE))
    if factures:
        return [Ligne(x.libelle, x.montant, _ou_en_est(x), x.detail) for x in factures]
    if d.etat in SANS_SUITE:
        return []
    return [
        Ligne(p.emprise.type.libelle_public, p.montant, "estimation", p.detail)
        for p in tarifs.previsions(d)
        if p.resultat is not None
    ]


def _ou_en_est(x: LigneFacturable) -> str:
    return "en votre faveur" if x.nature == LigneFacturable.Nature.AVOIR else PRIX[x.etat]


def completer(d: DossierODP, recues: int) -> int:
    """The file goes back to the desk once all the pieces asked have come; how many are still awaited."""
    with transaction.atomic():
        verrou = DossierODP.objects.select_for_update(of=("self",)).get(pk=d.pk)
        if verrou.etat != "incomplet" or not recues:
            return 0
        faits = [journal.fait(e) for e in journal.vivantes(journal.lignes(verrou))]
        if reste := manquantes(verrou, faits):
            return reste
        agir(
            verrou,
            "completer",
            par=usager(PORTE),
            version=verrou.version,
            donnees={"pieces": f"{recues} fichier(s) ajouté(s) en ligne"},
        )
    return 0


def prolonger(d: DossierODP, fin: date) -> None:
    """Ask for a later last day; ``Refus`` otherwise."""
    agir(d, "demander_prolongation", par=usager(PORTE), version=d.version, donnees={"fin": fin.isoformat()})


def arreter(d: DossierODP, le: date) -> None:
    """Say that the place is left early; ``Refus`` otherwise."""
    from mairie.workflow import Refus

    if le < timezone.localdate():
        raise Refus(f"Le {jma(le)} est passé : appelez la mairie pour dire que la place est libre depuis.")
    agir(d, "arreter_avant_terme", par=usager(PORTE), version=d.version, donnees={"le": le.isoformat()})
