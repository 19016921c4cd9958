"""Run by QGIS's own Python: read a layer by OGC API Features, then draw the vector tiles with their style.

usage: qgis_lecture.py SITE LAYER IMAGE.png WEST,SOUTH,EAST,NORTH   (degrees); prints one JSON object.
"""

import json
import sys
import urllib.request

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapBoxGlStyleConverter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def lire(site, nom):
    """What QGIS says of the layer read as OGC API Features."""
    adresse = f"url='{site}/ogc/' typename='{nom}' pagingEnabled='true' pageSize='5'"
    couche = QgsVectorLayer(adresse, nom, "OAPIF")
    if not couche.isValid():
        return {"valide": False, "erreur": couche.error().message()}
    objets = list(couche.getFeatures())
    return {
        "valide": True,
        "projection": couche.crs().authid(),
        "objets": len(objets),
        "dessines": sum(o.hasGeometry() for o in objets),
        "champs": [c.name() for c in couche.fields()],
        "genre": couche.geometryType(),
    }


def dessiner(site, image, degres):
    """Draw the plan's tiles with the site's style; colours other than the paper's and their number."""
    with urllib.request.urlopen(f"{site}/tuiles/style.json?sig=1") as reponse:
        style = json.load(reponse)
    source = style["sources"]["plan"]
    couche = QgsVectorTileLayer(
        f"type=xyz&url={source['tiles'][0].split('?')[0]}&zmin={source['minzoom']}&zmax={source['maxzoom']}",
        "plan",
    )
    convertisseur = QgsMapBoxGlStyleConverter()
    propres = {**style, "layers": [c for c in style["layers"] if c.get("source") in (None, "plan")]}
    bilan = convertisseur.convert(propres)
    couche.setRenderer(convertisseur.renderer())
    couche.setLabeling(convertisseur.labeling())
    mercator = QgsCoordinateReferenceSystem("EPSG:3857")
    transformation = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"), mercator, QgsProject.instance()
    )
    reglages = QgsMapSettings()
    reglages.setLayers([couche])
    reglages.setDestinationCrs(mercator)
    reglages.setExtent(transformation.transformBoundingBox(QgsRectangle(*degres)))
    reglages.setOutputSize(QSize(900, 700))
    reglages.setOutputDpi(96)
    reglages.setBackgroundColor(QColor("#ffffff"))
    travail = QgsMapRendererParallelJob(reglages)
    travail.start()
    travail.waitForFinished()
    rendu = travail.renderedImage()
    rendu.save(image)
    couleurs = {
        QColor(rendu.pixel(x, y)).name()
        for x in range(0, rendu.width(), 2)
        for y in range(0, rendu.height(), 2)
    }
    return {
        "valide": couche.isValid(),
        "style": bilan == QgsMapBoxGlStyleConverter.Success,
        "erreur_de_style": convertisseur.errorMessage(),
        "remarques": len(convertisseur.warnings()),
        "calques": len(convertisseur.renderer().styles()),
        "couleurs": len(couleurs),
    }


def main():
    """Print what was read and drawn."""
    site, nom, image, cadre = sys.argv[1:5]
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    from qgis.core import Qgis

    bilan = {
        "qgis": Qgis.QGIS_VERSION,
        "oapif": lire(site, nom),
        "tuiles": dessiner(site, image, [float(v) for v in cadre.split(",")]),
    }
    print(json.dumps(bilan, ensure_ascii=False))
    application.exitQgis()


if __name__ == "__main__":
    main()
