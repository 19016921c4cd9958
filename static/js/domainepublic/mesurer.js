/* The drawing beside the simulator of prices: measured at each change, its figures put in the form above. */
import { lire } from "../carte/dom.js";

const PAUSE_MS = 350;
// The tools that draw each kind of shape; the others act on what is drawn.
const OUTILS = {
  point: ["point"],
  ligne: ["ligne", "decaler"],
  polygone: ["surface", "parcelle", "bande", "disque", "rectangle", "elargir"],
};

const mesure = document.querySelector("[data-mesure]");
const simulateur = document.querySelector("form[data-simulateur]");
if (mesure && simulateur) suivre();

function suivre() {
  const genres = JSON.parse(document.getElementById("mesure-genres").textContent);
  const dit = mesure.querySelector("[data-mesure-dit]");
  const calculer = mesure.querySelector("[data-calculer]");
  const champ = (nom) => simulateur.elements[`occupation-${nom}`];
  mesure.querySelector("[data-sans-script]").hidden = true;
  let minuterie = null;
  let requete = null;

  function dire(texte, faute = false) {
    dit.textContent = texte;
    dit.classList.toggle("attention", faute);
  }

  /** Only what this kind of occupation may be drawn with. */
  function adapter() {
    const permis = genres[champ("type").value] ?? Object.keys(OUTILS);
    for (const [genre, outils] of Object.entries(OUTILS)) {
      for (const outil of outils) {
        const bouton = mesure.querySelector(`[data-outil="${outil}"]`);
        if (bouton) bouton.hidden = !permis.includes(genre);
      }
      const bloc = mesure.querySelector(`[data-genre="${genre}"]`);
      if (bloc) bloc.hidden = !permis.includes(genre);
    }
    mesure.querySelector("[data-entre-numeros]").hidden = !permis.includes("ligne");
  }

  function corps() {
    const donnees = new FormData(mesure);
    donnees.set("type", champ("type").value);
    donnees.set("debut", champ("debut").value);
    return donnees;
  }

  /** Rows of shares: as many as needed, the others emptied. */
  function reporter(champs) {
    for (const e of simulateur.elements) if (/^zones-\d+-(zone|quantite)$/.test(e.name)) e.value = "";
    champ("quantite").value = "";
    for (const [nom, valeur] of Object.entries(champs)) {
      if (!simulateur.elements[nom]) simulateur.querySelector("[data-ajouter]")?.click();
      const cible = simulateur.elements[nom];
      if (cible) cible.value = nom.endsWith("quantite") ? valeur.replace(".", ",") : valeur;
    }
    const parts = simulateur.elements["zones-0-quantite"];
    if (parts?.value) parts.closest("details").open = true;
  }

  async function mesurer(vise = document.activeElement) {
    requete?.abort();
    if (!champ("type").value) {
      dire("Dites d'abord, dans le formulaire, ce que vous voulez installer.", true);
      return;
    }
    requete = new AbortController();
    calculer.hidden = true;
    dire("Mesure…");
    try {
      const lu = await lire(mesure.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: corps(),
        signal: requete.signal,
      });
      reporter(lu.champs);
      vise?.focus?.({ preventScroll: true });
      dire(`${lu.phrase} C'est reporté dans le formulaire.`);
      calculer.hidden = false;
    } catch (erreur) {
      if (erreur.name !== "AbortError") dire(erreur.message, true);
    }
  }

  const bientot = () => {
    clearTimeout(minuterie);
    minuterie = setTimeout(() => mesure.elements.geom.value.trim() && mesurer(), PAUSE_MS);
  };

  mesure.addEventListener("submit", (evenement) => {
    evenement.preventDefault();
    mesurer();
  });
  mesure.addEventListener("dessin:change", ({ detail }) => {
    if (detail) bientot();
    else {
      dire("");
      calculer.hidden = true;
    }
  });
  for (const nom of ["largeur", "rayon"]) mesure.elements[nom]?.addEventListener("change", bientot);
  for (const nom of ["type", "debut"]) {
    champ(nom).addEventListener("change", () => {
      adapter();
      bientot();
    });
  }
  adapter();
}
