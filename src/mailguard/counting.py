"""Counts a mailing over several transactions, and looks grants up. Law: asked only where it could decide (VOL-1).

One mailing is one author and one new text (or Message-ID, where there is no text) within an hour. Recipients are
reserved before the verdict, so that transactions at the same time see each other, and given back where the mail
is stopped.
"""

from __future__ import annotations

from mailguard.examine import Examined
from mailguard.mail.body import new_text_hash
from mailguard.mail.errors import StoreError
from mailguard.mail.headers import addresses
from mailguard.mail.mail import Mail
from mailguard.policy.facts import Facts
from mailguard.policy.policy import Policy
from mailguard.policy.verdict import Verdict
from mailguard.store.store import Store

WINDOW = 3600.0
GRANT = "grant"


class Counting:
    """What the store knows that a verdict may hang on."""

    def __init__(self, store: Store, mail: Mail) -> None:
        """One for each mail: it remembers whether it reserved."""
        self._store, self._mail = store, mail
        self._reserved = False

    async def mailing(self, policy: Policy, examined: Examined, facts: Facts) -> int:
        """Distinct recipients of this mailing so far, this mail's own among them; 0 where no clause asks.

        Raises StoreError, but not for clauses that only observe: they change nothing.
        """
        mode = policy.counts_mailing(examined.findings, examined.exemptions, facts)
        if not mode:
            return 0
        mail = self._mail
        try:
            number = await self._store.mailings.reserve(_key(mail), mail.audience.everyone, WINDOW, mail.id)
        except StoreError:
            if mode == "enforce":
                raise
            return 0
        self._reserved = True
        return number

    async def settle(self, delivered: bool) -> None:
        """Keep the recipients of a delivered mail, give back those of any other."""
        if not self._reserved:
            return
        await (self._store.mailings.confirm(self._mail.id) if delivered else self._store.mailings.cancel(self._mail.id))

    async def granted(self, verdict: Verdict) -> frozenset[str]:
        """Clauses met for which this member holds a live grant that is large enough."""
        asked = [hit.clause.id for hit in verdict.hits if GRANT in hit.clause.unless and hit.effective]
        if not asked:
            return frozenset()
        live = set()
        for clause in asked:
            for grant in await self._store.grants.live(self._mail.sender.member.address, clause, self._mail.at):
                if grant.largest is None or verdict.facts.mailing <= grant.largest:
                    live.add(clause)
        return frozenset(live)


def _key(mail: Mail) -> str:
    """What names the mailing; the store keeps a keyed hash of it alone."""
    author = addresses(mail.contents.headers.first("from")) or (mail.envelope.sender.lower(),)
    what = new_text_hash(mail.contents) or mail.contents.headers.first("message-id") or mail.id
    return f"author {author[0]} mailing {what}"
