import Base
import Forges
import Git
import Policy
import Publish
import Secrets
import Testing
import Work

/// A pull request on a forge, with what has to be known to speak on it.
struct ForgeFixture {
  static let head = ComposerTests.head
  static let commit = ComposerTests.merge
  static let me = ForgeActor(id: 99, login: "arborist[bot]", isBot: true)
  static let alice = ForgeActor(id: 1, login: "alice", isBot: false)

  var kind = JobKind.review
  var forge = ForgeName.github
  var comments: [PostedComment] = []
  var diff = Diff()
  var contents: [RepositoryPath: [UInt8]] = [:]
  var offered: Diff?
  var fork: String?
  var allowsPush = true
  var isForkClosed = false
  var refusal: PushRefusal?
  var earlierPushes = 0
  var messages: [String] = []
  var stateHead = ForgeFixture.head
  var isOpen = true
  var secrets: [String] = []
  var settles = true
  var hasSuggestions = true

  static func path(_ text: String) throws -> RepositoryPath { try #require(RepositoryPath(text)) }

  func context() throws -> ForgeContext {
    let repository = try #require(ForgeRepository(forge: forge, id: 7, path: "o/r"))
    let place = ForgePlace(repository: repository, number: 5, fork: fork)
    let (branch, base) = (try RefName("refs/heads/topic"), try RefName("refs/heads/main"))
    let request = PullRequest(repository: repository.name, branch: branch, base: base, forge: place)
    let job = Job(
      kind: kind, pullRequest: request, head: Self.head, against: ComposerTests.base, event: "github:1",
      time: Timestamp(seconds: 1_700_000_000))
    let state = PullRequestState(
      place: place, isOpen: isOpen, isDraft: false, title: "Add it", body: "", head: stateHead, branch: branch,
      base: base, baseTip: nil, author: Self.alice, labels: [], isMergeable: true, allowsPush: allowsPush)
    let pages = try #require(ForgePages(of: repository, gitAddress: "https://forge.example/o/r.git"))
    let capabilities = ForgeCapabilities(
      hasChecks: true, hasNeutral: true, settlesThreads: settles, answersThreads: true,
      hasSuggestions: hasSuggestions, reviewsAreWhole: true, checksAnchors: true, hasRanges: true)
    let known = KnownSecrets(secrets.map { KnownSecrets.Entry(name: "a token", value: Array($0.utf8)) })
    var context = ForgeContext(
      job: job, state: state, pages: pages, capabilities: capabilities, account: Self.me, comments: comments,
      diff: diff, secrets: known)
    (context.contents, context.offered, context.isForkClosed) = (contents, offered, isForkClosed)
    (context.refusal, context.earlierPushes) = (refusal, earlierPushes)
    context.messages = messages.map { Array($0.utf8) }
    return context
  }

  func publication(_ outcome: Outcome) throws -> ForgePublication {
    try ForgeComposer(context()).publication(for: outcome)
  }

  /// What is written for a review with these findings.
  func review(
    _ findings: [Finding], unread: [Unread] = [], unheard: [String]? = nil,
    shortfall: ReviewOutcome.Shortfall? = nil
  ) throws -> Said {
    var outcome = ReviewOutcome(findings: findings, unread: unread, overall: "\(findings.count) findings.")
    outcome.unheard = unheard
    outcome.shortfall = shortfall
    return Said(try publication(.review(outcome)))
  }

  // MARK: Parts

  /// A file whose difference is written as git writes it, from `@@` on.
  static func file(_ path: String, from old: String? = nil, _ patch: String) throws -> FileChange {
    var hunks: [Hunk] = []
    var (oldLine, newLine) = (0, 0)
    for text in patch.split(separator: "\n", omittingEmptySubsequences: false) {
      if text.hasPrefix("@@") {
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        (oldLine, newLine) = (numbers[0], numbers[2])
        hunks.append(Hunk(oldStart: oldLine, oldCount: numbers[1], newStart: newLine, newCount: numbers[3]))
        continue
      }
      let sign = text.first ?? " "
      let isOld = sign != "+"
      let isNew = sign != "-"
      hunks[hunks.count - 1].lines.append(
        DiffLine(
          kind: sign == "+" ? .added : sign == "-" ? .deleted : .context, oldNumber: isOld ? oldLine : nil,
          newNumber: isNew ? newLine : nil, content: Array(text.dropFirst().utf8)))
      if isOld { oldLine += 1 }
      if isNew { newLine += 1 }
    }
    let (new, was) = (try side(path), try side(old ?? path))
    return FileChange(status: old == nil ? .modified : .renamed(similarity: 90), old: was, new: new, hunks: hunks)
  }

  static func side(_ path: String) throws -> FileChange.Side {
    FileChange.Side(path: try self.path(path), mode: .regular, blob: .zero, size: 1)
  }

  static func finding(
    _ lines: ClosedRange<Int>, in path: String = "a.swift", side: Finding.Side = .head, quote: String = "x",
    title: String = "It is wrong", severity: Severity = .warning, source: String = "model:x/y",
    suggestion: String? = nil
  ) throws -> Finding {
    Finding(
      id: "00112233aabbccdd", path: try self.path(path), startLine: lines.lowerBound, endLine: lines.upperBound,
      side: side, quote: quote, title: title, body: "Because of `that`.", severity: severity, confidence: 0.8,
      source: source, suggestion: suggestion)
  }

  /// A comment of Arborist's as it stands on the forge.
  static func posted(
    _ key: String, _ body: String = "x", path: String? = nil, isSettled: Bool? = nil, by author: ForgeActor = me
  ) throws -> PostedComment {
    PostedComment(
      id: 1, author: author, body: "<!-- arborist:\(key) -->\n\(body)", thread: path == nil ? nil : "t",
      isSettled: isSettled, path: try path.map { try self.path($0) }, time: Timestamp(seconds: 1))
  }
}

/// What a publication says, taken apart.
struct Said {
  var comments: [LineComment] = []
  var summary: String?
  var settled: [String] = []
  var checks: [CheckReport] = []
  var pushes: [Effect] = []
  var stopped: [String]
  var publication: Publication

  init(_ made: ForgePublication) {
    (stopped, publication) = (made.stopped, made.publication)
    for effect in made.publication.effects {
      switch effect {
      case .push: pushes.append(effect)
      case .forge(.comments(let comments, _)): self.comments += comments
      case .forge(.summary(let body, _)): summary = body
      case .forge(.settle(let keys)): settled += keys
      case .forge(.check(let check)): checks.append(check)
      case .forge(.answer), .note: break
      }
    }
  }

  /// How the check ends, at the head that was worked on and at the one that is pushed; `nil` where the two differ.
  var state: CheckReport.State? {
    let heads = [ForgeFixture.head] + (checks.count > 1 ? [ForgeFixture.commit] : [])
    return checks.map(\.head) == heads && Set(checks.map(\.state)).count == 1 ? checks.first?.state : nil
  }
}
