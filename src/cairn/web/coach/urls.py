"""Addresses of the coach's pages."""

from django.urls import URLPattern, path

from cairn.web.coach import invoices

urlpatterns: list[URLPattern] = [
    path("invoices/", invoices.coach_invoices, name="coach_invoices"),
    path("invoices/draft/<int:engagement_id>/<int:quarter>/", invoices.draft_invoice, name="draft_invoice"),
    path("invoices/<int:invoice_id>/", invoices.coach_invoice, name="coach_invoice"),
    path("invoices/<int:invoice_id>.pdf", invoices.invoice_pdf, name="invoice_pdf"),
    path("invoices/<int:invoice_id>.xlsx", invoices.invoice_xlsx, name="invoice_xlsx"),
]
