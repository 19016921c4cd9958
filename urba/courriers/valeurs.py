"""Values of the merge fields of the permits: French words and dates read from a request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import shapely
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.formats import date_format

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.resultat import Resultat
from mairie import consultations as partagees
from mairie.courriers.champs import ContexteFusion, en_texte
from mairie.models import Consultation, Tiers
from urba.courriers.situation import Situation
from urba.instruction.etats import libelle_etat
from urba.models import DemandeurDossier, DossierInstruction
from urba.regles import donnees_techniques
from urba.regles.decision import Autorite, Sens
from urba.regles.majorations import effet_texte
from urba.regles.types import LIBELLES_SILENCE, Nature, Silence, TypeDelai

Role = DemandeurDossier.Role
_ARTICLE = re.compile(r"\b([LRAD])\.(?=\d)")
DEMANDES = {
    TypeDelai.PCMI: "permis de construire pour une maison individuelle ou ses annexes",
    TypeDelai.PC: "permis de construire",
    TypeDelai.PA: "permis d'aménager",
    TypeDelai.PD: "permis de démolir",
    TypeDelai.DP: "déclaration préalable",
    TypeDelai.CUA: "certificat d'urbanisme d'information",
    TypeDelai.CUB: "certificat d'urbanisme opérationnel",
}
TITRES = {
    TypeDelai.PCMI: "permis de construire",
    TypeDelai.PC: "permis de construire",
    TypeDelai.PA: "permis d'aménager",
    TypeDelai.PD: "permis de démolir",
    TypeDelai.DP: "déclaration préalable",
    TypeDelai.CUA: "certificat d'urbanisme",
    TypeDelai.CUB: "certificat d'urbanisme",
}
_ETATS = {
    Sens.ACCORD: "accorde",
    Sens.ACCORD_PRESCRIPTIONS: "accorde_prescriptions",
    Sens.REFUS: "refuse",
    Sens.SURSIS: "sursis",
}
_NATURES = {
    "INITIAL": "demande initiale",
    "MODIFICATIF": "demande de permis modificatif",
    "TRANSFERT": "demande de transfert",
    "PROROGATION": "demande de prorogation",
}
_MOIS = {
    1: "un mois", 2: "deux mois", 3: "trois mois", 4: "quatre mois", 5: "cinq mois", 6: "six mois",
    7: "sept mois", 8: "huit mois", 9: "neuf mois", 10: "dix mois", 11: "onze mois", 12: "douze mois",
}  # fmt: skip


def article(texte: str) -> str:
    """« R.423-24 c » as a letter writes it: « R. 423-24 c »."""
    return _ARTICLE.sub(r"\1. ", texte)


def mois(nombre: int | None) -> str:
    """A number of months in words."""
    return "" if nombre is None else _MOIS.get(nombre, f"{nombre} mois")


def en_jour(jour: date | None) -> str:
    """« jeudi 12 mars 2026 »."""
    if jour is None:
        return ""
    nom = date_format(jour, "l")
    return f"{nom} {en_texte(jour)}"


# --- request ------------------------------------------------------------------------------------


def type_libelle(d: DossierInstruction) -> str:
    """What was asked, as the receipt names it."""
    return DEMANDES[Situation(d).type]


def titre_acte(d: DossierInstruction) -> str:
    """What the act grants or refuses: « permis de construire modificatif »."""
    titre = TITRES[Situation(d).type]
    return {
        "MODIFICATIF": f"{titre} modificatif",
        "TRANSFERT": f"transfert du {titre}",
        "PROROGATION": f"prorogation de la {titre}" if Situation(d).est_dp else f"prorogation du {titre}",
    }.get(d.nature, titre)


def demande_libelle(d: DossierInstruction) -> str:
    """« une demande de permis de construire », « une déclaration préalable »."""
    s = Situation(d)
    if d.nature != "INITIAL":
        return f"une {nature_libelle(d)}"
    return "une déclaration préalable" if s.est_dp else f"une demande de {DEMANDES[s.type]}"


def nature_libelle(d: DossierInstruction) -> str:
    """Nature of the request in words."""
    return _NATURES.get(d.nature, d.nature.lower())


def demandeurs(d: DossierInstruction, *roles: str) -> list[Tiers]:
    """People of a request in these roles, today."""
    lignes = d.demandeurs.filter(jusqu_a__isnull=True, role__in=roles).select_related("tiers")
    return [x.tiers for x in lignes.order_by("ordre", "id")]


def nom_complet(tiers: Tiers) -> str:
    """A person as a letter names it; a company with who represents it."""
    if tiers.morale and tiers.representant.strip():
        return f"{tiers.appel}, représentée par {tiers.representant}"
    return tiers.appel


def petitionnaire(d: DossierInstruction) -> str:
    """The principal petitioner."""
    return next((nom_complet(t) for t in demandeurs(d, Role.PETITIONNAIRE)), "")


def petitionnaire_adresse(d: DossierInstruction) -> str:
    """Postal address, on one line."""
    return next((", ".join(t.lignes_adresse) for t in demandeurs(d, Role.PETITIONNAIRE)), "")


def noms(d: DossierInstruction, *roles: str) -> list[str]:
    """Names of the people in these roles."""
    return [nom_complet(t) for t in demandeurs(d, *roles)]


def terrain_adresse(d: DossierInstruction) -> str:
    """Street or hamlet of the land."""
    terrain = getattr(d, "terrain", None)
    return (terrain.adresse or terrain.lieu_dit) if terrain else ""


def terrain_parcelles(d: DossierInstruction) -> list[str]:
    """Parcels as typed."""
    return [str(p) for p in d.parcelles.all()]


def terrain_superficie(d: DossierInstruction) -> str:
    """Declared area, else the sum of the parcels, in m²."""
    terrain = getattr(d, "terrain", None)
    surface = terrain.superficie_declaree if terrain else None
    if surface is None:
        surface = sum(p.contenance or 0 for p in d.parcelles.all())
    return f"{en_texte(surface)} m²" if surface else ""


def _donnees(d: DossierInstruction) -> dict[str, Any]:
    techniques = getattr(d, "donnees_techniques", None)
    return techniques.donnees if techniques else {}


def surface_creee(d: DossierInstruction) -> str:
    """Floor area created, in m²; empty where the form did not say."""
    creee = donnees_techniques.total(_donnees(d), "creee")
    return f"{en_texte(creee.normalize() if creee % 1 else int(creee))} m²" if creee else ""


def destinations(d: DossierInstruction) -> list[str]:
    """Destinations of what is created, in words."""
    codes = dict.fromkeys(
        str(x.get("destination"))
        for x in _donnees(d).get("surfaces", [])
        if donnees_techniques.surface(x, "creee") or donnees_techniques.surface(x, "issue_transfo")
    )
    connues = donnees_techniques.DESTINATIONS
    return [connues[c][0].lower() for c in codes if c in connues]


def logements_crees(d: DossierInstruction) -> str:
    """Dwellings created; empty where there are none."""
    return str(donnees_techniques.logements(_donnees(d)) or "")


def contraintes_du_terrain(d: DossierInstruction) -> Resultat | None:
    """What every layer says of the ground today; null without ground."""
    terrain = getattr(d, "terrain", None)
    if terrain is None or terrain.emprise is None:
        return None
    return contraintes(shapely.from_wkb(bytes(terrain.emprise.wkb)), timezone.localdate())


def zone_plu(d: DossierInstruction) -> list[str]:
    """Zones of the ground, with the share of each where there are several."""
    resultat = contraintes_du_terrain(d)
    zones = resultat.zonage.zones if resultat else ()
    return [z.libelle if len(zones) == 1 else f"{z.libelle} ({en_texte(round(z.pct))} %)" for z in zones]


def servitudes(d: DossierInstruction) -> list[str]:
    """Servitudes and heritage that touch the ground."""
    resultat = contraintes_du_terrain(d)
    if resultat is None:
        return []
    couches = resultat.famille("servitude", "patrimoine")
    return list(dict.fromkeys(o.libelle for c in couches for o in c.objets))


# --- delay and silence --------------------------------------------------------------------------

_SENS_DU_SILENCE = {
    Silence.PERMIS: (
        "vous serez titulaire à cette date d'un {titre} tacite (article R. 424-1 du code de l'urbanisme)"
    ),
    Silence.NON_OPPOSITION: (
        "une décision de non-opposition sera née à cette date et vous pourrez entreprendre les travaux"
        " (article R. 424-1 du code de l'urbanisme)"
    ),
    Silence.REJET: (
        "votre demande sera réputée rejetée à cette date : aucun permis tacite ne peut naître de ce projet"
        " (articles R. 424-2 et R. 424-3 du code de l'urbanisme)"
    ),
    Silence.OPPOSITION: (
        "une décision d'opposition sera née à cette date (article R. 424-2-1 du code de l'urbanisme)"
    ),
    Silence.CU: (
        "vous serez titulaire à cette date d'un certificat d'urbanisme tacite. Il garantit pendant dix-huit"
        " mois les règles, taxes et limitations administratives applicables au terrain ; il ne dit pas si"
        " l'opération est réalisable (articles L. 410-1 et R. 410-12 du code de l'urbanisme)"
    ),
    Silence.TRANSFERT: "le transfert sera tacitement accordé",
    Silence.PROROGATION: (
        "la prorogation sera tacitement accordée (article R. 424-23 du code de l'urbanisme)"
    ),
}


def base_mois(d: DossierInstruction) -> str:
    """Base delay in words."""
    base = Situation(d).delai_base
    return mois(base.delai_base_mois) if base else ""


def base_limite(d: DossierInstruction) -> str:
    """Last day of the base delay of a complete file."""
    base = Situation(d).delai_base
    return en_jour(base.date_limite) if base else ""


def phrase_silence(silence: Silence | str | None, lendemain: date | None, type_: TypeDelai) -> str:
    """What silence means, as one sentence of a letter."""
    if not silence or lendemain is None:
        return ""
    phrase = _SENS_DU_SILENCE[Silence(silence)].format(titre=TITRES[type_])
    return f"Si vous n'avez reçu aucune réponse avant le {en_jour(lendemain)}, {phrase}."


def silence_base(d: DossierInstruction) -> str:
    """Meaning of silence, as the deposit alone gives it."""
    s = Situation(d)
    base = s.delai_base
    return phrase_silence(base.decision_implicite, base.date_decision_implicite, s.type) if base else ""


def silence_libelle(d: DossierInstruction) -> str:
    """What silence is called: « permis tacite »."""
    return LIBELLES_SILENCE[Silence(d.decision_implicite)].lower() if d.decision_implicite else ""


def silence_majore(contexte: ContexteFusion) -> str:
    """Meaning of silence once the majorations of the letter count."""
    s = Situation(contexte.dossier)
    majore = s.delai_majore(contexte.jour)
    return phrase_silence(majore.decision_implicite, majore.date_decision_implicite, s.type) if majore else ""


def reserve_abf(d: DossierInstruction) -> str:
    """What the ABF's answer may do to silence; empty where it does nothing."""
    s = Situation(d)
    if not s.abf_exige or s.est_cu:
        return ""
    if s.est_dp:
        return ""
    return (
        "Si l'architecte des Bâtiments de France refuse son accord ou l'assortit de prescriptions, vous ne"
        " pourrez pas vous prévaloir d'un permis tacite : le silence vaudra alors rejet de votre demande"
        " (article R. 424-3). Il vous adressera copie de son avis (article R. 424-4)."
    )


