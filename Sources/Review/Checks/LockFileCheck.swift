internal import Base
internal import ByteText
internal import Git
internal import Merging
package import Work

/// `lock-file`: a lock file and the manifest it is made from, of which only one changed.
package struct LockFileCheck: Check {
  package let id = "lock-file"
  package let title = "Lock file and manifest do not match"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    let touched = Set(change.input.diff.files.flatMap { [$0.old?.path, $0.new?.path].compactMap(\.self) })
    return change.files.compactMap { file in
      guard file.change.new != nil, !file.place.isTest else { return nil }
      return lockWithoutManifest(file, touched: touched, in: change)
        ?? manifestWithoutLock(file, touched: touched, in: change)
    }
  }

  /// A lock file that changed while no manifest in its directory or below did.
  ///
  /// A change of nothing but lock files says what it is: a refresh. It is let pass; a lock file among other things is
  /// easily overlooked.
  private func lockWithoutManifest(
    _ file: ChangedFile, touched: Set<RepositoryPath>, in change: Change
  ) -> CheckFinding? {
    guard file.change.status == .modified else { return nil }
    guard change.files.contains(where: { $0.generated?.kind != .lockFile && !$0.place.isDocumentation }) else {
      return nil
    }
    let name = String(decoding: file.path.name, as: UTF8.self)
    let manifests = GeneratedFile.manifestNames(forLockFile: name)
    guard !manifests.isEmpty else { return nil }
    let directory = file.path.directory
    let found = touched.contains { path in
      let inside = directory.isEmpty || path.bytes.starts(with: directory + [UInt8(ascii: "/")])
      let name = String(decoding: path.name, as: UTF8.self)
      return inside && manifests.contains { GeneratedFile.matches(name, pattern: $0) }
    }
    if found { return nil }
    let manifest = manifests.map { $0.hasPrefix("*") ? $0 : "'\($0)'" }.joined(separator: " or ")
    return CheckFinding(
      file: file.path, title: "'\(file.path.display)' changed and no \(manifest) did", severity: .note,
      confidence: 0.5)
  }

  /// A manifest whose dependencies changed while the lock file beside or above it did not.
  private func manifestWithoutLock(
    _ file: ChangedFile, touched: Set<RepositoryPath>, in change: Change
  ) -> CheckFinding? {
    let name = String(decoding: file.path.name, as: UTF8.self)
    let lockNames = GeneratedFile.lockFileNames(forManifest: name)
    guard !lockNames.isEmpty, file.change.old != nil, let dependencies = ManifestDependencies(name) else { return nil }
    guard let old = file.baseContent, let new = file.headContent else { return nil }
    let (before, after) = (dependencies.read(old), dependencies.read(new))
    let changed = after.symmetricDifference(before)
    guard !changed.isEmpty, let lock = nearest(lockNames, to: file.path, in: change) else { return nil }
    guard !touched.contains(lock.path), isMember(file, new, of: lock, in: change) else { return nil }
    if name == "go.mod", holds(after.subtracting(before), in: lock, of: change) { return nil }
    let line = file.addedLines.first { line in changed.contains { line.bytes.contains($0.name) } }
    let title = "The dependencies in '\(file.path.display)' changed and '\(lock.path.display)' did not"
    guard let line else { return CheckFinding(file: file.path, title: title) }
    return CheckFinding(path: file.path, startLine: line.number, line: line.bytes, title: title)
  }

  /// Whether the lock file is about the manifest.
  ///
  /// In Rust a crate below a workspace need not belong to it; the lock file names those that do.
  private func isMember(_ file: ChangedFile, _ manifest: [UInt8], of lock: HeadFile, in change: Change) -> Bool {
    guard file.path.name.elementsEqual("Cargo.toml".utf8), lock.path.directory != file.path.directory,
      let name = manifest.lines().first(where: { $0.hasPrefix("name") }), let quote = name.firstIndex(of: 0x22),
      let content = change.input.readBlob(lock.blob, ReviewLimits.wholeFile)
    else { return true }
    let literal = name[quote...].dropFirst().prefix { $0 != 0x22 }
    return content.contains(Array("name = \"".utf8) + literal + [0x22])
  }

  /// The lock file in the directory of the manifest or in the nearest one above.
  private func nearest(_ names: [String], to manifest: RepositoryPath, in change: Change) -> HeadFile? {
    var directory = manifest.directory
    while true {
      for name in names {
        let prefix = directory.isEmpty ? [] : Array(directory) + [UInt8(ascii: "/")]
        if let path = RepositoryPath(prefix + Array(name.utf8)), let file = change.headFile(at: path) { return file }
      }
      if directory.isEmpty { return nil }
      directory = directory.lastIndex(of: UInt8(ascii: "/")).map { directory[..<$0] } ?? []
    }
  }

  /// Whether Go's sums already hold what is now required, because something else required it before.
  ///
  /// A module that was only dropped may stay in them.
  private func holds(_ required: Set<Dependency>, in sums: HeadFile, of change: Change) -> Bool {
    if required.isEmpty { return true }
    guard let content = change.input.readBlob(sums.blob, ReviewLimits.wholeFile) else { return false }
    return required.allSatisfy { content.contains($0.name + [0x20] + $0.version) }
  }
}

/// One dependency as a manifest names it.
struct Dependency: Hashable, Sendable {
  var name: [UInt8]
  /// The version that is asked for, where a change of it alone changes the lock file; otherwise empty.
  var version: [UInt8]
}
