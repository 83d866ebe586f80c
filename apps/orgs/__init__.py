"""Organizations, their properties and streams, and who may do what in them.

Owns accounts, memberships, write keys and the settings of a property. Refuses to know about events or figures.
"""
