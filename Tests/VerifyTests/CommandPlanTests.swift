import Base
import Sandbox
import TestResults
import TestSupport
import Testing

@testable import Verify

/// How a line is run so that it tells more.
@Suite struct CommandPlanTests {
  @Test(
    arguments: [
      ("pytest -x tests", "pytest -x tests --junitxml=/r/pytest.xml"),
      ("FOO=1 python3 -m pytest", "FOO=1 python3 -m pytest --junitxml=/r/pytest.xml"),
      ("dotnet test", "dotnet test --logger 'trx;LogFileName=dotnet.trx' --results-directory /r"),
      ("go test ./...", "go test -json ./..."), ("./run-tests", "./run-tests"), ("pytest *.py", "pytest *.py"),
      ("pytest && true", "pytest && true"), ("pytest 'a b'", "pytest 'a b'"), ("pytest # all", "pytest # all"),
      ("", ""), ("pytest --junitxml=own.xml", "pytest --junitxml=own.xml"), ("pytest ~", "pytest ~"),
    ])
  func asksForAReportWhereTheShellHasNothingToDo(line: String, shell: String) {
    #expect(CommandPlan(for: line, reportsInto: "/r").shell == shell)
  }

  @Test func asksOtherLinesByTheEnvironmentAlone() {
    let plan = CommandPlan(for: "cd sub && pytest", reportsInto: "/r")
    #expect(plan.environment["PYTEST_ADDOPTS"] == "--junitxml=/r/pytest.xml" && plan.wantsDirectory)
    #expect(!CommandPlan(for: "cargo test", reportsInto: "/r").wantsDirectory)
    #expect(CommandPlan(for: "go test ./...", reportsInto: "/r").isGoJSON)
    #expect(!CommandPlan(for: "go test -json ./...", reportsInto: "/r").isGoJSON)
  }

  @Test func eventsOfGoAreReadableAgain() {
    let log = """
      {"Action":"start","Package":"a"}
      {"Action":"output","Package":"a","Output":"=== RUN   TestA\\n"}
      # a compiler says something
      {"Action":"output","Package":"a","Output":"    a_test.go:3: \\u003cno\\u003e\\n"}
      {"not":"an event"}

      """
    let text = "=== RUN   TestA\n# a compiler says something\n    a_test.go:3: <no>\n{\"not\":\"an event\"}\n"
    #expect(String(decoding: ReadableLog.ofGo(Array(log.utf8)), as: UTF8.self) == text)
  }

  @Test func packageScriptsAreFound() {
    func runs(_ text: String) -> Bool { PackageScripts.runOnInstall(Array(text.utf8)) }
    #expect(runs(#"{"scripts": {"prepare": "tsc"}}"#) && runs(#"{"scripts": {"postinstall": "node x"}}"#))
    #expect(!runs(#"{"scripts": {"test": "jest", "prepare": "husky install"}}"#) && !runs("nonsense") && !runs("{}"))
  }

  @Test(
    arguments: [
      ("npm ci", 1), ("npm ci && npx playwright install", 0), ("npm install ./local", 0), ("npm run build", 0),
      ("pip install -r requirements.txt", 1), ("pip install .", 0), ("pip install -e .", 1), ("pip install .[test]", 0),
      (".venv/bin/pip install pytest", 1), ("python3 -m venv .venv && .venv/bin/pip install -r dev.txt", 1),
      ("make deps", 0), ("cmake -B build", 0), ("sh setup.sh", 0), ("go mod download", 1), ("cargo fetch", 1),
      ("cargo build", 0), ("bundle install", 1), ("bundle exec rake build", 0), ("uv sync", 1), ("npm ci > log", 0),
    ]) func setupThatOnlyFetchesIsTold(line: String, count: Int)
  {
    let plan = SetupPlan([line, "npm ci"])
    #expect(plan.fetching.count == (count == 0 ? 0 : 2), "\(line)")
    #expect(plan.fetching.count + plan.building.count == 2)
  }

