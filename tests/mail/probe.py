"""A reader process whose documents are orders, to see what its cage and its parent do: "spin", "allocate", ..."""

import os
import socket
import sys
import time

from mailguard.mail import sandbox
from mailguard.mail.contents import State
from mailguard.mail.readers import dispatch, process
from mailguard.mail.readers.document import Document


def obey(data: bytes, name: str, declared: str, limits: object) -> Document:
    order = data.decode().removeprefix("%PDF-")
    if order == "overspend":
        sandbox.allow_cpu(-1)
    if order in {"spin", "overspend"}:
        while True:
            pass
    if order == "sleep":
        if declared.startswith("/"):
            open(declared, "wb").close()
        time.sleep(60)
    if order == "allocate":
        return Document("", State.READ, str(len(bytearray(3_000_000_000))))
    if order == "abort":
        os.abort()
    if order == "garbage":
        os.write(process_out(), b"\x00\x00\x00\x02\x00\x00\x00\x00[]")
        time.sleep(60)
    if order == "long":
        os.write(process_out(), b"\xff\xff\xff\xff\x00\x00\x00\x00")
        time.sleep(60)
    if order == "shape":
        return Document(["not a string"], State.READ)  # type: ignore[arg-type]
    if order == "network":
        try:
            socket.create_connection(("127.0.0.1", 9), timeout=1)
        except OSError as error:
            return Document("", State.READ, type(error).__name__)
    if order == "file":
        with open(f"/tmp/mailguard-probe-{os.getpid()}", "wb") as file:
            try:
                file.truncate(1_000_000_000)
            except OSError as error:
                return Document("", State.READ, type(error).__name__)
            finally:
                os.unlink(file.name)
    return Document("", State.READ, f"{name} {declared} {os.getpid()}")


def process_out() -> int:
    """The pipe to the parent: the second of the copies that the process makes of its standard streams."""
    return 4


if __name__ == "__main__":
    original = dispatch.read_document

    def read_document(data: bytes, name: str, declared: str, limits: object) -> Document:
        try:
            return obey(data, name, declared, limits)
        except MemoryError:
            return Document("", State.OVER_LIMIT, "MemoryError")

    dispatch.read_document = read_document  # type: ignore[assignment]
    sys.exit(process.main())
