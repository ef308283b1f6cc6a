"""Files as answers: always to be kept, never shown inside a page."""

from django.http import HttpResponse

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(content: bytes, name: str) -> HttpResponse:
    """An .xlsx file. `name` is plain ASCII."""
    return _attachment(content, WORKBOOK, name)


def pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF. `name` is plain ASCII."""
    return _attachment(content, "application/pdf", name)


def zipped(content: bytes, name: str) -> HttpResponse:
    """A zip file. `name` is plain ASCII."""
    return _attachment(content, "application/zip", name)


def text(content: str, name: str) -> HttpResponse:
    """A plain text. `name` is plain ASCII."""
    return _attachment(content.encode(), "text/plain; charset=utf-8", name)


def _attachment(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
