/* The ground of a request and its neighbours' dossiers over the plan, by the year of their deposit. */
import { CRS_512, Plan } from "../carte/plan.js";

const L = globalThis.L;
const ZOOM_MAX = 19;
const volet = document.getElementById("urba-voisinage");
const traits = JSON.parse(document.getElementById("urba-voisins-traits").textContent);
const lots = JSON.parse(document.getElementById("urba-lots-traits").textContent);
const curseur = document.getElementById("urba-annee");
const dite = document.getElementById("urba-annee-dite");
const note = document.getElementById("urba-voisins-note");
const cadre = document.getElementById("urba-carte");

volet.hidden = false;
document.getElementById("urba-plan-fixe")?.setAttribute("hidden", "");
const carte = L.map(cadre, { crs: CRS_512, zoomSnap: 0.5, maxZoom: 20, minZoom: 8, attributionControl: false, scrollWheelZoom: false });
carte.zoomControl.remove();
L.control.zoom({ zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);

function habiller({ properties }) {
  return { className: properties.ici ? "place" : `urba-voisin urba-voisin-${properties.ton}`, weight: properties.ici ? 3 : 2 };
}

function lier(trait, forme) {
  const { titre, etat, annee, adresse, ici } = trait.properties;
  const boite = document.createElement("div");
  const nom = document.createElement(ici ? "strong" : "a");
  nom.textContent = titre;
  if (!ici) nom.href = adresse;
  boite.append(nom, document.createElement("br"), `${etat}${annee ? ` · ${annee}` : ""}`);
  forme.bindPopup(boite);
}

const terrain = L.geoJSON(traits.features.filter((x) => x.properties.ici), { style: habiller, onEachFeature: lier });
const voisins = L.geoJSON(null, { style: habiller, onEachFeature: lier });
carte.fitBounds(terrain.getBounds().pad(0.6), { padding: [16, 16], maxZoom: ZOOM_MAX, animate: false });
const plan = new Plan(carte, cadre.dataset);
voisins.addTo(carte);
terrain.addTo(carte);
const decoupe = L.geoJSON(lots, {
  style: () => ({ className: "urba-lot", weight: 1.5 }),
  interactive: false,
  onEachFeature: (trait, forme) => forme.bindTooltip(trait.properties.lot, { permanent: true, direction: "center", className: "urba-lot-numero" }),
}).addTo(carte);

/** Neighbours deposited up to the year of the slider; those without a day always show. */
function montrer() {
  const annee = curseur ? Number(curseur.value) : Infinity;
  const gardes = traits.features.filter(({ properties: p }) => !p.ici && (!p.annee || p.annee <= annee));
  voisins.clearLayers();
  voisins.addData({ type: "FeatureCollection", features: gardes });
  terrain.bringToFront();
  decoupe.bringToFront();
  if (dite) dite.textContent = String(annee);
  const nombre = gardes.length;
  note.textContent = nombre ? `${nombre} dossier${nombre > 1 ? "s" : ""} voisin${nombre > 1 ? "s" : ""} sur la carte.` : "Aucun dossier voisin sur la carte.";
}

curseur?.addEventListener("input", montrer);
montrer();
// For tests and for the curious at the console.
globalThis.carteDossier = { carte, plan, terrain, voisins, lots: decoupe };
