internal import Base
internal import ByteText
internal import Git
package import Work

/// `binary-file`: something that a build, an editor or a system made and nobody meant to commit.
package struct BinaryFileCheck: Check {
  package let id = "binary-file"
  package let title = "Build product or stray file added"
  package let defaultSeverity = Severity.warning

  package init() {}

  package func findings(in change: Change) -> [CheckFinding] {
    change.files.compactMap { file in
      guard file.isNew, let new = file.change.new, new.mode == .regular || new.mode == .executable else { return nil }
      guard let what = Self.kind(of: file) else { return nil }
      return CheckFinding(file: file.path, title: "\(what) was added")
    }
  }

  private static func kind(of file: ChangedFile) -> String? {
    let name = String(decoding: file.path.name, as: UTF8.self)
    if let stray = strayNames[name] { return stray }
    if isSwapFile(file.path.name) { return "An editor's swap file" }
    let fileExtension = String(decoding: file.path.fileExtension, as: UTF8.self)
    if let stray = strayExtensions[fileExtension] { return stray }
    guard file.change.isBinary else { return nil }
    // Tests are full of small samples of every format, and a wrapper's archive is meant to be committed.
    if file.place.isTest || name == "gradle-wrapper.jar" || name == "maven-wrapper.jar" { return nil }
    if let kind = binaryExtensions[fileExtension] { return kind }
    guard let new = file.change.new, new.size <= ReviewLimits.wholeFile, let content = file.headContent else {
      return nil
    }
    return magic.first { content.starts(with: $0.bytes) }?.kind
  }

  private static func isSwapFile(_ name: ArraySlice<UInt8>) -> Bool {
    name.first == UInt8(ascii: ".") && [".swp", ".swo", ".swn"].contains { name.hasSuffix($0) }
      || name.hasPrefix(".#") || name.first == UInt8(ascii: "#") && name.last == UInt8(ascii: "#") && name.count > 1
  }

  private static let strayNames: [String: String] = [
    ".DS_Store": "A folder setting of macOS", "Thumbs.db": "A thumbnail cache of Windows",
    "desktop.ini": "A folder setting of Windows", "npm-debug.log": "A log",
    "yarn-error.log": "A log", "a.out": "A compiled program",
  ]

  private static let strayExtensions: [String: String] = [
    "pyc": "Compiled Python", "pyo": "Compiled Python", "orig": "A merge tool's backup", "rej": "A rejected patch",
    "stackdump": "A memory dump", "hprof": "A memory dump",
  ]

  private static let binaryExtensions: [String: String] = [
    "exe": "A program", "dll": "A compiled library", "so": "A compiled library", "dylib": "A compiled library",
    "a": "A compiled library", "lib": "A compiled library", "o": "An object file", "obj": "An object file",
    "class": "A compiled class", "jar": "A compiled archive", "war": "A compiled archive", "ear": "A compiled archive",
    "apk": "An installable package", "ipa": "An installable package", "deb": "An installable package",
    "rpm": "An installable package", "msi": "An installable package", "dmg": "A disk image", "iso": "A disk image",
    "whl": "A built package", "gem": "A built package", "nupkg": "A built package", "zip": "An archive",
    "tar": "An archive", "gz": "An archive", "tgz": "An archive", "bz2": "An archive", "xz": "An archive",
    "zst": "An archive", "7z": "An archive", "rar": "An archive", "sqlite": "A database", "sqlite3": "A database",
    "db": "A database", "mdb": "A database", "dump": "A dump", "pdb": "Debug symbols", "ilk": "Linker state",
    "wasm": "Compiled WebAssembly",
  ]

  private static let magic: [(bytes: [UInt8], kind: String)] = [
    ([0x7f, 0x45, 0x4c, 0x46], "A compiled program"), ([0x4d, 0x5a, 0x90, 0x00], "A compiled program"),
    ([0xcf, 0xfa, 0xed, 0xfe], "A compiled program"), ([0xce, 0xfa, 0xed, 0xfe], "A compiled program"),
    ([0xca, 0xfe, 0xba, 0xbe], "A compiled program"), (Array("!<arch>\n".utf8), "A compiled library"),
    (Array("SQLite format 3\0".utf8), "A database"),
  ]
}
