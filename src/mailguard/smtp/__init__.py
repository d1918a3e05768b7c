"""The wire, both ways: the front that clients talk to and the hops that mailguard delivers to.

Law: this floor knows nothing of rules or storage. The front is given one function, the flow; a hop's replies
reach the client as they are; bytes pass unchanged.
"""
