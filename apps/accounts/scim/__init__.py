"""SCIM 2.0 (RFC 7643, 7644): a company's directory adds, changes and removes its people and groups here.

scim2-server speaks the protocol; this package says what is kept (`description`), reads and writes it (`storage`) and
stands at the door (`views`).
"""
