"""Files as answers: always to be kept, never shown inside a page."""

from django.http import HttpResponse

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(content: bytes, name: str) -> HttpResponse:
    """An .xlsx file. `name` is plain ASCII."""
    return _attachment(content, WORKBOOK, name)


def pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF. `name` is plain ASCII."""
    return _attachment(content, "application/pdf", name)


def _attachment(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
