internal import Base
internal import JSON

/// A log for people, where a command was asked to print for programs.
enum ReadableLog {
  /// What `go test -json` printed, as it would have printed without: the text of its events, and all other lines.
  static func ofGo(_ log: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(log.count / 2)
    for line in log.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      guard line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}"),
        let event = try? JSONValue.parse(Array(line)), event["Action"]?.string != nil
      else {
        if !line.isEmpty { text += line + [UInt8(ascii: "\n")] }
        continue
      }
      if let output = event["Output"]?.string { text += Array(output.utf8) }
    }
    return text
  }
}

/// What a tree's `package.json` says of scripts.
enum PackageScripts {
  /// Whether installing packages runs a script of the tree, which may read anything.
  static func runOnInstall(_ manifest: [UInt8]) -> Bool {
    guard let scripts = try? JSONValue.parse(manifest)["scripts"] else { return false }
    return ["preinstall", "install", "postinstall", "prepare", "prepublish"].contains { name in
      guard let script = scripts[name]?.string else { return false }
      // It only puts hooks of git where git looks for them.
      return !script.hasPrefix("husky") && !script.hasPrefix("is-ci || husky") && !script.hasPrefix("lefthook")
    }
  }
}
