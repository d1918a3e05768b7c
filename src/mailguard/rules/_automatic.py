"""Whether a program wrote a mail. Law: by the header and the structure alone, never by words.

Sources: RFC 3834, 5 (Auto-Submitted), RFC 6522 (multipart/report: delivery reports, read receipts), RFC 6047
(calendar invitations and replies, which stand beside the text and are no attachment).
"""

from __future__ import annotations

from mailguard.mail.mail import Mail


def automatic(mail: Mail) -> bool:
    """True for an automatic reply, a delivery report and a read receipt: nobody wrote them, so nobody signs them.

    Each answers one mail, and goes to who sent it; a field that anybody can set opens no door to many.
    """
    if len(mail.audience.everyone) > 1:
        return False
    headers = mail.contents.headers
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    return submitted not in {"", "no"} or headers.first("content-type").strip().lower().startswith("multipart/report")


def of_calendar(mail: Mail) -> bool:
    """True for an invitation, a reply to one, or its end, as a calendar sends them."""
    return any(part.declared == "text/calendar" and not part.attachment for part in mail.contents.parts)
