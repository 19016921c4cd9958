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

/* The error of a request that fails is known before that of its transaction. */
const raison = (transaction, evenement) => transaction.error ?? evenement.target.error;

async function faire(mode, geste) {
  const base = await ouvrir();
  try {
    return await new Promise((bon, mauvais) => {
      const transaction = base.transaction(TABLE, mode);
      const demande = geste(transaction.objectStore(TABLE));
      transaction.oncomplete = () => bon(demande.result);
      transaction.onerror = transaction.onabort = (suite) => mauvais(raison(transaction, suite));
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

/** Change one entry as it stands now, in one go: `geste(entry)` gives what takes its place, null for nothing. */
async function remplacer(uuid, geste) {
  if (!(await gardeLesFichiers())) {
    const textes = lireTextes();
    const courante = textes.find((s) => s.client_uuid === uuid);
    const suite = courante ? geste(courante) : null;
    ecrireTextes([...textes.filter((s) => s !== courante), ...(suite ? [sansFichiers(suite)] : [])]);
    return suite;
  }
  const base = await ouvrir();
  try {
    return await new Promise((bon, mauvais) => {
      const transaction = base.transaction(TABLE, "readwrite");
      const table = transaction.objectStore(TABLE);
      const lue = table.get(uuid);
      let suite = null;
      lue.onsuccess = () => {
        suite = lue.result ? geste(lue.result) : null;
        if (lue.result && suite?.client_uuid !== uuid) table.delete(uuid);
        if (suite) table.put(suite);
      };
      transaction.oncomplete = () => bon(suite);
      transaction.onerror = transaction.onabort = (suite) => mauvais(raison(transaction, suite));
    });
  } finally {
    base.close();
  }
}

/** The server has it: erased, unless it was written on since; that goes on as an entry of its own, given back. */
export function recue(envoyee, version) {
  return remplacer(envoyee.client_uuid, (courante) =>
    courante.marque === envoyee.marque ? null : { ...courante, client_uuid: crypto.randomUUID(), version, recue: null },
  );
}

/** The server did not take it: marked with its answer, unless it was written on since. */
export function refusee(envoyee, etat, reponse) {
  return remplacer(envoyee.client_uuid, (courante) =>
    courante.marque === envoyee.marque ? { ...courante, etat, recue: reponse } : courante,
  );
}

/** Why the device refused to keep something, in words. */
export function motifRefus(erreur) {
  return erreur?.name === "QuotaExceededError"
    ? "Mémoire pleine : l'appareil ne garde pas ce qui est à l'écran. Ne quittez pas cette page : ôtez des photos, ou envoyez ce qui attend."
    : "L'appareil refuse de garder cette saisie : laissez la page ouverte jusqu'à l'envoi.";
}
