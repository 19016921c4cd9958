"""The two logs defend themselves: no change, no emptying, deletion of old audit lines by one function."""

from django.db import migrations

GARDES = """
CREATE FUNCTION mairie_refuser_vidage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Set for the connections of the tests only: those that commit empty all tables at their end.
    IF current_setting('mairie.vidage_permis', true) IS DISTINCT FROM 'oui' THEN
        RAISE EXCEPTION 'La table % ne se vide pas.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER mairie_evenement_vidage BEFORE TRUNCATE ON mairie_evenement
    FOR EACH STATEMENT EXECUTE FUNCTION mairie_refuser_vidage();
CREATE TRIGGER mairie_journal_vidage BEFORE TRUNCATE ON mairie_journalacte
    FOR EACH STATEMENT EXECUTE FUNCTION mairie_refuser_vidage();

CREATE FUNCTION mairie_journal_garde() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('mairie.purge_journal', true) = 'oui'
        AND OLD.quand < now() - interval '180 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Le journal ne se modifie pas et ne s''efface pas (ligne %).', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER mairie_journal_garde BEFORE UPDATE OR DELETE ON mairie_journalacte
    FOR EACH ROW EXECUTE FUNCTION mairie_journal_garde();

CREATE FUNCTION mairie_journal_purger(une_nature text, avant timestamptz, fuseau text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    nombre bigint;
BEGIN
    PERFORM set_config('mairie.purge_journal', 'oui', true);
    WITH effacees AS (
        DELETE FROM mairie_journalacte WHERE nature = une_nature AND quand < avant
        RETURNING quand, insee, nature, action
    ), comptes AS (
        INSERT INTO mairie_journaltotal (mois, insee, nature, action, nombre)
        SELECT date_trunc('month', quand AT TIME ZONE fuseau)::date, insee, nature, action, count(*)
        FROM effacees GROUP BY 1, 2, 3, 4
        ON CONFLICT (mois, insee, nature, action)
            DO UPDATE SET nombre = mairie_journaltotal.nombre + EXCLUDED.nombre
    )
    SELECT count(*) INTO nombre FROM effacees;
    PERFORM set_config('mairie.purge_journal', '', true);
    RETURN nombre;
END $$;
"""
RETOUR = """
DROP FUNCTION mairie_journal_purger(text, timestamptz, text);
DROP TRIGGER mairie_journal_garde ON mairie_journalacte;
DROP FUNCTION mairie_journal_garde();
DROP TRIGGER mairie_journal_vidage ON mairie_journalacte;
DROP TRIGGER mairie_evenement_vidage ON mairie_evenement;
DROP FUNCTION mairie_refuser_vidage();
"""


class Migration(migrations.Migration):
    dependencies = [("mairie", "0007_journal")]

    operations = [migrations.RunSQL(GARDES, RETOUR)]
