import Base
import Git
import TestSupport
import Testing
import Work

@Suite("Other repositories are reached by address, and a push moves one branch from one place only")
struct RemoteTests {
  let directory: TemporaryDirectory
  let there: TestRepository
  let base: ObjectID
  let work: PrivateRepository
  let signature = Signature(name: "Bot", email: "bot@example.com", time: Timestamp(seconds: 1_700_000_100))

  init() throws {
    directory = try TemporaryDirectory()
    there = try TestRepository(bare: true, named: "there.git", in: directory)
    base = try there.commit("main", .write("a", "one\n"))
    try there.git("branch", "feature", base.hex)
    work = try PrivateRepository.create(at: directory.path + "/work")
  }

  private func feature() throws -> FeatureBranch {
    let main = try RefName("refs/heads/main")
    return try FeatureBranch(
      Array("refs/heads/feature".utf8), under: BranchRules(base: main, defaultBranch: main, head: main))
  }

  private func makeCommit(on parent: ObjectID) throws -> ObjectID {
    let blob = try work.writeBlob(Array("two\n".utf8))
    let path = try #require(RepositoryPath("a"))
    let tree = try work.writeTree(from: parent, [.put(path, mode: .regular, blob: blob)])
    return try work.writeCommit(
      tree: tree, parents: [parent], author: signature, committer: signature, message: Array("x\n".utf8))
  }

  private func fetchEverything(_ address: RemoteAddress) throws {
    try work.fetch([.branches(under: RefName("refs/remotes/there"))], from: address)
  }

