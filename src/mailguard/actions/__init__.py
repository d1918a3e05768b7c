"""What can be done to a mail: one file, one action. Law: none discards (design law 10)."""
