/* Lengths and areas in the legal projection, at once; the server's figures follow. */
import { aire, haAreCentiare, longueur, nombre } from "../carte/nombres.js";
import { genreDe } from "./formes.js";

/** Projects degrees to metres of the territory's projection. */
export class Projection {
  constructor(systeme) {
    this.nom = systeme.nom;
    this.proj = globalThis.proj4(systeme.proj4);
  }

  metres([lon, lat]) {
    return this.proj.forward([lon, lat]);
  }

  /** Longitude and latitude of metres. */
  degres([x, y]) {
    return this.proj.inverse([x, y]);
  }
}

function longueurPlane(points) {
  return points.slice(1).reduce((somme, [x, y], i) => somme + Math.hypot(x - points[i][0], y - points[i][1]), 0);
}

function airePlane(points) {
  let somme = 0;
  points.forEach(([x, y], i) => {
    const [suivantX, suivantY] = points[(i + 1) % points.length];
    somme += x * suivantY - suivantX * y;
  });
  return Math.abs(somme) / 2;
}

/** {aire, longueur} of simple geometries of one kind; null where it has no sense. */
export function mesurer(projection, geometries) {
  let [surface, tour] = [null, null];
  for (const geometrie of geometries) {
    const genre = genreDe(geometrie);
    const anneaux = genre === "surface" ? geometrie.coordinates : genre === "ligne" ? [geometrie.coordinates] : [];
    anneaux.forEach((anneau, rang) => {
      const points = anneau.map((c) => projection.metres(c));
      tour = (tour ?? 0) + longueurPlane(points);
      if (genre === "surface") surface = (surface ?? 0) + airePlane(points) * (rang ? -1 : 1);
    });
  }
  return { aire: surface, longueur: tour };
}

const NOMS = { point: ["point", "points"], ligne: ["ligne", "lignes"], surface: ["surface", "surfaces"] };

/** « 2 surfaces » */
export function compter(geometries) {
  const comptes = {};
  for (const g of geometries) comptes[genreDe(g)] = (comptes[genreDe(g)] ?? 0) + 1;
  return Object.entries(comptes)
    .map(([genre, n]) => `${nombre(n)} ${NOMS[genre][n > 1 ? 1 : 0]}`)
    .join(", ");
}

/** « 1 250 m² (12 a 50 ca), périmètre 142,30 m » */
export function enMots({ aire: surface, longueur: tour }) {
  const mots = [];
  if (surface !== null) mots.push(`${aire(surface)} (${haAreCentiare(surface)})`);
  if (tour !== null) mots.push(`${surface === null ? "longueur" : "périmètre"} ${longueur(tour)}`);
  return mots.join(", ");
}
