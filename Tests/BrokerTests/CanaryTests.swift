import Base
import Broker
import FileSystem
import Forges
import Git
import Glibc
import TestSupport
import Testing
import Work

@Suite("The token is in the header that it belongs into, and nowhere else")
struct CanaryTests {
  /// The token as it is, and as a header carries it.
  private static let forms = [Scene.token, encoded]

  private static let encoded: String = {
    let result = try? Command.run(["base64", "-w", "0"], in: "/", input: Array("x-access-token:\(Scene.token)".utf8))
    return result?.text ?? ""
  }()

  private func holds(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    return Self.forms.contains { !$0.isEmpty && text.contains($0) }
  }

  /// The files below the scene's directory that have it, the settings left out.
  private func findings(_ scene: Scene) throws -> [String] {
    let patterns = Self.forms.flatMap { ["-e", $0] }
    let result = try Command.run(
      ["grep", "-rlaF"] + patterns + ["--exclude=settings.json", scene.directory.path], in: "/")
    return result.lines
  }

  /// What processes of the scene, and this one, show to others.
  private func shown(_ scene: Scene) -> [String] {
    let processes = scene.processes("broker") + scene.processes("broker-git") + [getpid()]
    return processes.flatMap { process in
      ["cmdline", "environ"].map { "/proc/\(process)/\($0)" }
    }.filter { holds((try? File.read(Array($0.utf8))) ?? []) }
  }

  private func reached(_ scene: Scene) -> Bool {
    scene.server.events.contains { $0.authorization == "Basic \(Self.encoded)" }
  }

  @Test("After a fetch and a push it is found nowhere")
  func success() async throws {
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    let work = try scene.work()
    #expect(try await scene.broker.push(scene.order(work)) == .pushed)
    #expect(try findings(scene) == [] && shown(scene) == [])
    #expect(try !Files.read(scene.mirror + "/config").isEmpty && !holds(Files.read(scene.mirror + "/config")))
    // The controls: it was sent, and the search finds it where it is.
    #expect(reached(scene))
    try Files.write("password \(Scene.token)".utf8, to: scene.mirror + "/planted")
    #expect(try findings(scene) == [scene.mirror + "/planted"])
    try Files.write("Basic \(Self.encoded)".utf8, to: scene.mirror + "/planted")
    #expect(try findings(scene) == [scene.mirror + "/planted"])
  }

  @Test("No failure shows it", arguments: ["denied", "forbidden", "missing", "broken", "garbage", "away"])
  func failures(_ kind: String) async throws {
    let scene = try await Scene(kind)
    let error = try #require(
      await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) })
    #expect(!holds(Array("\(error)\(error.message)".utf8)))
    #expect(try findings(scene) == [] && shown(scene) == [])
    #expect(reached(scene))
  }

  @Test("A password that is not accepted is not shown, and neither is one in a hook's words")
  func refused() async throws {
    let wrong = try await Scene(password: "another")
    let error = await failure { () throws(ForgeError) in try await wrong.broker.mirror(wrong.repository) }
    #expect(error?.code == .unauthenticated && !holds(Array((error?.message ?? Scene.token).utf8)))
    #expect(try reached(wrong) && findings(wrong) == [])
    let scene = try await Scene()
    _ = try await scene.broker.mirror(scene.repository)
    try Files.write(
      "#!/bin/sh\necho 'who are you, \(Scene.token)?' >&2\nexit 1\n".utf8, to: scene.there.path + "/hooks/pre-receive",
      mode: 0o755)
    let result = try await scene.broker.push(scene.order(scene.work()))
    guard case .refused(let words) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(words.contains("who are you, (secret)?"))
  }

  @Test("While a fetch stands still nobody can read it off a process, and when it is given up nothing is left")
  func standing() async throws {
    let scene = try await Scene("hang")
    let waiting = Task {
      await failure { () throws(ForgeError) in try await scene.broker.mirror(scene.repository) }
    }
    try await scene.server.hasStopped()
    #expect(shown(scene) == [])
    waiting.cancel()
    #expect(await waiting.value?.code == .cancelled)
    try await scene.areGone("broker-git")
    #expect(try findings(scene) == [] && reached(scene))
  }

  @Test("Over TLS it goes to whoever has a certificate that is trusted, and to nobody else")
  func certificates() async throws {
    let directory = try TemporaryDirectory()
    try makeCertificates(in: directory.path)
    let scene = try await Scene(certificates: directory.path, host: "localhost") { configuration, _ in
      configuration.authorities = directory.path + "/ca.pem"
    }
    let state = try await scene.broker.mirror(scene.repository)
    #expect(state.report.moved == 2 && reached(scene))
    let stranger = try await Scene(certificates: directory.path, host: "localhost")
    let error = try #require(
      await failure { () throws(ForgeError) in try await stranger.broker.mirror(stranger.repository) })
    #expect(error.code == .unavailable && error.message.contains("certificate"), "\(error)")
    #expect(!holds(Array(error.message.utf8)) && !reached(stranger))
    #expect(try findings(stranger) == [])
  }

  /// Makes an authority `ca.pem`, and a certificate for `localhost` that it vouches for.
  private func makeCertificates(in directory: String) throws {
    let curve = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    let script = """
      set -e
      openssl req -x509 \(curve) -keyout ca.key -out ca.pem -days 3650 -subj /CN=authority \
        -addext basicConstraints=critical,CA:TRUE
      openssl req \(curve) -keyout server.key -out server.csr -subj /CN=localhost
      printf 'subjectAltName=DNS:localhost' > extensions
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 3650 \
        -extfile extensions
      """
    let result = try Command.run(["sh", "-c", script], in: directory)
    try #require(result.status == 0, "\(String(decoding: result.errors, as: UTF8.self))")
  }
}
