"""The condition of the trigger goes into its function: PostgreSQL writes it otherwise after a restoration."""

from django.db import migrations

SANS_CONDITION = """
DROP TRIGGER urba_tiers_recopier ON mairie_tiers;
CREATE OR REPLACE FUNCTION urba_tiers_recopier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.nom, OLD.prenoms, OLD.raison_sociale) IS DISTINCT FROM (NEW.nom, NEW.prenoms, NEW.raison_sociale) THEN
        UPDATE urba_dossierinstruction SET cherche = ''
         WHERE id IN (SELECT dossier_id FROM urba_demandeurdossier WHERE tiers_id = NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER urba_tiers_recopier AFTER UPDATE OF nom, prenoms, raison_sociale ON mairie_tiers
    FOR EACH ROW EXECUTE FUNCTION urba_tiers_recopier();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('urba', '0003_recherche_et_liste'),
    ]

    operations = [migrations.RunSQL(SANS_CONDITION, migrations.RunSQL.noop)]
