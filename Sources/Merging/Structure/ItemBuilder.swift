/// Builds the items of a file from the shapes of its lines, in one walk.
struct ItemBuilder {
  let text: SourceText
  let shapes: [LineShape]
  let numbers: [UInt64]
  let seed: UInt64
  private var line = 0
  private var naming: ItemNaming

  /// Deeper items are lines of the item around them.
  private static let deepest = 64

  init(text: SourceText, shapes: [LineShape], numbers: [UInt64], seed: UInt64) {
    self.text = text
    self.shapes = shapes
    self.numbers = numbers
    self.seed = seed
    naming = ItemNaming(text: text)
  }

  mutating func build() -> [Item] {
    var items: [Item] = []
    while line < shapes.count {
      items += list(above: -1, depth: 0)
      // Only a line that closes more than is open ends the list early.
      if line < shapes.count { items.append(leaf(gap: line..<line, lead: line..<line, kind: .divider)) }
    }
    return items
  }

  /// The items from the present line on until one closes the level `floor`, which is left to the caller.
  private mutating func list(above floor: Int, depth: Int) -> [Item] {
    var items: [Item] = []
    while line < shapes.count {
      let start = line
      let gap = skip { $0 == .blank }
      let lead = lead(from: line)
      guard line < shapes.count else {
        items.append(filler(gap: gap, lead: lead))
        break
      }
      let shape = shapes[line]
      if shape.before <= floor {
        // What stands before a line that is less indented goes with that line, unless it is a comment further in.
        line = start
        let inner = lead.prefix { shapes[$0].role == .blank || shapes[$0].indent > shape.indent }.count
        if inner > 0, let last = lead.prefix(inner).last(where: { shapes[$0].role == .lead }) {
          line = last + 1
          items.append(filler(gap: gap, lead: lead.lowerBound..<(last + 1)))
        }
        break
      }
      if shape.low < shape.before {
        if shape.low <= floor, shape.after <= floor {
          if !lead.isEmpty || !gap.isEmpty { items.append(filler(gap: gap, lead: lead)) }
          break
        }
        items.append(leaf(gap: gap, lead: lead, kind: .divider))
        continue
      }
      items.append(item(gap: gap, lead: lead, floor: floor, depth: depth))
    }
    return items
  }

  private mutating func skip(while matches: (LineShape.Role) -> Bool) -> Range<Int> {
    let start = line
    while line < shapes.count, matches(shapes[line].role) { line += 1 }
    return start..<line
  }

  /// The comments and attributes from a line on, with the blank lines among them.
  private mutating func lead(from start: Int) -> Range<Int> {
    _ = skip { $0 == .lead || $0 == .blank }
    return start..<line
  }

  private func filler(gap: Range<Int>, lead: Range<Int>) -> Item {
    let end = max(lead.upperBound, gap.upperBound)
    let item = Item(
      kind: .filler, name: [], gap: gap, lead: end..<end, head: lead.isEmpty ? end..<end : lead, children: [],
      foot: end..<end
    )
    var copy = item
    copy.lead = item.head.lowerBound..<item.head.lowerBound
    return finished(copy)
  }

  /// A single line, and what belongs to it, as an item.
  private mutating func leaf(gap: Range<Int>, lead: Range<Int>, kind: Item.Kind) -> Item {
    let start = line
    line += 1
    while line < shapes.count, shapes[line].role == .inner { line += 1 }
    return finished(
      Item(kind: kind, name: [], gap: gap, lead: lead, head: start..<line, children: [], foot: line..<line)
    )
  }

  private mutating func item(gap: Range<Int>, lead: Range<Int>, floor: Int, depth: Int) -> Item {
    let start = line
    let level = shapes[start].before
    line += 1
    while line < shapes.count, shapes[line].role == .inner { line += 1 }
    var head = start..<line
    var children: [Item] = []
    if shapes[line - 1].after > level || shapes[start].after > level {
      open(level, depth, &children)
    }
    var foot = footStart(after: children, head)..<line
    while !shapes[start].isFlat, let next = attached(to: start, level: level) {
      if children.isEmpty, shapes[next].after <= level {
        line = next + 1
        while line < shapes.count, shapes[line].role == .inner { line += 1 }
        head = start..<line
        foot = line..<line
        continue
      }
      // The lines that ended the item so far turn out to stand in its middle.
      if children.isEmpty {
        head = start..<line
      } else if !foot.isEmpty {
        children.append(
          finished(
            Item(
              kind: .divider, name: [], gap: foot.lowerBound..<foot.lowerBound,
              lead: foot.lowerBound..<foot.lowerBound, head: foot, children: [], foot: foot.upperBound..<foot.upperBound
            )
          )
        )
      }
      children.append(leaf(gap: line..<line, lead: line..<next, kind: .divider, at: next))
      if shapes[next].after > level { open(level, depth, &children) }
      foot = footStart(after: children, head)..<line
    }
    var item = Item(kind: .statement, name: [], gap: gap, lead: lead, head: head, children: children, foot: foot)
    (item.kind, item.name) = naming.name(of: item, shape: shapes[start])
    return finished(item)
  }