def motifs_majoration(d: DossierInstruction) -> list[str]:
    """Reasons that the letter tells, each with its effect and article."""
    return [f"{x.libelle} : {effet_texte(x)} (article {article(x.article)})" for x in Situation(d).a_annoncer]


def nouveau_delai(contexte: ContexteFusion) -> str:
    """Delay in words once the letter counts; empty where it tells nothing."""
    s = Situation(contexte.dossier)
    majore = s.delai_majore(contexte.jour) if s.a_annoncer else None
    return mois(majore.delai_mois) if majore else ""


def nouvelle_limite(contexte: ContexteFusion) -> str:
    """Last day once the letter counts; empty while pieces or a report are awaited."""
    s = Situation(contexte.dossier)
    majore = s.delai_majore(contexte.jour) if s.a_annoncer else None
    return en_jour(majore.date_limite) if majore else ""


def point_de_depart(d: DossierInstruction) -> str:
    """From which day the delay runs, in words."""
    if d.etat in ("incomplet", "incomplet_notifie"):
        return "la réception en mairie de la dernière des pièces qui vous sont demandées"
    depart = Situation(d).date("depart") or d.date_completude or d.date_depot
    if depart is None:
        return ""
    quoi = "date de dépôt de votre dossier" if depart == d.date_depot else "date à laquelle il est complet"
    return f"le {en_texte(depart)}, {quoi}"


