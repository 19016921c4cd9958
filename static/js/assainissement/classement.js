/* Conclusion on an existing installation, as `classer_anc` gives it: reads a case, first row that holds. */
import { comparer } from "./decimaux.js";
import * as table from "./tables_anc.js";

const DECIMAL = /^-?[0-9]{1,40}(\.[0-9]{1,40})?$/;
const BORNE = "1000000000000000";

export class Faute extends Error {
  constructor(champ, message) {
    super(message);
    this.champ = champ;
  }
}

const absent = (valeur) => valeur === undefined || valeur === null;

function booleen(cas, champ, defaut = false) {
  if (absent(cas[champ])) return defaut;
  if (typeof cas[champ] !== "boolean") throw new Faute(champ, "Répondez par oui ou par non.");
  return cas[champ];
}

function entier(cas, champ, defaut, maximum) {
  if (absent(cas[champ])) return defaut;
  const valeur = cas[champ];
  if (typeof valeur !== "number" || !Number.isInteger(valeur) || valeur < 0 || valeur > maximum) {
    throw new Faute(champ, `Écrivez un nombre entier entre 0 et ${maximum}.`);
  }
  return valeur;
}

function decimal(cas, champ, strict = false) {
  if (absent(cas[champ])) return null;
  const texte = typeof cas[champ] === "number" ? String(cas[champ]) : cas[champ];
  if (typeof texte !== "string" || !DECIMAL.test(texte) || comparer(texte.replace("-", ""), BORNE) >= 0) {
    throw new Faute(champ, "Écrivez un nombre, comme 12 ou 4,5.");
  }
  const signe = comparer(texte, "0");
  if (signe < 0 || (strict && signe === 0)) throw new Faute(champ, strict ? "Écrivez un nombre supérieur à 0." : "Ce nombre ne peut être négatif.");
  return texte;
}

/** Facts of the visit; a fact absent is false, a fact null is false and not verified. */
export function lire(cas) {
  if (absent(cas) || typeof cas !== "object" || Array.isArray(cas)) throw new Faute("cas", "Un objet est attendu.");
  const inconnus = Object.keys(cas)
    .filter((champ) => !table.CHAMPS.includes(champ))
    .sort();
  if (inconnus.length) throw new Faute(inconnus[0], "Ce champ n'est pas connu.");
  const nature = absent(cas.nature) ? table.NATURE_PAR_DEFAUT : cas.nature;
  if (!table.NATURES.includes(nature)) throw new Faute("nature", "Cette nature n'est pas connue.");
  if (absent(cas.elements_probants)) throw new Faute("elements_probants", "Dites si des éléments prouvent l'installation.");
  const probants = booleen(cas, "elements_probants");
  const faits = new Set(table.FAITS.filter((code) => booleen(cas, code)));
  const nonVerifies = table.FAITS.filter((code) => code in cas && cas[code] === null);
  const plaintes = entier(cas, "nb_plaintes_tiers", 0, table.PLAINTES_MAX);
  const distance = decimal(cas, "distance_puits_m");
  const capacite = decimal(cas, "capacite_eh");
  const charge = decimal(cas, "charge_eh", true);
  const vente = booleen(cas, "vente", nature === table.NATURE_VENTE);
  if (faits.has("puits_35m_amont") && distance !== null && comparer(distance, table.PUITS_M) >= 0) {
    throw new Faute("distance_puits_m", `Le puits est dit à moins de ${table.PUITS_M} m : corrigez la distance ou la réponse.`);
  }
  if (capacite !== null && charge === null) throw new Faute("charge_eh", "La capacité est donnée : donnez aussi la charge.");
  if (charge !== null && capacite === null) throw new Faute("capacite_eh", "La charge est donnée : donnez aussi la capacité.");
  return {
    elements_probants: probants,
    faits,
    non_verifies: nonVerifies,
    nb_plaintes_tiers: plaintes,
    capacite_eh: capacite,
    charge_eh: charge,
    vente,
  };
}

/** The answer of `classer_anc`, with the rows of the table; throws `Faute`. */
export function classer(cas) {
  const c = lire(cas);
  const regle = table.REGLES.find((r) => r.vraie(c));
  const absence = regle.code === table.ABSENCE;
  const motifs = absence ? [] : table.MOTIFS.filter((m) => m.vraie(c));
  const notes = absence ? [] : table.NOTES.filter((n) => n.vraie(c));
  const delai = table.CAS_DELAI.includes(regle.cas) ? table.DELAI_TRAVAUX : null;
  const vente = regle.cas === null ? null : table.DELAI_VENTE;
  return {
    conclusion: regle.conclusion,
    regle: regle.code,
    cas: regle.cas,
    conforme_reglementaire: regle.conforme_reglementaire,
    conforme_p301: regle.conforme_p301,
    mise_en_demeure: absence,
    travaux_obligatoires: regle.travaux === "oui" || (regle.travaux === "si_vente" && c.vente),
    delai_travaux_annees: delai,
    delai_vente_annees: vente,
    motifs: absence ? [table.MOTIF_ABSENCE] : motifs.map((m) => m.code),
    notes: notes.map((n) => n.code),
    points_non_verifies: absence ? [] : c.non_verifies,
    zones: { sanitaire: c.faits.has("zone_sanitaire"), environnementale: c.faits.has("zone_environnementale") },
    phrases: [...motifs, ...notes].map((x) => x.libelle),
    libelle: regle.libelle,
  };
}

/** From answers ({fait, attendue, valeur}) and figures to a case, as `regles/observations.py` does. */
export function casDe(nature, reponses, nombres, vente) {
  const vus = new Map();
  for (const { fait, attendue, valeur } of reponses) {
    if (!fait || !valeur) continue;
    let lu = null;
    if (valeur !== table.NON_VERIFIE) lu = ["oui", "non"].includes(valeur) && valeur === attendue;
    if (!vus.has(fait)) vus.set(fait, []);
    vus.get(fait).push(lu);
  }
  const cas = { nature };
  for (const [fait, lus] of vus) {
    const valeur = lus.includes(true) || (lus.includes(null) ? null : false);
    if (fait !== table.ELEMENTS_PROBANTS || valeur !== null) cas[fait] = valeur;
  }
  for (const code of table.NOMBRES) if (!absent(nombres[code]) && nombres[code] !== "") cas[code] = nombres[code];
  if (vente) cas.vente = true;
  return cas;
}
