"""The flow: examine, decide, act, deliver, record. Law: 250 only after the hop's 250 or a durable row (law 1).

The server hands over one transaction after its final dot and sends the client whatever `handle` returns. All
that goes wrong on the way ends here as 451, and only here (design law 3).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from mailguard.actions import block, defer, deliver, encrypt, hold, warn
from mailguard.actions.handling import Handling, Outcome, Services
from mailguard.counting import Counting
from mailguard.examine import Examined, Examiner, MailMaker
from mailguard.mail.errors import HopError, ReplyLost, StoreError, StoreFull
from mailguard.mail.reader import Reader
from mailguard.mail.reply import Reply
from mailguard.observe.log import place
from mailguard.pace import Pace
from mailguard.people.head import sender_of
from mailguard.people.members import Register
from mailguard.policy.action import Action
from mailguard.policy.calendar import Calendar
from mailguard.policy.facts import facts_of
from mailguard.policy.policy import Policy
from mailguard.policy.verdict import Verdict
from mailguard.record import Passage, Recorder
from mailguard.smtp import trace
from mailguard.smtp.transaction import Transaction

ACTIONS: Mapping[Action, Callable[[Handling], Awaitable[Outcome]]] = {
    Action.PASS: deliver.apply,
    Action.TAG: deliver.apply,
    Action.ENCRYPT: encrypt.apply,
    Action.WARN: warn.apply,
    Action.HOLD: hold.apply,
    Action.DEFER: defer.apply,
    Action.BLOCK: block.apply,
}

READING = 0.6
"""Share of the deadline that reading may take: what is not read by then is `late`, and the verdict follows."""

FOLLOW_UP = 10.0
"""Seconds for what remains once the reply is settled."""

LOOP = Outcome(Reply.of(554, "5.4.6", "Mail loop: this mail came through here before"), "loop")
TOO_MANY = Outcome(Reply.of(451, "4.7.0", "Too many mails in an hour; please try again later"), "too many")
NO_ROOM = Outcome(Reply.of(452, "4.3.1", "There is no room for the mail now; please try again later"), "no room")
NO_STORE = Outcome(Reply.of(451, "4.3.0", "The mail could not be recorded now; please try again later"), "no store")
NO_HOP = Outcome(Reply.of(451, "4.4.1", "The next server cannot be reached now; please try again later"), "no hop")
LOST = Outcome(Reply.of(451, "4.4.2", "The next server did not confirm; please try again later"), "uncertain")
LATE = Outcome(Reply.of(451, "4.4.7", "The mail took too long to check; please try again later"), "late")
FAULT = Outcome(Reply.of(451, "4.3.0", "The mail could not be checked now; please try again later"), "fault")


@dataclass(frozen=True)
class Runtime:
    """All that one configuration makes: a reload swaps it as a whole, and a mail keeps the one it began with."""

    policy: Policy
    examiner: Examiner
    make: MailMaker
    register: Register
    calendar: Calendar
    reader: Reader
    trace_key: bytes
    services: Services
    deadline: float
    clients: Pace
    senders: Pace


class Gateway:
    """Judges and passes on one transaction at a time, many at once."""

    def __init__(self, runtime: Runtime, recorder: Recorder) -> None:
        self.runtime, self._recorder = runtime, recorder

    async def handle(self, transaction: Transaction) -> Reply:
        """The reply to the client's dot."""
        runtime, passage = self.runtime, Passage()
        outcome = await self._shut(self._within(runtime, transaction, passage), passage, _fault)
        with contextlib.suppress(asyncio.CancelledError):  # a drain that cuts it here must not unsay the reply
            outcome = await self._shut(self._follow_up(outcome, passage), passage, lambda _: outcome)
        self._recorder.record(transaction, passage, outcome)
        return outcome.reply

    async def _shut(
        self, step: Awaitable[Outcome], passage: Passage, otherwise: Callable[[Exception], Outcome]
    ) -> Outcome:
        """The one place where faults end; cancellation passes through. An error's message is never kept: it may hold
        what it choked on."""
        try:
            return await step
        except Exception as error:
            passage.faults += (f"{type(error).__name__} at {place(error)}",)
            return otherwise(error)

    async def _within(self, runtime: Runtime, transaction: Transaction, passage: Passage) -> Outcome:
        async with asyncio.timeout(runtime.deadline):
            return await self._pass_through(runtime, transaction, passage)

    async def _follow_up(self, outcome: Outcome, passage: Passage) -> Outcome:
        """What remains once the reply is settled: it cannot change the reply any more."""
        try:
            async with asyncio.timeout(FOLLOW_UP):
                return replace(outcome, case=await outcome.follow_up()) if outcome.follow_up else outcome
        finally:
            if passage.counting:
                await passage.counting.settle(outcome.delivered)

    async def _pass_through(self, runtime: Runtime, transaction: Transaction, passage: Passage) -> Outcome:
        envelope, message = transaction.envelope, transaction.message
        hostname, key = runtime.services.hostname, runtime.trace_key
        if trace.looping(message.head, envelope, hostname, key):
            await transaction.abandon()
            return LOOP
        received = trace.received(transaction, hostname, key)
        sender = sender_of(envelope, message.head, runtime.register)
        if not (
            runtime.clients.allows(envelope.peer) and runtime.senders.allows(sender.member.address if sender else "")
        ):
            await transaction.abandon()
            return TOO_MANY
        if sender is None:
            return await deliver.untouched(transaction, received)

        confirmed = await warn.confirmation(message)
        message = confirmed.message if confirmed else message
        late = asyncio.get_running_loop().time() + runtime.deadline * READING
        contents = await runtime.reader.read(message, deadline=late)
        passage.lap("read")
        passage.mail = mail = runtime.make(transaction.id, envelope, message, contents, sender)
        examined = runtime.examiner.examine(mail)
        passage.faults += examined.faults
        passage.lap("examine")
        counting = passage.counting = Counting(runtime.services.store, mail)
        verdict = passage.verdict = await self._decide(runtime, examined, counting)
        passage.lap("decide")

        handling = Handling(transaction, mail, verdict, runtime.services, transaction.message, received)
        if confirmed and verdict.action <= Action.WARN:
            outcome = await warn.confirm(handling, confirmed)
        else:
            outcome = await ACTIONS[verdict.action](handling)
        passage.lap("deliver" if outcome.delivered else "act")
        return outcome

    async def _decide(self, runtime: Runtime, examined: Examined, counting: Counting) -> Verdict:
        mail = examined.mail
        periods = runtime.calendar.periods(mail.at, mail.sender.member.ward)
        facts = facts_of(mail, examined.findings, periods)
        facts = facts.counted(await counting.mailing(runtime.policy, examined, facts))
        verdict = runtime.policy.decide(examined.findings, examined.exemptions, facts, examined.failed)
        granted = await counting.granted(verdict)
        if granted:
            return runtime.policy.decide(examined.findings, examined.exemptions, facts, examined.failed, granted)
        return verdict


def _fault(error: Exception) -> Outcome:
    """What the client hears of a fault; the reason stays in the log."""
    match error:
        case StoreFull():
            return NO_ROOM
        case StoreError():
            return NO_STORE
        case ReplyLost():
            return LOST
        case HopError():
            return NO_HOP
        case TimeoutError():
            return LATE
        case _:
            return FAULT
