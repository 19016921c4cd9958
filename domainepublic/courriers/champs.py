"""Merge fields of the public domain (spec §10): the closed list that templates may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely

from domainepublic.courriers import valeurs as v
from domainepublic.detail import euros
from domainepublic.usager.declaration import USAGE_SUIVI
from mairie.courriers import plans
from mairie.courriers.champs import (
    BlocFusion,
    ChampFusion,
    ContexteFusion,
    Illustration,
    ImageFusion,
    declarer,
)
from mairie.courriers.cle_de_suivi import champs_du_suivi

METIER = "domainepublic"
PLAN_MM = (170.0, 72.0)


def _plan_emprises(contexte: ContexteFusion) -> Illustration | None:
    """The extract of the plan with each emprise numbered as in the table of the act."""
    if contexte.emprise is None:
        return None
    reperes = tuple(
        (str(e.rang), shapely.point_on_surface(shapely.from_wkb(bytes(e.surface.wkb))))
        for e in contexte.dossier.emprises.all()
    )
    return plans.dessiner(
        plans.DemandePlan(
            contexte.emprise, contexte.titre_dossier, *PLAN_MM, reperes=reperes if len(reperes) > 1 else ()
        )
    )


def _oui(condition: Any) -> str:
    return "oui" if condition else ""


_DOSSIER: tuple[tuple[str, str, Any, Callable[[Any], Any], bool], ...] = (
    ("numero", "Numéro du dossier", "ODP-25999-2026-00012", str, False),
    ("types", "Ce qui occupe le sol", ["échafaudage"], v.types, False),
    ("objet", "Objet de la demande", "Ravalement de façade", lambda d: d.objet, True),
    ("endroit", "Lieu de l'occupation", "devant le 12, Rue du Moulin", lambda d: d.lieu, True),
    ("periode", "Jours d'occupation", "du 1er juin 2026 au 30 juin 2026", v.periode, False),
    ("instructeur_nom", "Nom de l'instructeur", "Camille Martin", lambda d: d.instructeur, True),
    ("date_depot", "Demande reçue le", "2 mars 2026", lambda d: d.date_depot, False),
    ("date_silence", "Sans réponse, refus le", "2 mai 2026", lambda d: d.terme_silence, True),
    ("est_renouvellement", "Vrai pour un titre renouvelé (pour [si])", "oui",
     lambda d: _oui(d.annee_renouvelee), True),
    ("annee", "Année renouvelée", "2027", lambda d: str(d.annee_renouvelee or ""), False),
    ("fin_avant", "Dernier jour du titre renouvelé", "31 décembre 2026",
     lambda d: d.dossier_origine.fin if d.dossier_origine else None, True),
)  # fmt: skip
_PERSONNES = (
    ("titulaire", "Titulaire", "SARL Exemple", v.titulaire, False),
    ("titulaire_adresse", "Son adresse, sur une ligne", "12 rue du Moulin, 25999 Valbrune",
     v.titulaire_adresse, True),
    ("executant", "Entreprise chargée des travaux", "Bâtiment Exemple",
     lambda d: d.executant.appel if d.executant else "", True),
)  # fmt: skip
_ACTE = (
    ("reprise_fonds", "Vrai pour la reprise d'un fonds de commerce (pour [si])", "oui",
     lambda d: _oui(d.transmission == "reprise_fonds"), True),
    ("succession", "Vrai pour un titre d'ayants droit (pour [si])", "oui",
     lambda d: _oui(d.transmission == "succession"), True),
    ("successeur_avant", "Successeur à présenter avant le", "2 septembre 2026",
     lambda d: d.successeur_avant, True),
    ("motif_refus", "Motifs du refus", "Le passage restant serait trop étroit",
     lambda d: v.donnee(d, "motif", "refuser"), False),
    ("motif_retrait", "Motif du retrait", "intérêt général", v.motif_retrait, False),
    ("date_retrait", "Retrait : premier jour non occupé", "15 juin 2026",
     lambda d: v.jour_de(d, "le", "retirer"), False),
    ("date_contradictoire", "Retrait : titulaire entendu le", "5 juin 2026",
     lambda d: v.jour_de(d, "contradictoire_le", "retirer"), True),
    ("effet_retrait", "Retrait : ce que devient la redevance", "Aucune part de la redevance n'est rendue.",
     v.effet_retrait, True),
    ("fin_prolongee", "Prolongation : nouvelle fin", "31 juillet 2026", lambda d: d.fin, False),
    ("fin_demandee", "Prolongation demandée jusqu'au", "31 juillet 2026",
     lambda d: v.jour_de(d, "fin", "demander_prolongation"), False),
    ("motif_decision", "Motif donné par l'événement", "Chantier arrêté",
     lambda d: v.donnee(d, "motif", "suspendre", "refuser_prolongation", "classer_sans_suite"), False),
    ("constat_phrase", "Ce qui fut constaté sur place",
     "une occupation sans titre (benne) a été constatée le 12 juin 2026", v.constat_phrase, False),
    ("publicite_fondement", "Publicité : son fondement",
     "article L. 2122-1-4 du code général de la propriété des personnes publiques",
     v.publicite_fondement, False),
    ("publicite_fin", "Publicité : ouverte jusqu'au", "30 avril 2026",
     lambda d: v.jour_de(d, "au", "ouvrir_publicite"), False),
    ("publicite_lieu", "Publicité : où elle est faite", "site de la commune",
     lambda d: v.donnee(d, "lieu", "ouvrir_publicite"), False),
    ("publicite_texte", "Publicité : texte ajouté", "Terrasse de saison.",
     lambda d: v.donnee(d, "texte", "ouvrir_publicite"), True),
    ("concurrence_date", "Concurrence : candidat retenu le", "5 mai 2026", v.concurrence_date, False),
    ("concurrence_motif", "Concurrence : motifs du choix",
     "Horaires compatibles avec le marché (8/10 contre 5/10).", v.concurrence_motif, False),
    ("pv_numero", "Procès-verbal : numéro", "PV 2026-07",
     lambda d: v.donnee(d, "numero", "dresser_pv"), False),
    ("pv_date", "Procès-verbal : dressé le", "5 juillet 2026", v.pv_date, False),
    ("pv_agent", "Procès-verbal : agent assermenté", "Camille Martin", v.pv_agent, False),
    ("limite_pieces", "Pièces attendues jusqu'au", "15 avril 2026", v.limite_pieces, False),
)  # fmt: skip
_PRIX = (
    ("redevance_total", "Redevance, total", "240,00 €", v.redevance_total, True),
    ("exoneration", "Exonération : son motif et son texte", "exécution d'un marché public (CG3P L2125-1-1)",
     v.exoneration, True),
    ("redevance_annuelle", "Vrai si la redevance est demandée chaque année (pour [si])", "oui",
     v.redevance_annuelle, True),
    ("redevance_jusqu_au", "Dernier jour que couvre la redevance demandée", "31 décembre 2026",
     v.redevance_jusqu_au, True),
    ("redevance_avant", "Redevance du titre d'origine", "235,20 €",
     lambda d: v.redevance_total(d.dossier_origine) if d.dossier_origine else "", True),
    ("titre_reference", "Référence du titre de recettes", "ROLE-2026-01-0003",
     lambda d: str(v.titre_de(d) or ""), False),
    ("titre_montant", "Montant du titre", "240,00 €",
     lambda d: euros(t.montant) if (t := v.titre_de(d)) else "", False),
    ("titre_reste", "Reste à payer", "240,00 €", v.reste_a_payer, True),
    ("titre_echeance", "À payer avant le", "30 juillet 2026",
     lambda d: t.role.echeance if (t := v.titre_de(d)) else None, True),
)  # fmt: skip


def _bloc(
    code: str, libelle: str, colonnes: dict[str, str], exemple: dict[str, str], lignes: Any, groupe: str,
    facultatif: bool = False,
) -> BlocFusion:  # fmt: skip
    return BlocFusion(code, libelle, colonnes, [exemple], lignes, facultatif, groupe)


def declarer_champs() -> None:
    """From ``AppConfig.ready``."""
    for groupe, champs in (
        ("Dossier", _DOSSIER),
        ("Personnes", _PERSONNES),
        ("Acte et suites", _ACTE),
        ("Redevance", _PRIX),
    ):
        declarer(
            METIER, *(ChampFusion(code, lib, ex, val, fac, groupe) for code, lib, ex, val, fac in champs)
        )
    declarer(
        METIER,
        ChampFusion(
            "autorite_phrase", "Qui décide, au nom de qui", "Le maire, au nom de la commune (Valbrune)",
            v.autorite_phrase, groupe="Acte et suites", de_la_lettre=True,
        ),
        *champs_du_suivi(USAGE_SUIVI, "Dossier"),
        ChampFusion(
            "acte_titre", "Ce que l'acte accorde", "permission de voirie", v.acte_titre,
            groupe="Acte et suites", de_la_lettre=True,
        ),
        ChampFusion(
            "regle_circulation", "Vrai si l'acte règle aussi la circulation (pour [si])", "oui",
            v.regle_circulation, True, groupe="Acte et suites", de_la_lettre=True,
        ),
        ChampFusion(
            "service_nom", "Service consulté", "Gestionnaire de la voie", lambda c: c.destinataire,
            groupe="Acte et suites", de_la_lettre=True,
        ),
        ChampFusion(
            "liste_pieces", "Pièces demandées, une par ligne", ["plan coté", "assurance"], v.pieces,
            groupe="Acte et suites",
        ),
        BlocFusion(
            "visas", "Visas", {"texte": "Visa"}, [{"texte": "le code de la voirie routière"}], v.visas,
            groupe="Acte et suites", de_la_lettre=True,
        ),
        _bloc(
            "prescriptions", "Prescriptions", {"texte": "Prescription"},
            {"texte": "Un passage libre de 1,40 m est laissé aux piétons."}, v.prescriptions,
            "Acte et suites",
        ),
        _bloc(
            "mesures", "Mesures de circulation", {"texte": "Mesure"},
            {"texte": "Stationnement interdit, Rue du Moulin, le 12 juin 2026"}, v.mesures,
            "Acte et suites", True,
        ),
        _bloc(
            "emprises", "Emprises",
            {"numero": "N°", "nature": "Nature", "dimensions": "Dimensions", "periode": "Période"},
            {"numero": "1", "nature": "Échafaudage", "dimensions": "9 m linéaires, largeur 1,2 m",
             "periode": "du 1er juin 2026 au 30 juin 2026"},
            v.lignes_emprises, "Dossier",
        ),
        _bloc(
            "redevance", "Redevance, détail du calcul",
            {"etape": "Étape", "calcul": "Quantité × périodes", "montant": "Montant"},
            {"etape": "Emprise 1, échafaudage, du 1er juin 2026 au 30 juin 2026", "calcul": "",
             "montant": "240,00 €"},
            v.redevance, "Redevance", True,
        ),
        _bloc(
            "titre_lignes", "Lignes du titre de recettes",
            {"dossier": "Dossier", "objet": "Objet", "montant": "Montant"},
            {"dossier": "ODP-25999-2026-00012", "objet": "Terrasse, Rue du Moulin", "montant": "240,00 €"},
            v.lignes_du_titre, "Redevance",
        ),
        ImageFusion(
            "plan_emprises", "Extrait du plan avec les emprises numérotées", _plan_emprises, True,
            de_la_lettre=True,
        ),
    )  # fmt: skip
