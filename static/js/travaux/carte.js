/* Works of a day: a slider, the map and its list, always in step. */
import { el } from "../carte/dom.js";
import { CRS_512, Plan } from "../carte/plan.js";

const L = globalThis.L;
const module = document.getElementById("travaux-module");
const donnees = JSON.parse(document.getElementById("travaux-donnees").textContent);
const un = (selecteur) => document.querySelector(selecteur);
const JOUR_MS = 86_400_000;
const SANS_GENE = "sans_gene";
const ZOOM_LIEU = 18;
// Under it the ground taken is a speck: the mark alone tells.
const ZOOM_NOMS = 16;
const effets = new Map(donnees.effets.map((e) => [e.code, e]));
const ordre = [...effets.keys()];

const enJours = (iso) => Math.round(Date.parse(`${iso}T00:00Z`) / JOUR_MS);
const enIso = (jours) => new Date(jours * JOUR_MS).toISOString().slice(0, 10);
const court = (iso) => iso.split("-").reverse().join("/");

const carte = L.map("travaux-carte", { crs: CRS_512, zoomSnap: 0.5, minZoom: 9, maxZoom: 21, scrollWheelZoom: false, attributionControl: false, zoomControl: false });
L.control.zoom({ position: "topright", zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);
carte.once("focus", () => carte.scrollWheelZoom.enable());
const couche = L.featureGroup().addTo(carte);
const debut = enJours(donnees.debut);
let jour = donnees.jour;
// Last day shown: that very day, or the last of the days that follow it.
let dernier = jour;
let lieux = new Map();

function couvre({ du, au }) {
  return du <= dernier && (!au || jour <= au);
}

/** Monday 0, as the server counts. */
const jourDeSemaine = (jours) => (((jours + 3) % 7) + 7) % 7;

/** Whether it takes the street on one of the days shown: a market of Saturdays is not there on a Sunday. */
function occupe(chantier) {
  const semaine = donnees.semaines[chantier.id];
  if (!semaine) return couvre(chantier);
  const [prises, debordent] = semaine;
  const [du, au] = [enJours(chantier.du), chantier.au ? enJours(chantier.au) : Infinity];
  const dedans = (j) => du <= j && j <= au;
  const premier = Math.max(du, enJours(jour));
  for (let j = premier; j <= Math.min(enJours(dernier), premier + 7); j += 1) {
    if (dedans(j) && prises.includes(jourDeSemaine(j))) return true;
    if (dedans(j - 1) && debordent.includes(jourDeSemaine(j - 1))) return true;
  }
  return false;
}

function genes(chantier) {
  const codes = new Set(chantier.gene.filter(couvre).map((g) => g.effet));
  return ordre.filter((code) => codes.has(code));
}

/** Works of the day, the heaviest hindrance first, as the server orders them. */
function duJour() {
  return donnees.chantiers
    .filter(occupe)
    .map((chantier) => ({ chantier, codes: genes(chantier) }))
    .map((x) => ({ ...x, principal: x.codes[0] ?? SANS_GENE }))
    .filter(({ codes, principal }) => !donnees.effet || principal === donnees.effet || codes.includes(donnees.effet))
    .sort((a, b) => ordre.indexOf(a.principal) - ordre.indexOf(b.principal));
}

function pastille(principal) {
  return el("span", { class: `travaux-pastille effet-${principal}` }, el("span", { class: `bi ${effets.get(principal).icone}`, "aria-hidden": "true" }));
}

function enMots({ codes, principal }) {
  return (codes.length ? codes : [principal]).map((c) => effets.get(c).libelle).join(", ");
}

function ligne(x) {
  const { chantier } = x;
  const lien = el("a", { href: chantier.lien }, chantier.libelle);
  const { du, au } = chantier;
  const jours = du === au ? `le ${court(du)}` : `${au ? "du" : "depuis le"} ${court(du)}${au ? ` au ${court(au)}` : ""}`;
  const dates = `${jours}${chantier.heures.length ? ` (${chantier.heures.join(" ; ")})` : ""}`;
  const voir = el("button", { class: "btn btn-link btn-sm travaux-voir", type: "button" }, "Voir sur la carte");
  voir.addEventListener("click", () => choisir(chantier.id, true));
  return el(
    "li",
    { class: `travaux-lieu effet-${x.principal}`, id: `lieu-${chantier.id}` },
    pastille(x.principal),
    el(
      "div",
      {},
      el("p", { class: "travaux-effet" }, enMots(x)),
      el("p", { class: "travaux-quoi" }, lien, chantier.voie ? `, ${chantier.voie}` : ""),
      el("p", { class: "discret petit" }, `${dates} `, voir),
    ),
  );
}

function dessiner(x) {
  const { chantier, principal } = x;
  const groupe = L.featureGroup();
  if (chantier.rue && principal === "rue_fermee") {
    L.geoJSON(chantier.rue, { interactive: false, style: { className: "rue-fermee-fond" } }).addTo(groupe);
    L.geoJSON(chantier.rue, { interactive: false, style: { className: "rue-fermee" } }).addTo(groupe);
  }
  const sol = L.geoJSON(chantier.geometrie, { style: { className: `travaux-sol effet-${principal}` } }).addTo(groupe);
  const nom = `${enMots(x)} : ${chantier.libelle}${chantier.voie ? `, ${chantier.voie}` : ""}`;
  const marque = L.marker(sol.getBounds().getCenter(), {
    icon: L.divIcon({ html: pastille(principal), className: "travaux-marque", iconSize: null }),
    alt: nom,
    riseOnHover: true,
    zIndexOffset: 100 * (ordre.length - ordre.indexOf(principal)),
  }).addTo(groupe);
  if (principal === "rue_fermee") {
    marque.bindTooltip("Rue fermée", { permanent: true, direction: "right", offset: [10, 0], className: "travaux-nom" });
  }
  for (const cible of [sol, marque]) cible.on("click", () => choisir(chantier.id, false));
  marque.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && choisir(chantier.id, false));
  groupe.addTo(couche);
  marque.getElement().setAttribute("aria-label", nom);
  return { ...x, groupe, sol, marque };
}

