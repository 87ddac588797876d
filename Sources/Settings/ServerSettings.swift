// The server's configuration.
