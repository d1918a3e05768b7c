"""The grammar of MAIL and RCPT: paths and parameters.

Law: what is passed on is what was received; a line that is not SMTP is refused here, before a hop sees it.
Sources: RFC 5321 (4.1.1, 4.1.2), RFC 1870 (SIZE), RFC 3461 (DSN), RFC 4954 (AUTH), RFC 6152, RFC 6531.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailguard.mail.errors import ProtocolError
from mailguard.smtp.features import Features

LINE_LIMIT = 4096  # RFC 5321 (4.5.3.1.4) asks for 512; DSN, SMTPUTF8 and AUTH add to it (RFC 3461, 5; RFC 4954, 4)
PATH_LIMIT = 1000  # RFC 5321 (4.5.3.1.3): 256 octets; SMTPUTF8 and old gateways need more

# Each alternative begins with a different character, so matching is linear in the line's length.
_PATH = re.compile(
    rb'\s*<((?:@[^<>"\s:]*:)?)((?:[^<>"\\\s\x00-\x1f\x7f]|"(?:[^"\\]|\\.)*"|\\.)*)>(?: +(.*))?\s*\Z', re.S
)
_PARAMETER = re.compile(rb"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\x00-\x20=\x7f][^\x00-\x20\x7f]*))?\Z")
_BODY = frozenset((b"7BIT", b"8BITMIME"))


@dataclass(slots=True)
class Path:
    """A parsed MAIL or RCPT: the address bare, the parameters as received, the line to pass on."""

    address: str
    options: tuple[str, ...]
    parameters: dict[bytes, bytes]
    line: bytes


def parse(verb: bytes, keyword: bytes, argument: bytes) -> Path:
    """`argument` is what follows the verb, e.g. `FROM:<a@b.example> SIZE=9`. Raises ProtocolError (501)."""
    if argument[: len(keyword)].upper() != keyword:
        raise ProtocolError(501, "5.5.4", f"Syntax: {verb.decode()} {keyword.decode()}<address>")
    match = _PATH.match(argument, len(keyword))
    if match is None or match.end(2) - match.start(2) > PATH_LIMIT:
        raise ProtocolError(501, "5.1.7" if verb == b"MAIL" else "5.1.3", "Bad address syntax")
    route, mailbox, rest = match.groups()
    line = b"%s %s<%s%s>" % (verb, keyword, route, mailbox)
    words = (rest or b"").split()
    try:
        address, options = mailbox.decode(), tuple(word.decode() for word in words)
    except UnicodeDecodeError:
        raise ProtocolError(501, "5.5.2", "Addresses and parameters are UTF-8") from None
    if not words:
        return Path(address, (), {}, line + b"\r\n")
    parameters: dict[bytes, bytes] = {}
    for word in words:
        parameter = _PARAMETER.match(word)
        if parameter is None or parameter[1].upper() in parameters:
            raise ProtocolError(501, "5.5.4", "Bad parameter syntax")
        parameters[parameter[1].upper()] = parameter[2] or b""
    return Path(address, options, parameters, line + b" " + b" ".join(words) + b"\r\n")


def check_mail(path: Path, features: Features, size_limit: int) -> None:
    """Refuse what this hop session does not offer. `size_limit`: 0 is none. Raises ProtocolError."""
    for name, value in path.parameters.items():
        match name:
            case b"SIZE":
                if not value.isdigit() or len(value) > 20:
                    raise ProtocolError(501, "5.5.4", "Bad SIZE")
                if size_limit and int(value) > size_limit:
                    raise ProtocolError(552, "5.3.4", "Message too big")
            case b"BODY":
                if value.upper() not in _BODY:
                    raise ProtocolError(501, "5.5.4", "BODY is 7BIT or 8BITMIME")
                _need(features, "8BITMIME", name)
            case b"SMTPUTF8":
                _need(features, "SMTPUTF8", name)
            case b"RET" | b"ENVID":
                _need(features, "DSN", name)
            case b"AUTH":
                _need(features, "AUTH", name, tolerate=value == b"<>")
            case _:
                raise ProtocolError(555, "5.5.4", "MAIL parameter not recognized")
    _check_charset(path, b"SMTPUTF8" in path.parameters)
    if b"AUTH" in path.parameters and "AUTH" not in features.keywords:
        # Exchange sends AUTH=<> ("nobody vouches") whether or not it was offered; it says nothing and is left out.
        path.line = re.sub(rb" AUTH=<>", b"", path.line, flags=re.I)


def check_rcpt(path: Path, features: Features, utf8: bool) -> None:
    """Refuse what this hop session does not offer. Raises ProtocolError."""
    if not path.address:
        raise ProtocolError(501, "5.1.3", "Bad recipient address syntax")
    for name in path.parameters:
        if name not in (b"NOTIFY", b"ORCPT"):
            raise ProtocolError(555, "5.5.4", "RCPT parameter not recognized")
        _need(features, "DSN", name)
    _check_charset(path, utf8)


def _need(features: Features, keyword: str, name: bytes, tolerate: bool = False) -> None:
    if keyword not in features.keywords and not tolerate:
        raise ProtocolError(555, "5.5.4", f"{name.decode()} is not offered")


def _check_charset(path: Path, utf8: bool) -> None:
    if not utf8 and not path.line.isascii():
        raise ProtocolError(553, "5.6.7", "Non-ASCII addresses need SMTPUTF8")


def no_argument(argument: bytes) -> None:
    """Refuse what follows RSET, QUIT or STARTTLS (RFC 5321, 4.1.1.5, 4.1.1.10; RFC 3207, 4). Raises ProtocolError."""
    if argument:
        raise ProtocolError(501, "5.5.4", "This command takes no argument")
