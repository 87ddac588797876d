import Testing

@testable import Merging

@Suite("version") struct VersionNumberTests {
  let resolver = VersionNumber()

  @Test(
    "takes the higher side whole",
    arguments: [
      ("VERSION", "2.39.1\n", "2.39.2\n", "2.40.1\n"),
      ("package.json", "  \"version\": \"9.1.0\",\n", "  \"version\": \"9.2.0\",\n", "  \"version\": \"9.3.0\",\n"),
      ("package.json", "    \"jest\": \"^26.0\",\n", "    \"jest\": \"^26.1\",\n", "    \"jest\": \"^27.0\",\n"),
      ("pom.xml", "<version>2.0-SNAPSHOT</version>\n", "<version>2.1-SNAPSHOT</version>\n", "<version>2.1</version>\n"),
      ("a.py", "__version__ = \"1.8.0rc1\"\n", "__version__ = \"1.9.0rc2\"\n", "__version__ = \"1.10.0\"\n"),
      ("GIT-VERSION-GEN", "DEF_VER=v2.43.2\n", "DEF_VER=v2.43.3\n", "DEF_VER=v2.44.0-rc2\n"),
      ("build.gradle", "versionCode 41\n", "versionCode 42\n", "versionCode 50\n"),
      ("Info.plist", "appVersion = 9\n", "appVersion = 10\n", "appVersion = 11\n"),
      ("ci.yml", "uses: a/b@v2.1.0\n", "uses: a/b@v2.1.1\n", "uses: a/b@v3.0.0\n"),
      // Several lines, each higher on the same side.
      (
        "Cargo.toml", "a = \"1.0.0\"\nb = \"2.0.0\"\n", "a = \"1.0.1\"\nb = \"2.0.0\"\n",
        "a = \"1.1.0\"\nb = \"2.1.0\"\n"
      ),
    ]
  )
  func higherSide(path: String, base: String, lower: String, higher: String) {
    let fixture = ConflictFixture(path, base: base, ours: lower, theirs: higher)
    #expect(fixture.resolved(by: resolver) == higher)
    #expect(fixture.swapped.resolved(by: resolver) == higher)
  }

  @Test(
    "takes a sign, a word or the place of the number as the evidence of a version",
    arguments: [
      ("package.json", "\"a\": \"^1.2\"\n", "\"a\": \"^1.3\"\n", "\"a\": \"^1.4\"\n"),
      ("Gemfile", "gem 'a', '~> 1.2'\n", "gem 'a', '~> 1.3'\n", "gem 'a', '~> 1.4'\n"),
      ("Gemfile", "gem 'rails', '6.0.3.1'\n", "gem 'rails', '6.0.3.2'\n", "gem 'rails', '6.0.3.3'\n"),
      ("Cargo.toml", "a = \"0.5\"\n", "a = \"0.6\"\n", "a = \"0.7\"\n"),
      ("requirements.txt", "a>=0.5\n", "a>=0.6\n", "a>=0.7\n"),
      ("Dockerfile", "FROM python:3.8\n", "FROM python:3.9\n", "FROM python:3.10\n"),
      ("Dockerfile", "ENV NODE_VER=1.2\n", "ENV NODE_VER=1.3\n", "ENV NODE_VER=1.4\n"),
      ("pom.xml", "<version>1.2</version>\n", "<version>1.3</version>\n", "<version>1.4</version>\n"),
      ("package.json", "\"version\": \"1.2.0\"\n", "\"version\": \"1.2.1\"\n", "\"version\": \"1.2.2\"\n"),
      ("package.json", "\"rate\": \"^1.2.0\"\n", "\"rate\": \"^1.2.1\"\n", "\"rate\": \"^1.3.0\"\n"),
    ]
  )
  func evidence(path: String, base: String, lower: String, higher: String) {
    let fixture = ConflictFixture(path, base: base, ours: lower, theirs: higher)
    #expect(fixture.resolved(by: resolver) == higher)
    #expect(fixture.swapped.resolved(by: resolver) == higher)
  }

