internal import Sandbox

extension Toolbox {
  /// A file as a patch leaves it.
  private struct Patched {
    var before: CellFile?
    var after: [UInt8]?
    /// Where the parts of its updates went.
    var places: [Patch.Place] = []
  }

  func apply(_ patch: Patch, in directory: CellPath) async throws(SandboxError) -> ToolAnswer {
    var files: [CellPath: Patched] = [:]
    var order: [CellPath] = []
    var modes: [CellPath: Bool] = [:]
    for section in patch.sections {
      let problem = try await apply(section, in: directory, to: &files, &order, &modes)
      if let problem {
        return ToolAnswer(text: "The patch was not applied; no file was changed. \(problem)", isError: true)
      }
    }
    var written: [CellPath] = []
    for path in order {
      guard let file = files[path], file.before?.bytes != file.after else { continue }
      let problem = try await store(file, at: path, isExecutable: modes[path])
      if let problem {
        // All or nothing: what was written goes back.
        for path in written.reversed() {
          guard let file = files[path] else { continue }
          _ = try await store(
            Patched(
              before: file.after.map { CellFile(bytes: $0, size: $0.count, isExecutable: false) },
              after: file.before?.bytes),
            at: path, isExecutable: file.before?.isExecutable)
        }
        return ToolAnswer(text: "The patch was not applied; no file was changed. \(problem)", isError: true)
      }
      written.append(path)
    }
    return ToolAnswer(text: Self.applied(order.compactMap { path in files[path].map { (path, $0) } }))
  }

  /// What a patch has done: the files as the field's tools list them, then where each part went.
  private static func applied(_ files: [(path: CellPath, file: Patched)]) -> String {
    var lines: [String] = []
    var places: [String] = []
    var same: [String] = []
    for (path, file) in files {
      switch (file.before == nil, file.after == nil) {
      case (true, false): lines.append("A \(path.shown)")
      case (false, true): lines.append("D \(path.shown)")
      case (false, false) where file.before?.bytes == file.after:
        same.append("`\(path.shown)`")
        continue
      case (false, false): lines.append("M \(path.shown)")
      case (true, true): continue
      }
      if !file.places.isEmpty { places.append("\(path.shown): \(described(file.places))") }
    }
    let unchanged = "Not changed, because each is already what the patch makes of it: \(same.joined(separator: ", "))"
    guard !lines.isEmpty else { return "The patch changes nothing.\(same.isEmpty ? "" : " " + unchanged)" }
    let whole = ["Success. Updated the following files:"] + lines + places + (same.isEmpty ? [] : [unchanged])
    return whole.joined(separator: "\n")
  }

  private static func described(_ places: [Patch.Place]) -> String {
    let most = 30
    let parts = places.enumerated().prefix(most).map { index, place in
      let name = places.count == 1 ? "changed at line \(place.line)" : "part \(index + 1) at line \(place.line)"
      if place.others.isEmpty { return name }
      let shown = place.others.prefix(4).map(String.init).joined(separator: ", ")
      let more = place.others.count > 4 ? " and others" : ""
      return "\(name) (the first that fits; line\(place.others.count == 1 ? "" : "s") \(shown)\(more) would fit too)"
    }
    return parts.joined(separator: ", ") + (places.count > most ? ", and \(places.count - most) more parts" : "")
  }

  private func store(_ file: Patched, at path: CellPath, isExecutable: Bool?) async throws(SandboxError) -> String? {
    if let bytes = file.after {
      do throws(SandboxError) {
        try await cell.write(bytes, to: path, isExecutable: isExecutable)
      } catch {
        return try Self.report(error, on: path)
      }
      remember(bytes, at: path)
    } else if file.before != nil {
      do throws(SandboxError) { try await cell.remove(path) } catch { return try Self.report(error, on: path) }
      remember(nil, at: path)
    }
    return nil
  }

  /// One section on the files as the sections before it leave them; what stands in the way, where something does.
  private func apply(
    _ section: Patch.Section, in directory: CellPath, to files: inout [CellPath: Patched], _ order: inout [CellPath],
    _ modes: inout [CellPath: Bool]
  ) async throws(SandboxError) -> String? {
    let written: String =
      switch section {
      case .add(let path, _), .delete(let path), .update(let path, _, _): path
      }
    let path: CellPath
    switch WrittenPath.read(written, from: directory) {
    case .fault(let text): return text
    case .path(let value): path = value
    }
    if let problem = try await bring(path, into: &files, &order) { return problem }
    switch section {
    case .add(_, let lines):
      let content = Patch.content(of: lines)
      if let there = files[path]?.after, !there.isEmpty, there != content {
        return "`\(path.shown)` exists already. Change it with `*** Update File:`, or delete it earlier in the patch."
      }
      files[path]?.after = content
    case .delete:
      guard files[path]?.after != nil else { return try await missing(path) }
      files[path]?.after = nil
    case .update(_, let target, let parts):
      guard let bytes = files[path]?.after else { return try await missing(path) }
      if FileLines.isBinary(bytes) { return "`\(path.shown)` is a binary file; edit it by a command." }
      if files[path]?.before?.bytes == bytes, version(of: path) != nil, let problem = staleness(of: bytes, at: path) {
        return problem
      }
      do throws(EditFault) {
        let applied = try Patch.applied(parts, to: bytes, name: path.shown)
        files[path]?.after = applied.bytes
        files[path]?.places += applied.places
      } catch {
        return error.text
      }
      if let target { return try await move(path, to: target, in: directory, &files, &order, &modes) }
    }
    return nil
  }

  private func move(
    _ path: CellPath, to target: String, in directory: CellPath, _ files: inout [CellPath: Patched],
    _ order: inout [CellPath], _ modes: inout [CellPath: Bool]
  ) async throws(SandboxError) -> String? {
    let destination: CellPath
    switch WrittenPath.read(target, from: directory) {
    case .fault(let text): return text
    case .path(let value): destination = value
    }
    if destination == path { return nil }
    if let problem = try await bring(destination, into: &files, &order) { return problem }
    if files[destination]?.after != nil {
      return "`\(destination.shown)` exists already, so nothing can be moved there."
    }
    let content = files[path]?.after
    files[destination]?.after = content
    let places = files[path]?.places ?? []
    files[destination]?.places = places
    files[path]?.after = nil
    files[path]?.places = []
    modes[destination] = files[path]?.before?.isExecutable
    return nil
  }

  private func bring(
    _ path: CellPath, into files: inout [CellPath: Patched], _ order: inout [CellPath]
  ) async throws(SandboxError) -> String? {
    if files[path] != nil { return nil }
    if let problem = try await obstacle(at: path) { return problem }
    switch try await load(path) {
    case .notAFile(let text), .problem(let text): return text
    case .missing: files[path] = Patched()
    case .file(let file): files[path] = Patched(before: file, after: file.bytes)
    }
    order.append(path)
    return nil
  }
}
