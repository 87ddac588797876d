internal import FoundationEssentials
internal import Glibc

extension Fault.Victim {
  /// Ends them by SIGKILL, parents first, so that none is started again in between; nobody for process 0.
  func end() {
    guard process > 1 else { return }
    let table = Self.processes()
    var meant: [Int32] = word.isEmpty ? [process] : []
    var next = [(process, false)]
    while let (parent, isMeant) = next.popLast() {
      for entry in table where entry.parent == parent {
        let isHit = isMeant || word.isEmpty || entry.word == word
        if isHit { meant.append(entry.process) }
        next.append((entry.process, isHit))
      }
    }
    for process in meant { kill(process, SIGKILL) }
  }

  /// Every process there is, with its parent and its first argument.
  private static func processes() -> [(process: Int32, parent: Int32, word: String)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { name in
      guard let process = Int32(name),
        let status = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
        // The name of the program stands in brackets and may hold any character.
        let end = status.lastIndex(of: ")")
      else { return nil }
      let fields = status[end...].split(separator: " ")
      guard fields.count > 2, let parent = Int32(fields[2]) else { return nil }
      let words = (try? Data(contentsOf: URL(filePath: "/proc/\(name)/cmdline")))?.split(separator: 0) ?? []
      return (process, parent, words.count > 1 ? String(decoding: words[1], as: UTF8.self) : "")
    }
  }
}
