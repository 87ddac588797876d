internal import Foundation
package import JSON
package import Work

/// The payloads that the directory of test data holds for forges.
package enum SampleFiles {
  /// The directory, where the environment names one.
  package static let directory: String? =
    ProcessInfo.processInfo.environment["ARBORIST_TEST_DATA"].map { $0 + "/forges" }.flatMap {
      FileManager.default.fileExists(atPath: $0) ? $0 : nil
    }

  /// Every payload of GitHub, GitLab and Gitea that is kept as a file.
  ///
  /// - Throws: what Foundation throws where a file cannot be read.
  package static func all(in directory: String) throws -> [SampleDelivery] {
    try gitHub(directory) + gitLab(directory) + gitea(directory)
  }

  /// What is broken and measured: the payloads and the recorded deliveries of the test data, where there is any, and
  /// our own.
  package static func allAndOwn() -> [SampleDelivery] {
    guard let directory, let files = try? all(in: directory), let recorded = try? recorded(in: directory) else {
      print("ARBORIST_TEST_DATA names no directory with forges: only our own deliveries are used")
      return OwnSamples.all
    }
    return files + recorded.compactMap(\.gitea) + OwnSamples.all
  }

  /// Writes what the fuzzer begins with: the number of one of our own deliveries of the same kind, and the body.
  ///
  /// - Throws: what Foundation throws where a file cannot be written.
  package static func writeCorpus(to directory: String) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for (index, sample) in allAndOwn().enumerated() where sample.body.count < 60_000 {
      let kin = OwnSamples.all.firstIndex { $0.forge == sample.forge && $0.event == sample.event } ?? 0
      try Data([UInt8(kin)] + sample.body).write(to: URL(fileURLWithPath: "\(directory)/seed-\(index)"))
    }
  }

  private static func files(_ directory: String, _ below: String) throws -> [(name: String, body: [UInt8])] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(directory)/\(below)").filter { $0.hasSuffix(".json") }
      .sorted().map { path in
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(below)/\(path)"))
        return ("\(below)/\(path)", Array(data))
      }
  }

  /// A file's name without its directories and its end.
  private static func stem(_ name: String) -> String {
    String(name.split(separator: "/").last?.prefix { $0 != "." } ?? "")
  }

  private static func gitHub(_ directory: String) throws -> [SampleDelivery] {
    let published = try files(directory, "github-webhooks/api.github.com").map { file in
      let folder = String(file.name.split(separator: "/").dropLast().last ?? "")
      return SampleDelivery(name: file.name, forge: .github, event: folder, body: file.body)
    }
    let fixtures = try files(directory, "webhook-fixtures/github").map { file in
      let stem = stem(file.name).replacingOccurrences(of: "-", with: "_")
      let event = stem == "pull_request_issue_comment" ? "issue_comment" : stem
      return SampleDelivery(name: file.name, forge: .github, event: event, body: file.body)
    }
    return published + fixtures
  }

  /// The payloads of forges that are not spoken to, as if this forge sent them.
  ///
  /// - Throws: what Foundation throws where a file cannot be read.
  package static func others(in directory: String, for forge: ForgeName) throws -> [SampleDelivery] {
    try (files(directory, "webhook-fixtures/bitbucket") + files(directory, "webhook-fixtures/bitbucket-server")).map {
      SampleDelivery(name: $0.name, forge: forge, event: stem($0.name), body: $0.body)
    }
  }

  private static let gitLabHooks = [
    "merge_request": "Merge Request Hook", "note": "Note Hook", "push": "Push Hook", "tag_push": "Tag Push Hook",
    "pipeline": "Pipeline Hook", "build": "Job Hook",
  ]

  private static func gitLab(_ directory: String) throws -> [SampleDelivery] {
    try (files(directory, "gitlab/webhooks") + files(directory, "webhook-fixtures/gitlab")).map { file in
      let document = try JSONValue.parse(file.body)
      let kind = document["object_kind"]?.string ?? ""
      let isConfidential = document["event_type"]?.string == "confidential_note"
      let isSystem = kind.isEmpty || stem(file.name).hasPrefix("system-")
      let event =
        isSystem ? "System Hook" : isConfidential ? "Confidential Note Hook" : gitLabHooks[kind] ?? "\(kind) Hook"
      return SampleDelivery(name: file.name, forge: .gitlab, event: event, body: file.body)
    }
  }

  private static func gitea(_ directory: String) throws -> [SampleDelivery] {
    try files(directory, "webhook-fixtures/gitea").map { file in
      let stem = stem(file.name).dropLast("-event".count)
      let event =
        switch stem {
        case "issue-comment", "pull-request-comment": "issue_comment"
        case "pull-request-review": "pull_request_comment"
        case _ where stem.hasPrefix("pull-request"): "pull_request"
        case _ where stem.hasPrefix("issue"): "issues"
        default: String(stem)
        }
      return SampleDelivery(name: file.name, forge: .gitea, event: event, body: file.body)
    }
  }

  /// A delivery that was recorded on its way, with all its headers.
  package struct Recorded: Sendable {
    /// The path that it was sent to.
    package var path: String
    package var headers: [(String, String)]
    package var document: JSONSlice
    /// Whether the recorder found its signature to be right; `nil` where it had none to look at.
    package var isSigned: Bool?

    /// The delivery with its body as Gitea writes one; `nil` where another program sent it.
    package var gitea: SampleDelivery? {
      guard let event = headers.first(where: { $0.0.lowercased() == "x-gitea-event" })?.1 else { return nil }
      return SampleDelivery(name: path, forge: .gitea, event: event, body: GoJSON.indented(document))
    }
  }

  /// The recorded deliveries, in their order.
  ///
  /// - Throws: what Foundation throws where the file cannot be read.
  package static func recorded(in directory: String) throws -> [Recorded] {
    let path = directory + "/gitea/captured-deliveries.gitea-1.22dev+pagure+kallithea.jsonl"
    return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 10).map { line in
      let entry = try JSONSlice(Array(line))
      let headers = (entry["headers"]?.members ?? []).map { ($0.name, $0.value.string ?? "") }
      guard let body = entry["body"] else { throw CocoaError(.coderReadCorrupt) }
      return Recorded(
        path: entry["path"]?.string ?? "", headers: headers, document: body, isSigned: entry["sig_ok"]?.bool)
    }
  }
}

