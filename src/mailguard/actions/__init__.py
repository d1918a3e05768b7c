"""What can be done to a mail: one file, one action. Law: none discards (design law 10).

Each action module holds `async def apply(handling: Handling) -> Outcome`; `gateway.ACTIONS` names them all.
"""
