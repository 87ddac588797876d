/// A file that a tool writes: it is never text-merged, only written again.
package struct GeneratedFile: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// Records the exact versions that a manifest was resolved to.
    case lockFile
    /// Made from other files of the repository.
    case generated
  }

  package var kind: Kind
  /// The command that a person would run to write the file again; `nil` where the path does not tell.
  package var tool: String?

  package init(kind: Kind, tool: String?) {
    self.kind = kind
    self.tool = tool
  }
}

extension GeneratedFile {
  /// What is known of the file at `path` by its path and, where given, by its first lines.
  ///
  /// - Parameters:
  ///   - path: The path in the repository, as bytes.
  ///   - content: The file; only its first lines are read. Empty where it is not at hand.
  /// - Returns: `nil` for a file that people write.
  package static func at(_ path: [UInt8], content: [UInt8] = []) -> GeneratedFile? {
    let name = fileName(path)
    if let lock = lockFiles.first(where: { $0.name == name }) {
      return GeneratedFile(kind: .lockFile, tool: lock.tool)
    }
    if let row = generatedEndings.first(where: { name.hasSuffix($0.ending) && name.utf8.count > $0.ending.utf8.count })
    {
      return GeneratedFile(kind: .generated, tool: row.tool)
    }
    return saysGenerated(content) ? GeneratedFile(kind: .generated, tool: nil) : nil
  }

  /// The manifests that the lock file of this name is resolved from; they stand in the same directory.
  ///
  /// - Parameter name: A file name without its directory.
  /// - Returns: File names; an entry that starts with `*` stands for every name that ends in the rest. Empty for a
  ///   file that is no lock file.
  package static func manifestNames(forLockFile name: String) -> [String] {
    lockFiles.first { $0.name == name }?.manifests ?? []
  }

  /// The lock files that may stand beside a manifest of this name.
  ///
  /// - Parameter name: A file name without its directory.
  /// - Returns: File names; empty for a file that is no manifest.
  package static func lockFileNames(forManifest name: String) -> [String] {
    lockFiles.filter { row in row.manifests.contains { matches(name, pattern: $0) } }.map(\.name)
  }

  /// Whether a file name is the one a manifest entry means: equal, or with the ending after `*`.
  package static func matches(_ name: String, pattern: String) -> Bool {
    pattern.hasPrefix("*") ? name.hasSuffix(pattern.dropFirst()) : name == pattern
  }

  private static func fileName(_ path: [UInt8]) -> String {
    String(decoding: path.split(separator: UInt8(ascii: "/")).last ?? [], as: UTF8.self)
  }
}

extension GeneratedFile {
  private struct LockFile: Sendable {
    var name: String
    var manifests: [String]
    var tool: String

    init(_ name: String, _ manifests: [String], _ tool: String) {
      self.name = name
      self.manifests = manifests
      self.tool = tool
    }
  }

  private static let lockFiles: [LockFile] = [
    LockFile("package-lock.json", ["package.json"], "npm install"),
    LockFile("npm-shrinkwrap.json", ["package.json"], "npm install"),
    LockFile("yarn.lock", ["package.json"], "yarn install"),
    LockFile("pnpm-lock.yaml", ["package.json", "pnpm-workspace.yaml"], "pnpm install"),
    LockFile("bun.lock", ["package.json"], "bun install"),
    LockFile("bun.lockb", ["package.json"], "bun install"),
    LockFile("deno.lock", ["deno.json", "deno.jsonc", "package.json"], "deno install"),
    LockFile("composer.lock", ["composer.json"], "composer update --lock"),
    LockFile("Gemfile.lock", ["Gemfile", "*.gemspec"], "bundle install"),
    LockFile("gems.locked", ["gems.rb", "*.gemspec"], "bundle install"),
    LockFile("Cargo.lock", ["Cargo.toml"], "cargo check"),
    LockFile("go.sum", ["go.mod"], "go mod tidy"),
    LockFile("go.work.sum", ["go.work"], "go work sync"),
    LockFile("poetry.lock", ["pyproject.toml"], "poetry lock"),
    LockFile("uv.lock", ["pyproject.toml"], "uv lock"),
    LockFile("pdm.lock", ["pyproject.toml"], "pdm lock"),
    LockFile("pylock.toml", ["pyproject.toml"], "uv export --format pylock.toml -o pylock.toml"),
    LockFile("Pipfile.lock", ["Pipfile"], "pipenv lock"),
    LockFile("pixi.lock", ["pixi.toml", "pyproject.toml"], "pixi lock"),
    LockFile("Package.resolved", ["Package.swift"], "swift package resolve"),
    LockFile("Podfile.lock", ["Podfile"], "pod install"),
    LockFile("Cartfile.resolved", ["Cartfile"], "carthage update"),
    LockFile("mix.lock", ["mix.exs"], "mix deps.get"),
    LockFile("rebar.lock", ["rebar.config"], "rebar3 lock"),
    LockFile("flake.lock", ["flake.nix"], "nix flake lock"),
    LockFile("gradle.lockfile", ["build.gradle", "build.gradle.kts"], "gradle dependencies --write-locks"),
    LockFile("packages.lock.json", ["*.csproj", "*.fsproj", "*.vbproj"], "dotnet restore --force-evaluate"),
    LockFile("paket.lock", ["paket.dependencies"], "paket install"),
    LockFile("pubspec.lock", ["pubspec.yaml"], "dart pub get"),
    LockFile("conan.lock", ["conanfile.txt", "conanfile.py"], "conan lock create ."),
    LockFile("Chart.lock", ["Chart.yaml"], "helm dependency update"),
    LockFile(".terraform.lock.hcl", ["*.tf"], "terraform init"),
    LockFile("MODULE.bazel.lock", ["MODULE.bazel"], "bazel mod deps"),
    LockFile("Manifest.toml", ["Project.toml"], "julia --project -e 'using Pkg; Pkg.resolve()'"),
    LockFile("renv.lock", ["DESCRIPTION"], "R -e 'renv::snapshot()'"),
    LockFile("cabal.project.freeze", ["cabal.project", "*.cabal"], "cabal freeze"),
    LockFile("stack.yaml.lock", ["stack.yaml"], "stack build --dry-run"),
  ]

