package import Base
internal import ByteText

/// One line of a change as a model is shown it.
package struct ShownLine: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case context
    case added
    case deleted
  }

  package var kind: Kind
  /// Its number in the head, counted from one; `nil` for a line that the change takes away.
  package var number: Int?
  /// The line behind its gutter, as text: secrets are cut out, so is the end of a very long line, and no character
  /// hides.
  package var text: String
  /// Whether something of it that the change adds is not shown.
  package var isCut = false

  package init(kind: Kind, number: Int?, text: String) {
    self.kind = kind
    self.number = number
    self.text = text
  }

  /// The line with its number and its sign in front of it.
  ///
  /// As every line has them, none can be taken for anything else.
  package var rendered: String {
    let digits = number.map(String.init) ?? ""
    let sign =
      switch kind {
      case .context: " "
      case .added: "+"
      case .deleted: "-"
      }
    return String(repeating: " ", count: max(0, 5 - digits.utf8.count)) + digits + " " + sign + "|" + text
  }
}

/// A file of a change as far as a model is shown it.
package struct ShownFile: Sendable {
  package var path: RepositoryPath
  /// What the change does to it, in words.
  package var state: String
  /// The head's file; `nil` where it is too large to be held.
  package var content: [UInt8]?
  /// The stretches of the file that are shown, each around one or more hunks.
  package var groups: [[ShownLine]]
  /// What is shown first where not everything can be: 0 for sources, 1 for tests and scripts, 2 for the rest.
  package var rank: Int
  /// The lines of the head that the change adds, and those next to lines that it takes away.
  package var changed: Set<Int>
  private let surroundings: Surroundings

  init(
    path: RepositoryPath, state: String, content: [UInt8]?, groups: [[ShownLine]], rank: Int, changed: Set<Int>,
    surroundings: Surroundings
  ) {
    self.path = path
    self.state = state
    self.content = content
    self.groups = groups
    self.rank = rank
    self.changed = changed
    self.surroundings = surroundings
  }

  /// The head's file as it is shown, also where it is not shown: what is quoted from what is shown stands there.
  var asShown: [UInt8] {
    var texts = (content?.lines() ?? []).map(LineText.around)
    for line in groups.joined() {
      if let number = line.number, texts.indices.contains(number - 1) { texts[number - 1] = line.text }
    }
    return Array(texts.joined(separator: "\n").utf8)
  }

  /// The lines that open what the first change among these lines stands in, as far as they stand above all of them.
  func heads(above lines: ArraySlice<ShownLine>) -> [ShownLine] {
    guard let first = lines.lazy.compactMap(\.number).first else { return [] }
    // A line that is gone stands where the next one does.
    let changed = lines.drop { $0.kind == .context }.lazy.compactMap(\.number).first
    return surroundings.heads(of: changed ?? first).filter { $0.number.map { $0 < first } ?? false }
  }
}
