"""Values of the merge fields: what a letter says of an occupation, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from domainepublic import tarifs
from domainepublic.actes import ActeLisible, nature_du_dossier
from domainepublic.detail import euros, lignes_du_detail
from domainepublic.instruction.etats import MOTIFS_RETRAIT
from domainepublic.instruction.recalcul import DELAI_PIECES_JOURS
from domainepublic.models import DossierODP, Emprise, LigneFacturable, Titre
from domainepublic.regles.creneaux import JOURS_LISIBLES
from domainepublic.tarifs import Prevision
from mairie.courriers.champs import ContexteFusion, en_texte
from mairie.montants import texte_nombre
from mairie.workflow import journal
from mairie.workflow.modele import Fait

CODES = {
    "CVR": "du code de la voirie routière",
    "CGCT": "du code général des collectivités territoriales",
    "CG3P": "du code général de la propriété des personnes publiques",
    "CPCE": "du code des postes et des communications électroniques",
    "CRPM": "du code rural et de la pêche maritime",
    "C. route": "du code de la route",
    "C. env.": "du code de l'environnement",
}
SENS_AVIS = {
    "favorable": "favorable",
    "favorable_prescriptions": "favorable avec prescriptions",
    "defavorable": "défavorable",
    "sans_objet": "sans observation",
}
_ARTICLE = re.compile(r"(?P<code>C\. \w+\.?|[A-Z0-9]+) (?P<lettre>[LRDA])(?P<numero>[0-9].*)")


def article(fondement: str) -> str:
    """« CVR L113-2 » → « article L. 113-2 du code de la voirie routière »; as it is where unknown."""
    trouve = _ARTICLE.fullmatch(fondement)
    if trouve is None or trouve["code"] not in CODES:
        return fondement
    return f"article {trouve['lettre']}. {trouve['numero']} {CODES[trouve['code']]}"


def faits(d: DossierODP) -> list[Fait]:
    """Live events of the file."""
    return [journal.fait(e) for e in journal.vivantes(journal.lignes(d))]


def dernier(d: DossierODP, *types: str) -> Fait | None:
    """Last live event of these kinds."""
    return next((f for f in reversed(faits(d)) if f.type in types), None)


def donnee(d: DossierODP, cle: str, *types: str) -> str:
    """What the last event of these kinds says under a name."""
    fait = dernier(d, *types)
    return str(fait.donnees.get(cle) or "") if fait else ""


def jour_de(d: DossierODP, cle: str, *types: str) -> date | None:
    """The same as a day."""
    texte = donnee(d, cle, *types)
    return date.fromisoformat(texte) if texte else None


def emprises(d: DossierODP) -> list[Emprise]:
    """Emprises in their order."""
    return list(d.emprises.select_related("type", "dossier"))


# --- the title ----------------------------------------------------------------------------------


def autorite_de(emetteur: Any) -> str:
    """In whose name an act under this letterhead is signed."""
    return "president_epci" if getattr(emetteur, "nature", "") == "epci" else "maire"


def actes_de(d: DossierODP, autorite: str = "maire") -> list[ActeLisible]:
    """Acts that an authority signs on this file."""
    return [a for a in nature_du_dossier(d).actes if a.autorite == autorite]


def code_du_titre(d: DossierODP, autorite: str = "maire") -> str:
    """Template of the act that an authority signs; empty when none is its own."""
    codes = {a.code for a in actes_de(d, autorite)}
    for code in ("permission_de_voirie", "permis_de_stationnement"):
        if code in codes:
            return code
    if codes == {"arrete_circulation"}:
        return "arrete_circulation"
    return "autre_titre" if codes else ""


def acte_titre(contexte: ContexteFusion) -> str:
    """« permission de voirie et arrêté de circulation »."""
    return " et ".join(a.libelle for a in actes_de(contexte.dossier, autorite_de(contexte.emetteur)))


def regle_circulation(contexte: ContexteFusion) -> str:
    """« oui » when the act also rules traffic."""
    actes = actes_de(contexte.dossier, autorite_de(contexte.emetteur))
    return "oui" if any(a.code == "arrete_circulation" for a in actes) else ""


def visas(contexte: ContexteFusion) -> Iterator[dict[str, str]]:
    """Texts seen, the general ones first."""
    d, autorite = contexte.dossier, autorite_de(contexte.emetteur)
    actes = actes_de(d, autorite)
    circulation = bool(regle_circulation(contexte))
    titres = [a for a in actes if a.code != "arrete_circulation"]
    articles = (
        "L. 5211-9 et L. 5211-9-2"
        if autorite == "president_epci"
        else "L. 2122-28, L. 2212-1, L. 2213-1 et L. 2213-6"
    )
    yield {"texte": f"le code général des collectivités territoriales, notamment ses articles {articles}"}
    if titres:
        yield {
            "texte": "le code général de la propriété des personnes publiques, notamment ses articles"
            " L. 2122-1 à L. 2122-3 et L. 2125-1 à L. 2125-6"
        }
    for acte in titres:
        if not acte.fondement.startswith("CGCT"):
            yield {"texte": f"l'{article(acte.fondement)}"}
    if circulation:
        yield {"texte": "le code de la route, notamment ses articles L. 411-1, R. 411-8 et R. 411-25"}
        yield {
            "texte": "l'instruction interministérielle sur la signalisation routière, livre I, huitième"
            " partie : signalisation temporaire"
        }
    yield from _visas_de_la_demande(d)


def _visas_de_la_demande(d: DossierODP) -> Iterator[dict[str, str]]:
    if d.debut is not None:
        for grille in tarifs.grilles_de(d.insee, d.debut, d.fin or d.debut):
            yield {
                "texte": f"la délibération n° {grille.deliberation} du"
                f" {en_texte(grille.deliberation_le)} fixant les tarifs d'occupation du domaine public"
            }
    if d.dossier_origine is not None:
        yield {"texte": f"le titre délivré sous le numéro de dossier {d.dossier_origine}, venu à son terme"}
    if d.date_depot is not None:
        yield {
            "texte": f"la demande reçue le {en_texte(d.date_depot)} et enregistrée sous le numéro {d},"
            f" présentée par {titulaire(d)}"
        }
    for fait in faits(d):
        if fait.type == "avis_recu":
            sens = SENS_AVIS.get(str(fait.donnees.get("sens")), "")
            yield {
                "texte": f"l'avis {sens} rendu le {en_texte(fait.date_effet)} par"
                f" {fait.donnees.get('service')}".replace("  ", " ")
            }
    for conflit in d.conflits.filter(vise=True, leve_le__isnull=False):
        levee = timezone.localdate(conflit.leve_le)
        yield {
            "texte": f"la décision du {en_texte(levee)} levant le conflit ({conflit.motif_lisible}) relevé"
            f" avec une autre occupation du lieu, au motif suivant : {conflit.motif_levee}"
        }


def prescriptions(d: DossierODP) -> Iterator[dict[str, str]]:
    """What the holder must respect, by the kinds of occupation of the file."""
    liste = emprises(d)
    libres = [e.largeur_libre for e in liste if e.largeur_libre is not None]
    if libres:
        yield {"texte": f"Un passage libre de {nombre(min(libres))} m est laissé en tout temps aux piétons."}
    elif any(e.type.code != "CIRC" for e in liste):
        yield {
            "texte": "Un passage libre d'au moins 1,40 m, ou 1,20 m en l'absence de mur ou d'obstacle de part"
            " et d'autre, est laissé en tout temps aux piétons."
        }
    yield {
        "texte": "L'accès des secours, des riverains, aux bouches d'incendie et aux ouvrages des réseaux est"
        " maintenu."
    }
    codes = {e.type.code for e in liste}
    if codes & {"ECHAF", "BENNE", "PALIS", "DEPOT", "GRUE", "NACEL", "RESEAU"}:
        yield {
            "texte": "L'installation est balisée, signalée et éclairée de nuit aux frais du titulaire, qui"
            " en garde la charge jusqu'à la fin de l'occupation."
        }
    if codes & {"TERR_O", "TERR_F", "ETAL", "AMBU"}:
        yield {"texte": "Le mobilier reste dans les limites de l'emprise ; le sol est tenu propre."}
    if any(e.type.affecte_sol for e in liste):
        yield {
            "texte": "Le sol, les trottoirs et la chaussée sont rétablis à l'identique par le titulaire, à"
            " ses frais, et leur état est contrôlé contradictoirement."
        }


# --- emprises -----------------------------------------------------------------------------------


def nombre(valeur: Decimal) -> str:
    """« 12,5 », without trailing zeros."""
    return texte_nombre(valeur).replace(".", ",")


def dates(debut: date | None, fin: date | None) -> str:
    """« du 1er juin 2026 au 30 juin 2026 »."""
    if debut is None:
        return ""
    if debut == fin:
        return f"le {en_texte(debut)}"
    return f"du {en_texte(debut)} au {en_texte(fin)}" if fin else f"à partir du {en_texte(debut)}"


def periode(d: DossierODP) -> str:
    """Days of the whole file."""
    return dates(d.debut, d.fin)


def creneaux(liste: list[dict[str, Any]]) -> str:
    """« lundi, mardi de 08:00 à 18:00 »; empty: all day, every day."""
    sortie = []
    for c in liste or []:
        jours = ", ".join(JOURS_LISIBLES[j] for j in c.get("jours") or []) or "tous les jours"
        heures = (c.get("de", "00:00"), c.get("a", "24:00"))
        sortie.append(jours if heures == ("00:00", "24:00") else f"{jours} de {heures[0]} à {heures[1]}")
    return " ; ".join(sortie)


def dimensions(e: Emprise) -> str:
    """What is taken, as billed and as drawn."""
    dit = f"{nombre(e.quantite)} {e.unite_lisible}"
    if e.largeur:
        dit += f", largeur {nombre(e.largeur)} m"
    if e.rayon:
        dit += f", rayon {nombre(e.rayon)} m"
    if e.unite != "m2":
        dit += f" (surface prise : {nombre(Decimal(str(round(e.surface.area, 1))))} m²)"
    return dit


def lignes_emprises(d: DossierODP) -> Iterator[dict[str, str]]:
    """One row an emprise, numbered as on the map extract."""
    for e in emprises(d):
        heures = creneaux(e.creneaux)
        yield {
            "numero": str(e.rang),
            "nature": e.type.libelle.capitalize() + (f" – {e.repere}" if e.repere else ""),
            "dimensions": dimensions(e),
            "periode": dates(e.debut, e.fin) + (f", {heures}" if heures else ""),
        }


def mesures(d: DossierODP) -> Iterator[dict[str, str]]:
    """Traffic measures of the file, where it has any."""
    for m in d.mesures.all():
        morceaux = (str(m).capitalize(), m.pour_qui, m.lieu, dates(m.debut, m.fin), creneaux(m.creneaux))
        yield {"texte": ", ".join(x for x in morceaux if x)}


# --- people -------------------------------------------------------------------------------------


def titulaire(d: DossierODP) -> str:
    """Who holds or asks for the title."""
    return d.demandeur.appel if d.demandeur is not None else ""


def titulaire_adresse(d: DossierODP) -> str:
    """His address on one line."""
    return ", ".join(d.demandeur.lignes_adresse) if d.demandeur is not None else ""


def types(d: DossierODP) -> list[str]:
    """Kinds of occupation, each once."""
    return list(dict.fromkeys(e.type.libelle for e in emprises(d)))


# --- fee ----------------------------------------------------------------------------------------


def facturees(d: DossierODP) -> list[LigneFacturable]:
    """Frozen lines that still count."""
    return [x for x in d.lignes.select_related("emprise__type") if x.etat != LigneFacturable.Etat.ANNULEE]


def calculs(d: DossierODP) -> list[tuple[str, list[dict[str, Any]], Decimal]]:
    """(what, detail, amount) of each frozen line; of each prevision while nothing is frozen."""
    lignes = facturees(d)
    if lignes:
        return [
            (
                f"{x.get_nature_display().capitalize()} : {x.libelle}, {dates(x.debut, x.fin)}",
                x.detail,
                x.montant,
            )
            for x in lignes
        ]
    return [
        (f"Emprise {p.emprise.rang}, {p.emprise.type.libelle}, {dates(p.debut, p.fin)}", p.detail, p.montant)
        for p in _previsions(d)
        if p.montant is not None
    ]


def _previsions(d: DossierODP) -> list[Prevision]:
    return tarifs.previsions(d)


def redevance(d: DossierODP) -> Iterator[dict[str, str]]:
    """The ordered detail, as the screen shows it."""
    for quoi, detail, montant in calculs(d):
        yield {"etape": quoi, "calcul": "", "montant": euros(montant)}
        for ligne in lignes_du_detail(detail):
            yield {
                "etape": f"– {ligne.libelle}",
                "calcul": ligne.calcul,
                "montant": ligne.montant_lisible,
            }


def montant(d: DossierODP) -> Decimal:
    """What the file costs in all."""
    return sum((m for _, _, m in calculs(d)), Decimal(0))


def redevance_total(d: DossierODP) -> str:
    """The total in words; empty where nothing is asked."""
    total = montant(d)
    return euros(total) if total else ""


def exoneration(d: DossierODP) -> str:
    """Why the fee is not asked, or not in full; empty when it is."""
    return d.exoneration_lisible


def redevance_annuelle(d: DossierODP) -> str:
    """« oui » when more is asked each later year of the title (CG3P L2125-4)."""
    jusqu_au = redevance_jusqu_au(d)
    reste = jusqu_au is not None and (d.fin is None or jusqu_au < d.fin)
    return "oui" if reste and montant(d) and tarifs.echelonnee(d) else ""


def redevance_jusqu_au(d: DossierODP) -> date | None:
    """Last day of what is asked so far."""
    fins = [x.fin for x in facturees(d) if x.nature != LigneFacturable.Nature.AVOIR]
    return max(fins or [p.fin for p in _previsions(d)], default=None)


def titre_de(d: DossierODP) -> Titre | None:
    """The newest claim that bears a line of this file."""
    trouve: Titre | None = (
        Titre.objects.filter(lignes__dossier=d).select_related("role", "payeur").order_by("-role_id").first()
    )
    return trouve


def lignes_du_titre(d: DossierODP) -> Iterator[dict[str, str]]:
    """Lines of that claim, those of the payer's other files too."""
    titre = titre_de(d)
    for x in titre.lignes.select_related("dossier").order_by("debut", "pk") if titre else ():
        yield {
            "dossier": str(x.dossier),
            "objet": f"{x.libelle}, {dates(x.debut, x.fin)}",
            "montant": euros(x.montant),
        }


