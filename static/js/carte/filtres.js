/* Filters of a layer, in its settings: values to tick, with the number of objects of each. */
import { el, lire } from "./dom.js";
import { nombre } from "./nombres.js";

/** Expression that keeps the objects of these values; years compare with the beginning of a date. */
export function filtreDesValeurs(choisis, annees) {
  return [...choisis].map(([nom, valeurs]) => {
    const texte = ["to-string", ["get", nom]];
    return ["in", annees[nom] ? ["slice", texte, 0, 4] : texte, ["literal", [...valeurs]]];
  });
}

/** Bind the settings of one layer: its values are read the first time that they are opened. */
export class Filtres {
  constructor(entree, etat) {
    this.couche = entree.dataset.couche;
    this.etat = etat;
    this.zone = entree.querySelector("[data-filtres]");
    this.etiquette = entree.querySelector(".couche-filtree");
    this.liens = [...entree.querySelectorAll("[data-telecharger]")];
  }

  async ouvrir() {
    if (!this.zone || this.lus) return;
    this.lus = true;
    try {
      const { filtres } = await lire(`/carte/filtres/${this.couche}`);
      this.zone.replaceChildren(...filtres.map((f) => this.#groupe(f)), this.#retirer());
    } catch (erreur) {
      this.lus = false;
      this.zone.replaceChildren(el("p", { class: "attention" }, erreur.message));
    }
    this.accorder();
  }

  #groupe({ nom, libelle, valeurs }) {
    const choix = valeurs.map(({ valeur, libelle: mots, nombre: n }) =>
      el(
        "label",
        {},
        el("input", {
          class: "form-check-input",
          type: "checkbox",
          "data-attribut": nom,
          value: valeur,
          onchange: ({ target }) => this.etat.filtrer(this.couche, nom, valeur, target.checked),
        }),
        el("span", {}, mots),
        el("span", { class: "discret" }, nombre(n)),
      ),
    );
    const rien = el("p", { class: "discret petit" }, "Aucune valeur à choisir.");
    return el("fieldset", { class: "couche-filtre" }, el("legend", {}, libelle), ...(choix.length ? choix : [rien]));
  }

  #retirer() {
    const bouton = el("button", { type: "button", class: "btn btn-outline-secondary btn-sm" }, "Tout montrer");
    bouton.addEventListener("click", () => {
      this.zone.querySelector("input")?.focus();
      this.etat.defiltrer(this.couche);
    });
    return el("p", {}, bouton);
  }

  /** The controls and the addresses of the files as the state has them. */
  accorder() {
    const choisis = this.etat.filtres.get(this.couche);
    if (this.etiquette) this.etiquette.hidden = !choisis;
    for (const coche of this.zone?.querySelectorAll("input") ?? []) {
      coche.checked = Boolean(choisis?.get(coche.dataset.attribut)?.has(coche.value));
    }
    const bouton = this.zone?.querySelector("button");
    if (bouton) bouton.disabled = !choisis;
    for (const lien of this.liens) {
      const demande = new URLSearchParams();
      if (choisis) demande.set("filtres", this.etat.filtresEnTexte([this.couche]));
      if (this.etat.jour) demande.set("jour", this.etat.jour);
      lien.href = `${lien.dataset.telecharger}${demande.size ? `?${demande}` : ""}`;
    }
  }
}
