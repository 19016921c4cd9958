/* The map page: binds the map, the plan, the panel and the tools together. */
import { Contraintes } from "./contraintes.js";
import { Coordonnees } from "./coordonnees.js";
import { Couches } from "./couches.js";
import { Etat } from "./etat.js";
import { choisirFonds } from "./fonds.js";
import { Impression } from "./impression.js";
import { ImpressionEchelle } from "./impression_echelle.js";
import { Legende } from "./legende.js";
import { Liste } from "./liste.js";
import { Mesure } from "./mesure.js";
import { Modes } from "./modes.js";
import { Objets } from "./objets.js";
import { lierBoutons, lierClavier } from "./outils.js";
import { Partage } from "./partage.js";
import { ecrire, lieuDemande, parcelleDemandee } from "./permalien.js";
import { CRS_512, Plan } from "./plan.js";
import { Recherche } from "./recherche.js";
import { Systemes, suivreEchelle, suivrePointeur } from "./reperes.js";
import { suivreSurvol } from "./survol.js";
import { Temps } from "./temps.js";
import { Volet } from "./volet.js";
import { Vues } from "./vues.js";

const L = globalThis.L;
const reglages = JSON.parse(document.getElementById("carte-reglages").textContent);
const ZOOM_COMMUNES = 8;
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
  const modes = new Modes();
  const systemes = new Systemes(reglages.systemes);
  const etat = new Etat(reglages.couches, reglages.fonds, { garder: !reglages.integree });
  etat.ouvrir(new URLSearchParams(window.location.search));

  function toutVoir(options) {
    const tout = rectangle(reglages.emprise);
    const loin = reglages.premiere && carte.getBoundsZoom(tout) < ZOOM_COMMUNES;
    carte.fitBounds(loin ? rectangle(reglages.premiere) : tout, { padding: [24, 24], ...options });
  }

  const lieu = lieuDemande();
  if (lieu) carte.setView([lieu.lat, lieu.lon], lieu.zoom);
  else toutVoir({ animate: false });

  const module = document.getElementById("carte-module").dataset;
  const plan = new Plan(carte, module, { etat, internes: reglages.internes });
  plan.gl.on("error", ({ error }) => {
    if (error?.status >= 500 || error instanceof TypeError) message("Le plan ne se charge pas : le serveur ne répond pas.");
  });
  plan.gl.on("idle", () => message(""));

  let choisi = null;
  const idu = () => (choisi?.couche === "parcelles" ? choisi.cle : null);
  function choisir(objet) {
    choisi = objet;
    plan.marquer("choix", objet);
    ecrire(carte, etat, idu());
  }
  const objets = new Objets(volet, { surChoix: choisir });
  volet.addEventListener("ferme", () => choisir(null));

  function cadrer(bbox) {
    const [droite, bas] = volet.emprise;
    carte.fitBounds(rectangle(bbox), {
      paddingTopLeft: [40, 40],
      paddingBottomRight: [40 + droite, 40 + bas],
      maxZoom: ZOOM_PARCELLE,
    });
  }

  async function ouvrirParcelle(identifiant, { recadrer }) {
    const bbox = await objets.ouvrirParcelle(identifiant);
    if (bbox && recadrer) cadrer(bbox);
    ecrire(carte, etat, idu());
  }

  let trouve = null;
  function agir(latlng, options) {
    trouve?.remove();
    if (modes.outil) modes.outil.clic(latlng, options);
    else objets.interroger(latlng, carte.getZoom(), etat, options);
  }
  carte.on("click", (evenement) => agir(evenement.latlng));
  carte.on("moveend", () => ecrire(carte, etat, idu()));
  etat.addEventListener("change", () => ecrire(carte, etat, idu()));
  suivreSurvol(carte, plan, modes);
  lierClavier(carte, volet, modes, agir);
  lierBoutons(carte, { toutVoir, message });
  document.addEventListener("keydown", (evenement) => {
    if (evenement.key === "/" && !evenement.target.closest("input, textarea, select")) {
      evenement.preventDefault();
      document.getElementById("recherche-carte")?.focus();
    }
  });

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
  choisirFonds(carte, plan, reglages.fonds, etat);
  const echelle = suivreEchelle(carte);
  suivrePointeur(carte, systemes);
  new Couches(carte, plan, volet, etat);
  const legende = new Legende(carte, volet, etat);
  new Liste(carte, volet, etat, (objet) => {
    if (objet.lieu && !carte.getBounds().pad(-0.1).contains([objet.lieu[1], objet.lieu[0]])) {
      carte.panTo([objet.lieu[1], objet.lieu[0]]);
    }
    if (objet.couche === "parcelles" && objet.attributs.idu) plan.marquer("choix", { couche: "parcelles", cle: objet.attributs.idu });
  });
  new Contraintes(carte, volet, etat, new Mesure(carte, volet, modes, systemes));
  new Coordonnees(carte, volet, modes, systemes);
  new Temps(etat);
  if (volet.parties.partage) new Partage(carte, volet, etat, idu);
  if (volet.parties.impression) {
    new Impression(carte, plan, volet, { legende, echelle, systemes });
    const { impression: adresse, impression_echelle: suite } = reglages;
    if (adresse) new ImpressionEchelle(carte, volet, { etat, parcelle: idu, adresse, reglages: suite });
  }

  function allerA(adresse) {
    const nouveau = lieuDemande(adresse);
    if (nouveau) carte.setView([nouveau.lat, nouveau.lon], nouveau.zoom);
  }
  if (volet.parties.vues) new Vues(carte, volet, etat, reglages.vues, { ouvrir: allerA });

  const demandee = parcelleDemandee();
  if (demandee) ouvrirParcelle(demandee, { recadrer: !lieu });
  window.addEventListener("hashchange", () => allerA(window.location));
  // For tests and for the curious at the console.
  globalThis.carteUrbanisme = { carte, plan, etat };
}

window.addEventListener("map:init", (evenement) => demarrer(evenement.detail.map));
// django-leaflet builds the map on this event: the listener above is there by now.
window.dispatchEvent(new Event("carte:prete"));
