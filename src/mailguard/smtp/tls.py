"""TLS contexts for both sides. Law: where TLS is required its peer is verified by name; where it is a bonus it is not.

Sources: RFC 3207 (STARTTLS), RFC 7525 as BCP 195 (TLS 1.2 at least).
"""

from __future__ import annotations

import ssl
from pathlib import Path

from mailguard.smtp.settings import FrontSettings, HopSettings


def server_context(certificate: Path, private_key: Path | None) -> ssl.SSLContext:
    """The front's context. Raises OSError (ssl.SSLError is one) when the files do not serve."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # For a locked key OpenSSL would ask the terminal, and wait for it: with a password it is an error.
    context.load_cert_chain(certificate, private_key, password="")
    return context


def front_context(settings: FrontSettings) -> ssl.SSLContext | None:
    """None where the front does not offer STARTTLS. Raises OSError, or ValueError without a certificate."""
    if settings.tls == "off":
        return None
    if settings.certificate is None:
        raise ValueError("STARTTLS needs a certificate")
    return server_context(settings.certificate, settings.private_key)


def hop_context(settings: HopSettings) -> ssl.SSLContext | None:
    """None where the hop is spoken to in clear. Raises OSError when the authorities' file does not serve."""
    if settings.tls == "off":
        return None
    context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.tls == "if-offered":
        # Opportunistic: whoever can strip STARTTLS could also present any name, so a check would only lose mail.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