  @Test(
    "abstains",
    arguments: [
      // A later state of a release, which stands for more or for less as the package system has it.
      ("VERSION", "1.2.0\n", "1.3.0\n", "1.3.0.post1\n"), ("VERSION", "1.2.0\n", "1.3.0\n", "1.3.0-1\n"),
      // Each side is higher once.
      (
        "Cargo.toml", "a = \"1.0.0\"\nb = \"2.0.0\"\n", "a = \"1.1.0\"\nb = \"2.0.0\"\n",
        "a = \"1.0.0\"\nb = \"2.1.0\"\n"
      ),
      // One side went down on purpose.
      ("VERSION", "2.0.0\n", "1.9.0\n", "2.1.0\n"),
      ("VERSION", "2.0.0\n", "1.9.0\n", "1.8.0\n"),
      // Numbers that are no versions.
      ("a.c", "timeout = 30;\n", "timeout = 40;\n", "timeout = 60;\n"),
      ("a.c", "ratio = 0.5;\n", "ratio = 0.6;\n", "ratio = 0.75;\n"),
      ("a.scss", "width: 1.2rem;\n", "width: 1.25rem;\n", "width: 1.3rem;\n"),
      ("a.conf", "listen 127.0.0.1\n", "listen 127.0.0.2\n", "listen 127.0.0.3\n"),
      ("a.c", "conversion = 30;\n", "conversion = 40;\n", "conversion = 50;\n"),
      ("Dockerfile", "ENV IP=10.0.0.1\n", "ENV IP=10.0.0.2\n", "ENV IP=10.0.0.3\n"),
      ("Dockerfile", "ENV DB_HOST \"10.0.0.1\"\n", "ENV DB_HOST \"10.0.0.2\"\n", "ENV DB_HOST \"10.0.0.3\"\n"),
      ("setup.py", "RATE = 0.1\n", "RATE = 0.2\n", "RATE = 0.3\n"),
      ("package.json", "\"t\": \"run --part 0.5\"\n", "\"t\": \"run --part 0.6\"\n", "\"t\": \"run --part 0.7\"\n"),
      ("package.json", "\"ratio\": \"0.5\"\n", "\"ratio\": \"0.6\"\n", "\"ratio\": \"0.7\"\n"),
      ("a.py", "TIMEOUT_VERSION = 1\n", "TIMEOUT_VERSION = 2\n", "TIMEOUT_VERSION = 3\n"),
      // Something else differs as well.
      ("VERSION", "a 1.0.0\n", "a 1.0.1\n", "b 1.1.0\n"),
      ("package.json", "\"a\": \"^1.0.0\"\n", "\"a\": \"^1.0.1\"\n", "\"a\": \"~1.1.0\"\n"),
      ("VERSION", "1.0.0\n", "1.0.1\n", "1.1.0\nmore\n"),
      // Nothing orders these.
      ("VERSION", "1.0.0-foo\n", "1.0.0-fox\n", "1.0.0-bar\n"),
      ("VERSION", "1.0.0\n", "1.0.0+a\n", "1.0.0+b\n"),
      ("VERSION", "1.0.0\n", "1.1.0-20170112.220817-1\n", "1.2.0\n"),
      // A patch of an older line may hold what a newer line lacks.
      ("pom.xml", "<version>3.36</version>\n", "<version>3.36.1</version>\n", "<version>3.40</version>\n"),
      ("package.json", "\"version\": \"1.2.0\"\n", "\"version\": \"1.2.1\"\n", "\"version\": \"1.3.0\"\n"),
      ("a.py", "__version__ = '1.2.0'\n", "__version__ = '1.2.1'\n", "__version__ = '2.0.0'\n"),
      // One side only deleted.
      ("VERSION", "1.0.0\n", "", "1.1.0\n"),
      ("VERSION", "", "1.0.1\n", "1.1.0\n"),
      // A lock file is written by its tool.
      ("Cargo.lock", "version = \"1.0.0\"\n", "version = \"1.0.1\"\n", "version = \"1.1.0\"\n"),
    ]
  )
  func abstains(path: String, base: String, ours: String, theirs: String) {
    let fixture = ConflictFixture(path, base: base, ours: ours, theirs: theirs)
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
  }

