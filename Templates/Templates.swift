/// The texts that leave the program, embedded in it. Each is a file in this directory.
package enum Templates {
  /// The help page of a built-in check, in Markdown; `nil` where there is no such check.
  package static func checkPage(_ id: String) -> String? {
    checkPages[id].map { String(decoding: $0, as: UTF8.self) }
  }

  /// The first paragraph of a check's page as one line: why a finding matters and what to do about it.
  package static func summary(ofCheck id: String) -> String? {
    guard let page = checkPage(id) else { return nil }
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let paragraph = lines.drop { $0.isEmpty || $0.hasPrefix("#") }.prefix { !$0.isEmpty }
    return paragraph.joined(separator: " ")
  }

  private static let checkPages: [String: [UInt8]] = [
    "binary-file": PackageResources.binary_file_md,
    "case-collision": PackageResources.case_collision_md,
    "conflict-marker": PackageResources.conflict_marker_md,
    "debug-leftover": PackageResources.debug_leftover_md,
    "deleted-test": PackageResources.deleted_test_md,
    "file-mode": PackageResources.file_mode_md,
    "hidden-unicode": PackageResources.hidden_unicode_md,
    "large-file": PackageResources.large_file_md,
    "lock-file": PackageResources.lock_file_md,
    "protected-path": PackageResources.protected_path_md,
    "secret": PackageResources.secret_md,
    "skipped-test": PackageResources.skipped_test_md,
  ]
}
