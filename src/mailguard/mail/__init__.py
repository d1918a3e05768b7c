"""The ground floor: what travels (values), what can go wrong (errors), and the readers of content.

Law: nothing here imports another floor, and no value changes after it is made.
"""