/// JSON in the bytes in which Go's `json.MarshalIndent` writes it with two blanks: the record has the documents with
/// other blanks and escapes than were signed.
enum GoJSON {
  static func indented(_ value: JSONSlice) -> [UInt8] {
    var bytes: [UInt8] = []
    append(value, level: 0, to: &bytes)
    return bytes
  }

  private static func append(_ value: JSONSlice, level: Int, to bytes: inout [UInt8]) {
    switch value.kind {
    case .object:
      list(value.members, "{", "}", level, &bytes) { member, bytes in
        appendText(member.name, to: &bytes)
        bytes += Array(": ".utf8)
        append(member.value, level: level + 1, to: &bytes)
      }
    case .array: list(value.elements, "[", "]", level, &bytes) { append($0, level: level + 1, to: &$1) }
    case .string: appendText(value.string ?? "", to: &bytes)
    case .number, .bool, .null: bytes += value.bytes
    }
  }

  private static func list<Part>(
    _ parts: [Part], _ open: String, _ close: String, _ level: Int, _ bytes: inout [UInt8],
    _ write: (Part, inout [UInt8]) -> Void
  ) {
    bytes += Array(open.utf8)
    for (index, part) in parts.enumerated() {
      bytes += Array((index > 0 ? ",\n" : "\n").utf8) + [UInt8](repeating: 0x20, count: 2 * level + 2)
      write(part, &bytes)
    }
    if !parts.isEmpty { bytes += [10] + [UInt8](repeating: 0x20, count: 2 * level) }
    bytes += Array(close.utf8)
  }

  /// Go escapes what HTML would obey, and the two line ends that JavaScript knows besides.
  private static func appendText(_ text: String, to bytes: inout [UInt8]) {
    var quoted: [UInt8] = []
    JSONText.append(text, to: &quoted)
    var escaped = ""
    for scalar in String(decoding: quoted, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "<", ">", "&": escaped += "\\u00" + String(scalar.value, radix: 16)
      case "\u{2028}", "\u{2029}": escaped += "\\u" + String(scalar.value, radix: 16)
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    bytes += Array(escaped.utf8)
  }
}
