"""The shared port: several listeners of ours, nobody else's."""

from __future__ import annotations

import socket

import pytest

from mailguard.config.values import Address
from mailguard.daemon.sockets import reserve, taken
from mailguard.mail.errors import ConfigError


def test_a_reserved_port_takes_listeners_and_no_connection_itself() -> None:
    with reserve(Address("127.0.0.1", 0), "listen.address") as held:
        address = taken(held, Address("127.0.0.1", 0))
        assert address.port > 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, 5)
        one, two = (socket.create_server(address, reuse_port=True) for _ in range(2))
        with one, two:
            socket.create_connection(address, 5).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, 5)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (Address("192.0.2.1", 0), "write an address of this machine"),
        (Address("no-such-host.invalid", 25), "write an address of this machine"),
    ],
)
def test_what_cannot_be_taken_is_said(address: Address, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        reserve(address, "listen.address")


def test_a_port_with_a_listener_is_not_ours() -> None:
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        address = Address(*other.getsockname())
        with pytest.raises(ConfigError, match="another program has this port"):
            reserve(address, "web.address")


def test_ipv6_is_an_address_too() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    with reserve(Address("::1", 0), "listen.address") as held:
        assert taken(held, Address("::1", 0)).port > 0
