"""What can be seen in a mail: one file, one rule; the file's name is the rule's. Law: a rule never decides.

A rule module holds exactly one subclass of `Rule` (see `rules.rule`) whose `name` is the module's name.
`rules.registry` finds them by walking this folder; there is no list to edit.
"""
