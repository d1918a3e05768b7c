"""Who sends and who receives. Law: a mail that is not a member's passes untouched."""
