/// What must not stand twice in one container.
struct DeclarationKey: Hashable {
  enum Kind: Hashable {
    case importing, declaration, label, key, heading
    /// The same line as the one before.
    case line
  }

  var kind: Kind
  var text: ArraySlice<UInt8>
}

/// Reads a file line by line for what its containers hold.
///
/// A container is what is indented deeper than the line above it; in Markdown it is a section.
struct DeclarationReader {
  private let source: SourceText
  private let form: DeclarationForm
  private var line = -1
  /// The lines that the current one is indented deeper than.
  private var containers: [(indentation: Int, id: Int, header: ArraySlice<UInt8>)] = []
  private var nextContainer = 1
  /// What parts one container: the branches of a preprocessor, the switches of a function, the sections of a file.
  private var part = 0
  private var lastSwitch = 0
  private var previous: ArraySlice<UInt8> = []
  private var pending: [(container: Int, key: DeclarationKey, line: Int)] = []

  init(_ source: SourceText) {
    self.source = source
    form = DeclarationForm(source.language)
  }

  /// The next key with its container and its line; `nil` at the end of the file.
  mutating func next() -> (container: Int, key: DeclarationKey, line: Int)? {
    while pending.isEmpty {
      line += 1
      guard line < source.table.count else { return nil }
      read(source.table[line])
    }
    return pending.removeLast()
  }

  private mutating func read(_ bytes: ArraySlice<UInt8>) {
    var whole = bytes
    if whole.last == UInt8(ascii: "\n") { whole.removeLast() }
    let text = whole.trimmingEnd.drop(while: isBlankByte)
    guard !text.isEmpty else {
      previous = []
      return
    }
    defer { previous = text }
    if text == previous, text.count(where: isNameByte) > 3, !source.startsInside(line: line), form.linesAreUnique {
      pending.append((part, DeclarationKey(kind: .line, text: text), line))
      pending.append((part, DeclarationKey(kind: .line, text: text), line - 1))
    }
    if source.startsInside(line: line) { return }
    enter(text, indentation: indentation(of: whole))
    let parent = containers.count > 1 ? containers[containers.count - 2] : nil
    guard let key = form.key(of: text, header: parent?.header ?? [], previous: previous) else { return }
    let container = (parent?.id ?? 0) &* 1_000_003 &+ (key.kind == .label ? lastSwitch : part)
    pending.append((container, key, line))
  }

  private mutating func enter(_ text: ArraySlice<UInt8>, indentation: Int) {
    if form.opensPart(text) { part = line + 1 }
    if form.isSwitch(text) { lastSwitch = line + 1 }
    while let last = containers.last, last.indentation >= indentation { containers.removeLast() }
    containers.append((indentation, nextContainer, text))
    nextContainer += 1
  }

  /// The depth of a line; a heading's level in Markdown.
  private func indentation(of whole: ArraySlice<UInt8>) -> Int {
    if form.isMarkdown {
      let level = whole.prefix { $0 == UInt8(ascii: "#") }.count
      return level > 0 ? level : 7
    }
    return whole.prefix(while: isBlankByte).reduce(0) { $0 + ($1 == UInt8(ascii: "\t") ? 8 : 1) }
  }
}
