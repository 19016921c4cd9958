/* What the reader's choices do to the style: visibility, opacity, order and day of each layer. */

import { filtreDesValeurs } from "./filtres.js";

const OPACITES = {
  fill: ["fill-opacity"],
  line: ["line-opacity"],
  symbol: ["text-opacity", "icon-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
};
// Hover and selection stay over all, whatever the order chosen.
export const RANG_SELECTION = 90;

/** An opacity multiplied: MapLibre wants the zoom at the head of an expression, so its stops are. */
export function multiplier(valeur, facteur) {
  if (valeur === undefined) return facteur;
  if (typeof valeur === "number") return valeur * facteur;
  const [operateur] = valeur;
  if (operateur === "interpolate") {
    return valeur.map((v, i) => (i >= 3 && (i - 3) % 2 === 1 ? multiplier(v, facteur) : v));
  }
  if (operateur === "step") return valeur.map((v, i) => (i >= 2 && i % 2 === 0 ? multiplier(v, facteur) : v));
  return ["*", facteur, valeur];
}

/** Objects that hold on a day: begun (or without beginning) and not ended. Days compare as texts. */
export function filtreDuJour([debut, fin], jour) {
  const texte = (nom) => ["to-string", ["get", nom]];
  return [
    "all",
    ["<=", texte(debut), jour],
    ["any", ["==", texte(fin), ""], [">=", texte(fin), jour]],
  ];
}

/** Where a layer lies in the stack: the highest of its drawings under the selection. */
export function rangDeBase(rangs) {
  const bas = rangs.filter((rang) => rang < RANG_SELECTION);
  return bas.length ? Math.max(...bas) : Math.min(...rangs);
}

/** Layers of one rank lie in the order of their declaration. */
export function cleDe(rang, position) {
  return rang + position / 1000;
}

/** Applies an `Etat` to a MapLibre map; what the style said first is remembered and comes back. */
export class Habillage {
  constructor(gl, etat) {
    this.gl = gl;
    this.etat = etat;
    this.positions = new Map([...etat.couches.keys()].map((nom, i) => [nom, i]));
    this.origine = new Map();
    this.places = null;
  }

  /** Another style is there: its own values are the origin now. */
  oublier() {
    this.origine.clear();
    this.places = null;
  }

  #premier(id, genre, valeur) {
    const cle = `${id} ${genre}`;
    if (!this.origine.has(cle)) this.origine.set(cle, valeur());
    return this.origine.get(cle);
  }

  appliquer() {
    const parCouche = new Map();
    const ids = this.gl.getLayersOrder();
    for (const id of ids) {
      const calque = this.gl.getLayer(id);
      const nom = calque.metadata?.couche;
      if (nom === undefined) continue;
      if (!parCouche.has(nom)) parCouche.set(nom, []);
      parCouche.get(nom).push(calque);
    }
    for (const [nom, calques] of parCouche) {
      const visible = this.etat.visible(nom) ? "visible" : "none";
      const opacite = this.etat.opacite(nom);
      const dates = this.etat.couches.get(nom)?.dates;
      for (const { id, type } of calques) {
        if ((this.gl.getLayoutProperty(id, "visibility") ?? "visible") !== visible) {
          this.gl.setLayoutProperty(id, "visibility", visible);
        }
        this.#opacifier(id, type, opacite);
        if (dates || this.etat.filtres.has(nom) || this.origine.has(`${id} filtre`)) this.#filtrer(id, nom, dates);
      }
    }
    this.#ordonner(ids, parCouche);
  }

  #opacifier(id, type, facteur) {
    // Written only where something was or is to be changed: each writing redraws.
    if (facteur === 1 && !this.origine.has(`${id} opacite`)) return;
    if (this.#premier(id, "opacite", () => ({ facteur: 1 })).facteur === facteur) return;
    for (const propriete of OPACITES[type] ?? []) {
      const premiere = this.#premier(id, propriete, () => this.gl.getPaintProperty(id, propriete));
      this.gl.setPaintProperty(id, propriete, facteur === 1 ? premiere : multiplier(premiere, facteur));
    }
    this.origine.get(`${id} opacite`).facteur = facteur;
  }

  /** The day, where the layer has dates, and the values chosen of its filters. */
  #filtrer(id, nom, dates) {
    const jour = dates ? this.etat.jour : "";
    const demande = `${jour} ${this.etat.filtresEnTexte([nom])}`;
    const memoire = this.#premier(id, "filtre", () => ({ demande: " ", filtre: this.gl.getFilter(id) }));
    if (memoire.demande === demande) return;
    const duJour = jour ? filtreDuJour(dates, jour) : null;
    const valeurs = filtreDesValeurs(this.etat.filtres.get(nom) ?? [], this.etat.couches.get(nom)?.filtres ?? {});
    const filtres = [memoire.filtre, duJour, ...valeurs].filter(Boolean);
    this.gl.setFilter(id, filtres.length > 1 ? ["all", ...filtres] : (filtres[0] ?? null));
    memoire.demande = demande;
  }

  /** Place of each style layer: its own rank, or the one chosen for its layer. */
  #cle({ metadata }, parCouche) {
    if (metadata?.rang === undefined) return -1;
    const { couche, rang } = metadata;
    const choisi = this.etat.rangs.get(couche);
    const propre = cleDe(rang, this.positions.get(couche) ?? 0);
    if (choisi === undefined) return propre;
    const aEchelle = parCouche.get(couche).some((c) => c.metadata.rang < RANG_SELECTION);
    return aEchelle && rang >= RANG_SELECTION ? propre : choisi;
  }

  #ordonner(ids, parCouche) {
    if (!this.etat.rangs.size && !this.places) return;
    this.places ??= new Map(ids.map((id, i) => [id, i]));
    const voulu = ids
      .map((id) => ({
        id,
        cle: this.#cle(this.gl.getLayer(id), parCouche),
        place: this.places.get(id) ?? ids.length,
      }))
      .sort((a, b) => a.cle - b.cle || a.place - b.place)
      .map(({ id }) => id);
    const courant = [...ids];
    for (let i = voulu.length - 1; i >= 0; i -= 1) {
      const suivant = voulu[i + 1];
      const ou = courant.indexOf(voulu[i]);
      if (courant[ou + 1] === suivant) continue;
      this.gl.moveLayer(voulu[i], suivant);
      courant.splice(ou, 1);
      courant.splice(suivant === undefined ? courant.length : courant.indexOf(suivant), 0, voulu[i]);
    }
  }
}
