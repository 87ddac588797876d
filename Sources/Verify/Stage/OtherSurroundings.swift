internal import Base

/// Makes a cell look as if somebody else ran the tests in it: what depends on the usual names is seen by that.
///
/// Where `setup` has put something into the home, the other home is a copy of it, or a link to one that is large, so that
/// all of it is found. The path
/// of the workspace, the number of the user, the name of the machine and what the kernel tells are the same: what
/// `setup` made may hold the first, and the others are of the cell as a whole. What the output of honest programs depends
/// on is the same too: `PATH`, `LANG`, `TERM` and `NO_COLOR`.
struct OtherSurroundings: Sendable {
  let shell: CellShell
  /// Whether what is in the usual home is in the other one, too.
  let keepsHome: Bool

  /// The largest home that is copied, in KiB.
  private static let largestHome = 64 << 10

  private static let script = #"""
    place=$(mktemp -d "${TMPDIR:-/tmp}/XXXXXXXX") && chmod 755 "$place" || exit 1
    if [ "$1" = new ]; then mkdir "$place/$2" "$place/tmp" || exit 1
    elif [ "$(du -sk "$HOME" 2>/dev/null | cut -f1)" -le "$3" ] 2>/dev/null && cp -a "$HOME" "$place/$2" 2>/dev/null; then :
    else rm -rf "${place:?}/$2"; ln -s "$HOME" "$place/$2" || exit 1; fi
    printf %s "$place"
    """#

  /// What the commands are told.
  ///
  /// - Throws: ``SandboxError``, or ``StageFailure`` where there is no room for another home.
  func environment() async throws -> [String: String] {
    let name = Self.name()
    let output = try await shell.script(
      Self.script, [Array((keepsHome ? "keep" : "new").utf8), Array(name.utf8), Array("\(Self.largestHome)".utf8)],
      doing: "make another home")
    let place = String(decoding: output, as: UTF8.self)
    var environment = [
      "HOME": "\(place)/\(name)", "USER": name, "LOGNAME": name, "CI": "true", "GIT_EDITOR": ":", "EDITOR": ":",
      "PAGER": "/bin/cat", "GIT_PAGER": "/bin/cat",
    ]
    if !keepsHome { environment["TMPDIR"] = "\(place)/tmp" }
    return environment
  }

  /// A name that nobody knows before.
  private static func name() -> String {
    String((0..<6).compactMap { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() })
  }
}