def reste_a_payer(d: DossierODP) -> str:
    """What is left of the claim."""
    titre = titre_de(d)
    return euros(max(titre.montant - titre.paye, Decimal(0))) if titre else ""


# --- events -------------------------------------------------------------------------------------


def pieces(d: DossierODP) -> list[str]:
    """Pieces last asked."""
    fait = dernier(d, "declarer_incomplet")
    return [str(p) for p in fait.donnees.get("pieces", [])] if fait else []


def limite_pieces(d: DossierODP) -> date | None:
    """Last day to bring them."""
    fait = dernier(d, "declarer_incomplet")
    if fait is None:
        return None
    return fait.date_effet + timedelta(days=int(fait.donnees.get("delai_jours") or DELAI_PIECES_JOURS))


def concurrence_date(d: DossierODP) -> date | None:
    """Day on which a candidate was kept."""
    fait = dernier(d, "retenir")
    return fait.date_effet if fait else None


def concurrence_motif(d: DossierODP) -> str:
    """Why, as it is published: the agent's own ranking names the others, it never leaves the house."""
    return donnee(d, "publie", "retenir")


def motif_retrait(d: DossierODP) -> str:
    """Why the title is withdrawn."""
    code = donnee(d, "motif", "retirer")
    return MOTIFS_RETRAIT.get(code, code)


