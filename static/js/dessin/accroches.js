/* Outlines of parcels and buildings in view, unseen, to which the drawing snaps. */

const L = globalThis.L;
const ZOOM_MIN = 16;
const PAUSE_MS = 250;
// What lies just outside the view serves too.
const MARGE = 0.15;

export class Accroches {
  constructor(carte, serveur, bouton) {
    this.carte = carte;
    this.serveur = serveur;
    this.bouton = bouton;
    this.lues = null;
    this.calque = L.geoJSON(null, {
      interactive: false,
      className: "dessin-accroche-trait",
      pmIgnore: true,
      snapIgnore: false,
      style: { opacity: 0, fillOpacity: 0, weight: 1 },
    });
    carte.on("moveend", () => this.#prevoir());
    bouton.addEventListener("change", () => this.#prevoir());
    this.#prevoir();
  }

  get voulues() {
    return this.bouton.checked;
  }

  /** Corners read, [longitude, latitude], whether the snapping is wanted or not. */
  get coins() {
    return this.calque.getLayers().flatMap((objet) => objet.getLatLngs().flat(Infinity).map(({ lng, lat }) => [lng, lat]));
  }

  #prevoir() {
    clearTimeout(this.minuterie);
    this.minuterie = setTimeout(() => this.#lire(), PAUSE_MS);
  }

  async #lire() {
    if (!this.voulues || this.carte.getZoom() < ZOOM_MIN) {
      this.calque.remove();
      return;
    }
    const vue = this.carte.getBounds();
    if (!this.lues?.contains(vue)) {
      this.requete?.abort();
      this.requete = new AbortController();
      const bornes = vue.pad(MARGE);
      try {
        const lu = await this.serveur.accroches(bornes, { signal: this.requete.signal });
        this.calque.clearLayers();
        this.calque.addData(lu);
        this.lues = lu.complet ? bornes : null;
      } catch (erreur) {
        // Drawing goes on without: snapping is an ease.
        if (erreur.name === "AbortError") return;
        this.lues = null;
      }
    }
    this.calque.addTo(this.carte);
    this.carte.getContainer().dataset.accroches = String(this.calque.getLayers().length);
  }
}