# --- pieces, opinions ---------------------------------------------------------------------------


def pieces_manquantes(d: DossierInstruction) -> list[dict[str, str]]:
    """Pieces of the last request: code, label, article, what is missing."""
    return [
        {
            "code": p.code,
            "libelle": p.libelle,
            "article": article(p.article),
            "motif": motif or "Pièce absente du dossier",
        }
        for p, motif in Situation(d).pieces_demandees
    ]


def liste_pieces(d: DossierInstruction) -> list[str]:
    """The same in one line each."""
    return [
        f"{p['code']} – {p['libelle']}" + (f" (article {p['article']})" if p["article"] else "")
        for p in pieces_manquantes(d)
    ]


def consultations_de(d: DossierInstruction) -> list[Consultation]:
    """Consultations of a request."""
    return list(partagees.de_dossier(d))


def avis(d: DossierInstruction) -> list[dict[str, str]]:
    """Opinions given or born of silence, those left out of the decision excepted."""
    return [
        {
            "service": str(c.service),
            "avis": f"{c.get_avis_display()} (tacite)" if c.tacite else c.get_avis_display(),
            "date": en_texte(c.avis_le),
            "motivation": c.motivation,
        }
        for c in consultations_de(d)
        if c.avis and c.dans_decision
    ]


def _consultation(contexte: ContexteFusion) -> Consultation | None:
    """The open consultation of the service to which the letter goes."""
    toutes = Consultation.objects.filter(
        dossier_type=ContentType.objects.get_for_model(DossierInstruction), dossier_id=contexte.dossier.pk
    ).select_related("service")
    return toutes.filter(service__libelle=contexte.destinataire).order_by("avis", "-id").first()


