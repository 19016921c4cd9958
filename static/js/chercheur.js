/* The search box of every page but the map: a suggestion chosen opens its page, Enter lists all answers. */
import { Recherche } from "./carte/recherche.js";

new Recherche((resultat) => window.location.assign(resultat.url), { versLaPage: true });
