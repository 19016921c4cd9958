/* Measure a length or an area: estimated while drawing, computed by the server on a pause, both in the
   legal projection. Mouse, finger or keyboard (Enter adds the middle of the map). */
import { el, lire } from "./dom.js";
import { aire, haAreCentiare, longueur } from "./nombres.js";

const L = globalThis.L;
const PAUSE_MS = 350;
const ARRONDI_PX = 2;

function surfacePlane(points) {
  let somme = 0;
  points.forEach(([x, y], i) => {
    const [suivantX, suivantY] = points[(i + 1) % points.length];
    somme += x * suivantY - suivantX * y;
  });
  return Math.abs(somme) / 2;
}

function troncons(points) {
  return points.slice(1).map(([x, y], i) => Math.hypot(x - points[i][0], y - points[i][1]));
}

/** The tool behind the part « mesure » of the panel; it takes the clicks of the map while open. */
export class Mesure {
  constructor(carte, volet, modes, systemes) {
    this.carte = carte;
    this.systemes = systemes;
    this.points = [];
    this.finie = false;
    this.partie = volet.parties.mesure;
    this.resultat = this.partie.querySelector("#mesure-resultat");
    this.consigne = this.partie.querySelector("#mesure-consigne");
    this.dessin = L.layerGroup();
    this.fil = L.polyline([], { className: "mesure-fil", interactive: false });
    volet.suivre("mesure", {
      ouvrir: () => this.#commencer(modes),
      fermer: () => this.#finir(modes),
    });
    for (const choix of this.partie.querySelectorAll('input[name="mesure-genre"]')) {
      choix.addEventListener("change", () => this.#redessiner());
    }
    this.partie.querySelector("#mesure-retirer").addEventListener("click", () => this.#retirer());
    this.partie.querySelector("#mesure-terminer").addEventListener("click", () => this.#clore());
    this.partie.querySelector("#mesure-effacer").addEventListener("click", () => this.#effacer());
  }

  get surface() {
    return this.partie.querySelector('input[name="mesure-genre"]:checked').value === "surface";
  }

  /** What is drawn, as GeoJSON; null before the first point. */
  get geometrie() {
    const points = this.points.map(({ lat, lng }) => [Number(lng.toFixed(8)), Number(lat.toFixed(8))]);
    if (!points.length) return null;
    if (points.length === 1) return { type: "Point", coordinates: points[0] };
    if (!this.surface || points.length < 3) return { type: "LineString", coordinates: points };
    return { type: "Polygon", coordinates: [[...points, points[0]]] };
  }

  #commencer(modes) {
    this.dessin.addTo(this.carte);
    this.carte.doubleClickZoom.disable();
    modes.prendre(this);
    this.#effacer();
  }

  #finir(modes) {
    this.dessin.remove();
    this.carte.doubleClickZoom.enable();
    modes.laisser(this);
    clearTimeout(this.minuterie);
  }

  /** A click, a tap, or Enter at the middle of the map. */
  clic(latlng) {
    if (this.finie) this.#effacer();
    const dernier = this.points.at(-1);
    // The second click of a double click ends; it adds no point.
    if (dernier && this.#proches(dernier, latlng)) {
      this.#clore();
      return;
    }
    this.points.push(latlng);
    this.#redessiner();
  }

  #proches(a, b) {
    return this.carte.latLngToContainerPoint(a).distanceTo(this.carte.latLngToContainerPoint(b)) <= ARRONDI_PX;
  }

  mouvement(latlng) {
    if (!this.points.length || this.finie) return;
    this.fil.setLatLngs([this.points.at(-1), latlng, ...(this.surface && this.points.length > 1 ? [this.points[0]] : [])]);
    this.#dire(this.#estimer([...this.points, latlng]), { provisoire: true });
  }

  touche(evenement) {
    if (evenement.key === "Backspace" || evenement.key === "Delete") {
      evenement.preventDefault();
      this.#retirer();
      return true;
    }
    return false;
  }

  #retirer() {
    this.finie = false;
    this.points.pop();
    this.#redessiner();
  }

  #effacer() {
    this.points = [];
    this.finie = false;
    this.#redessiner();
  }

  #clore() {
    this.finie = this.points.length > 0;
    this.#redessiner();
  }

  #redessiner() {
    this.fil.setLatLngs([]);
    this.dessin.clearLayers();
    if (this.points.length > 1) {
      const trait = { className: "mesure-trait", interactive: false };
      this.dessin.addLayer(this.surface ? L.polygon(this.points, trait) : L.polyline(this.points, trait));
    }
    for (const point of this.points) {
      this.dessin.addLayer(L.circleMarker(point, { radius: 4, className: "mesure-point", interactive: false }));
    }
    this.dessin.addLayer(this.fil);
    this.partie.querySelector("#mesure-retirer").disabled = !this.points.length;
    for (const nom of ["effacer", "contraintes"]) this.partie.querySelector(`#mesure-${nom}`).disabled = !this.points.length;
    this.partie.querySelector("#mesure-terminer").disabled = this.finie || this.points.length < 2;
    this.#dire(this.#estimer(this.points), { provisoire: true });
    this.#calculer();
  }

  #estimer(latlngs) {
    const points = latlngs.map((latlng) => this.systemes.legales(latlng));
    const surface = this.surface && points.length > 2;
    const cotes = troncons(surface ? [...points, points[0]] : points);
    return {
      longueur: cotes.reduce((a, b) => a + b, 0),
      aire: surface ? surfacePlane(points) : null,
      troncons: cotes,
    };
  }

  #dire(mesure, { provisoire }) {
    const minimum = this.surface ? 3 : 2;
    this.consigne.hidden = this.points.length >= minimum;
    if (!mesure.troncons.length) {
      this.resultat.replaceChildren();
      return;
    }
    const lignes = [];
    if (mesure.aire !== null) lignes.push(["Surface", `${aire(mesure.aire)} (${haAreCentiare(mesure.aire)})`]);
    lignes.push([mesure.aire === null ? "Longueur" : "Périmètre", longueur(mesure.longueur)]);
    const dernier = mesure.aire === null ? mesure.troncons.at(-1) : mesure.troncons.at(-2);
    if (mesure.troncons.length > 1) lignes.push(["Dernier côté", longueur(dernier)]);
    this.resultat.replaceChildren(
      el("dl", { class: "faits" }, ...lignes.flatMap(([nom, texte]) => [el("dt", {}, nom), el("dd", {}, texte)])),
      el(
        "p",
        { class: mesure.croisee ? "attention" : "discret petit" },
        mesure.croisee
          ? "Le contour se croise : la surface est incertaine."
          : `${provisoire ? "Estimation" : "Calculé par le serveur"} dans la projection légale (${this.systemes.legale.nom}).`,
      ),
    );
  }

  /** The exact figures, once the reader pauses. */
  #calculer() {
    clearTimeout(this.minuterie);
    this.requete?.abort();
    const surface = this.surface && this.points.length > 2;
    if (this.points.length < 2) return;
    const points = this.points.map(({ lat, lng }) => `${lng.toFixed(8)},${lat.toFixed(8)}`).join(";");
    this.minuterie = setTimeout(async () => {
      this.requete = new AbortController();
      const demande = new URLSearchParams({ genre: surface ? "surface" : "ligne", points });
      try {
        this.#dire(await lire(`/carte/mesure?${demande}`, { signal: this.requete.signal }), { provisoire: false });
      } catch (erreur) {
        if (erreur.name === "AbortError") return;
        this.resultat.append(el("p", { class: "attention" }, erreur.message));
      }
    }, PAUSE_MS);
  }
}
