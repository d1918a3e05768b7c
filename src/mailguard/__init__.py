"""mailguard: an SMTP proxy that applies a council's e-mail policy to its members' outgoing mail."""

__version__ = "0.1.0"
