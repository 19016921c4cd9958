/* The plan: a MapLibre layer inside the Leaflet map.

   Zooms count worlds of 512 pixels everywhere (tiles, style, address of the page), so the Leaflet map
   takes that scale too and the layer's usual shift of one zoom is undone here. */
import { maplibregl } from "./moteur.js";
import "../../vendor/maplibre-gl-leaflet/leaflet-maplibre-gl.js";
import { lire } from "./dom.js";
import { Habillage } from "./habillage.js";
import { fournirImages } from "./images.js";

const L = globalThis.L;

export const CRS_512 = L.extend({}, L.CRS.EPSG3857, {
  scale: (zoom) => 512 * 2 ** zoom,
  zoom: (echelle) => Math.log(echelle / 512) / Math.LN2,
});

const CoucheGL = L.MaplibreGL.extend({
  _transformGL(gl) {
    const centre = this._map.getCenter();
    gl.jumpTo({ center: [centre.lng, centre.lat], zoom: this._map.getZoom() });
  },
  _pinchZoom() {
    this._transformGL(this._glMap);
  },
  _transitionEnd() {
    L.Util.requestAnimFrame(function () {
      if (!this._map) return;
      const decalage = this._map.latLngToContainerPoint(this._map.getBounds().getNorthWest());
      this._resizeContainer();
      this._glMap.resize();
      L.DomUtil.setTransform(this._glMap._actualCanvas, decalage, 1);
      this._glMap.once("moveend", () => this._zoomEnd());
      this._transformGL(this._glMap);
    }, this);
  },
});

function adresseStyle(theme) {
  return `/tuiles/style.json${theme === "clair" ? "" : `?theme=${theme}`}`;
}

/** The drawn plan: its theme, what the reader chose of its layers, what lies under a place.

    Without `etat` the plan is drawn as declared, which is what a backdrop wants. */
export class Plan {
  constructor(carte, { ouvrier, source, theme = "clair" }, { etat = null, internes = false } = {}) {
    maplibregl.setWorkerUrl(ouvrier);
    this.carte = carte;
    this.theme = theme;
    this.etat = etat;
    this.internes = internes;
    this.sansFond = false;
    this.pret = false;
    this.marques = new Map();
    carte.createPane("plan").style.zIndex = 250;
    this.couche = new CoucheGL({
      style: adresseStyle(theme),
      pane: "plan",
      interactive: false,
      attributionControl: { customAttribution: source },
      fadeDuration: 150,
      canvasContextAttributes: { antialias: true },
    }).addTo(carte);
    this.gl = this.couche.getMaplibreMap();
    this.gl.getCanvas().setAttribute("aria-hidden", "true");
    this.gl.getCanvas().tabIndex = -1;
    this.images = fournirImages(this.gl);
    this.habillage = etat && new Habillage(this.gl, etat);
    this.gl.on("style.load", () => this.#style());
    etat?.addEventListener("change", () => this.#appliquer());
    // For tests and for tools in the page: nothing else reads it.
    document.documentElement.dataset.plan = "en-cours";
    this.gl.on("idle", () => {
      document.documentElement.dataset.plan = "pret";
    });
    this.gl.on("dataloading", () => {
      document.documentElement.dataset.plan = "en-cours";
    });
  }

  /** Theme of the drawing; `sansFond` leaves the paper out, over a base map. */
  habiller(theme, sansFond) {
    this.sansFond = sansFond;
    if (theme === this.theme) {
      this.#appliquer();
      return;
    }
    this.theme = theme;
    this.pret = false;
    this.gl.setStyle(adresseStyle(theme), { diff: false });
  }

  async #style() {
    this.pret = true;
    this.interactifs = null;
    this.habillage?.oublier();
    this.#appliquer();
    if (this.internes) await this.#ajouterInternes();
  }

  /** The reader's own layers, each at its rank among the public ones. */
  async #ajouterInternes() {
    const { theme } = this;
    const style = await lire(`/carte/style-interne.json?theme=${theme}`);
    if (theme !== this.theme || !this.pret) return;
    this.images.ajouter(style.images);
    for (const [nom, source] of Object.entries(style.sources)) {
      if (!this.gl.getSource(nom)) this.gl.addSource(nom, source);
    }
    for (const calque of style.layers) {
      if (this.gl.getLayer(calque.id)) continue;
      const suivant = this.gl
        .getLayersOrder()
        .find((id) => (this.gl.getLayer(id).metadata?.rang ?? -1) > calque.metadata.rang);
      this.gl.addLayer(calque, suivant);
    }
    this.interactifs = null;
    this.#appliquer();
  }

  #appliquer() {
    if (!this.pret) return;
    if (this.gl.getLayer("fond")) {
      this.gl.setLayoutProperty("fond", "visibility", this.sansFond ? "none" : "visible");
    }
    this.habillage?.appliquer();
    for (const [marque, objet] of this.marques) this.#poser(marque, objet, true);
  }

  /** Mark one object ({couche, cle}; `survol` or `choix`), unmarking the one that was. */
  marquer(marque, objet) {
    const ancien = this.marques.get(marque);
    if (ancien?.couche === objet?.couche && ancien?.cle === objet?.cle) return;
    this.#poser(marque, ancien, false);
    if (objet) this.marques.set(marque, objet);
    else this.marques.delete(marque);
    this.#poser(marque, objet, true);
  }

  #poser(marque, objet, valeur) {
    const couche = objet && this.etat?.couches.get(objet.couche);
    if (!this.pret || !couche?.cle || !this.gl.getSource(couche.source)) return;
    this.gl.setFeatureState({ source: couche.source, sourceLayer: couche.nom, id: objet.cle }, { [marque]: valeur });
  }

  #calquesInteractifs() {
    this.interactifs ??= this.gl.getLayersOrder().filter((id) => {
      const calque = this.gl.getLayer(id);
      const couche = this.etat?.couches.get(calque.metadata?.couche);
      // One drawing of each object is enough: its area where it has one.
      if (!couche || !(couche.cle || couche.survol.length) || calque.sourceLayer !== couche.nom) return false;
      return calque.type !== "line" || !id.endsWith("-choix");
    });
    return this.interactifs;
  }

  /** The uppermost object drawn under a place that can be named or marked: {couche, cle, texte}, or null. */
  objetA(latlng) {
    if (!this.pret) return null;
    const calques = this.#calquesInteractifs();
    if (!calques.length) return null;
    const [trouve] = this.gl.queryRenderedFeatures(this.gl.project([latlng.lng, latlng.lat]), { layers: calques });
    if (!trouve) return null;
    const couche = this.etat.couches.get(trouve.layer.metadata.couche);
    const valeurs = couche.survol.map((nom) => String(trouve.properties[nom] ?? "").replace(/^0+(?=[A-Z])/, ""));
    const cle = couche.cle ? (trouve.id ?? trouve.properties[couche.cle] ?? null) : null;
    return { couche: couche.nom, cle, texte: valeurs.filter(Boolean).join(" ") };
  }
}
