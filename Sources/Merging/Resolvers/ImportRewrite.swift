/// How one side changed where an import comes from, as far as the change could be meant for other imports too.
struct ImportRewrite {
  private let old: (kind: [UInt8], module: ArraySlice<UInt8>)
  private let new: (kind: [UInt8], module: ArraySlice<UInt8>)

  init(from old: ImportStatement, to new: ImportStatement) {
    self.old = (old.kind, Self.unquoted(old.module))
    self.new = (new.kind, Self.unquoted(new.module))
  }

  /// Whether the same change could be made to an import of `module`, and has not been made there yet.
  func couldApply(to module: [UInt8], kind: [UInt8]) -> Bool {
    let other = Self.unquoted(module)
    if old.module == new.module { return old.kind == kind && kind != new.kind && kind.starts(with: Self.require) }
    let start = zip(old.module, new.module).prefix { $0 == $1 }.count
    if start == old.module.count {
      // An ending was added, as `.js` to a path.
      let ending = new.module.dropFirst(start)
      return Self.isRelative(other) == Self.isRelative(old.module) && !other.hasSuffix(of: ending)
    }
    let rest = min(old.module.count, new.module.count) - start
    let end = zip(old.module.reversed(), new.module.reversed()).prefix { $0 == $1 }.prefix(rest).count
    return other.starts(with: old.module.dropLast(end)) && !other.starts(with: new.module.dropLast(end))
  }

  private static let require = Array("require".utf8)

  private static func unquoted(_ module: [UInt8]) -> ArraySlice<UInt8> {
    module.drop { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }
      .prefix { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\"") }
  }

  private static func isRelative(_ module: ArraySlice<UInt8>) -> Bool { module.first == UInt8(ascii: ".") }
}

extension ArraySlice<UInt8> {
  /// Whether the slice ends with these bytes.
  fileprivate func hasSuffix(of other: ArraySlice<UInt8>) -> Bool { suffix(other.count).elementsEqual(other) }
}
