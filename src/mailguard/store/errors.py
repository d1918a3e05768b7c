"""The store's own errors, beside StoreError and StoreFull. Law: they name numbers and states, never content."""

from __future__ import annotations

from mailguard.mail.errors import StoreError


class NotFound(StoreError):
    """There is no such case, body, delivery or grant."""


class WrongState(StoreError):
    """The record is no longer in the state the change needs: someone else was first."""


class Tampered(StoreError):
    """A sealed body is not what was sealed: changed, cut short, lengthened, or another's."""


class LeaseLost(StoreError):
    """The delivery is no longer leased by the one who asks: he must not send it."""
