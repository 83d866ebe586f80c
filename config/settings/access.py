"""Organizations, members, keys and the record: everything about who may do what."""

from config import env

# How many proxies of ours stand before web and append to X-Forwarded-For; 0 believes the connection alone.
ORGS_TRUSTED_PROXIES = env.number("WEB_TRUSTED_PROXIES", 0)
