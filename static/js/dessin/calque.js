/* The shapes on the map: drawn, chosen by a click, their corners moved by hand. */
import { genreDe } from "./formes.js";

const L = globalThis.L;
const RAYON_POINT = 8;

function couche(geometrie) {
  const options = { className: `dessin-forme dessin-${genreDe(geometrie)}`, weight: 2.5, bubblingMouseEvents: true };
  const objet = L.GeoJSON.geometryToLayer(
    { type: "Feature", geometry: geometrie, properties: {} },
    { pointToLayer: (_, latlng) => L.circleMarker(latlng, { ...options, radius: RAYON_POINT }) },
  );
  if (objet.setStyle) L.setOptions(objet, options);
  return objet;
}

export class Calque {
  /** `libre()`: whether a click chooses a shape (no tool in hand). */
  constructor(carte, formes, { libre }) {
    this.carte = carte;
    this.formes = formes;
    this.libre = libre;
    this.couches = new Map();
    this.edition = false;
    formes.addEventListener("change", () => this.#dessiner());
    this.#dessiner();
  }

  #dessiner() {
    const vues = new Set(this.formes.liste.map((f) => f.id));
    for (const [id, { objet }] of this.couches) {
      if (!vues.has(id)) this.#retirer(id, objet);
    }
    for (const forme of this.formes.liste) {
      const connue = this.couches.get(forme.id);
      if (connue?.geometrie !== forme.geometrie) {
        if (connue) this.#retirer(forme.id, connue.objet);
        this.#poser(forme);
      }
      this.couches.get(forme.id).objet.getElement?.()?.classList.toggle("choisie", forme.id === this.formes.choisie);
    }
    if (this.edition) this.#ouvrirEdition();
  }

  #poser(forme) {
    const objet = couche(forme.geometrie).addTo(this.carte);
    objet.on("click", (evenement) => {
      if (!this.libre()) return;
      L.DomEvent.stopPropagation(evenement);
      this.formes.choisir(forme.id);
    });
    // One undo a gesture: Geoman says « edit » at its end.
    objet.on("pm:edit", () => {
      const geometrie = objet.toGeoJSON(9).geometry;
      this.couches.set(forme.id, { objet, geometrie });
      this.formes.modifier(forme.id, geometrie);
    });
    objet.on("pm:remove", () => this.formes.retirer([forme.id]));
    this.couches.set(forme.id, { objet, geometrie: forme.geometrie });
  }

  #retirer(id, objet) {
    objet.pm?.disable();
    objet.remove();
    this.couches.delete(id);
  }

  #ouvrirEdition() {
    for (const { objet } of this.couches.values()) {
      if (objet.pm?.enabled()) continue;
      objet.pm?.enable({
        snappable: this.accrocher?.() ?? true,
        snapDistance: 14,
        allowSelfIntersection: true,
        draggable: true,
        // A corner that would leave less than a shape stays.
        removeLayerBelowMinVertexCount: false,
      });
    }
  }

  /** Move corners: on or off. */
  modifier(oui) {
    this.edition = oui;
    if (oui) this.#ouvrirEdition();
    else for (const { objet } of this.couches.values()) objet.pm?.disable();
  }

  get bornes() {
    return L.featureGroup([...this.couches.values()].map(({ objet }) => objet)).getBounds();
  }
}
