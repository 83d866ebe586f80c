"""How a person proves who they are: passwords, codes, second factors, sessions, single sign-on, provisioning.

Owns identity providers, verified domains and sign-in rules. Who may do what once inside belongs to orgs.
"""
