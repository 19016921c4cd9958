/* Objects in view as tables: the map's equivalent for those who read rather than look. */
import { el, icone, lire } from "./dom.js";
import { nombre } from "./nombres.js";

const L = globalThis.L;
const ATTENTE_MS = 300;
const FAITS_MAX = 3;

/** The part « liste » of the panel: follows the map while it is open. */
export class Liste {
  constructor(carte, volet, etat, surChoix) {
    this.carte = carte;
    this.volet = volet;
    this.etat = etat;
    this.surChoix = surChoix;
    this.corps = volet.parties.liste.querySelector("#liste-corps");
    this.note = volet.parties.liste.querySelector("#liste-note");
    volet.suivre("liste", { ouvrir: () => this.#lire(), fermer: () => this.repere?.remove() });
    carte.on("moveend", () => this.#prevoir());
    etat.addEventListener("change", () => this.#prevoir());
  }

  #prevoir() {
    clearTimeout(this.minuterie);
    if (this.volet.ouverte === "liste") this.minuterie = setTimeout(() => this.#lire(), ATTENTE_MS);
  }

  #demande(couches, depart = 0) {
    const vue = this.carte.getBounds();
    return new URLSearchParams({
      bbox: [vue.getWest(), vue.getSouth(), vue.getEast(), vue.getNorth()].map((v) => v.toFixed(6)).join(","),
      zoom: this.carte.getZoom().toFixed(2),
      couches: couches.join(","),
      jour: this.etat.jour,
      filtres: this.etat.filtresEnTexte(),
      depart,
    });
  }

  async #lire() {
    const couches = this.etat.visibles();
    if (!couches.length) {
      this.#montrer([], [], "Aucune couche n'est affichée.");
      return;
    }
    this.requete?.abort();
    this.requete = new AbortController();
    try {
      const { signal } = this.requete;
      const { rubriques, pas } = await lire(`/carte/objets?${this.#demande(couches)}`, { signal });
      const total = rubriques.reduce((somme, r) => somme + r.nombre, 0);
      const plus = rubriques.some((r) => r.au_dela) ? "plus de " : "";
      const rien = "Rien à lister ici à ce zoom : rapprochez-vous ou affichez d'autres couches.";
      const resume = `${plus}${nombre(total)} ${total > 1 ? "objets" : "objet"} dans la vue, en ${rubriques.length} ${
        rubriques.length > 1 ? "couches" : "couche"
      }.`;
      this.#montrer(rubriques, pas, total ? resume : rien);
    } catch (erreur) {
      if (erreur.name !== "AbortError") this.#montrer([], 0, erreur.message);
    }
  }

  #montrer(rubriques, pas, texte) {
    this.note.textContent = texte;
    // What has a page of its own is what most readers look for.
    const premiere = rubriques.find((r) => r.objets.some((objet) => objet.url)) ?? rubriques[0];
    const ouvertes = new Set([...this.corps.querySelectorAll("details[open]")].map((d) => d.dataset.couche));
    this.corps.replaceChildren(
      ...rubriques.map((r) => this.#rubrique(r, pas, ouvertes.size ? ouvertes.has(r.couche) : r === premiere)),
    );
  }

  #rubrique(rubrique, pas, ouverte) {
    const lignes = el("tbody", {}, ...rubrique.objets.map((objet) => this.#ligne(objet)));
    const entete = el(
      "thead",
      {},
      el("tr", {}, el("th", { scope: "col" }, "Objet"), el("th", { scope: "col" }, "Renseignements")),
    );
    const bloc = el(
      "details",
      { class: "liste-couche" },
      el(
        "summary",
        {},
        rubrique.libelle,
        el("span", { class: "liste-nombre" }, `${rubrique.au_dela ? "plus de " : ""}${nombre(rubrique.nombre)}`),
      ),
      el("table", { class: "liste-objets" }, el("caption", { class: "visually-hidden" }, rubrique.libelle), entete, lignes),
    );
    bloc.open = ouverte;
    bloc.dataset.couche = rubrique.couche;
    if (rubrique.nombre > rubrique.objets.length) bloc.append(this.#suite(rubrique, pas, lignes));
    return bloc;
  }

  #suite(rubrique, pas, lignes) {
    let depart = pas;
    const bouton = el("button", { type: "button", class: "btn btn-outline-secondary btn-sm" }, `${pas} suivants`);
    bouton.addEventListener("click", async () => {
      bouton.disabled = true;
      try {
        const { rubriques } = await lire(`/carte/objets?${this.#demande([rubrique.couche], depart)}`);
        const suivants = rubriques[0]?.objets ?? [];
        depart += pas;
        const rangees = suivants.map((objet) => this.#ligne(objet));
        lignes.append(...rangees);
        rangees[0]?.querySelector("button")?.focus();
        if (depart >= rubrique.nombre || suivants.length < pas) bouton.remove();
      } finally {
        bouton.disabled = false;
      }
    });
    return bouton;
  }

  #ligne(objet) {
    const titre = objet.titre || objet.libelle;
    const bouton = el("button", { type: "button", class: "lien" }, titre);
    bouton.addEventListener("click", () => {
      this.repere?.remove();
      if (objet.lieu) {
        const lieu = L.latLng(objet.lieu[1], objet.lieu[0]);
        this.repere = L.circleMarker(lieu, { radius: 9, className: "lieu-trouve", interactive: false }).addTo(this.carte);
      }
      this.surChoix(objet);
    });
    const faits = objet.lignes
      .filter((l) => l.valeur !== titre)
      .slice(0, FAITS_MAX)
      .map((l) => `${l.libelle} : ${l.valeur}`);
    const cellule = el("td", {}, faits.join(" · "));
    if (objet.url) {
      cellule.append(
        " ",
        el("a", { href: objet.url, class: "liste-fiche" }, icone("file-text"), el("span", {}, " Fiche"), el("span", { class: "visually-hidden" }, ` : ${titre}`)),
      );
    }
    return el("tr", {}, el("th", { scope: "row" }, bouton), cellule);
  }
}
