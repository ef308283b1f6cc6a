"""Handing mails over: to a mail server that may hang, refuse or hang up, or to a folder whose mails a page shows."""

import contextlib
import datetime as dt
import re
import secrets
import smtplib
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

GOODBYE_SECONDS = 2.0
SUFFIX = ".eml"
KEPT_NAME = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{8}\.eml")


class TookTooLong(OSError):
    """The conversation with the mail server was cut because it went on for too long."""


class SmtpBackend(EmailBackend):
    """Django's, with an end: no step longer than EMAIL_TIMEOUT, no conversation longer than CAIRN_EMAIL_SECONDS.

    What the server has taken counts as taken, whatever goes wrong while saying goodbye.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._line: socket.socket | None = None
        self._call: smtplib.SMTP | None = None
        self._is_cut = False

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The library's, which tells us its line as soon as there is one: even its greeting may never come.

        Once the whole text is out, a server that is slow to say yes has the rest of the time: who hangs up on it too
        early sends the mail twice (RFC 5321, 4.5.3.2.6).
        """
        backend = self

        class Called(super().connection_class):  # type: ignore[misc]  # a class that is only known here
            def _get_socket(self, *where: Any) -> socket.socket:
                backend._call, backend._line = self, super()._get_socket(*where)
                if backend._is_cut:
                    backend._cut()
                return backend._line

            def data(self, msg: bytes | str) -> tuple[int, bytes]:
                self.sock.settimeout(settings.CAIRN_EMAIL_SECONDS)
                answer: tuple[int, bytes] = super().data(msg)
                self.sock.settimeout(self.timeout)
                return answer

        return Called

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        """Hand mails over; raises TookTooLong when the whole takes longer than it may."""
        self._is_cut, self._call, self._line = False, None, None
        end = threading.Timer(settings.CAIRN_EMAIL_SECONDS, self._cut)
        end.daemon = True
        end.start()
        try:
            return int(super().send_messages(email_messages) or 0)
        except (OSError, smtplib.SMTPException) as error:
            if self._is_cut:
                raise TookTooLong from error
            raise
        finally:
            end.cancel()

    def _cut(self) -> None:
        self._is_cut = True
        for line in (self._line, getattr(self._call, "sock", None)):  # STARTTLS puts another in the place of the first
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        """Say goodbye. A mail that was taken stays taken when the answer does not come."""
        if connection.sock is not None:
            connection.sock.settimeout(GOODBYE_SECONDS)
        try:
            super()._close_connection(connection)  # type: ignore[misc]  # the stubs do not know it
        except (OSError, smtplib.SMTPException):
            connection.close()


class FolderBackend(BaseEmailBackend):
    """Writes each mail into a file of its own in EMAIL_FILE_PATH, whole or not at all."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        """Keep these mails; raises OSError when the folder cannot be written."""
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for letter in email_messages:
            name = f"{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}{SUFFIX}"
            unfinished = folder / f".{name}"
            unfinished.write_bytes(letter.message().as_bytes(linesep="\r\n"))
            unfinished.rename(folder / name)
        return len(email_messages)


def kept_mails() -> Iterator[Path]:
    """The files of mails in the folder, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else iter(())
    return (folder / name for name in sorted(filter(KEPT_NAME.fullmatch, names), reverse=True))
