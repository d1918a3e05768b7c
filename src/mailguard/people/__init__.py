"""Who sends and who receives. Law: a mail that is not a member's passes untouched."""

from mailguard.people.addresses import addresses_in, fold_address, within
from mailguard.people.audience import audience
from mailguard.people.head import sender_of
from mailguard.people.members import Register

__all__ = ["Register", "addresses_in", "audience", "fold_address", "sender_of", "within"]
