// A strict forge for tests.
