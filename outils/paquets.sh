#!/bin/sh
# Debian packages of a group, installed if this shell may, else the one line to run is printed.
# usage: outils/paquets.sh python|base|postgis|tests …     Nothing to install costs some milliseconds.
set -eu

paquets=
for groupe in "$@"; do
    case $groupe in
    python) paquets="$paquets python3" ;;
    # GeoDjango loads GDAL, GEOS and PROJ by their sonames; WeasyPrint loads Pango and HarfBuzz.
    base) paquets="$paquets python3-venv libgdal32 libgeos-c1v5 libproj25 proj-data libmagic1
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core" ;;
    # A server named by DATABASE_URL replaces the private one.
    postgis) [ -n "${DATABASE_URL:-}" ] || paquets="$paquets postgresql-15 postgresql-15-postgis-3 util-linux" ;;
    tests) paquets="$paquets chromium poppler-utils gdal-bin nginx" ;;
    *) echo "groupe de paquets inconnu : $groupe" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "Cette machine n'est pas une Debian : installez l'équivalent de :" $paquets >&2
    exit 0
fi

manque=
# One call, not one a package: this runs at the head of every target.
presents=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $paquets 2>/dev/null || true)
for p in $paquets; do
    case "
$presents
" in
    *"
installed $p
"*) ;;
    *) manque="$manque $p" ;;
    esac
done
[ -n "$manque" ] || exit 0

ligne="apt-get update && sudo apt-get install -y --no-install-recommends$manque"
impossible() {
    echo "Il manque des paquets Debian et ils ne peuvent être installés d'ici ($1)." >&2
    echo "Lancez, puis recommencez :" >&2
    echo "    sudo $ligne" >&2
    exit 1
}

if [ "$(id -u)" = 0 ]; then
    sudo=
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo=sudo
else
    impossible "ni root ni sudo"
fi

echo "Installation par apt :$manque"
export DEBIAN_FRONTEND=noninteractive
journal=$(mktemp)
trap 'rm -f "$journal"' EXIT
installer() { $sudo apt-get install -y --no-install-recommends $manque </dev/null >"$journal" 2>&1; }
# An image's package lists are often empty or too old: refresh them only when the first try fails.
installer || { $sudo apt-get update >"$journal" 2>&1 && installer; } || {
    tail -n 5 "$journal" >&2
    impossible "apt-get a échoué"
}
