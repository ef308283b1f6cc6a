"""Addresses of the coordinator's pages."""

from django.urls import URLPattern, path

from cairn.web.coordinator import coaches, cohorts, imports, invoices, organisation, people, plan, programmes

urlpatterns: list[URLPattern] = [
    path("organisation/", organisation.organisation, name="organisation"),
    path("organisation/<int:organisation_id>/roles/end/<int:grant_id>/", organisation.end_role, name="end_role"),
    path("invoices/to-approve/", invoices.invoices_to_approve, name="invoices_to_approve"),
    path("invoices/to-approve/<int:invoice_id>/", invoices.coordinator_invoice, name="coordinator_invoice"),
    path("invoices/to-approve/<int:invoice_id>/withdraw/", invoices.withdraw_approval, name="withdraw_approval"),
    path("cohorts/<int:cohort_id>/money/", invoices.cohort_money, name="cohort_money"),
    path("cohorts/<int:cohort_id>/money.xlsx", invoices.cohort_money_export, name="cohort_money_export"),
    path("cohorts/<int:cohort_id>/import/", imports.cohort_import, name="cohort_import"),
    path("cohorts/<int:cohort_id>/import/template/", imports.import_template, name="import_template"),
    path("cohorts/<int:cohort_id>/import/<int:import_id>/", imports.import_preview, name="import_preview"),
    path("cohorts/<int:cohort_id>/import/<int:import_id>/apply/", imports.import_apply, name="import_apply"),
    path("cohorts/<int:cohort_id>/import/<int:import_id>/discard/", imports.import_discard, name="import_discard"),
    path("cohorts/<int:cohort_id>/import/<int:import_id>/undo/", imports.import_take_back, name="import_take_back"),
    path("cohorts/<int:cohort_id>/people/new/", imports.cohort_person_new, name="cohort_person_new"),
    path("programmes/", programmes.programmes, name="programmes"),
    path("programmes/new/", programmes.programme_new, name="programme_new"),
    path("programmes/<int:programme_id>/", programmes.programme, name="programme"),
    path("programmes/<int:programme_id>/edit/", programmes.programme_edit, name="programme_edit"),
    path("programmes/<int:programme_id>/live/", programmes.programme_go_live, name="programme_go_live"),
    path("programmes/<int:programme_id>/cohorts/new/", cohorts.cohort_new, name="cohort_new"),
    path("organisation/<int:organisation_id>/institutions/", programmes.institutions, name="institutions"),
    path("institutions/<int:institution_id>/", programmes.institution, name="institution"),
    path("cohorts/<int:cohort_id>/", people.cohort, name="cohort"),
    path("cohorts/<int:cohort_id>/people.<slug:form>", people.cohort_people_export, name="cohort_people_export"),
    path("cohorts/<int:cohort_id>/people/<int:enrolment_id>/", people.cohort_person, name="cohort_person"),
    path("cohorts/<int:cohort_id>/settings/", cohorts.cohort_settings, name="cohort_settings"),
    path("cohorts/<int:cohort_id>/settings/groups/", cohorts.cohort_settings_groups, name="cohort_settings_groups"),
    path(
        "cohorts/<int:cohort_id>/settings/agreement/",
        cohorts.cohort_settings_agreement,
        name="cohort_settings_agreement",
    ),
    path("cohorts/<int:cohort_id>/plan/", plan.cohort_plan, name="cohort_plan"),
    path("cohorts/<int:cohort_id>/coaches/", coaches.cohort_coaches, name="cohort_coaches"),
    path("cohorts/<int:cohort_id>/coaches/engage/", coaches.coach_engage, name="coach_engage"),
    path("cohorts/<int:cohort_id>/coaches/<int:engagement_id>/", coaches.cohort_coach, name="cohort_coach"),
]
