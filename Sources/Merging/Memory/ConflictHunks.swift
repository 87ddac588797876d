/// The conflicts of a merge in the two forms in which resolvers meet them.
package enum ConflictHunks {
  /// The regions of the merge with every conflict whole, less the lines in which both sides agree at its ends.
  package static func whole(base: [UInt8], ours: [UInt8], theirs: [UInt8]) -> [FileMerge.Region] {
    LineMerge(base: base, ours: ours, theirs: theirs).regions { conflict in
      conflict.isNarrowed ? nil : Resolution(resolver: "", lines: [], reason: "")
    }
  }

  /// The regions of the merge with the conflicts narrowed as git shows them.
  package static func narrowed(base: [UInt8], ours: [UInt8], theirs: [UInt8]) -> [FileMerge.Region] {
    LineMerge(base: base, ours: ours, theirs: theirs).regions { _ in nil }
  }

  /// The conflict of a region; `nil` for lines on which the merge is decided.
  package static func conflict(of region: FileMerge.Region) -> Conflict? {
    switch region {
    case .merged: nil
    case .resolved(let conflict, _), .conflict(let conflict): conflict
    }
  }
}
