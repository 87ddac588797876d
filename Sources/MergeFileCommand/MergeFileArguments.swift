package import Merging

/// What `merge-file` was asked to do; the words of `git merge-file`, and a few more.
package struct MergeFileArguments: Sendable, Hashable {
  /// What becomes of a conflict that is left.
  package enum Favor: Sendable, Hashable {
    /// It stands between markers.
    case neither
    /// Our lines stand in its place.
    case ours
    /// Their lines stand in its place.
    case theirs
    /// Both stand in its place, ours first.
    case union
  }

  /// How the result is told.
  package enum Format: Sendable, Hashable {
    case text, json
  }

  /// The three files, as they were named.
  package var current: [UInt8] = []
  package var base: [UInt8] = []
  package var other: [UInt8] = []
  /// The merge goes to standard output and not into CURRENT (`-p`).
  package var toStandardOutput = false
  /// Nothing but errors is said (`-q`).
  package var isQuiet = false
  /// What follows the markers: of our, the ancestor's and their lines; at most three (`-L`).
  package var labels: [[UInt8]] = []
  /// The file's path in its repository (`--path`), as a merge driver knows it; empty where it is unknown.
  package var path: [UInt8] = []
  package var markerSize = 7
  package var style = ConflictStyle.merge
  package var favor = Favor.neither
  /// No resolver is asked (`--textual`).
  package var isTextual = false
  package var format = Format.text

  /// One line that shows the words.
  package static let usage = """
    usage: merge-file [-p] [-q] [-L LABEL]... [--path NAME] [--marker-size N] [--diff3 | --zdiff3] \
    [--ours | --theirs | --union] [--textual] [--format text|json] CURRENT BASE OTHER
    """

  /// Reads the words that follow `merge-file`.
  ///
  /// - Throws: ``MergeFileUsageError`` where they are not understood.
  package init(_ words: [[UInt8]]) throws(MergeFileUsageError) {
    var files: [[UInt8]] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      if word.elementsEqual("--".utf8) {
        files += rest
        break
      } else if word.starts(with: "--".utf8) {
        try takeLong(String(decoding: word.dropFirst(2), as: UTF8.self), word.dropFirst(2), &rest)
      } else if word.first == UInt8(ascii: "-"), word.count > 1 {
        try takeShort(word.dropFirst(), &rest)
      } else {
        files.append(word)
      }
    }
    guard files.count == 3 else {
      throw MergeFileUsageError("it takes three files, CURRENT, BASE and OTHER, and got \(files.count)")
    }
    if toStandardOutput, format == .json {
      throw MergeFileUsageError("-p and --format json both want standard output")
    }
    (current, base, other) = (files[0], files[1], files[2])
  }

  private mutating func takeShort(
    _ letters: ArraySlice<UInt8>, _ rest: inout ArraySlice<[UInt8]>
  ) throws(MergeFileUsageError) {
    var letters = letters
    while let letter = letters.popFirst() {
      switch letter {
      case UInt8(ascii: "p"): toStandardOutput = true
      case UInt8(ascii: "q"): isQuiet = true
      case UInt8(ascii: "L"):
        guard let label = letters.isEmpty ? rest.popFirst() : Array(letters) else {
          throw MergeFileUsageError("-L takes a label")
        }
        guard labels.count < 3 else { throw MergeFileUsageError("there are more than three labels") }
        labels.append(label)
        letters = []
      default: throw MergeFileUsageError("there is no option -\(Unicode.Scalar(letter))")
      }
    }
  }

  private mutating func takeLong(
    _ text: String, _ bytes: ArraySlice<UInt8>, _ rest: inout ArraySlice<[UInt8]>
  ) throws(MergeFileUsageError) {
    let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    let name = String(decoding: bytes[..<(equals ?? bytes.endIndex)], as: UTF8.self)
    if ["path", "marker-size", "format"].contains(name) {
      guard let value = equals.map({ Array(bytes[($0 + 1)...]) }) ?? rest.popFirst() else {
        throw MergeFileUsageError("--\(name) takes a value")
      }
      try take(name, value)
      return
    }
    switch text {
    case "stdout": toStandardOutput = true
    case "quiet": isQuiet = true
    case "diff3": style = .diff3
    case "zdiff3": style = .zdiff3
    case "ours": favor = .ours
    case "theirs": favor = .theirs
    case "union": favor = .union
    case "textual": isTextual = true
    default: throw MergeFileUsageError("there is no option --\(name)")
    }
  }

  private mutating func take(_ name: String, _ value: [UInt8]) throws(MergeFileUsageError) {
    let text = String(decoding: value, as: UTF8.self)
    switch (name, text) {
    case ("path", _): path = value
    case ("format", "text"): format = .text
    case ("format", "json"): format = .json
    case ("marker-size", _):
      guard let size = Int(text), (0...4096).contains(size) else {
        throw MergeFileUsageError("--marker-size takes a number, at most 4096, and not '\(text)'")
      }
      markerSize = size
    default: throw MergeFileUsageError("--format is text or json, and not '\(text)'")
    }
  }

  /// The markers around a conflict.
  ///
  /// Without labels git names the files; those of a merge driver are temporary, so there the sides are named instead.
  var markers: ConflictMarkers {
    let names = path.isEmpty ? [current, base, other] : ["ours", "base", "theirs"].map { Array($0.utf8) }
    let labels = labels + names[labels.count...]
    return ConflictMarkers(ours: labels[0], base: labels[1], theirs: labels[2], size: markerSize)
  }
}

/// Words that `merge-file` does not understand.
package struct MergeFileUsageError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}
