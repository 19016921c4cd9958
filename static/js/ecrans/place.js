/* The small map of one object's page: its outline over the plan. */
import { CRS_512, Plan } from "../carte/plan.js";

const L = globalThis.L;
const cadre = document.getElementById("fiche-carte");
const trait = JSON.parse(document.getElementById("fiche-trait").textContent);

cadre.hidden = false;
const carte = L.map(cadre, { crs: CRS_512, zoomSnap: 0.5, maxZoom: 20, minZoom: 8, attributionControl: false, scrollWheelZoom: false });
carte.zoomControl.remove();
L.control.zoom({ zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);
const forme = L.geoJSON(trait, {
  style: () => ({ className: "place", weight: 2 }),
  pointToLayer: (_, lieu) => L.circleMarker(lieu, { radius: 8, weight: 2, className: "place" }),
});
carte.fitBounds(forme.getBounds(), { padding: [24, 24], maxZoom: 18, animate: false });
const plan = new Plan(carte, cadre.dataset);
forme.addTo(carte);
// For tests and for the curious at the console.
globalThis.carteFiche = { carte, plan, forme };
