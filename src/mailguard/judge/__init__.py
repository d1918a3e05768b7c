"""The statistical judge of political text. Law: it sees no party's name, and it never decides alone."""
