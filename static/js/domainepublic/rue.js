/* The map of a drawing goes to the street chosen, while nothing is drawn. */
import { lire } from "../carte/dom.js";

const ZOOM_MAX = 19;

for (const rue of document.querySelectorAll("select[name=voie][data-rue]")) {
  const racine = rue.form.querySelector("[data-dessin]");
  const aller = async () => {
    const atelier = globalThis.dessins?.get(racine?.dataset.dessin);
    if (!rue.value || !atelier || atelier.formes.liste.length) return;
    try {
      const { bornes } = await lire(rue.dataset.rue.replace("/0/", `/${rue.value}/`));
      const [ouest, sud, est, nord] = bornes;
      atelier.carte.fitBounds([[sud, ouest], [nord, est]], { maxZoom: ZOOM_MAX, animate: false });
    } catch {
      /* a help only: the map stays where it is */
    }
  };
  rue.addEventListener("change", aller);
  aller();
}
