internal import Base
internal import Git
package import Work

/// `large-file`: a file that makes every clone slower for ever.
package struct LargeFileCheck: Check {
  package let id = "large-file"
  package let title = "Large file added"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    change.files.compactMap { file in
      guard let new = file.change.new, new.mode != .submodule, new.size > ReviewLimits.largeFile else { return nil }
      // A file that was large before is what the repository wants.
      if let old = file.change.old, old.size * 2 > new.size, file.change.status != .typeChanged { return nil }
      return CheckFinding(file: file.path, title: "A file of \(Self.size(new.size)) was added")
    }
  }

  /// A count of bytes for a person.
  static func size(_ bytes: Int) -> String {
    let tenths = bytes * 10 / (1 << 20)
    return tenths >= 10 ? "\(tenths / 10).\(tenths % 10) MiB" : "\(bytes >> 10) KiB"
  }
}
