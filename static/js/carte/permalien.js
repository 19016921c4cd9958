/* Address of the page: `?parcelle=IDU&couches=…#zoom/lat/lon`, and `?lat=&lon=&z=` from elsewhere. */
import { PARAMETRES_ETAT } from "./etat.js";

const DECIMALES = 5;

/** Place asked by the address: {zoom, lat, lon}, null when none is. */
export function lieuDemande(adresse = window.location) {
  const diese = adresse.hash.match(/^#(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/);
  if (diese) return borner(...diese.slice(1).map(Number));
  const demande = new URLSearchParams(adresse.search);
  const [lat, lon] = ["lat", "lon"].map((nom) => Number.parseFloat(demande.get(nom)));
  if (!Number.isFinite(lat) || !Number.isFinite(lon)) return null;
  const zoom = Number.parseFloat(demande.get("z") ?? demande.get("zoom"));
  return borner(Number.isFinite(zoom) ? zoom : 17, lat, lon);
}

function borner(zoom, lat, lon) {
  if (Math.abs(lat) > 85 || Math.abs(lon) > 180) return null;
  return { zoom: Math.min(21, Math.max(3, zoom)), lat, lon };
}

export function parcelleDemandee(adresse = window.location) {
  return new URLSearchParams(adresse.search).get("parcelle");
}

/** The part of the address after the path: place, parcel, and what was chosen of the layers. */
export function suite(carte, etat, idu) {
  const centre = carte.getCenter();
  const demande = new URLSearchParams(window.location.search);
  for (const nom of ["lat", "lon", "z", "zoom", "parcelle", ...PARAMETRES_ETAT]) demande.delete(nom);
  if (idu) demande.set("parcelle", idu);
  for (const [nom, valeur] of etat.enParametres()) demande.set(nom, valeur);
  // Commas and colons need no code in a query, and people read addresses.
  const texte = demande.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  const zoom = Number(carte.getZoom().toFixed(2));
  return `${texte ? `?${texte}` : ""}#${zoom}/${centre.lat.toFixed(DECIMALES)}/${centre.lng.toFixed(DECIMALES)}`;
}

/** Write place, parcel and state in the address, without a new step in the history. */
export function ecrire(carte, etat, idu) {
  window.history.replaceState(null, "", `${window.location.pathname}${suite(carte, etat, idu)}`);
}
