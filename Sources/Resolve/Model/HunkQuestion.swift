package import Base
package import Merging
package import Work

/// A place that a merge left and that a model is asked about.
package struct HunkQuestion: Sendable, Hashable {
  /// What is asked.
  package enum Kind: Sendable, Hashable {
    /// Lines that both sides changed: the place among the conflicts that the file's merge left, and the conflict.
    case lines(Int, Conflict)
    /// A file that one side deleted and the other changed.
    case deletion(Deletion)
  }

  /// A file that one side deleted and the other changed.
  package struct Deletion: Sendable, Hashable {
    /// The side that changed it.
    package var changedBy: DroppedLineNote.Side
    package var base: [UInt8]
    package var changed: [UInt8]
    /// What the deterministic part proposes, and the references that it found.
    package var proposal: DeletionProposal?
  }

  /// The name of the question: it depends on the path and on the lines alone, so a merge that is made again, and one
  /// with other conflicts around it, asks under the same name.
  package var id: String
  package var path: RepositoryPath
  package var kind: Kind
  /// The lines that each side added, which must not get lost unsaid; ours first, in their order.
  package var stakes: [StakeLine]

  /// Where the place begins in our side, counted from one; zero where it is a whole file.
  package var startLine: Int {
    switch kind {
    case .lines(_, let conflict): conflict.position.ours.start + 1
    case .deletion: 0
    }
  }

  /// How many bytes of lines it shows.
  var size: Int {
    switch kind {
    case .lines(_, let conflict): conflict.base.count + conflict.ours.count + conflict.theirs.count
    case .deletion(let deletion): deletion.changed.count
    }
  }
}

/// The files of a merge that are left, as questions.
struct HunkQuestions: Sendable {
  /// One file with at least one question.
  struct File: Sendable {
    /// Its place among the conflicts of the merge.
    var place: Int
    var path: RepositoryPath
    var questions: [HunkQuestion]
    /// The three files and their merge; `nil` where the question is about the whole file.
    var text: Text?

    /// A file with places that are left.
    struct Text: Sendable {
      var content: ContentConflict
      var merge: FileMerge
      var marked: MarkedFile
    }
  }

  /// Something that no model is asked about, and why.
  struct Unasked: Sendable, Hashable {
    var path: RepositoryPath
    var reason: String
  }

  /// A file that its tool writes again when everything else is settled.
  struct Generated: Sendable, Hashable {
    /// Its place among the conflicts of the merge.
    var place: Int
    var path: RepositoryPath
    var regeneration: Regeneration
  }

  var files: [File] = []
  var unasked: [Unasked] = []
  var generated: [Generated] = []

  /// A place with more bytes than this on its three sides is left to a person.
  static let largestHunk = 48_000
  /// A merge with more places than this is left to a person.
  static let mostHunks = 120

  /// - Parameters:
  ///   - conflicts: The conflicts of a merge, in the order of their paths.
  ///   - added: The two versions of files that both sides added, by their place among the conflicts.
  ///   - deleted: What is known of files that one side deleted, by their place among the conflicts.
  ///   - labels: What the two sides are called.
  ///   - regenerates: Whether tools can be run that write files again.
  init(
    _ conflicts: [MergedConflict], added: [Int: ContentConflict], deleted: [Int: HunkQuestion.Deletion],
    labels: MarkedFile.Labels, regenerates: Bool
  ) {
    var names = QuestionNames()
    for (place, conflict) in conflicts.enumerated() where !conflict.file.left.isEmpty {
      let path = conflict.file.path
      if let deletion = deleted[place] {
        var question = HunkQuestion(id: "", path: path, kind: .deletion(deletion), stakes: [])
        question.id = names.name(path, [deletion.base, deletion.changed])
        files.append(File(place: place, path: path, questions: [question]))
        continue
      }
      if regenerates, let content = conflict.content, conflict.file.kind == .generated,
        let known = GeneratedFile.at(path.bytes, versions: [content.ours, content.theirs]), known.kind == .lockFile,
        let regeneration = Regeneration(of: known, at: path.bytes)
      {
        generated.append(Generated(place: place, path: path, regeneration: regeneration))
        continue
      }
      guard let content = added[place] ?? conflict.content,
        let merge = added[place].map(Self.merge) ?? conflict.merge
      else {
        unasked.append(Unasked(path: path, reason: conflict.file.left[0].reason))
        continue
      }
      let questions = merge.left.enumerated().map { number, left in
        HunkQuestion(
          id: names.name(path, [left.base, left.ours, left.theirs]), path: path, kind: .lines(number, left),
          stakes: AnswerGate.stakes(of: left))
      }
      let marked = MarkedFile(merge, content: content, names: questions.map(\.id), labels: labels)
      files.append(
        File(
          place: place, path: path, questions: questions,
          text: File.Text(content: content, merge: merge, marked: marked)))
    }
    for question in questions where question.size > Self.largestHunk {
      unasked.append(
        Unasked(
          path: question.path,
          reason: "a place of \(question.size) bytes is larger than the \(Self.largestHunk) that a model is asked about"
        ))
    }
    if questions.count > Self.mostHunks {
      unasked.append(
        Unasked(
          path: files[0].path,
          reason:
            "the merge leaves \(questions.count) places, more than the \(Self.mostHunks) that a model is asked about"))
    }
  }

  /// All questions, in the order of the paths and of the lines.
  var questions: [HunkQuestion] { files.flatMap(\.questions) }

  /// The merge of a file that both sides added: everything that differs is in conflict.
  private static func merge(_ content: ContentConflict) -> FileMerge {
    FileMerge(
      base: content.base, ours: content.ours, theirs: content.theirs, path: content.path.bytes, resolvers: [])
  }
}

/// Gives questions their names.
private struct QuestionNames {
  private var given: Set<String> = []

  /// `h` and six hexadecimal digits of a digest of what the question is about (FNV-1a, 64 bits); where two are alike,
  /// the later one is counted on.
  mutating func name(_ path: RepositoryPath, _ parts: [[UInt8]]) -> String {
    var round = 0
    while true {
      var digest = FNV1a()
      for part in [path.bytes] + parts {
        digest.add(part)
        digest.add([0])
      }
      if round > 0 { digest.add(Array("\(round)".utf8)) }
      let text = String(digest.value & 0xFF_FFFF, radix: 16)
      let name = "h" + String(repeating: "0", count: 6 - text.count) + text
      if given.insert(name).inserted { return name }
      round += 1
    }
  }
}

/// The hash function FNV-1a of 64 bits: for names that no enemy profits from.
private struct FNV1a {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ bytes: [UInt8]) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }
}
