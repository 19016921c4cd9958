/* The side panel: a column on a large screen, a sheet that slides up on a phone. One panel, many parts. */

const TELEPHONE = window.matchMedia("(max-width: 47.99rem)");
const GLISSE_MIN_PX = 40;

/** Parts are the elements `data-partie="nom"`; buttons `data-ouvre="nom"` open and close theirs. */
export class Volet extends EventTarget {
  constructor() {
    super();
    this.racine = document.getElementById("volet");
    this.titre = document.getElementById("volet-titre");
    this.parties = Object.fromEntries(
      [...this.racine.querySelectorAll("[data-partie]")].map((element) => [element.dataset.partie, element]),
    );
    this.boutons = [...document.querySelectorAll("[data-ouvre]")];
    this.ouverte = null;
    for (const bouton of this.boutons) {
      bouton.addEventListener("click", () => {
        const { ouvre } = bouton.dataset;
        if (this.ouverte === ouvre && !this.racine.contains(bouton)) this.fermer();
        else this.ouvrir(ouvre, this.parties[ouvre].dataset.titre, { viserTitre: true });
      });
    }
    document.getElementById("volet-fermer").addEventListener("click", () => this.fermer());
    this.racine.addEventListener("keydown", (evenement) => {
      if (evenement.key === "Escape") this.fermer();
    });
    this.#glisser();
  }

  /** Show a part. Events name theirs in `detail`: « ouverture », « fermeture » (another part may take its
      place), « ferme » (the whole panel). */
  ouvrir(partie, titre, { viserTitre = false } = {}) {
    const active = document.activeElement;
    if (!this.racine.contains(active)) this.retour = active;
    const avant = this.ouverte;
    this.ouverte = partie;
    this.titre.textContent = titre;
    for (const [nom, element] of Object.entries(this.parties)) element.hidden = nom !== partie;
    this.racine.hidden = false;
    this.racine.classList.remove("volet-haut");
    this.racine.dataset.ouverte = partie;
    this.parties[partie].scrollTop = 0;
    this.#dire();
    if (viserTitre) this.racine.focus({ preventScroll: true });
    if (avant && avant !== partie) this.#annoncer("fermeture", avant);
    if (avant !== partie) this.#annoncer("ouverture", partie);
  }

  fermer() {
    if (!this.ouverte) return;
    const partie = this.ouverte;
    const dedans = this.racine.contains(document.activeElement);
    this.ouverte = null;
    this.racine.hidden = true;
    this.#dire();
    if (dedans) {
      const { retour } = this;
      const montre = retour?.isConnected && retour.getClientRects().length > 0;
      (montre ? retour : document.getElementById("carte")).focus({ preventScroll: true });
    }
    this.#annoncer("fermeture", partie);
    this.#annoncer("ferme", partie);
  }

  #dire() {
    for (const bouton of this.boutons) {
      if (bouton.hasAttribute("aria-expanded")) {
        bouton.setAttribute("aria-expanded", String(bouton.dataset.ouvre === this.ouverte));
      }
    }
  }

  #annoncer(genre, partie) {
    this.dispatchEvent(new CustomEvent(genre, { detail: partie }));
  }

  /** Call `ouvrir` when that part opens, `fermer` when it closes or gives way to another. */
  suivre(partie, { ouvrir = () => {}, fermer = () => {} }) {
    this.addEventListener("ouverture", ({ detail }) => detail === partie && ouvrir());
    this.addEventListener("fermeture", ({ detail }) => detail === partie && fermer());
  }

  /** Pixels of the map that the panel hides: [right, bottom]. */
  get emprise() {
    if (!this.ouverte) return [0, 0];
    return TELEPHONE.matches ? [0, this.racine.offsetHeight] : [this.racine.offsetWidth + 16, 0];
  }

  #glisser() {
    const poignee = document.getElementById("volet-poignee");
    const tete = this.racine.querySelector(".volet-tete");
    let depart = null;
    poignee.addEventListener("click", () => this.racine.classList.toggle("volet-haut"));
    tete.addEventListener("pointerdown", (evenement) => {
      if (TELEPHONE.matches && !evenement.target.closest(".volet-fermer")) depart = evenement.clientY;
    });
    // The finger leaves the head while it slides: its end is heard everywhere.
    window.addEventListener("pointercancel", () => (depart = null));
    window.addEventListener("pointerup", (evenement) => {
      if (depart === null) return;
      const ecart = evenement.clientY - depart;
      depart = null;
      if (ecart < -GLISSE_MIN_PX) this.racine.classList.add("volet-haut");
      else if (ecart > GLISSE_MIN_PX) {
        if (this.racine.classList.contains("volet-haut")) this.racine.classList.remove("volet-haut");
        else this.fermer();
      }
    });
  }
}
