/// Some lines of a file that are sealed while the rest of it is not.
struct SealedRegion {
  /// What the part is called; regions of one file with one name are told apart by their order.
  var name: String
  var kind: SealKind
  /// The lines, counted from zero.
  var lines: Range<Int>
}
