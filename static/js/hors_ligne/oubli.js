/* Pages of the field kept on the device go with the person: at the log-out, and on any page seen by nobody.
   What was written and not sent stays, unseen, until its author comes back. */
import { lister } from "./file.js";

const PAGES = "terrain-pages-";
export const PERSONNE = "terrain-personne";

export async function oublierPages() {
  if (!("caches" in globalThis)) return;
  const noms = await caches.keys();
  await Promise.all(noms.filter((nom) => nom.startsWith(PAGES)).map((nom) => caches.delete(nom)));
}

/** How many entries of the person last seen on the field's pages wait on this device. */
async function compterSaisies() {
  const personne = localStorage.getItem(PERSONNE);
  return personne ? (await lister(personne)).length : 0;
}

function avertissement(nombre) {
  const quoi = nombre > 1 ? `${nombre} saisies ne sont pas envoyées` : "Une saisie n'est pas envoyée";
  return `${quoi} : elles restent sur cet appareil et partiront quand vous vous reconnecterez ici. Se déconnecter quand même ?`;
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
    const attendent = await compterSaisies().catch(() => 0);
    if (attendent && !window.confirm(avertissement(attendent))) return;
    fait = true;
    try {
      await oublierPages();
    } finally {
      sortie.requestSubmit();
    }
  });
}
