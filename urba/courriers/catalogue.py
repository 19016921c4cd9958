"""The letters of the permits: what each is for, who may write it, what it does to the dossier."""

from __future__ import annotations

from dataclasses import dataclass

INSTRUCTION, DECISION = "urba.instruction", "urba.decision"
ARRETES = "urba.arrete"


@dataclass(frozen=True)
class Lettre:
    """A template shipped. ``notifie``: event posted on the day when it reaches the applicant; ``signe``:
    event posted when it is signed; ``sens``: senses of the decision that it writes. ``guichet``: the counter
    may write it too; ``recole``: so may who visits the works. ``effet``: its date counts for the delay, so
    that its first presentation is awaited. ``prolonge``: code of the exceptional prolongation that it tells.
    ``prefet``: it goes to the préfet. ``article``: what obliges to write it or says what it holds.
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
    recole: bool = False
    prolonge: str = ""
    prefet: bool = False
    article: str = ""

    @property
    def effet(self) -> bool:
        """Its date moves the clock or the state."""
        return bool(self.notifie)

    @property
    def decision(self) -> bool:
        """It writes the decision of the request."""
        return bool(self.sens)


def _arrete(code: str, libelle: str, objet: str, *sens: str, article: str) -> Lettre:
    return Lettre(
        code, libelle, "décision", objet, "acte", "recommande", public=True, type_acte=DECISION,
        notifie="notification_decision", signe="signature", sens=sens, article=article,
    )  # fmt: skip


def _placard(code: str, libelle: str, etape: str, objet: str, article: str) -> Lettre:
    """What is put up or handed over, without addressee nor signature."""
    return Lettre(
        code, libelle, etape, objet, "acte", a_signer=False, type_acte="", guichet=True, article=article
    )


DEPOT, DELAI, SERVICES, DECIDER, SUITES = "dépôt", "délai et pièces", "consultations", "décision", "suites"
LETTRES = (
    Lettre(
        "recepisse", "Récépissé de dépôt", DEPOT, "[numero] : récépissé de dépôt", a_signer=False,
        type_acte="", guichet=True, article="R.423-3 à R.423-5",
    ),
    _placard(
        "avis_depot", "Avis de dépôt", DEPOT, "d'[demande_libelle] – [numero]", "R.423-6"
    ),
    Lettre(
        "recepisse_pieces", "Récépissé de pièces complémentaires", DEPOT,
        "[numero] : pièces complémentaires reçues", a_signer=False, type_acte="", guichet=True,
        article="R.423-39 c",
    ),
    Lettre(
        "incompletude", "Demande de pièces manquantes", DELAI, "[numero] : votre dossier est incomplet",
        mode="recommande", notifie="notification_pieces", article="R.423-38, R.423-39",
    ),
    Lettre(
        "majoration", "Majoration du délai", DELAI, "[numero] : délai d'instruction modifié",
        mode="recommande", notifie="notification_majoration", article="R.423-42",
    ),
    Lettre(
        "prolongation_abf", "Prolongation : recours contre l'avis de l'ABF", DELAI,
        "[numero] : délai d'instruction prolongé", mode="recommande", notifie="notification_prolongation",
        prolonge="ABF_RECOURS", article="R.423-35, R.423-44",
    ),
    Lettre(
        "prolongation_evocation", "Prolongation : dossier évoqué par un ministre", DELAI,
        "[numero] : délai d'instruction prolongé", mode="recommande", notifie="notification_prolongation",
        prolonge="EVOCATION", article="R.423-37, R.423-44",
    ),
    Lettre(
        "consultation", "Consultation d'un service", SERVICES, "[numero] : demande d'avis", a_signer=False,
        type_acte="", article="R.423-50 à R.423-55",
    ),
    Lettre(
        "rapport", "Rapport d'instruction", DECIDER, "sur [demande_libelle] – [numero]", "acte",
        a_signer=False, type_acte="",
    ),
    _arrete(
        "arrete_accord", "Arrêté accordant", "accordant [titre_article] – [numero]", "accord",
        article="R.424-5, A.424-1 et suivants",
    ),
    _arrete(
        "arrete_prescriptions", "Arrêté accordant avec prescriptions",
        "accordant [titre_article] avec prescriptions – [numero]", "accord_prescriptions",
        article="L.424-3, R.424-5",
    ),
    _arrete(
        "arrete_refus", "Arrêté de refus", "refusant [titre_article] – [numero]", "refus",
        article="L.424-3, R.424-5",
    ),
    _arrete(
        "arrete_sursis", "Arrêté de sursis à statuer", "portant sursis à statuer – [numero]", "sursis",
        article="L.424-1, R.424-9",
    ),
    _arrete(
        "non_opposition", "Arrêté de non-opposition",
        "de non-opposition à une déclaration préalable – [numero]", "accord", "accord_prescriptions",
        article="L.424-6, R.424-5",
    ),
    _arrete(
        "opposition", "Arrêté d'opposition", "d'opposition à une déclaration préalable – [numero]", "refus",
        article="L.424-3, R.424-5",
    ),
    _arrete(
        "certificat_urbanisme", "Certificat d'urbanisme", "[numero]", "accord", "refus",
        article="L.410-1, A.410-3 et suivants",
    ),
    Lettre(
        "bordereau_transmission", "Bordereau de transmission au préfet", SUITES,
        "[numero] : transmission au contrôle de légalité", a_signer=False, type_acte="", guichet=True,
        prefet=True, article="CGCT L.2131-1, L.2131-2",
    ),
    _placard(
        "extrait_affichage", "Extrait de décision", SUITES, "affiché en mairie – [numero]", "R.424-15",
    ),
    _placard(
        "panneau", "Panneau à afficher sur le terrain", SUITES, "[numero]",
        "R.424-15, A.424-15 à A.424-19",
    ),
    Lettre(
        "certificat_tacite", "Certificat de décision tacite", SUITES,
        "[numero]", "acte", public=True, type_acte=DECISION,
        article="R.424-13",
    ),
    Lettre(
        "rejet_tacite", "Avis de rejet tacite", SUITES, "[numero] : rejet tacite de votre demande",
        mode="recommande", article="R.423-39 b",
    ),
    Lettre(
        "attestation_affichage", "Attestation d'affichage", SUITES, "[numero]", "acte",
        public=True, type_acte=DECISION, article="R.424-15, R.600-2",
    ),
    Lettre(
        "pv_recolement", "Procès-verbal de récolement", SUITES, "[numero]", "acte", a_signer=False,
        type_acte="", recole=True, article="L.462-2, R.462-6 à R.462-9",
    ),
    Lettre(
        "mise_en_demeure", "Mise en demeure après récolement", SUITES,
        "[numero] : travaux non conformes, mise en demeure", mode="recommande", type_acte=DECISION,
        signe="mise_en_demeure", article="L.462-2, R.462-9",
    ),
    Lettre(
        "attestation_conformite", "Attestation de non-contestation de la conformité", SUITES,
        "[numero]", "acte", type_acte=DECISION, signe="attestation",
        article="R.462-10",
    ),
    Lettre(
        "contradictoire", "Lettre préalable au retrait", SUITES, "[numero] : projet de retrait",
        mode="recommande", type_acte=DECISION, article="L.424-5, CRPA L.121-1, L.122-1",
    ),
    Lettre(
        "retrait", "Arrêté de retrait", SUITES, "retirant l'autorisation [numero]", "acte", "recommande",
        public=True, type_acte=DECISION, signe="retrait", article="L.424-5",
    ),
)  # fmt: skip
PAR_CODE = {lettre.code: lettre for lettre in LETTRES}


def lettre_de(code: str) -> Lettre | None:
    """The shipped letter of this code; null for a template that a town hall made."""
    return PAR_CODE.get(code)
