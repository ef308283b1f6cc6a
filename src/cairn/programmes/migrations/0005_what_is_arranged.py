"""What is arranged in answer to an adjustment; and an adjustment for everybody who is coached one-to-one only."""

from typing import Any

from django.db import migrations, models

ARRANGED = "Coaching is one-to-one, not in a group."


def name_who_opted_out(apps: Any, _editor: Any) -> None:
    """Whoever is coached one-to-one only has an agreed adjustment that says so, by whoever recorded it."""
    enrolments = apps.get_model("programmes", "Enrolment").objects.filter(opts_out_of_groups=True)
    audit = apps.get_model("foundation", "AuditEntry").objects.filter(action="set_opt_out")
    grants = apps.get_model("people", "RoleGrant").objects.filter(role="coordinator")
    adjustments = apps.get_model("programmes", "Adjustment").objects
    for enrolment in enrolments.select_related("cohort__programme").order_by("pk"):
        recorded = audit.filter(facts__enrolment=enrolment.pk, by_id__isnull=False).order_by("-at").first()
        granted = grants.filter(organisation=enrolment.cohort.programme.organisation_id).order_by("pk").first()
        by = recorded.by_id if recorded else granted.person_id if granted else enrolment.person_id
        at = recorded.at if recorded else enrolment.enrolled_at
        adjustments.get_or_create(
            enrolment=enrolment,
            need="one_to_one",
            state="agreed",
            defaults={
                "arrangement": ARRANGED,
                "group_percent": 100,
                "asked_by_id": by,
                "asked_at": at,
                "answered_by_id": by,
                "answered_at": at,
            },
        )


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0003_mail_without_a_person"),
        ("people", "0001_initial"),
        ("programmes", "0004_requests_about_groups"),
    ]

    operations = [
        migrations.AlterField(
            "adjustment",
            "arrangement",
            models.CharField(blank=True, help_text="what the coach is told", max_length=200),
        ),
        migrations.AddField(
            "adjustment",
            "group_told",
            models.CharField(blank=True, help_text="what the whole group is told, naming nobody", max_length=200),
        ),
        migrations.AddField(
            "adjustment",
            "due_after",
            models.BooleanField(default=False, help_text="the coach is reminded of it after each session"),
        ),
        migrations.AddField(
            "adjustment",
            "instead",
            models.CharField(blank=True, help_text="what is possible instead, where it is declined", max_length=200),
        ),
        migrations.AddField(
            "adjustment",
            "group_percent",
            models.PositiveSmallIntegerField(
                blank=True,
                help_text="the cohort's share of group minutes one-to-one when this was agreed",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            "cohort",
            models.CheckConstraint(
                condition=models.Q(one_to_one_for_group_percent__lte=100), name="no_more_one_to_one_than_group"
            ),
        ),
        migrations.RunPython(name_who_opted_out, migrations.RunPython.noop, elidable=True),
    ]
