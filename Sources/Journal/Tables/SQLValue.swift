package import Base

/// A value as a statement is given it or a row holds it.
package enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])
}

/// What a statement can be given.
package protocol SQLStorable {
  var sqlValue: SQLValue { get }
}

extension Int64: SQLStorable {
  package var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLStorable {
  package var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension String: SQLStorable {
  package var sqlValue: SQLValue { .text(self) }
}

extension [UInt8]: SQLStorable {
  package var sqlValue: SQLValue { .blob(self) }
}

extension Timestamp: SQLStorable {
  /// Milliseconds since 1970.
  package var sqlValue: SQLValue { .integer(milliseconds) }
}

extension Optional: SQLStorable where Wrapped: SQLStorable {
  package var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

/// What a column can be read as.
package protocol SQLReadable {
  /// The value; `nil` where it is of another type.
  init?(_ value: SQLValue)
}

extension Int64: SQLReadable {
  package init?(_ value: SQLValue) {
    guard case .integer(let number) = value else { return nil }
    self = number
  }
}

extension Int: SQLReadable {
  package init?(_ value: SQLValue) {
    guard case .integer(let number) = value else { return nil }
    self.init(exactly: number)
  }
}

extension Bool: SQLReadable {
  package init?(_ value: SQLValue) {
    guard case .integer(let number) = value else { return nil }
    self = number != 0
  }
}

extension String: SQLReadable {
  package init?(_ value: SQLValue) {
    guard case .text(let text) = value else { return nil }
    self = text
  }
}

extension [UInt8]: SQLReadable {
  package init?(_ value: SQLValue) {
    guard case .blob(let bytes) = value else { return nil }
    self = bytes
  }
}

/// The names of the columns that a statement gives.
package final class SQLColumns: Sendable {
  package let names: [String]
  private let places: [String: Int]

  package init(_ names: [String]) {
    self.names = names
    places = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func place(of name: String) -> Int? { places[name] }
}

/// One row that a statement gave.
package struct SQLRow: Sendable {
  private let columns: SQLColumns
  private let values: [SQLValue]

  package init(_ columns: SQLColumns, _ values: [SQLValue]) {
    self.columns = columns
    self.values = values
  }

  /// The value of a column; `nil` where there is no such column.
  subscript(_ column: String) -> SQLValue? {
    guard let place = columns.place(of: column), values.indices.contains(place) else { return nil }
    return values[place]
  }
}
