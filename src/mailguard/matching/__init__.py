"""Finding many expressions in texts in one pass. Law: RE2 alone, so time is linear in the text (law 6)."""
