"""The store's errors: each is a StoreError, and a full disk alone is StoreFull."""

from __future__ import annotations

import pytest

from mailguard.mail.errors import MailguardError, StoreError, StoreFull
from mailguard.store.errors import LeaseLost, NotFound, Tampered, WrongState


@pytest.mark.parametrize("kind", [StoreError, NotFound, WrongState, Tampered, LeaseLost])
def test_only_a_full_disk_is_full(kind: type[StoreError]) -> None:
    assert issubclass(kind, StoreError)
    assert issubclass(kind, MailguardError)
    assert not issubclass(kind, StoreFull)
