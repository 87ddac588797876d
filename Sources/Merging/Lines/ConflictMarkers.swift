/// What the markers around a conflict enclose.
package enum ConflictStyle: Sendable, Hashable {
  /// Our lines and their lines, narrowed to what differs.
  case merge
  /// Also the ancestor's lines; nothing is narrowed.
  case diff3
  /// Also the ancestor's lines; lines with which both sides begin or end are taken out.
  case zdiff3
}

/// How the lines that mark a conflict in a file look.
package struct ConflictMarkers: Sendable, Hashable {
  /// What follows the marker of our lines; nothing, not even a space, where it is `nil`.
  package var ours: [UInt8]?
  /// What follows the marker of the ancestor's lines.
  package var base: [UInt8]?
  /// What follows the marker of their lines.
  package var theirs: [UInt8]?
  /// How many characters a marker has; git's default, 7, where it is not positive.
  package var size: Int

  package init(ours: [UInt8]?, base: [UInt8]?, theirs: [UInt8]?, size: Int = 7) {
    self.ours = ours
    self.base = base
    self.theirs = theirs
    self.size = size
  }

  /// Appends a conflict between its markers.
  func append(_ conflict: Conflict, style: ConflictStyle, carriageReturn: Bool, to output: inout [UInt8]) {
    let lineEnd: [UInt8] = carriageReturn ? [0x0D, 0x0A] : [0x0A]
    func marker(_ character: Unicode.Scalar, _ label: [UInt8]?) {
      output.append(contentsOf: repeatElement(UInt8(ascii: character), count: size > 0 ? size : 7))
      if let label { output += [0x20] + label }
      output += lineEnd
    }
    func lines(_ bytes: [UInt8]) {
      output += bytes
      if let last = bytes.last, last != 0x0A { output += lineEnd }
    }
    marker("<", ours)
    lines(conflict.ours)
    if style != .merge {
      marker("|", base)
      lines(conflict.base)
    }
    marker("=", nil)
    lines(conflict.theirs)
    marker(">", theirs)
  }
}
