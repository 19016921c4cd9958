"""Values of the letters around the decision: report, transmission, display, completion, follow-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from gis_data.contraintes.resultat import Etat
from mairie.courriers.champs import ContexteFusion, en_texte
from mairie.models import Collectivite, Courrier
from urba import pieces
from urba.courriers import suites, valeurs
from urba.courriers.situation import Situation
from urba.explications import A_COTE, NOMS
from urba.models import DossierInstruction
from urba.regles.decision import Autorite
from urba.regles.retrait import du_crpa, limite_retrait
from urba.regles.types import INSTRUITES, Nature

# Steps of the delay that a report lists, in the order of the computation.
_DELAI = ("BASE", "MAJORATION", "ENQUETE", "PIECES", "PROLONGATION", "LIMITE", "SILENCE")
_MOIS_CONTESTATION = {True: 5, False: 3}


def titre_article(d: DossierInstruction) -> str:
    """What the act grants, with its article: « un permis de construire », « le transfert du permis… »."""
    titre = valeurs.titre_acte(d)
    if titre.startswith("prorogation"):
        return f"la {titre}"
    return f"le {titre}" if titre.startswith("transfert") else f"un {titre}"


def est_etat(d: DossierInstruction) -> str:
    """The act is taken in the State's name: nothing is sent to the préfet."""
    return "oui" if d.autorite == Autorite.ETAT else ""


def a_doc(d: DossierInstruction) -> str:
    """Works whose beginning is declared (R.424-16)."""
    return "oui" if Situation(d).type.value in ("PC", "PCMI", "PA") else ""


def a_daact(d: DossierInstruction) -> str:
    """Works whose completion is declared (R.462-1): all but demolitions."""
    return "oui" if d.nature in INSTRUITES and Situation(d).type.value in ("DP", "PC", "PCMI", "PA") else ""


def appel(contexte: ContexteFusion) -> str:
    """« Madame », « Monsieur »; both for a company, or where the civility is unknown."""
    premier = contexte.destinataire.partition(" ")[0]
    return premier if premier in ("Madame", "Monsieur") else "Madame, Monsieur"


def telephone(d: DossierInstruction) -> str:
    """Where the service answers: the number of the collectivité."""
    ici: Collectivite | None = Collectivite.objects.filter(code=d.insee).first()
    return ici.telephone if ici else ""


def objet_public(d: DossierInstruction) -> str:
    """What the public reads of the project."""
    return str(d.objet_public or d.objet)


def considerants(d: DossierInstruction) -> list[str]:
    """Reasons of the decision, each as its sentence."""
    return [f"Considérant que {m['texte']}" for m in valeurs.motifs(d)]


def voies_de_recours(d: DossierInstruction) -> str:
    """How the decision is contested, as one sentence for each way."""
    if Situation(d).est_cu:
        return (
            "Ce certificat peut être contesté devant le tribunal administratif dans les deux mois qui suivent"
            " sa notification (article R. 421-1 du code de justice administrative). Un recours gracieux formé"
            " dans ce délai le prolonge ; le silence gardé pendant deux mois vaut rejet."
        )
    hierarchique = ", ou un recours hiérarchique au préfet," if est_etat(d) else ""
    return (
        "Cette décision peut être contestée devant le tribunal administratif dans les deux mois qui suivent"
        " sa notification (article R. 421-1 du code de justice administrative), par courrier ou par"
        " l'application Télérecours citoyens (www.telerecours.fr). Un recours gracieux peut être adressé à"
        f" l'auteur de la décision{hierarchique} dans le délai d'un mois ; il ne prolonge pas le délai"
        " de recours devant le tribunal, et le silence gardé pendant deux mois vaut rejet (article"
        " L. 600-12-2 du code de l'urbanisme)."
    )


def contraintes_ecartees(d: DossierInstruction) -> list[str]:
    """What the map proposed and the officer set aside, with the reason (spec §8: it prints in the report)."""
    qualification = Situation(d).dernier("qualification")
    controle = qualification.donnees.get("controle") if qualification else None
    return [
        f"{c['libelle']} ({valeurs.article(str(c['article']))}), écarté : {c['motif']}"
        for c in (controle or {}).get("candidats", [])
        if not c.get("retenue") and c.get("motif")
    ]


# --- report -------------------------------------------------------------------------------------


def etapes_delai(d: DossierInstruction) -> list[dict[str, str]]:
    """Each step of the delay, with its article."""
    return [
        {
            "etape": NOMS.get(str(e["regle"]), str(e["regle"]).capitalize()),
            "article": valeurs.article(str(e["article"])),
            "resultat": str(e["resultat"]),
        }
        for e in d.explication
        if e["regle"] in _DELAI and not str(e["article"]).startswith(A_COTE)
    ]


