/* Keyboard shortcuts of the agents: « g » then the letter of an entry of the rail, « ? » for the list. */
const dialogue = document.getElementById("raccourcis");
const CLE = "raccourcis";
const ATTENTE_MS = 1500;

function lireReglage() {
  try {
    return localStorage.getItem(CLE) !== "non";
  } catch {
    return true;
  }
}

/** Lines of the help, from the entries that this person sees. */
function remplir(entrees) {
  const liste = dialogue.querySelector("dl");
  for (const entree of entrees) {
    const ligne = document.createElement("div");
    const touches = document.createElement("dt");
    const g = document.createElement("kbd");
    const lettre = document.createElement("kbd");
    const texte = document.createElement("dd");
    g.textContent = "g";
    lettre.textContent = entree.dataset.touche;
    touches.append(g, " puis ", lettre);
    texte.textContent = entree.querySelector(".rail-libelle").textContent;
    ligne.append(touches, texte);
    liste.append(ligne);
  }
}

function suivre() {
  const entrees = [...document.querySelectorAll("#rail a[data-touche]")];
  const actifs = document.getElementById("raccourcis-actifs");
  const bouton = document.getElementById("raccourcis-ouvrir");
  let depuis = 0;
  remplir(entrees);
  actifs.checked = lireReglage();
  actifs.addEventListener("change", () => {
    try {
      localStorage.setItem(CLE, actifs.checked ? "oui" : "non");
    } catch {
      // Private browsing: the choice holds for this page only.
    }
  });
  bouton.hidden = false;
  bouton.addEventListener("click", () => dialogue.showModal());
  document.addEventListener("keydown", (evenement) => {
    if (!actifs.checked || evenement.ctrlKey || evenement.metaKey || evenement.altKey) return;
    if (dialogue.open || evenement.target.closest("input, textarea, select, [contenteditable]")) return;
    if (evenement.key === "?") {
      evenement.preventDefault();
      dialogue.showModal();
    } else if (evenement.key === "g") depuis = evenement.timeStamp;
    else if (depuis && evenement.timeStamp - depuis < ATTENTE_MS) {
      depuis = 0;
      const entree = entrees.find((une) => une.dataset.touche === evenement.key);
      if (entree) {
        evenement.preventDefault();
        entree.click();
      }
    }
  });
}

if (dialogue) suivre();
