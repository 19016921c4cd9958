"""Letters of connections: the certificate of a control, what a fault asks, the reminder to connect (§11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone

from assainissement import perms, redevances_ac
from assainissement.courriers_redevances import euros
from assainissement.illustrations import CORPS_RACCORDEMENT, champs_raccordement
from assainissement.models import Branchement, ControleAC
from assainissement.regles.tables.points_ac import POINTS_AC
from mairie.adresses.presentation import nom_parcelle
from mairie.calendrier import jma
from mairie.courriers.champs import BlocFusion, ChampFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.models import ModeleCourrier
from mairie.references import Bilan, declarer

METIER = "assainissement"
CONTROLE, BRANCHEMENT = "assainissement.controle_ac", "assainissement.branchement"
EN_SERVICE = date(2023, 1, 1)
_CERTIFICAT = (
    "<p>Contrôle [ac_numero] du branchement au réseau public d'assainissement, visite du [ac_visite]"
    "[si ac_lieu], [ac_lieu][fin].[si ac_parcelles] Parcelles : [ac_parcelles].[fin]</p>"
    "<h2>Conclusion</h2>"
    "<p><strong>[ac_conclusion]</strong></p>"
    "<p>[si ac_motifs]</p><p>Ce qui n'est pas conforme :</p><p>[ac_motifs]</p>"
    "<p>Travaux demandés :</p><p>[ac_travaux]</p><p>[fin]</p>"
    "<p>[si ac_remarques]</p><p>À savoir : [ac_remarques]</p><p>[fin]</p>"
    "<p>[si ac_non_verifies]</p><p>Points non vérifiés : [ac_non_verifies].</p><p>[fin]</p>"
    "<p>[si ac_observations]</p><p>Observations : [ac_observations]</p><p>[fin]</p>"
    "<h2>Validité</h2>"
    "<p>[ac_validite]</p>"
    "<h2>Points contrôlés</h2>"
    "<p>[tableau:ac_points]</p>"
    + CORPS_RACCORDEMENT
    + "<p>Ce document est établi en application de l'article L2224-8 du code général des collectivités"
    " territoriales. Il peut être contesté auprès du service, puis devant le tribunal compétent, dans les"
    " deux mois de sa réception.</p>"
)
_NON_CONFORMITE = (
    "<p>Madame, Monsieur,</p>"
    "<p>Le contrôle [ac_numero] de votre branchement, visité le [ac_visite][si ac_lieu] au"
    " [ac_lieu][fin], n'est pas conforme.</p>"
    "<p>[ac_motifs]</p>"
    "<p>Travaux demandés :</p><p>[ac_travaux]</p>"
    "<p>Prévenez le service quand ils sont faits : une contre-visite le constatera.</p>"
    "<p>Veuillez agréer, Madame, Monsieur, nos salutations distinguées.</p>"
)
_RAPPEL = (
    "<p>Madame, Monsieur,</p>"
    "<p>Le réseau public d'assainissement dessert votre immeuble[si br_lieu], [br_lieu],[fin] depuis le"
    " [br_service].</p>"
    "<p>Un immeuble se raccorde dans les deux ans de cette mise en service (article L1331-1 du code de la"
    " santé publique) : le vôtre devait l'être avant le [br_avant]. Nous n'avons pas constaté de"
    " raccordement.</p>"
    "<p>Si vous l'avez fait, dites-le nous : nous viendrons le constater. Sinon, prenez contact avec le"
    " service. Passé ce délai, la collectivité peut majorer la redevance que vous payez (article"
    " L1331-8).</p>"
    "<p>Veuillez agréer, Madame, Monsieur, nos salutations distinguées.</p>"
)
_AVIS = (
    "<p>Madame, Monsieur,</p>"
    "<p>Le service doit contrôler le raccordement au réseau public de votre immeuble[si ac_lieu], [ac_lieu]"
    "[fin] (contrôle [ac_numero], [ac_motif]). Ce contrôle est prévu par l'article L2224-8, II, du code"
    " général des collectivités territoriales. Le contrôleur prend rendez-vous avec vous.</p>"
    "<p>[si ac_redevance]</p><p>Ce contrôle donne lieu à une redevance de [ac_redevance]"
    " ([ac_redevance_deliberation]), facturée après la remise du document.</p><p>[fin]</p>"
    "<p>Préparez les plans et les factures de travaux, et dégagez la boîte de branchement et les"
    " regards.</p>"
    "<p>L'article L1331-11 du code de la santé publique donne au service l'accès aux propriétés privées pour"
    " ce contrôle ; s'y opposer expose à une majoration de la redevance (article L1331-8).</p>"
    "<p>Veuillez agréer, Madame, Monsieur, nos salutations distinguées.</p>"
)
MODELES = (
    ("avis_controle_ac", "Avis de contrôle de raccordement", "Contrôle de votre raccordement [ac_numero]",
     _AVIS, CONTROLE, "avis"),
    ("certificat_raccordement", "Certificat de raccordement", "Contrôle de branchement [ac_numero]",
     _CERTIFICAT, CONTROLE, "certificat"),
    ("branchement_non_conforme", "Branchement non conforme", "Votre branchement au réseau", _NON_CONFORMITE,
     CONTROLE, "certificat"),
    ("rappel_raccordement", "Rappel de raccordement", "Votre raccordement au réseau", _RAPPEL, BRANCHEMENT,
     ""),
)  # fmt: skip


def _conclusion(c: ControleAC) -> str:
    if not c.valide_le:
        return ""
    return (
        "Le branchement est conforme."
        if c.resultat.get("conclusion") == "conforme"
        else "Le branchement n'est pas conforme."
    )


def _validite(c: ControleAC) -> str:
    if c.fin_validite is None:
        return ""
    article = next((e["article"] for e in c.explication if e["regle"] == "Validité"), "")
    return f"Ce document est valable jusqu'au {jma(c.fin_validite)} ({article})."


def _parcelles(c: ControleAC) -> list[str]:
    references = [p.reference for p in c.branchement.parcelles.all()] if c.branchement is not None else []
    return [nom_parcelle(r) for r in ([c.reference] if c.reference else references)]


def _points(c: ControleAC) -> Iterator[dict[str, str]]:
    for code, p in POINTS_AC.items():
        reponse = c.points.get(code)
        if reponse:
            yield {
                "point": p.libelle,
                "reponse": p.choix.get(reponse, reponse),
                "avis": "non conforme" if reponse in p.fautes else "",
            }


def _a_raccorder_avant(b: Branchement) -> date | None:
    du = b.etat_au(timezone.localdate()) in ("a_raccorder", "en_retard")
    return b.raccorder_avant if du else None


def _vers(tiers: Any, qualite: str) -> Iterator[Destinataire]:
    if tiers is not None:
        courriel = tiers.courriel if tiers.accepte_electronique else ""
        yield Destinataire(tiers.appel, "\n".join(tiers.lignes_adresse), courriel, qualite, tiers)


def destinataires_controle(c: ControleAC) -> Iterator[Destinataire]:
    """Who asked, then the owner."""
    yield from _vers(c.demandeur, "demandeur")
    if c.branchement is not None and c.branchement.proprietaire_id != c.demandeur_id:
        yield from _vers(c.branchement.proprietaire, "propriétaire")


def _rediger(utilisateur: Any, objet: Any) -> bool:
    return bool(
        utilisateur.has_perm(perms.SAISIR, objet.insee)
        or utilisateur.has_perm(perms.ENREGISTRER, objet.insee)
    )


def _avertir(courrier: Any, acte: str) -> list[str]:
    c = courrier.dossier
    avis = courrier.modele is not None and courrier.modele.modele.code == "avis_controle_ac"
    if acte == "finaliser" and isinstance(c, ControleAC) and not c.valide_le and not avis:
        return ["Le contrôle n'est pas validé : sa conclusion peut encore changer."]
    return []


def _prix(c: ControleAC) -> tuple[str, str]:
    """Amount with tax and the vote: as told, else at the tariff of today; empty when nothing is asked."""
    x = redevances_ac.ligne_de(c)
    if x is None or (x.etat == "a_annoncer" and c.visite_le is None):
        # The letter tells it, and so opens it at the tariff of its day.
        prix = redevances_ac.tarif_de(c, timezone.localdate())
        if prix is not None:
            return euros(prix.montants.ttc), prix.deliberation.reference
    return (euros(x.montant_ttc), x.deliberation) if x is not None else ("", "")


def suivre(courrier: Any, fait: str, acteur: Any) -> None:
    """A notice that leaves tells the fee."""
    c = courrier.dossier
    code = courrier.modele.modele.code if courrier.modele is not None else ""
    if fait == "envoi" and isinstance(c, ControleAC) and code == "avis_controle_ac":
        redevances_ac.annoncer(c, timezone.localdate(), reference=courrier.numero)


def _rediger_modele(utilisateur: Any, c: ControleAC, code: str) -> bool:
    return code == "avis_controle_ac" and bool(utilisateur.has_perm(perms.FACTURER, c.insee))


def convient_controle(c: ControleAC, code: str) -> bool:
    """The certificate once concluded; the letter of a fault while it is one."""
    if code == "avis_controle_ac":
        return c.visite_le is None and c.etat in ("demande", "affecte", "a_corriger")
    if code == "certificat_raccordement":
        return c.valide_le is not None and c.etat != "annule"
    if code == "branchement_non_conforme":
        return c.conclusion == "non_conforme" and c.etat in (
            "valide_non_conforme",
            "travaux",
            "contre_visite",
        )
    return True


def convient_branchement(b: Branchement, code: str) -> bool:
    """Nobody is reminded who is connected, or exempted, or whose two years still run."""
    return code != "rappel_raccordement" or b.etat_au(timezone.localdate()) == "en_retard"


def charger() -> Bilan:
    """The templates that the house ships; left as they are once they exist."""
    codes = [m[0] for m in MODELES]
    avant = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count()
    for code, libelle, objet, corps, genre, etape in MODELES:
        declarer_modele(
            METIER, code, libelle, objet=objet, corps=corps, le=EN_SERVICE, genre=genre, etape=etape
        )
    creees = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count() - avant
    return Bilan(creees=creees, inchangees=len(codes) - creees)


def _champ(
    groupe: str, code: str, libelle: str, exemple: Any, valeur: Any, facultatif: bool = False
) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, groupe)


def declarer_courriers() -> None:
    """From ``AppConfig.ready``."""
    ac, br = "Contrôle de branchement", "Branchement"
    declarer_champs(
        METIER,
        _champ(ac, "ac_numero", "Numéro du contrôle de branchement", "AC-25999-2026-0012", str),
        _champ(ac, "ac_visite", "Visite du branchement", date(2026, 3, 12), lambda c: c.visite_le),
        _champ(ac, "ac_motif", "Motif du contrôle", "vente", lambda c: c.get_motif_display(), True),
        _champ(ac, "ac_redevance", "Redevance, avec TVA", "143,00 €", lambda c: _prix(c)[0], True),
        _champ(
            ac,
            "ac_redevance_deliberation",
            "Délibération",
            "délibération 2026-15",
            lambda c: _prix(c)[1],
            True,
        ),
        _champ(ac, "ac_lieu", "Lieu du branchement", "12 rue de l'Essai", lambda c: c.lieu, True),
        _champ(ac, "ac_parcelles", "Parcelles du branchement", "25999000AB0001", _parcelles, True),
        _champ(
            ac,
            "ac_conclusion",
            "Conclusion du branchement",
            "Le branchement est conforme.",
            _conclusion,
        ),
        _champ(
            ac,
            "ac_motifs",
            "Ce qui n'est pas conforme",
            "Eaux usées et eaux pluviales sont mêlées.",
            lambda c: c.resultat.get("motifs", []),
        ),
        _champ(
            ac,
            "ac_travaux",
            "Travaux du branchement",
            "Séparer les eaux pluviales des eaux usées",
            lambda c: c.resultat.get("travaux", []),
            True,
        ),
        _champ(
            ac,
            "ac_remarques",
            "Remarques sur le branchement",
            "Appareils sans siphon.",
            lambda c: c.resultat.get("remarques", []),
            True,
        ),
        _champ(
            ac,
            "ac_non_verifies",
            "Points du branchement non vérifiés",
            "La fumée ne sort d'aucune gouttière",
            lambda c: c.resultat.get("non_verifies", []),
            True,
        ),
        _champ(
            ac,
            "ac_observations",
            "Observations sur le branchement",
            "Regard sous la terrasse.",
            lambda c: c.observations,
            True,
        ),
        _champ(
            ac,
            "ac_validite",
            "Validité du contrôle de branchement",
            "Ce document est valable jusqu'au 12/03/2036 (CGCT L2224-8, II).",
            _validite,
        ),
        BlocFusion(
            "ac_points",
            "Points contrôlés du branchement",
            {"point": "Point", "reponse": "Réponse", "avis": "Avis"},
            ({"point": "Les appareils ont des siphons", "reponse": "oui", "avis": ""},),
            _points,
            True,
        ),
        *champs_raccordement(),
        _champ(br, "br_numero", "Numéro du branchement", "BR-25999-00012", str),
        _champ(br, "br_lieu", "Adresse du branchement", "12 rue de l'Essai", lambda b: b.lieu, True),
        _champ(
            br,
            "br_service",
            "Mise en service du réseau",
            date(2022, 5, 2),
            lambda b: b.mise_en_service_le,
        ),
        # Empty where nothing is asked: connected, or exempted for a time.
        _champ(br, "br_avant", "À raccorder avant le", date(2024, 5, 2), _a_raccorder_avant),
    )
    declarer_sujet(
        Sujet(
            genre=CONTROLE,
            metier=METIER,
            modele="assainissement.ControleAC",
            libelle="contrôle de branchement",
            visibles=lambda u: ControleAC.objects.visibles_par(u).select_related("branchement", "adresse"),
            adresse=lambda c: f"{c.get_absolute_url()}#courriers",
            rediger=_rediger,
            emprise=lambda c: c.branchement.geom if c.branchement is not None else None,
            destinataires=destinataires_controle,
            avertir=_avertir,
            convient=convient_controle,
            rediger_modele=_rediger_modele,
            suivre=suivre,
        )
    )
    declarer_sujet(
        Sujet(
            genre=BRANCHEMENT,
            metier=METIER,
            modele="assainissement.Branchement",
            libelle="branchement",
            visibles=lambda u: Branchement.objects.visibles_par(u).select_related("adresse", "proprietaire"),
            adresse=lambda b: f"{b.get_absolute_url()}#courriers",
            rediger=_rediger,
            emprise=lambda b: b.geom,
            destinataires=lambda b: _vers(b.proprietaire, "propriétaire"),
            convient=convient_branchement,
        )
    )
    declarer("modèles de lettres des branchements", charger)
