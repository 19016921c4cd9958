"""A frozen line keeps its figures, whoever writes: screen, administration or SQL (spec §8)."""

from django.db import migrations

GARDE = """
CREATE FUNCTION domainepublic_ligne_figee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Une ligne facturable ne s''efface pas : elle s''annule ou se corrige par un avoir.'
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.dossier_id, NEW.emprise_id, NEW.nature, NEW.exercice, NEW.debut, NEW.fin, NEW.libelle, NEW.entree,
        NEW.resultat, NEW.montant, NEW.montant_theorique, NEW.origine_id, NEW.motif, NEW.figee_le)
       IS DISTINCT FROM
       (OLD.dossier_id, OLD.emprise_id, OLD.nature, OLD.exercice, OLD.debut, OLD.fin, OLD.libelle, OLD.entree,
        OLD.resultat, OLD.montant, OLD.montant_theorique, OLD.origine_id, OLD.motif, OLD.figee_le) THEN
        RAISE EXCEPTION 'Une ligne facturable est figée : corrigez-la par un avoir.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER domainepublic_ligne_figee BEFORE UPDATE OR DELETE ON domainepublic_lignefacturable
    FOR EACH ROW EXECUTE FUNCTION domainepublic_ligne_figee();
"""
RETOUR = """
DROP TRIGGER domainepublic_ligne_figee ON domainepublic_lignefacturable;
DROP FUNCTION domainepublic_ligne_figee();
"""


class Migration(migrations.Migration):
    dependencies = [("domainepublic", "0002_redevances")]

    operations = [migrations.RunSQL(GARDE, RETOUR)]
