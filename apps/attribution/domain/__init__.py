"""Values and pure decisions about goals, journeys and credit."""
