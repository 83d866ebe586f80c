"""Values and rules, without a framework."""
