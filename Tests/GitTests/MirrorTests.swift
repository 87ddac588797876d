import Base
import Git
import TestSupport
import Testing
import Work

@Suite("A mirror has the branches of another repository and the heads that were asked for, under their own names")
struct MirrorTests {
  let directory: TemporaryDirectory
  let there: TestRepository
  let base: ObjectID
  let place: MirrorPlace

  init() throws {
    directory = try TemporaryDirectory()
    there = try TestRepository(bare: true, named: "there.git", in: directory)
    base = try there.commit("main", .write("a", "one\n"))
    place = try MirrorPlace(under: directory.path + "/mirrors", name: "github-example.com-7")
  }

  private func refresh(
    _ address: RemoteAddress, heads: [String] = [], limits: MirrorLimits = MirrorLimits()
  ) throws -> MirrorReport {
    let heads = try heads.map { try RefName($0) }
    return try place.change { mirror throws(GitError) in try mirror.mirror(address, heads: heads, limits: limits) }
  }

  private func references() throws -> [String: ObjectID] {
    let mirror = try PrivateRepository.reopen(at: place.directory)
    return try mirror.references().reduce(into: [:]) { result, reference in
      if case .direct(let id) = reference.target { result[reference.name.display] = id }
    }
  }

  @Test("Branches and heads come, move and go", arguments: [false, true])
  func follows(_ overNetwork: Bool) throws {
    let server = try GitServer(serving: directory.path)
    let address = try overNetwork ? RemoteAddress(server.address("there.git")) : RemoteAddress(there.path)
    let feature = try there.commit("feature", parents: [base], .write("b", "1\n"))
    let head = try there.commit("fork", parents: [base], .write("c", "1\n"))
    try there.git("update-ref", "refs/pull/4/head", head.hex)
    try there.git("update-ref", "refs/pull/5/head", feature.hex)
    try there.git("update-ref", "refs/tags/v1", base.hex)
    try there.git("branch", "-D", "fork")
    let first = try refresh(address, heads: ["refs/pull/4/head", "refs/pull/9/head"])
    #expect(first.head == (try RefName("refs/heads/main")))
    #expect(first.missing == [try RefName("refs/pull/9/head")] && first.moved == 3)
    #expect(
      try references() == ["refs/heads/main": base, "refs/heads/feature": feature, "refs/pull/4/head": head])
    #expect(try Command.run(["git", "fsck", "--strict"], in: place.directory).status == 0)