  @Test(
    "takes the newer line over a patch of the older one where the version is the file's own",
    arguments: [
      ("package.json", "{\n  \"name\": \"a\",\n", "  \"version\": \"#\",\n", "  \"private\": true\n}\n"),
      ("Cargo.toml", "[package]\nname = \"a\"\n", "version = \"#\"\n", "edition = \"2021\"\n"),
      ("pyproject.toml", "[project]\n", "version = \"#\"\n", ""),
      ("a/__init__.py", "import a\n", "__version__ = \"#\"\n", ""),
      ("a/_version.py", "import a\n", "__version__ = \"#\"\n", ""),
      (".gemspec", "Gem::Specification.new do |s|\n", "  s.version = \"#\"\n", "end\n"),
      ("gradle.properties", "group=a\n", "version=#\n", ""),
      ("pubspec.yaml", "name: a\n", "version: #\n", "environment:\n"),
    ],
    [("1.2.0", "1.2.1", "1.3.0"), ("1.2.0", "1.2.1", "1.3.0-rc1"), ("1.2.9", "1.2.10", "2.0.0")]
  )
  func ownVersion(
    file: (path: String, before: String, line: String, after: String),
    versions: (base: String, patch: String, newer: String)
  ) {
    func line(_ version: String) -> String { file.line.replacing("#", with: version) }
    let fixture = ConflictFixture(
      file.path, base: line(versions.base), ours: line(versions.patch), theirs: line(versions.newer),
      before: file.before, after: file.after)
    #expect(fixture.resolved(by: resolver) == line(versions.newer))
    #expect(fixture.swapped.resolved(by: resolver) == line(versions.newer))
  }

  @Test(
    "leaves a patch and a newer line where the version may be that of something else",
    arguments: [
      ("package.json", "{\n  \"name\": \"a\",\n  \"b\": {\n", "    \"version\": \"#\"\n", "  }\n}\n"),
      ("package.json", "{\n  \"b\": true,\n", "  \"version\": \"#\"\n", "}\n"),
      ("Cargo.toml", "[package]\nname = \"a\"\n[dependencies.b]\n", "version = \"#\"\n", ""),
      ("a/main.py", "import a\n", "__version__ = \"#\"\n", ""),
      ("a/_version.py_version.py", "import a\n", "__version__ = \"#\"\n", ""),
      ("a/__init__.py", "def f():\n", "    __version__ = \"#\"\n", ""),
      ("gradle.properties", "a.b.c=1\n", "  version=#\n", ""),
      ("values.yaml", "name: a\n", "version: #\n", ""),
    ]
  )
  func otherVersion(path: String, before: String, line: String, after: String) {
    func text(_ version: String) -> String { line.replacing("#", with: version) }
    let fixture = ConflictFixture(
      path, base: text("1.2.0"), ours: text("1.2.1"), theirs: text("1.3.0"), before: before, after: after)
    #expect(fixture.resolved(by: resolver) == nil)
    #expect(fixture.swapped.resolved(by: resolver) == nil)
    let raised = ConflictFixture(
      path, base: text("1.2.0"), ours: text("1.3.0"), theirs: text("1.4.0"), before: before, after: after)
    #expect(raised.resolved(by: resolver) == text("1.4.0"))
  }

  @Test("never puts parts of two versions together")
  func wholeVersions() {
    let fixture = ConflictFixture("VERSION", base: "2.39.1\n", ours: "2.39.2\n", theirs: "2.40.1\n")
    let resolution = fixture.resolution(by: resolver)
    #expect(resolution?.lines == Array("2.40.1\n".utf8))
    #expect(resolution?.reason == "both sides raise the version; theirs, 2.40.1, is higher than 2.39.2")
  }

