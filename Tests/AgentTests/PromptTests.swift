import Base
import Models
import Templates
import Testing
import Tools
import Work

@testable import Agent

/// What a model is told before it begins, and what the harness says to it.
@Suite("A prompt")
struct PromptTests {
  private func facts(_ change: (inout PromptFacts) -> Void = { _ in }) -> PromptFacts {
    var facts = PromptFacts(
      task: "Mend it.", profile: "generic", planTool: "plan", toolAdvice: "Be quick.", commit: .zero, hasHistory: true,
      hosts: ["example.com"], programs: KnownPrograms(there: ["git"], missing: ["go"], processors: 2),
      instructions: [InstructionText(source: "AGENTS.md on main", content: Array("Be kind.".utf8))],
      skills: [Skill(name: "release", description: "How to release", path: "/tmp/skills/release/SKILL.md")],
      allowsParallelCalls: true, budget: AgentBudget(money: nil, seconds: 600, steps: 50))
    change(&facts)
    return facts
  }

  private func names(_ facts: PromptFacts) throws -> Set<PromptText> {
    Set(try AssembledPrompt(facts).parts.filter { $0.text != nil }.map(\.fragment.text))
  }

  @Test("has each fragment where its condition holds, and not where it does not")
  func conditions() throws {
    let usual: Set<PromptText> = [
      .identity, .workspace, .history, .programs, .network, .tools, .working, .plan, .parallel, .untrusted, .budget,
      .ending,
      .instructions, .skills, .task,
    ]
    #expect(try names(facts()) == usual)
    let changes: [((inout PromptFacts) -> Void, gone: Set<PromptText>, new: Set<PromptText>)] = [
      ({ $0.profile = "deepseek" }, [.identity], [.identityDeepseek]),
      ({ $0.hasHistory = false }, [.history], [.noHistory]), ({ $0.hosts = [] }, [.network], [.noNetwork]),
      ({ $0.programs.there = [] }, [.programs], []), ({ $0.planTool = nil }, [.plan], []),
      ({ $0.toolAdvice = nil }, [.tools], []),
      ({ $0.allowsParallelCalls = false }, [.parallel], []),
      ({ $0.instructions = [] }, [.instructions], []), ({ $0.skills = [] }, [.skills], []),
    ]
    var seen = usual
    for (change, gone, new) in changes {
      #expect(try names(facts(change)) == usual.subtracting(gone).union(new))
      seen.formUnion(new)
    }
    // All there are were seen, and each says why it is there or not.
    #expect(seen == Set(PromptText.allCases))
    #expect(Set(PromptFragment.all.map(\.text)) == seen)
    #expect(try AssembledPrompt(facts()).parts.allSatisfy { !$0.why.isEmpty })
  }