    // A head that is here is kept up with, though nobody asks for it again; a branch makes way for others below it.
    let later = try there.commit("again", parents: [head], .write("c", "2\n"))
    try there.git("update-ref", "refs/pull/4/head", later.hex)
    try there.git("branch", "-D", "again")
    try there.git("branch", "-D", "feature")
    let deeper = try there.commit("feature/deeper", parents: [base], .write("d", "1\n"))
    let second = try refresh(address)
    #expect(second.removed == 1 && second.moved == 2)
    #expect(
      try references() == ["refs/heads/main": base, "refs/heads/feature/deeper": deeper, "refs/pull/4/head": later])
    try there.git("update-ref", "-d", "refs/pull/4/head")
    #expect(try refresh(address).removed == 1)
    #expect(
      try refresh(address)
        == {
          var same = MirrorReport()
          same.head = first.head
          return same
        }())
  }

  @Test("HEAD names the branch that it names there")
  func head() throws {
    try there.git("branch", "trunk", base.hex)
    _ = try refresh(RemoteAddress(there.path))
    #expect(try PrivateRepository.reopen(at: place.directory).head() == .branch(RefName("refs/heads/main"), base))
    try there.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    _ = try refresh(RemoteAddress(there.path))
    #expect(try PrivateRepository.reopen(at: place.directory).head() == .branch(RefName("refs/heads/trunk"), base))
  }

  @Test("No head of a pull request takes the name of a branch")
  func shadowing() throws {
    let other = try there.commit("other", parents: [base], .write("b", "1\n"))
    try there.git("update-ref", "refs/pull/4/head", other.hex)
    _ = try refresh(RemoteAddress(there.path), heads: ["refs/heads/main", "refs/tags/v1", "refs/pull/4/head"])
    let found = try references()
    #expect(found["refs/heads/main"] == base && found["refs/tags/v1"] == nil)
    // The control.
    #expect(found["refs/pull/4/head"] == other)
  }

  @Test("What passes a limit is refused, and the references stay")
  func limits() throws {
    let server = try GitServer(serving: directory.path)
    let address = try RemoteAddress(server.address("there.git"))
    _ = try refresh(address)
    // It must not compress well: the limit is on what is sent.
    var seed: UInt64 = 1
    let noise = (0..<200_000).map { _ in
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: seed >> 33)
    }
    let big = try there.commit("main", changes: [.bytes(Array("noise".utf8), noise)])
    for limits in [MirrorLimits(references: 100, bytes: 50_000), MirrorLimits(references: 0, bytes: 1 << 30)] {
      #expect {
        try refresh(address, limits: limits)
      } throws: { ($0 as? GitError)?.code == .tooLarge }
      #expect(try references() == ["refs/heads/main": base])
    }
    _ = try refresh(address)
    #expect(try references() == ["refs/heads/main": big])
  }

  @Test("What a killed process has left is removed, and nothing else")
  func leftovers() throws {
    let address = try RemoteAddress(there.path)
    _ = try refresh(address)
    let left = [
      "refs/heads/main.lock", "packed-refs.lock", "HEAD.lock", "objects/pack/pack_git2_a1b2c3",
      "objects/pack/tmp_pack_x",
      "objects/ab/tmp_object_git2_q",
    ]
    for name in left { try Files.write("half".utf8, to: "\(place.directory)/\(name)") }
    try Files.write("kept".utf8, to: "\(place.directory)/objects/pack/pack-1.keep")
    // A repository that was not finished has no name yet.
    try Files.write("half".utf8, to: "\(directory.path)/mirrors/github-example.com-8.new/HEAD")
    let next = try there.commit("main", .write("a", "two\n"))
    _ = try refresh(address)
    #expect(try references()["refs/heads/main"] == next)
    for name in left { #expect(!Files.exists("\(place.directory)/\(name)"), "\(name)") }
    #expect(Files.exists("\(place.directory)/objects/pack/pack-1.keep"))
    let other = try MirrorPlace(under: directory.path + "/mirrors", name: "github-example.com-8")
    #expect(try other.change { mirror throws(GitError) in try mirror.references().isEmpty })
  }

  @Test("A token is for one repository of one server")
  func tokens() throws {
    let address = try TokenAddress("https://Host.example/Group/x.git")
    let credentials = Credentials.token(Secret("secret"), username: "x-access-token", for: address)
    func isGiven(_ url: String) -> Bool {
      let request = CredentialRequest(url: url, username: nil, acceptsPassword: true, acceptsKey: false)
      if case .password = credentials.answer(request) { return true }
      return false
    }
    #expect(isGiven("https://host.example/Group/x.git") && isGiven("https://host.example:443/Group/x.git"))
    for url in [
      "http://host.example/Group/x.git", "https://host.example:8443/Group/x.git", "https://host.example/group/x.git",
      "https://host.example/Group/x.git/", "https://host.example/Group/x", "https://host.example.evil/Group/x.git",
      "https://host.example@evil/Group/x.git", "https://me@host.example/Group/x.git",
      "https://host.example/Group/../Group/x.git", "https://host.example/Group/x.git?y",
      "ssh://host.example/Group/x.git",
      "https://evil\\@host.example/Group/x.git", "https://evil/https://host.example/Group/x.git",
    ] {
      #expect(!isGiven(url), "\(url)")
    }
  }

  @Test("A token is not sent in the open, nor to an address that can be read in two ways")
  func openAddresses() throws {
    for url in [
      "http://host.example/x/y", "http://127.0.0.1.evil/x/y", "http://10.0.0.1/x/y", "ssh://git@host/x", "git://host/x",
      "/srv/x", "host:x/y", "https://user:pass@host/x", "https://host", "https://host/", "https://host//x",
      "https://host/%2e%2e/x", "https://host/x#y", "https://host:99999/x", "https://host:/x", "https:///x",
      "https://ho st/x",
      "ftp://127.0.0.1/x",
    ] {
      #expect(throws: GitError.self, "\(url)") { try TokenAddress(url) }
    }
    for url in ["http://127.0.0.1:8080/x/y.git", "http://localhost/x", "http://[::1]:3000/x", "https://host/x/y.git"] {
      #expect(try TokenAddress(url).description == url)
    }
  }
}
