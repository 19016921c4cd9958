/* The map of a drawing goes to the street chosen, while nothing is drawn. */
import { lire } from "../carte/dom.js";

const ZOOM_MAX = 19;

for (const rue of document.querySelectorAll("select[name=voie][data-rue]")) {
  const racine = rue.form.querySelector("[data-dessin]");
  const aller = async () => {
    const atelier = globalThis.dessins?.get(racine?.dataset.dessin);
    if (!rue.value || !atelier || atelier.formes.liste.length) return;
    const { carte } = atelier;
    const [centre, zoom] = [carte.getCenter(), carte.getZoom()];
    try {
      const { bornes } = await lire(rue.dataset.rue.replace("/0/", `/${rue.value}/`));
      // Who has moved the map meanwhile, or has begun to draw, knows better.
      if (atelier.outil || atelier.formes.liste.length || carte.getZoom() !== zoom || !carte.getCenter().equals(centre)) return;
      const [ouest, sud, est, nord] = bornes;
      carte.fitBounds([[sud, ouest], [nord, est]], { maxZoom: ZOOM_MAX, animate: false });
    } catch {
      /* a help only: the map stays where it is */
    }
  };
  rue.addEventListener("change", aller);
  aller();
}
