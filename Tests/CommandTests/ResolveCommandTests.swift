import Base
import Foundation
import TestSupport
import Testing

/// `arborist resolve` from the outside.
@Suite struct ResolveCommandTests {
  @Test(arguments: ["text", "json"])
  func aDryRunWritesNothing(format: String) throws {
    let repository = try TestRepository.withConflict()
    let before = try contents(of: repository.path)
    let references = try repository.references()
    let result = try Arborist.run("resolve", "--dry-run", "--format", format, in: repository.path)
    #expect(result.status == 0)
    #expect(result.errors == [])
    #expect(result.text.contains("1.2.0") || result.text.contains("version-number"))
    #expect(try contents(of: repository.path) == before)
    #expect(try repository.references() == references)
    #expect(try Arborist.run("resolve", in: repository.path).status == 1, "a person has to look at the branch beside")
    #expect(try repository.references() != references, "the control")
  }

  @Test func theMergeIsOnABranchOfItsOwn() throws {
    let repository = try TestRepository.withConflict()
    let (main, feature) = try (repository.id("main"), repository.id("feature"))
    let result = try Arborist.run("resolve", "--format", "json", in: repository.path)
    #expect(result.status == 1)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(result.output)) as? [String: Any])
    #expect(document["schema"] as? String == "arborist.resolve/1")
    #expect(document["outcome"] as? String == "resolved")
    let side = "refs/heads/arborist/resolve/feature-\(feature.hex.prefix(8))"
    #expect(document["pushed"] as? String == side)
    #expect(try repository.id(side).hex == document["commit"] as? String)
    #expect(try repository.git("rev-parse", side + "^1", side + "^2") == "\(feature.hex)\n\(main.hex)")
    #expect(try repository.git("show", side + ":package.json").contains("1.2.0"))
    #expect(try repository.git("log", "-1", "--format=%an %cn", side) == "Arborist Arborist")
    #expect(try repository.id("feature") == feature)
    #expect(try repository.id("main") == main)
    #expect(try repository.git("status", "--porcelain") == "")
    #expect(try repository.attempt(["fsck", "--strict"]).status == 0)
    // Once more finds the merge there, or goes beside it; nothing is overwritten.
    let merge = try repository.id(side)
    #expect(try Arborist.run("resolve", in: repository.path).status == 1)
    #expect(try repository.id(side) == merge)
  }

