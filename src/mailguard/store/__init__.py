"""What is kept: journal, cases, held mail, deliveries. Law: durable before 250 (design law 1)."""
