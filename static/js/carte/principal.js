/* The map page: binds the map, the plan and the panels together. */
import { CRS_512, Plan } from "./plan.js";
import { Couches } from "./couches.js";
import { choisirFonds } from "./fonds.js";
import { Objets } from "./objets.js";
import { ecrire, lieuDemande, parcelleDemandee } from "./permalien.js";
import { Recherche } from "./recherche.js";
import { suivreReperes } from "./reperes.js";
import { Volet } from "./volet.js";

const L = globalThis.L;
const reglages = JSON.parse(document.getElementById("carte-reglages").textContent);
const ZOOM_COMMUNES = 8;
const ZOOM_PARCELLES = 15;
const ZOOM_PARCELLE = 18;

function message(texte) {
  const zone = document.getElementById("carte-message");
  zone.textContent = texte;
  zone.hidden = !texte;
}

function rectangle([ouest, sud, est, nord]) {
  return L.latLngBounds([sud, ouest], [nord, est]);
}

function demarrer(carte) {
  // The page's own buttons replace Leaflet's, in French and in the page's order.
  carte.zoomControl?.remove();
  Object.assign(carte.options, { crs: CRS_512, zoomSnap: 0.5, zoomDelta: 1, wheelPxPerZoomLevel: 90, maxZoom: 21, minZoom: 3 });
  const volet = new Volet();

  function toutVoir(options) {
    const tout = rectangle(reglages.emprise);
    const loin = reglages.premiere && carte.getBoundsZoom(tout) < ZOOM_COMMUNES;
    carte.fitBounds(loin ? rectangle(reglages.premiere) : tout, { padding: [24, 24], ...options });
  }

  const lieu = lieuDemande();
  if (lieu) carte.setView([lieu.lat, lieu.lon], lieu.zoom);
  else toutVoir({ animate: false });

  const plan = new Plan(carte, document.getElementById("carte-module").dataset);
  plan.gl.on("error", ({ error }) => {
    if (error?.status >= 500 || error instanceof TypeError) message("Le plan ne se charge pas : le serveur ne répond pas.");
  });
  plan.gl.on("idle", () => message(""));
  const couches = new Couches(carte, plan, volet);
  let choisie = null;
  const objets = new Objets(volet, {
    surChoix(idu) {
      choisie = idu;
      plan.marquer("choix", idu);
      ecrire(carte, choisie);
    },
  });
  volet.aLaFermeture = (partie) => {
    if (partie !== "objet") return;
    choisie = null;
    plan.marquer("choix", null);
    ecrire(carte, null);
  };

  function cadrer(bbox) {
    const [droite, bas] = volet.emprise;
    carte.fitBounds(rectangle(bbox), {
      paddingTopLeft: [40, 40],
      paddingBottomRight: [40 + droite, 40 + bas],
      maxZoom: ZOOM_PARCELLE,
    });
  }

  async function ouvrirParcelle(idu, { recadrer }) {
    const bbox = await objets.ouvrirParcelle(idu);
    if (bbox && recadrer) cadrer(bbox);
    ecrire(carte, choisie);
  }

  let trouve = null;
  const interroger = (latlng, options) => objets.interroger(latlng, carte.getZoom(), couches.visibles(), options);
  carte.on("click", (evenement) => {
    trouve?.remove();
    interroger(evenement.latlng);
  });
  carte.on("moveend", () => ecrire(carte, choisie));
  carte.on("mousemove", (evenement) => {
    const idu = carte.getZoom() >= ZOOM_PARCELLES ? plan.parcelleA(evenement.latlng) : null;
    plan.marquer("survol", idu);
    carte.getContainer().classList.toggle("sur-parcelle", Boolean(idu));
  });
  carte.on("mouseout", () => plan.marquer("survol", null));

  const conteneur = carte.getContainer();
  const mire = document.getElementById("mire");
  conteneur.addEventListener("keydown", (evenement) => {
    if (evenement.target !== conteneur) return;
    if (evenement.key === "Enter") {
      evenement.preventDefault();
      interroger(carte.getCenter(), { viserTitre: true });
    } else if (evenement.key === "Escape") volet.fermer();
    else mire.hidden = false;
  });
  conteneur.addEventListener("blur", () => (mire.hidden = true));
  conteneur.addEventListener("pointerdown", () => (mire.hidden = true));
  document.addEventListener("keydown", (evenement) => {
    if (evenement.key === "/" && !evenement.target.closest("input, textarea, select")) {
      evenement.preventDefault();
      document.getElementById("recherche-carte")?.focus();
    }
  });

  document.getElementById("outil-plus").addEventListener("click", () => carte.zoomIn());
  document.getElementById("outil-moins").addEventListener("click", () => carte.zoomOut());
  document.getElementById("outil-territoire").addEventListener("click", () => toutVoir());
  const position = document.getElementById("outil-position");
  let repere = null;
  position.addEventListener("click", () => carte.locate({ enableHighAccuracy: true, timeout: 10000 }));
  carte.on("locationfound", ({ latlng, accuracy }) => {
    repere?.remove();
    repere = L.circle(latlng, { radius: accuracy, className: "ma-position" }).addTo(carte);
    carte.setView(latlng, Math.max(carte.getZoom(), 17));
    message("");
  });
  carte.on("locationerror", () => message("Votre position n'est pas disponible : l'appareil ou le navigateur la refuse."));

  new Recherche((resultat) => {
    volet.fermer();
    trouve?.remove();
    trouve = null;
    if (resultat.idu) {
      ouvrirParcelle(resultat.idu, { recadrer: true });
      return;
    }
    if (resultat.point) {
      const lieuTrouve = [resultat.point[1], resultat.point[0]];
      trouve = L.circleMarker(lieuTrouve, { radius: 9, className: "lieu-trouve", interactive: false }).addTo(carte);
    }
    if (resultat.bbox) cadrer(resultat.bbox);
    else if (resultat.point) carte.setView([resultat.point[1], resultat.point[0]], ZOOM_PARCELLE);
    else if (resultat.url) window.location.assign(resultat.url);
  });
  choisirFonds(carte, plan, reglages.fonds);
  suivreReperes(carte, reglages.projection);

  const demandee = parcelleDemandee();
  if (demandee) ouvrirParcelle(demandee, { recadrer: !lieu });
  window.addEventListener("hashchange", () => {
    const nouveau = lieuDemande();
    if (nouveau) carte.setView([nouveau.lat, nouveau.lon], nouveau.zoom);
  });
  // For tests and for the curious at the console.
  globalThis.carteUrbanisme = { carte, plan };
}

window.addEventListener("map:init", (evenement) => demarrer(evenement.detail.map));
// django-leaflet builds the map on this event: the listener above is there by now.
window.dispatchEvent(new Event("carte:prete"));
