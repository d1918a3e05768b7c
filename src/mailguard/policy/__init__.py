"""What findings mean: clauses, exemptions, verdicts. Law: pure; no I/O, no clock, no SMTP."""
