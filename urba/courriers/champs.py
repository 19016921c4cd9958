"""Merge fields of the permits (spec §9): the closed list that templates may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from urba.contraintes_dossier import contraintes_en_tableau, ecartees_en_lettres
from urba.courriers import valeurs as v
from urba.courriers import valeurs_suites as w
from urba.courriers.situation import Situation
from urba.models import DemandeurDossier
from urba.suivi import USAGE

METIER = "urba"
# Height of the extract in an act: legible, and the act stays on two pages.
PLAN_MM = 58.0
Role = DemandeurDossier.Role


def _champ(
    code: str, libelle: str, exemple: Any, valeur: Callable[[Any], Any], groupe: str, facultatif: bool = False
) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, groupe)


def _de_la_lettre(
    code: str, libelle: str, exemple: Any, valeur: Callable[[Any], Any], groupe: str, facultatif: bool = False
) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, groupe, de_la_lettre=True)


def _date(code: str) -> Callable[[Any], Any]:
    return lambda d: Situation(d).date(code)


def _plan_parcelles(contexte: ContexteFusion) -> Illustration | None:
    return plans.dessiner(plans.DemandePlan(contexte.emprise, contexte.titre_dossier, hauteur_mm=PLAN_MM))


_DOSSIER = (
    ("numero", "Numéro du dossier", "PC 025 999 26 00012", str, False),
    ("type_libelle", "Ce qui est demandé", "permis de construire pour une maison",
     v.type_libelle, False),
    ("demande_libelle", "Ce qui fut déposé", "une demande de permis de construire", v.demande_libelle, False),
    ("titre_acte", "Ce que l'acte accorde ou refuse", "permis de construire", v.titre_acte, False),
    ("nature_libelle", "Nature de la demande", "demande initiale", v.nature_libelle, False),
    ("objet", "Projet", "Construction d'une maison", lambda d: d.objet, False),
    ("instructeur_nom", "Nom de l'instructeur", "Camille Martin", lambda d: d.instructeur, True),
    ("instructeur_telephone", "Téléphone du service", "03 81 00 00 00", w.telephone, True),
    ("titre_article", "Le même, avec son article", "un permis de construire", w.titre_article, False),
    ("objet_public", "Projet, tel que le public le lit", "Construction d'une maison", w.objet_public, False),
)  # fmt: skip
_DEMANDEURS = (
    ("petitionnaire", "Pétitionnaire", "Madame Jeanne Exemple", v.petitionnaire, False),
    ("petitionnaire_adresse", "Son adresse, sur une ligne", "12 rue du Moulin, 25999 Valbrune",
     v.petitionnaire_adresse, True),
    ("mandataire", "Mandataire", ["Cabinet Exemple"], lambda d: v.noms(d, Role.MANDATAIRE), True),
    ("codemandeurs", "Co-demandeurs", ["Monsieur Paul Exemple"],
     lambda d: v.noms(d, Role.CO_DEMANDEUR), True),
    ("architecte", "Architecte", ["Atelier Exemple"], lambda d: v.noms(d, Role.ARCHITECTE), True),
)  # fmt: skip
_TERRAIN: tuple[tuple[str, str, Any, Callable[[Any], Any], bool], ...] = (
    ("terrain_adresse", "Adresse du terrain", "3 rue des Essais", v.terrain_adresse, True),
    ("terrain_parcelles", "Parcelles", ["AB 12", "AB 13"], v.terrain_parcelles, False),
    ("terrain_superficie", "Superficie du terrain", "1 250 m²", v.terrain_superficie, True),
    ("surface_plancher_creee", "Surface de plancher créée", "142 m²",
     v.surface_creee, True),
    ("destination", "Destinations créées", ["habitation"], v.destinations, True),
    ("logements_crees", "Logements créés", "1", v.logements_crees, True),
    ("zone_plu", "Zones du document d'urbanisme", ["UB"], v.zone_plu, True),
    ("servitudes", "Servitudes d'utilité publique", ["Abords d'un monument historique"], v.servitudes, True),
    ("contraintes_ecartees", "Contraintes écartées par l'agent, avec leur motif",
     ["Zone humide probable (relevé de terrain du 3 mars 2026)"],
     lambda d: [*ecartees_en_lettres(d), *w.contraintes_ecartees(d)], True),
)  # fmt: skip
_DATES = (
    ("date_depot", "Date de dépôt", "2 mars 2026", lambda d: d.date_depot, False),
    ("date_completude", "Dossier complet le", "2 mars 2026", lambda d: d.date_completude, True),
    ("delai_mois", "Délai d'instruction, en lettres", "deux mois", lambda d: v.mois(d.delai_mois), True),
    ("delai_base_mois", "Délai de base, en lettres", "deux mois", v.base_mois, True),
    ("date_limite_base", "Fin du délai de base", "samedi 2 mai 2026", v.base_limite, True),
    ("date_limite", "Date limite de la décision", "2 mai 2026", lambda d: d.date_limite, True),
    ("date_limite_lettres", "La même avec le jour de la semaine", "samedi 2 mai 2026",
     lambda d: v.en_jour(d.date_limite), True),
    ("fin_premier_mois", "Fin du premier mois", "2 avril 2026", lambda d: d.fin_fenetre_un_mois, True),
    ("date_limite_pieces", "Pièces attendues jusqu'au", "15 juin 2026", lambda d: d.date_limite_pieces, True),
    ("point_de_depart", "Point de départ du délai", "le 2 mars 2026, date de dépôt de votre dossier",
     v.point_de_depart, True),
    ("silence_libelle", "Nom de la décision tacite", "permis tacite", v.silence_libelle, True),
    ("silence_phrase", "Sens du silence, en une phrase", "Si vous n'avez reçu aucune réponse avant le…",
     v.silence_base, True),
    ("reserve_abf", "Réserve de l'accord de l'ABF", "Si l'architecte des Bâtiments de France refuse…",
     v.reserve_abf, True),
)  # fmt: skip
_DECISION = (
    ("decision_sens", "Sens de la décision", "accordé avec prescriptions", v.decision_sens, True),
    ("decision_phrase", "Article 1er : ce qui est décidé", "Le permis de construire est accordé.",
     v.decision_phrase, False),
    ("date_decision", "Date de la décision", "20 avril 2026", lambda d: d.date_decision, True),
    ("date_notification", "Date de notification", "24 avril 2026", lambda d: d.date_notification, True),
    ("date_decision_tacite", "Date de la décision tacite", "3 mai 2026", v.date_tacite, False),
    ("date_validite", "Valable jusqu'au", "24 avril 2029", lambda d: d.validite_fin, True),
    ("retrait_limite", "Retrait possible jusqu'au", "20 juillet 2026", _date("retrait_limite"), True),
    ("retrait_fin", "Retrait possible jusqu'au (permis : L. 424-5 ; autres actes : CRPA L. 242-1)",
     "20 juillet 2026", w.retrait_fin, True),
    ("retrait_crpa", "Vrai là où le retrait suit la règle générale, quatre mois (pour [si])", "",
     w.retrait_crpa, True),
    ("contradictoire_le", "Lettre préalable au retrait reçue le", "3 juin 2026", w.contradictoire_le, True),
    ("executoire_le", "Exécutoire le", "24 avril 2026", _date("executoire_le"), True),
    ("recours_tiers_limite", "Recours des tiers jusqu'au", "29 juin 2026",
     _date("recours_tiers_limite"), True),
    ("affichage_mairie_du", "Affiché en mairie depuis le", "25 avril 2026",
     lambda d: v.derniere_date(d, "affichage_mairie"), True),
    ("affichage_mairie_fin", "Affichage en mairie jusqu'au", "25 juin 2026",
     _date("affichage_mairie_fin"), True),
    ("affichage_terrain_du", "Affiché sur le terrain depuis le", "28 avril 2026",
     lambda d: v.derniere_date(d, "affichage_terrain"), True),
    ("date_transmission", "Transmis au contrôle de légalité le", "22 avril 2026",
     lambda d: v.derniere_date(d, "transmission_cl"), True),
    ("date_pieces", "Dernières pièces reçues le", "15 avril 2026",
     lambda d: v.derniere_date(d, "depot_pieces"), True),
    ("acte_libelle", "Acte signé, avec son numéro", "Arrêté accordant n° 2026-URBA-0012",
     w.acte_libelle, True),
    ("acte_signe_le", "Acte signé le", "20 avril 2026", w.acte_signe_le, True),
    ("considerants", "Considérants, un par motif", ["Considérant que le projet dépasse la hauteur admise"],
     w.considerants, True),
    ("voies_de_recours", "Voies et délais de recours", "Cette décision peut être contestée…",
     w.voies_de_recours, False),
    ("daact_le", "Achèvement déclaré le", "1er février 2027", lambda d: v.derniere_date(d, "daact"), True),
    ("recolement_le", "Récolement fait le", "15 février 2027",
     lambda d: v.derniere_date(d, "recolement"), True),
    ("recolement_conforme", "Vrai si le récolement trouve les travaux conformes (pour [si])", "oui",
     w.recolement_conforme, True),
    ("attestation_demandee_le", "Attestation demandée le", "3 mai 2027",
     lambda d: v.derniere_date(d, "attestation_demandee"), True),
    ("contestation_limite", "Conformité contestable jusqu'au", "3 mai 2027",
     _date("contestation_conformite_limite"), True),
    ("contestation_delai", "Délai de contestation, en lettres", "trois mois", w.contestation_delai, False),
    ("depot_affiche_avant", "Avis de dépôt à afficher avant le", "17 mars 2026", w.depot_affiche_avant, True),
    ("a_achevement", "Vrai là où l'achèvement se déclare (pour [si])", "oui", w.a_daact, True),
    ("est_prorogation", "Vrai pour une prorogation (pour [si])", "",
     lambda d: "oui" if d.nature == "PROROGATION" else "", True),
    ("est_transfert", "Vrai pour un transfert (pour [si])", "",
     lambda d: "oui" if d.nature == "TRANSFERT" else "", True),
    ("est_amenagement", "Vrai pour un permis d'aménager (pour [si])", "",
     lambda d: "oui" if Situation(d).type == "PA" else "", True),
    ("est_modification", "Vrai pour un modificatif ou un transfert (pour [si])", "",
     lambda d: "oui" if d.nature in ("MODIFICATIF", "TRANSFERT") else "", True),
    ("est_etat", "Vrai pour un acte pris au nom de l'État (pour [si])", "", w.est_etat, True),
    ("est_modifiable", "Vrai là où un modificatif est possible (pour [si])", "oui", w.modifiable, True),
    ("a_ouverture_chantier", "Vrai là où l'ouverture du chantier se déclare (pour [si])", "oui",
     w.a_doc, True),
    ("est_declaration", "Vrai pour une déclaration préalable (pour [si])", "oui",
     lambda d: "oui" if Situation(d).est_dp else "", True),
    ("est_certificat", "Vrai pour un certificat d'urbanisme (pour [si])", "",
     lambda d: "oui" if Situation(d).est_cu else "", True),
    ("est_initiale", "Vrai pour une demande initiale (pour [si])", "oui",
     lambda d: "oui" if d.nature == "INITIAL" else "", True),
    ("est_demolition", "Vrai pour un permis de démolir (pour [si])", "",
     lambda d: "oui" if Situation(d).type == "PD" else "", True),
    ("est_favorable", "Vrai pour un certificat opérationnel favorable (pour [si])", "oui",
     lambda d: "oui" if Situation(d).sens == "accord" else "", True),
    ("est_operationnel", "Vrai pour un certificat opérationnel (pour [si])", "",
     lambda d: "oui" if Situation(d).type == "CUB" else "", True),
    ("lettres_du_mois", "Vrai si délai et pièces peuvent changer le premier mois (pour [si])", "oui",
     lambda d: "oui" if v.majorable(d) else "", True),
)  # fmt: skip
_LETTRE = (
    ("nouveau_delai_mois", "Nouveau délai, en lettres", "trois mois", v.nouveau_delai, False),
    ("nouvelle_date_limite", "Nouvelle date limite", "mardi 2 juin 2026", v.nouvelle_limite, True),
    ("silence_nouveau", "Sens du silence après majoration", "Si vous n'avez reçu aucune réponse avant le…",
     v.silence_majore, True),
    ("appel", "Formule d'appel", "Madame", w.appel, False),
    *(
        ligne
        for court, code, motif in (
            ("abf", "ABF_RECOURS", "recours contre l'avis de l'ABF"),
            ("evocation", "EVOCATION", "évocation"),
        )
        for ligne in (
            (f"prolonge_{court}_mois", f"Délai prolongé ({motif}), en lettres", "cinq mois",
             w.prolonge_mois(code), False),
            (f"prolonge_{court}_limite", f"Date limite prolongée ({motif})", "dimanche 2 août 2026",
             w.prolonge_limite(code), True),
            (f"prolonge_{court}_silence", f"Sens du silence prolongé ({motif})",
             "Si vous n'avez reçu aucune réponse avant le…", w.prolonge_silence(code), True),
        )
    ),
    ("autorite_phrase", "Qui décide, au nom de qui", "Le maire, au nom de la commune (Valbrune)",
     v.autorite_phrase, False),
    ("service_nom", "Service consulté", "Architecte des Bâtiments de France",
     lambda c: c.destinataire, False),
    ("service_delai", "Délai du service, en lettres", "deux mois", v.service_delai, False),
    ("service_date_limite", "Réponse du service attendue le", "mardi 5 mai 2026", v.service_limite, True),
    ("service_silence", "Sens du silence du service", "Sans réponse, votre avis sera réputé favorable.",
     v.service_silence, True),
)  # fmt: skip


def declarer_champs() -> None:
    """From ``AppConfig.ready``."""
    for groupe, champs in (
        ("Dossier", _DOSSIER),
        ("Demandeurs", _DEMANDEURS),
        ("Terrain", _TERRAIN),
        ("Dates et silence", _DATES),
        ("Décision", _DECISION),
    ):
        declarer(METIER, *(_champ(code, lib, ex, val, groupe, fac) for code, lib, ex, val, fac in champs))
    declarer(
        METIER,
        *(
            _de_la_lettre(code, lib, ex, val, "Délai, consultation, suivi", fac)
            for code, lib, ex, val, fac in _LETTRE
        ),
        *champs_du_suivi(USAGE, "Délai, consultation, suivi", lambda d: d.da),
    )
    declarer(
        METIER,
        ChampFusion(
            "liste_pieces_manquantes",
            "Pièces demandées, une par ligne",
            ["PCMI2 – Plan de masse (article R. 431-9)"],
            v.liste_pieces,
            groupe="Pièces et avis",
        ),
        ChampFusion(
            "motifs_majoration",
            "Motifs de majoration",
            ["Abords d'un monument historique : + 1 mois (article R. 423-24 c)"],
            v.motifs_majoration,
            groupe="Pièces et avis",
        ),
        BlocFusion(
            "pieces_manquantes",
            "Pièces demandées",
            {"code": "Pièce", "libelle": "Désignation", "motif": "Ce qui manque", "article": "Article"},
            [{"code": "PCMI2", "libelle": "Plan de masse", "motif": "Pièce absente", "article": "R. 431-9"}],
            v.pieces_manquantes,
        ),
        BlocFusion(
            "avis",
            "Avis recueillis",
            {"service": "Service", "avis": "Avis", "date": "Date", "motivation": "Motivation, prescriptions"},
            [
                {
                    "service": "Architecte des Bâtiments de France",
                    "avis": "favorable avec prescriptions",
                    "date": "2 avril 2026",
                    "motivation": "Tuiles de terre cuite de teinte rouge vieilli.",
                }
            ],
            v.avis,
            facultatif=True,
        ),
        BlocFusion(
            "etapes_delai",
            "Calcul du délai, étape par étape",
            {"etape": "Étape", "article": "Article", "resultat": "Résultat"},
            [{"etape": "Délai de base", "article": "R. 423-23 b", "resultat": "Maison : 2 mois."}],
            w.etapes_delai,
            facultatif=True,
            groupe="Rapport et transmission",
        ),
        BlocFusion(
            "pieces_dossier",
            "Pièces du dossier",
            {"code": "Pièce", "libelle": "Désignation", "etat": "État"},
            [{"code": "PCMI2", "libelle": "Plan de masse", "etat": "reçue"}],
            w.pieces_du_dossier,
            facultatif=True,
            groupe="Rapport et transmission",
        ),
        BlocFusion(
            "couches_interrogees",
            "Couches interrogées et ce qu'elles disent",
            {"couche": "Couche", "dit": "Sur le terrain"},
            [{"couche": "Abords de monuments", "dit": "rien trouvé"}],
            w.couches_interrogees,
            facultatif=True,
            groupe="Rapport et transmission",
        ),
        BlocFusion(
            "visas",
            "Visas",
            {"texte": "Visa"},
            [{"texte": "le code de l'urbanisme"}],
            v.visas,
            groupe="Décision",
        ),
        BlocFusion(
            "prescriptions",
            "Prescriptions",
            {"texte": "Prescription"},
            [{"texte": "Les eaux pluviales sont infiltrées sur le terrain"}],
            v.prescriptions,
            groupe="Décision",
        ),
        BlocFusion(
            "motifs_refus",
            "Motifs du refus, de l'opposition ou du sursis",
            {"texte": "Motif"},
            [{"texte": "le projet dépasse la hauteur admise par l'article UB 10 du règlement"}],
            v.motifs,
            groupe="Décision",
        ),
        BlocFusion(
            "contraintes",
            "Contraintes gardées avec le dossier",
            {"libelle": "Contrainte", "part": "Part du terrain", "suite": "Suite donnée"},
            [{"libelle": "Abords d'un monument historique", "part": "100 %", "suite": "retenue"}],
            contraintes_en_tableau,
            facultatif=True,
        ),
        ImageFusion(
            "plan_parcelles", "Plan des parcelles", _plan_parcelles, facultatif=True, de_la_lettre=True
        ),
    )