  @Test func whatFetchingReads() throws {
    func reads(_ setup: [String], _ path: String) throws -> Bool {
      SetupPlan(setup).reads(try #require(RepositoryPath(path)))
    }
    #expect(try reads(["npm ci"], "package-lock.json") && reads(["npm ci"], "packages/a/package.json"))
    #expect(try !reads(["npm ci"], "src/index.js") && !reads(["make"], "package.json"))
    #expect(try reads(["pip install -r ci/deps.txt"], "ci/deps.txt") && !reads(["npm ci"], "ci/deps.txt"))
    #expect(try reads(["pip install -e ."], "src/fast.c") && !reads(["pip install -e ."], "src/slow.py"))
    #expect(try reads(["pip install -e lib"], "lib/anything.py"))
    let withScripts = SetupPlan(["npm ci"], hasPackageScripts: true)
    #expect(withScripts.fetching.isEmpty && withScripts.building == ["npm ci"])
  }
}

/// Reports that are asked for, and what becomes of them.
@Suite struct StageReportTests {
  private static let report =
    #"<testsuite name="s" tests="2" failures="1"><testcase classname="c" name="a"/>"#
    + #"<testcase classname="c" name="b"><failure message="no">no</failure></testcase></testsuite>"#

  @Test func aReportFileIsReadAndIsNotInTheWorkspace() async throws {
    let host = try await StageHost()
    let runner = """
      #!/bin/sh
      for word; do case $word in --junitxml=*) echo '\(Self.report)' > ${word#*=};; esac; done
      find . -name '*.xml'; ls /tmp/results/1; exit 1
      """
    let commit = try host.commit(.write("pytest", runner, mode: "100755"))
    let stage = host.stage(commit, "./pytest -q", "sh -c true; ./pytest $PYTEST_ADDOPTS; true")
    for _ in 0..<2 {
      let execution = try await stage.run(try host.tree(commit))
      #expect(execution.text == "pytest.xml\n" && execution.commands[0].command == "./pytest -q")
      #expect(execution.reports.map(\.trust) == [.file, .file], "\(execution.reports)")
      #expect(execution.standing.red.map(\.description) == ["s > c > b"])
      #expect(execution.standing.green.count == 1)
    }
    await stage.close()
  }

  @Test func aReportOfAnEarlierRunIsNotBelieved() async throws {
    let host = try await StageHost()
    let old = #"<testsuite name="s" tests="1"><testcase classname="c" name="old"/></testsuite>"#
    let commit = try host.commit(
      .write("mvnw", "#!/bin/sh\nexit 0\n", mode: "100755"),
      .write("target/surefire-reports/TEST-tracked.xml", old))
    let writing = try host.commit(
      .write(
        "mvnw",
        "#!/bin/sh\nmkdir -p a/target/surefire-reports; echo '\(Self.report)' > a/target/surefire-reports/"
          + "TEST-new.xml\ntouch target/surefire-reports/*\nexit 1\n", mode: "100755"))
    let setup = "mkdir -p b/target/surefire-reports; echo '\(old)' > b/target/surefire-reports/TEST-setup.xml"
    let stage = host.stage(commit, setup: [setup], "./mvnw test")
    let nothing = try await stage.run(try host.tree(commit))
    #expect(nothing.standing.named.isEmpty && nothing.standing.trust == .status)
    // The control.
    let execution = try await stage.run(try host.tree(writing))
    #expect(Set(execution.standing.named.map(\.name)) == ["a", "b"], "\(execution.standing)")
    await stage.close()
  }

  @Test func aRunnerThatDoesNotKnowWhatItIsAskedRunsAsItWasWritten() async throws {
    let host = try await StageHost()
    let runner = """
      #!/bin/sh
      for word; do case $word in
        --junitxml*) echo "pytest: error: unrecognized arguments: $word"; exit 4;; esac; done
      echo 'ok 1 - fine'; echo 1..1
      """
    let commit = try host.commit(.write("pytest", runner, mode: "100755"))
    let stage = host.stage(commit, "./pytest -q")
    let execution = try await stage.run(try host.tree(commit))
    #expect(execution.text == "ok 1 - fine\n1..1\n" && execution.standing.green.map(\.name) == ["fine"])
    await stage.close()
  }
}
