"""Letters of projects and of sales: opinion, attestation, report of execution, answers to the notary."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from assainissement import illustrations, perms, rapport, ventes
from assainissement.circuits.etats import CONCLUS
from assainissement.circuits.projet import DEMANDES
from assainissement.courriers import EN_SERVICE, METIER
from assainissement.courriers import GENRE as CONTROLE
from assainissement.models import Controle, DeclarationVente, ProjetAnc
from assainissement.mots import PHRASES
from assainissement.projets import avis_de
from assainissement.regles.tables.projets import FAVORABLES, SENS
from mairie.adresses.presentation import nom_parcelle
from mairie.calendrier import jma
from mairie.courriers.champs import ChampFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.models import ModeleCourrier
from mairie.references import Bilan, declarer

PROJET, VENTE = "assainissement.projet", "assainissement.vente"

_AVIS = (
    "<p>[si projet_dossier]</p><p>Dossier d'urbanisme : [projet_dossier].</p><p>[fin]</p>"
    "<p>Installation [projet_installation][si projet_adresse], [projet_adresse][fin]."
    "[si projet_parcelles] Parcelles : [projet_parcelles].[fin]</p>"
    "<p>Le service a examiné le projet d'assainissement non collectif reçu le [projet_recu].</p>"
    "<p>[si projet_filiere]Filière projetée : [projet_filiere].[fin]"
    "[si projet_plan] Plan examiné : [projet_plan].[fin]</p>"
    "<h2>Avis</h2>"
    "<p><strong>Avis [projet_sens]</strong>, rendu le [projet_avis_le][si projet_signataire] par"
    " [projet_signataire][fin].</p>"
    "<p>[si projet_conditions]</p><p>[projet_conditions]</p><p>[fin]</p>"
    "<h2>Suites</h2>"
    "<p>[projet_suites]</p>"
    "<p>Cet avis peut être contesté auprès du service, puis devant le tribunal compétent, dans les"
    " deux mois de"
    " sa réception.</p>"
)
_ATTESTATION = (
    "<p>Le service public d'assainissement non collectif atteste que le projet d'installation"
    " décrit ci-dessous [projet_atteste].</p>"
    "<p>[si projet_dossier]</p><p>Dossier d'urbanisme : [projet_dossier].</p><p>[fin]</p>"
    "<p>Installation [projet_installation][si projet_adresse], [projet_adresse][fin]."
    "[si projet_parcelles] Parcelles : [projet_parcelles].[fin]</p>"
    "<p>[si projet_filiere]Filière : [projet_filiere].[fin][si projet_plan] Plan : [projet_plan].[fin]</p>"
    "<p>[si projet_conditions]</p><p>Conditions à respecter : [projet_conditions]</p><p>[fin]</p>"
    "<p>Cette attestation est la pièce du permis que demande le code de l'urbanisme (R.431-16 ;"
    " R.441-6 pour un"
    " permis d'aménager). Elle vaut pour ce plan : tout changement appelle un nouvel examen.</p>"
    "<p>Fait le [projet_avis_le].[si projet_signataire] Pour le service : [projet_signataire].[fin]</p>"
)
_EXECUTION = (
    rapport.IDENTITE + "<h2>Conformité au projet</h2>"
    "<p><strong>[conclusion]</strong></p>"
    "<p>[si execution_projet]</p><p>[execution_projet]</p><p>[fin]</p>"
    "<p>[execution_remblai]</p>"
    "<p>[si travaux]</p><p>À reprendre, par ordre de priorité :</p><p>[travaux]</p><p>[fin]</p>"
    "<p>[si observations]</p><p>Observations : [observations]</p><p>[fin]</p>"
    "<p>[si points]</p><h2>Points contrôlés</h2><p>[tableau:points]</p><p>[fin]</p>"
    + illustrations.CORPS
    + rapport.APPROBATION
    + rapport.RECOURS
)
_CERTIFICAT = (
    "<p>Maître, Madame, Monsieur,</p>"
    "<p>Vous nous avez déclaré la vente de l'immeuble situé [vente_lieu] ([vente_numero]"
    "[si vente_reference], votre référence [vente_reference][fin]).</p>"
    "<p>Le dernier contrôle de son installation d'assainissement non collectif,"
    " [vente_installation], a été fait"
    " le [vente_visite]. [vente_conclusion]</p>"
    "<p>Ce rapport est valable pour la vente jusqu'au [vente_valable] compris (code de la santé publique,"
    " L1331-11-1). Il se joint au dossier de diagnostic technique.</p>"
    "<p>[vente_obligation]</p>"
    "<p>Veuillez agréer nos salutations distinguées.</p>"
)
_A_CONTROLER = (
    "<p>Maître, Madame, Monsieur,</p>"
    "<p>Vous nous avez déclaré la vente de l'immeuble situé [vente_lieu] ([vente_numero]"
    "[si vente_reference], votre référence [vente_reference][fin]).</p>"
    "<p>[vente_sans_rapport] Un contrôle est à faire avant la vente, à la charge du vendeur (code de la santé"
    " publique, L1331-11-1).</p>"
    "<p>Le service propose un rendez-vous au vendeur dès qu'il l'appelle, et vous remet le rapport"
    " ensuite.</p>"
    "<p>Veuillez agréer nos salutations distinguées.</p>"
)
MODELES = (
    (
        "avis_conception",
        "Avis sur un projet",
        "Avis sur un projet d'assainissement non collectif",
        _AVIS,
        PROJET,
        "avis",
    ),
    (
        "attestation_conception",
        "Attestation de conformité du projet",
        "Attestation de conformité d'un projet d'assainissement non collectif",
        _ATTESTATION,
        PROJET,
        "avis",
    ),
    (
        "rapport_execution",
        "Rapport d'exécution",
        "Rapport d'exécution [controle_numero]",
        _EXECUTION,
        CONTROLE,
        "rapport",
    ),
    (
        "certificat_vente",
        "Réponse au notaire : rapport valable",
        "[vente_numero] : assainissement d'un immeuble vendu",
        _CERTIFICAT,
        VENTE,
        "réponse",
    ),
    (
        "controle_vente",
        "Réponse au notaire : contrôle à faire",
        "[vente_numero] : contrôle à faire avant la vente",
        _A_CONTROLER,
        VENTE,
        "réponse",
    ),
)
ACTES = ("avis_conception", "attestation_conception", "rapport_execution")
_OBLIGATIONS = {
    "R0": "L'acquéreur doit faire installer un assainissement dans les meilleurs délais.",
    "R5": "Aucuns travaux ne sont obligatoires.",
    "R6": "Aucuns travaux ne sont obligatoires.",
}
_UN_AN = "L'acquéreur doit faire les travaux au plus tard un an après l'acte de vente."
_CONFORME = "est conforme aux prescriptions réglementaires"
_LEVEE = "Les travaux demandés par ce rapport ont été constatés : rien ne reste dû."


def _atteste(p: ProjetAnc) -> str:
    return _CONFORME if p.sens in FAVORABLES else ""


def _suites(p: ProjetAnc) -> str:
    if p.etat == "avis_defavorable":
        return "Les travaux ne peuvent pas commencer : présentez un projet modifié au service."
    return (
        "Prévenez le service avant de recouvrir les ouvrages : il vérifie les travaux sur place,"
        " et son rapport"
        " d'exécution les déclare conformes."
    )


def _remblai(c: Controle) -> str:
    o = c.observations.filter(point__code="chantier_non_remblaye").first()
    if o is None or o.reponse == "non_verifie":
        return "Il n'a pas été vérifié si les ouvrages étaient encore visibles."
    if o.reponse == "oui":
        return "La visite a eu lieu avant remblaiement."
    return "La visite a eu lieu après remblaiement : les ouvrages recouverts n'ont pas pu être vérifiés."


def _projet_execute(c: Controle) -> str:
    """The project that the works are compared with."""
    p = (
        ProjetAnc.objects.filter(installation=c.installation_id, avis_le__isnull=False)
        .order_by("-pk")
        .first()
    )
    if p is None or p.avis_le is None:
        return ""
    dit = avis_de(p)
    plan = f", plan {dit['plan']}" if dit.get("plan") else ""
    return (
        f"Projet examiné : {dit.get('filiere', '')}{plan}, avis {SENS.get(p.sens, '')} du {jma(p.avis_le)}."
    )


def convient_projet(p: ProjetAnc, code: str) -> bool:
    """An opinion once it is given; the attestation of a favourable one."""
    if code == "avis_conception":
        return p.avis_le is not None and p.etat != "demande"
    if code == "attestation_conception":
        return p.sens in FAVORABLES and p.etat not in ("demande", "incomplet", "abandonne")
    return True


def convient_vente(v: DeclarationVente, code: str) -> bool:
    """The answer that the last report allows today; none as long as it is not known what is sold."""
    if code in ("certificat_vente", "controle_vente") and ventes.doute(v, timezone.localdate()):
        return False
    valable = ventes.rapport_valable(v, timezone.localdate()) is not None
    if code == "certificat_vente":
        return valable
    return code != "controle_vente" or not valable


def _rapport(v: DeclarationVente) -> Controle | None:
    c = v.controle
    return c if c is not None and c.etat in CONCLUS else None


def _conclusion_vente(v: DeclarationVente) -> str:
    c = _rapport(v)
    if c is None:
        return ""
    cas = f" (cas {c.cas})" if c.cas else ""
    return f"{PHRASES.get(c.regle, '')[:-1]}{cas}."


def _obligation_vente(v: DeclarationVente) -> str:
    c = _rapport(v)
    if c is None:
        return ""
    return _LEVEE if c.date_levee else _OBLIGATIONS.get(c.regle, _UN_AN)


def _sans_rapport(v: DeclarationVente) -> str:
    from assainissement.suivi import dernier_rapport

    dernier = dernier_rapport(v.installation) if v.installation is not None else None
    if dernier is not None and dernier.fin_validite_rapport is not None and dernier.date_visite is not None:
        return (
            f"Le dernier contrôle, du {jma(dernier.date_visite)}, n'est plus valable depuis le"
            f" {jma(dernier.fin_validite_rapport)}."
        )
    return "Aucun contrôle de son installation d'assainissement n'est connu du service."


def _champ(
    code: str, libelle: str, exemple: Any, valeur: Any, groupe: str, facultatif: bool = False
) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, groupe)


def charger() -> Bilan:
    """The templates that the house ships; left as they are once they exist."""
    codes = [m[0] for m in MODELES]
    avant = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count()
    for code, libelle, objet, corps, genre, etape in MODELES:
        declarer_modele(
            METIER,
            code,
            libelle,
            objet=objet,
            corps=corps,
            le=EN_SERVICE,
            forme="acte" if code in ACTES else "lettre",
            a_signer=False,
            genre=genre,
            etape=etape,
        )
    creees = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count() - avant
    return Bilan(creees=creees, inchangees=len(codes) - creees)


def _destinataires(v: DeclarationVente) -> list[Destinataire]:
    trouve = ventes.destinataire(v)
    return [trouve] if trouve else []


def _rediger_vente(utilisateur: Any, v: DeclarationVente) -> bool:
    return bool(utilisateur.has_perm(perms.ENREGISTRER, v.insee))


def _rediger_projet(utilisateur: Any, p: ProjetAnc) -> bool:
    return bool(utilisateur.has_perm(perms.SAISIR, p.insee) or utilisateur.has_perm(perms.VALIDER, p.insee))


def _signataire(p: ProjetAnc) -> str:
    from mairie.workflow import journal

    avis = [e for e in journal.vivantes(journal.lignes(p)) if e.type == "rendre_avis"]
    return str(avis[-1].auteur or "") if avis else ""


def _recu(p: ProjetAnc) -> date | None:
    from mairie.workflow import journal

    lignes = [e for e in journal.vivantes(journal.lignes(p)) if e.type in DEMANDES]
    return lignes[-1].date_effet if lignes else None


def declarer_courriers() -> None:
    """From ``AppConfig.ready``."""
    g = "Projet"
    declarer_champs(
        METIER,
        _champ(
            "projet_dossier", "Dossier d'urbanisme", "PC 025 999 26 00012", lambda p: p.dossier_urba, g, True
        ),
        _champ("projet_installation", "Installation", "ANC-25999-00012", lambda p: str(p.installation), g),
        _champ("projet_adresse", "Adresse", "12 rue de l'Essai", lambda p: p.installation.lieu, g, True),
        _champ(
            "projet_parcelles",
            "Parcelles",
            "AB 12",
            lambda p: [nom_parcelle(x.reference) for x in p.installation.parcelles.all()],
            g,
            True,
        ),
        _champ("projet_recu", "Projet reçu le", date(2026, 3, 2), _recu, g),
        _champ(
            "projet_filiere",
            "Filière projetée",
            "Fosse toutes eaux et tranchées d'épandage",
            lambda p: avis_de(p).get("filiere", ""),
            g,
            True,
        ),
        _champ(
            "projet_plan",
            "Plan examiné",
            "PCMI2 du 02/03/2026",
            lambda p: avis_de(p).get("plan", ""),
            g,
            True,
        ),
        _champ("projet_sens", "Sens de l'avis", "favorable", lambda p: SENS.get(p.sens, ""), g),
        _champ("projet_avis_le", "Avis rendu le", date(2026, 3, 20), lambda p: p.avis_le, g),
        # Empty unless the opinion is favourable: nothing is attested of another project.
        _champ("projet_atteste", "Ce qui est attesté", _CONFORME, _atteste, g),
        _champ(
            "projet_conditions",
            "Conditions ou motif",
            "Poser un préfiltre.",
            lambda p: avis_de(p).get("motif", ""),
            g,
            True,
        ),
        _champ("projet_signataire", "Qui rend l'avis", "Camille Martin", _signataire, g, True),
        _champ("projet_suites", "Suites", "Prévenez le service avant de recouvrir les ouvrages.", _suites, g),
        _champ(
            "execution_remblai",
            "Visite avant remblaiement",
            "La visite a eu lieu avant remblaiement.",
            _remblai,
            "Contrôle",
            True,
        ),
        _champ(
            "execution_projet",
            "Projet auquel les travaux se comparent",
            "Projet examiné : micro-station, plan PCMI2, avis favorable du 20/03/2026.",
            _projet_execute,
            "Contrôle",
            True,
        ),
    )
    g = "Vente"
    declarer_champs(
        METIER,
        _champ("vente_numero", "Numéro de la vente", "VTE-25999-2026-0007", str, g),
        _champ("vente_reference", "Référence du demandeur", "2026/114", lambda v: v.reference, g, True),
        _champ("vente_lieu", "Immeuble", "12 rue de l'Essai", lambda v: v.lieu, g),
        _champ(
            "vente_installation",
            "Installation",
            "ANC-25999-00012",
            lambda v: str(v.installation or ""),
            g,
        ),
        _champ(
            "vente_visite",
            "Dernière visite",
            date(2025, 3, 12),
            lambda v: c.date_visite if (c := _rapport(v)) else None,
            g,
        ),
        _champ(
            "vente_valable",
            "Rapport valable jusqu'au",
            date(2028, 3, 12),
            lambda v: c.fin_validite_rapport if (c := _rapport(v)) else None,
            g,
        ),
        _champ(
            "vente_conclusion",
            "Conclusion",
            "L'installation ne présente aucun défaut.",
            _conclusion_vente,
            g,
        ),
        _champ("vente_obligation", "Obligation de l'acquéreur", _UN_AN, _obligation_vente, g, True),
        _champ(
            "vente_sans_rapport",
            "Pourquoi un contrôle",
            "Aucun contrôle n'est connu du service.",
            _sans_rapport,
            g,
            True,
        ),
    )
    declarer_sujet(
        Sujet(
            genre=PROJET,
            metier=METIER,
            modele="assainissement.ProjetAnc",
            libelle="projet d'assainissement",
            visibles=lambda u: ProjetAnc.objects.visibles_par(u).select_related("installation"),
            adresse=lambda p: f"{p.get_absolute_url()}#courriers",
            rediger=_rediger_projet,
            convient=convient_projet,
            emprise=lambda p: p.installation.geom,
        )
    )
    declarer_sujet(
        Sujet(
            genre=VENTE,
            metier=METIER,
            modele="assainissement.DeclarationVente",
            libelle="vente d'un immeuble",
            visibles=lambda u: DeclarationVente.objects.visibles_par(u).select_related("installation"),
            adresse=lambda v: f"{v.get_absolute_url()}#courriers",
            rediger=_rediger_vente,
            destinataires=_destinataires,
            convient=convient_vente,
        )
    )
    declarer("modèles de lettres des projets et des ventes", charger)
