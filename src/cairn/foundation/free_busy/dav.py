"""What CalDAV servers say (RFC 4791), read with a parser that follows no entity and no outside reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from cairn.foundation.free_busy.scanning import Unread

DAV, CALDAV, SERVER = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
PROPERTIES = """<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"><prop>
<resourcetype/><current-user-principal/><C:calendar-home-set/><C:supported-calendar-component-set/>
<C:schedule-calendar-transp/><S:getctag/><sync-token/></prop></propfind>"""
EVENTS = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:calendar-data/></prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{first:%Y%m%dT%H%M%SZ}" end="{last:%Y%m%dT%H%M%SZ}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"""
FREE_BUSY = """<?xml version="1.0" encoding="utf-8"?>
<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">
<C:time-range start="{first:%Y%m%dT%H%M%SZ}" end="{last:%Y%m%dT%H%M%SZ}"/></C:free-busy-query>"""


@dataclass(frozen=True)
class Resource:
    """One thing on a CalDAV server: what it is, where it leads, and a mark that changes with its content."""

    href: str
    is_calendar: bool
    counts: bool
    """Whether events in it take its owner's time: it holds events, and its owner lets them count."""
    principal: str
    home: str
    mark: str


def resources(body: bytes) -> list[Resource]:
    """What a PROPFIND found. Raises Unread."""
    return [_resource(each) for each in _tree(body).iter(f"{DAV}response")]


def calendars_in(text: str) -> Iterator[str]:
    """The calendar files in the answer to a REPORT. Raises Unread."""
    for data in _tree(text.encode()).iter(f"{CALDAV}calendar-data"):
        if data.text and data.text.strip():
            yield data.text


def _tree(body: bytes) -> Any:
    try:
        return fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise Unread("no_caldav") from error


def _resource(answer: Any) -> Resource:
    found = [part.find(f"{DAV}prop") for part in answer.iter(f"{DAV}propstat") if _is_there(part)]
    props = {child.tag: child for prop in found if prop is not None for child in prop}
    kinds = {child.tag for child in props.get(f"{DAV}resourcetype", ())}
    components = {child.get("name", "").upper() for child in props.get(f"{CALDAV}supported-calendar-component-set", ())}
    transparent = f"{CALDAV}transparent" in {child.tag for child in props.get(f"{CALDAV}schedule-calendar-transp", ())}
    return Resource(
        href=(answer.findtext(f"{DAV}href") or "").strip(),
        is_calendar=f"{CALDAV}calendar" in kinds,
        counts=(not components or "VEVENT" in components) and not transparent,
        principal=_inner_href(props.get(f"{DAV}current-user-principal")),
        home=_inner_href(props.get(f"{CALDAV}calendar-home-set")),
        mark=_text(props.get(f"{SERVER}getctag")) or _text(props.get(f"{DAV}sync-token")),
    )


def _is_there(part: Any) -> bool:
    return " 200" in f" {part.findtext(f'{DAV}status') or ''}"


def _inner_href(element: Any) -> str:
    return "" if element is None else (element.findtext(f"{DAV}href") or "").strip()


def _text(element: Any) -> str:
    return "" if element is None else (element.text or "").strip()
