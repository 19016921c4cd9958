/* Take pages along: the worker, the pages of this person, the files that they need. */
const PAGES = "terrain-pages-";
const FICHIERS = "terrain-fichiers";

export async function installer() {
  if (!("serviceWorker" in navigator)) return false;
  await navigator.serviceWorker.register("/terrain/service.js", { scope: "/terrain/" });
  await navigator.serviceWorker.ready;
  return true;
}

/** Files of this page: those of the other pages of the field are the same. */
async function garderFichiers() {
  const boite = await caches.open(FICHIERS);
  const adresses = performance
    .getEntriesByType("resource")
    .map((entree) => entree.name)
    .filter((adresse) => new URL(adresse).origin === window.location.origin && new URL(adresse).pathname.startsWith("/static/"));
  await Promise.all(
    [...new Set(adresses)].map(async (adresse) => {
      if (await boite.match(adresse)) return;
      const reponse = await fetch(adresse);
      if (reponse.ok) await boite.put(adresse, reponse);
    }),
  );
}

/** Keep these addresses for this person; gives those that were kept. */
export async function emporter(personne, adresses) {
  await garderFichiers();
  const boite = await caches.open(PAGES + personne);
  const gardees = [];
  for (const adresse of adresses) {
    const reponse = await fetch(adresse);
    // Only what the server gives to this very person.
    if (!reponse.ok || reponse.headers.get("X-Hors-Ligne") !== personne) continue;
    await boite.put(new URL(adresse, window.location.href).href, reponse);
    gardees.push(adresse);
  }
  return gardees;
}

export async function estEmportee(personne, adresse) {
  if (!("caches" in globalThis) || !(await caches.has(PAGES + personne))) return false;
  return Boolean(await (await caches.open(PAGES + personne)).match(new URL(adresse, window.location.href).href));
}
