internal import Base
internal import Git

extension Seals {
  /// Splits a patch into what it may do and what it does to what is sealed.
  ///
  /// - Parameter patch: Every file that differs from the tree that the run began with.
  /// - Returns: Both parts; files that are as they were are in neither.
  package func split(_ patch: [PatchedFile]) -> PatchSplit {
    let whole = patch.filter { !$0.isUnchanged }.sorted { $0.path < $1.path }
    var unsealed: [PatchedFile] = []
    var sealed: [SealedEdit] = []
    for file in whole {
      if let kind = kind(of: file.path) ?? kind(ofNew: file) {
        sealed.append(edit(of: file, kind: kind))
        continue
      }
      let (rest, edits) = splitRegions(of: file)
      if let rest, !rest.isUnchanged { unsealed.append(rest) }
      sealed += edits
    }
    return PatchSplit(whole: whole, unsealed: unsealed, sealed: sealed)
  }

  /// What a new file is sealed as for what it does to those around it.
  private func kind(ofNew file: PatchedFile) -> SealKind? {
    guard file.old == nil, file.new != nil, file.path.name.elementsEqual("go.mod".utf8) else { return nil }
    // A module within another one is no longer built or tested with it.
    var directories = Array(file.path.components.dropLast())
    while !directories.isEmpty {
      directories.removeLast()
      let manifest = Array((directories + [Array("go.mod".utf8)[...]]).joined(separator: [UInt8(ascii: "/")]))
      if paths.contains(where: { $0.bytes == manifest }) { return .runner }
    }
    return nil
  }

  /// Whether a change takes tests away: test files, or parts that hold tests.
  package func removesTests(_ changes: [PatchedFile]) -> Bool {
    changes.contains { file in
      if kind(of: file.path) == .test { return file.new == nil }
      return splitRegions(of: file).edits.contains { $0.kind == .test && !$0.addsOnly }
    }
  }

  private func splitRegions(of file: PatchedFile) -> (PatchedFile?, edits: [SealedEdit]) {
    let isText = [file.old, file.new].allSatisfy { side in
      side.map { [FileMode.regular, .executable, .groupWritable].contains($0.mode) } ?? true
    }
    guard isText else { return (file, []) }
    if let split = splitManifest(file) { return split }
    let old = SourceView(file.old?.content ?? [], path: file.path)
    let new = SourceView(file.new?.content ?? [], path: file.path)
    let oldRegions = regions(of: old, path: file.path)
    let newRegions = regions(of: new, path: file.path)
    if oldRegions.isEmpty, newRegions.isEmpty { return (file, []) }
    let split = RegionSplit(old: old, oldRegions: oldRegions, new: new, newRegions: newRegions)
    let edits = split.edits.map { edit in
      SealedEdit(
        path: file.path, kind: edit.kind, part: edit.name,
        addsOnly: AddedTests.addsOnly(
          old: edit.old, new: edit.new, kind: edit.kind, path: file.path, part: edit.name),
        summary: AddedTests.summary(old: edit.old, new: edit.new))
    }
    var rest = file
    let mode = file.new?.mode ?? file.old?.mode ?? .regular
    rest.new = file.new == nil && split.content.isEmpty ? nil : .init(mode: mode, content: split.content)
    return (rest, edits)
  }

  /// The sealed parts of a file.
  func regions(of file: SourceView, path: RepositoryPath) -> [SealedRegion] {
    let settings = SettingsRegions.regions(of: file, path: path, commands: commands)
    return settings.isEmpty ? InlineTests.regions(of: file, runsDocTests: runsDocTests) : settings
  }

  /// The split of a manifest in JSON; `nil` where the file is none.
  private func splitManifest(_ file: PatchedFile) -> (PatchedFile?, edits: [SealedEdit])? {
    let sealed = ManifestKeys.sealed(in: file.path)
    guard !sealed.isEmpty else { return nil }
    guard let old = file.old, let new = file.new,
      let split = ManifestKeys.split(old: old.content, new: new.content, sealed: sealed)
    else {
      // A manifest that comes, goes or cannot be read brings its settings with it.
      return (nil, [edit(of: file, kind: .runner)])
    }
    var rest = file
    rest.new = .init(mode: new.mode, content: split.content)
    let edits = split.edits.map { edit in
      SealedEdit(
        path: file.path, kind: edit.kind, part: edit.name, addsOnly: false,
        summary: AddedTests.summary(old: edit.old, new: edit.new))
    }
    return (rest, edits)
  }

  private func edit(of file: PatchedFile, kind: SealKind) -> SealedEdit {
    let (old, new) = (file.old, file.new)
    let modes = old.flatMap { old in new.map { old.mode == $0.mode } } ?? true
    return SealedEdit(
      path: file.path, kind: kind,
      addsOnly: modes
        && AddedTests.addsOnly(old: old?.content, new: new?.content, kind: kind, path: file.path)
        && new.map { $0.mode != .symbolicLink && $0.mode != .submodule } ?? false,
      summary: modes ? AddedTests.summary(old: old?.content, new: new?.content) : "its mode is changed")
  }
}
