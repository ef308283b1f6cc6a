from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON delivery_attendancechange "
            "FOR EACH ROW EXECUTE FUNCTION cairn_append_only();",
            "DROP TRIGGER append_only ON delivery_attendancechange;",
        )
    ]