def service_limite(contexte: ContexteFusion) -> str:
    """Last day of the service's answer."""
    c = _consultation(contexte)
    return en_jour(c.limite) if c else ""


def service_delai(contexte: ContexteFusion) -> str:
    """Its delay in words."""
    c = _consultation(contexte)
    if c is None:
        return ""
    return mois(c.delai_valeur) if c.delai_unite == "mois" else f"{c.delai_valeur} jours"


def service_silence(contexte: ContexteFusion) -> str:
    """What its silence means, as a sentence."""
    c = _consultation(contexte)
    if c is None:
        return ""
    fin = f" (article {article(c.service.article)} du code de l'urbanisme)" if c.service.article else ""
    return {
        "favorable": f"Sans réponse dans ce délai, votre avis sera réputé favorable{fin}.",
        "defavorable": f"Sans réponse dans ce délai, votre avis sera réputé défavorable{fin}.",
        "sans_avis": "Sans réponse dans ce délai, la décision pourra être prise sans votre avis.",
    }[c.effet_silence]


# --- decision -----------------------------------------------------------------------------------


def visas(d: DossierInstruction) -> list[dict[str, str]]:
    """What the act is based on: codes, request, land, opinions, pieces received."""
    s = Situation(d)
    lignes = ["le code de l'urbanisme, notamment ses articles L. 421-1 et suivants et R. 421-1 et suivants"]
    if s.est_cu:
        lignes = ["le code de l'urbanisme, notamment ses articles L. 410-1, R. 410-1 et suivants"]
    if zones := zone_plu(d):
        lignes.append(f"le document d'urbanisme en vigueur, qui classe le terrain en zone {_et(zones)}")
    depose = f", déposée le {en_texte(d.date_depot)}" if d.date_depot else ""
    qui = petitionnaire(d)
    titre = TITRES[s.type]
    quoi = "la déclaration préalable" if s.est_dp else f"la demande de {titre}"
    if d.nature != "INITIAL":
        quoi = f"la {nature_libelle(d)}"
    lignes.append(f"{quoi} n° {d}{depose} par {qui}")
    recues = s.dernier("depot_pieces")
    if recues is not None:
        lignes.append(f"les pièces reçues le {en_texte(recues.date_effet)}, qui complètent le dossier")
    for a in avis(d):
        du = f" du {a['date']}" if a["date"] else ""
        lignes.append(f"l'avis {a['avis'].replace(' (tacite)', ' tacite')}{du} ({a['service']})")
    return [{"texte": x} for x in lignes]


