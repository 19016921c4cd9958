/* The forms of a group, nearest first: the phone knows where it stands, with or without network. */
const ATTENTE_MS = 20_000;
const RAYON_M = 6_371_000;

function metres([lon, lat], [lon2, lat2]) {
  const rad = Math.PI / 180;
  const x = (lon2 - lon) * rad * Math.cos(((lat + lat2) / 2) * rad);
  return RAYON_M * Math.hypot(x, (lat2 - lat) * rad);
}

function enMots(m) {
  return m < 1000 ? `à ${Math.round(m / 10) * 10} m` : `à ${(m / 1000).toFixed(1).replace(".", ",")} km`;
}

function ranger(liste, ici) {
  const lignes = [...liste.querySelectorAll("li[data-place]")].map((ligne) => ({
    ligne,
    loin: metres(ici, ligne.dataset.place.split(" ").map(Number)),
  }));
  lignes.sort((a, b) => a.loin - b.loin);
  for (const { ligne, loin } of lignes) {
    const dit = ligne.querySelector("[data-loin]");
    dit.textContent = enMots(loin);
    dit.hidden = false;
  }
  liste.prepend(...lignes.map(({ ligne }) => ligne));
}

for (const bouton of document.querySelectorAll("[data-proches]")) {
  if (!navigator.geolocation) continue;
  bouton.hidden = false;
  const groupe = bouton.closest("[data-groupe]");
  const dit = groupe.querySelector("[data-proches-dit]");
  bouton.addEventListener("click", () => {
    bouton.disabled = true;
    dit.textContent = "Recherche de la position…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        ranger(groupe.querySelector("ul"), [coords.longitude, coords.latitude]);
        dit.textContent = "Les plus proches sont en tête.";
        bouton.disabled = false;
      },
      () => {
        dit.textContent = "Position introuvable : la liste reste dans l'ordre des fins.";
        bouton.disabled = false;
      },
      { enableHighAccuracy: true, timeout: ATTENTE_MS, maximumAge: 60_000 },
    );
  });
}
