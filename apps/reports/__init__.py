"""Pages that answer: figures over time, methods side by side, conversions and their journeys, arriving events.

Owns no facts: it asks attribution and ingestion through their doors, and shows every figure with its definition and
its freshness. Refuses to compute credit.
"""
