"""Metrics and logs. Law: no person, party, address or content in either (design law 8)."""
