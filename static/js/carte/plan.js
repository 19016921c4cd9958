/* The plan: a MapLibre layer inside the Leaflet map.

   Zooms count worlds of 512 pixels everywhere (tiles, style, address of the page), so the Leaflet map
   takes that scale too and the layer's usual shift of one zoom is undone here. */
import { maplibregl } from "./moteur.js";
import "../../vendor/maplibre-gl-leaflet/leaflet-maplibre-gl.js";
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

/** The drawn plan: its theme, which layers show, what lies under a place. */
export class Plan {
  constructor(carte, { ouvrier, source, theme = "clair" }) {
    maplibregl.setWorkerUrl(ouvrier);
    this.carte = carte;
    this.theme = theme;
    this.masquees = new Map();
    this.sansFond = false;
    this.etats = new Map();
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
    fournirImages(this.gl);
    this.gl.on("styledata", () => this.#appliquer());
    // For tests and for tools in the page: nothing else reads it.
    document.documentElement.dataset.plan = "en-cours";
    this.gl.on("idle", () => {
      document.documentElement.dataset.plan = "pret";
    });
    this.gl.on("dataloading", () => {
      document.documentElement.dataset.plan = "en-cours";
    });
  }

  /** Show or hide a layer of the registry. */
  montrer(nom, visible) {
    this.masquees.set(nom, visible);
    this.#appliquer();
  }

  /** Theme of the drawing; `sansFond` leaves the paper out, over a base map. */
  habiller(theme, sansFond) {
    this.sansFond = sansFond;
    if (theme === this.theme) {
      this.#appliquer();
      return;
    }
    this.theme = theme;
    this.gl.setStyle(adresseStyle(theme), { diff: false });
  }

  #appliquer() {
    const style = this.gl.style;
    if (!style || !this.gl.getLayer) return;
    for (const id of this.gl.getLayersOrder?.() ?? []) {
      const calque = this.gl.getLayer(id);
      const nom = calque?.metadata?.couche;
      let voulu;
      if (id === "fond") voulu = this.sansFond ? "none" : "visible";
      else if (nom !== undefined && this.masquees.has(nom)) voulu = this.masquees.get(nom) ? "visible" : "none";
      if (voulu && (this.gl.getLayoutProperty(id, "visibility") ?? "visible") !== voulu) {
        this.gl.setLayoutProperty(id, "visibility", voulu);
      }
    }
    for (const [cle, etat] of this.etats) this.#poser(cle, etat);
  }

  /** Mark one parcel (`survol` or `choix`), unmarking the one that was. */
  marquer(etat, idu) {
    const ancien = this.etats.get(etat);
    if (ancien === idu) return;
    if (ancien) this.#ecrire(ancien, { [etat]: false });
    this.etats.set(etat, idu);
    this.#poser(etat, idu);
  }

  #poser(etat, idu) {
    if (idu) this.#ecrire(idu, { [etat]: true });
  }

  #ecrire(idu, valeurs) {
    if (!this.gl.getSource("plan")) return;
    this.gl.setFeatureState({ source: "plan", sourceLayer: "parcelles", id: idu }, valeurs);
  }

  /** Identifier of the parcel drawn at a place, null when none is. */
  parcelleA(latlng) {
    const calques = (this.gl.getLayersOrder?.() ?? []).filter((id) => id.startsWith("parcelles-") && id.endsWith("-zone"));
    if (!calques.length) return null;
    const trouves = this.gl.queryRenderedFeatures(this.gl.project([latlng.lng, latlng.lat]), { layers: calques });
    return trouves[0]?.id ?? trouves[0]?.properties?.idu ?? null;
  }
}
