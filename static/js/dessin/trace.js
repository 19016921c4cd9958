/* One line, area or point being drawn, by mouse, finger or keyboard (Geoman does the drawing). */

const L = globalThis.L;
const GEOMAN = { point: "CircleMarker", ligne: "Line", surface: "Polygon" };
const TRAIT = { className: "dessin-trace", weight: 2.5 };

export class Trace {
  /** `surFin(geometry)` when a shape is complete; `surPas({points, provisoires})` at each point and move. */
  constructor(carte, { surFin, surPas, accrocher }) {
    this.carte = carte;
    this.surPas = surPas;
    this.accrocher = accrocher;
    this.genre = null;
    carte.on("pm:create", ({ layer }) => {
      const { geometry } = layer.toGeoJSON(9);
      layer.remove();
      this.genre = null;
      surFin(geometry);
    });
    // Geoman's marks are for the hand: to the keyboard and to a screen reader they would be so many nameless buttons.
    carte.on("layeradd", ({ layer }) => {
      const marque = layer instanceof L.Marker && layer.getElement();
      if (!marque) return;
      marque.removeAttribute("role");
      marque.removeAttribute("tabindex");
      marque.setAttribute("aria-hidden", "true");
    });
    carte.on("pm:drawstart", ({ workingLayer }) => {
      workingLayer.on("pm:vertexadded", () => this.#dire());
    });
    // The first click of a double click has laid the last point.
    carte.getContainer().addEventListener("dblclick", () => this.terminer());
    // After Geoman has moved its own mark to what it snaps to.
    carte.on("mousemove", () => requestAnimationFrame(() => this.points.length && this.#dire(this.#main._hintMarker.getLatLng())));
  }

  get #main() {
    return this.genre && this.carte.pm.Draw[GEOMAN[this.genre]];
  }

  /** Corners laid so far, in degrees. */
  get points() {
    if (!this.genre || this.genre === "point") return [];
    return this.#main._layer.getLatLngs().map(({ lng, lat }) => [lng, lat]);
  }

  get minimum() {
    return { point: 1, ligne: 2, surface: 3 }[this.genre] ?? 0;
  }

  commencer(genre) {
    this.quitter();
    this.genre = genre;
    this.carte.pm.enableDraw(GEOMAN[genre], {
      snappable: this.accrocher(),
      snapDistance: 14,
      allowSelfIntersection: true,
      continueDrawing: false,
      tooltips: false,
      cursorMarker: true,
      pathOptions: TRAIT,
      templineStyle: TRAIT,
      hintlineStyle: { ...TRAIT, dashArray: "6 5" },
    });
    this.#dire();
  }

  quitter() {
    if (!this.genre) return;
    this.genre = null;
    this.carte.pm.disableDraw();
  }

  /** A point at the middle of the map, as a click there would: the keyboard's way. */
  poserAuCentre() {
    const latlng = this.carte.getCenter();
    const evenement = {
      latlng,
      layerPoint: this.carte.latLngToLayerPoint(latlng),
      containerPoint: this.carte.latLngToContainerPoint(latlng),
      originalEvent: new MouseEvent("click"),
    };
    this.carte.fire("mousemove", { ...evenement });
    this.carte.fire("click", { ...evenement });
  }

  retirerDernier() {
    if (this.points.length > 1) this.#main._removeLastVertex();
    else if (this.points.length === 1) this.commencer(this.genre);
    this.#dire();
  }

  terminer() {
    if (this.points.length >= this.minimum) this.#main._finishShape();
  }

  #dire(latlng = null) {
    const provisoires = latlng && this.points.length ? [...this.points, [latlng.lng, latlng.lat]] : this.points;
    this.surPas({ points: this.points, provisoires, genre: this.genre });
  }
}
