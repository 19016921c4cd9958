/* Deposit of files: judged before they leave, sent one by one, each with its own answer. Without this script
   the form sends them all at once. */

function octets(taille) {
  return taille < 1e6 ? `${Math.round(taille / 1000)} ko` : `${(taille / 1e6).toFixed(1).replace(".", ",")} Mo`;
}

function ligne(liste, nom) {
  const noeud = document.createElement("li");
  const titre = document.createElement("span");
  titre.className = "depot-nom";
  titre.textContent = nom;
  const etat = document.createElement("span");
  etat.className = "depot-etat";
  noeud.append(titre, etat);
  liste.append(noeud);
  return (texte, genre) => {
    etat.textContent = texte;
    noeud.dataset.etat = genre;
  };
}

async function envoyer(forme, fichier) {
  const corps = new FormData(forme);
  corps.delete("fichiers");
  corps.append("fichiers", fichier, fichier.name);
  const reponse = await fetch(forme.action, { method: "POST", body: corps, headers: { Accept: "application/json" } });
  if (reponse.status === 413) return { refus: "Trop lourd pour ce service." };
  const lu = await reponse.json();
  return lu.fichiers[0] ?? { refus: "Le serveur n'a rien reçu." };
}

async function deposer(forme, fichiers) {
  const liste = forme.querySelector(".depot-suivi");
  const bouton = forme.querySelector("[type=submit]");
  const limite = Number(forme.dataset.tailleMax);
  liste.replaceChildren();
  bouton.disabled = true;
  let recus = 0;
  for (const fichier of fichiers) {
    const dire = ligne(liste, fichier.name);
    if (fichier.size > limite) {
      dire(`Refusé : ${octets(fichier.size)}, ${octets(limite)} au plus. Il n'a pas été envoyé.`, "refus");
      continue;
    }
    dire("Envoi…", "envoi");
    try {
      const { refus, deja } = await envoyer(forme, fichier);
      if (refus) dire(refus, "refus");
      else {
        dire(deja ? "Déjà dans ce dossier." : "Reçu.", "recu");
        recus += 1;
      }
    } catch {
      dire("L'envoi a échoué : vérifiez la connexion, puis déposez-le de nouveau.", "refus");
    }
  }
  bouton.disabled = false;
  // What was received is shown by the page itself; refusals stay to be read.
  if (recus && recus === fichiers.length) window.location.reload();
  else if (recus) {
    const lien = document.createElement("a");
    lien.href = window.location.href;
    lien.textContent = "Montrer les pièces reçues";
    const noeud = document.createElement("li");
    noeud.append(lien);
    liste.append(noeud);
  }
}

for (const forme of document.querySelectorAll("form[data-depot]")) {
  const champ = forme.querySelector("input[type=file]");
  forme.addEventListener("submit", (evenement) => {
    evenement.preventDefault();
    deposer(forme, [...champ.files]);
  });
  for (const nom of ["dragenter", "dragover"]) {
    forme.addEventListener(nom, (evenement) => {
      evenement.preventDefault();
      forme.classList.add("survole");
    });
  }
  for (const nom of ["dragleave", "drop"]) forme.addEventListener(nom, () => forme.classList.remove("survole"));
  forme.addEventListener("drop", (evenement) => {
    evenement.preventDefault();
    if (evenement.dataTransfer?.files.length) deposer(forme, [...evenement.dataTransfer.files]);
  });
  forme.classList.add("depot-vif");
}
