/* Served at /terrain/service.js, so that it sees the pages of the field and no other.

   A page that says « X-Hors-Ligne: <person> » is kept for that person alone; another person's page, or the door,
   erases those of the one before. Files of the site (their names change with their contents) are kept too. */
const PAGES = "terrain-pages-";
const FICHIERS = "terrain-fichiers";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (evenement) => evenement.waitUntil(self.clients.claim()));

async function oublier(sauf = "") {
  const noms = await caches.keys();
  await Promise.all(noms.filter((nom) => nom.startsWith(PAGES) && nom !== sauf).map((nom) => caches.delete(nom)));
}

async function garder(requete, reponse) {
  const personne = reponse.headers.get("X-Hors-Ligne");
  if (reponse.redirected && !new URL(reponse.url).pathname.startsWith("/terrain/")) await oublier();
  else if (reponse.ok && personne) {
    await oublier(PAGES + personne);
    const boite = await caches.open(PAGES + personne);
    await boite.put(requete.url.split("#")[0], reponse.clone());
  }
}

async function page(requete) {
  try {
    const reponse = await fetch(requete);
    await garder(requete, reponse);
    return reponse;
  } catch {
    for (const nom of await caches.keys()) {
      if (!nom.startsWith(PAGES)) continue;
      const gardee = await (await caches.open(nom)).match(requete.url.split("#")[0], { ignoreVary: true });
      if (gardee) return gardee;
    }
    const texte =
      "<!doctype html><html lang=fr><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Sans réseau</title><h1>Sans réseau</h1><p>Cette page n'a pas été emportée. <a href='/terrain/'>Voir les fiches emportées</a></p>";
    return new Response(texte, { status: 503, headers: { "Content-Type": "text/html; charset=utf-8" } });
  }
}

async function fichier(requete) {
  const boite = await caches.open(FICHIERS);
  const garde = await boite.match(requete, { ignoreVary: true });
  if (garde) return garde;
  const reponse = await fetch(requete);
  if (reponse.ok && reponse.type === "basic") await boite.put(requete, reponse.clone());
  return reponse;
}

self.addEventListener("fetch", (evenement) => {
  const { request } = evenement;
  const adresse = new URL(request.url);
  if (request.method !== "GET" || adresse.origin !== self.location.origin) return;
  if (request.mode === "navigate" && adresse.pathname.startsWith("/terrain/")) evenement.respondWith(page(request));
  else if (adresse.pathname.startsWith("/static/")) evenement.respondWith(fichier(request));
});
