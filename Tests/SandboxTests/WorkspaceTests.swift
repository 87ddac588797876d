import Base
import Glibc
import Sandbox
import TestSupport
import Testing

/// What changes in a workspace, and going back.
struct WorkspaceTests {
  @Test func tellsWhatHasChanged() async throws {
    let host = try await CellHost()
    try Files.write("x".utf8, to: host.checkout + "/dir/one")
    try Files.write("y".utf8, to: host.checkout + "/dir/sub/two")
    try Files.write("z".utf8, to: host.checkout + "/same")
    try Files.write("g".utf8, to: host.checkout + "/.git/config")
    let cell = try await host.makeCell()
    #expect(try await cell.changes() == [])
    _ = try await cell.shell(
      """
      echo more >> a.txt; chmod +x b/c.txt; touch same; echo new > new; ln -s a.txt link; rm -rf dir; echo d > dir
      echo changed > .git/config; mkfifo pipe; mkdir empty
      """)
    let changes = try await cell.changes()
    let told = changes.map { change in
      switch change.kind {
      case .written(let size, let isExecutable, _): "\(change.path) \(size)\(isExecutable ? " x" : "")"
      case .linked(let target): "\(change.path) -> \(String(decoding: target, as: UTF8.self))"
      case .removed: "\(change.path) gone"
      case .unlisted: "\(change.path) unlisted"
      }
    }
    #expect(
      told == ["a.txt 11", "b/c.txt 7 x", "dir 2", "dir/one gone", "dir/sub/two gone", "link -> a.txt", "new 4"])
    // The same bytes written again have another stamp.
    _ = try await cell.shell("printf 'new\\n' > new")
    let again = try await cell.changes()
    #expect(again.map(\.path) == changes.map(\.path) && again.last != changes.last)
    #expect(again.dropLast() == changes.dropLast())
    await cell.stop()
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6]) func agreesWithAWalk(seed: UInt64) async throws {
    // A random tree, random operations, and beside the answer a plain comparison of both trees. Odd seeds go without an
    // overlay, where the workspace is a copy.
    let host = try await CellHost(pretendedMissing: seed % 2 == 1 ? [.overlay] : [])
    var random = SplitMix(state: seed)
    for number in 0..<30 { try Files.write("\(number)".utf8, to: host.checkout + "/" + random.path()) }
    let cell = try await host.makeCell()
    #expect(cell.walls.contains(.overlay) == (seed % 2 == 0))
    // The checkout as it was, within the cell, made before anything changes.
    _ = try await cell.shell("cp -a /workspace /tmp/before")
    var checkpoints: [(CellCheckpoint, String)] = []
    for round in 0..<6 {
      _ = try await cell.shell((0..<12).map { _ in random.operation() }.joined(separator: "\n"))
      let told = try await cell.changes().map { change in
        switch change.kind {
        case .written(_, let isExecutable, _): "\(change.path) file\(isExecutable ? " x" : "")"
        case .linked(let target): "\(change.path) link \(String(decoding: target, as: UTF8.self))"
        case .removed: "\(change.path) gone"
        case .unlisted: "\(change.path) unlisted"
        }
      }
      let walked = try await cell.run("python3", "-c", Self.walk).output.split(separator: "\n").map(String.init)
      #expect(told == walked, "round \(round)")
      let state = try await cell.shell(Self.state).output
      if round % 2 == 0 { checkpoints.append((try await cell.checkpoint(), state)) }
    }
    for (checkpoint, state) in checkpoints.reversed() + checkpoints {
      try await cell.restore(checkpoint)
      #expect(try await cell.shell(Self.state).output == state)
    }
    await cell.stop()
  }

  @Test func bringsBackWhatGitDestroys() async throws {
    let host = try await CellHost()
    for words in [
      ["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"], ["branch", "other"],
    ] {
      let result = try Command.run(["git", "-C", host.checkout] + words, in: "/")
      #expect(result.status == 0, "\(String(decoding: result.errors, as: UTF8.self))")
    }
    let cell = try await host.makeCell {
      $0.environment = [
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
      ]
    }
    let prepared = try await cell.shell(
      """
      set -e; echo '*.log' > .gitignore; echo ignored > x.log; echo work > a.txt; echo new > untracked; git add b
      echo staged > staged; git add staged; mkdir deep; echo 1 > deep/er; git stash list; git status --porcelain
      """)
    #expect(prepared.ending == .exited(0), "\(prepared.output)")
    let state = try await cell.shell(Self.state + "; git status --porcelain; git rev-parse HEAD").output
    #expect(state.contains("untracked"))
    for destroys in [
      "git reset -q --hard", "git checkout -q -- .", "git clean -qfdx", "rm -rf /workspace/* .git",
      "git checkout -q -f other; git branch -q -D master main; git reflog expire --expire=now --all; git gc -q --prune=now",
      "git add -A; git commit -q -m two; git reset -q --hard HEAD~1", "git stash -u -q; git stash drop -q",
      "mv .git /tmp; chmod 0 a.txt b", "find . -type f -delete", "git rm -r -q -f .",
    ] {
      let checkpoint = try await cell.checkpoint()
      _ = try await cell.shell(destroys)
      // The control: there was something to bring back.
      #expect(try await cell.shell(Self.state).output != state, "\(destroys)")
      try await cell.restore(checkpoint)
      let now = try await cell.shell(Self.state + "; git status --porcelain; git rev-parse HEAD").output
      #expect(now == state, "\(destroys)")
      try await cell.forget(checkpoint)
      #expect(try await cell.shell("git fsck --strict").ending == .exited(0))
    }
    await cell.stop()
  }

  @Test(arguments: [[], [Wall.overlay]]) func bringsBackTimes(pretendedMissing: Set<Wall>) async throws {
    // Build tools compare them: what is as it was, but newer, is built again.
    let host = try await CellHost(pretendedMissing: pretendedMissing)
    let cell = try await host.makeCell()
    let prepared = try await cell.shell(
      """
      set -e; mkdir built; echo x > built/one; echo y > built/two; ln -s one built/link; echo c > new; chmod 444 new
      touch -h -d '2020-01-02 03:04:05.678' built/one built/link a.txt new; touch -d '2021-01-01' built
      """)
    #expect(prepared.ending == .exited(0), "\(prepared.output)")
    let times = "find . -mindepth 1 -printf '%p %T@\\n' | sort"
    let before = try await cell.shell(times).output
    #expect(before.contains("./a.txt 1577934245.678"))
    for destroys in [
      "touch a.txt b b/c.txt built/one new; touch -h built/link", "rm -rf built b new a.txt",
      "rm built/link; ln -s one built/link; printf 'x\\n' > built/one; echo z > built/two; rm -f new; echo c > new",
    ] {
      let checkpoint = try await cell.checkpoint()
      _ = try await cell.shell(destroys)
      // The control: there was something to bring back.
      #expect(try await cell.shell(times).output != before, "\(destroys)")
      try await cell.restore(checkpoint)
      #expect(try await cell.shell(times).output == before, "\(destroys)")
    }
    await cell.stop()
  }

  @Test func aFullDiskIsToldOf() async throws {
    let host = try await CellHost()
    let cell = try await host.makeCell { $0.limits.workspaceBytes = 8 << 20 }
    #expect(try await cell.shell("head -c 5M /dev/urandom > large").ending == .exited(0))
    do {
      _ = try await cell.checkpoint()
      Issue.record("there is no room for a second copy")
    } catch {
      #expect(error.code == .full)
    }
    #expect(try await cell.shell("head -c 2M /dev/urandom > other && wc -c < large").output == "5242880\n")
    await cell.stop()
  }

  /// Every name with its kind, mode and content; `.git` as far as git shows it.
  private static let state = """
    find . -path ./.git -prune -o -printf '%p %y %m %l\\n' | sort; \
    find . -path ./.git -prune -o -type f -print | sort | xargs -r -d '\\n' md5sum
    """

  /// The differences between /tmp/before and the workspace as a plain comparison finds them.
  private static let walk = """
    import os, stat
    def tree(root):
        found = {}
        for directory, names, files in os.walk(root):
            for name in names + files:
                path = os.path.join(directory, name); status = os.lstat(path)
                key = os.path.relpath(path, root)
                if stat.S_ISLNK(status.st_mode): found[key] = "link " + os.readlink(path)
                elif stat.S_ISREG(status.st_mode):
                    found[key] = ("file" + (" x" if status.st_mode & 0o100 else ""), open(path, "rb").read())
        return found
    before, after = tree("/tmp/before"), tree("/workspace")
    for key in sorted(set(before) | set(after)):
        if before.get(key) == after.get(key): continue
        entry = after.get(key, "gone")
        print(key, entry if isinstance(entry, str) else entry[0])
    """
}

