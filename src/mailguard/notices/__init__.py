"""Mail that mailguard itself writes: notices to members and delivery status notifications.

Law: short, neutral, sent from `<>`, never in answer to `<>`; the original subject is not repeated.
"""
