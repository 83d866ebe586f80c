"""The API about credit: why a conversion was credited as it was, and what would move under other rules."""
