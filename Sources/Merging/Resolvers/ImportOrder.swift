/// An order that imports are kept in.
enum ImportOrder: CaseIterable {
  case module
  case moduleIgnoringCase
  case line
  case lineIgnoringCase
  /// `import a` above `from a import b`, each by module.
  case kindThenModule

  /// The first order that every run is in; `nil` where there is none or too little to tell.
  static func first(forRuns runs: [[ImportStatement]]) -> ImportOrder? {
    guard (runs.map(\.count).max() ?? 0) >= 3 else { return nil }
    return allCases.first { order in
      runs.allSatisfy { run in zip(run, run.dropFirst()).allSatisfy { !order.isBefore($1, $0) } }
    }
  }

  /// The first order that every list of names is in; `nil` where there is none.
  static func first(for lists: [[[UInt8]]]) -> ImportOrder? {
    [.module, .moduleIgnoringCase].first { order in
      lists.allSatisfy { list in zip(list, list.dropFirst()).allSatisfy { !order.isBefore($1, $0) } }
    }
  }

  func isBefore(_ one: ImportStatement, _ two: ImportStatement) -> Bool {
    key(one).lexicographicallyPrecedes(key(two))
  }

  func isBefore(_ one: [UInt8], _ two: [UInt8]) -> Bool {
    self == .moduleIgnoringCase
      ? lowercase(one).lexicographicallyPrecedes(lowercase(two)) : one.lexicographicallyPrecedes(two)
  }

  private func key(_ statement: ImportStatement) -> [UInt8] {
    switch self {
    case .module: statement.module
    case .moduleIgnoringCase: lowercase(statement.module)
    case .line: statement.canonical
    case .lineIgnoringCase: lowercase(statement.canonical)
    case .kindThenModule: [statement.kind.first == UInt8(ascii: "i") ? 0 : 1] + lowercase(statement.module)
    }
  }

  private func lowercase(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
  }
}
