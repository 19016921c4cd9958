/* Print what is on the screen: a sheet with title, picture of the map, legend of what is shown, scale,
   north, source and date. The PDF to a chosen scale is another matter: ``impression_echelle.js``. */
import { el, icone } from "./dom.js";

const DATE = { dateStyle: "long" };

/** Picture of the drawn plan; WebGL gives it only while it draws. */
function photographier(gl) {
  return new Promise((resolve) => {
    gl.once("render", () => resolve(gl.getCanvas().toDataURL("image/png")));
    gl.triggerRepaint();
  });
}

/** Ids of patterns belong to one drawing only. */
function sansDoublon(lignes) {
  lignes.forEach((ligne, i) => {
    for (const motif of ligne.querySelectorAll("pattern[id]")) {
      const id = `${motif.id}-imprime-${i}`;
      for (const usage of ligne.querySelectorAll(`[fill="url(#${motif.id})"]`)) usage.setAttribute("fill", `url(#${id})`);
      motif.id = id;
    }
  });
  return lignes;
}

export class Impression {
  constructor(carte, plan, volet, { legende, echelle, systemes }) {
    Object.assign(this, { carte, plan, volet, legende, echelle, systemes });
    const partie = volet.parties.impression;
    this.formulaire = partie.querySelector("form");
    this.feuille = document.getElementById("feuille");
    partie.querySelector("#impression-apercu").addEventListener("click", () => this.#composer());
    this.feuille.addEventListener("close", () => document.documentElement.classList.remove("imprime"));
  }

  async #composer() {
    const image = el("img", { src: await photographier(this.plan.gl), alt: "Extrait du plan tel qu'il est affiché", class: "feuille-plan" });
    await image.decode();
    const titre = this.formulaire.elements.titre.value.trim() || "Extrait de la carte";
    const source = document.getElementById("carte-module").dataset.source;
    const { largeur, texte } = this.echelle();
    const barre = el("span", { class: "feuille-echelle" }, texte);
    const part = (100 * largeur) / this.carte.getSize().x;
    barre.style.width = `${part.toFixed(3)}%`;
    const cadre = el("div", { class: "feuille-cadre" }, image, el("span", { class: "feuille-nord" }, icone("arrow-up"), "N"), barre);
    const lignes = this.formulaire.elements.legende.checked ? sansDoublon(this.legende.copie()) : [];
    const lieu = this.systemes.ecrire("legale", this.carte.getCenter()).replaceAll("  ", " ");
    const fermer = el("button", { type: "button", class: "btn btn-outline-secondary", onclick: () => this.feuille.close() }, "Fermer");
    const imprimer = el("button", { type: "button", class: "btn btn-primary", onclick: () => window.print() }, icone("printer"), " Imprimer");
    this.feuille.replaceChildren(
      el("div", { class: "feuille-actions" }, imprimer, fermer),
      el(
        "article",
        { class: "feuille-page" },
        el("h2", { id: "feuille-titre" }, titre),
        cadre,
        lignes.length ? el("h3", {}, "Légende") : null,
        lignes.length ? el("ul", { class: "legende" }, ...lignes) : null,
        el(
          "p",
          { class: "feuille-pied" },
          `${source}. Centre : ${lieu}. Imprimé le ${new Date().toLocaleDateString("fr-FR", DATE)}. `,
          "Échelle graphique seule : cet extrait n'est pas à une échelle choisie.",
        ),
      ),
    );
    document.documentElement.classList.add("imprime");
    this.feuille.showModal();
    imprimer.focus();
  }
}
