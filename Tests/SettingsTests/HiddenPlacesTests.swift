import FileSystem
import Settings
import TestSupport
import Testing

@Suite("Cells are not shown what is the server's own")
struct HiddenPlacesTests {
  private let hidden = HiddenPlaces(
    files: ["/etc/a/token", "/srv/keys/app.pem"], directories: ["/var/lib/a", "/home/bot/.local/state/arborist"])

  @Test(
    "A path is refused that is above something hidden, or within a hidden directory",
    arguments: [
      ("/etc", "/etc/a/token"), ("/etc/a", "/etc/a/token"), ("/etc/a/", "/etc/a/token"),
      ("/etc/a/token", "/etc/a/token"), ("/srv", "/srv/keys/app.pem"), ("/var", "/var/lib/a"),
      ("/var/lib/a", "/var/lib/a"), ("/var/lib/a/mirrors", "/var/lib/a"), ("/var/lib/a/x/y", "/var/lib/a"),
      ("/home/bot/.local", "/home/bot/.local/state/arborist"),
      // These show nothing of it.
      ("/etc/ab", nil), ("/etc/a/tokens", nil), ("/etc/a/certificates", nil), ("/srv/key", nil), ("/var/lib/ab", nil),
      ("/opt", nil), ("/etc/a/token/x", nil),
    ] as [(String, String?)])
  func names(path: String, found: String?) {
    let exposure = hidden.exposure(by: ["/opt/jdk", path]) { $0 }
    #expect(exposure == found.map { .init(path: path, hidden: $0) })
  }

  @Test("Links are followed, those of the paths and those of what is hidden")
  func links() throws {
    let directory = try TemporaryDirectory()
    let root = directory.path
    for name in ["secrets", "state", "shown", "state/mirrors"] { Files.makeDirectory("\(root)/\(name)") }
    try Files.write("x".utf8, to: root + "/secrets/token", mode: 0o600)
    func link(_ name: String, to target: String) throws {
      try File.makeSymbolicLink(Array("\(root)/\(name)".utf8), target: Array("\(root)/\(target)".utf8))
    }
    try link("token", to: "secrets/token")
    try link("tools", to: "secrets")
    try link("data", to: "state/mirrors")
    try link("home", to: "state")
    try link("jdk", to: "shown")
    // The file is named by a link beside which nothing is shown, and lies where something is.
    let linked = HiddenPlaces(files: [root + "/token"], directories: [root + "/home/arborist", root + "/state"])
    func found(_ path: String) -> String? { linked.exposure(by: ["\(root)/\(path)"])?.hidden }
    #expect(found("secrets") == root + "/token")
    #expect(found("tools") == root + "/token")
    #expect(found("data") == root + "/state")
    // What is not there yet is where the links before it lead.
    let coming = HiddenPlaces(files: [], directories: [root + "/home/arborist"])
    #expect(coming.exposure(by: [root + "/state"])?.hidden == root + "/home/arborist")
    #expect(coming.exposure(by: [root + "/state/arborist/runs"])?.hidden == root + "/home/arborist")
    // The control.
    #expect(found("shown") == nil && found("jdk") == nil && found("nowhere") == nil)
    #expect(coming.exposure(by: [root + "/state/mirrors", root + "/secrets"]) == nil)
  }
}
