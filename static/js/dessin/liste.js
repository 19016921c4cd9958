/* The shapes as a list: chosen and removed without the map. */
import { el, icone } from "../carte/dom.js";
import { genreDe } from "./formes.js";
import { enMots, mesurer } from "./mesures.js";

const NOMS = { point: "Point", ligne: "Ligne", surface: "Surface" };

export function suivreListe(element, formes, projection) {
  function ligne(forme, rang) {
    const nom = `${NOMS[genreDe(forme.geometrie)]} ${rang + 1}${forme.nom ? ` (${forme.nom})` : ""}`;
    const choisie = forme.id === formes.choisie;
    const figures = enMots(mesurer(projection, [forme.geometrie]));
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "dessin-choix", "aria-pressed": String(choisie), "data-forme": String(forme.id), onclick: () => agir(rang, () => formes.choisir(forme.id)) },
        icone(choisie ? "check-square" : "square"),
        el("span", {}, nom),
        el("span", { class: "discret" }, figures),
      ),
      el(
        "button",
        { type: "button", class: "dessin-retirer", title: `Supprimer : ${nom}`, onclick: () => agir(rang, () => formes.retirer([forme.id])) },
        icone("x-lg"),
        el("span", { class: "visually-hidden" }, `Supprimer : ${nom}`),
      ),
    );
  }

  // The list is written anew at each change: the focus goes back where it was.
  function agir(rang, geste) {
    const retirait = document.activeElement.classList.contains("dessin-retirer");
    geste();
    const restent = element.querySelectorAll(retirait ? ".dessin-retirer" : ".dessin-choix");
    restent[Math.min(rang, restent.length - 1)]?.focus();
  }

  function ecrire() {
    element.replaceChildren(...formes.liste.map(ligne));
    element.hidden = !formes.liste.length;
  }
  formes.addEventListener("change", ecrire);
  ecrire();
}