function choisir(id, cadrer) {
  for (const element of document.querySelectorAll(".travaux-lieu.choisi, .travaux-marque.choisi")) element.classList.remove("choisi");
  const lieu = lieux.get(id);
  const element = document.getElementById(`lieu-${id}`);
  element?.classList.add("choisi");
  lieu.marque.getElement()?.classList.add("choisi");
  if (cadrer) {
    carte.flyTo(lieu.sol.getBounds().getCenter(), ZOOM_LIEU, { duration: 0.4 });
    if (window.matchMedia("(max-width: 60rem)").matches) un("#travaux-carte").scrollIntoView({ block: "start" });
  } else element?.scrollIntoView({ block: "nearest" });
}

function enLettres() {
  const dire = (iso, options) => new Date(`${iso}T12:00`).toLocaleDateString("fr-FR", options);
  if (donnees.periode === 1) return dire(jour, { dateStyle: "full" });
  return `Du ${dire(jour, { day: "numeric", month: "long" })} au ${dire(dernier, { dateStyle: "long" })}`;
}

function montrer() {
  dernier = enIso(enJours(jour) + donnees.periode - 1);
  couche.clearLayers();
  const trouves = duJour();
  lieux = new Map(trouves.map((x) => [x.chantier.id, dessiner(x)]));
  un("[data-liste]").replaceChildren(...trouves.map(ligne));
  const n = trouves.length;
  const pluriel = n > 1;
  un("[data-compte]").textContent = n ? `${n} lieu${pluriel ? "x" : ""} occupé${pluriel ? "s" : ""}` : donnees.periode > 1 ? "Rien n'occupe la rue ces jours-là." : "Rien n'occupe la rue ce jour-là.";
  const mots = enLettres();
  un("[data-titre]").textContent = mots;
  const glissiere = un("[data-glissiere]");
  glissiere.value = enJours(jour) - debut;
  glissiere.setAttribute("aria-valuetext", mots);
  un("[data-jour]").value = jour;
  const maintenant = un("[data-maintenant]");
  maintenant.hidden = jour === maintenant.dataset.maintenant;
}

function aller(iso) {
  const rang = Math.min(enJours(donnees.fin), Math.max(debut, enJours(iso)));
  jour = enIso(rang);
  const lieu = new URL(window.location.href);
  lieu.searchParams.set("jour", jour);
  window.history.replaceState(null, "", lieu);
  montrer();
}

function grossir() {
  carte.getContainer().classList.toggle("de-loin", carte.getZoom() < ZOOM_NOMS);
}

/** What hinders first: a terrace at the end of the commune does not make the map small. */
function cadrer() {
  const genants = L.featureGroup([...lieux.values()].filter((x) => x.principal !== SANS_GENE).map((x) => x.groupe));
  if (genants.getLayers().length) carte.fitBounds(genants.getBounds(), { maxZoom: 17, padding: [40, 40], animate: false });
  else if (couche.getLayers().length) carte.fitBounds(couche.getBounds(), { maxZoom: 17, padding: [40, 40], animate: false });
  else if (donnees.emprise) {
    const [ouest, sud, est, nord] = donnees.emprise;
    carte.fitBounds([[sud, ouest], [nord, est]], { animate: false });
  } else carte.setView([46.6, 2.4], 5);
}

carte.setView([46.6, 2.4], 5);
const plan = new Plan(carte, module.dataset);
montrer();
cadrer();
carte.on("zoomend", grossir);
grossir();

// On a phone the legend would hide the map.
if (window.matchMedia("(max-width: 60rem)").matches) un(".travaux-legende").open = false;
const curseur = un("[data-curseur]");
const glissiere = un("[data-glissiere]");
curseur.hidden = false;
glissiere.max = enJours(donnees.fin) - debut;
glissiere.addEventListener("input", () => aller(enIso(debut + Number(glissiere.value))));
glissiere.addEventListener("keydown", (evenement) => {
  const pas = { PageUp: 7, PageDown: -7 }[evenement.key];
  if (!pas) return;
  evenement.preventDefault();
  aller(enIso(enJours(jour) + pas));
});
for (const bouton of curseur.querySelectorAll("[data-pas]")) {
  bouton.addEventListener("click", () => aller(enIso(enJours(jour) + Number(bouton.dataset.pas))));
}
un("[data-maintenant] a").addEventListener("click", (evenement) => {
  const { maintenant } = un("[data-maintenant]").dataset;
  if (maintenant < donnees.debut || maintenant > donnees.fin) return;
  evenement.preventDefault();
  aller(maintenant);
  un("[data-glissiere]").focus();
});
for (const champ of un("[data-filtres]").elements) {
  champ.addEventListener("change", () => {
    const voulu = champ.name === "jour" && champ.value;
    if (voulu && voulu >= donnees.debut && voulu <= donnees.fin) aller(voulu);
    else un("[data-filtres]").requestSubmit();
  });
}
un("[data-sans-script]").hidden = true;
// For tests and for the curious at the console.
globalThis.carteTravaux = { carte, plan, lieux: () => lieux };
document.documentElement.dataset.travaux = "pret";
