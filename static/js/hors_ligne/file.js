/* The queue on the device: entries not sent, each with the person who wrote it. */
const BASE = "terrain";
const TABLE = "saisies";

function ouvrir() {
  return new Promise((bon, mauvais) => {
    const demande = indexedDB.open(BASE, 1);
    demande.onupgradeneeded = () => demande.result.createObjectStore(TABLE, { keyPath: "client_uuid" });
    demande.onsuccess = () => bon(demande.result);
    demande.onerror = () => mauvais(demande.error);
  });
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

/** Entries of one person, the oldest first; nobody sees another's. */
export async function lister(personne) {
  if (!personne) return [];
  const toutes = await faire("readonly", (table) => table.getAll());
  return toutes.filter((s) => s.personne === personne).sort((a, b) => a.ecrite - b.ecrite);
}

export function garder(saisie) {
  return faire("readwrite", (table) => table.put(saisie));
}

export function retirer(uuid) {
  return faire("readwrite", (table) => table.delete(uuid));
}
