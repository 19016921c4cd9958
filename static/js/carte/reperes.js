/* Scale bar and coordinates under the pointer, in the legal projection and in degrees. */

const PAS = [1, 2, 5];
const LARGEUR_MAX_PX = 120;

function longueurRonde(metres) {
  const puissance = 10 ** Math.floor(Math.log10(metres));
  return Math.max(...PAS.map((p) => p * puissance).filter((v) => v <= metres));
}

function degres(valeur, positif, negatif) {
  return `${Math.abs(valeur).toLocaleString("fr-FR", { minimumFractionDigits: 5, maximumFractionDigits: 5 })}° ${
    valeur < 0 ? negatif : positif
  }`;
}

/** Keep the scale and the coordinates true while the map moves. */
export function suivreReperes(carte, projection) {
  const barre = document.getElementById("echelle");
  const texte = document.getElementById("echelle-texte");
  const sortie = document.getElementById("coordonnees");
  const projeter = globalThis.proj4(projection.proj4);
  let pointeur = null;

  function mesurer() {
    const taille = carte.getSize();
    const y = taille.y / 2;
    const metres = carte.distance(
      carte.containerPointToLatLng([0, y]),
      carte.containerPointToLatLng([LARGEUR_MAX_PX, y]),
    );
    const longueur = longueurRonde(metres);
    barre.style.width = `${Math.round((LARGEUR_MAX_PX * longueur) / metres)}px`;
    texte.textContent = longueur >= 1000 ? `${longueur / 1000} km` : `${longueur} m`;
  }

  function ecrire(latlng) {
    const [x, y] = projeter.forward([latlng.lng, latlng.lat]);
    const metre = (v) => v.toLocaleString("fr-FR", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    sortie.replaceChildren();
    const legal = document.createElement("span");
    legal.textContent = `${projection.nom} : X ${metre(x)}  Y ${metre(y)}`;
    const geo = document.createElement("span");
    geo.textContent = `${degres(latlng.lat, "N", "S")}  ${degres(latlng.lng, "E", "O")}`;
    sortie.append(legal, geo);
  }

  carte.on("zoomend moveend resize", mesurer);
  /* Under the pointer; the middle of the map where there is none (touch, keyboard, pointer elsewhere). */
  function situer() {
    ecrire(pointeur ? carte.containerPointToLatLng(pointeur) : carte.getCenter());
  }

  carte.on("mousemove", (evenement) => {
    pointeur = window.matchMedia("(hover: hover)").matches ? evenement.containerPoint : null;
    ecrire(evenement.latlng);
  });
  carte.on("mouseout", () => {
    pointeur = null;
  });
  carte.on("moveend", situer);
  mesurer();
  situer();
}
