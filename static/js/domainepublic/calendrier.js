/* Works of the calendar on the map: the same as the table; a click shows the row, the row shows the place. */
import { CRS_512, Plan } from "../carte/plan.js";

const L = globalThis.L;
const cadre = document.getElementById("calendrier-carte");
const travaux = JSON.parse(document.getElementById("calendrier-donnees").textContent);
const ZOOM_LIEU = 18;
const court = (iso) => iso.split("-").reverse().join("/");

cadre.hidden = false;
const carte = L.map(cadre, { crs: CRS_512, zoomSnap: 0.5, minZoom: 8, maxZoom: 20, attributionControl: false, scrollWheelZoom: false, zoomControl: false });
L.control.zoom({ zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);
const groupe = L.featureGroup();
const formes = new Map();

function infobulle(t) {
  const boite = document.createElement("div");
  const titre = document.createElement("a");
  titre.href = t.lien;
  titre.textContent = t.nature;
  const detail = document.createElement("p");
  detail.className = "petit m-0";
  detail.textContent = `${t.voie ? `${t.voie}, ` : ""}${t.qui}, du ${court(t.du)} au ${court(t.au)} : ${t.etat}`;
  boite.append(titre, detail);
  return boite;
}

function montrerLigne(t) {
  const rang = document.getElementById(`travaux-${t.id}`);
  document.querySelectorAll(".odp-annee tr.choisi").forEach((r) => r.classList.remove("choisi"));
  rang?.classList.add("choisi");
}

for (const t of travaux) {
  const forme = L.geoJSON(JSON.parse(t.geometrie), { style: () => ({ className: `travaux-trait ${t.ton}`, weight: 6 }) });
  forme.bindPopup(() => infobulle(t));
  forme.on("click", () => montrerLigne(t));
  forme.addTo(groupe);
  formes.set(t.id, forme);
}
carte.fitBounds(groupe.getBounds(), { padding: [24, 24], maxZoom: ZOOM_LIEU, animate: false });
const plan = new Plan(carte, cadre.dataset);
groupe.addTo(carte);

for (const [cle, forme] of formes) {
  const tete = document.querySelector(`#travaux-${cle} th`);
  if (!tete) continue;
  const voir = document.createElement("button");
  voir.type = "button";
  voir.className = "btn btn-link btn-sm p-0 ms-1";
  voir.textContent = "Voir sur la carte";
  voir.addEventListener("click", () => {
    carte.fitBounds(forme.getBounds(), { padding: [40, 40], maxZoom: ZOOM_LIEU, animate: false });
    forme.openPopup();
    montrerLigne({ id: cle });
    cadre.scrollIntoView({ block: "nearest" });
  });
  tete.append(voir);
}
// For tests and for the curious at the console.
globalThis.carteCalendrier = { carte, plan, formes };
