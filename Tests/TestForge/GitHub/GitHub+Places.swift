internal import JSON

/// What a call's path names, and the pages of lists.
extension World {
  func repository(_ parameters: Parameters) throws -> Repository {
    guard let owner = parameters["owner"], let name = parameters["repo"],
      let repository = repository(at: "\(owner)/\(name)")
    else { throw Refusal(404, "Not Found") }
    return repository
  }

  /// The pull request that the path names, with its head as it is now.
  mutating func pull(_ parameters: Parameters) throws -> (Repository, Pull) {
    let repository = try repository(parameters)
    refresh(repository)
    let text = parameters["pull_number"] ?? parameters["issue_number"] ?? parameters["index"] ?? ""
    guard let number = Int(text), let pull = pull(repository.id, number) else { throw Refusal(404, "Not Found") }
    return (repository, pull)
  }

  /// The comment that the path names; those on lines and those on the whole are not found for each other.
  func comment(_ parameters: Parameters, onLine: Bool) throws -> (Repository, Comment) {
    let repository = try repository(parameters)
    guard let comment = (parameters["comment_id"] ?? parameters["id"]).flatMap({ Int($0) }).flatMap({ comments[$0] }),
      comment.repository == repository.id, (comment.anchor != nil) == onLine
    else { throw Refusal(404, "Not Found") }
    return (repository, comment)
  }

  func review(_ parameters: Parameters, of pull: Pull) throws -> Review {
    guard let review = (parameters["review_id"] ?? parameters["id"]).flatMap({ Int($0) }).flatMap({ reviews[$0] }),
      review.repository == pull.repository, review.number == pull.number
    else { throw Refusal(404, "Not Found") }
    return review
  }

  /// A number of the query; what is no number is refused by some forges and ignored by GitHub.
  static func number(_ call: Call, _ name: String, or usual: Int) -> Int {
    max(1, call.query[name].flatMap { Int($0) } ?? usual)
  }

  /// A page of a list with the links to the others.
  func page(_ list: [JSONValue], _ call: Call, in repository: Repository? = nil, key: String? = nil) -> Reply {
    let size = min(Self.number(call, "per_page", or: 30), 100, options.largestPage)
    let page = Self.number(call, "page", or: 1)
    let start = min((page - 1) * size, list.count)
    let slice = Array(list[start..<min(start + size, list.count)])
    var reply: Reply
    if let key {
      reply = .json(200, .object(["total_count": .number(list.count), key: .array(slice)]))
    } else {
      reply = .json(200, .array(slice))
    }
    let last = max(1, (list.count + size - 1) / size)
    reply.headers["Link"] = links(call, page: page, last: last, size: size, in: repository)
    return reply
  }

  /// GitHub's links name the repository by its number, whatever the call named it by.
  private func links(_ call: Call, page: Int, last: Int, size: Int, in repository: Repository?) -> String? {
    if last == 1 && page == 1 { return nil }
    var path = call.path
    if let repository, call.segments.first == "repos" {
      path = (["repositories", String(repository.id)] + call.segments.dropFirst(3).map(Call.escaped)).reduce("") {
        $0 + "/" + $1
      }
    }
    var query = call.query.filter { $0.key != "page" }
    query["per_page"] = call.query["per_page"]
    let rest = query.sorted { $0.key < $1.key }.map { Call.escaped($0.key) + "=" + Call.escaped($0.value) }
    func link(_ number: Int, _ name: String) -> String {
      "<\(address)\(path)?\((rest + ["page=\(number)"]).joined(separator: "&"))>; rel=\"\(name)\""
    }
    var all: [String] = []
    if page > 1 { all.append(link(page - 1, "prev")) }
    if page < last { all += [link(page + 1, "next"), link(last, "last")] }
    if page > 1 { all.append(link(1, "first")) }
    return all.isEmpty ? nil : all.joined(separator: ", ")
  }

  /// A text that GitHub stores, or refuses as too long or as missing.
  static func text(_ json: JSONValue, _ name: String, of resource: String, longest: Int = 65_536) throws -> String {
    guard let text = json[name]?.string, !text.allSatisfy(\.isWhitespace) else {
      throw invalid("\(name) can't be blank", resource: resource, field: name, code: "missing_field")
    }
    if text.unicodeScalars.count > longest {
      throw invalid(
        "\(name) is too long (maximum is \(longest) characters)", resource: resource, field: name, code: "custom")
    }
    return text
  }

  static func invalid(_ message: String, resource: String, field: String, code: String = "custom") -> Refusal {
    Refusal(
      .json(
        422,
        [
          "message": "Validation Failed",
          "errors": [
            [
              "resource": .string(resource), "code": .string(code), "field": .string(field),
              "message": .string(message),
            ]
          ],
          "documentation_url": "https://docs.github.com/rest",
        ]))
  }

  static func unprocessable(_ message: String) -> Refusal {
    Refusal(
      .json(
        422,
        [
          "message": "Unprocessable Entity", "errors": [.string(message)],
          "documentation_url": "https://docs.github.com/rest",
        ]))
  }
}
