/// Settles conflicts in which one side broke the same tokens into lines in another way, and the other changed them.
///
/// A comma before a closing bracket counts as layout. The other side's lines are taken as they stand. The first line
/// must have kept its indentation: who indents lines anew has often moved them into another block.
package struct Reformatted: Resolver {
  package let name = "reformatted"

  package init() {}

  package func resolve(_ conflict: Conflict, in context: ResolverContext) -> Resolution? {
    guard !conflict.isNarrowed, !context.isGenerated, !context.isCatalogue, !conflict.base.isEmpty,
      !conflict.ours.isEmpty, !conflict.theirs.isEmpty
    else { return nil }
    let base = TokenSequence(conflict.position.base, of: context.sources.base)
    let ours = TokenSequence(conflict.position.ours, of: context.sources.ours)
    let theirs = TokenSequence(conflict.position.theirs, of: context.sources.theirs)
    guard !base.isEmpty, (base == ours) != (base == theirs) else { return nil }
    guard context.spacing != .content else { return nil }
    let (laidOut, changed) = base == ours ? (ours, theirs) : (theirs, ours)
    let lines = base == ours ? conflict.theirs : conflict.ours
    // Lines with little in common with what was there are no change of it; they may stand beside it.
    guard changed.keepsHalf(of: base), changed.balance == base.balance,
      laidOut.indentation == base.indentation,
      context.spacing == .layout || laidOut.indentations == base.indentations
    else { return nil }
    guard !conflict.isOnlyLaidOutOrMoved(by: base == ours ? .theirs : .ours, in: context) else { return nil }
    let side = base == ours ? "our" : "their"
    return Resolution(
      resolver: name, lines: lines, reason: "\(side) side only laid the same out in another way; the other changed it"
    ).listingDrops(of: conflict, because: "it is the same in another layout as what was there")
  }
}

/// The tokens of some lines without white space and without commas before closing brackets.
private struct TokenSequence: Equatable {
  private struct Element: Hashable {
    var kind: Token.Kind
    var text: ArraySlice<UInt8>
  }

  private var elements: [Element] = []
  /// The white space before the first line that is not blank.
  let indentation: ArraySlice<UInt8>
  /// The white space before each line that does not stand within brackets.
  private(set) var indentations: [ArraySlice<UInt8>] = []

  var isEmpty: Bool { elements.isEmpty }
  /// How many more brackets the lines open than they close.
  var balance: Int { elements.reduce(0) { $0 + ($1.kind == .open ? 1 : $1.kind == .close ? -1 : 0) } }

  /// Whether at least half of the other's tokens are here as well.
  func keepsHalf(of other: TokenSequence) -> Bool {
    var counts: [Element: Int] = [:]
    for element in elements { counts[element, default: 0] += 1 }
    var kept = 0
    for element in other.elements where counts[element, default: 0] > 0 {
      counts[element, default: 0] -= 1
      kept += 1
    }
    return 2 * kept >= other.elements.count
  }

  init(_ span: LineSpan, of source: SourceText) {
    var (depth, space, startsLine) = (0, 0..<0, true)
    for token in source.tokens(span) {
      if token.kind == .blank || token.kind == .lineEnd {
        if token.kind == .lineEnd { startsLine = true }
        space = token.kind == .blank ? token.range : token.range.upperBound..<token.range.upperBound
        continue
      }
      if startsLine, depth == 0 {
        indentations.append(space.upperBound == token.range.lowerBound ? source.table.bytes[space] : [])
      }
      startsLine = false
      depth += token.kind == .open ? 1 : token.kind == .close ? -1 : 0
      if token.kind == .close, elements.last?.text.elementsEqual(",".utf8) ?? false { elements.removeLast() }
      elements.append(Element(kind: token.kind, text: source.table.bytes[token.range]))
    }
    let first = span.indices.lazy.map { source.line($0) }.first { !$0.allSatisfy(isBlankByte) }
    indentation = first?.prefix(while: isBlankByte) ?? []
  }

  static func == (one: TokenSequence, two: TokenSequence) -> Bool { one.elements == two.elements }
}
