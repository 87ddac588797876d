extension Int {
  /// The number with what it counts, as `1 file` or `2 files`, for nouns whose plural has an `s` more.
  package func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