def pieces_du_dossier(d: DossierInstruction) -> list[dict[str, str]]:
    """Pieces expected or received, each with what became of it."""
    return [
        {
            "code": p.ligne.code,
            "libelle": p.ligne.libelle,
            "etat": p.presentation[0] + (f" ({p.motif})" if p.motif else ""),
        }
        for p in pieces.pieces_de(d, Situation(d).faits)
        if p.etat != pieces.POSSIBLE
    ]


def couches_interrogees(d: DossierInstruction) -> list[dict[str, str]]:
    """What each layer asked says of the ground; one that did not answer is said not loaded."""
    resultat = valeurs.contraintes_du_terrain(d)
    if resultat is None:
        return []
    lignes = []
    for couche in resultat.consultees:
        trouves = list(dict.fromkeys(str(o.libelle) for o in couche.objets))
        dit = " ; ".join(trouves)
        if not dit:
            dit = "couche non chargée" if couche.etat is Etat.NON_CHARGEE else "rien trouvé"
        lignes.append({"couche": couche.libelle, "dit": dit})
    return lignes


# --- prolongations ------------------------------------------------------------------------------


def prolonge_mois(code: str) -> Callable[[ContexteFusion], str]:
    """Delay in words once this prolongation is told; empty where the law does not open it."""

    def valeur(contexte: ContexteFusion) -> str:
        delai = Situation(contexte.dossier).delai_prolonge(code, contexte.jour)
        return valeurs.mois(delai.delai_mois) if delai else ""

    return valeur


def prolonge_limite(code: str) -> Callable[[ContexteFusion], str]:
    """Last day once this prolongation is told; empty while pieces or a report are awaited."""

    def valeur(contexte: ContexteFusion) -> str:
        delai = Situation(contexte.dossier).delai_prolonge(code, contexte.jour)
        return valeurs.en_jour(delai.date_limite) if delai else ""

    return valeur


def prolonge_silence(code: str) -> Callable[[ContexteFusion], str]:
    """Meaning of silence once this prolongation is told."""

    def valeur(contexte: ContexteFusion) -> str:
        s = Situation(contexte.dossier)
        delai = s.delai_prolonge(code, contexte.jour)
        if delai is None:
            return ""
        return valeurs.phrase_silence(delai.decision_implicite, delai.date_decision_implicite, s.type)

    return valeur


# --- transmission, completion -------------------------------------------------------------------


def _acte(d: DossierInstruction) -> Courrier | None:
    return next((c for c in suites.actes_de(d) if c.signe_le is not None), None)


def acte_libelle(d: DossierInstruction) -> str:
    """The signed act: kind and number; empty for silence, or an act that is not among our letters."""
    acte = _acte(d)
    return f"{acte.libelle} n° {acte.numero}" if acte is not None else ""


def acte_signe_le(d: DossierInstruction) -> date | None:
    """Day of its signature."""
    acte = _acte(d)
    return acte.signe_le if acte is not None else d.date_decision


def contestation_delai(d: DossierInstruction) -> str:
    """Months in which conformity may be contested, in words (R.462-6)."""
    dits = [f for f in Situation(d).faits if "recolement_obligatoire" in f.donnees]
    obligatoire = bool(dits[-1].donnees["recolement_obligatoire"]) if dits else False
    return valeurs.mois(_MOIS_CONTESTATION[obligatoire])


def modifiable(d: DossierInstruction) -> str:
    """Works may be put right by a modificatif: not those of a declaration."""
    return "" if Situation(d).est_dp else "oui"


def recolement_conforme(d: DossierInstruction) -> str:
    """The last visit found the works conform."""
    visite = Situation(d).dernier("recolement")
    return "oui" if visite is not None and visite.donnees.get("conforme") is True else ""


def retrait_crpa(d: DossierInstruction) -> str:
    """The withdrawal of this decision follows the general rule (CRPA L.242-1), not L.424-5."""
    return "oui" if du_crpa(Situation(d).type, Nature(d.contexte_regles.nature)) else ""


def retrait_fin(d: DossierInstruction) -> date | None:
    """Last day of a withdrawal that the holder did not ask for."""
    if d.date_decision is None:
        return None
    return limite_retrait(Situation(d).type, Nature(d.contexte_regles.nature), d.date_decision)


def contradictoire_le(d: DossierInstruction) -> date | None:
    """Day when the letter that opens the adversarial procedure was received."""
    return suites.contradictoire_le(d)


def instruite(d: DossierInstruction) -> Any:
    """A request whose deposit is displayed (R.423-6)."""
    return "oui" if Nature(d.contexte_regles.nature) in INSTRUITES and not Situation(d).est_cu else ""


def depot_affiche_avant(d: DossierInstruction) -> str:
    """Last day to display the notice of deposit."""
    return en_texte(Situation(d).date("affichage_depot_limite"))
