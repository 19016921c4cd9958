/* Pages of the field kept on the device go with the person: at the log-out, and on any page seen by nobody.
   What was written and not sent stays, unseen, until its author comes back. */
const PAGES = "terrain-pages-";

export async function oublierPages() {
  if (!("caches" in globalThis)) return;
  const noms = await caches.keys();
  await Promise.all(noms.filter((nom) => nom.startsWith(PAGES)).map((nom) => caches.delete(nom)));
}

export function suivreDeconnexion() {
  const sortie = document.querySelector("[data-deconnexion]");
  if (!sortie) {
    oublierPages();
    return;
  }
  let fait = false;
  sortie.addEventListener("submit", async (evenement) => {
    if (fait) return;
    evenement.preventDefault();
    fait = true;
    try {
      await oublierPages();
    } finally {
      sortie.requestSubmit();
    }
  });
}
