/* Small helpers to build the page's parts without any HTML in a string. */

/** Element `balise` with properties and children; text children are texts, never HTML. */
export function el(balise, proprietes = {}, ...enfants) {
  const element = document.createElement(balise);
  for (const [nom, valeur] of Object.entries(proprietes)) {
    if (valeur === null || valeur === undefined || valeur === false) continue;
    if (nom === "class") element.className = valeur;
    else if (nom in element && nom !== "role") element[nom] = valeur;
    else element.setAttribute(nom, valeur === true ? "" : valeur);
  }
  element.append(...enfants.filter((enfant) => enfant !== null && enfant !== undefined));
  return element;
}

/** An icon that says nothing to a screen reader. */
export function icone(nom) {
  return el("span", { class: `bi bi-${nom}`, "aria-hidden": "true" });
}

/** JSON of an address of ours; throws an Error with the server's own words. */
export async function lire(adresse, options = {}) {
  let reponse;
  try {
    reponse = await fetch(adresse, { headers: { Accept: "application/json" }, ...options });
  } catch (erreur) {
    if (erreur.name === "AbortError") throw erreur;
    // The browser's own words are English.
    throw new Error("Le serveur n'est pas joignable : vérifiez le réseau.", { cause: erreur });
  }
  let contenu = null;
  try {
    contenu = await reponse.json();
  } catch {
    /* said below */
  }
  if (!reponse.ok || contenu === null) {
    throw new Error(contenu?.erreur ?? contenu?.detail ?? "Le serveur ne répond pas comme prévu. Réessayez dans un instant.");
  }
  return contenu;
}
