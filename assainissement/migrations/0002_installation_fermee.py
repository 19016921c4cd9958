"""An inactive installation takes no new control, whoever writes: screen, import or SQL (spec §3)."""

from django.db import migrations

GARDE = """
CREATE FUNCTION assainissement_installation_ouverte() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT etat FROM assainissement_installation WHERE id = NEW.installation_id) = 'desactivee' THEN
        RAISE EXCEPTION 'L''installation est désactivée : aucun contrôle ne s''y ouvre.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER assainissement_installation_ouverte BEFORE INSERT ON assainissement_controle
    FOR EACH ROW EXECUTE FUNCTION assainissement_installation_ouverte();
"""
RETOUR = """
DROP TRIGGER assainissement_installation_ouverte ON assainissement_controle;
DROP FUNCTION assainissement_installation_ouverte();
"""


class Migration(migrations.Migration):
    dependencies = [("assainissement", "0001_installations_controles")]

    operations = [migrations.RunSQL(GARDE, RETOUR)]
