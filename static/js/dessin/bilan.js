/* Figures of the drawing, and whether it can be kept: at once here, then as the server computes. */
import { el, icone } from "../carte/dom.js";
import { compter, enMots, mesurer } from "./mesures.js";

const PAUSE_MS = 350;

export class Bilan {
  /** `surTexte(text)`: what the form's field takes; `surReparer()`: the button. */
  constructor(element, formes, serveur, projection, { surReparer }) {
    this.element = element;
    this.formes = formes;
    this.serveur = serveur;
    this.projection = projection;
    this.surReparer = surReparer;
    formes.addEventListener("change", () => this.dire());
    this.dire();
  }

  /** The shape being drawn, before it is one. */
  provisoire({ provisoires, genre }) {
    clearTimeout(this.minuterie);
    if (provisoires.length < 2) {
      this.dire();
      return;
    }
    const surface = genre === "surface" && provisoires.length > 2;
    const geometrie = surface
      ? { type: "Polygon", coordinates: [[...provisoires, provisoires[0]]] }
      : { type: "LineString", coordinates: provisoires };
    this.element.replaceChildren(
      el("p", {}, el("strong", {}, "Tracé en cours : "), enMots(mesurer(this.projection, [geometrie])), "."),
    );
  }

  dire() {
    clearTimeout(this.minuterie);
    this.requete?.abort();
    const geometries = this.formes.liste.map((f) => f.geometrie);
    if (!geometries.length) {
      this.element.replaceChildren();
      return;
    }
    this.#ecrire(geometries, mesurer(this.projection, geometries), "Estimation");
    this.minuterie = setTimeout(() => this.#calculer(geometries), PAUSE_MS);
  }

  #ecrire(geometries, mesure, origine, ...suite) {
    const figures = enMots(mesure);
    this.element.replaceChildren(
      el("p", {}, el("strong", {}, compter(geometries)), figures ? ` : ${figures}` : "", "."),
      ...suite,
      ...(figures
        ? [el("p", { class: "discret petit" }, `${origine} dans la projection légale (${this.projection.nom}).`)]
        : []),
    );
  }

  async #calculer(geometries) {
    this.requete = new AbortController();
    try {
      const lu = await this.serveur.operer("lire", geometries, {}, { signal: this.requete.signal });
      const faute = lu.defaut && this.#faute(lu.defaut);
      const bon = el("p", { class: "dessin-valable" }, icone("check-circle"), " Le dessin est valable.");
      const fusion = lu.fusion && el("p", { class: "discret" }, "Des surfaces se touchent ou se recouvrent : elles seront réunies.");
      this.#ecrire(geometries, lu, "Calculé par le serveur", faute || bon, ...(fusion ? [fusion] : []));
    } catch (erreur) {
      if (erreur.name === "AbortError") return;
      this.element.append(el("p", { class: "attention" }, icone("exclamation-triangle"), ` ${erreur.message}`));
    }
  }

  #faute(texte) {
    return el(
      "p",
      { class: "attention" },
      icone("exclamation-triangle"),
      ` ${texte} `,
      el("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: this.surReparer }, "Réparer le contour"),
    );
  }
}
