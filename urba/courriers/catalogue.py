"""The letters of the permits: what each is for, who may write it, what it does to the dossier."""

from __future__ import annotations

from dataclasses import dataclass

INSTRUCTION, DECISION = "urba.instruction", "urba.decision"
ARRETES = "urba.arrete"


@dataclass(frozen=True)
class Lettre:
    """A template shipped. ``notifie``: event posted on the day when it reaches the applicant; ``signe``:
    event posted when it is signed; ``sens``: senses of the decision that it writes. ``guichet``: the counter
    may write it too. ``effet``: its date counts for the delay, so that its first presentation is awaited.
    """

    code: str
    libelle: str
    etape: str
    objet: str
    forme: str = "lettre"
    mode: str = "simple"
    a_signer: bool = True
    public: bool = False
    type_acte: str = INSTRUCTION
    notifie: str = ""
    signe: str = ""
    sens: tuple[str, ...] = ()
    guichet: bool = False

    @property
    def effet(self) -> bool:
        """Its date moves the clock or the state."""
        return bool(self.notifie)

    @property
    def decision(self) -> bool:
        """It writes the decision of the request."""
        return bool(self.sens)


def _arrete(code: str, libelle: str, objet: str, *sens: str) -> Lettre:
    return Lettre(
        code, libelle, "décision", objet, "acte", "recommande", public=True, type_acte=DECISION,
        notifie="notification_decision", signe="signature", sens=sens,
    )  # fmt: skip


DEPOT, DELAI, SERVICES, DECIDER, SUITES = "dépôt", "délai et pièces", "consultations", "décision", "suites"
LETTRES = (
    Lettre(
        "recepisse", "Récépissé de dépôt", DEPOT, "[numero] : récépissé de dépôt", a_signer=False,
        type_acte="", guichet=True,
    ),
    Lettre(
        "recepisse_pieces", "Récépissé de pièces complémentaires", DEPOT,
        "[numero] : pièces complémentaires reçues", a_signer=False, type_acte="", guichet=True,
    ),
    Lettre(
        "incompletude", "Demande de pièces manquantes", DELAI, "[numero] : votre dossier est incomplet",
        mode="recommande", notifie="notification_pieces",
    ),
    Lettre(
        "majoration", "Majoration du délai", DELAI, "[numero] : délai d'instruction modifié",
        mode="recommande", notifie="notification_majoration",
    ),
    Lettre(
        "consultation", "Consultation d'un service", SERVICES, "[numero] : demande d'avis", a_signer=False,
        type_acte="",
    ),
    _arrete("arrete_accord", "Arrêté accordant", "accordant un [titre_acte] – [numero]", "accord"),
    _arrete(
        "arrete_prescriptions", "Arrêté accordant avec prescriptions",
        "accordant un [titre_acte] avec prescriptions – [numero]", "accord_prescriptions",
    ),
    _arrete("arrete_refus", "Arrêté de refus", "refusant un [titre_acte] – [numero]", "refus"),
    _arrete("arrete_sursis", "Arrêté de sursis à statuer", "portant sursis à statuer – [numero]", "sursis"),
    _arrete(
        "non_opposition", "Arrêté de non-opposition",
        "de non-opposition à une déclaration préalable – [numero]", "accord", "accord_prescriptions",
    ),
    _arrete(
        "opposition", "Arrêté d'opposition", "d'opposition à une déclaration préalable – [numero]", "refus"
    ),
    _arrete(
        "certificat_urbanisme", "Certificat d'urbanisme", "[numero]", "accord", "refus",
    ),
    Lettre(
        "certificat_tacite", "Certificat de décision tacite", SUITES,
        "attestant une décision tacite – [numero]", "acte", public=True, type_acte=DECISION,
    ),
    Lettre(
        "rejet_tacite", "Avis de rejet tacite", SUITES, "[numero] : rejet tacite de votre demande",
        mode="recommande",
    ),
    Lettre(
        "attestation_affichage", "Attestation d'affichage", SUITES, "d'affichage – [numero]", "acte",
        public=True, type_acte=DECISION,
    ),
    Lettre(
        "contradictoire", "Lettre préalable au retrait", SUITES, "[numero] : projet de retrait",
        mode="recommande", type_acte=DECISION,
    ),
    Lettre(
        "retrait", "Arrêté de retrait", SUITES, "retirant l'autorisation [numero]", "acte", "recommande",
        public=True, type_acte=DECISION, signe="retrait",
    ),
)  # fmt: skip
PAR_CODE = {lettre.code: lettre for lettre in LETTRES}


def lettre_de(code: str) -> Lettre | None:
    """The shipped letter of this code; null for a template that a town hall made."""
    return PAR_CODE.get(code)
