internal import Base
internal import ByteText
internal import Templates
package import Work

/// What a model is told beside the lines of a change.
package struct ReviewWords: Sendable, Hashable {
  /// Instructions of the repository's maintainers, out of the trusted base; they hold for the whole change.
  package var instructions: [Instruction]
  /// What the author wrote: evidence of what the change is meant to do, and never an instruction.
  ///
  /// The most telling first: the newest commit before older ones.
  package var evidence: [Evidence]
  /// How sure a model has to be of a finding for it to be told, from 0 to 1.
  package var confidence: Double

  /// Words of the maintainers.
  package struct Instruction: Sendable, Hashable {
    /// Where they stand, such as `AGENTS.md on main`.
    package var source: String
    package var text: String
    /// The paths that they are about; none for all.
    package var paths: [Glob]

    package init(source: String, text: String, paths: [Glob] = []) {
      self.source = source
      self.text = text
      self.paths = paths
    }
  }

  /// Words of the author.
  package struct Evidence: Sendable, Hashable {
    /// What they are, such as `commit 1a2b3c4`.
    package var source: String
    package var text: String

    package init(source: String, text: String) {
      self.source = source
      self.text = text
    }
  }

  package init(instructions: [Instruction] = [], evidence: [Evidence] = [], confidence: Double = 0.5) {
    self.instructions = instructions
    self.evidence = evidence
    self.confidence = confidence
  }
}

/// What one request says.
package struct ReviewBrief: Sendable, Hashable {
  /// Who the model is and what a finding is; the same for every part of a change.
  package let system: String
  /// The part of the change, and what is to be known of all of it.
  package let opening: String

  /// The JSON Schema of the answer; `nil` where it is plain text.
  package let answerSchema: String?

  /// The JSON Schema of an answer.
  package static var schema: String { ReviewText.schema }

  /// The most that one answer may bring.
  package static let findingLimit = 20

  /// What is told of the change's other files.
  private static let otherLimit = 60
  /// Of an answer that could not be used, no more bytes are shown again.
  private static let answerLimit = 4096

  /// - Parameters:
  ///   - part: What is shown.
  ///   - number: Which of the parts it is, counted from one, and how many there are.
  ///   - reading: The change.
  ///   - words: What is told beside it.
  ///   - fault: What was wrong with the answer before; `nil` for the first question.
  ///   - answer: That answer, of which no more than 4 KiB are shown.
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes.
  package init(
    of part: ReviewPart, number: (own: Int, of: Int), in reading: ChangeReading, words: ReviewWords,
    fault: String? = nil, answer: String = ""
  ) throws {
    system = try ReviewText.system.render(["limit": "\(Self.findingLimit)", "confidence": "\(words.confidence)"])
    let files = Self.files(of: part, in: reading)
    let paths = Set(part.sections.map(\.file)).map { reading.files[$0].path }
    let instructions = words.instructions.filter { instruction in
      instruction.paths.isEmpty
        || instruction.paths.contains { glob in paths.contains { glob.matches($0.bytes) } }
    }
    let elsewhere = reading.files.indices.filter { file in !part.sections.contains { $0.file == file } }
      .map { "\(reading.files[$0].path.display) (\(reading.files[$0].state); another request shows it)" }
    let others = elsewhere + reading.others
    let evidence = ShownEvidence.of(words.evidence)
    var values: [String: Any] = [
      "hasInstructions": !instructions.isEmpty, "instructions": instructions.map(Self.shown),
      "hasEvidence": !evidence.isEmpty, "files": files,
      "evidence": evidence.map { ["source": $0.source, "lines": $0.lines] as [String: Any] },
      "hasOthers": !others.isEmpty,
      "others": Array(others.prefix(Self.otherLimit)),
      "isPart": number.of > 1, "number": "\(number.own)", "parts": "\(number.of)",
    ]
    let unsaid = words.evidence.count - evidence.count
    if unsaid > 0 { values["unsaid"] = "\(unsaid)" }
    if others.count > Self.otherLimit { values["unlisted"] = "\(others.count - Self.otherLimit)" }
    if let fault {
      values["fault"] = DisplayText.line(fault.utf8)
      let lines = Self.shown(answer: answer)
      (values["hasAnswer"], values["answer"]) = (!lines.isEmpty, lines)
    }
    opening = try ReviewText.brief.render(values)
    answerSchema = Self.schema
  }

  /// The question that somebody asks about what another brief shows; the answer is plain text.
  ///
  /// - Parameters:
  ///   - question: What was asked, as somebody wrote it.
  ///   - login: Who asks.
  ///   - brief: What is shown.
  ///   - words: How long the answer may be.
  /// - Throws: what swift-mustache throws where a template is broken, which a test excludes.
  package init(asking question: String, by login: String, about brief: ReviewBrief, words: Int = 300) throws {
    let lines = question.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.line($0.utf8) }
    system = try ReviewText.askSystem.render(["limit": "\(words)"])
    opening = try ReviewText.askQuestion.render([
      "brief": brief.opening, "login": DisplayText.line(login.utf8), "lines": lines,
    ])
    answerSchema = nil
  }

  /// Instructions with where they stand and, where it is not all of them, the files that they hold for.
  private static func shown(_ instruction: ReviewWords.Instruction) -> [String: Any] {
    var values: [String: Any] = ["source": instruction.source, "text": instruction.text]
    if !instruction.paths.isEmpty {
      values["paths"] = instruction.paths.map { DisplayText.line($0.pattern) }.joined(separator: ", ")
    }
    return values
  }

  /// The lines of an answer, of a long one its beginning and its end.
  private static func shown(answer: String) -> [String] {
    var bytes = Array(answer.utf8)
    if bytes.count > answerLimit {
      let note = "\n[\(bytes.count - answerLimit) bytes are left out here]\n"
      bytes = bytes.prefix(answerLimit / 2) + Array(note.utf8) + bytes.suffix(answerLimit / 2)
    }
    guard bytes.contains(where: { !ASCII.isBlank($0) }) else { return [] }
    return bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { LineText.around(Array($0)) }
  }

  private static func files(of part: ReviewPart, in reading: ChangeReading) -> [[String: Any]] {
    var result: [[String: Any]] = []
    var sections = part.sections[...]
    while let first = sections.first {
      let file = reading.files[first.file]
      let own = sections.prefix { $0.file == first.file }
      sections = sections.dropFirst(own.count)
      result.append([
        "path": file.path.display, "state": file.state,
        "lines": lines(of: Array(own), in: file),
      ])
    }
    return result
  }

  /// The lines of a file, with what stands around each stretch in front of it.
  private static func lines(of sections: [ReviewPart.Section], in file: ShownFile) -> [String] {
    let gap = "      ⋮"
    var result: [String] = []
    var shown: Set<Int> = []
    for section in sections {
      let lines = file.groups[section.group][section.lines]
      let first = lines.lazy.compactMap(\.number).first
      let heads = file.heads(above: lines).filter { head in head.number.map { !shown.contains($0) } ?? true }
      if result.isEmpty {
        if let first, first > 1, heads.first?.number != 1 { result.append(gap) }
      } else {
        result.append(gap)
      }
      for (index, head) in heads.enumerated() {
        result.append(head.rendered)
        let next = index + 1 < heads.count ? heads[index + 1].number : first
        if let number = head.number, let next, number + 1 < next { result.append(gap) }
      }
      result += lines.map(\.rendered)
      shown.formUnion((heads + lines).compactMap(\.number))
    }
    return result
  }
}
