"""What reaches ClickHouse, PostgreSQL's locks and Channels on behalf of attribution."""
