/* The queue on the device: entries not sent, each with the person who wrote it.

   Without IndexedDB (private windows, old devices) the texts go to localStorage and files are not kept. */
const BASE = "terrain";
const TABLE = "saisies";
const CLE = "terrain-saisies";

function ouvrir() {
  return new Promise((bon, mauvais) => {
    const demande = indexedDB.open(BASE, 1);
    demande.onupgradeneeded = () => demande.result.createObjectStore(TABLE, { keyPath: "client_uuid" });
    demande.onsuccess = () => bon(demande.result);
    demande.onerror = () => mauvais(demande.error);
  });
}

let gardeFichiers = null;

/** Whether photos may wait here; the texts always may. */
export function gardeLesFichiers() {
  gardeFichiers ??= new Promise((bon) => {
    if (!("indexedDB" in globalThis) || !globalThis.indexedDB) bon(false);
    else
      ouvrir().then(
        (base) => {
          base.close();
          bon(true);
        },
        () => bon(false),
      );
  });
  return gardeFichiers;
}

async function faire(mode, geste) {
  const base = await ouvrir();
  try {
    return await new Promise((bon, mauvais) => {
      const transaction = base.transaction(TABLE, mode);
      const demande = geste(transaction.objectStore(TABLE));
      transaction.oncomplete = () => bon(demande.result);
      transaction.onerror = transaction.onabort = () => mauvais(transaction.error);
    });
  } finally {
    base.close();
  }
}

const lireTextes = () => JSON.parse(localStorage.getItem(CLE) ?? "[]");
const ecrireTextes = (saisies) => localStorage.setItem(CLE, JSON.stringify(saisies));
const sansFichiers = (saisie) => ({ ...saisie, champs: saisie.champs.filter(([, valeur]) => !(valeur instanceof Blob)) });

/** Entries of one person, the oldest first; nobody sees another's. */
export async function lister(personne) {
  if (!personne) return [];
  const toutes = (await gardeLesFichiers()) ? await faire("readonly", (table) => table.getAll()) : lireTextes();
  return toutes.filter((s) => s.personne === personne).sort((a, b) => a.ecrite - b.ecrite);
}

export async function garder(saisie) {
  if (await gardeLesFichiers()) return faire("readwrite", (table) => table.put(saisie));
  ecrireTextes([...lireTextes().filter((s) => s.client_uuid !== saisie.client_uuid), sansFichiers(saisie)]);
}

export async function retirer(uuid) {
  if (await gardeLesFichiers()) return faire("readwrite", (table) => table.delete(uuid));
  ecrireTextes(lireTextes().filter((s) => s.client_uuid !== uuid));
}

/** Why the device refused to keep something, in words. */
export function motifRefus(erreur) {
  return erreur?.name === "QuotaExceededError"
    ? "L'appareil n'a plus de place : ce qui est à l'écran n'est pas gardé. Envoyez ce qui attend, ou ôtez des photos, avant de quitter cette page."
    : "L'appareil refuse de garder cette saisie : laissez la page ouverte jusqu'à l'envoi.";
}
