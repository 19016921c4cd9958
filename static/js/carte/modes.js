/* Who answers a click of the map: the tool in hand, otherwise the question « what is here? ». */

export class Modes {
  constructor() {
    this.outil = null;
  }

  /** A tool ({clic, mouvement?, touche?}) takes the clicks until it leaves them. */
  prendre(outil) {
    this.outil = outil;
    document.getElementById("carte").classList.add("outil-en-main");
  }

  laisser(outil) {
    if (this.outil !== outil) return;
    this.outil = null;
    document.getElementById("carte").classList.remove("outil-en-main");
  }
}
