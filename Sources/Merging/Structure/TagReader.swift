/// Reads how lines of XML or HTML nest, tag by tag.
struct TagReader {
  private enum State: Hashable {
    case content
    case comment
    case cdata
    case instruction
    /// Within a tag that opens an element.
    case tag
    /// Within a quoted value of such a tag.
    case value(UInt8)
    case closingTag
  }

  let bytes: [UInt8]
  let isHTML: Bool
  private var state = State.content
  private var names: [ArraySlice<UInt8>] = []
  private var extra = 0
  private var tagName: ArraySlice<UInt8> = []
  private(set) var isBalanced = true
  /// How many elements and tags are open.
  var depth: Int { names.count + extra }

  init(bytes: [UInt8], isHTML: Bool) {
    self.bytes = bytes
    self.isHTML = isHTML
  }

  /// The shape of the next line.
  mutating func shape(of range: Range<Int>, indent: Int) -> LineShape {
    var shape = LineShape(role: .blank, indent: indent, before: depth, low: depth, after: depth)
    let startsInner = state == .cdata || { if case .value = state { true } else { false } }()
    var hasCode = false
    var hasComment = false
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      if !isBlankByte(byte), byte != 0x0A {
        if state == .comment || state == .content && bytes.matches("<!--", at: index) {
          hasComment = true
        } else {
          hasCode = true
        }
      }
      index += step(index)
      shape.low = min(shape.low, depth)
    }
    shape.after = depth
    shape.role = startsInner ? .inner : hasCode ? .code : hasComment ? .lead : .blank
    return shape
  }

  private mutating func step(_ index: Int) -> Int {
    let byte = bytes[index]
    switch state {
    case .comment:
      if bytes.matches("-->", at: index) {
        state = .content
        return 3
      }
    case .cdata:
      if bytes.matches("]]>", at: index) {
        state = .content
        return 3
      }
    case .instruction, .closingTag:
      if byte == UInt8(ascii: ">") { state = .content }
    case .value(let quote):
      if byte == quote { state = .tag }
    case .tag: return stepInTag(index)
    case .content: return byte == UInt8(ascii: "<") ? open(index) : 1
    }
    return 1
  }

  private mutating func stepInTag(_ index: Int) -> Int {
    switch bytes[index] {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): state = .value(bytes[index])
    case UInt8(ascii: ">"):
      extra -= 1
      state = .content
      let isEmpty = bytes[index - 1] == UInt8(ascii: "/") || isHTML && Self.voidElements.contains(lowercased(tagName))
      if !isEmpty { names.append(tagName) }
    default: break
    }
    return 1
  }

  private mutating func open(_ index: Int) -> Int {
    if bytes.matches("<!--", at: index) {
      state = .comment
      return 4
    }
    if bytes.matches("<![CDATA[", at: index) {
      state = .cdata
      return 9
    }
    guard index + 1 < bytes.count else { return 1 }
    let next = bytes[index + 1]
    if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
      state = .instruction
      return 2
    }
    if next == UInt8(ascii: "/") {
      state = .closingTag
      close(name(at: index + 2))
      return 2
    }
    guard isNameByte(next), !isDigitByte(next) else { return 1 }
    tagName = name(at: index + 1)
    extra += 1
    state = .tag
    return 1 + tagName.count
  }

  private mutating func close(_ name: ArraySlice<UInt8>) {
    if names.last?.elementsEqual(name) == true {
      names.removeLast()
    } else if isHTML, let place = names.suffix(32).lastIndex(where: { $0.elementsEqual(name) }) {
      // HTML lets some elements end with the one around them.
      names.removeSubrange(place...)
    } else {
      isBalanced = false
      if !names.isEmpty { names.removeLast() }
    }
  }

  private func name(at start: Int) -> ArraySlice<UInt8> {
    var end = start
    while end < bytes.count, isNameByte(bytes[end]) || "-:.".utf8.contains(bytes[end]) { end += 1 }
    return bytes[start..<end]
  }

  private func lowercased(_ name: ArraySlice<UInt8>) -> String { String(decoding: name, as: UTF8.self).lowercased() }

  private static let voidElements: Set<String> = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
  ]
}
