"""The named defences a clause may accept: one file, one defence. Law: a defence speaks for, and never alone.

A defence module holds exactly one subclass of `Defence` whose `name` is the module's name; the folder is
walked as that of the rules is.
"""
