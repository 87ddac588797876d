internal import Base
internal import Git
internal import Merging

/// What the path and the kind of a file tell.
enum PathRules {
  static func look(at file: PatchedFile, isSealed: Bool) -> [PatchSuspicion] {
    guard let new = file.new else { return [] }
    func suspicion(_ kind: PatchSuspicion.Kind, _ strength: PatchSuspicion.Strength, _ words: String)
      -> [PatchSuspicion]
    {
      [PatchSuspicion(kind: kind, strength: strength, path: file.path, line: 0, excerpt: words)]
    }
    let place = SealedPaths.Place(file.path)
    let isNew = file.old == nil
    if loadedFirst.contains(place.name) || place.name.hasSuffix(".pth") {
      return suspicion(.runnerShim, .strong, isNew ? "added" : "changed")
    }
    if place.directories.contains("node_modules") || place.directories.contains("site-packages") {
      return suspicion(.runnerShim, .strong, "a file among what is installed")
    }
    if place.directories.first == ".git" || place.name.hasSuffix(".pyc") || place.directories.contains("__pycache__") {
      return suspicion(.runnerShim, .strong, "a file that is read in place of a source")
    }
    if new.mode == .symbolicLink, isNew || file.old?.content != new.content {
      let target = String(decoding: new.content, as: UTF8.self)
      let name = target.split(separator: "/").last.map(String.init) ?? target
      let isShim = programs.contains(place.name) || ["true", "false", "echo"].contains(name)
      return suspicion(
        .runnerShim, isShim ? .strong : .weak, "a symbolic link to \(DisplayText.escaping(Array(target.utf8)))")
    }
    if isNew, isProgram(place, new) { return suspicion(.runnerShim, .strong, "a program of that name") }
    if isNew, !isSealed, shadows(place) { return suspicion(.runnerShim, .strong, "it has the name of what tests load") }
    let isInstalled = place.directories.contains { $0.hasSuffix(".egg-info") || $0.hasSuffix(".dist-info") }
    if isNew, isInstalled || place.name == "entry_points.txt" {
      return suspicion(.runnerShim, .strong, "a package that runners load plugins of")
    }
    if isNew, place.directories.isEmpty, standard.contains(place.name) {
      return suspicion(.runnerShim, .wantsPerson, "it hides a module that test frameworks load")
    }
    if isNew, place.name == "gnumakefile" || place.exact == "makefile" {
      return suspicion(.runnerShim, .strong, "it is read in place of another makefile")
    }
    if isNew, LineMerge.isBinary(new.content),
      [".so", ".dll", ".dylib", ".jar", ".class", ".node", ".wasm", ".a", ".o", ".zip", ".egg", ".whl", ".pyz"]
        .contains(where: place.name.hasSuffix)
    {
      return suspicion(.hiddenCode, .wantsPerson, "it cannot be read")
    }
    return []
  }

  /// What interpreters load before anything that they are asked to run.
  private static let loadedFirst: Set<String> = ["sitecustomize.py", "usercustomize.py", "pythonstartup.py"]

  static let programs = Words.set(
    """
    pytest py.test python python3 python2 go node npm npx yarn pnpm bun deno jest mocha vitest ava tap cargo rustc mvn
    gradle make gmake cmake ctest ninja ruby rake rspec bundle php phpunit composer swift dotnet prove perl tox nox gcc cc
    g++ c++ clang clang++ ld java javac sh bash dash env git unittest coverage hatch poetry uv pdm meson bats busted sbt
    diff cmp grep timeout test true false
    """)

  /// Modules of Python's own that its test frameworks load.
  private static let standard = Words.set(
    """
    argparse.py ast.py collections.py contextlib.py copy.py dataclasses.py difflib.py fnmatch.py functools.py
    importlib.py inspect.py io.py json.py linecache.py logging.py os.py pathlib.py pprint.py re.py runpy.py shutil.py
    signal.py sysconfig.py tempfile.py textwrap.py threading.py time.py tokenize.py traceback.py types.py typing.py
    warnings.py weakref.py enum.py operator.py string.py token.py random.py math.py
    """)

  /// A new program whose name is one that a test command would look for.
  private static func isProgram(_ place: SealedPaths.Place, _ side: PatchedFile.Side) -> Bool {
    let stem =
      place.name.hasSuffix(".sh") || place.name.hasSuffix(".cmd") ? String(place.name.prefix { $0 != "." }) : place.name
    guard programs.contains(stem) else { return false }
    return side.mode == .executable || side.content.starts(with: "#!".utf8)
  }

  /// A new file that is loaded in place of a test framework.
  private static func shadows(_ place: SealedPaths.Place) -> Bool {
    let stem = place.name.prefix { $0 != "." }
    let ending = place.name.split(separator: ".").last ?? ""
    let directory = place.directories.last ?? ""
    switch ending {
    case "py":
      let modules = ["unittest", "pytest", "_pytest", "doctest", "nose", "nose2", "hypothesis", "mock", "pluggy"]
      return modules.contains(String(stem)) || place.name == "__init__.py" && modules.contains(directory)
        || place.directories.contains("_pytest")
    case "rb":
      return ["minitest", "rspec", "test-unit"].contains(String(stem)) || ["minitest", "rspec"].contains(directory)
        || directory == "test" && stem == "unit"
    case "h", "hpp":
      return ["assert", "cassert", "check", "cmocka", "unity", "gtest", "gmock", "catch", "catch2", "doctest", "munit"]
        .contains(String(stem))
    case "pm": return directory == "test" || stem == "test"
    case "java", "kt":
      return place.directories.contains("junit") || place.directories.contains("testng")
    case "php": return place.directories.contains("phpunit")
    default: return false
    }
  }
}
