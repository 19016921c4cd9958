/* Written by « manage.py generer_regles_navigateur » from regles/tables/anc.py: not by hand. */
import { comparer, produit, vrai } from "./decimaux.js";

export const CHAMPS = ["nature", "elements_probants", "contact_eaux_usees", "contact_eaux_traitees", "zone_lutte_moustique", "proliferation_insectes", "odeur_jour", "defaut_structure", "couvercle_non_securise", "electrique_defectueux", "puits_35m_amont", "puits_declare", "puits_aep", "batiment_non_raccordable_aep", "incomplete", "sous_dimensionnement_constate", "dysfonctionnement_majeur", "zone_sanitaire", "zone_environnementale", "preuve_impact", "defaut_entretien", "usure", "nb_plaintes_tiers", "distance_puits_m", "capacite_eh", "charge_eh", "vente"];
export const NATURES = ["diagnostic_initial", "periodique", "exceptionnel", "vente", "contre_visite"];
export const NATURE_PAR_DEFAUT = "periodique";
export const NATURE_VENTE = "vente";
export const PLAINTES_MAX = 9999;
export const FAITS = ["contact_eaux_usees", "contact_eaux_traitees", "zone_lutte_moustique", "proliferation_insectes", "odeur_jour", "defaut_structure", "couvercle_non_securise", "electrique_defectueux", "puits_35m_amont", "puits_declare", "puits_aep", "batiment_non_raccordable_aep", "incomplete", "sous_dimensionnement_constate", "dysfonctionnement_majeur", "zone_sanitaire", "zone_environnementale", "preuve_impact", "defaut_entretien", "usure"];
export const ELEMENTS_PROBANTS = "elements_probants";
export const NON_VERIFIE = "non_verifie";
export const NOMBRES = ["nb_plaintes_tiers", "distance_puits_m", "capacite_eh", "charge_eh"];
export const PUITS_M = "35";
export const DELAI_TRAVAUX = 4;
export const DELAI_VENTE = 1;
export const CAS_DELAI = ["a", "b"];
export const ABSENCE = "R0";
export const MOTIF_ABSENCE = "absence";

export const derives = {
  rapport_insuffisant: (c) => { if (((c.capacite_eh === null) || (c.charge_eh === null))) return false; return (comparer(c.capacite_eh, produit("0.5", c.charge_eh)) <= 0); },
  sous_dimensionnee: (c) => { return (vrai(c, "sous_dimensionnement_constate") || derives.rapport_insuffisant(c)); },
  puits: (c) => { return vrai(c, "puits_35m_amont", "puits_declare", "puits_aep", "batiment_non_raccordable_aep"); },
  defaut_de_filiere: (c) => { return (vrai(c, "incomplete") || derives.sous_dimensionnee(c) || vrai(c, "dysfonctionnement_majeur")); },
  vecteurs: (c) => { return vrai(c, "zone_lutte_moustique", "proliferation_insectes"); },
  odeur: (c) => { return (vrai(c, "odeur_jour") || (c.nb_plaintes_tiers >= 1)); },
  danger: (c) => { return (vrai(c, "contact_eaux_usees") || derives.vecteurs(c) || derives.odeur(c) || vrai(c, "defaut_structure") || vrai(c, "couvercle_non_securise") || vrai(c, "electrique_defectueux") || derives.puits(c)); },
};

export const REGLES = [
  { code: "R0", conclusion: "absence", cas: null, conforme_reglementaire: false, conforme_p301: false, travaux: "oui", libelle: "Aucun élément probant : absence d'installation.", article: "arrêté du 27/04/2012, art. 4", vraie: (c) => { return !c.elements_probants; } },
  { code: "R1", conclusion: "non_conforme_danger_sante", cas: "a", conforme_reglementaire: false, conforme_p301: false, travaux: "oui", libelle: "Danger pour la santé des personnes.", article: "arrêté du 27/04/2012, annexe II", vraie: (c) => { return derives.danger(c); } },
  { code: "R2", conclusion: "non_conforme_danger_sante", cas: "a", conforme_reglementaire: false, conforme_p301: false, travaux: "oui", libelle: "Défaut de la filière en zone à enjeu sanitaire.", article: "arrêté du 27/04/2012, annexe II", vraie: (c) => { return (derives.defaut_de_filiere(c) && vrai(c, "zone_sanitaire")); } },
  { code: "R3", conclusion: "non_conforme_risque_environnemental", cas: "b", conforme_reglementaire: false, conforme_p301: false, travaux: "oui", libelle: "Défaut de la filière en zone à enjeu environnemental, impact prouvé.", article: "arrêté du 27/04/2012, annexe II", vraie: (c) => { return (derives.defaut_de_filiere(c) && vrai(c, "zone_environnementale", "preuve_impact")); } },
  { code: "R4", conclusion: "non_conforme", cas: "c", conforme_reglementaire: false, conforme_p301: true, travaux: "si_vente", libelle: "Défaut de la filière, sans danger ni risque avéré.", article: "arrêté du 27/04/2012, annexe II", vraie: (c) => { return derives.defaut_de_filiere(c); } },
  { code: "R5", conclusion: "recommandations", cas: null, conforme_reglementaire: true, conforme_p301: true, travaux: "non", libelle: "Défaut d'entretien ou usure.", article: "arrêté du 27/04/2012, annexe II", vraie: (c) => { return (vrai(c, "defaut_entretien") || vrai(c, "usure")); } },
  { code: "R6", conclusion: "absence_de_defaut", cas: null, conforme_reglementaire: true, conforme_p301: true, travaux: "non", libelle: "Aucun défaut.", article: "arrêté du 27/04/2012, annexe II", vraie: (c) => { return true; } },
];

