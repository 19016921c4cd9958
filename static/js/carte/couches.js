/* The tree of layers: switches, counts, opacity and order. */
import { el, icone, lire } from "./dom.js";
import { Filtres } from "./filtres.js";
import { cleDe, rangDeBase } from "./habillage.js";

/** Bind the part « couches » of the panel to the state of the map. */
export class Couches {
  constructor(carte, plan, volet, etat) {
    this.carte = carte;
    this.plan = plan;
    this.etat = etat;
    this.partie = volet.parties.couches;
    this.entrees = [...this.partie.querySelectorAll(".couche")];
    this.filtres = [];
    for (const entree of this.entrees) this.#lier(entree);
    for (const groupe of this.partie.querySelectorAll(".groupe[data-theme]")) this.#lierGroupe(groupe);
    this.ordre = this.partie.querySelector("#couches-ordre");
    this.partie.querySelector("#couches-defaut").addEventListener("click", () => etat.reinitialiser());
    volet.suivre("couches", {
      ouvrir: () => {
        this.#compter();
        this.#accorder();
      },
    });
    etat.addEventListener("change", () => this.#accorder());
    carte.on("zoomend", () => this.#accorder());
    plan.gl.on("style.load", () => this.#accorder());
    this.#accorder();
  }

  #lier(entree) {
    const { couche } = entree.dataset;
    const coche = entree.querySelector('input[type="checkbox"]');
    coche.addEventListener("change", () => this.etat.montrer([couche], coche.checked));
    const filtres = new Filtres(entree, this.etat);
    this.filtres.push(filtres);
    const bouton = entree.querySelector(".couche-reglages");
    const reglages = entree.querySelector(".couche-detail");
    bouton.addEventListener("click", () => {
      reglages.hidden = !reglages.hidden;
      if (!reglages.hidden) filtres.ouvrir();
      bouton.setAttribute("aria-expanded", String(!reglages.hidden));
    });
    const curseur = entree.querySelector('input[type="range"]');
    curseur.addEventListener("input", () => this.etat.reglerOpacite(couche, Number(curseur.value) / 100));
  }

  #lierGroupe(groupe) {
    const coche = groupe.querySelector(".groupe-coche");
    coche.addEventListener("change", () => {
      const noms = [...groupe.querySelectorAll(".couche")].map((entree) => entree.dataset.couche);
      this.etat.montrer(noms, coche.checked);
    });
  }

  /** The controls as the state has them. */
  #accorder() {
    const zoom = this.carte.getZoom();
    for (const entree of this.entrees) {
      const { couche, zoom: des } = entree.dataset;
      entree.querySelector('input[type="checkbox"]').checked = this.etat.visible(couche);
      const pour100 = Math.round(this.etat.opacite(couche) * 100);
      const curseur = entree.querySelector('input[type="range"]');
      if (Number(curseur.value) !== pour100) curseur.value = pour100;
      entree.querySelector(".couche-opacite").textContent = `${pour100} %`;
      entree.classList.toggle("hors-zoom", zoom < Number(des));
      entree.querySelector(".couche-zoom").hidden = zoom >= Number(des);
    }
    for (const filtres of this.filtres) filtres.accorder();
    for (const groupe of this.partie.querySelectorAll(".groupe[data-theme]")) {
      const coches = [...groupe.querySelectorAll('.couche input[type="checkbox"]')].map((c) => c.checked);
      const coche = groupe.querySelector(".groupe-coche");
      coche.checked = coches.every(Boolean);
      coche.indeterminate = !coche.checked && coches.some(Boolean);
      groupe.querySelector(".groupe-compte").textContent = `${coches.filter(Boolean).length} sur ${coches.length}`;
    }
    this.partie.querySelector("#couches-defaut").disabled = this.etat.parDefaut;
    if (!this.partie.hidden) this.#listerOrdre();
  }

  /** Layers shown from the top of the stack to its bottom: [name, place in the stack]. */
  pile() {
    const { gl } = this.plan;
    const rangs = new Map();
    for (const id of gl.style ? gl.getLayersOrder() : []) {
      const { couche, rang } = gl.getLayer(id).metadata ?? {};
      if (couche === undefined || !this.etat.visible(couche)) continue;
      if (!rangs.has(couche)) rangs.set(couche, []);
      rangs.get(couche).push(rang);
    }
    const positions = [...this.etat.couches.keys()];
    return [...rangs]
      .map(([nom, lus]) => [nom, this.etat.rangs.get(nom) ?? cleDe(rangDeBase(lus), positions.indexOf(nom))])
      .sort((a, b) => b[1] - a[1]);
  }

  #listerOrdre() {
    const pile = this.pile();
    const active = this.ordre.contains(document.activeElement) ? document.activeElement.dataset : null;
    this.ordre.replaceChildren(
      ...pile.map(([nom], i) => {
        const { libelle } = this.etat.couches.get(nom);
        return el(
          "li",
          {},
          el("span", { class: "couche-nom" }, libelle),
          this.#bouton(pile, i, -1, "arrow-up", `Monter ${libelle}`),
          this.#bouton(pile, i, 1, "arrow-down", `Descendre ${libelle}`),
        );
      }),
    );
    if (!active?.couche) return;
    const memes = [...this.ordre.querySelectorAll(`[data-couche="${active.couche}"]:not(:disabled)`)];
    (memes.find((b) => b.dataset.sens === active.sens) ?? memes[0])?.focus();
  }

  #bouton(pile, i, sens, image, texte) {
    const bouton = el(
      "button",
      { type: "button", class: "ordre-bouton", title: texte, disabled: i + sens < 0 || i + sens >= pile.length },
      icone(image),
      el("span", { class: "visually-hidden" }, texte),
    );
    Object.assign(bouton.dataset, { couche: pile[i][0], sens: String(sens) });
    bouton.addEventListener("click", () => {
      const voisine = pile[i + sens][1];
      // Between the neighbour passed and the one beyond; above or below all at the ends.
      const suivante = pile[i + 2 * sens]?.[1] ?? voisine - sens;
      this.etat.placer(pile[i][0], (voisine + suivante) / 2);
    });
    return bouton;
  }

  async #compter() {
    if (this.compte) return;
    this.compte = true;
    try {
      const { couches } = await lire(`/carte/couches.json${this.plan.internes ? "?internes=1" : ""}`);
      const decrites = new Map(couches.map((couche) => [couche.nom, couche]));
      for (const entree of this.entrees) {
        const { objets = 0, publique = true } = decrites.get(entree.dataset.couche) ?? {};
        const etat = entree.querySelector(".couche-etat");
        // An internal layer may well hold nothing yet: that is no missing import.
        const rien = publique ? "non chargée" : "aucun";
        etat.textContent = objets ? new Intl.NumberFormat("fr-FR").format(objets) : rien;
        entree.classList.toggle("couche-vide", !objets);
      }
    } catch {
      this.compte = false;
    }
  }
}