/// Random numbers that a seed repeats.
struct SplitMix {
  var state: UInt64

  mutating func next(_ limit: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((value ^ (value >> 31)) % UInt64(limit))
  }

  /// A path of up to three parts out of few names, so that files meet directories.
  mutating func path() -> String {
    let directories = (0...next(3)).map { _ in ["k", "l", "m"][next(3)] + (next(4) == 0 ? "x" : "") }
    return directories.joined(separator: "/") + "/f\(next(3))"
  }

  /// A path that may be a directory of others.
  mutating func target() -> String {
    let path = path()
    guard next(3) == 0 else { return path }
    return path.split(separator: "/").dropLast(1 + next(2)).joined(separator: "/").isEmpty
      ? path : path.split(separator: "/").dropLast().joined(separator: "/")
  }

  mutating func operation() -> String {
    let (one, two) = (target(), target())
    let parent = "mkdir -p \"$(dirname \(one))\""
    switch next(11) {
    case 0, 1: return "\(parent); echo \(next(5)) > \(one)"
    case 2: return "rm -rf \(one)"
    case 3: return "mkdir -p \"$(dirname \(two))\"; mv -T \(one) \(two)"
    case 4: return "\(parent); ln -sfn \(two) \(one)"
    case 5: return "[ -f \(one) ] && chmod \(["755", "644", "600"][next(3)]) \(one)"
    case 6: return "rm -rf \(one); mkdir -p \(one); echo in > \(one)/f0"
    case 7: return "mkdir -p \"$(dirname \(two))\"; ln -f \(one) \(two)"
    case 8: return "[ -f \(one) ] && cp \(one) \(one).copy && mv \(one).copy \(one)"
    case 9: return "rm -rf \(one); \(parent); cp -a /tmp/before/\(two) \(one)"
    default: return "touch \(one)"
    }
  }
}