def _et(mots: list[str]) -> str:
    return " et ".join([", ".join(mots[:-1]), mots[-1]] if len(mots) > 1 else mots)


def _paragraphes(texte: str) -> list[dict[str, str]]:
    morceaux: Iterable[str] = (x.strip(" \t-–•") for x in texte.replace("\r", "").split("\n"))
    return [{"texte": x.rstrip(" ;.")} for x in morceaux if x]


def motifs(d: DossierInstruction) -> list[dict[str, str]]:
    """Reasons of a refusal, an opposition or a deferral, one a line."""
    return _paragraphes(str(Situation(d).redigee.get("motifs", "")))


def prescriptions(d: DossierInstruction) -> list[dict[str, str]]:
    """Prescriptions of the decision, one a line."""
    return _paragraphes(str(Situation(d).redigee.get("prescriptions", "")))


def decision_sens(d: DossierInstruction) -> str:
    """Sense of the decision, as this kind of dossier calls it."""
    s = Situation(d)
    if d.etat in ("accord_tacite", "rejet_tacite"):
        return libelle_etat(d.etat, s.type)
    return libelle_etat(_ETATS[Sens(s.sens)], s.type) if s.sens else ""


def decision_phrase(d: DossierInstruction) -> str:
    """Article 1: what is decided."""
    s = Situation(d)
    sens = s.sens
    if not sens:
        return ""
    if s.est_dp and d.nature == "INITIAL":
        return {
            Sens.ACCORD: "Il n'est pas fait opposition à la déclaration préalable.",
            Sens.ACCORD_PRESCRIPTIONS: (
                "Il n'est pas fait opposition à la déclaration préalable, sous réserve des prescriptions de"
                " l'article 2."
            ),
            Sens.REFUS: "Il est fait opposition à la déclaration préalable.",
            Sens.SURSIS: "Il est sursis à statuer sur la déclaration préalable.",
        }[Sens(sens)]
    titre = titre_acte(d)
    feminin = titre.startswith("prorogation")
    sujet = f"La {titre}" if feminin else f"Le {titre}"
    e = "e" if feminin else ""
    return {
        Sens.ACCORD: f"{sujet} est accordé{e}.",
        Sens.ACCORD_PRESCRIPTIONS: f"{sujet} est accordé{e}, sous réserve des prescriptions de l'article 2.",
        Sens.REFUS: f"{sujet} est refusé{e}.",
        Sens.SURSIS: f"Il est sursis à statuer sur la demande de {titre}.",
    }[Sens(sens)]


def autorite_phrase(contexte: ContexteFusion) -> str:
    """Who decides, in whose name, at the head of the act."""
    d = contexte.dossier
    nom = contexte.entete.get("nom", "")
    if d.autorite == Autorite.EPCI:
        return f"Le président, au nom de l'établissement public compétent ({nom})"
    # « Commune de Valbrune » → « de Valbrune », « Ville d'Essai » → « d'Essai ».
    mots = re.match(r"(?i)(?:commune|ville|mairie) (d(?:e |u |es |'|’).+)", nom)
    lieu = mots[1] if mots else f"({nom})"
    if d.autorite == Autorite.ETAT:
        return f"Le maire {lieu}, au nom de l'État"
    return f"Le maire, au nom de la commune {lieu}"


def date_tacite(d: DossierInstruction) -> date | None:
    """Day when silence decided."""
    constat = Situation(d).dernier("constat_tacite", "constat_rejet")
    return constat.date_effet if constat else None


def derniere_date(d: DossierInstruction, *types: str) -> date | None:
    """Effective day of the last event of these kinds."""
    fait = Situation(d).dernier(*types)
    return fait.date_effet if fait else None


def majorable(d: DossierInstruction) -> bool:
    """Letters of the first month exist for this request."""
    demande = Situation(d).demande
    return bool(demande is not None and demande.instruite)


def nature_regle(d: DossierInstruction) -> Nature:
    """Nature, as the rules know it."""
    return Nature(d.contexte_regles.nature)


def recours_gracieux(d: DossierInstruction) -> Any:
    """True where the gracious appeal lasts one month and prolongs nothing (L.600-12-2); CU: old regime."""
    return not Situation(d).est_cu
