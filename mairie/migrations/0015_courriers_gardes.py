"""What the database itself forbids: to change a finalised letter, what became of it, a template in service."""

from django.db import migrations

GARDES = """
CREATE FUNCTION mairie_courrier_garde() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What may still move once the letter is final; its text, number, recipient and PDF may not.
    mobiles text[] := ARRAY['etat', 'version', 'mode', 'destinataire_courriel', 'tiers_type_id', 'tiers_id',
        'signe_le', 'signataire', 'signe_par_id', 'delegation_id', 'pdf_signe', 'sha256_signe', 'envoye_le',
        'envoye_par_id', 'numero_recommande', 'premiere_presentation', 'distribue_le', 'consulte_le',
        'retourne_le', 'abandon_motif'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.etat <> 'brouillon' THEN
            RAISE EXCEPTION 'Un courrier finalisé ne s''efface pas (courrier %).', OLD.id
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.etat = 'brouillon' THEN
        RETURN NEW;
    END IF;
    IF NEW.etat = 'brouillon' OR (OLD.etat = 'abandonne' AND NEW.etat <> 'abandonne')
        OR to_jsonb(NEW) - mobiles IS DISTINCT FROM to_jsonb(OLD) - mobiles THEN
        RAISE EXCEPTION 'Un courrier finalisé ne se modifie pas (courrier %).', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.signe_le IS NOT NULL AND (NEW.signe_le, NEW.signataire, NEW.delegation_id, NEW.pdf_signe,
            NEW.sha256_signe)
        IS DISTINCT FROM (OLD.signe_le, OLD.signataire, OLD.delegation_id, OLD.pdf_signe, OLD.sha256_signe) THEN
        RAISE EXCEPTION 'La signature d''un courrier ne se modifie pas (courrier %).', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.envoye_le IS NOT NULL AND ((NEW.envoye_le, NEW.mode, NEW.destinataire_courriel)
            IS DISTINCT FROM (OLD.envoye_le, OLD.mode, OLD.destinataire_courriel)
            OR NEW.etat IN ('finalise', 'signe', 'en_envoi', 'abandonne')) THEN
        RAISE EXCEPTION 'L''envoi d''un courrier ne se modifie pas (courrier %).', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER mairie_courrier_garde BEFORE UPDATE OR DELETE ON mairie_courrier
    FOR EACH ROW EXECUTE FUNCTION mairie_courrier_garde();

CREATE FUNCTION mairie_suivicourrier_garde() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le suivi d''un courrier ne se modifie ni ne s''efface (ligne %).', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER mairie_suivicourrier_garde BEFORE UPDATE OR DELETE ON mairie_suivicourrier
    FOR EACH ROW EXECUTE FUNCTION mairie_suivicourrier_garde();

CREATE FUNCTION mairie_versionmodele_garde() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.publiee_le IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    -- Its author's account may go; its end may come.
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - ARRAY['valide_au', 'cree_par_id']
        IS NOT DISTINCT FROM to_jsonb(OLD) - ARRAY['valide_au', 'cree_par_id'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une version de modèle en service ne se modifie ni ne s''efface (version %).', OLD.id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER mairie_versionmodele_garde BEFORE UPDATE OR DELETE ON mairie_versionmodele
    FOR EACH ROW EXECUTE FUNCTION mairie_versionmodele_garde();
"""
RETOUR = """
DROP TRIGGER mairie_versionmodele_garde ON mairie_versionmodele;
DROP FUNCTION mairie_versionmodele_garde();
DROP TRIGGER mairie_suivicourrier_garde ON mairie_suivicourrier;
DROP FUNCTION mairie_suivicourrier_garde();
DROP TRIGGER mairie_courrier_garde ON mairie_courrier;
DROP FUNCTION mairie_courrier_garde();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mairie", "0014_courriers"),
    ]

    operations = [
        migrations.RunSQL(GARDES, RETOUR),
    ]
