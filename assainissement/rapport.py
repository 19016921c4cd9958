"""The report of a visit: its template and what it must say, item by item (spec §11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from assainissement import illustrations
from assainissement.models import Controle
from assainissement.mots import PHRASES
from assainissement.regles.tables import anc
from assainissement.regles.tables.points import GROUPES, REPONSES
from assainissement.regles.tables.recommandations import RECOMMANDATIONS
from mairie.courriers.champs import BlocFusion, ChampFusion
from mairie.roles import role
from mairie.workflow import journal

IDENTITE = (
    "<p>Installation [installation_numero][si installation_adresse], [installation_adresse][fin]."
    "[si parcelles] Parcelles : [parcelles].[fin]</p>"
    "<p>Contrôle [controle_numero] ([nature]), visite du [date_visite].[si controleur] Contrôleur :"
    " [controleur].[fin]</p>"
    "<p>[si proprietaire]</p><p>Propriétaire : [proprietaire].</p><p>[fin]</p>"
    "<p>[si rectification]</p><p>[rectification]</p><p>[fin]</p>"
)
APPROBATION = (
    "<p>[si approbateur]</p>"
    "<p>Rapport approuvé le [date_rapport] par [approbateur], [approbateur_qualite].</p>"
    "<p>Signature : ______________________</p><p>[fin]</p>"
)
RECOURS = (
    "<p>Ce rapport peut être contesté auprès du service, puis devant le tribunal compétent, dans les deux"
    " mois de sa réception.</p>"
)
CORPS = (
    IDENTITE + "<p>[si filiere]</p><p>Filière : [filiere].</p><p>[fin]</p>"
    "<h2>Conclusion</h2>"
    "<p><strong>[conclusion]</strong></p>"
    "<p>[conformite]</p>"
    "<p>[si explication]</p><p>Ce qui y conduit :</p><p>[explication]</p><p>[fin]</p>"
    "<p>[si appreciation]</p><h2>Dangers et risques</h2><p>[tableau:appreciation]</p><p>[fin]</p>"
    "<p>[si non_verifies]</p><p>Points non vérifiés, comptés absents : [non_verifies].</p><p>[fin]</p>"
    "<p>[si commentaire]</p><p>Commentaire du service : [commentaire]</p><p>[fin]</p>"
    "<h2>Travaux</h2>"
    "<p>[si travaux]</p><p>Travaux demandés, par ordre de priorité :</p><p>[travaux]</p><p>[sinon]</p>"
    "<p>Aucuns travaux ne sont demandés.</p><p>[fin]</p>"
    "<p>[delai_travaux]</p><p>[si delai_vente]</p><p>[delai_vente]</p><p>[fin]</p>"
    "<p>[si recommandations]</p><h2>Recommandations</h2><p>[recommandations]</p><p>[fin]</p>"
    "<p>[si observations]</p><p>Observations du contrôleur : [observations]</p><p>[fin]</p>"
    "<h2>Suites</h2>"
    "<p>[validite]</p><p>[prochain]</p><p>[si frequence]</p><p>[frequence]</p><p>[fin]</p>"
    "<p>[si points]</p><h2>Points contrôlés</h2>"
    "<p>[tableau:points]</p><p>[fin]</p>" + illustrations.CORPS + APPROBATION + RECOURS
)
_VENTE = (
    "En cas de vente, l'acquéreur fait les travaux au plus tard un an après l'acte (arrêté du 27/04/2012,"
    " art. 4 ; CSP L1331-11-1)."
)
_DE_FILIERE = ("incomplete", "sous_dimensionnee", "dysfonctionnement_majeur")
_PARAMETRES = {
    "frequence_danger_annees": "installations qui présentent un danger ou un risque",
    "frequence_electromecanique_annees": "installations à équipement électromécanique",
    "frequence_periodique_annees": "cas général",
}


def travaux(c: Controle) -> list[str]:
    """Works asked, with their rank where there are several."""
    demandes = list(c.travaux.all())
    if len(demandes) < 2:
        return [t.libelle for t in demandes]
    return [f"{rang}. {t.libelle}" for rang, t in enumerate(demandes, start=1)]


def phrase(c: Controle) -> str:
    """The conclusion in words, with its case and its rule."""
    cas = f" (cas {c.cas}, règle {c.regle})" if c.cas else f" (règle {c.regle})" if c.regle else ""
    dite = PHRASES.get(c.regle or c.conclusion, "")
    return f"{dite[:-1]}{cas}." if dite else ""


def conformite(c: Controle) -> str:
    """Whether the law holds it conforming, and by which text."""
    r = c.resultat
    if not r.get("regle"):
        return ""
    if r["regle"] == anc.ABSENCE:
        return "Conformité : sans objet, rien ne prouve une installation (arrêté du 27/04/2012, art. 4)."
    if r.get("conforme_reglementaire"):
        return "Conformité à la réglementation : conforme (arrêté du 27/04/2012, art. 4)."
    return (
        f"Conformité à la réglementation : non conforme, cas {r.get('cas')} (arrêté du 27/04/2012, art. 4)."
    )


def appreciation(c: Controle) -> Iterator[dict[str, str]]:
    """Dangers and risks, each with its answer and what it rests on."""
    r = c.resultat
    lignes = {x["regle"]: x for x in r.get("lignes", ())}
    if not lignes or r.get("regle") == anc.ABSENCE:
        return
    zones = r.get("zones", {})

    def causes(de_filiere: bool) -> str:
        return " ; ".join(
            x.libelle.rstrip(".")
            for x in anc.MOTIFS
            if x.code in r.get("motifs", ())
            and (x.code in _DE_FILIERE) is de_filiere
            and x.code not in ("entretien", "usure")
        )

    def rang(question: str, vrai: bool, pourquoi: str) -> dict[str, str]:
        return {"question": question, "reponse": "oui" if vrai else "non", "pourquoi": pourquoi}

    def dit(*regles: str) -> str:
        return " ; ".join(lignes[x]["libelle"].rstrip(".") for x in regles if lignes[x]["vraie"])

    danger = " ; ".join(x for x in (causes(False), dit("R2")) if x)
    risque = dit("R3")
    yield rang("Danger pour la santé des personnes", bool(danger), danger)
    yield rang("Risque avéré de pollution de l'environnement", bool(risque), risque)
    defaut = any(lignes[x]["vraie"] for x in ("R2", "R3", "R4"))
    yield rang("Défaut de la filière", defaut, causes(True) if defaut else "")
    for cle, nom in (("sanitaire", "sanitaire"), ("environnementale", "environnemental")):
        yield rang(f"Zone à enjeu {nom}", bool(zones.get(cle)), "")


def recommandations(c: Controle) -> list[str]:
    """What the answers call for, then what the rules remark."""
    dites = [
        RECOMMANDATIONS[cle]
        for o in c.observations.select_related("point")
        if (cle := (o.point.code, o.reponse)) in RECOMMANDATIONS
    ]
    return [f"{groupe} : {texte}" for groupe, texte in dites] + list(c.resultat.get("remarques", ()))


def delai_vente(c: Controle) -> str:
    """What a buyer must know; empty where nothing is due after a deed."""
    return _VENTE if c.resultat.get("delai_vente_annees") and c.date_levee is None else ""


def etape(regle: str) -> Any:
    """A line of the explanation of its dates."""

    def lire(c: Controle) -> str:
        for e in c.explication:
            if e["regle"] == regle:
                article = f" ({e['article']})" if e.get("article") else ""
                return f"{regle} : {e['resultat'].rstrip('.')}{article}."
        return ""

    return lire


def frequence(c: Controle) -> str:
    """The frequency applied, and the figure of the règlement that gives it."""
    annees = c.calculs.get("frequence_annees")
    if not annees:
        return ""
    parametres = _parametres(c)
    reglement = parametres.get("reglement") or {}
    source = "dix ans au plus (CGCT L2224-8)"
    for code, nom in _PARAMETRES.items():
        if code == "frequence_electromecanique_annees" and not parametres.get("electromecanique"):
            continue
        if code == "frequence_danger_annees" and c.regle not in anc.REGLES_DANGER:
            continue
        if reglement.get(code) == annees:
            source = f"règlement de service, {nom} ; dix ans au plus (CGCT L2224-8)"
            break
    return f"Fréquence appliquée : {'tous les ans' if annees == 1 else f'tous les {annees} ans'}, {source}."


def _parametres(c: Controle) -> dict[str, Any]:
    """The figures of the service frozen with the report."""
    faits = [e for e in journal.vivantes(journal.lignes(c)) if e.donnees.get("parametres")]
    return dict(faits[-1].donnees["parametres"]) if faits else {}


def _approbation(c: Controle) -> Any:
    faits = [e for e in journal.vivantes(journal.lignes(c)) if e.type in ("valider", "rectifier")]
    return faits[-1] if faits else None


def approbateur(c: Controle) -> str:
    """First name and name of who validated, or rectified, the report; empty for one taken over."""
    fait = _approbation(c)
    return str(fait.auteur or "") if fait is not None else ""


def qualite(c: Controle) -> str:
    """In which quality: only one role validates."""
    r = role("assainissement", "responsable")
    return (r.libelle[:1].lower() + r.libelle[1:]) if r is not None else ""


def commentaire(c: Controle) -> str:
    """What the service wrote when it validated."""
    faits = [e for e in journal.vivantes(journal.lignes(c)) if e.type == "valider"]
    return str(faits[-1].donnees.get("commentaire") or "") if faits else ""


def rectification(c: Controle) -> str:
    """What a new version says of the one before."""
    faites = c.calculs.get("rectifications") or []
    if not faites:
        return ""
    derniere = faites[-1]
    return (
        f"Version {len(faites) + 1} du rapport, rectifié le {derniere['le_jour']} :"
        f" {str(derniere['motif']).rstrip('.')}. Elle remplace la précédente, qui est conservée."
    )


def non_verifies(c: Controle) -> list[str]:
    """Facts that nobody could see."""
    libelles = {f.code: f.libelle for f in anc.FAITS}
    return [libelles[code] for code in c.resultat.get("points_non_verifies", ()) if code in libelles]


def explication(c: Controle) -> list[str]:
    """Each cause, then the row that decided; what the report already says elsewhere is left out."""
    return [
        x
        for x in c.resultat.get("explication", [])
        if not x.startswith(("Points non vérifiés", "Travaux dans les", "En cas de vente"))
    ]


def points(c: Controle) -> Iterator[dict[str, str]]:
    """The grid, with its groups."""
    for o in c.observations.select_related("point"):
        yield {
            "groupe": GROUPES.get(o.point.groupe, ""),
            "point": o.point.libelle,
            "reponse": REPONSES[o.reponse],
            "commentaire": o.commentaire,
        }


def champs() -> tuple[ChampFusion | BlocFusion, ...]:
    """Merge fields of the report, beside those of every letter of a control."""

    def champ(code: str, libelle: str, exemple: Any, valeur: Any, facultatif: bool = True) -> ChampFusion:
        return ChampFusion(code, libelle, exemple, valeur, facultatif, "Rapport")

    return (
        champ(
            "conclusion", "Conclusion", "L'installation ne présente aucun défaut (règle R6).", phrase, False
        ),
        champ("conformite", "Conformité", "Conformité à la réglementation : conforme.", conformite),
        champ("causes", "Causes", "Couvercle non sécurisé.", lambda c: c.resultat.get("causes", [])),
        champ("explication", "Explication de la conclusion", "Règle R6 : Aucun défaut.", explication),
        champ("non_verifies", "Points non vérifiés", "usure d'un élément", non_verifies),
        champ("commentaire", "Commentaire de la validation", "Regard enterré.", commentaire),
        champ(
            "filiere",
            "Filière",
            "fosse toutes eaux, tranchées d'épandage",
            lambda c: [e.libelle for e in c.installation.filiere_au(c.date_visite)],
        ),
        champ(
            "proprietaire",
            "Propriétaire de l'installation",
            "Madame Fictive",
            lambda c: str(c.installation.proprietaire or ""),
        ),
        champ("rectification", "Version rectifiée", "", rectification),
        champ("delai_vente", "Délai après une vente", _VENTE, delai_vente),
        champ(
            "recommandations",
            "Recommandations (accès, entretien, modifications)",
            ["Entretien : garder les bordereaux."],
            recommandations,
        ),
        champ("frequence", "Fréquence appliquée", "Fréquence appliquée : tous les 8 ans.", frequence),
        champ("date_rapport", "Rapport validé le", date(2026, 3, 20), lambda c: c.date_rapport, False),
        champ("approbateur", "Prénom et nom de qui a validé", "Dominique Exemple", approbateur),
        champ("approbateur_qualite", "Qualité de qui a validé", "responsable du SPANC", qualite),
        BlocFusion(
            "appreciation",
            "Dangers et risques",
            {"question": "Appréciation", "reponse": "Réponse", "pourquoi": "Sur quoi elle repose"},
            ({"question": "Danger pour la santé des personnes", "reponse": "non", "pourquoi": ""},),
            appreciation,
            True,
        ),
        BlocFusion(
            "points",
            "Points contrôlés",
            {"groupe": "Partie", "point": "Point", "reponse": "Réponse", "commentaire": "Commentaire"},
            ({"groupe": "Structure", "point": "Un couvercle manque", "reponse": "non", "commentaire": ""},),
            points,
            True,
        ),
    )
