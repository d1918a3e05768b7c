"""What memory the gateway needs: proportional set size of its whole process tree, in MB, idle and with large mail.

    .venv/bin/python benchmarks/memory.py [--workers 2] [--quiet 60]

A mail is in flight from its first byte to its reply: all are sent at once, each in a session of its own, to Postfix's
smtp-sink. The full `lancashire` preset is enforced; "attached" mails hold base64 of random bytes, "text" mails words
that are judged to the last one. The figure beside each load is the peak, sampled ten times a second.
"""

from __future__ import annotations

import argparse
import base64
import random
import smtplib
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from bench import Peak, sinking

import peers

SENDER, RECIPIENT = "cllr@council.example", "resident@example.net"
WORDS = ("the", "council", "road", "meeting", "report", "please", "resident", "thank", "ward", "bin", "light")
LOADS = (
    ("4 x 14 MB, attached", 4, 14, True),
    ("4 x 14 MB, text", 4, 14, False),
    ("50 x 20 MB, attached", 50, 20, True),
)


def mail(megabytes: int, attached: bool) -> bytes:
    """A mail of about so many MB, with CRLF."""
    dice, size = random.Random(11), megabytes * 1_000_000  # noqa: S311
    head = f"From: <{SENDER}>\nTo: <{RECIPIENT}>\nSubject: Street lights\nMIME-Version: 1.0\n"
    lines = [" ".join(dice.choices(WORDS, k=10)) for _ in range(200)]
    if attached:
        raw = base64.encodebytes(dice.randbytes(size * 57 // 77)).decode()
        text = (
            f"{head}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n{lines[0]}\n--b\n"
            f"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n{raw}--b--\n"
        )
    else:
        lines *= size // sum(len(line) + 1 for line in lines) + 1
        text = f"{head}Content-Type: text/plain\n\n" + "\n".join(lines) + "\n"
    return text.replace("\n", "\r\n").encode()


def send(port: int, data: bytes, replies: list[str]) -> None:
    """One mail in a session of its own; its last reply."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=300) as client:
            client.sendmail(SENDER, [RECIPIENT], data)
        replies.append("250")
    except smtplib.SMTPResponseException as error:
        replies.append(str(error.smtp_code))
    except (OSError, smtplib.SMTPException) as error:
        replies.append(type(error).__name__)


def load(subject: peers.Subject, count: int, data: bytes) -> tuple[float, float, str]:
    """Peak MB, seconds, and what the clients were told, for so many mails at once."""
    replies: list[str] = []
    clients = [threading.Thread(target=send, args=(subject.port, data, replies)) for _ in range(count)]
    began = time.monotonic()
    with Peak(subject) as peak:
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    told = ", ".join(f"{replies.count(code)} x {code}" for code in sorted(set(replies)))
    return peak.megabytes, time.monotonic() - began, told


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--quiet", type=float, default=60.0, help="seconds after the last load")
    parser.add_argument("--parts", action="store_true", help="show each process at rest too")
    options = parser.parse_args()
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="mailguard-memory-"))
        subject = stack.enter_context(peers.mailguard(stack.enter_context(sinking()), Path(name), options.workers))
        time.sleep(5)
        print("| gateway | MB | seconds | replies |\n|---|---|---|---|")
        print(f"| idle | {subject.memory():.0f} | | |", flush=True)
        for title, count, size, attached in LOADS:
            peak, seconds, told = load(subject, count, mail(size, attached))
            print(f"| {title}, all at once | {peak:.0f} | {seconds:.1f} | {told} |", flush=True)
        time.sleep(options.quiet)
        print(f"| {options.quiet:.0f} s later | {subject.memory():.0f} | | |")
        if options.parts:
            for pid in subject.tree():
                print(Path(f"/proc/{pid}/comm").read_text().strip(), f"{peers._pss(pid) / 1000:.1f}")


if __name__ == "__main__":
    main()
