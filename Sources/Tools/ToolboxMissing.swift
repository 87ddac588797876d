internal import Base
internal import Sandbox

extension Toolbox {
  /// What to say of a path at which nothing is: with what may be meant.
  func missing(_ path: CellPath) async throws(SandboxError) -> String {
    let text = "There is no `\(path.shown)`."
    // A path of another machine, whose end is in the workspace.
    let parts = path.bytes.split(separator: UInt8(ascii: "/"))
    for count in stride(from: min(parts.count - 1, 8), to: 0, by: -1) {
      guard
        let inside = CellPath.workspace.appending(Array(parts.suffix(count).joined(separator: [UInt8(ascii: "/")]))),
        inside != path
      else {
        continue
      }
      do throws(SandboxError) {
        _ = try await cell.read(inside, from: 0, limit: 0)
        return text + " Perhaps `\(inside.shown)` is meant; the workspace is \(CellPath.workspace.display)."
      } catch {
        _ = try Self.report(error, on: inside)
      }
    }
    var siblings: [[UInt8]]?
    do throws(SandboxError) {
      siblings = try await cell.list(path.parent, limit: 2000).map(\.name)
    } catch {
      _ = try Self.report(error, on: path)
    }
    let near = siblings.map { NearNames.like(path.name, in: $0) } ?? []
    let elsewhere = NearNames.ending(like: path, in: try await tree())
    var said = ""
    if !near.isEmpty { said += " In the same directory there is \(Self.names(near, of: near.count))." }
    if !elsewhere.isEmpty { said += " By that name there is \(Self.names(elsewhere.prefix(3), of: elsewhere.count))." }
    if said.isEmpty, let siblings {
      said =
        " Its directory has \(siblings.count) \(siblings.count == 1 ? "entry" : "entries"), none with a name like it."
    } else if siblings == nil {
      said +=
        " Its directory is not there\(said.isEmpty ? " either" : ""); the workspace is "
        + "\(CellPath.workspace.display)."
    }
    return text + said
  }

  private static func names(_ names: some Collection<[UInt8]>, of count: Int) -> String {
    names.map { "`\(DisplayText.line($0))`" }.joined(separator: ", ")
      + (count > names.count ? " and \(count - names.count) more" : "")
  }

  /// The files of the workspace that are not ignored; none where it takes too long to list them.
  private func tree() async throws(SandboxError) -> [[UInt8]] {
    do throws(SandboxError) {
      let output = try await script(Self.listScript, [], in: .workspace, timeout: .seconds(5))
      guard output.ending == .exited(0), output.dropped == 0 else { return [] }
      let files = output.bytes.split(separator: 0, omittingEmptySubsequences: false)
      return files.prefix { !$0.isEmpty }.map { $0.starts(with: [0x2e, 0x2f]) ? Array($0.dropFirst(2)) : Array($0) }
    } catch {
      _ = try Self.report(error, on: .workspace)
      return []
    }
  }
}

/// Names that may be meant by one that is not there.
enum NearNames {
  /// The names that are most like this one, the nearest first.
  ///
  /// One that the name only goes on from, or that goes on from it, is nearer than the letters between them say.
  static func like(_ name: [UInt8], in names: [[UInt8]]) -> [[UInt8]] {
    let wanted = folded(name)
    let stem = wanted.prefix { $0 != UInt8(ascii: ".") }
    return names.compactMap { candidate -> (name: [UInt8], distance: Int)? in
      let other = folded(candidate)
      let otherStem = other.prefix { $0 != UInt8(ascii: ".") }
      var distance = ProfileCatalog.distance(
        String(decoding: wanted, as: UTF8.self), String(decoding: other, as: UTF8.self))
      if min(stem.count, otherStem.count) > 2, stem.starts(with: otherStem) || otherStem.starts(with: stem) {
        distance = min(distance, 2)
      }
      return distance <= max(2, wanted.count / 3) ? (candidate, distance) : nil
    }
    .sorted { $0.distance == $1.distance ? $0.name.lexicographicallyPrecedes($1.name) : $0.distance < $1.distance }
    .prefix(3).map(\.name)
  }

  /// The files and directories whose paths have the longest end in common with this one, one component at least.
  static func ending(like path: CellPath, in files: [[UInt8]]) -> [[UInt8]] {
    let slash = UInt8(ascii: "/")
    let wanted = path.bytes.split(separator: slash).map { folded(Array($0)) }
    var best = 1
    var found: Set<[UInt8]> = []
    for file in files {
      let parts = file.split(separator: slash)
      // Every directory on the way to it is there too.
      for count in 1...max(1, parts.count) where count <= parts.count && folded(Array(parts[count - 1])) == wanted.last
      {
        let common = zip(parts[..<count].reversed(), wanted.reversed()).prefix { folded(Array($0)) == $1 }.count
        if common > best {
          best = common
          found = []
        }
        if common == best { found.insert(Array(parts[..<count].joined(separator: [slash]))) }
      }
    }
    return found.sorted { $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count < $1.count }
  }

  private static func folded(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 }
  }
}
