internal import GRDB
internal import Glibc
package import Journal

extension JournalError {
  /// What an error of SQLite or of GRDB means for a journal in this file.
  ///
  /// Source: the list of result codes at <https://www.sqlite.org/rescode.html>.
  package init(_ error: any Error, path: String) {
    switch error {
    case let error as JournalError: self = error
    case is CancellationError: self = .cancelled
    case let error as DatabaseError: self.init(database: error, path: path)
    default: self = .unavailable(at: path, reason: "\(error)\(Self.hint)")
    }
  }

  private init(database error: DatabaseError, path: String) {
    let message = error.message ?? "no message"
    switch error.resultCode {
    case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_DBMOVED:
      self = .unavailable(at: path, reason: "the file was moved or removed while it was open; start again")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: self = .readOnly(at: path)
    case .SQLITE_FULL: self = .diskFull(at: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(at: path)
    case .SQLITE_CORRUPT: self = .corrupt("'\(path)': \(message)")
    case .SQLITE_NOTADB: self = .corrupt("'\(path)' is not an SQLite database")
    case .SQLITE_CANTOPEN: self = Self.cannotOpen(path)
    case .SQLITE_IOERR where Self.isDiskFull(at: path): self = .diskFull(at: path)
    case .SQLITE_IOERR:
      let code = error.extendedResultCode.rawValue
      self = .unavailable(at: path, reason: "reading or writing failed (\(message), code \(code)); check the disk")
    default:
      let code = error.extendedResultCode.rawValue
      self = .unavailable(at: path, reason: "\(message) (SQLite's code \(code))\(Self.hint)")
    }
  }

  /// Why the file could not be opened, as far as the file system tells.
  static func cannotOpen(_ path: String) -> JournalError {
    let directory = directory(of: path)
    if access(directory, F_OK) != 0 {
      return .unavailable(at: path, reason: "directory '\(directory)' does not exist; create it or run 'arborist init'")
    }
    if access(path, F_OK) == 0, access(path, R_OK) != 0 {
      return .unavailable(at: path, reason: "the file may not be read; ask its owner for access")
    }
    if access(directory, W_OK) != 0 { return .readOnly(at: path) }
    if isDiskFull(at: path) { return .diskFull(at: path) }
    return .unavailable(at: path, reason: "the file cannot be opened; check that it is a file and may be read")
  }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// SQLite reports some full disks as failed input or output, above all for the file of its shared memory.
  private static func isDiskFull(at path: String) -> Bool {
    var status = statvfs()
    // A page of SQLite and one for the directory.
    return statvfs(directory(of: path), &status) == 0 && status.f_bavail * status.f_frsize < 65_536
  }
}

extension JournalError {
  /// What a person can do about a database that cannot be used.
  fileprivate static let hint = "; if it stays so, move the file away, and the next worker makes a new one"
}
