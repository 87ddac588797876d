internal import JSON

/// What a field gives.
indirect enum GraphQLResult: Sendable {
  case json(JSONValue)
  case object(GraphQLNode)
  case list([GraphQLResult])
  case none

  static func text(_ text: String?) -> GraphQLResult { .json(.maybe(text)) }
  static func whole(_ value: Int?) -> GraphQLResult { .json(.maybe(value)) }
  static func flag(_ value: Bool) -> GraphQLResult { .json(.bool(value)) }
}

/// Something with fields.
indirect enum GraphQLNode: Sendable {
  case query, mutation
  case repository(Int), pull(Int), thread(Int), lineComment(Int), comment(Int), review(Int), actor(Int)
  /// A page of a list, with the names of its type and of what it holds.
  case connection([GraphQLNode], page: Range<Int>, type: String)
  case edge(GraphQLNode, Int, type: String)
  /// Fields that are at hand.
  case record(String, [String: GraphQLResult])

  /// The type's name in the schema.
  func type(_ world: World) -> String {
    switch self {
    case .query: "Query"
    case .mutation: "Mutation"
    case .repository: "Repository"
    case .pull: "PullRequest"
    case .thread: "PullRequestReviewThread"
    case .lineComment: "PullRequestReviewComment"
    case .comment: "IssueComment"
    case .review: "PullRequestReview"
    case .actor(let id): world.accounts[id]?.isBot == true ? "Bot" : "User"
    case .connection(_, _, let type): type + "Connection"
    case .edge(_, _, let type): type + "Edge"
    case .record(let type, _): type
    }
  }
}

extension World {
  /// Answers a GraphQL document: with 200, whatever is wrong with it.
  mutating func graphQL(_ call: Call, _ caller: Caller, _ descriptions: Descriptions?) throws -> Reply {
    guard call.method == "POST", let text = call.json["query"]?.string else {
      throw Refusal(
        400, "A query attribute must be specified and must be a string.", breach: "a call without a document")
    }
    if caller == .nobody { throw Refusal(401, "Requires authentication") }
    if case .app = caller {
      throw Refusal(403, "Resource not accessible by integration", breach: "an app's own token for GraphQL")
    }
    var variables = call.json["variables"]?.object ?? [:]
    do {
      let document = try GraphQLDocument(text)
      let name = call.json["operationName"]?.string
      guard let operation = document.operations.first(where: { name == nil || $0.name == name }) else {
        throw GraphQLFault("No operation named \"\(name ?? "")\"")
      }
      if descriptions != nil, let schema = Descriptions.graphQL {
        let faults = GraphQLCheck.faults(in: document, operation, variables: variables, against: schema)
        if !faults.isEmpty {
          breach(call, "GraphQL: " + faults.joined(separator: "; "))
          return .json(200, ["errors": .array(faults.map { ["message": .string($0)] })])
        }
      }
      for (name, variable) in operation.variables where variables[name] == nil {
        variables[name] = variable.standard?.resolved([:])
      }
      var run = GraphQLRun(document: document, variables: variables, caller: caller)
      let data = try run.object(operation.kind == "query" ? .query : .mutation, operation.selections, [], &self)
      if let breach = run.breach { self.breach(call, breach) }
      let errors = run.errors
      return .json(200, errors.isEmpty ? ["data": data] : ["data": data, "errors": .array(errors)])
    } catch let fault as GraphQLFault {
      breach(call, "GraphQL: \(fault.message)")
      return .json(200, ["errors": [["message": .string(fault.message)]]])
    }
  }
}

/// Carries a document out.
struct GraphQLRun {
  let document: GraphQLDocument
  let variables: [String: JSONValue]
  let caller: Caller
  private(set) var errors: [JSONValue] = []
  private(set) var breach: String?

  init(document: GraphQLDocument, variables: [String: JSONValue], caller: Caller) {
    self.document = document
    self.variables = variables
    self.caller = caller
  }

  /// An object with what is asked for of it; a field that fails is `null` and told among the errors.
  mutating func object(
    _ node: GraphQLNode, _ selections: [GraphQLSelection], _ path: [JSONValue], _ world: inout World
  ) throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    let type = node.type(world)
    for field in fields(selections, of: type) {
      let here = path + [.string(field.alias)]
      if field.name == "__typename" {
        members[field.alias] = .string(type)
        continue
      }
      let arguments = field.arguments.mapValues { $0.resolved(variables) }
      do {
        let result = try world.resolve(node, field.name, arguments, caller)
        members[field.alias] = try value(result, field.selections, here, &world)
      } catch let fault as GraphQLFault {
        if fault.type == nil { breach = "GraphQL: \(fault.message)" }
        members[field.alias] = .null
        errors.append([
          "type": .maybe(fault.type), "path": .array(here), "message": .string(fault.message),
          "locations": [["line": 1, "column": 1]],
        ])
      }
    }
    return .object(members)
  }

  private mutating func value(
    _ result: GraphQLResult, _ selections: [GraphQLSelection], _ path: [JSONValue], _ world: inout World
  ) throws -> JSONValue {
    switch result {
    case .none: return .null
    case .json(let value): return value
    case .object(let node): return try object(node, selections, path, &world)
    case .list(let list):
      var all: [JSONValue] = []
      for (index, entry) in list.enumerated() {
        all.append(try value(entry, selections, path + [.number(index)], &world))
      }
      return .array(all)
    }
  }

  /// The fields that are asked for of a type, with the fragments opened.
  private func fields(_ selections: [GraphQLSelection], of type: String) -> [GraphQLSelection.Field] {
    var all: [GraphQLSelection.Field] = []
    for selection in selections {
      switch selection {
      case .field(let field):
        if let index = all.firstIndex(where: { $0.alias == field.alias }) {
          let old = all[index]
          all[index] = GraphQLSelection.Field(
            alias: old.alias, name: old.name, arguments: old.arguments, selections: old.selections + field.selections)
        } else {
          all.append(field)
        }
      case .inline(let condition, let inner):
        if condition.map({ fits(type, $0) }) ?? true { all += fields(inner, of: type) }
      case .fragment(let name):
        if let fragment = document.fragments[name], fits(type, fragment.type) {
          all += fields(fragment.selections, of: type)
        }
      }
    }
    return all
  }

  private static let interfaces: [String: Set<String>] = [
    "Actor": ["User", "Bot"],
    "Comment": ["IssueComment", "PullRequestReviewComment", "PullRequestReview", "PullRequest"],
    "Minimizable": ["IssueComment", "PullRequestReviewComment", "PullRequestReview"],
  ]

  private func fits(_ type: String, _ condition: String) -> Bool {
    type == condition || condition == "Node" || Self.interfaces[condition]?.contains(type) == true
  }
}
