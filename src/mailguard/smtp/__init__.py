"""SMTP on both sides: front (server) and hop (client). Law: strict wire, transparent replies (laws 2 and 5)."""
