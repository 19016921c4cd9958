/* Share what is on the screen: a link, and the code that puts the map on another site. */
import { suite } from "./permalien.js";

/** The part « partage » of the panel: its fields say the present view while it is open. */
export class Partage {
  constructor(carte, volet, etat, parcelle) {
    this.carte = carte;
    this.etat = etat;
    this.parcelle = parcelle;
    this.volet = volet;
    this.partie = volet.parties.partage;
    volet.suivre("partage", { ouvrir: () => this.#ecrire() });
    carte.on("moveend", () => this.#ecrire());
    etat.addEventListener("change", () => this.#ecrire());
    const envoyer = this.partie.querySelector("#partage-envoyer");
    envoyer.hidden = !navigator.share;
    envoyer.addEventListener("click", async () => {
      try {
        await navigator.share({ title: document.title, url: this.#lien() });
      } catch {
        /* the person closed the window of the system */
      }
    });
  }

  #lien(chemin = "/carte/") {
    return `${window.location.origin}${chemin}${suite(this.carte, this.etat, this.parcelle())}`;
  }

  #ecrire() {
    if (this.volet.ouverte !== "partage") return;
    const code = `<iframe src="${this.#lien("/carte/integree/").replaceAll("&", "&amp;")}" title="Plan cadastral" width="100%" height="480" loading="lazy"></iframe>`;
    for (const [nom, texte] of [["lien", this.#lien()], ["code", code]]) {
      this.partie.querySelector(`#partage-${nom}`).value = texte;
      this.partie.querySelector(`#partage-copier-${nom}`).dataset.copier = texte;
    }
  }
}
