from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE ON people_consent "
            "FOR EACH ROW EXECUTE FUNCTION cairn_append_only();",
            "DROP TRIGGER append_only ON people_consent;",
        )
    ]
