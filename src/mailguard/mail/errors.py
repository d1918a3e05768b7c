"""The errors every floor may raise. Law: an error names what, where and how to mend it, never content."""


class MailguardError(Exception):
    """Base of all errors mailguard raises on purpose."""


class ConfigError(MailguardError):
    """One or more faults in the configuration, each `file:line: what, and the fix`."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class ProtocolError(MailguardError):
    """The peer broke SMTP; `enhanced` and `text` are what it may hear."""

    def __init__(self, code: int, enhanced: str, text: str) -> None:
        super().__init__(f"{code} {enhanced} {text}")
        self.code, self.enhanced, self.text = code, enhanced, text


class HopError(MailguardError):
    """The next hop could not be reached, stalled, or answered garbage before the final dot."""


class ReplyLost(HopError):
    """The final dot was sent and no final reply came: delivery is uncertain (RFC 5321, 4.2.5)."""


class StoreError(MailguardError):
    """The store could not keep or give what was asked (database down, tampered body)."""


class StoreFull(StoreError):
    """There is no room left: the client may try again later (452 4.3.1, RFC 5321, 4.2.2)."""
