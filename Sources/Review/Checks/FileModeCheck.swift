internal import Base
internal import ByteText
internal import Git
package import Work

/// `file-mode`: an executable bit that came or went, a symbolic link that leads astray, a submodule that moved.
package struct FileModeCheck: Check {
  package let id = "file-mode"
  package let title = "Surprising file mode, link or submodule"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    let bits = change.files.compactMap(needlessBit)
    return CheckFinding.sparing(bits, of: "files")
      + change.files.flatMap { file -> [CheckFinding] in
        guard let new = file.change.new else { return [] }
        switch new.mode {
        case .symbolicLink: return links(file)
        case .submodule: return submodules(file)
        case .executable, .regular, .groupWritable: return executables(file)
        case .none, .directory: return []
        }
      }
  }

  // MARK: Executables

  private func needlessBit(_ file: ChangedFile) -> CheckFinding? {
    guard file.change.new?.mode == .executable, file.change.old?.mode != .executable, isNoProgram(file) else {
      return nil
    }
    let verb = file.change.old == nil ? "was added as executable" : "became executable"
    return CheckFinding(file: file.path, title: "A file that is no program \(verb)", severity: .note)
  }

  private func executables(_ file: ChangedFile) -> [CheckFinding] {
    guard file.change.new?.mode != .executable, file.change.old?.mode == .executable, hasShebang(file) == true else {
      return []
    }
    return [CheckFinding(file: file.path, title: "A script is no longer executable")]
  }

  /// Extensions of what nobody starts by its name.
  private static let neverStarted: Set<String> = [
    "md", "rst", "txt", "adoc", "json", "yml", "yaml", "toml", "ini", "cfg", "conf", "xml", "html", "css", "scss",
    "svg",
    "png", "jpg", "jpeg", "gif", "ico", "pdf", "csv", "java", "kt", "swift", "c", "h", "cc", "cpp", "hpp", "go", "rs",
    "ts", "tsx", "jsx", "vue", "cs", "proto", "sql", "po", "properties", "gradle", "lock", "ttf", "woff", "woff2",
  ]

  private func isNoProgram(_ file: ChangedFile) -> Bool {
    let fileExtension = String(decoding: file.path.fileExtension, as: UTF8.self)
    return Self.neverStarted.contains(fileExtension) && hasShebang(file) != true
  }

  /// Whether the file begins with `#!`; `nil` where its first line is not at hand.
  private func hasShebang(_ file: ChangedFile) -> Bool? {
    if let content = file.headContent { return content.hasPrefix("#!") }
    guard let first = file.change.hunks.first?.lines.first(where: { $0.newNumber == 1 }) else { return nil }
    return first.content.hasPrefix("#!")
  }

  // MARK: Links

  private func links(_ file: ChangedFile) -> [CheckFinding] {
    var result: [CheckFinding] = []
    if let old = file.change.old, old.mode == .regular || old.mode == .executable {
      result.append(CheckFinding(file: file.path, title: "A file was turned into a symbolic link"))
    }
    guard let target = SymbolicLink.target(of: file) else { return result }
    let shown = DisplayText.escaping(target.prefix(ReviewLimits.quote))
    if target.first == UInt8(ascii: "/") {
      result.append(
        CheckFinding(
          file: file.path, title: "A symbolic link points to an absolute path: \(shown)", severity: .error))
    } else if SymbolicLink.destination(of: target, from: file.path) == nil {
      result.append(
        CheckFinding(
          file: file.path, title: "A symbolic link points out of the repository: \(shown)", severity: .error))
    }
    return result
  }

  // MARK: Submodules

  private func submodules(_ file: ChangedFile) -> [CheckFinding] {
    guard let new = file.change.new else { return [] }
    guard let old = file.change.old else {
      return [CheckFinding(file: file.path, title: "A submodule was added at commit \(new.blob.short)")]
    }
    guard old.mode == .submodule else {
      return [CheckFinding(file: file.path, title: "A file or directory was turned into a submodule")]
    }
    guard old.blob != new.blob else { return [] }
    return [
      CheckFinding(
        file: file.path, title: "A submodule moved from commit \(old.blob.short) to \(new.blob.short)", severity: .note)
    ]
  }
}

/// Where symbolic links of a repository lead.
enum SymbolicLink {
  /// What the link in the head says; `nil` where the file is no link or cannot be read.
  static func target(of file: ChangedFile) -> [UInt8]? {
    guard file.change.new?.mode == .symbolicLink else { return nil }
    if let line = file.addedLines.first { return line.bytes }
    return file.headContent
  }

  /// The components that a relative target leads to, from the root of the repository; `nil` where it leads out.
  static func destination(of target: [UInt8], from link: RepositoryPath) -> [ArraySlice<UInt8>]? {
    guard target.first != UInt8(ascii: "/") else { return nil }
    var components = Array(link.components.dropLast())
    for part in target.split(separator: UInt8(ascii: "/")) {
      if part.elementsEqual(".".utf8) { continue }
      if part.elementsEqual("..".utf8) {
        guard components.popLast() != nil else { return nil }
      } else {
        components.append(part)
      }
    }
    return components
  }
}
