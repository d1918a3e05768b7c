"""The port that workers share. Law: a port that another program has is an error at start, never a silent share.

Each worker's front listens on a socket of its own with SO_REUSEPORT, so that the kernel spreads connections and a dead
worker's port goes with it. SO_REUSEPORT also lets a second gateway of the same user join in, hence the trial
bind without it first. The supervisor keeps one bound socket that does not listen: the port (also one given as
0) stays ours while all workers are down.
"""

from __future__ import annotations

import errno
import socket

from mailguard.config.values import Address
from mailguard.mail.errors import ConfigError


def resolve(address: Address) -> tuple[int, tuple[str, int]]:
    """Family and socket address. Raises OSError where the host is not known."""
    family, _, _, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    return family, (str(where[0]), int(where[1]))


def _bound(address: Address, share: bool) -> socket.socket:
    family, where = resolve(address)
    # The protocol is named: without it asyncio does not set TCP_NODELAY on what it accepts (40 ms a reply).
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(where)
    except OSError:
        sock.close()
        raise
    return sock


def reserve(address: Address, key: str) -> socket.socket:
    """Take the port for our workers. Raises ConfigError that says what to do; `key` is the setting's name."""
    try:
        # A trial bind does not meet sockets that are bound and do not listen yet; a trial listen does.
        with _bound(address, share=False) as trial:
            trial.listen(1)
        return _bound(address, share=True)
    except OSError as error:
        raise ConfigError([_why(error, address, key)]) from error


def _why(error: OSError, address: Address, key: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{key} = {address}: another program has this port; stop it, or choose another port"
    if error.errno == errno.EACCES:
        return f"{key} = {address}: this user may not take this port; give CAP_NET_BIND_SERVICE or use one over 1023"
    return f"{key} = {address}: cannot listen there ({error.strerror}); write an address of this machine"


def taken(sock: socket.socket, address: Address) -> Address:
    """The address with the port the kernel gave."""
    return Address(address.host, int(sock.getsockname()[1]))
