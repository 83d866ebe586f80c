"""What an event is and what happens to it on its way in: values and pure functions, no Django."""
