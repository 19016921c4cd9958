/* While an agent draws: what the ground would meet on these days, asked again at each change. */
const PAUSE_MS = 600;
const panneau = document.querySelector("[data-conflits]");
const formulaire = panneau.closest("form");
let minuterie = null;
let demande = null;

async function demander() {
  demande?.abort();
  demande = new AbortController();
  const corps = new FormData(formulaire);
  // A file is read when the form is sent.
  for (const [nom, valeur] of [...corps]) if (valeur instanceof File) corps.delete(nom);
  if (panneau.dataset.dossier) corps.set("dossier", panneau.dataset.dossier);
  if (!corps.get("geom") || !corps.get("debut") || !corps.get("type")) {
    panneau.hidden = true;
    return;
  }
  try {
    const reponse = await fetch(panneau.dataset.conflits, { method: "POST", body: corps, signal: demande.signal });
    if (!reponse.ok) throw new Error(reponse.statusText);
    const lu = new DOMParser().parseFromString(await reponse.text(), "text/html");
    const morceaux = [...lu.body.children];
    panneau.replaceChildren(...morceaux);
    panneau.hidden = !morceaux.length;
  } catch (erreur) {
    if (erreur.name !== "AbortError") panneau.hidden = true;
  }
}

function bientot() {
  clearTimeout(minuterie);
  minuterie = setTimeout(demander, PAUSE_MS);
}

formulaire.addEventListener("dessin:change", bientot);
formulaire.addEventListener("change", bientot);
bientot();
