/// What it would take to have a tool write a file again: the one place where running such tools is plugged in.
package struct Regeneration: Sendable, Hashable {
  /// The command, as a person would type it.
  package var command: String
  /// The directory it is run in, from the root of the repository; empty for the root itself.
  package var directory: [UInt8]
  /// The names of the files in the directory that the tool reads; empty where they are not known.
  ///
  /// One that starts with `*` stands for every name that ends in the rest.
  package var inputs: [String]
  /// The path of the file that it writes.
  package var output: [UInt8]

  package init(command: String, directory: [UInt8], inputs: [String], output: [UInt8]) {
    self.command = command
    self.directory = directory
    self.inputs = inputs
    self.output = output
  }

  /// What it takes for the file at a path; `nil` where no tool is known to write it.
  package init?(of generated: GeneratedFile, at path: [UInt8]) {
    guard let command = generated.tool else { return nil }
    let slash = path.lastIndex(of: UInt8(ascii: "/"))
    let name = String(decoding: slash.map { path[($0 + 1)...] } ?? path[...], as: UTF8.self)
    self.init(
      command: command, directory: slash.map { Array(path[..<$0]) } ?? [],
      inputs: GeneratedFile.manifestNames(forLockFile: name), output: path)
  }
}

extension GeneratedFile {
  /// What is known of a file by its path and by what any of its versions says in its first lines.
  package static func at(_ path: [UInt8], versions: [[UInt8]]) -> GeneratedFile? {
    for version in versions {
      if let found = at(path, content: version) { return found }
    }
    return versions.isEmpty ? at(path) : nil
  }

  /// Why a conflict in the file is left, as a phrase for a person.
  package var reasonToLeave: String {
    let what = kind == .lockFile ? "a lock file" : "a generated file"
    guard let tool else { return "\(what) is never merged as text; make it anew with its own tool" }
    return "\(what) is never merged as text; make it anew with '\(tool)'"
  }
}
