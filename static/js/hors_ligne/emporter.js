/* Take pages along: the worker, the pages of this person, the files that they need. */
const PAGES = "terrain-pages-";
const FICHIERS = "terrain-fichiers";

export async function installer() {
  if (!("serviceWorker" in navigator)) return false;
  await navigator.serviceWorker.register("/terrain/service.js", { scope: "/terrain/" });
  await navigator.serviceWorker.ready;
  return true;
}

const duSite = (adresse) => new URL(adresse).origin === window.location.origin && new URL(adresse).pathname.startsWith("/static/");

/** Keep these files, and the modules that a module names: a page opened without network needs them all. */
async function garderFichiers(adresses, vues = new Set()) {
  const boite = await caches.open(FICHIERS);
  await Promise.all(
    adresses.map(async (adresse) => {
      if (vues.has(adresse) || !duSite(adresse)) return;
      vues.add(adresse);
      let reponse = await boite.match(adresse, { ignoreVary: true });
      if (!reponse) {
        reponse = await fetch(adresse);
        if (!reponse.ok) return;
        await boite.put(adresse, reponse.clone());
      }
      if (!new URL(adresse).pathname.endsWith(".js")) return;
      const texte = await reponse.text();
      const noms = [...texte.matchAll(/(?:from|import)\s*"(\.{1,2}\/[^"]+)"/g)].map(([, nom]) => new URL(nom, adresse).href);
      await garderFichiers(noms, vues);
    }),
  );
}

/** Files that this page has loaded. */
function fichiersDIci() {
  return performance.getEntriesByType("resource").map((entree) => entree.name);
}

/** Files that another page names. */
function fichiersDe(texte, adresse) {
  const page = new DOMParser().parseFromString(texte, "text/html");
  const noeuds = [...page.querySelectorAll("script[src], link[rel=stylesheet]")];
  return noeuds.map((n) => new URL(n.getAttribute("src") ?? n.getAttribute("href"), new URL(adresse, window.location.href)).href);
}

/** Keep these addresses for this person; gives those that were kept. */
export async function emporter(personne, adresses) {
  const vues = new Set();
  await garderFichiers(fichiersDIci(), vues);
  const boite = await caches.open(PAGES + personne);
  const gardees = [];
  for (const adresse of adresses) {
    const reponse = await fetch(adresse);
    // Only what the server gives to this very person.
    if (!reponse.ok || reponse.headers.get("X-Hors-Ligne") !== personne) continue;
    await boite.put(new URL(adresse, window.location.href).href, reponse.clone());
    await garderFichiers(fichiersDe(await reponse.text(), adresse), vues);
    gardees.push(adresse);
  }
  return gardees;
}

export async function estEmportee(personne, adresse) {
  if (!("caches" in globalThis) || !(await caches.has(PAGES + personne))) return false;
  return Boolean(await (await caches.open(PAGES + personne)).match(new URL(adresse, window.location.href).href));
}
