/* The network over the plan: a click on a pipe or a node lights what lies up or downstream of it, and says how much. */
import { CRS_512, Plan } from "../carte/plan.js";

const L = globalThis.L;
const cadre = document.getElementById("reseau-carte");
const resultat = document.getElementById("reseau-resultat");
const ZOOM_RESEAU = 12;
const ZOOM_NOEUDS = 17;
const COULEURS = { "01": "#2f7fb5", "02": "#8a4b1f", "03": "#5b4b8a" };
const CHOIX = "#b4611a";

const [ouest, sud, est, nord] = cadre?.dataset.emprise ? cadre.dataset.emprise.split(",").map(Number) : [];

async function lire(adresse) {
  const reponse = await fetch(adresse, { headers: { Accept: "application/geo+json" } });
  if (!reponse.ok) throw new Error(String(reponse.status));
  return reponse.json();
}

function sens() {
  return document.querySelector('input[name="sens"]:checked')?.value ?? cadre.dataset.suivi.split("/").at(-2) ?? "aval";
}

function dire(resume) {
  const metres = resume.longueur_m.toLocaleString("fr-FR", { maximumFractionDigits: 0 });
  const morceaux = [`${resume.titre} : ${resume.nombre.toLocaleString("fr-FR")} canalisation${resume.nombre > 1 ? "s" : ""}, ${metres} m`];
  if (resume.branchements) morceaux.push(`${resume.branchements.toLocaleString("fr-FR")} branchements`);
  morceaux.push(`${resume.adresses.toLocaleString("fr-FR")} adresse${resume.adresses > 1 ? "s" : ""} proche${resume.adresses > 1 ? "s" : ""}`);
  resultat.textContent = `${morceaux.join(", ")}${resume.tronque ? " (arrêté à la limite)" : ""}${resume.caches ? " (continue hors de vos communes)" : ""}. `;
  if (resume.page !== window.location.pathname) {
    const lien = document.createElement("a");
    lien.href = resume.page;
    lien.textContent = "Détail, fichiers et profil";
    resultat.append(lien);
  }
}

if (cadre && Number.isFinite(nord)) {
  cadre.hidden = false;
  const carte = L.map(cadre, { crs: CRS_512, zoomSnap: 0.5, maxZoom: 21, minZoom: 8, attributionControl: false, scrollWheelZoom: false });
  carte.zoomControl.remove();
  L.control.zoom({ zoomInTitle: "Zoom avant", zoomOutTitle: "Zoom arrière" }).addTo(carte);
  carte.fitBounds([[sud, ouest], [nord, est]], { padding: [24, 24], maxZoom: 18, animate: false });
  const plan = new Plan(carte, cadre.dataset);
  const toile = L.canvas({ tolerance: 6 });
  let fond = null;
  let noeuds = null;
  let choix = null;
  let demande = 0;

  async function suivre(adresse) {
    const numero = ++demande;
    resultat.textContent = "Recherche…";
    try {
      const donnees = await lire(`${adresse}?export=geojson`);
      if (numero !== demande) return;
      choix?.remove();
      choix = L.geoJSON(donnees, { renderer: toile, interactive: false, style: () => ({ color: CHOIX, weight: 6, opacity: 0.75 }) }).addTo(carte);
      dire(donnees.resume);
      etat.suivi = donnees.resume;
    } catch {
      if (numero === demande) resultat.textContent = "Le réseau n'a pas pu être lu. Essayez de nouveau.";
    }
  }

  async function montrer() {
    if (carte.getZoom() < ZOOM_RESEAU) {
      fond?.remove();
      noeuds?.remove();
      fond = noeuds = null;
      return;
    }
    try {
      const points = carte.getZoom() < ZOOM_NOEUDS ? "" : "&noeuds=1";
      const donnees = await lire(`${cadre.dataset.autour}?emprise=${carte.getBounds().toBBoxString()}${points}`);
      fond?.remove();
      noeuds?.remove();
      fond = L.geoJSON(donnees, {
        renderer: toile,
        style: (objet) => ({ color: COULEURS[objet.properties.reseau] ?? "#47586b", weight: 3 }),
        onEachFeature(objet, forme) {
          forme.bindTooltip(objet.properties.titre);
          forme.on("click", () => suivre(`/assainissement/reseau/suivre/canalisations/${objet.id}/${sens()}/`));
        },
      }).addTo(carte);
      noeuds = L.layerGroup(donnees.noeuds.map((noeud) => {
        const rond = L.circleMarker([noeud.lieu[1], noeud.lieu[0]], { renderer: toile, radius: 5, weight: 2, color: "#47586b", fillColor: "#ffffff", fillOpacity: 1 });
        return rond.bindTooltip(noeud.titre).on("click", () => suivre(`${noeud.adresse}${sens()}/`));
      })).addTo(carte);
      etat.fond = donnees.features.length;
      cadre.dataset.noeuds = String(donnees.noeuds.length);
      cadre.dataset.canalisations = String(etat.fond);
      choix?.bringToFront();
    } catch {
      resultat.textContent = "Les canalisations de la carte n'ont pas pu être lues.";
    }
  }

  const etat = { carte, plan, suivre, fond: 0, suivi: null };
  // For tests and for the curious at the console.
  globalThis.carteReseau = etat;
  carte.on("moveend", montrer);
  montrer();
  if (cadre.dataset.suivi) suivre(cadre.dataset.suivi);
}
