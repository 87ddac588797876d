internal import ArgumentParser
internal import Base
internal import FileSystem
internal import Foundation
internal import Journal
internal import Models
internal import Pipeline
internal import Sandbox

/// The command `arborist doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show what this machine offers: the walls of the cell, keys for models, the journal.",
    discussion: """
      Ends with status 4 where something is missing that would keep commands of strangers from running.

      Example: arborist doctor
      """)

  @Option(help: "How the result is written: text or json.")
  var format: OutputFormat = .text

  func run() async throws {
    var lines: [DoctorLine] = await cell()
    lines += models()
    lines.append(await journal())
    switch format {
    case .json: try Terminal.result(JSONDocument.encode(DoctorDocument(checks: lines), schema: "arborist.doctor/1"))
    case .text: try Terminal.result(lines.map(\.text).joined(separator: "\n") + "\n")
    }
    if lines.contains(where: { !$0.isThere && $0.isNeeded }) { throw ExitCode(ExitStatus.surroundings.rawValue) }
  }

  private func cell() async -> [DoctorLine] {
    do throws(SandboxError) {
      let spawner = try await Spawner()
      return spawner.report.entries.map { entry in
        DoctorLine(
          area: "cell", name: entry.wall.name, isThere: entry.holds, isNeeded: Wall.needed.contains(entry.wall),
          detail: entry.detail)
      } + [await Self.trial(spawner)]
    } catch {
      return [
        DoctorLine(area: "cell", name: "arborist-cell", isThere: false, isNeeded: true, detail: error.description)
      ]
    }
  }

  /// Whether all of it together comes to a cell.
  private static func trial(_ spawner: Spawner) async -> DoctorLine {
    do throws(SandboxError) {
      try await spawner.tryCell()
      return DoctorLine(area: "cell", name: "a command in a cell", isThere: true, isNeeded: true, detail: "")
    } catch {
      return DoctorLine(
        area: "cell", name: "a command in a cell", isThere: false, isNeeded: true, detail: error.description)
    }
  }

  private func models() -> [DoctorLine] {
    let environment = ProcessInfo.processInfo.environment
    return ModelName.Provider.allCases.map { provider in
      do throws(EndpointError) {
        let endpoint = try ModelEndpoint(for: provider, environment: environment)
        return DoctorLine(
          area: "model", name: provider.rawValue, isThere: true, isNeeded: false, detail: endpoint.baseURL)
      } catch {
        return DoctorLine(
          area: "model", name: provider.rawValue, isThere: false, isNeeded: false, detail: error.description)
      }
    }
  }

  private func journal() async -> DoctorLine {
    let environment = ProcessInfo.processInfo.environment
    let named = JournalPlace.named(in: environment)
    let name = if case .server? = named { "PostgreSQL" } else { "SQLite" }
    do {
      let directories = try UserDirectories(environment: environment)
      if named == nil { try directories.make() }
      let location = named ?? .file(directories.journal)
      let faults = try await JournalPlace.openForWriting(location).integrityFaults()
      return DoctorLine(
        area: "journal", name: name, isThere: faults.isEmpty, isNeeded: true,
        detail: faults.first ?? location.description)
    } catch {
      return DoctorLine(
        area: "journal", name: name, isThere: false, isNeeded: true, detail: Failure.of(error).description)
    }
  }
}

/// One thing that was looked for.
struct DoctorLine: Encodable {
  var area: String
  var name: String
  var isThere: Bool
  /// Whether commands of strangers cannot run without it.
  var isNeeded: Bool
  /// What there is to know; where it is missing, how to get it.
  var detail: String

  private enum CodingKeys: String, CodingKey {
    case area
    case name
    case isThere = "present"
    case isNeeded = "needed"
    case detail
  }

  var text: String {
    let mark = isThere ? "ok     " : isNeeded ? "MISSING" : "-      "
    let end = detail.isEmpty ? "" : ": \(DisplayText.line(detail.utf8))"
    return "\(mark) \(area)  \(name)\(end)"
  }
}

/// What the machine offers as programs read it: the document `arborist.doctor/1`.
struct DoctorDocument: Encodable {
  var checks: [DoctorLine]
}