  @Test("a checksum goes with the version of its side")
  func checksum() {
    func lines(_ version: String, _ digit: String) -> String {
      "version = \"\(version)\"\nsha256 = \"\(String(repeating: digit + "a", count: 32))\"\n"
    }
    let both = ConflictFixture(
      "a.bzl",
      base: lines("1.0.0", "1"),
      ours: lines("1.1.0", "2"),
      theirs: lines("1.2.0", "3")
    )
    #expect(both.resolved(by: resolver) == lines("1.2.0", "3"))
    // Ours changed the checksum of something that theirs left as it was.
    let one = ConflictFixture(
      "a.bzl",
      base: lines("1.0.0", "1"),
      ours: lines("1.0.1", "2"),
      theirs: lines("1.1.0", "1")
    )
    #expect(one.resolved(by: resolver) == nil)
  }

  @Test("keeps the line endings of the side that is taken, and a missing line feed")
  func lineEndings() {
    let fixture = ConflictFixture("VERSION", base: "1.0.0\r\n", ours: "1.0.1\r\n", theirs: "1.1.0")
    #expect(fixture.resolved(by: resolver) == "1.1.0")
    let other = ConflictFixture("VERSION", base: "1.0.0\r\n", ours: "1.2.0\r\n", theirs: "1.1.0")
    #expect(other.resolved(by: resolver) == "1.2.0\r\n")
  }

  @Test("any bytes beside a version are compared as they are")
  func invalidBytes() {
    func line(_ byte: UInt8, _ version: String) -> [UInt8] { [byte, 0x20] + Array("version \(version)\n".utf8) }
    let alike = ConflictFixture("a", base: line(0xFF, "1.0"), ours: line(0xFF, "1.1"), theirs: line(0xFF, "1.2"))
    #expect(alike.resolution(by: resolver)?.lines == line(0xFF, "1.2"))
    let other = ConflictFixture("a", base: line(0xFF, "1.0"), ours: line(0xFF, "1.1"), theirs: line(0xFE, "1.2"))
    #expect(other.resolution(by: resolver) == nil)
  }

  @Test(
    "versions are ordered as Semantic Versioning says, and a little beyond",
    arguments: [
      ("1.9.0", "1.10.0"), ("2.0.0-rc1", "2.0.0"), ("2.0.0-rc.1", "2.0.0-rc.2"), ("2.0.0-rc9", "2.0.0-rc10"),
      ("1.0.0-alpha", "1.0.0-alpha.1"), ("1.0.0-alpha.1", "1.0.0-beta"), ("1.0.0-beta.11", "1.0.0-rc.1"),
      ("1.0-SNAPSHOT", "1.0"), ("1.0.dev1", "1.0a1"), ("1.0", "1.0.1"), ("1.0.99", "1.1"),
      ("1.99999999999999999999.0", "1.100000000000000000000.0"), ("1.0", "1.0.0.1"),
    ]
  )
  func order(lower: String, higher: String) throws {
    let one = try #require(version(lower))
    let two = try #require(version(higher))
    #expect(one.compare(two) == -1)
    #expect(two.compare(one) == 1)
    #expect(one.compare(one) == 0)
  }

  @Test("equal versions are equal however long they are written")
  func equalVersions() throws {
    #expect(try #require(version("1.0")).compare(try #require(version("1.0.0"))) == 0)
    #expect(try #require(version("1.0.Final")).compare(try #require(version("1.0"))) == 0)
    #expect(try #require(version("1.0")).compare(try #require(version("1.0.1"))) == -1)
  }

  private func version(_ text: String) -> VersionText? {
    let tokens = VersionToken.split(Array(text.utf8)[...])
    guard tokens.count == 1, case .version(let version, _) = tokens[0] else { return nil }
    return version
  }
}
