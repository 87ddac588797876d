// The one process that holds the credentials of forges.
