/* The side panel: a column on a large screen, a sheet that slides up on a phone. */

const TELEPHONE = window.matchMedia("(max-width: 47.99rem)");
const GLISSE_MIN_PX = 40;

/** One panel with two contents, the object asked and the layers. */
export class Volet {
  constructor() {
    this.racine = document.getElementById("volet");
    this.titre = document.getElementById("volet-titre");
    this.parties = {
      objet: document.getElementById("volet-objet"),
      couches: document.getElementById("volet-couches"),
    };
    this.boutonCouches = document.getElementById("outil-couches");
    this.ouverte = null;
    this.aLaFermeture = () => {};
    document.getElementById("volet-fermer").addEventListener("click", () => this.fermer());
    this.racine.addEventListener("keydown", (evenement) => {
      if (evenement.key === "Escape") this.fermer();
    });
    this.#glisser();
  }

  ouvrir(partie, titre, { viserTitre = false } = {}) {
    if (!this.racine.contains(document.activeElement)) this.retour = document.activeElement;
    this.ouverte = partie;
    this.titre.textContent = titre;
    for (const [nom, element] of Object.entries(this.parties)) element.hidden = nom !== partie;
    this.racine.hidden = false;
    this.racine.classList.remove("volet-haut");
    this.racine.querySelector(".volet-corps:not([hidden])").scrollTop = 0;
    this.boutonCouches.setAttribute("aria-expanded", String(partie === "couches"));
    if (viserTitre) this.racine.focus({ preventScroll: true });
  }

  fermer() {
    if (!this.ouverte) return;
    const partie = this.ouverte;
    const dedans = this.racine.contains(document.activeElement);
    this.ouverte = null;
    this.racine.hidden = true;
    this.boutonCouches.setAttribute("aria-expanded", "false");
    if (dedans) (this.retour?.isConnected ? this.retour : document.getElementById("carte")).focus();
    this.aLaFermeture(partie);
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
