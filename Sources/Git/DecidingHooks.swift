package import Base
internal import CLibgit2
internal import Glibc

/// The hooks of a repository that can refuse a push (githooks(5)).
enum DecidingHooks {
  private static let known = ["pre-receive", "update", "proc-receive", "reference-transaction"]

  /// The names of those that are there and that git would run.
  static func names(at directory: String) throws(GitError) -> [String] {
    let repository = Repository(try Repository.open(directory, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue))
    var places = [repository.commonDirectory + "/hooks"]
    if let configured = try repository.effectivePath("core.hooksPath") {
      places = [configured]
      // A relative path is one from where the hook is run: for a push that is the git directory.
      if let text = try repository.effectiveConfiguration("core.hooksPath"), !text.hasPrefix("/"), !text.hasPrefix("~")
      {
        places.append(repository.gitDirectory + "/" + text)
      }
    }
    return known.filter { name in places.contains { isProgram("\($0)/\(name)") } }
  }

  static func names(at directory: String, for ref: RefName) throws(LandingError) -> [String] {
    do throws(GitError) {
      return try names(at: directory)
    } catch {
      throw LandingError(ref: ref, reason: .failed(error))
    }
  }

  private static func isProgram(_ path: String) -> Bool {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return status.st_mode & 0o111 != 0
  }
}

extension RemoteAddress {
  /// The repository on this machine that the address names; `nil` where it names another machine's.
  ///
  /// - Throws: ``GitError`` with `notFound` where there is none.
  package func repository() throws(GitError) -> Repository? {
    guard case .local(let path) = self else { return nil }
    return Repository(try Repository.open(path, flags: GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue))
  }

  /// Refuses a repository on this machine whose hooks decide on pushes.
  ///
  /// - Throws: ``LandingError`` with `hooks`.
  package func checkHooks(for branch: RefName) throws(LandingError) {
    guard case .local(let path) = self else { return }
    let hooks = try DecidingHooks.names(at: path, for: branch)
    guard hooks.isEmpty else { throw LandingError(ref: branch, reason: .hooks(hooks)) }
  }
}
