"""Letters of visits and fees (spec §11): notice of visit, missed visit, reminder, surcharge, works; PFAC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format

from assainissement import perms, redevances, tarifs
from assainissement.courriers import EN_SERVICE, GENRE, METIER
from assainissement.lettre_suivi import PARAGRAPHE
from assainissement.models import Controle, Pfac
from assainissement.models.redevances import LigneRedevance
from assainissement.regles.redevance import TarifInconnu
from mairie.calendrier import jma
from mairie.courriers.champs import ChampFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.habilitations import peut
from mairie.models import ModeleCourrier
from mairie.references import Bilan, declarer

GENRE_PFAC = "assainissement.pfac"
_POLITESSE = "<p>Veuillez agréer, Madame, Monsieur, nos salutations distinguées.</p>"
_LIEU = (
    "votre installation d'assainissement non collectif[si installation_adresse] ([installation_adresse])[fin]"
)
MODELES = (
    (
        "avis_passage",
        "Avis de passage",
        "Visite de votre installation d'assainissement, [controle_numero]",
        f"<p>Madame, Monsieur,</p><p>Le service doit contrôler {_LIEU} : [nature]. Ce contrôle est prévu par"
        " l'article L2224-8 du code général des collectivités territoriales.</p>"
        "<p>[si rdv_le]</p><p>Nous vous proposons le [rdv_le], [creneau]. Si ce jour ne vous convient pas,"
        " proposez-en un autre.</p><p>[sinon]</p><p>Prenez rendez-vous avec le service dès réception de cette"
        " lettre.</p><p>[fin]</p>"
        "<p>[si redevance_montant]</p><p>Ce contrôle donne lieu à une redevance de [redevance_montant]"
        " ([redevance_deliberation]), facturée après l'envoi du rapport.</p><p>[fin]</p>"
        "<p>Préparez les plans, les factures de travaux et les bordereaux de vidange, et dégagez les"
        " regards.</p><p>Refuser la visite expose à une majoration de la redevance (article L1331-8 du code"
        f" de la santé publique).</p>{PARAGRAPHE}{_POLITESSE}",
    ),
    (
        "confirmation",
        "Confirmation de rendez-vous",
        "Votre rendez-vous du [rdv_le], [controle_numero]",
        f"<p>Madame, Monsieur,</p><p>Le service visitera {_LIEU} le [rdv_le], [creneau], pour un contrôle :"
        " [nature].[si controleur] Contrôleur : [controleur].[fin]</p>"
        "<p>[si redevance_montant]</p><p>Rappel : ce contrôle donne lieu à une redevance de"
        " [redevance_montant] ([redevance_deliberation]), facturée après l'envoi du rapport.</p><p>[fin]</p>"
        "<p>Préparez les plans, les factures de travaux et les bordereaux de vidange, et dégagez les"
        " regards. Si vous ne pouvez pas être là, prévenez le service avant ce jour : une absence ou un refus"
        f" l'oblige à revenir.</p>{_POLITESSE}",
    ),
    (
        "avis_manque",
        "Avis de passage manqué",
        "Visite qui n'a pas eu lieu, [controle_numero]",
        f"<p>Madame, Monsieur,</p><p>Le service n'a pas pu visiter {_LIEU}. Prenez un nouveau rendez-vous"
        f" auprès du service.</p><p>[si relance_le]</p><p>Sans réponse, une relance suivra le"
        f" [relance_le].</p><p>[fin]</p>{_POLITESSE}",
    ),
    (
        "relance",
        "Relance après une visite manquée",
        "Relance n° [nb_relances], [controle_numero]",
        f"<p>Madame, Monsieur,</p><p>Malgré notre précédent courrier, {_LIEU} n'a pas pu être contrôlée."
        " Ceci est la relance n° [nb_relances].</p><p>L'article L1331-11 du code de la santé publique donne"
        " au service l'accès aux propriétés privées pour ce contrôle.</p>"
        "<p>[si majoration_montant]</p><p>Sans rendez-vous, votre redevance pourra être majorée de"
        " [majoration_montant] ([majoration_deliberation] ; article L1331-8 du même code).</p><p>[fin]</p>"
        "<p>[si relance_le]</p><p>Répondez avant le [relance_le].</p><p>[fin]</p>"
        f"{PARAGRAPHE}{_POLITESSE}",
    ),
    (
        "majoration",
        "Notification de majoration",
        "Majoration de votre redevance, [controle_numero]",
        "<p>Madame, Monsieur,</p><p>[si nb_relances]Malgré nos relances ([nb_relances]), [sinon]À ce jour,"
        f" [fin]{_LIEU} n'a toujours pas pu être contrôlée.</p><p>Votre redevance est majorée de"
        " [majoration_montant] ([majoration_deliberation]), en application de l'article L1331-8 du code de la"
        " santé publique.</p>"
        "<p>Fixer la visite arrête cette majoration pour l'avenir.[si relance_le] Prenez rendez-vous avant le"
        " [relance_le].[fin]</p><p>Cette décision peut être contestée"
        f" devant le tribunal compétent dans les deux mois de sa réception.</p>{_POLITESSE}",
    ),
    (
        "rappel_travaux",
        "Rappel de travaux",
        "Travaux à faire, [controle_numero]",
        f"<p>Madame, Monsieur,</p><p>La visite du [date_visite], sur {_LIEU}, demande des travaux.</p>"
        "<p>[si travaux]</p><p>Ce sont, par ordre de priorité :</p><p>[travaux]</p><p>[fin]</p>"
        "<p>[delai_travaux]</p><p>Dites au service où vous en êtes : une contre-visite constatera la fin des"
        f" travaux.</p>{_POLITESSE}",
    ),
)  # fmt: skip
_FICHE = (
    "<p>Participation au financement de l'assainissement collectif [pfac_numero], pour le permis"
    " [pfac_permis].</p><h2>Projet</h2><p>[pfac_projet]</p><h2>Calcul</h2><p>[pfac_calcul]</p>"
    "<p><strong>Montant : [pfac_montant].</strong></p>"
    "<p>[si pfac_deliberation]</p><p>Délibération : [pfac_deliberation].</p><p>[fin]</p>"
    "<p>Plafond : [pfac_plafond] (article [pfac_article] du code de la santé publique).</p>"
    "<p>[si pfac_exigible]</p><p>Due depuis le raccordement, constaté le [pfac_exigible].</p><p>[sinon]</p>"
    "<p>Simulation : c'est le raccordement qui rend la participation due, non le permis.</p><p>[fin]</p>"
    "<p>Le titre de recette peut être contesté dans les deux mois de sa réception[si pfac_contestation],"
    " jusqu'au [pfac_contestation][fin] (article L1617-5 du code général des collectivités"
    " territoriales).</p>"
)


def euros(montant: Any) -> str:
    """An amount as a letter writes it."""
    return f"{number_format(Decimal(montant), 2, use_l10n=True, force_grouping=True)} €"


def _prix(c: Controle) -> tuple[str, str]:
    """Amount with tax and the vote: as told, else at the tariff of today; empty when nothing is asked."""
    x = redevances.ligne_de(c)
    if x is None or (x.etat == "a_annoncer" and c.date_visite is None):
        # The letter tells it, and so opens it at the tariff of its day.
        try:
            prix = redevances.tarif_de(c, timezone.localdate())
        except TarifInconnu:
            prix = None
        if prix is not None:
            return euros(prix.montants.ttc), prix.deliberation.reference
    return (euros(x.montant_ttc), x.deliberation) if x is not None else ("", "")


def _majoration(c: Controle) -> tuple[str, str]:
    x = LigneRedevance.objects.filter(controle=c, genre="majoration").exclude(etat="annulee").first()
    if x is not None:
        return euros(x.montant_ttc), x.deliberation
    from assainissement.regles import redevance as regles

    votee, base = tarifs.taux_majoration(c.insee, timezone.localdate()), redevances.ligne_de(c)
    if votee is None or base is None:
        return "", ""
    m = regles.montants(regles.majorer(base.montant_ht, votee[1]), base.taux_tva)
    return euros(m.ttc), votee[0].reference


def _champ(
    code: str, libelle: str, exemple: Any, valeur: Any, groupe: str = "Redevance", facultatif: bool = True
) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, groupe)


def _resultat(p: Pfac) -> dict[str, Any]:
    from assainissement import pfac

    return pfac.resultat_de(p, timezone.localdate())


def _de_pfac(cle: str) -> Any:
    def lire(p: Pfac) -> str:
        valeur = _resultat(p).get(cle)
        if valeur is None:
            return ""
        return euros(str(valeur)) if cle in ("montant", "plafond") else str(valeur)

    return lire


def _projet(p: Pfac) -> list[str]:
    from assainissement.formulaires_redevances import FormulaireProjetPfac

    return [f"{libelle} : {valeur}" for libelle, valeur in FormulaireProjetPfac.en_mots(p.entrees)]


def destinataires_pfac(p: Pfac) -> Iterator[Destinataire]:
    """Who owes it."""
    t = p.redevable
    if t is not None:
        courriel = t.courriel if t.accepte_electronique else ""
        yield Destinataire(t.appel, "\n".join(t.lignes_adresse), courriel, "redevable", t)


def suivre(courrier: Any, fait: str, acteur: Any) -> None:
    """A notice that leaves tells the fee; a notification that leaves tells the surcharge."""
    c = courrier.dossier
    if fait != "envoi" or not isinstance(c, Controle) or courrier.modele is None:
        return
    code, jour = courrier.modele.modele.code, timezone.localdate()
    if code == "avis_passage" and c.date_visite is None:
        redevances.annoncer(c, jour, reference=courrier.numero)
    elif code == "majoration":
        redevances.majoration_annoncee(c, jour, courrier.numero)


def charger() -> Bilan:
    """The templates that the house ships; left as they are once they exist."""
    codes = [m[0] for m in MODELES] + ["fiche_pfac"]
    avant = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count()
    for code, libelle, objet, corps in MODELES:
        declarer_modele(
            METIER, code, libelle, objet=objet, corps=corps, le=EN_SERVICE, genre=GENRE, etape=code
        )
    declarer_modele(
        METIER,
        "fiche_pfac",
        "Fiche PFAC",
        objet="Participation au réseau [pfac_numero]",
        corps=_FICHE,
        le=EN_SERVICE,
        genre=GENRE_PFAC,
        etape="fiche",
    )
    creees = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count() - avant
    return Bilan(creees=creees, inchangees=len(codes) - creees)


def declarer_lettres() -> None:
    """From ``AppConfig.ready``."""
    g = "PFAC"
    declarer_champs(
        METIER,
        _champ("redevance_montant", "Redevance, avec TVA", "132,00 €", lambda c: _prix(c)[0]),
        _champ("redevance_deliberation", "Délibération", "délibération 2026-12", lambda c: _prix(c)[1]),
        _champ(
            "majoration_montant",
            "Majoration, avec TVA",
            "132,00 €",
            lambda c: _majoration(c)[0],
            facultatif=False,
        ),
        _champ(
            "majoration_deliberation",
            "Délibération de la majoration",
            "délibération 2026-13",
            lambda c: _majoration(c)[1],
        ),
        _champ("nb_relances", "Nombre de relances", 2, lambda c: c.nb_relances or "", facultatif=False),
        _champ("relance_le", "Prochaine relance", date(2026, 6, 2), lambda c: c.relance_le),
        _champ("rdv_le", "Jour proposé ou fixé", date(2026, 3, 20), lambda c: c.date_rdv),
        _champ("creneau", "Créneau", "9 h", lambda c: c.creneau),
        _champ("pfac_numero", "Numéro", "PFAC-25999-2026-0001", str, g),
        _champ("pfac_permis", "Permis", "PC 025 999 26 00012", lambda p: p.dossier_urba, g),
        _champ("pfac_projet", "Projet", ["Surface : 120"], _projet, g),
        _champ(
            "pfac_calcul",
            "Calcul",
            ["Montant brut : 2 160,00 €."],
            lambda p: list(_resultat(p).get("explication", ())),
            g,
        ),
        _champ("pfac_montant", "Montant", "2 160,00 €", _de_pfac("montant"), g, False),
        _champ("pfac_plafond", "Plafond", "7 200,00 €", _de_pfac("plafond"), g),
        _champ("pfac_article", "Article", "L1331-7", _de_pfac("article"), g),
        _champ(
            "pfac_deliberation",
            "Délibération",
            "délibération 2026-14",
            lambda p: p.deliberation.reference if p.figee and p.deliberation else "",
            g,
        ),
        _champ("pfac_exigible", "Exigible depuis le", date(2026, 3, 2), lambda p: p.date_raccordement, g),
        _champ(
            "pfac_contestation",
            "Contestable jusqu'au",
            date(2026, 6, 2),
            lambda p: jma(p.limite_contestation) if p.limite_contestation else "",
            g,
        ),
    )
    declarer_sujet(
        Sujet(
            genre=GENRE_PFAC,
            metier=METIER,
            modele="assainissement.Pfac",
            libelle="participation au réseau",
            visibles=Pfac.objects.visibles_par,
            adresse=lambda p: f"{p.get_absolute_url()}#courriers",
            rediger=lambda u, p: peut(u, perms.FACTURER, p.insee),
            destinataires=destinataires_pfac,
            convient=lambda p, code: code != "fiche_pfac" or p.etat != "annulee",
        )
    )
    declarer("lettres des redevances de l'assainissement", charger)
