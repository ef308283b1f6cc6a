from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="sentinvitation",
            name="organiser",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="the address the event was first sent with",
                max_length=320,
            ),
        ),
    ]
