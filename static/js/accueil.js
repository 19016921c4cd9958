/* Behind the question, the plan of the commune, alive: drawn from the same tiles as the map. */
import { CRS_512, Plan } from "./carte/plan.js";

const L = globalThis.L;
const ZOOM = 16.5;
const fond = document.getElementById("ouverture-carte");

// A backdrop only: it takes neither wheel nor finger, so that the page scrolls as any page.
const carte = L.map(fond, {
  crs: CRS_512,
  zoomSnap: 0,
  zoomControl: false,
  attributionControl: false,
  dragging: false,
  touchZoom: false,
  scrollWheelZoom: false,
  doubleClickZoom: false,
  boxZoom: false,
  keyboard: false,
  tap: false,
});
carte.setView([Number(fond.dataset.lat), Number(fond.dataset.lon)], ZOOM);
const plan = new Plan(carte, fond.dataset);
plan.gl.once("idle", () => fond.classList.add("prete"));
