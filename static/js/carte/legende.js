/* The legend of what is shown: the lines of the layers switched on that this zoom draws. */

export class Legende {
  constructor(carte, volet, etat) {
    this.carte = carte;
    this.etat = etat;
    this.partie = volet.parties.legende;
    this.rien = this.partie.querySelector("#legende-rien");
    etat.addEventListener("change", () => this.accorder());
    carte.on("zoomend", () => this.accorder());
    volet.suivre("legende", { ouvrir: () => this.accorder() });
    this.accorder();
  }

  accorder() {
    const zoom = this.carte.getZoom();
    let aucune = true;
    for (const bloc of this.partie.querySelectorAll("[data-legende]")) {
      const allumee = this.etat.visible(bloc.dataset.legende);
      let lignes = 0;
      for (const ligne of bloc.querySelectorAll("[data-zoom-min]")) {
        const { zoomMin, zoomMax } = ligne.dataset;
        ligne.hidden = !(allumee && zoom >= Number(zoomMin) && !(zoomMax && zoom >= Number(zoomMax)));
        if (!ligne.hidden) lignes += 1;
      }
      bloc.hidden = lignes === 0;
      if (lignes) aucune = false;
    }
    for (const theme of this.partie.querySelectorAll(".legende-theme")) {
      theme.hidden = !theme.querySelector("[data-legende]:not([hidden])");
    }
    this.rien.hidden = !aucune;
  }

  /** A copy of the lines shown, for the printed page. */
  copie() {
    this.accorder();
    const copie = this.partie.cloneNode(true);
    for (const cache of copie.querySelectorAll("[hidden]")) cache.remove();
    return [...copie.querySelectorAll(".legende li")];
  }
}
