/// Tells whether a file is a valid document of its format.
///
/// A parser for a language can be plugged in from above; those here are pure and never run out of stack.
package protocol DocumentCheck: Sendable {
  /// Whether this check knows the format of the file at a path.
  func applies(to path: [UInt8]) -> Bool
  /// Reads a whole file.
  func read(_ document: [UInt8]) -> DocumentReading
}

/// What a check found in a file.
package struct DocumentReading: Sendable, Hashable {
  /// What a file can be.
  package enum Verdict: Sendable, Hashable {
    case valid
    /// Invalid from this offset on.
    case invalid(at: Int)
    /// Too deep, or written in a way that the check does not know.
    case unknown
  }

  package var verdict: Verdict
  /// The keys that stand more than once in one container, with the offset of the last one.
  package var repeatedKeys: [[UInt8]: Int]
  /// The names of what it uses beyond the strict format, such as comments.
  package var extensions: Set<String>

  package init(_ verdict: Verdict, repeatedKeys: [[UInt8]: Int] = [:], extensions: Set<String> = []) {
    self.verdict = verdict
    self.repeatedKeys = repeatedKeys
    self.extensions = extensions
  }
}

/// The checks that come with Arborist.
package enum StandardDocumentChecks {
  package static let all: [any DocumentCheck] = [JSONCheck(), TOMLCheck(), XMLCheck(), YAMLCheck()]
}

/// Refuses a document that is not valid, or has a key twice, where both sides are valid and have not.
struct DocumentRule: FileRule {
  private let check: any DocumentCheck
  private let ours: DocumentReading
  private let theirs: DocumentReading

  /// - Returns: `nil` where a side is not valid itself.
  init?(_ check: any DocumentCheck, ours: SourceText, theirs: SourceText) {
    self.check = check
    self.ours = check.read(ours.table.bytes)
    self.theirs = check.read(theirs.table.bytes)
    guard self.ours.verdict == .valid, self.theirs.verdict == .valid else { return nil }
  }

  func fault(in merged: SourceText) -> FileFault? {
    let reading = check.read(merged.table.bytes)
    switch reading.verdict {
    case .invalid(let offset): return fault(.invalidDocument, at: offset, in: merged)
    case .unknown: return FileFault(.invalidDocument)
    case .valid: break
    }
    guard reading.extensions.isSubset(of: ours.extensions.union(theirs.extensions)) else {
      return FileFault(.invalidDocument)
    }
    let new = reading.repeatedKeys.filter { ours.repeatedKeys[$0.key] == nil && theirs.repeatedKeys[$0.key] == nil }
    return new.values.min().flatMap { fault(.duplicate, at: $0, in: merged) }
  }

  private func fault(_ reason: FileMerge.Rejection.Reason, at offset: Int, in merged: SourceText) -> FileFault {
    let line = merged.table.line(at: offset)
    guard line < merged.table.count else { return FileFault(reason) }
    return FileFault(reason, evidence: merged.table[line].filter { $0 != 0x0A }, lines: [line])
  }
}

extension LineTable {
  /// The line that an offset of the text stands in; the last one for the end of the text.
  func line(at offset: Int) -> Int {
    var (low, high) = (0, max(0, count - 1))
    while low < high {
      let middle = (low + high + 1) / 2
      if range(LineSpan(start: middle, count: 1)).lowerBound <= offset { low = middle } else { high = middle - 1 }
    }
    return low
  }
}

/// How deep a document may be; what is deeper is not judged.
let greatestDocumentDepth = 2_000

/// The ending of a path's last part, in lower case and without its dot.
func pathEnding(_ path: [UInt8]) -> String {
  let name = path.split(separator: UInt8(ascii: "/")).last ?? []
  guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return "" }
  return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
}
