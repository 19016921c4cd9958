/* Helps of a list: filters that act at once, menus that close, rows ticked together. The list works without it. */

document.documentElement.classList.add("js");

/* One menu at a time; Escape and a click outside close it. */
function fermerMenus(sauf = null) {
  for (const menu of document.querySelectorAll(".menu-ecran[open]")) {
    if (menu !== sauf) menu.open = false;
  }
}
document.addEventListener("click", (evenement) => fermerMenus(evenement.target.closest(".menu-ecran")));
document.addEventListener("keydown", (evenement) => {
  if (evenement.key !== "Escape") return;
  const ouvert = document.querySelector(".menu-ecran[open]");
  if (!ouvert) return;
  ouvert.open = false;
  ouvert.querySelector("summary").focus();
});

/* On a phone the filters fold under their button; the server sends them open. */
const etroit = window.matchMedia("(max-width: 61.99rem)");
let filtresOuverts = false;
function plierFiltres() {
  const volet = document.getElementById("filtres-volet");
  if (volet) volet.open = !etroit.matches || filtresOuverts;
}
document.addEventListener("click", (evenement) => {
  const volet = evenement.target.closest("#filtres-volet > summary")?.parentElement;
  if (volet) filtresOuverts = !volet.open;
});
etroit.addEventListener("change", plierFiltres);

function compter() {
  const tout = document.getElementById("coche-tout");
  if (!tout) return;
  const cases = [...document.querySelectorAll('#ecran-actions input[name="objets"]')];
  const cochees = cases.filter((c) => c.checked).length;
  tout.hidden = false;
  tout.checked = cochees > 0 && cochees === cases.length;
  tout.indeterminate = cochees > 0 && cochees < cases.length;
  for (const c of cases) c.closest("tr").classList.toggle("choisie", c.checked);
  const texte = document.getElementById("ecran-coches");
  if (cochees) texte.textContent = cochees === 1 ? "1 ligne cochée" : `${cochees} lignes cochées`;
  else texte.textContent = "Cochez des lignes pour agir sur plusieurs.";
}

document.addEventListener("change", (evenement) => {
  if (evenement.target.id === "coche-tout") {
    for (const c of document.querySelectorAll('#ecran-actions input[name="objets"]')) c.checked = evenement.target.checked;
  }
  compter();
});
function reprendre() {
  plierFiltres();
  compter();
}
document.addEventListener("htmx:after:swap", reprendre);
reprendre();