export const MOTIFS = [
  { code: "contact_eaux_usees", libelle: "Contact possible avec des eaux usées.", vraie: (c) => { return vrai(c, "contact_eaux_usees"); } },
  { code: "vecteurs", libelle: "Prolifération d'insectes en zone de lutte contre les moustiques.", vraie: (c) => { return derives.vecteurs(c); } },
  { code: "odeur", libelle: "Odeur constatée ou plainte d'un voisin.", vraie: (c) => { return derives.odeur(c); } },
  { code: "structure", libelle: "Défaut de structure.", vraie: (c) => { return vrai(c, "defaut_structure"); } },
  { code: "couvercle", libelle: "Couvercle non sécurisé.", vraie: (c) => { return vrai(c, "couvercle_non_securise"); } },
  { code: "electrique", libelle: "Dispositif électrique défectueux.", vraie: (c) => { return vrai(c, "electrique_defectueux"); } },
  { code: "puits", libelle: "Puits d'eau potable déclaré à moins de 35 m.", vraie: (c) => { return derives.puits(c); } },
  { code: "incomplete", libelle: "Installation incomplète.", vraie: (c) => { return vrai(c, "incomplete"); } },
  { code: "sous_dimensionnee", libelle: "Sous-dimensionnement significatif.", vraie: (c) => { return derives.sous_dimensionnee(c); } },
  { code: "dysfonctionnement_majeur", libelle: "Dysfonctionnement majeur.", vraie: (c) => { return vrai(c, "dysfonctionnement_majeur"); } },
  { code: "entretien", libelle: "Défaut d'entretien.", vraie: (c) => { return vrai(c, "defaut_entretien"); } },
  { code: "usure", libelle: "Usure d'un élément.", vraie: (c) => { return vrai(c, "usure"); } },
];

export const NOTES = [
  { code: "moustiques_hors_zone", libelle: "Prolifération d'insectes hors d'une zone de lutte : elle ne compte pas.", vraie: (c) => { return (vrai(c, "proliferation_insectes") && !derives.vecteurs(c)); } },
  { code: "contact_eaux_traitees", libelle: "Contact possible avec des eaux traitées : il ne compte pas.", vraie: (c) => { return vrai(c, "contact_eaux_traitees"); } },
  { code: "puits_interdit_consommation", libelle: "Puits à moins de 35 m dont l'eau ne doit plus être bue : l'immeuble peut être raccordé.", vraie: (c) => { return (vrai(c, "puits_35m_amont", "puits_aep") && !vrai(c, "batiment_non_raccordable_aep")); } },
  { code: "puits_non_declare", libelle: "Puits d'eau potable à moins de 35 m non déclaré : il est à déclarer.", vraie: (c) => { return (vrai(c, "puits_35m_amont", "puits_aep", "batiment_non_raccordable_aep") && !vrai(c, "puits_declare")); } },
  { code: "impact_non_prouve", libelle: "Zone à enjeu environnemental sans preuve d'impact : risque non retenu.", vraie: (c) => { return (vrai(c, "zone_environnementale") && !vrai(c, "preuve_impact") && derives.defaut_de_filiere(c)); } },
  { code: "sous_dimensionnement_non_significatif", libelle: "Capacité inférieure à la charge, mais de plus de la moitié : écart non significatif.", vraie: (c) => { if (((c.capacite_eh === null) || (c.charge_eh === null))) return false; return ((comparer(c.capacite_eh, c.charge_eh) < 0) && !derives.sous_dimensionnee(c)); } },
  { code: "double_zone", libelle: "Zone à enjeu sanitaire et zone à enjeu environnemental à la fois.", vraie: (c) => { return vrai(c, "zone_sanitaire", "zone_environnementale"); } },
];
