package import Merging

/// The Swift file that holds the records of the resolvers.
package enum ResolverTableSource {
  /// The file's text.
  package static func text(_ records: [ResolverRecord]) -> String {
    let rows = records.map { record in
      "    ResolverRecord(name: \"\(record.name)\", settled: \(record.settled), equal: \(record.equal), "
        + "read: \(record.read), wrong: \(record.wrong)),\n"
    }
    return """
      // Written by 'arborist eval merges --write-record'; what it says is measured, so measure again instead of editing.

      extension ResolverRecord {
        // swift-format-ignore: a table reads better with one row a line
        /// How each resolver did on the histories it was developed on, where it alone was asked.
        package static let table: [ResolverRecord] = [
      \(rows.joined())  ]
      }

      """
  }

  /// The records in a text as ``text(_:)`` writes it; `nil` where a row cannot be read.
  package static func records(in text: String) -> [ResolverRecord]? {
    var records: [ResolverRecord] = []
    for line in text.split(separator: "\n") {
      var rest = line.drop { $0 == " " }
      guard skip("ResolverRecord(name: \"", in: &rest) else { continue }
      let name = String(rest.prefix { $0 != "\"" })
      rest = rest.dropFirst(name.count)
      guard skip("\", settled: ", in: &rest), let settled = number(in: &rest), skip(", equal: ", in: &rest),
        let equal = number(in: &rest), skip(", read: ", in: &rest), let read = number(in: &rest),
        skip(", wrong: ", in: &rest), let wrong = number(in: &rest), rest == "),"
      else { return nil }
      records.append(ResolverRecord(name: name, settled: settled, equal: equal, read: read, wrong: wrong))
    }
    return records
  }

  private static func skip(_ prefix: String, in text: inout Substring) -> Bool {
    guard text.hasPrefix(prefix) else { return false }
    text = text.dropFirst(prefix.count)
    return true
  }

  private static func number(in text: inout Substring) -> Int? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    text = text.dropFirst(digits.count)
    return Int(digits)
  }
}
