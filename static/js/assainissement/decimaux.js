/* Decimal numbers written as texts, compared exactly: no floating point between a capacity and its half. */

/** [units, number of decimals] of « 12.50 »; null for an empty value. */
function lire(texte) {
  const [entiers, decimales = ""] = String(texte).split(".");
  return [BigInt(entiers + decimales), decimales.length];
}

function commun(a, b) {
  const [x, dx] = lire(a);
  const [y, dy] = lire(b);
  const places = Math.max(dx, dy);
  return [x * 10n ** BigInt(places - dx), y * 10n ** BigInt(places - dy)];
}

/** Negative, zero or positive as a is under, at or over b. */
export function comparer(a, b) {
  const [x, y] = commun(a, b);
  if (x === y) return 0;
  return x < y ? -1 : 1;
}

/** Product of two decimals, as a text. */
export function produit(a, b) {
  const [x, dx] = lire(a);
  const [y, dy] = lire(b);
  const places = dx + dy;
  const brut = (x * y).toString();
  const signe = brut.startsWith("-") ? "-" : "";
  const chiffres = brut.replace("-", "").padStart(places + 1, "0");
  if (!places) return signe + chiffres;
  return `${signe}${chiffres.slice(0, -places)}.${chiffres.slice(-places)}`;
}

/** Whether all these facts are true. */
export function vrai(constat, ...codes) {
  return codes.every((code) => constat.faits.has(code));
}
