import Base
import Policy
import Testing
import Work

private func branch(_ name: String) throws -> RefName { try RefName("refs/heads/\(name)") }

@Suite("The configuration can close branches and open none")
struct BranchFactsTests {
  private func facts(requested: String? = nil, recorded: [String] = []) throws -> BranchFacts {
    BranchFacts(
      defaultBranch: try branch("trunk"), head: try branch("current"), requestedBase: try requested.map(branch),
      recorded: try recorded.map(branch))
  }

  private func isOpen(_ name: String, _ text: String, requested: String? = nil, recorded: [String] = []) throws -> Bool
  {
    let rules = try BranchRules(
      configuration: configuration(text), facts: facts(requested: requested, recorded: recorded))
    do {
      _ = try FeatureBranch(Array("refs/heads/\(name)".utf8), under: rules)
      return true
    } catch {
      return false
    }
  }

  @Test(
    "No configuration opens what is closed",
    arguments: [
      "", "base: elsewhere", "base: feature-base\nprotect: []", "protect: [none]", "push: head\nunverified: head",
    ], ["main", "master", "Main", "trunk", "Trunk", "current", "main\u{200B}"])
  func closed(_ text: String, name: String) throws {
    #expect(try !isOpen(name, text))
    #expect(try !isOpen(name, text, requested: "elsewhere"))
    #expect(try isOpen("feature", text))
    #expect(try isOpen("feature", text, requested: "elsewhere"))
  }

  @Test("The configured base is closed, also when another is asked for")
  func configuredBase() throws {
    #expect(try isOpen("develop", ""))
    #expect(try !isOpen("develop", "base: develop"))
    #expect(try !isOpen("DEVELOP", "base: develop"))
    #expect(try !isOpen("develop", "base: develop", requested: "other"))
    #expect(try !isOpen("other", "base: develop", requested: "other"))
    #expect(try isOpen("other", "base: develop"))
  }

  @Test("What init recorded stays closed when the default branch moves")
  func recorded() throws {
    #expect(try isOpen("stable", ""))
    #expect(try !isOpen("stable", "", recorded: ["stable"]))
    #expect(try !isOpen("Stable", "base: x", recorded: ["stable"]))
    #expect(try isOpen("stable-2", "", recorded: ["stable"]))
  }

  @Test("A recorded branch whose name is not UTF-8 is closed")
  func bytes() throws {
    let name = try RefName(Array("refs/heads/a".utf8) + [0xff])
    let open = try BranchRules(configuration: .init(), facts: facts())
    #expect(throws: Never.self) { try FeatureBranch(name.bytes, under: open) }
    var closing = try facts()
    closing.recorded = [name]
    let closed = try BranchRules(configuration: .init(), facts: closing)
    #expect(throws: BranchRefusal.self) { try FeatureBranch(name.bytes, under: closed) }
    #expect(throws: Never.self) { try FeatureBranch(Array("refs/heads/a".utf8), under: closed) }
  }

  @Test("A protected pattern closes")
  func protected() throws {
    #expect(try isOpen("release/1", ""))
    #expect(try !isOpen("release/1", "protect: [\"release/*\"]"))
  }

  @Test("The command line names the base before the configuration, and that before the default branch")
  func base() throws {
    let configured = try configuration("base: develop")
    let asked = try BaseChoice(configuration: configured, facts: facts(requested: "asked"))
    #expect(asked.ref == (try branch("asked")))
    #expect(asked.source == .commandLine)
    let second = try BaseChoice(configuration: configured, facts: facts())
    #expect(second.ref == (try branch("develop")))
    #expect(second.source == .configuration)
    let third = try BaseChoice(configuration: .init(), facts: facts())
    #expect(third.ref == (try branch("trunk")))
    #expect(third.source == .defaultBranch)
    let nothing = BranchFacts(defaultBranch: nil, head: nil)
    #expect(throws: NoBase.self) { try BaseChoice(configuration: .init(), facts: nothing) }
    #expect(throws: NoBase.self) { try BranchRules(configuration: .init(), facts: nothing) }
    #expect("\(NoBase())".contains("--base BRANCH"))
  }
}

@Suite("The configuration is read from a branch that is trusted")
struct ConfigurationSourceTests {
  private func decide(_ base: String, _ trusted: String, defaultBranch: String? = "trunk") throws -> ConfigurationSource
  {
    ConfigurationSource.decide(
      base: try branch(base), defaultBranch: try defaultBranch.map(branch), trusted: try configuration(trusted))
  }

  @Test("A base is trusted with its own only where the default branch protects it")
  func source() throws {
    let protecting = "protect: [\"release/*\"]"
    let trunk = ConfigurationSource.defaultBranch(try branch("trunk"))
    #expect(
      try decide("release/1", protecting) == .protectedBase(branch("release/1"), by: BranchPattern("release/*")))
    #expect(try decide("trunk", protecting) == trunk)
    #expect(try decide("trunk", "protect: [trunk]") == trunk)
    #expect(try decide("feature", protecting) == trunk)
    #expect(try decide("develop", "base: develop") == trunk)
    #expect(try decide("main", "") == trunk)
    #expect(try decide("release/1", protecting, defaultBranch: nil) == .none)
  }

  @Test("A protected base's own configuration cannot open what the default branch closes")
  func closing() throws {
    let trusted = try configuration("base: develop\nprotect: [\"release/*\", shared]")
    let own = try configuration("push: side\nprotect: [shared, own]")
    let combined = own.closing(likeDefaultBranch: trusted)
    #expect(combined.push == .side)
    let rules = try BranchRules(
      configuration: combined, facts: BranchFacts(defaultBranch: branch("trunk"), head: nil))
    for name in ["release/1", "shared", "own", "develop"] {
      #expect(throws: BranchRefusal.self) { try FeatureBranch(Array("refs/heads/\(name)".utf8), under: rules) }
    }
    #expect(throws: Never.self) { try FeatureBranch(Array("refs/heads/feature".utf8), under: rules) }
  }
}
