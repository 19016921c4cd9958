/* The PDF to scale: what the sheet will show is framed on the map, then the file is asked and handed over. */
import { el } from "./dom.js";

const L = globalThis.L;
const DELAI = 250;
const PIXEL_M = 0.00028;

/** Name of the file that the answer gives. */
function nomDe(reponse) {
  return /filename="([^"]+)"/.exec(reponse.headers.get("Content-Disposition") ?? "")?.[1] ?? "plan.pdf";
}

function remettre(blob, nom) {
  const adresse = URL.createObjectURL(blob);
  const lien = el("a", { href: adresse, download: nom, hidden: true });
  document.body.append(lien);
  lien.click();
  lien.remove();
  setTimeout(() => URL.revokeObjectURL(adresse), 60_000);
}

export class ImpressionEchelle {
  constructor(carte, volet, { etat, parcelle, adresse, reglages }) {
    Object.assign(this, { carte, etat, parcelle, adresse, reglages });
    const partie = volet.parties.impression;
    this.formulaire = partie.querySelector("form");
    this.message = partie.querySelector("#impression-message");
    this.etendue = partie.querySelector("#impression-etendue");
    this.bouton = partie.querySelector("#impression-pdf");
    this.serie = partie.querySelector("#impression-serie");
    this.cadre = L.polygon([], { className: "cadre-impression", interactive: false, weight: 2 });
    this.ouvert = false;
    this.formulaire.addEventListener("submit", (evenement) => {
      evenement.preventDefault();
      this.#telecharger();
    });
    this.formulaire.addEventListener("change", () => this.#viser());
    volet.suivre("impression", {
      ouvrir: () => {
        this.ouvert = true;
        if (!this.choisie) this.#proposer();
        this.#viser();
      },
      fermer: () => {
        this.ouvert = false;
        this.cadre.remove();
      },
    });
    carte.on("moveend", () => this.#viser());
    etat.addEventListener("change", () => this.#viser());
  }

  /** The usual scale nearest to the screen's, so that the first sheet shows about what is seen. */
  #proposer() {
    this.choisie = true;
    const metres = (40_075_016.686 * Math.cos((this.carte.getCenter().lat * Math.PI) / 180)) / 512 / 2 ** this.carte.getZoom();
    const denominateur = metres / PIXEL_M;
    const echelles = this.reglages.echelles.map(([e]) => e);
    const proche = echelles.find((e) => e >= denominateur * 0.9) ?? echelles.at(-1);
    this.formulaire.elements.echelle.value = String(proche);
  }

  #parametres() {
    const { titre, echelle, papier, legende } = this.formulaire.elements;
    const centre = this.carte.getCenter();
    const demande = this.etat.enParametres();
    demande.delete("fond");
    const [format, orientation] = papier.value.split("-");
    demande.set("lat", centre.lat.toFixed(7));
    demande.set("lon", centre.lng.toFixed(7));
    demande.set("echelle", echelle.value);
    demande.set("format", format);
    demande.set("orientation", orientation);
    if (titre.value.trim()) demande.set("titre", titre.value.trim());
    if (!legende.checked) demande.set("legende", "0");
    const idu = this.parcelle();
    if (idu) demande.set("parcelle", idu);
    return demande;
  }

  #viser() {
    if (!this.ouvert) return;
    clearTimeout(this.attente);
    this.attente = setTimeout(() => this.#cadrer(), DELAI);
  }

  async #cadrer() {
    const demande = this.#parametres();
    if (this.serie) this.serie.href = `${this.reglages.serie}?${this.#pourSerie(demande)}`;
    try {
      const reponse = await fetch(`${this.reglages.cadre}?${demande}`, { headers: { Accept: "application/json" } });
      const lu = await reponse.json();
      if (!reponse.ok) throw new Error(lu.erreur);
      if (!this.ouvert) return;
      this.cadre.setLatLngs(lu.contour).addTo(this.carte);
      const metres = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 0 });
      this.etendue.textContent = `Le cadre sur la carte montre ce qui s'imprimera\u00a0: ${metres.format(lu.largeur_m)} m sur ${metres.format(lu.hauteur_m)} m.`;
    } catch (erreur) {
      this.cadre.remove();
      this.etendue.textContent = erreur.message || "";
    }
  }

  #pourSerie(demande) {
    const garde = new URLSearchParams();
    for (const nom of ["couches", "opacites", "ordre", "jour", "filtres", "format", "orientation", "titre"]) {
      if (demande.has(nom)) garde.set(nom, demande.get(nom));
    }
    if (demande.has("parcelle")) garde.set("cles", demande.get("parcelle"));
    return garde;
  }

  async #telecharger() {
    this.bouton.disabled = true;
    this.#dire("La feuille se prépare…");
    try {
      const reponse = await fetch(`${this.adresse}?${this.#parametres()}`, {
        headers: { Accept: "application/pdf, application/json" },
      });
      if (reponse.headers.get("Content-Type") === "application/pdf") {
        remettre(await reponse.blob(), nomDe(reponse));
        this.#dire("La feuille est prête\u00a0: imprimez-la à 100 %, sans ajustement à la page.");
        return;
      }
      const lu = await reponse.json();
      if (lu.suivi) this.#dire(lu.message, el("a", { href: lu.suivi }, "Suivre sa préparation"));
      else this.#dire(lu.erreur ?? "La feuille n'a pas pu être imprimée.");
    } catch {
      this.#dire("Le serveur ne répond pas\u00a0: réessayez dans un instant.");
    } finally {
      this.bouton.disabled = false;
    }
  }

  #dire(texte, ...suite) {
    this.message.replaceChildren(texte, ...suite.flatMap((s) => [" ", s]));
  }
}
