"""The customers' API: who asks, what they may, and the first questions."""
