"""Addresses of the coordinator's pages."""

from django.urls import URLPattern, path

from cairn.web.coordinator import imports, invoices, organisation

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
    path(
        "cohorts/<int:cohort_id>/import/<int:import_id>/take-back/", imports.import_take_back, name="import_take_back"
    ),
    path("cohorts/<int:cohort_id>/people/new/", imports.cohort_person_new, name="cohort_person_new"),
]
