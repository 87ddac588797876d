internal import Base

/// What the commands of `setup` read, as far as their words tell: how much of what they left holds for another tree.
struct SetupPlan: Sendable, Hashable {
  /// The first commands, which fetch what manifests and lock files name; run once for each state of these.
  let fetching: [String]
  /// The commands from the first on that may read anything; run again on each tree.
  let building: [String]

  /// The words of the fetching commands behind what they do, for files and directories that they name.
  private let named: Set<String>
  /// Whether a fetching command also builds what is native in the work tree.
  private let buildsNative: Bool
  /// Whether a fetching command runs scripts that the work tree's own `package.json` may have.
  let runsPackageScripts: Bool

  /// The plan for these commands; `hasPackageScripts` says that the tree's `package.json` has scripts that run when
  /// packages are installed, so that installing them may read anything.
  init(_ commands: [String], hasPackageScripts: Bool = false) {
    var fetching: [String] = []
    var (isNative, runsScripts) = (false, false)
    for line in commands {
      guard let kinds = Self.kinds(of: line), !kinds.contains(.script) || !hasPackageScripts else { break }
      fetching.append(line)
      if kinds.contains(.editable) { isNative = true }
      if kinds.contains(.script) { runsScripts = true }
    }
    self.fetching = fetching
    building = Array(commands[fetching.count...])
    named = Set(fetching.flatMap { Self.names(in: $0) })
    buildsNative = isNative
    runsPackageScripts = runsScripts
  }

  /// Whether a fetching command reads what is at the path.
  func reads(_ path: RepositoryPath) -> Bool {
    guard !fetching.isEmpty else { return false }
    if let text = String(validating: path.bytes, as: UTF8.self) {
      if named.contains(text) { return true }
      // A directory that is named, as by `-C` or as a package of its own.
      if named.contains(where: { text.hasPrefix($0 + "/") }) { return true }
    }
    let name = String(decoding: path.name, as: UTF8.self)
    if Self.manifests.contains(name) || Self.endings.contains(where: name.hasSuffix) { return true }
    if name.hasPrefix("requirements") || name.hasPrefix("constraints") { return true }
    if path.components.dropLast().contains(where: { $0.elementsEqual("requirements".utf8) }) { return true }
    return buildsNative && Self.native.contains(where: name.hasSuffix)
  }

  // MARK: Words

  private enum Kind {
    case plain
    /// It may build what is native.
    case editable
    /// It runs scripts of `package.json`.
    case script
  }

  /// What the parts of a line do, where all of them fetch and no more; `nil` for any other line.
  private static func kinds(of line: String) -> Set<Kind>? {
    var kinds: Set<Kind> = []
    for part in line.split(separator: "&&", omittingEmptySubsequences: false) {
      guard let words = CommandPlan.words(of: String(part)), let kind = kind(of: words) else { return nil }
      kinds.insert(kind)
    }
    return kinds
  }

  /// The words behind the first two of each part, as paths of the work tree.
  private static func names(in line: String) -> [String] {
    line.split(separator: "&&").flatMap { part in
      part.split(separator: " ").enumerated().compactMap { place, word in
        let path = word.hasPrefix("./") ? word.dropFirst(2) : word
        return place > 1 || path.contains("/") ? String(path) : nil
      }
    }
  }

  private static func kind(of words: [String]) -> Kind? {
    let words = Array(words.drop { $0.contains("=") && !$0.hasPrefix("-") })
    guard let first = words.first else { return .plain }
    let name = first.split(separator: "/").last.map(String.init) ?? first
    let rest = Array(words.dropFirst())
    let plain = rest.filter { !$0.hasPrefix("-") }
    switch name {
    case "npm", "pnpm", "yarn", "bun":
      let isInstall = plain.isEmpty ? name == "yarn" : ["ci", "install", "i", "add"].contains(plain[0])
      guard isInstall, !plain.dropFirst().contains(where: isLocal) else { return nil }
      return rest.contains("--ignore-scripts") ? .plain : .script
    case "pip", "pip3": return pip(rest)
    case "uv":
      if plain.first == "pip" { return pip(Array(rest.drop { $0 != "pip" }.dropFirst())) }
      return ["sync", "venv"].contains(plain.first ?? "") ? .editable : nil
    case "poetry", "pdm", "pipenv": return ["install", "sync"].contains(plain.first ?? "") ? .editable : nil
    case "python", "python3":
      guard rest.first == "-m", rest.count > 1 else { return nil }
      if rest[1] == "venv" || rest[1] == "virtualenv" { return .plain }
      return rest[1] == "pip" ? pip(Array(rest.dropFirst(2))) : nil
    default: return fetches(name, plain) ? .plain : nil
    }
  }

  private static func fetches(_ name: String, _ plain: [String]) -> Bool {
    let word = plain.first ?? ""
    return switch name {
    case "virtualenv", "corepack", "mkdir", "true", "cd", "apt-get", "rustup", "nvm": true
    case "bundle", "composer": word == "install"
    case "gem": word == "install"
    case "go": word == "mod" && plain.dropFirst().first == "download"
    case "cargo": word == "fetch"
    case "mvn", "mvnw": plain.allSatisfy { $0.hasPrefix("dependency:") } && !plain.isEmpty
    case "dotnet": word == "restore"
    case "swift": word == "package" && plain.dropFirst().first == "resolve"
    case "mix": word == "deps.get"
    default: false
    }
  }

  private static func pip(_ words: [String]) -> Kind? {
    guard words.first == "install" else { return nil }
    var kind = Kind.plain
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      switch word {
      case "-e", "--editable":
        kind = .editable
        rest = rest.dropFirst()
      case "-r", "--requirement", "-c", "--constraint": rest = rest.dropFirst()
      default:
        if word.hasPrefix("--editable=") { kind = .editable } else if isLocal(word) { return nil }
      }
    }
    return kind
  }

  /// Whether a word names something in the work tree, which is then copied or built.
  private static func isLocal(_ word: String) -> Bool {
    !word.hasPrefix("-")
      && (word.hasPrefix(".") || word.hasPrefix("/") || word.hasSuffix(".whl") || word.hasSuffix("/"))
  }

  private static let native = [".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".pyx", ".pxd", ".rs", ".f", ".f90"]
  private static let endings = [
    ".gemspec", ".csproj", ".fsproj", ".vbproj", ".podspec", ".cabal", ".rockspec", ".lock", ".lockb",
  ]
  private static let manifests: Set<String> = [
    "package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc",
    ".yarnrc", ".yarnrc.yml", "bunfig.toml", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "MANIFEST.in",
    "environment.yml", "Gemfile", "go.mod", "go.sum", "go.work", "go.work.sum", "Cargo.toml", "rust-toolchain",
    "rust-toolchain.toml", "pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts",
    "gradle.properties", "libs.versions.toml", "gradle-wrapper.properties", "maven-wrapper.properties", "composer.json",
    "packages.lock.json", "Directory.Packages.props", "Directory.Build.props", "global.json", "nuget.config",
    "NuGet.Config", "Package.swift", "Package.resolved", ".swift-version", ".python-version", ".nvmrc", ".node-version",
    ".ruby-version", ".tool-versions", "mix.exs", "pubspec.yaml", "conanfile.txt", "conanfile.py", "vcpkg.json",
  ]
}
