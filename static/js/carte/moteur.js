/* MapLibre as the global that its Leaflet layer looks for; imported before that layer. */
import * as maplibregl from "../../vendor/maplibre-gl/maplibre-gl.mjs";

globalThis.maplibregl = maplibregl;

export { maplibregl };
