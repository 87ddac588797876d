// The journal on PostgreSQL, over libpq.