  private static let generatedEndings: [(ending: String, tool: String?)] = [
    (".min.js", nil), (".min.css", nil), (".js.map", nil), (".css.map", nil),
    (".pb.go", "protoc"), (".pb.cc", "protoc"), (".pb.h", "protoc"), (".pb.swift", "protoc"),
    ("_pb2.py", "protoc"), ("_pb2.pyi", "protoc"), ("_pb2_grpc.py", "protoc"), ("_pb.js", "protoc"),
    ("_pb.ts", "protoc"), ("_pb.d.ts", "protoc"), (".grpc.swift", "protoc"),
    (".g.dart", "dart run build_runner build"), (".freezed.dart", "dart run build_runner build"),
    (".g.cs", nil), (".designer.cs", nil), (".Designer.cs", nil),
    (".snap", "the test runner's update of snapshots"),
    ("_generated.go", "go generate"), ("zz_generated.deepcopy.go", "go generate"),
    (".generated.ts", nil), (".generated.swift", nil),
  ]

  /// How many bytes from the start of a file a note that it is generated is looked for in.
  private static let headLength = 1_024
  /// How many lines from the start of a file are read.
  private static let headLines = 12

  /// Whether a comment in the first lines says that a tool wrote the file.
  ///
  /// The forms are the ones tools agreed on: Go's `Code generated … DO NOT EDIT.` (golang.org/s/generatedcode),
  /// `@generated`, and a line that shouts `DO NOT EDIT` or says that the file is generated.
  private static func saysGenerated(_ content: [UInt8]) -> Bool {
    var head = content.prefix(headLength)
    if head.starts(with: [0xEF, 0xBB, 0xBF]) { head = head.dropFirst(3) }
    for line in head.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).prefix(headLines) {
      let text = line.drop(while: isBlankByte)
      guard startsComment(text) else { continue }
      if text.holds("@generated", ignoringCase: false) { return true }
      if notes.contains(where: { text.holds($0, ignoringCase: true) }) { return true }
    }
    return false
  }

  private static let notes: [StaticString] = [
    "do not edit", "code generated by ", "automatically generated by ", "this file is autogenerated",
    "this file is auto-generated", "<auto-generated",
  ]

  /// Whether a line starts as a comment does in any common language.
  private static func startsComment(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first else { return false }
    return "/#*<>;-%!\"'".utf8.contains(first)
  }
}

extension ArraySlice<UInt8> {
  /// Whether a text in lower case stands somewhere in the slice.
  ///
  /// - Parameters:
  ///   - text: What is looked for; in ASCII.
  ///   - ignoringCase: Whether capital letters of ASCII in the slice count as small ones.
  /// - Returns: Whether it is there.
  fileprivate func holds(_ text: StaticString, ignoringCase: Bool) -> Bool {
    func lowered(_ byte: UInt8) -> UInt8 {
      ignoringCase && UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }
    return text.withUTF8Buffer { text in
      guard let first = text.first, count >= text.count else { return false }
      for start in startIndex...(endIndex - text.count) where lowered(self[start]) == first {
        if text.indices.allSatisfy({ lowered(self[start + $0]) == text[$0] }) { return true }
      }
      return false
    }
  }
}
