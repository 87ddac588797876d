// Tests of Forges.
