/* The map beside a list: the rows as places over the plan. A row under the pointer lights its place, a place
   lights its row; at will the list keeps only what the map shows. */
import { CRS_512, Plan } from "../carte/plan.js";

const L = globalThis.L;
const FRANCE = [-5.2, 41.3, 9.6, 51.1];
const ZOOM_PLACE = 17;
const MEMOIRE = "ecrans.carte";
const VISEE = { radius: 7, weight: 2, className: "place" };

const volet = document.getElementById("ecran-carte");
const suivre = document.getElementById("carte-suivre");
const note = document.getElementById("carte-note");
const places = new Map();
let carte = null;
let calque = null;
let affichees = "";
let cadrer = true;

const ecran = () => document.getElementById("ecran");
const ligneDe = (cle) => ecran().querySelector(`tr[data-cle="${CSS.escape(cle)}"]`);

function ouvrirCarte() {
  carte = L.map("ecran-carte-fond", { crs: CRS_512, zoomSnap: 0.5, maxZoom: 21, minZoom: 3, attributionControl: false });
  carte.zoomControl.remove();
  L.control.zoom({ zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);
  const [ouest, sud, est, nord] = volet.dataset.emprise ? volet.dataset.emprise.split(",").map(Number) : FRANCE;
  carte.fitBounds([[sud, ouest], [nord, est]], { animate: false });
  const plan = new Plan(carte, volet.dataset);
  carte.on("moveend", limiter);
  // For tests and for the curious at the console.
  globalThis.carteListe = { carte, plan, places };
}

function allumer(cle, oui) {
  const place = places.get(cle);
  if (!place?.getElement) return;
  place.getElement()?.classList.toggle("survolee", oui);
  if (oui) place.bringToFront?.();
}

function dessiner(donnees) {
  calque?.remove();
  places.clear();
  calque = L.geoJSON(donnees, {
    style: () => ({ className: "place", weight: 2 }),
    pointToLayer: (_, latlng) => L.circleMarker(latlng, VISEE),
    onEachFeature(objet, forme) {
      const cle = String(objet.id);
      forme.eachLayer ? forme.eachLayer((f) => places.set(cle, f)) : places.set(cle, forme);
      const lien = document.createElement(objet.properties.adresse ? "a" : "span");
      lien.textContent = objet.properties.titre;
      if (objet.properties.adresse) lien.href = objet.properties.adresse;
      forme.bindPopup(lien);
      forme.on("mouseover", () => ligneDe(cle)?.classList.add("survol"));
      forme.on("mouseout", () => ligneDe(cle)?.classList.remove("survol"));
      forme.on("click", () => ligneDe(cle)?.scrollIntoView({ block: "nearest" }));
    },
  }).addTo(carte);
  const nombre = donnees.features.length;
  if (!nombre) note.textContent = "Aucune de ces lignes n'a de place sur la carte.";
  else if (donnees.total > nombre) note.textContent = `Les ${nombre.toLocaleString("fr-FR")} premières places sur ${donnees.au_dela ? "plus de " : ""}${donnees.total.toLocaleString("fr-FR")}.`;
  else note.textContent = "";
  if (cadrer && nombre) carte.fitBounds(calque.getBounds(), { padding: [24, 24], maxZoom: ZOOM_PLACE, animate: false });
}

async function rafraichir() {
  const adresse = ecran().dataset.places;
  if (!carte || !adresse || adresse === affichees) return;
  affichees = adresse;
  try {
    const reponse = await fetch(adresse, { headers: { Accept: "application/geo+json" } });
    if (!reponse.ok) throw new Error(String(reponse.status));
    const donnees = await reponse.json();
    if (adresse === affichees) dessiner(donnees);
  } catch {
    note.textContent = "La carte n'a pas pu lire les places de la liste.";
    affichees = "";
  }
  cadrer = !suivre.checked;
}

/* The list follows the map: the frame goes into the address by the filters' own form. */
function limiter() {
  if (!suivre.checked) return;
  poserEmprise(carte.getBounds().toBBoxString());
}

function poserEmprise(valeur) {
  const formulaire = document.getElementById("ecran-filtres");
  let champ = formulaire.elements.namedItem("emprise");
  if (!champ) {
    champ = document.createElement("input");
    champ.type = "hidden";
    champ.name = "emprise";
    formulaire.append(champ);
  }
  if (champ.value === valeur) return;
  champ.value = valeur;
  formulaire.dispatchEvent(new Event("change", { bubbles: true }));
}

function montrer(oui) {
  const bouton = document.getElementById("carte-montrer");
  bouton.hidden = false;
  bouton.setAttribute("aria-expanded", String(oui));
  volet.hidden = !oui;
  ecran().querySelector(".liste-page").classList.toggle("avec-carte", oui);
  if (!oui) return;
  if (!carte) ouvrirCarte();
  carte.invalidateSize();
  rafraichir();
}

suivre.checked = new URLSearchParams(window.location.search).has("emprise");
suivre.addEventListener("change", (evenement) => {
  evenement.stopPropagation();
  cadrer = !suivre.checked;
  if (suivre.checked) limiter();
  else poserEmprise("");
});
document.addEventListener("click", (evenement) => {
  if (!evenement.target.closest("#carte-montrer")) return;
  montrer(volet.hidden);
  localStorage.setItem(MEMOIRE, volet.hidden ? "repliee" : "ouverte");
});
for (const [type, oui] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(type, (evenement) => {
    const ligne = evenement.target.closest?.("#ecran tr[data-cle]");
    if (ligne) allumer(ligne.dataset.cle, oui);
  });
}
document.addEventListener("htmx:after:swap", () => montrer(!volet.hidden));

// Beside the table where there is room; on a phone, only when asked for.
const large = window.matchMedia("(min-width: 62rem)").matches;
montrer(large && localStorage.getItem(MEMOIRE) !== "repliee");
