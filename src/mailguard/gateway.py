"""The flow: examine, decide, act, deliver, record. Law: 250 only after the hop's 250 or a durable row (law 1)."""
