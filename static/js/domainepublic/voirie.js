/* Who manages the street under the drawing: proposed in the fields that nobody has touched, always editable. */
const PAUSE_MS = 600;
const bloc = document.querySelector("[data-voirie]");
const formulaire = bloc.closest("form");
const texte = bloc.querySelector("[data-texte]");
const bouton = bloc.querySelector("button");
const NOMS = ["domaine", "gestionnaire", "en_agglomeration", "grande_circulation", "police_transferee"];
const champ = (nom) => formulaire.elements[nom];
const lire = (nom) => (champ(nom).type === "checkbox" ? champ(nom).checked : champ(nom).value);
const depart = Object.fromEntries(NOMS.map((nom) => [nom, lire(nom)]));
// A form sent back, or copied from another request: what it says is somebody's choice.
const touches = new Set("figee" in bloc.dataset ? NOMS : []);
let proposes = {};
let carte = "";
let minuterie = null;
let demande = null;

function ecrire(nom, valeur) {
  if (champ(nom).type === "checkbox") champ(nom).checked = valeur;
  else champ(nom).value = valeur;
}

function appliquer(tous) {
  for (const nom of NOMS) {
    if (tous && nom in proposes) touches.delete(nom);
    if (!touches.has(nom)) ecrire(nom, proposes[nom] ?? depart[nom]);
  }
  bouton.hidden = !Object.keys(proposes).some((nom) => lire(nom) !== proposes[nom]);
}

function dire() {
  texte.textContent = carte
    ? `D'après la carte des voies, ${carte}. ${bouton.hidden ? "Les champs qui suivent le reprennent" : "Les champs qui suivent disent autre chose"} : corrigez-les au besoin.`
    : "La carte des voies ne dit rien de ce lieu : remplissez les champs qui suivent.";
}

async function demander() {
  demande?.abort();
  demande = new AbortController();
  const corps = new FormData(formulaire);
  for (const [nom, valeur] of [...corps]) if (valeur instanceof File) corps.delete(nom);
  if (!corps.get("geom")) return;
  try {
    const reponse = await fetch(bloc.dataset.voirie, { method: "POST", body: corps, signal: demande.signal });
    if (!reponse.ok) throw new Error(reponse.statusText);
    const lu = await reponse.json();
    proposes = lu.faits;
    carte = lu.texte;
    appliquer(false);
    dire();
  } catch (erreur) {
    if (erreur.name !== "AbortError") texte.textContent = "";
  }
}

function bientot() {
  clearTimeout(minuterie);
  minuterie = setTimeout(demander, PAUSE_MS);
}

bouton.type = "button";
bouton.textContent = "Reprendre ce que dit la carte des voies";
bouton.hidden = true;
bouton.addEventListener("click", () => {
  appliquer(true);
  dire();
  // The button has gone: who works with the keyboard goes on from what it did.
  texte.focus();
});
formulaire.addEventListener("dessin:change", bientot);
formulaire.addEventListener("change", (evenement) => {
  if (NOMS.includes(evenement.target.name)) touches.add(evenement.target.name);
  if (["insee", "largeur", "rayon", "cote", "debut"].includes(evenement.target.name)) bientot();
});
bientot();
