import Base
import Installation
import TestSupport
import Work

/// Programs that stand in for Arborist's: they write what they were told into files.
struct FakePrograms {
  let directory: String
  let recorder: String
  let arborist: String

  /// Puts both into a directory; each writes its arguments to `NAME.args` and its input to `NAME.in`.
  init(in directory: String, status: Int = 0) throws {
    self.directory = directory
    recorder = directory + "/arborist-hook"
    arborist = directory + "/arborist"
    for program in [recorder, arborist] {
      let text = """
        #!/bin/sh
        here=${0%/*}
        name=${0##*/}
        printf '%s\\n' "$@" > "$here/$name.args"
        cat > "$here/$name.in"
        exit \(status)

        """
      try Files.write(text.utf8, to: program, mode: 0o755)
    }
  }

  func options(
    state: StateDirectory? = nil, isService: Bool = false, preReceive: Bool = false
  ) -> InstallationOptions {
    InstallationOptions(
      arborist: Array(arborist.utf8), arboristHook: Array(recorder.utf8), version: "0.1.0", state: state,
      isService: isService, preReceive: preReceive,
      bot: BotIdentity(name: "Arborist", email: "arborist@example.com"))
  }

  func arguments(of program: String) throws -> String {
    String(decoding: try Files.read(directory + "/\(program).args"), as: UTF8.self)
  }

  func input(of program: String) throws -> [UInt8] { try Files.read(directory + "/\(program).in") }

  func wasCalled(_ program: String) -> Bool { Files.exists(directory + "/\(program).args") }
}

extension TestRepository {
  /// What git itself says of the repository.
  func facts() throws -> InstallationFacts {
    func value(_ words: String...) throws -> [UInt8]? {
      let result = try attempt(["config"] + words)
      return result.status == 0 ? Array(result.text.utf8) : nil
    }
    var hooksPath = try value("--type=path", "core.hooksPath")
    if let path = hooksPath, path.first != UInt8(ascii: "/") { hooksPath = Array((self.path + "/").utf8) + path }
    return InstallationFacts(
      gitDirectory: Array(gitDirectory.utf8), isBare: isBare, hooksPath: hooksPath,
      sharedRepository: try value("core.sharedRepository"), defaultBranch: try RefName("refs/heads/main"),
      mergeDefault: try value("merge.default"), conflictStyle: try value("merge.conflictStyle"))
  }

  /// Everything in the git directory: names, kinds, modes, link targets, sums of contents.
  func snapshot() throws -> [String] { try listing(format: "%P %y %m %l") + sums() }

  /// The same with the times of change and the inodes: what nobody can restore who has touched it.
  func strictSnapshot() throws -> [String] { try listing(format: "%P %y %m %l %T@ %C@ %i") + sums() }

  private func listing(format: String) throws -> [String] {
    let command = ["find", gitDirectory, "-mindepth", "1", "-printf", format + "\\n"]
    return try Command.run(command, in: "/").lines.sorted()
  }

  private func sums() throws -> [String] {
    try Command.run(["find", gitDirectory, "-type", "f", "-exec", "cksum", "{}", ";"], in: "/").lines.sorted()
  }

  func install(_ options: InstallationOptions) throws {
    try Installer.plan(facts(), options).apply()
  }

  func uninstall() throws {
    try Installer.planRemoval(facts()).apply()
  }

  func hook(_ name: String) -> String { gitDirectory + "/hooks/" + name }
}
