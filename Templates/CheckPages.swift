/// The help pages of the built-in checks, embedded in the program.
package enum CheckPages {
  /// The help page of a built-in check, in Markdown; `nil` where there is no such check.
  package static func page(_ id: String) -> String? {
    pages[id].map { String(decoding: $0, as: UTF8.self) }
  }

  /// The first paragraph of a check's page as one line: why a finding matters and what to do about it.
  package static func summary(of id: String) -> String? {
    guard let page = page(id) else { return nil }
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let paragraph = lines.drop { $0.isEmpty || $0.hasPrefix("#") }.prefix { !$0.isEmpty }
    return paragraph.joined(separator: " ")
  }

  private static let pages: [String: [UInt8]] = [
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
