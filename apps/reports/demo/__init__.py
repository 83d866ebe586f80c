"""A made-up outdoor shop, "Fernweh Outfitters": 90 days of its visitors, campaigns, orders, refunds and bots.

Everything is drawn with numpy from one seed, whole columns at a time: the same seed and the same `now` give the same
events to the byte. `world` holds what the shop is, `people` who comes, `visits` when and from where, `events` what
they do, `columns` turns that into the columns which the writer makes, `company` makes the accounts and settings,
`arrivals` sends the last hours through the door, for the pages about single events.
"""
