// A strict forge for drives; Docs/TestForge.md.
print("not yet")