  @Test("is the same for the same facts, and has nothing in it that is another in the next run")
  func stable() throws {
    let one = try AssembledPrompt(facts())
    #expect(try AssembledPrompt(facts()) == one)
    let text = one.system + one.opening
    for mutable in ["2025", "2026", "arborist-", "UTC", "{{", "}}"] { #expect(!text.contains(mutable)) }
    #expect(text.contains(ObjectID.zero.short))
    // The task is the last word.
    #expect(one.opening.hasSuffix("Mend it."))
    #expect(!one.system.contains("Mend it."))
  }

  static let hostile = [
    "{{x}}", "{{{task}}}", "{{#plan}}{{/plan}}", "{{> other}}", "<tag>&amp;\"quoted\"</tag>", "line\nline\r\n\tline",
    "\u{0}\u{1b}[31m", "{{=<% %>=}}", "naïve 木 🌲", "",
  ]

  @Test("takes hostile values for what they are", arguments: hostile)
  func hostileValues(text: String) throws {
    let prompt = try AssembledPrompt(
      facts {
        $0.task = text
        $0.hosts = [text]
        $0.instructions = [InstructionText(source: text, content: Array("x\(text)y".utf8))]
        $0.skills = [Skill(name: text, description: text, path: text)]
        $0.planTool = text
        $0.toolAdvice = "advice: \(text)."
      })
    #expect(prompt.opening.contains("- \(text): \(text) (\(text))"))
    #expect(prompt.system.contains("through the proxy that the environment names: \(text)."))
    #expect(prompt.system.contains("advice: \(text)."))
    #expect(prompt.opening.contains("(from \(text);"))
    for notice in NoticeText.allCases {
      let step = ["status": text, "text": text]
      let said = try notice.render([
        "left": text, "steps": text, "bytes": text, "count": text, "temporary": text, "lost": text, "summary": text,
        "hasPlan": true, "plan": [step, step], "hasEffects": true, "effects": [text], "hasChanged": true,
        "changed": text,
      ])
      #expect(!said.isEmpty)
      let takes: Set<NoticeText> = [
        .closing, .noProgress, .pruned, .repeatNudge, .repeatRefused, .reset, .resumed, .resumedPartly, .summary,
      ]
      if takes.contains(notice) { #expect(said.contains(text) || text.isEmpty, "\(notice)") }
      #expect(!said.contains("&lt;") && !said.contains("&quot;"))
    }
  }

  @Test("has every notice of the run in words and not by its name")
  func notices() throws {
    for notice in NoticeText.allCases {
      #expect(ContextText.notice(notice, ["count": "3"]) != notice.rawValue)
    }
    let state = AgentState(try Rig().setup)
    #expect(!ContextText.reset(state).contains("Your plan"))
    #expect(ContextText.summary("words", state).contains("words"))
    #expect(!ContextText.resumed(state.files).contains("too large"))
    var files = FilesManifest()
    let path = try #require(RepositoryPath("big.bin"))
    files.take(FilesDelta(changed: [ChangedFile(path: path, state: .lost)], reverted: [], stamp: "x"))
    #expect(ContextText.resumed(files).contains("big.bin"))
  }

  // MARK: Instructions

  private func cleaned(_ text: String) -> String { InstructionText(source: "x", content: Array(text.utf8)).text }

  @Test("shows of instructions what a person sees")
  func cleaning() {
    #expect(cleaned("a <!-- hidden --> b") == "a  b")
    #expect(cleaned("a <!-- one\ntwo --> b <!-- three --> c") == "a  b  c")
    #expect(cleaned("a <!-- never closed") == "a")
    #expect(cleaned("a --> b") == "a --> b")
    #expect(cleaned("a\u{200b}\u{202e}b\u{2066}\u{feff}\r\nc\t\u{e0041}d") == "ab\nc\td")
    #expect(cleaned("text\n\n \n") == "text")
    #expect(cleaned("plain *text* with `code` – and 木") == "plain *text* with `code` – and 木")
    // What becomes a comment only when something is taken out of it is one.
    for trick in [
      "a <!-<!-- x -->- hidden --> b", "a <\u{200b}!-- hidden --> b", "a <!\u{200d}-- hidden --\u{2060}> b",
    ] {
      #expect(!cleaned(trick).contains("hidden"), "\(trick)")
    }
  }

  @Test("is capped")
  func cap() {
    let line = "An instruction with ünïcode.\n"
    let long = InstructionText(source: "x", content: Array(String(repeating: line, count: 2000).utf8))
    #expect(long.isCut)
    #expect(long.text.utf8.count < InstructionText.limit + 100)
    #expect(long.text.hasSuffix("]"))
    #expect(!long.text.contains("\u{fffd}"))
    let one = InstructionText(source: "x", content: Array(String(repeating: "木", count: 20_000).utf8))
    #expect(one.isCut)
    #expect(!one.text.contains("\u{fffd}"))
    let huge = InstructionText(source: "x", content: Array(String(repeating: "<!-- x -->", count: 200_000).utf8))
    #expect(huge.isCut)
    let short = InstructionText(source: "x", content: Array(line.utf8))
    #expect(!short.isCut)
    #expect(InstructionText(source: "x", content: [0xff, 0xfe, 0x41]).text.hasSuffix("A"))
  }
}