  @Test func whatIsLeftIsReportedWithItsSides() throws {
    let repository = try TestRepository.withConflict(isHard: true)
    let before = try contents(of: repository.path)
    let text = try Arborist.run("resolve", in: repository.path)
    #expect(text.status == 1)
    #expect(text.errors == [])
    for part in ["text", "one", "two", "three"] { #expect(text.text.contains(part)) }
    let json = try Arborist.run("resolve", "--format", "json", in: repository.path)
    #expect(json.status == 1)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any])
    #expect(document["outcome"] as? String == "conflicts")
    #expect(document["commit"] == nil && document["pushed"] == nil)
    let files = try #require(document["files"] as? [[String: Any]])
    #expect(files.compactMap { $0["path"] as? String } == ["package.json", "text"])
    #expect(files.map { ($0["left"] as? [Any])?.count } == [0, 1])
    #expect(try contents(of: repository.path) == before)
  }

  @Test(arguments: [
    ("main", ""), ("release/1", "protect: [\"release/*\"]\n"), ("develop", "base: develop\n"),
  ])
  func aProtectedBranchIsRefused(branch: String, configuration: String) throws {
    let repository = try TestRepository.withConflict()
    if !configuration.isEmpty { try repository.commit("main", .write(".arborist.yml", configuration)) }
    if branch != "main" { try repository.git("branch", branch, "feature") }
    let before = try contents(of: repository.path)
    expectFailure(try Arborist.run("resolve", "--branch", branch, in: repository.path), 3, "may not be written to")
    expectFailure(
      try Arborist.run("resolve", "--branch", branch, "--base", "feature", in: repository.path), 3,
      "may not be written to")
    #expect(try contents(of: repository.path) == before)
    #expect(try Arborist.run("resolve", "--base", "main", "--branch", "feature", in: repository.path).status == 1)
  }

  @Test(arguments: [true, false])
  func theConfigurationSaysWhereItGoes(isHead: Bool) throws {
    let repository = try TestRepository.withConflict()
    try repository.commit("main", .write(".arborist.yml", "unverified: \(isHead ? "head" : "report")\n"))
    try repository.checkOut("main")
    let before = try repository.references()
    let feature = try repository.id("feature")
    #expect(try Arborist.run("resolve", "--branch", "feature", in: repository.path).status == (isHead ? 0 : 1))
    if isHead {
      #expect(try repository.id("feature^1") == feature)
    } else {
      #expect(try repository.references() == before)
    }
  }

  @Test func aMergeThatCannotGoWhereItIsToGoIsNotLost() throws {
    let repository = try TestRepository.withConflict()
    try repository.commit("main", .write(".arborist.yml", "unverified: head\n"))
    let feature = try repository.id("feature")
    try repository.checkOut("feature")
    let beside = try Arborist.run("resolve", in: repository.path)
    #expect(beside.status == 1 && beside.errors == [])
    #expect(beside.text.contains("It is on a branch of its own, because feature is checked out."))
    let side = "refs/heads/arborist/resolve/feature-\(feature.hex.prefix(8))"
    #expect(try repository.git("rev-parse", side + "^1") == feature.hex)
    #expect(try repository.id("feature") == feature)
    // Where there can be no branch beside, it is a patch, and that is an error of one line.
    try repository.git("update-ref", "-d", side)
    try repository.git("branch", "arborist", "feature")
    let home = repository.directory.path + "/home"
    let refused = try Arborist.run(["resolve"], in: repository.path, adding: ["HOME": home])
    #expect(refused.status == 3 && refused.errors.split(separator: 0x0A).count == 1, "\(refused.errorText)")
    #expect(refused.errorText.contains("'refs/heads/arborist' is in the way"))
    #expect(refused.text.contains("It was not delivered: "))
    #expect(refused.text.contains("As a patch against the branch it is in \(home)/.local/state/arborist/runs/"))
    // Without a place for it the reason is told all the same.
    let homeless = try Arborist.run(["resolve"], in: repository.path, adding: ["HOME": ""])
    #expect(homeless.status == 3 && homeless.errorText == refused.errorText)
    #expect(!homeless.text.contains("As a patch"))
  }

  @Test func aMergeIsPushedToARemote() throws {
    let bare = try TestRepository.withConflict(bare: true)
    let path = bare.directory.path + "/clone"
    try bare.git("clone", "--quiet", "-b", "feature", bare.path, path)
    let feature = try bare.id("feature")
    let side = "refs/heads/arborist/resolve/feature-\(feature.hex.prefix(8))"
    let result = try Arborist.run("resolve", "--push", "origin", in: path)
    #expect(result.status == 1, "\(result.errorText)")
    #expect(try bare.git("rev-parse", side + "^1") == feature.hex)
    #expect(try bare.id("feature") == feature)
    #expect(try bare.attempt(["fsck", "--strict"]).status == 0)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "needs the right to mount a file system"))
  func aFullScratchDirectory() throws {
    let repository = try TestRepository.withConflict()
    let disk = try SmallDisk(at: repository.directory.path + "/disk", kilobytes: 256)
    #expect(
      try Arborist.run(["resolve", "--dry-run"], in: repository.path, adding: ["TMPDIR": disk.path]).status == 0,
      "the control")
    try disk.fill()
    let before = try contents(of: repository.path)
    let result = try Arborist.run(["resolve"], in: repository.path, adding: ["TMPDIR": disk.path])
    expectFailure(result, 4, "No space left on device")
    #expect(try contents(of: repository.path) == before)
    expectFailure(
      try Arborist.run(["resolve"], in: repository.path, adding: ["TMPDIR": disk.path + "/missing"]), 4, "missing")
    disk.empty()
    #expect(try Command.run(["ls", "-A", disk.path], in: "/").text == "", "nothing is left behind")
  }
}
