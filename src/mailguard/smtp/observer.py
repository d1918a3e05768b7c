"""What the wire tells whoever counts. Law: numbers, verbs and outcomes; never an address, a name or content."""

from __future__ import annotations

from typing import Literal, Protocol


class Observer(Protocol):
    """Called on the event loop, so each method returns at once and raises nothing."""

    def session_opened(self) -> None:
        """A client connected and was let in."""

    def session_closed(self) -> None:
        """A client that was let in is gone."""

    def client_refused(self, why: str) -> None:
        """A client or its input was refused by the wire itself; `why` is one of a fixed few words."""

    def hop_replied(self, verb: str, code: int) -> None:
        """A hop answered `verb` (MAIL, RCPT, DATA, message, ...) with `code`; 0: it was lost or spoke garbage."""

    def bytes_received(self, count: int) -> None:
        """The size of one message received whole."""

    def bytes_delivered(self, count: int) -> None:
        """The size of one message that a hop took."""

    def tls(self, side: Literal["client", "hop"], established: bool) -> None:
        """A TLS handshake ended."""


class SilentObserver:
    """Counts nothing."""

    def session_opened(self) -> None: ...

    def session_closed(self) -> None: ...

    def client_refused(self, why: str) -> None: ...

    def hop_replied(self, verb: str, code: int) -> None: ...

    def bytes_received(self, count: int) -> None: ...

    def bytes_delivered(self, count: int) -> None: ...

    def tls(self, side: Literal["client", "hop"], established: bool) -> None: ...
