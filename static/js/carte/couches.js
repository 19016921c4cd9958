/* The list of layers: switches, counts, and which lines of the legend the map shows at this zoom. */
import { lire } from "./dom.js";

/** Bind the list to the plan; `visibles()` names the layers switched on. */
export class Couches {
  constructor(carte, plan, volet) {
    this.carte = carte;
    this.entrees = [...document.querySelectorAll("#volet-couches .couche")];
    this.cases = this.entrees.map((entree) => entree.querySelector("input"));
    for (const coche of this.cases) {
      coche.addEventListener("change", () => plan.montrer(coche.value, coche.checked));
    }
    const bouton = document.getElementById("outil-couches");
    bouton.addEventListener("click", () => {
      if (volet.ouverte === "couches") {
        volet.fermer();
        return;
      }
      volet.ouvrir("couches", "Couches et légende", { viserTitre: true });
      this.#compter();
    });
    carte.on("zoomend", () => this.#accorder());
    this.#accorder();
  }

  visibles() {
    return this.cases.filter((coche) => coche.checked).map((coche) => coche.value);
  }

  #accorder() {
    const zoom = this.carte.getZoom();
    for (const entree of this.entrees) {
      for (const ligne of entree.querySelectorAll("[data-zoom-min]")) {
        const vue =
          zoom >= Number(ligne.dataset.zoomMin) && !(ligne.dataset.zoomMax && zoom >= Number(ligne.dataset.zoomMax));
        ligne.classList.toggle("hors-zoom", !vue);
        if (vue) ligne.removeAttribute("title");
        else ligne.title = zoom < Number(ligne.dataset.zoomMin) ? "Zoomez pour voir ce détail" : "Dézoomez pour voir ce détail";
      }
    }
  }

  async #compter() {
    if (this.compte) return;
    this.compte = true;
    try {
      const { couches } = await lire("/carte/couches.json");
      const nombres = new Map(couches.map((couche) => [couche.nom, couche.objets]));
      for (const entree of this.entrees) {
        const objets = nombres.get(entree.dataset.couche);
        const etat = entree.querySelector(".couche-etat");
        etat.textContent = objets ? new Intl.NumberFormat("fr-FR").format(objets) : "non chargée";
        entree.classList.toggle("couche-vide", !objets);
      }
    } catch {
      this.compte = false;
    }
  }
}
