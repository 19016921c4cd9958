/* The search box: suggestions while typing, moved through with the arrows, chosen with Enter. */
import { el, icone, lire } from "./dom.js";

const ATTENTE_MS = 180;
const ICONES = {
  parcelle: "bounding-box",
  section: "grid-3x3",
  lieudit: "signpost",
  voie: "signpost-split",
  numero: "house-door",
  commune: "building",
  residence: "buildings",
};
const NOMS = {
  parcelle: "Parcelle",
  section: "Section",
  lieudit: "Lieu-dit",
  voie: "Voie",
  numero: "Adresse",
  commune: "Commune",
  residence: "Résidence",
};

/** Combobox of the page's search form; `surChoix(resultat)` goes to the place.

    `versLaPage`: Enter without a suggestion chosen sends the form, which lists all answers. */
export class Recherche {
  constructor(surChoix, { versLaPage = false } = {}) {
    this.formulaire = document.getElementById("chercheur");
    if (!this.formulaire) return;
    this.champ = document.getElementById("recherche-carte");
    this.cadre = document.getElementById("resultats-cadre");
    this.liste = document.getElementById("resultats");
    this.note = document.getElementById("resultats-note");
    this.surChoix = surChoix;
    this.resultats = [];
    this.actif = -1;
    this.champ.addEventListener("input", () => this.#prevoir());
    this.champ.addEventListener("keydown", (evenement) => this.#touche(evenement));
    this.champ.addEventListener("focus", () => {
      if (this.resultats.length) this.#deplier(true);
    });
    this.formulaire.addEventListener("submit", (evenement) => {
      if (versLaPage && this.actif < 0) return;
      evenement.preventDefault();
      this.#valider();
    });
    document.addEventListener("pointerdown", (evenement) => {
      if (!this.formulaire.contains(evenement.target)) this.#deplier(false);
    });
  }

  #prevoir() {
    clearTimeout(this.minuterie);
    this.actif = -1;
    if (!this.champ.value.trim()) {
      this.#vider();
      return;
    }
    this.minuterie = setTimeout(() => this.chercher(), ATTENTE_MS);
  }

  async chercher() {
    clearTimeout(this.minuterie);
    this.requete?.abort();
    this.requete = new AbortController();
    const q = this.champ.value.trim();
    try {
      const reponse = await lire(`/recherche/?${new URLSearchParams({ q })}`, { signal: this.requete.signal });
      this.resultats = reponse.resultats;
      this.#afficher(reponse.erreurs);
      return true;
    } catch (erreur) {
      if (erreur.name === "AbortError") return false;
      this.resultats = [];
      this.#afficher([erreur.message]);
      return true;
    }
  }

  #afficher(erreurs) {
    this.actif = -1;
    this.champ.removeAttribute("aria-activedescendant");
    this.liste.replaceChildren(
      ...this.resultats.map((resultat, rang) =>
        el(
          "li",
          {
            id: `resultat-${rang}`,
            role: "option",
            "aria-selected": "false",
            class: "resultat",
            onclick: () => this.#choisir(rang),
          },
          icone(ICONES[resultat.type] ?? "geo-alt"),
          el(
            "span",
            { class: "resultat-textes" },
            el("span", { class: "resultat-titre" }, resultat.titre),
            el("span", { class: "resultat-sous" }, resultat.sous_titre || NOMS[resultat.type] || ""),
          ),
        ),
      ),
    );
    const messages = [...erreurs];
    if (!this.resultats.length && !messages.length) {
      messages.push("Rien de ce nom. Essayez une référence (AB 12), une adresse (12 rue du Moulin) ou un lieu-dit.");
    }
    this.note.textContent = messages.join(" ");
    this.note.hidden = !messages.length;
    this.#deplier(true);
  }

  #vider() {
    this.requete?.abort();
    this.resultats = [];
    this.liste.replaceChildren();
    this.note.textContent = "";
    this.#deplier(false);
  }

  #deplier(ouvert) {
    this.cadre.hidden = !ouvert;
    this.champ.setAttribute("aria-expanded", String(ouvert));
  }

  #activer(rang) {
    this.actif = rang;
    [...this.liste.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === rang));
      if (i === rang) option.scrollIntoView({ block: "nearest" });
    });
    if (rang < 0) this.champ.removeAttribute("aria-activedescendant");
    else this.champ.setAttribute("aria-activedescendant", `resultat-${rang}`);
  }

  #touche(evenement) {
    const nombre = this.resultats.length;
    if (evenement.key === "Escape" && !this.cadre.hidden) {
      evenement.preventDefault();
      this.#deplier(false);
    } else if (nombre && (evenement.key === "ArrowDown" || evenement.key === "ArrowUp")) {
      evenement.preventDefault();
      this.#deplier(true);
      const pas = evenement.key === "ArrowDown" ? 1 : -1;
      this.#activer((this.actif + pas + nombre + (this.actif < 0 && pas < 0 ? 1 : 0)) % nombre);
    }
  }

  async #valider() {
    if (this.actif >= 0) {
      this.#choisir(this.actif);
      return;
    }
    // Enter before the suggestions came: the answer to what is written now.
    if (!this.champ.value.trim() || !(await this.chercher())) return;
    if (this.resultats.length) this.#choisir(0);
  }

  #choisir(rang) {
    const resultat = this.resultats[rang];
    this.champ.value = resultat.titre;
    this.#deplier(false);
    this.surChoix(resultat);
  }
}
