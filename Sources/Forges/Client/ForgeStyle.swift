internal import Base
internal import HTTP
internal import Work

/// What is different between the forges in every request, as values.
struct ForgeStyle: Sendable {
  let name: ForgeName
  /// The user name that git gives along with a token.
  let gitUser: String
  /// Headers of every call.
  let headers: [HTTPHeader]
  let pagination: Pagination
  /// The names of the parameters that ask for a page, and for its size.
  let sizeParameter: String
  let pace: WritePace

  init(_ name: ForgeName) {
    self.name = name
    switch name {
    case .github:
      gitUser = "x-access-token"
      headers = [
        HTTPHeader("Accept", "application/vnd.github+json"), HTTPHeader("X-GitHub-Api-Version", "2022-11-28"),
      ]
      pagination = .links
      sizeParameter = "per_page"
      pace = WritePace(spacing: .seconds(1), hourly: 500)
    case .gitlab:
      gitUser = "oauth2"
      headers = [HTTPHeader("Accept", "application/json")]
      pagination = .nextPage
      sizeParameter = "per_page"
      // At most 60 notes a minute on GitLab.com.
      pace = WritePace(spacing: .seconds(1))
    case .gitea:
      gitUser = "arborist"
      headers = [HTTPHeader("Accept", "application/json")]
      pagination = .counted
      sizeParameter = "limit"
      pace = WritePace(spacing: .zero)
    }
  }

  /// The header that carries a token.
  func header(_ token: Secret) -> HTTPHeader {
    switch name {
    case .github: HTTPHeader("Authorization", "Bearer \(token.reveal())")
    case .gitlab: HTTPHeader("PRIVATE-TOKEN", token.reveal())
    case .gitea: HTTPHeader("Authorization", "token \(token.reveal())")
    }
  }

  /// The forge's name for people.
  var title: String {
    switch name {
    case .github: "GitHub"
    case .gitlab: "GitLab"
    case .gitea: "Gitea"
    }
  }
}
