/* Draws the line between two numbers of the street chosen, through the field of coordinates of the map. */
for (const bloc of document.querySelectorAll("[data-entre-numeros]")) {
  const formulaire = bloc.closest("form");
  const message = bloc.querySelector("[data-message]");
  const bouton = bloc.querySelector("button");
  bloc.hidden = false;
  bouton.hidden = false;

  const valeur = (nom) => formulaire.elements[nom]?.value.trim() ?? "";

  bouton.addEventListener("click", async () => {
    const demande = new URLSearchParams({
      voie: bloc.dataset.voie || valeur("voie"),
      du: valeur("numero_du"),
      au: valeur("numero_au"),
      longueur: valeur("longueur"),
    });
    bouton.disabled = true;
    try {
      const reponse = await fetch(`${bloc.dataset.entreNumeros}?${demande}`);
      const lu = await reponse.json();
      if (!reponse.ok) throw new Error(lu.erreur);
      const efface = formulaire.querySelector('[data-action="effacer"]');
      if (efface && !efface.disabled) efface.click();
      formulaire.querySelector("[data-coordonnees]").value = lu.geojson;
      formulaire.querySelector('[data-action="coordonnees"]').click();
      message.textContent = `Tracé sur ${lu.longueur.toLocaleString("fr-FR")} m : vous pouvez le déplacer.`;
    } catch (erreur) {
      message.textContent = erreur.message || "Le tracé n'a pas pu être calculé : dessinez sur la carte.";
    } finally {
      bouton.disabled = false;
    }
  });
}
