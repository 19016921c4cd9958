"""The letters and acts of an occupation: what each is for, and the event that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

ACTE = "domainepublic.acte"
INSTRUIRE, FINANCES, TERRAIN = "instruire", "finances", "terrain"


@dataclass(frozen=True)
class Lettre:
    """A template shipped. ``evenement``: event of the circuit whose decision it writes, sealed with it.

    ``redacteurs``: who may write it, besides those who study the file; ``titre``: it grants the occupation,
    and waits for its signature.
    """

    code: str
    libelle: str
    etape: str
    objet: str
    forme: str = "lettre"
    mode: str = "simple"
    a_signer: bool = False
    public: bool = False
    type_acte: str = ""
    evenement: str = ""
    titre: bool = False
    redacteurs: str = INSTRUIRE
    # Posted in public, to nobody: no person's name on it.
    affichage: bool = False


def _acte(code: str, libelle: str, objet: str, evenement: str, *, titre: bool = False) -> Lettre:
    return Lettre(
        code, libelle, "décision" if titre else "suites", objet, "acte", "recommande", a_signer=True,
        public=True, type_acte=ACTE, evenement=evenement, titre=titre,
    )  # fmt: skip


DEPOT, PIECES, SERVICES, SUITES, PRIX = "dépôt", "pièces", "consultations", "suites", "redevance"
PUBLICITE = "publicité"
LETTRES = (
    Lettre("recepisse", "Récépissé de dépôt", DEPOT, "[numero] : récépissé de votre demande"),
    Lettre("demande_pieces", "Demande de pièces", PIECES, "[numero] : pièces à compléter", mode="recommande"),
    Lettre("consultation", "Consultation d'un service", SERVICES, "[numero] : demande d'avis"),
    _acte(
        "permission_de_voirie", "Permission de voirie", "portant [acte_titre] – [numero]", "signer",
        titre=True,
    ),
    _acte(
        "permis_de_stationnement", "Permis de stationnement", "portant [acte_titre] – [numero]", "signer",
        titre=True,
    ),
    _acte(
        "arrete_circulation", "Arrêté temporaire de circulation",
        "réglementant temporairement la circulation – [numero]", "signer", titre=True,
    ),
    _acte("autre_titre", "Titre d'occupation", "portant [acte_titre] – [numero]", "signer", titre=True),
    _acte("refus", "Arrêté de refus", "refusant une occupation du domaine public – [numero]", "refuser"),
    _acte("retrait", "Arrêté de retrait", "abrogeant le titre d'occupation [numero]", "retirer"),
    _acte(
        "avenant", "Arrêté de prolongation", "prolongeant le titre d'occupation [numero]",
        "accepter_prolongation",
    ),
    _acte("suspension", "Arrêté de suspension", "suspendant le titre d'occupation [numero]", "suspendre"),
    Lettre("refus_prolongation", "Refus de prolongation", SUITES, "[numero] : prolongation refusée",
           mode="recommande"),
    Lettre("sans_suite", "Classement sans suite", SUITES, "[numero] : demande classée sans suite"),
    Lettre(
        "mise_en_demeure", "Mise en demeure", SUITES, "[numero] : occupation à faire cesser",
        mode="recommande", a_signer=True, type_acte=ACTE, redacteurs=TERRAIN,
    ),
    Lettre(
        "publicite", "Avis de publicité", PUBLICITE, "avis de publicité – [numero]", affichage=True,
    ),
    Lettre(
        "concurrence", "Réponse à une manifestation d'intérêt", PUBLICITE,
        "[numero] : suite donnée à votre manifestation d'intérêt", mode="recommande", a_signer=True,
        type_acte=ACTE,
    ),
    # Drawn up and signed by the sworn agent, by hand: the mayor signs nothing of it.
    Lettre("pv", "Procès-verbal de constat", SUITES, "n° [pv_numero] – [numero]", "acte", redacteurs=TERRAIN),
    Lettre("etat_calcul", "État de calcul de la redevance", PRIX, "[numero] : calcul de la redevance"),
    Lettre("renouvellement", "Lettre de renouvellement", PRIX, "[numero] : votre occupation en [annee]"),
    Lettre(
        "facture", "Avis des sommes à payer", PRIX, "[numero] : redevance d'occupation du domaine public",
        redacteurs=FINANCES,
    ),
    Lettre(
        "relance", "Relance d'un titre impayé", PRIX, "[titre_reference] : somme restant à payer",
        redacteurs=FINANCES,
    ),
)  # fmt: skip
PAR_CODE = {lettre.code: lettre for lettre in LETTRES}
TITRES = tuple(x.code for x in LETTRES if x.titre)
# Decisions that anybody may check, and that their holder may read again.
ACTES = tuple(x.code for x in LETTRES if x.public)


def lettre_de(code: str) -> Lettre | None:
    """The shipped letter of this code; null for a template that a town hall made."""
    return PAR_CODE.get(code)


def actes_de_l_evenement(evenement: str) -> tuple[str, ...]:
    """Codes of the acts that an event seals."""
    return tuple(x.code for x in LETTRES if x.evenement == evenement)
