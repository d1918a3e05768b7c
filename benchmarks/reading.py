"""CPU per mail for reading and folding, at 2 KB, 60 KB and 10 MB. Law: documents are counted apart.

Run: `python benchmarks/reading.py`. The figures are medians of CPU time in one process; compare ratios, not machines.
"""

# ruff: noqa: E501

from __future__ import annotations

import base64
import os
import resource
import statistics
import time
from collections.abc import Callable

from mailguard.mail.body import text_parts
from mailguard.mail.headers import addresses, parse_headers
from mailguard.mail.mime import parse

HEAD = (
    b"Received: from pc.council.example (pc.council.example [192.0.2.1])\r\n\tby mail.council.example with ESMTPS id 1;\r\n"
    b"\tTue, 3 May 2022 10:00:00 +0100\r\nFrom: Ann Marsh <ann@council.example>\r\nTo: Ceri <ceri@home.example>, b@c.example\r\n"
    b"Subject: Bins in Brook Street\r\nDate: Tue, 3 May 2022 10:00:00 +0100\r\nMessage-ID: <1@council.example>\r\n"
    b"Thread-Topic: Bins\r\nAccept-Language: en-GB\r\nX-Originating-IP: [192.0.2.7]\r\nMIME-Version: 1.0\r\n"
)
LINE = b"The officers will look at the bins in Brook Street on Tuesday and write to you.\r\n"
PARAGRAPH = b"<p class=MsoNormal><span style='font-size:11.0pt'>" + LINE.strip() + b"<o:p></o:p></span></p>\r\n"


def plain(size: int = 1600) -> bytes:
    """A plain mail of about 2 KB."""
    text = LINE * (size // len(LINE)) + b"\r\nKind regards\r\nAnn Marsh\r\n"
    return HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text


def mixed(attachment: int) -> bytes:
    """Plain and HTML text of some 6 KB, and an attachment of so many bytes."""
    file = base64.encodebytes(os.urandom(attachment)).replace(b"\n", b"\r\n")
    return (
        HEAD + b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n'
        b'Content-Type: multipart/alternative; boundary="a"\r\n\r\n'
        b"--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + LINE * 25 + b"\r\n"
        b"--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><body>\r\n"
        + PARAGRAPH
        * 25
        + b"</body></html>\r\n--a--\r\n"
        b'--m\r\nContent-Type: application/pdf; name="plan.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        b'Content-Disposition: attachment; filename="plan.pdf"\r\n\r\n' + file + b"--m--\r\n"
    )


def read(data: bytes) -> None:
    """What the mail worker does with a message, documents left packed."""
    body = text_parts(parse(data))
    for text in body.texts:
        _ = text.folded


def envelope(data: bytes) -> None:
    """What is done for the mail of people who are not judged."""
    headers = parse_headers(data[: data.find(b"\r\n\r\n") + 2])
    for name in ("from", "to", "cc"):
        addresses(headers.first(name))


def measure(work: Callable[[bytes], None], data: bytes, rounds: int) -> float:
    """Median CPU microseconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time_ns()
        work(data)
        times.append((time.process_time_ns() - start) / 1000)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    print(f"{'mail':<24}{'bytes':>12}{'header only':>14}{'read + fold':>14}   (us of CPU, median)")
    for name, data, rounds in (
        ("plain", plain(), 4000),
        ("mixed, PDF", mixed(38_000), 1500),
        ("mixed, large", mixed(7_500_000), 9),
    ):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        figures = (measure(envelope, data, min(rounds, 2000)), measure(read, data, rounds))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{name:<24}{len(data):>12,}{figures[0]:>14.1f}{figures[1]:>14.1f}   peak memory +{grown / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
