/* Every drawing field of the page; without this script its inputs do the same. */
import { Atelier } from "./atelier.js";

const module = document.getElementById("dessin-module");
const ateliers = new Map();
for (const racine of document.querySelectorAll("[data-dessin]")) {
  ateliers.set(racine.dataset.dessin, new Atelier(racine, module));
}
// For tests and for the curious at the console.
globalThis.dessins = ateliers;
