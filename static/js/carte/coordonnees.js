/* Coordinates of a place in every system, and going to coordinates typed in any usual writing. */
import { el, icone, lire } from "./dom.js";

const L = globalThis.L;
const ZOOM = 18;

/** The part « coordonnees » of the panel: a click reads a place, the form goes to one. */
export class Coordonnees {
  constructor(carte, volet, modes, systemes) {
    this.carte = carte;
    this.systemes = systemes;
    this.partie = volet.parties.coordonnees;
    this.formulaire = this.partie.querySelector("form");
    this.erreur = this.partie.querySelector("#aller-erreur");
    this.repere = null;
    volet.suivre("coordonnees", {
      ouvrir: () => {
        modes.prendre(this);
        this.#montrer(carte.getCenter(), "Milieu de la carte");
      },
      fermer: () => {
        modes.laisser(this);
        this.repere?.remove();
      },
    });
    this.formulaire.addEventListener("submit", (evenement) => {
      evenement.preventDefault();
      this.#aller();
    });
  }

  clic(latlng) {
    this.#marquer(latlng);
    this.#montrer(latlng, "Point cliqué");
  }

  #marquer(latlng) {
    this.repere?.remove();
    this.repere = L.circleMarker(latlng, { radius: 9, className: "lieu-trouve", interactive: false }).addTo(this.carte);
  }

  #montrer(latlng, titre) {
    const lignes = this.systemes.choix.map(([code, nom]) => {
      const texte = this.systemes.ecrire(code, latlng).replaceAll("  ", " ");
      const bouton = el("button", { type: "button", class: "copier", title: `Copier : ${nom}` }, icone("copy"));
      bouton.append(el("span", { class: "visually-hidden" }, `Copier les coordonnées ${nom}`));
      bouton.dataset.copier = texte;
      return el("li", {}, el("span", { class: "chiffres" }, texte), bouton);
    });
    this.partie
      .querySelector("#coordonnees-lieu")
      .replaceChildren(el("h3", {}, titre), el("ul", { class: "coordonnees-liste" }, ...lignes));
  }

  async #aller() {
    const demande = new URLSearchParams({
      texte: this.formulaire.elements.texte.value,
      systeme: this.formulaire.elements.systeme.value,
    });
    this.#dire("");
    this.partie.querySelector("#aller-choix").replaceChildren();
    try {
      const { lieux } = await lire(`/carte/coordonnees?${demande}`);
      if (lieux.length === 1) this.#partir(lieux[0]);
      else this.#proposer(lieux);
    } catch (erreur) {
      this.#dire(erreur.message);
    }
  }

  #dire(texte) {
    this.erreur.textContent = texte;
    this.erreur.hidden = !texte;
    this.formulaire.elements.texte.setAttribute("aria-invalid", String(Boolean(texte)));
  }

  #proposer(lieux) {
    this.partie.querySelector("#aller-choix").replaceChildren(
      el("p", {}, "Ces nombres peuvent se lire de plusieurs façons :"),
      ...lieux.map((lieu) =>
        el("button", { type: "button", class: "btn btn-outline-secondary", onclick: () => this.#partir(lieu) }, lieu.systeme),
      ),
    );
  }

  #partir({ lat, lon, systeme }) {
    const latlng = L.latLng(lat, lon);
    this.carte.setView(latlng, Math.max(this.carte.getZoom(), ZOOM));
    this.#marquer(latlng);
    this.#montrer(latlng, `Lieu demandé (${systeme})`);
  }
}
