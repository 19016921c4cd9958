/* The day shown by the layers that have dates: a slider, a date, a step a day, or all days. */
import { lire } from "./dom.js";

const JOUR_MS = 86_400_000;

function enJours(iso) {
  return Math.round(Date.parse(`${iso}T00:00Z`) / JOUR_MS);
}

function enIso(jours) {
  return new Date(jours * JOUR_MS).toISOString().slice(0, 10);
}

/** Today where the reader is. */
function aujourdhui() {
  const maintenant = new Date();
  return enIso(Math.floor((maintenant.getTime() - maintenant.getTimezoneOffset() * 60_000) / JOUR_MS));
}

function enMots(iso) {
  return new Date(`${iso}T12:00`).toLocaleDateString("fr-FR", { dateStyle: "full" });
}

/** The bar of the day: there as long as a layer with dates is shown. */
export class Temps {
  constructor(etat) {
    this.etat = etat;
    this.barre = document.getElementById("temps");
    this.curseur = document.getElementById("temps-curseur");
    this.date = document.getElementById("temps-date");
    this.texte = document.getElementById("temps-texte");
    this.tous = document.getElementById("temps-tous");
    this.curseur.addEventListener("input", () => this.#choisir(enIso(Number(this.curseur.value))));
    this.date.addEventListener("change", () => this.#choisir(this.date.value));
    this.tous.addEventListener("change", () => etat.choisirJour(this.tous.checked ? "" : this.#dans(aujourdhui())));
    document.getElementById("temps-avant").addEventListener("click", () => this.#avancer(-1));
    document.getElementById("temps-apres").addEventListener("click", () => this.#avancer(1));
    document.getElementById("temps-aujourdhui").addEventListener("click", () => this.#choisir(aujourdhui()));
    etat.addEventListener("change", ({ detail }) => {
      if (detail !== "jour") this.#borner();
      this.#accorder();
    });
    this.#borner();
  }

  get #couches() {
    return this.etat.visibles().filter((nom) => this.etat.couches.get(nom).dates);
  }

  /** The slider runs over all days that the layers shown speak of, today included. */
  async #borner() {
    const couches = this.#couches.join(",");
    this.barre.hidden = !couches;
    if (!couches || couches === this.bornees) return;
    this.bornees = couches;
    try {
      const { debut, fin } = await lire(`/carte/jours?${new URLSearchParams({ couches })}`);
      const jours = [debut, fin, aujourdhui()].filter(Boolean).map(enJours);
      this.curseur.min = Math.min(...jours);
      this.curseur.max = Math.max(...jours);
    } catch {
      this.bornees = null;
    }
    this.#accorder();
  }

  #dans(iso) {
    return enIso(Math.min(Number(this.curseur.max), Math.max(Number(this.curseur.min), enJours(iso))));
  }

  #choisir(iso) {
    if (iso) this.etat.choisirJour(iso);
  }

  #avancer(pas) {
    this.#choisir(enIso(enJours(this.etat.jour || aujourdhui()) + pas));
  }

  #accorder() {
    const { jour } = this.etat;
    const montre = jour || aujourdhui();
    this.curseur.value = enJours(montre);
    this.curseur.setAttribute("aria-valuetext", enMots(montre));
    this.date.value = montre;
    this.tous.checked = !jour;
    this.texte.textContent = jour ? enMots(jour) : "Toutes les dates";
    this.barre.classList.toggle("temps-eteint", !jour);
  }
}
