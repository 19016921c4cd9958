"""A letter past its time of keeping may be emptied of what names somebody; nothing else becomes possible."""

from django.db import migrations

DEBUT = """
CREATE OR REPLACE FUNCTION mairie_courrier_garde() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What may still move once the letter is final; its text, number, recipient and PDF may not.
    mobiles text[] := ARRAY['etat', 'version', 'mode', 'destinataire_courriel', 'tiers_type_id', 'tiers_id',
        'signe_le', 'signataire', 'signe_par_id', 'delegation_id', 'pdf_signe', 'sha256_signe', 'envoye_le',
        'envoye_par_id', 'numero_recommande', 'premiere_presentation', 'distribue_le', 'consulte_le',
        'retourne_le', 'abandon_motif'];
"""
CONSERVATION = """
    -- What retention empties, when it says so for its transaction.
    effacables text[] := ARRAY['corps', 'html', 'valeurs', 'objet', 'destinataire', 'destinataire_adresse',
        'destinataire_courriel', 'copies', 'tiers_type_id', 'tiers_id', 'public'];
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('mairie.conservation', true) = 'oui'
        AND NEW.html = '' AND NEW.valeurs = '{}'::jsonb AND NEW.destinataire = ''
        AND NEW.destinataire_adresse = '' AND NEW.destinataire_courriel = ''
        AND to_jsonb(NEW) - effacables IS NOT DISTINCT FROM to_jsonb(OLD) - effacables THEN
        RETURN NEW;
    END IF;
"""
SUITE = """
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("mairie", "0022_modeles_livres"),
    ]

    operations = [
        migrations.RunSQL(DEBUT + CONSERVATION + SUITE, DEBUT + "BEGIN" + SUITE),
    ]
