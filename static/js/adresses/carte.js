/* The numbers of a street on the plan: drag one to move it, click to add one; or the one place of a form. */
import { CRS_512, Plan } from "../carte/plan.js";

const L = globalThis.L;
const ZOOM_NUMERO = 18;
const donnees = JSON.parse(document.getElementById("adresses-carte").textContent);
const module = document.getElementById("adresses-module");
const etat = document.getElementById("carte-etat");
const placement = document.getElementById("placement");
const forme = document.getElementById("forme-adresse");

function dire(texte, faute = false) {
  etat.textContent = texte;
  etat.classList.toggle("carte-faute", faute);
}

function etiquette(libelle, classe) {
  const noeud = document.createElement("span");
  noeud.textContent = libelle;
  return L.divIcon({ html: noeud, className: `repere-numero ${classe}`, iconSize: null, iconAnchor: [0, 0] });
}

function cadrer(carte, emprise) {
  const [ouest, sud, est, nord] = emprise;
  carte.fitBounds([[sud, ouest], [nord, est]], { maxZoom: 19, padding: [16, 16], animate: false });
}

const carte = L.map("carte-adresses", {
  crs: CRS_512,
  zoomSnap: 0.5,
  maxZoom: 21,
  minZoom: 8,
  // The page scrolls under the wheel; the buttons and a double click zoom.
  scrollWheelZoom: false,
  attributionControl: false,
  zoomControl: false,
});
L.control.zoom({ zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);
carte.once("focus", () => carte.scrollWheelZoom.enable());
if (donnees.emprise) cadrer(carte, donnees.emprise);
else carte.setView([46.6, 2.4], 5);
const ZOOM_LISIBLE = 17.5;
function grossir() {
  carte.getContainer().classList.toggle("de-loin", carte.getZoom() < ZOOM_LISIBLE);
}
carte.on("zoomend", grossir);
grossir();
const plan = new Plan(carte, module.dataset);

for (const ligne of donnees.axe) {
  L.polyline(ligne.map(([lon, lat]) => [lat, lon]), { className: "axe-voie", interactive: false }).addTo(carte);
}
for (const p of donnees.voisins) {
  L.marker([p.lat, p.lon], { icon: etiquette(p.libelle, "repere-voisin"), interactive: false, keyboard: false }).addTo(carte);
}

/* --- the page of a street: each number may be dragged, each move is saved at once --- */

async function enregistrer(point, lieu) {
  const corps = new FormData(placement);
  corps.set("lon", lieu.lng.toFixed(7));
  corps.set("lat", lieu.lat.toFixed(7));
  corps.set("version", point.version);
  const reponse = await fetch(placement.dataset.adresse.replace("/0/", `/${point.id}/`), { method: "POST", body: corps });
  const lu = await reponse.json().catch(() => ({}));
  if (!reponse.ok) throw new Error(lu.message || "Le serveur n'a pas enregistré ce déplacement.");
  point.version = lu.version;
}

function poserNumero(point) {
  const marque = L.marker([point.lat, point.lon], {
    icon: etiquette(point.libelle, point.certifiee ? "repere-certifie" : ""),
    draggable: Boolean(placement),
    title: `N° ${point.libelle}`,
    alt: `Numéro ${point.libelle}`,
    keyboard: false,
  }).addTo(carte);
  let depart = marque.getLatLng();
  marque.on("dragstart", () => (depart = marque.getLatLng()));
  marque.on("dragend", async () => {
    const lieu = marque.getLatLng();
    dire(`Numéro ${point.libelle} : enregistrement…`);
    try {
      await enregistrer(point, lieu);
      dire(`Numéro ${point.libelle} déplacé et enregistré.`);
    } catch (erreur) {
      marque.setLatLng(depart);
      dire(`Numéro ${point.libelle} remis à sa place. ${erreur.message}`, true);
    }
  });
  marque.on("click", () => {
    const lien = document.querySelector(`[data-numero="${point.id}"] a`);
    lien?.focus();
    lien?.scrollIntoView({ block: "nearest" });
  });
  return marque;
}

/* --- the form of a number: one mark, bound to its two fields --- */

function lier() {
  const lon = forme.elements.longitude;
  const lat = forme.elements.latitude;
  const lire = (champ) => Number(champ.value.replace(",", "."));
  let marque = null;
  function ecrire({ lat: y, lng: x }) {
    lon.value = x.toFixed(7).replace(".", ",");
    lat.value = y.toFixed(7).replace(".", ",");
    dire("Place choisie : enregistrez pour la garder.");
  }
  function montrer(lieu) {
    if (!marque) {
      marque = L.marker(lieu, {
        icon: etiquette("", "repere-place"),
        draggable: true,
        alt: "Place de l'adresse",
        keyboard: false,
        zIndexOffset: 1000,
      }).addTo(carte);
      marque.on("dragend", () => ecrire(marque.getLatLng()));
    } else marque.setLatLng(lieu);
  }
  function depuisChamps({ suivre }) {
    if (!lon.value || !lat.value || !Number.isFinite(lire(lon)) || !Number.isFinite(lire(lat))) return;
    const lieu = [lire(lat), lire(lon)];
    montrer(lieu);
    if (suivre) carte.setView(lieu, Math.max(carte.getZoom(), ZOOM_NUMERO));
  }
  for (const champ of [lon, lat]) champ.addEventListener("change", () => depuisChamps({ suivre: true }));
  carte.on("click", ({ latlng }) => {
    montrer(latlng);
    ecrire(latlng);
  });
  depuisChamps({ suivre: !donnees.emprise });
}

let marques = new Map();
if (forme) lier();
else marques = new Map(donnees.points.map((p) => [p.id, poserNumero(p)]));
if (placement) {
  carte.on("click", ({ latlng }) => {
    const lieu = new URLSearchParams({ lon: latlng.lng.toFixed(7), lat: latlng.lat.toFixed(7) });
    window.location.assign(`${placement.dataset.ajouter}?${lieu}`);
  });
}
// For tests and for the curious at the console.
globalThis.carteAdresses = { carte, plan, marques };
