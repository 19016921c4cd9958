/* The place where the device stands, written in the field of the form; it needs no network. */
const ATTENTE_MS = 20_000;

for (const bloc of document.querySelectorAll("[data-position]")) {
  const bouton = bloc.querySelector("[data-prendre]");
  const champ = bloc.querySelector("input");
  const dit = bloc.querySelector("[data-dit]");
  if (!navigator.geolocation) continue;
  bouton.hidden = false;
  bouton.addEventListener("click", () => {
    bouton.disabled = true;
    dit.textContent = "Recherche de la position…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        champ.value = `${coords.longitude.toFixed(7)} ${coords.latitude.toFixed(7)} ${coords.accuracy.toFixed(1)}`;
        champ.dispatchEvent(new Event("change", { bubbles: true }));
        dit.textContent = `Position prise, à ${Math.round(coords.accuracy)} m près.`;
        bouton.disabled = false;
      },
      (erreur) => {
        dit.textContent =
          erreur.code === erreur.PERMISSION_DENIED
            ? "L'appareil refuse de donner sa position : autorisez-la, ou écrivez l'adresse."
            : "Position introuvable : réessayez dehors, ou écrivez l'adresse.";
        bouton.disabled = false;
      },
      { enableHighAccuracy: true, timeout: ATTENTE_MS, maximumAge: 0 },
    );
  });
}