  private mutating func leaf(gap: Range<Int>, lead: Range<Int>, kind: Item.Kind, at next: Int) -> Item {
    line = next
    return leaf(gap: gap, lead: lead, kind: kind)
  }

  /// Reads the children of an item and the line that closes it.
  private mutating func open(_ level: Int, _ depth: Int, _ children: inout [Item]) {
    if depth < Self.deepest {
      children += list(above: level, depth: depth + 1)
    } else {
      while line < shapes.count, shapes[line].before > level, shapes[line].low > level || shapes[line].after > level {
        children.append(leaf(gap: line..<line, lead: line..<line, kind: .statement))
      }
    }
    guard line < shapes.count, shapes[line].before > level, shapes[line].after <= level else { return }
    line += 1
    while line < shapes.count, shapes[line].role == .inner { line += 1 }
  }

  private func footStart(after children: [Item], _ head: Range<Int>) -> Int {
    children.last?.foot.upperBound ?? head.upperBound
  }

  /// The next line, if it goes on with the item that starts at `start` and has ended so far.
  private func attached(to start: Int, level: Int) -> Int? {
    var next = line
    while next < shapes.count, next < line + 8, shapes[next].role == .lead { next += 1 }
    guard next < shapes.count, shapes[next].role == .code, !shapes[next].isFlat, shapes[next].before == level,
      shapes[next].low == level
    else { return nil }
    if shapes[next].continues { return text.language.family == .braces && endsStatement(line - 1, next) ? nil : next }
    guard text.language.nesting == .brackets || text.language.nesting == .headings || isData,
      shapes[next].indent > shapes[start].indent
    else { return nil }
    return next
  }

  private var isData: Bool { text.language.nesting == .sections }

  /// Whether a line ends a statement, so that a brace or operator on the next line starts another.
  private func endsStatement(_ line: Int, _ next: Int) -> Bool {
    let last = text.table[line].dropEnding.last
    let first = text.table[next].drop(while: isBlankByte).first
    if first == UInt8(ascii: "{") || first == UInt8(ascii: ":") || first == UInt8(ascii: "=") {
      return last.map { ";,}{".utf8.contains($0) } ?? true
    }
    return last == UInt8(ascii: ";") || last == UInt8(ascii: ",")
  }

  /// The item with the numbers of its content.
  private func finished(_ item: Item) -> Item {
    var item = item
    let end = item.foot.upperBound
    let code = lastCode(item)
    item.hasComma = code.map { Commas.ends(text, line: $0) } ?? false
    func hash(_ lines: Range<Int>) -> UInt64 {
      var hash = seed
      for line in lines {
        let number =
          line == code && item.hasComma
          ? ItemTree.number(Commas.without(text, line: line)[...].dropEnding, seed) : numbers[line]
        hash = ItemTree.mix(hash, number)
      }
      return hash
    }
    item.body = hash(item.head.lowerBound..<end)
    item.content = item.lead.isEmpty ? item.body : hash(item.lead.lowerBound..<end)
    return item
  }

  private func lastCode(_ item: Item) -> Int? {
    guard item.kind != .filler, text.language.nesting == .brackets else { return nil }
    let line = item.foot.upperBound - 1
    return line >= item.head.lowerBound && shapes[line].role == .code ? line : nil
  }
}

/// Commas at the ends of lines of code.
enum Commas {
  /// Where the last byte of code of a line stands, if anything but white space and comments is on it.
  private static func lastCode(_ text: SourceText, line: Int) -> Int? {
    let range = text.table.range(LineSpan(start: line, count: 1))
    var scanner = text.scanner(atLine: line)
    var last: Int?
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = text.table.bytes[index]
      let (length, state) = scanner.step(text.table.bytes, at: index)
      if state != .lineComment, state != .blockComment, !isBlankByte(byte), byte != 0x0A {
        last = min(index + length, range.upperBound) - 1
      }
      index += length
    }
    return last
  }

  /// Whether the code of a line ends with a comma.
  static func ends(_ text: SourceText, line: Int) -> Bool {
    let bytes = text.table[line]
    guard bytes.contains(UInt8(ascii: ",")) else { return false }
    return lastCode(text, line: line).map { text.table.bytes[$0] == UInt8(ascii: ",") } ?? false
  }

  /// The line without the comma at the end of its code.
  static func without(_ text: SourceText, line: Int) -> [UInt8] {
    var bytes = Array(text.table[line])
    if let last = lastCode(text, line: line) {
      bytes.remove(at: last - text.table.range(LineSpan(start: line, count: 1)).lowerBound)
    }
    return bytes
  }

  /// The line with a comma at the end of its code.
  static func with(_ text: SourceText, line: Int) -> [UInt8] {
    var bytes = Array(text.table[line])
    if let last = lastCode(text, line: line) {
      bytes.insert(UInt8(ascii: ","), at: last + 1 - text.table.range(LineSpan(start: line, count: 1)).lowerBound)
    }
    return bytes
  }
}
