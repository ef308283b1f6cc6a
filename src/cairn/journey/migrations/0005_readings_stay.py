from django.db import migrations

READINGS_STAY = """
CREATE FUNCTION cairn_readings_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('cairn.erasing', true) = OLD.person_id::text THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: only an author who erases everything takes them away', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER readings_stay BEFORE UPDATE OR DELETE ON journey_reading
    FOR EACH ROW EXECUTE FUNCTION cairn_readings_stay();
"""


class Migration(migrations.Migration):
    dependencies = [("journey", "0004_picks_of_each_coach")]

    operations = [
        migrations.RunSQL(
            READINGS_STAY, "DROP TRIGGER readings_stay ON journey_reading; DROP FUNCTION cairn_readings_stay();"
        )
    ]
