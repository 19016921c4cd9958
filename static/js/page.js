/* Small helps of every page: copy a text, print. Without this script the texts can still be selected. */
import { suivreDeconnexion } from "./hors_ligne/oubli.js";

suivreDeconnexion();

const annonce = document.createElement("p");
annonce.className = "visually-hidden";
annonce.setAttribute("role", "status");
document.body.append(annonce);

async function copier(texte) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(texte);
    return true;
  }
  // Outside HTTPS the clipboard is closed to scripts but for the old command.
  const zone = document.createElement("textarea");
  zone.value = texte;
  zone.className = "visually-hidden";
  document.body.append(zone);
  zone.select();
  const fait = document.execCommand("copy");
  zone.remove();
  return fait;
}

document.addEventListener("click", async (evenement) => {
  const bouton = evenement.target.closest("[data-copier], [data-imprimer]");
  if (!bouton) return;
  if ("imprimer" in bouton.dataset) {
    window.print();
    return;
  }
  let fait = false;
  try {
    fait = await copier(bouton.dataset.copier);
  } catch {
    fait = false;
  }
  annonce.textContent = fait ? `Copié : ${bouton.dataset.copier}` : "La copie a été refusée par le navigateur.";
  bouton.classList.toggle("copie", fait);
  bouton.focus();
  window.setTimeout(() => bouton.classList.remove("copie"), 1600);
});

/* « / » goes to the search box, as the agents' screens promise. */
document.addEventListener("keydown", (evenement) => {
  if (evenement.key !== "/" || evenement.ctrlKey || evenement.metaKey || evenement.altKey) return;
  if (evenement.target.closest("input, textarea, select, [contenteditable]")) return;
  const champ = document.getElementById("recherche-carte");
  if (!champ) return;
  evenement.preventDefault();
  champ.focus();
  champ.select();
});
