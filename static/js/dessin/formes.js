/* The shapes drawn and their history: plain data, no map. Each shape: {id, geometrie, nom}; degrees. */

const HISTOIRE_MAX = 100;
export const GENRES = { point: "Point", ligne: "LineString", surface: "Polygon" };

/** Kind of a simple geometry: point, ligne, surface; undefined for another. */
export function genreDe(geometrie) {
  return Object.keys(GENRES).find((genre) => GENRES[genre] === geometrie?.type);
}

/** Simple geometries of any GeoJSON, properties left out. */
export function simples(geojson) {
  switch (geojson?.type) {
    case "FeatureCollection":
      return geojson.features.flatMap(simples);
    case "Feature":
      return simples(geojson.geometry);
    case "GeometryCollection":
      return geojson.geometries.flatMap(simples);
    case "MultiPoint":
    case "MultiLineString":
    case "MultiPolygon":
      return geojson.coordinates.map((coordinates) => ({ type: geojson.type.slice(5), coordinates }));
    case "Point":
    case "LineString":
    case "Polygon":
      return [{ type: geojson.type, coordinates: geojson.coordinates.map((c) => c) }];
    default:
      return [];
  }
}

export class Formes extends EventTarget {
  /** `genres` kept by the field; `plusieurs`: else a new shape takes the place of the old one. */
  constructor({ genres, plusieurs }) {
    super();
    this.genres = genres;
    this.plusieurs = plusieurs;
    this.liste = [];
    this.choisie = null;
    this.suivant = 1;
    this.histoire = [[]];
    this.rang = 0;
  }

  #nouvelle(geometrie, nom = "") {
    return { id: this.suivant++, geometrie, nom };
  }

  #ecrire(liste, geste = null) {
    this.liste = liste;
    if (!liste.some((forme) => forme.id === this.choisie)) this.choisie = null;
    // The same gesture going on is one step back, not twenty.
    const suite = geste !== null && geste === this.geste && this.rang === this.histoire.length - 1;
    this.geste = geste;
    this.histoire = [...this.histoire.slice(0, suite ? this.rang : this.rang + 1), liste].slice(-HISTOIRE_MAX);
    this.rang = this.histoire.length - 1;
    this.#dire();
  }

  #dire() {
    this.dispatchEvent(new Event("change"));
  }

  /** First contents: not to be undone. */
  ouvrir(geometries) {
    this.liste = geometries.map((g) => this.#nouvelle(g));
    this.histoire = [this.liste];
    this.rang = 0;
    this.geste = null;
    this.#dire();
  }

  /** Keep what the field accepts; gives {ajoutees, laissees, remplacee}. */
  ajouter(geometries, nom = "") {
    const acceptees = geometries.filter((g) => this.genres.includes(genreDe(g)));
    const laissees = geometries.length - acceptees.length;
    if (!acceptees.length || (!this.plusieurs && acceptees.length > 1)) return { ajoutees: 0, laissees };
    const nouvelles = acceptees.map((g) => this.#nouvelle(g, nom));
    const remplacee = !this.plusieurs && this.liste.length > 0;
    this.#ecrire(this.plusieurs ? [...this.liste, ...nouvelles] : nouvelles);
    return { ajoutees: nouvelles.length, laissees, remplacee };
  }

  /** Put the result of an operation in the place of what it was made of. */
  remplacer(ids, geometries) {
    const rang = this.liste.findIndex((f) => ids.includes(f.id));
    const restent = this.liste.filter((f) => !ids.includes(f.id));
    const nouvelles = geometries.map((g) => this.#nouvelle(g));
    restent.splice(Math.max(0, rang), 0, ...nouvelles);
    this.#ecrire(restent);
    this.choisie = ids.length === 1 && nouvelles.length === 1 ? nouvelles[0].id : null;
    this.#dire();
  }

  /** The same shape with another outline: its place, name and choice are kept. */
  modifier(id, geometrie, geste = null) {
    this.#ecrire(this.liste.map((f) => (f.id === id ? { ...f, geometrie } : f)), geste);
  }

  retirer(ids) {
    this.#ecrire(this.liste.filter((f) => !ids.includes(f.id)));
  }

  choisir(id) {
    this.choisie = this.choisie === id ? null : id;
    this.#dire();
  }

  /** What an operation works on: the shape chosen, else all of them. */
  get cible() {
    return this.choisie === null ? this.liste : this.liste.filter((f) => f.id === this.choisie);
  }

  get annulable() {
    return this.rang > 0;
  }

  get retablissable() {
    return this.rang < this.histoire.length - 1;
  }

  annuler() {
    this.#aller(this.rang - 1);
  }

  retablir() {
    this.#aller(this.rang + 1);
  }

  #aller(rang) {
    if (rang < 0 || rang >= this.histoire.length) return;
    this.rang = rang;
    this.geste = null;
    this.liste = this.histoire[rang];
    if (!this.liste.some((forme) => forme.id === this.choisie)) this.choisie = null;
    this.#dire();
  }

  /** Text of the form's field. */
  get texte() {
    if (!this.liste.length) return "";
    return JSON.stringify(collection(this.liste.map((f) => f.geometrie)));
  }
}

/** One geometry as it is, several as a collection. */
export function collection(geometries) {
  if (geometries.length === 1) return geometries[0];
  return {
    type: "FeatureCollection",
    features: geometries.map((geometry) => ({ type: "Feature", properties: {}, geometry })),
  };
}
