from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION cairn_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: a correction is a new row', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON foundation_auditentry
    FOR EACH ROW EXECUTE FUNCTION cairn_append_only();
"""

# The cache that all processes share: rate limits of sign-in live in it. Django's own shape for DatabaseCache.
CACHE = """
CREATE TABLE cairn_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX cairn_cache_expires ON cairn_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER append_only ON foundation_auditentry; DROP FUNCTION cairn_append_only();",
        ),
        migrations.RunSQL(CACHE, "DROP TABLE cairn_cache;"),
    ]
