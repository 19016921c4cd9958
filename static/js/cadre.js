/* The agents' frame: the rail made narrow at will, the drawer of the phone, menus that close by themselves.
   All of it works without this script, by anchors and <details>; the script adds the ease. */

const corps = document.body;
const rail = document.getElementById("rail");
const UN_AN = 365 * 24 * 3600;

function suivreRail() {
  const bouton = document.getElementById("rail-replier");
  const libelle = bouton.querySelector(".rail-libelle");
  const dire = () => {
    const etroit = corps.classList.contains("rail-etroit");
    bouton.setAttribute("aria-expanded", String(!etroit));
    libelle.textContent = etroit ? "Élargir le menu" : "Réduire le menu";
    bouton.title = libelle.textContent;
  };
  bouton.hidden = false;
  bouton.addEventListener("click", () => {
    const etroit = corps.classList.toggle("rail-etroit");
    // The server writes the class: no jump at the next page.
    const sur = window.location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `rail=${etroit ? "etroit" : "large"}; path=/; max-age=${UN_AN}; SameSite=Lax${sur}`;
    dire();
  });
  dire();
}

function suivreTiroir() {
  const ouvrir = document.getElementById("rail-ouvrir");
  let ouvert = false;
  // The anchor stays out of the history: « back » goes to the page before, not to a closed drawer.
  const fermer = () => {
    if (!ouvert) return;
    ouvert = false;
    window.location.replace("#contenu");
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    ouvrir.focus();
  };
  ouvrir.addEventListener("click", (evenement) => {
    evenement.preventDefault();
    window.location.replace("#rail");
    ouvert = true;
    rail.querySelector("a").focus();
  });
  rail.querySelector(".rail-fermer").addEventListener("click", (evenement) => {
    evenement.preventDefault();
    fermer();
  });
  document.addEventListener("pointerdown", (evenement) => {
    if (!rail.contains(evenement.target)) fermer();
  });
  rail.addEventListener("focusout", (evenement) => {
    if (evenement.relatedTarget && !rail.contains(evenement.relatedTarget)) fermer();
  });
  document.addEventListener("keydown", (evenement) => {
    if (evenement.key === "Escape") fermer();
  });
}

/* Menus of the top bar: one open at a time, closed by Escape or by a click beside. */
function suivreMenus() {
  const menus = [...document.querySelectorAll("details.menu")];
  const fermerSauf = (garde) => menus.forEach((menu) => menu !== garde && (menu.open = false));
  menus.forEach((menu) => {
    menu.addEventListener("toggle", () => menu.open && fermerSauf(menu));
    menu.addEventListener("focusout", (evenement) => {
      if (evenement.relatedTarget && !menu.contains(evenement.relatedTarget)) menu.open = false;
    });
  });
  document.addEventListener("pointerdown", (evenement) => fermerSauf(evenement.target.closest("details.menu")));
  document.addEventListener("keydown", (evenement) => {
    const menu = menus.find((candidat) => candidat.open);
    if (evenement.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

if (rail) {
  suivreRail();
  suivreTiroir();
}
suivreMenus();
