/* Numbers, lengths, areas and angles as a French reader expects them. */

export function nombre(valeur, decimales = 0) {
  return valeur.toLocaleString("fr-FR", { minimumFractionDigits: decimales, maximumFractionDigits: decimales });
}

/** 12 345 m² as hectares, ares and centiares, the unit of deeds. */
export function haAreCentiare(m2) {
  const entier = Math.round(m2);
  const [ha, a, ca] = [Math.floor(entier / 10000), Math.floor(entier / 100) % 100, entier % 100];
  const morceaux = [];
  if (ha) morceaux.push(`${nombre(ha)} ha`);
  if (ha || a) morceaux.push(`${String(a).padStart(ha ? 2 : 1, "0")} a`);
  morceaux.push(`${String(ca).padStart(ha || a ? 2 : 1, "0")} ca`);
  return morceaux.join(" ");
}

export function longueur(metres) {
  if (metres < 100) return `${nombre(metres, 2)} m`;
  if (metres < 10000) return `${nombre(metres, 1)} m`;
  return `${nombre(metres / 1000, 2)} km`;
}

export function aire(m2) {
  if (m2 < 100) return `${nombre(m2, 1)} m²`;
  if (m2 < 1e6) return `${nombre(m2)} m²`;
  return `${nombre(m2 / 1e4, 1)} ha`;
}

function angle(valeur, decimales, positif, negatif) {
  return `${nombre(Math.abs(valeur), decimales)}° ${valeur < 0 ? negatif : positif}`;
}

/** « 47,15321° N  6,35395° E » */
export function degres({ lat, lng }) {
  return `${angle(lat, 5, "N", "S")}  ${angle(lng, 5, "E", "O")}`;
}

function sexagesimal(valeur, positif, negatif) {
  // In tenths of a second, so that 59,96″ never reads 60,0″.
  const dixiemes = Math.round(Math.abs(valeur) * 36000);
  const [d, m, s] = [Math.floor(dixiemes / 36000), Math.floor(dixiemes / 600) % 60, (dixiemes % 600) / 10];
  return `${d}° ${String(m).padStart(2, "0")}′ ${nombre(s, 1).padStart(4, "0")}″ ${valeur < 0 ? negatif : positif}`;
}

/** « 47° 09′ 11,6″ N  6° 21′ 14,2″ E » */
export function degresMinutes({ lat, lng }) {
  return `${sexagesimal(lat, "N", "S")}  ${sexagesimal(lng, "E", "O")}`;
}
