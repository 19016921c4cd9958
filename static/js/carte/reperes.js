/* Scale bar, and coordinates of a place in the systems of the territory. */
import { degres, degresMinutes, nombre } from "./nombres.js";

const PAS = [1, 2, 5];
const LARGEUR_MAX_PX = 120;
const GARDE = "carte.systeme";

function longueurRonde(metres) {
  const puissance = 10 ** Math.floor(Math.log10(metres));
  return Math.max(...PAS.map((p) => p * puissance).filter((v) => v <= metres));
}

/** Writes places in plane systems and degrees; `systemes` come from the page, the legal one first. */
export class Systemes {
  constructor(systemes) {
    this.legale = systemes[0];
    this.zones = new Map(systemes.filter((s) => s.zone !== null).map((s) => [s.zone, s]));
    this.projections = new Map();
  }

  /** What a reader may choose: [code, name]. */
  get choix() {
    const choix = [["legale", this.legale.nom]];
    if (this.zones.size) choix.push(["cc", "CC, zone du lieu"]);
    return [...choix, ["degres", "WGS 84, degrés décimaux"], ["dms", "WGS 84, degrés, minutes, secondes"]];
  }

  #projeter(systeme, { lat, lng }) {
    if (!this.projections.has(systeme.code)) {
      this.projections.set(systeme.code, globalThis.proj4(systeme.proj4));
    }
    return this.projections.get(systeme.code).forward([lng, lat]);
  }

  /** Metres in the legal projection: [x, y]. */
  legales(latlng) {
    return this.#projeter(this.legale, latlng);
  }

  /** The zone that serves a latitude. */
  zoneDe(lat) {
    const zones = [...this.zones.keys()];
    return this.zones.get(Math.min(Math.max(...zones), Math.max(Math.min(...zones), Math.round(lat))));
  }

  #plan(systeme, latlng) {
    const [x, y] = this.#projeter(systeme, latlng);
    return `${systeme.nom} : X ${nombre(x, 1)}  Y ${nombre(y, 1)}`;
  }

  ecrire(code, latlng) {
    if (code === "degres") return degres(latlng);
    if (code === "dms") return degresMinutes(latlng);
    if (code === "cc" && this.zones.size) return this.#plan(this.zoneDe(latlng.lat), latlng);
    return this.#plan(this.legale, latlng);
  }
}

/** Keep the scale true while the map moves; gives the length and the width of the bar. */
export function suivreEchelle(carte) {
  const barre = document.getElementById("echelle");
  const texte = document.getElementById("echelle-texte");

  function mesurer() {
    const y = carte.getSize().y / 2;
    const metres = carte.distance(
      carte.containerPointToLatLng([0, y]),
      carte.containerPointToLatLng([LARGEUR_MAX_PX, y]),
    );
    const longueur = longueurRonde(metres);
    const largeur = Math.round((LARGEUR_MAX_PX * longueur) / metres);
    barre.style.width = `${largeur}px`;
    texte.textContent = longueur >= 1000 ? `${longueur / 1000} km` : `${longueur} m`;
    return { largeur, texte: texte.textContent };
  }

  carte.on("zoomend moveend resize", mesurer);
  mesurer();
  return mesurer;
}

/** Coordinates under the pointer; of the middle of the map where there is none (touch, keyboard). */
export function suivrePointeur(carte, systemes) {
  const sortie = document.getElementById("coordonnees");
  const choix = document.getElementById("coordonnees-systeme");
  let pointeur = null;
  for (const [code, nom] of systemes.choix) choix.add(new Option(nom, code));
  try {
    choix.value = window.localStorage.getItem(GARDE) ?? "legale";
  } catch {
    /* storage closed */
  }
  if (!choix.value) choix.value = "legale";

  function situer() {
    const latlng = pointeur ? carte.containerPointToLatLng(pointeur) : carte.getCenter();
    sortie.textContent = systemes.ecrire(choix.value, latlng);
  }

  choix.addEventListener("change", () => {
    try {
      window.localStorage.setItem(GARDE, choix.value);
    } catch {
      /* storage closed */
    }
    situer();
  });
  carte.on("mousemove", (evenement) => {
    pointeur = window.matchMedia("(hover: hover)").matches ? evenement.containerPoint : null;
    situer();
  });
  carte.on("mouseout", () => {
    pointeur = null;
  });
  carte.on("moveend", situer);
  situer();
}