  @Test("What is there is listed and fetched, from a directory and from a server", arguments: [false, true])
  func fetches(_ overNetwork: Bool) throws {
    let server = try GitServer(serving: directory.path)
    let address = try overNetwork ? RemoteAddress(server.address("there.git")) : RemoteAddress("file://\(there.path)")
    let listing = try work.listReferences(at: address)
    #expect(listing.head == (try RefName("refs/heads/main")))
    #expect(
      listing.references == [try RefName("refs/heads/main"): base, try RefName("refs/heads/feature"): base])
    try fetchEverything(address)
    #expect(try work.resolve("there/feature") == base)
    let target = try RefName("refs/x/main")
    try work.fetch([.reference(RefName("refs/heads/main"), into: target)], from: address)
    #expect(try work.reference(target)?.target == .direct(base))
    #expect {
      try work.fetch([.reference(RefName("refs/heads/none"), into: RefName("refs/x/none"))], from: address)
    } throws: { ($0 as? GitError)?.code == .notFound }
  }

  @Test("A symbolic reference that names nothing is passed over, as git does", arguments: [false, true])
  func dangling(_ overNetwork: Bool) throws {
    try there.git("symbolic-ref", "refs/remotes/origin/topic", "refs/remotes/origin/gone")
    try there.git("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    let server = try GitServer(serving: directory.path)
    let address = try overNetwork ? RemoteAddress(server.address("there.git")) : RemoteAddress("file://\(there.path)")
    let references = try work.listReferences(at: address).references
    #expect(references[try RefName("refs/remotes/origin/topic")] == nil)
    // The control.
    #expect(references[try RefName("refs/heads/alias")] == base && references.count == 3)
  }

  @Test("A branch is pushed once, from where it was expected", arguments: [false, true])
  func pushes(_ overNetwork: Bool) throws {
    let server = try GitServer(serving: directory.path)
    let address = try overNetwork ? RemoteAddress(server.address("there.git")) : RemoteAddress(there.path)
    try fetchEverything(address)
    let commit = try makeCommit(on: base)
    #expect(try work.push(commit, onto: feature(), expecting: base, to: address) == .landed)
    #expect(try there.id("feature") == commit)
    #expect(try there.git("fsck", "--no-dangling") == "")
    #expect(try work.push(commit, onto: feature(), expecting: base, to: address) == .alreadyThere)
    #expect(try there.id("main") == base)
  }

  @Test("A person's push in between wins", arguments: [false, true])
  func raced(_ overNetwork: Bool) throws {
    let server = try GitServer(serving: directory.path)
    let address = try overNetwork ? RemoteAddress(server.address("there.git")) : RemoteAddress(there.path)
    try fetchEverything(address)
    let commit = try makeCommit(on: base)
    let person = try there.commit("feature", .write("person", "1\n"))
    #expect(try work.push(commit, onto: feature(), expecting: base, to: address) == .raced(actual: person))
    #expect(try there.id("feature") == person)
    try there.git("update-ref", "-d", "refs/heads/feature")
    #expect(try work.push(commit, onto: feature(), expecting: base, to: address) == .raced(actual: .zero))
    #expect(try work.push(commit, onto: feature(), expecting: .zero, to: address) == .landed)
  }

  @Test("A refusal of the other side is handed on in its words")
  func rejected() throws {
    let server = try GitServer(serving: directory.path)
    let address = try RemoteAddress(server.address("there.git"))
    try fetchEverything(address)
    let commit = try makeCommit(on: base)
    try Files.write("#!/bin/sh\nexit 1\n".utf8, to: there.path + "/hooks/update", mode: 0o755)
    #expect {
      try work.push(commit, onto: feature(), expecting: base, to: address)
    } throws: { error in
      guard case .rejected(let words) = (error as? LandingError)?.reason else { return false }
      return words.contains("hook declined")
    }
    #expect(try there.id("feature") == base)
    Files.remove(there.path + "/hooks/update")
    #expect(try work.push(commit, onto: feature(), expecting: base, to: address) == .landed)
  }

  @Test(
    "A hook of a repository here that decides on pushes is not gone past",
    arguments: ["pre-receive", "update", "proc-receive", "reference-transaction"])
  func hooks(name: String) throws {
    let address = try RemoteAddress(there.path)
    try fetchEverything(address)
    let commit = try makeCommit(on: base)
    let branch = try feature()
    func isRefused() throws -> Bool {
      do throws(LandingError) {
        _ = try work.push(commit, onto: branch, expecting: base, to: address)
        return false
      } catch {
        return error.reason == .hooks([name])
      }
    }
    let other = directory.path + "/hooks"
    Files.makeDirectory(other)
    for place in [there.path + "/hooks", other] {
      if place == other { try there.git("config", "core.hooksPath", other) }
      try Files.write("#!/bin/sh\n".utf8, to: "\(place)/\(name)", mode: 0o755)
      #expect(try isRefused())
      Files.remove("\(place)/\(name)")
    }
    // The controls: one that git would not run, and one that has no say.
    try Files.write("#!/bin/sh\n".utf8, to: "\(other)/\(name)", mode: 0o644)
    try Files.write("#!/bin/sh\n".utf8, to: other + "/post-receive", mode: 0o755)
    #expect(try !isRefused())
    #expect(try there.id("feature") == commit)
  }

  @Test("History is not thrown away", arguments: [false, true])
  func notFastForward(_ overNetwork: Bool) throws {
    let server = try GitServer(serving: directory.path)
    let address = try overNetwork ? RemoteAddress(server.address("there.git")) : RemoteAddress(there.path)
    try fetchEverything(address)
    let alone = try work.writeCommit(
      tree: base, parents: [], author: signature, committer: signature, message: Array("x\n".utf8))
    #expect {
      try work.push(alone, onto: feature(), expecting: base, to: address)
    } throws: { ($0 as? LandingError)?.reason == .notFastForward }
    #expect(try there.id("feature") == base)
  }

  @Test("A repository that is not there, or a server that is not, is an error")
  func unreachable() throws {
    let server = try GitServer(serving: directory.path)
    for address in [
      try RemoteAddress(server.address("none.git")), try RemoteAddress("git://127.0.0.1:1/x"),
      try RemoteAddress("/nonexistent"),
    ] {
      #expect(throws: GitError.self) { try work.listReferences(at: address) }
    }
  }

  @Test("An address has a form that is known, or is refused")
  func addresses() throws {
    #expect(try RemoteAddress("/srv/git/x y.git") == .local("/srv/git/x y.git"))
    #expect(try RemoteAddress("file:///srv/x%20y") == .local("/srv/x y"))
    for text in ["https://host/x", "HTTP://host/x", "ssh://git@host:22/x", "git@host:x/y.git", "host:x"] {
      #expect(try RemoteAddress(text) == .network(text))
    }
    for text in [
      "", "ext::sh -c id", "fd::3", "-oProxyCommand=x", "file://host/x", "file:///a%0", "x", "ftp://host/x", "./x",
      "https://host/a b", "a\nb:c", "transport::address",
    ] {
      #expect(throws: GitError.self, "\(text)") { try RemoteAddress(text) }
    }
    #expect(try RemoteAddress("https://me:secret@host/x").display == "https://...@host/x")
  }

  @Test("A password goes to its own host and no other")
  func passwords() {
    let credentials = Credentials.password(
      username: "me", password: "secret", for: RemoteHost(scheme: "https", host: "Host.example"))
    func isGiven(_ url: String) -> Bool {
      let request = CredentialRequest(url: url, username: nil, acceptsPassword: true, acceptsKey: false)
      if case .password = credentials.answer(request) { return true }
      return false
    }
    #expect(isGiven("https://host.example/x"))
    for url in [
      "http://host.example/x", "https://host.example:8443/x", "https://host.example.evil/x",
      "https://evil/host.example",
      "https://host.example@evil/x", "ssh://host.example/x", "https://evil?@host.example/", "host.example:x",
      "https://evil\\@host.example/",
    ] {
      #expect(!isGiven(url), "\(url)")
    }
  }
}