def effet_retrait(d: DossierODP) -> str:
    """What becomes of the fee: given back for the days not occupied, or kept (CG3P L2125-6)."""
    avoirs = [x for x in facturees(d) if x.nature == LigneFacturable.Nature.AVOIR and x.motif == "retrait"]
    if not avoirs:
        return "Aucune part de la redevance n'est rendue."
    rendu = euros(-sum((x.montant for x in avoirs), Decimal(0)))
    return f"La part de la redevance des jours non occupés, soit {rendu}, est rendue au titulaire."


def constat_phrase(d: DossierODP) -> str:
    """What was seen on the ground, and when."""
    fait = dernier(d, "ouvrir_constat", "constater_depassement")
    if fait is None:
        return ""
    quoi = str(fait.donnees.get("type_presume") or "l'occupation")
    jour = fait.donnees.get("debut") or fait.date_effet.isoformat()
    if fait.type == "constater_depassement":
        vu = en_texte(fait.date_effet)
        return f"l'occupation se poursuit après la fin de son titre, ce qui a été constaté le {vu}"
    libelle = next((e.type.libelle for e in emprises(d) if e.type.code != "SANS"), quoi)
    return f"une occupation sans titre ({libelle}) a été constatée le {en_texte(date.fromisoformat(jour))}"


def autorite_phrase(contexte: ContexteFusion) -> str:
    """« Le maire de Valbrune »: who decides."""
    president = autorite_de(contexte.emetteur) == "president_epci"
    titulaire_ = "Le président" if president else "Le maire"
    qualite = contexte.entete.get("signataire_qualite") or titulaire_
    if "délégation" in qualite:
        qualite = titulaire_
    nom = contexte.entete.get("nom", "")
    corps = "l'établissement intercommunal" if president else "la commune"
    return f"{qualite}, au nom de {corps} ({nom})"


def publicite_fondement(d: DossierODP) -> str:
    """The article that asks for a publicity, in full."""
    return article(str(nature_du_dossier(d).publicite.get("fondement") or ""))


def pv_date(d: DossierODP) -> date | None:
    """Day of the last report of offence."""
    fait = dernier(d, "dresser_pv")
    return fait.date_effet if fait else None


def pv_agent(d: DossierODP) -> str:
    """The sworn agent who drew it up."""
    lignes = [e for e in journal.vivantes(journal.lignes(d)) if e.type == "dresser_pv"]
    return str(lignes[-1].auteur or "") if lignes else ""
