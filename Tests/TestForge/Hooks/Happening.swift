internal import JSON

/// What hooks are told of.
enum Happening: Sendable, Hashable {
  case opened(Pull)
  case synchronized(Pull, before: String, after: String)
  case closed(Pull)
  case reopened(Pull)
  case ready(Pull)
  case drafted(Pull)
  case labelled(Pull, String)
  case unlabelled(Pull, String)
  case retargeted(Pull, from: String)
  case commented(Comment)
  case reviewed(Review)
  case lineCommented(Comment)
  case threadResolved(ForgeThread)
  case threadUnresolved(ForgeThread)
  case check(CheckRun, action: String)
  case status(CommitStatus)
  case pushed(Repository, ref: String, before: String, after: String)

  /// The pull request itself that it is about, where it is about one.
  var pull: Pull? {
    switch self {
    case .opened(let pull), .synchronized(let pull, _, _), .closed(let pull), .reopened(let pull), .ready(let pull),
      .drafted(let pull), .labelled(let pull, _), .unlabelled(let pull, _), .retargeted(let pull, _):
      pull
    default: nil
    }
  }
}

/// What a hook is told, as the forge words it.
struct Message: Sendable, Hashable {
  /// GitHub's `X-GitHub-Event`, GitLab's `X-Gitlab-Event`, Gitea's `X-Gitea-Event`.
  let event: String
  /// Gitea's `X-Gitea-Event-Type`.
  let type: String
  let body: JSONValue

  init(_ event: String, type: String? = nil, _ body: JSONValue) {
    self.event = event
    self.type = type ?? event
    self.body = body
  }
}

/// A delivery that waits.
struct Delivery: Sendable {
  let id: String
  let hook: Hook
  let happening: Happening
  let author: Int
  /// What it says; Gitea writes it when it is sent, with the head of that moment.
  let message: Message?
}

/// What became of a delivery.
package struct SentHook: Sendable, Hashable {
  package let id: String
  package let address: String
  package let event: String
  package let headers: [String: String]
  package let body: [UInt8]
  /// What the other side answered; 0 where nothing came.
  package let status: Int
  /// `sent`, `lost`, `again` for a second time, `redelivered` where somebody asked for it.
  package let fate: String
}

/// What goes wrong with deliveries, by a seed.
package struct HookTrouble: Sendable, Hashable {
  /// How many of a thousand are lost, and how many are sent twice.
  package var lost = 0
  package var doubled = 0
  /// Whether those that wait together are sent in another order.
  package var isShuffled = false
  /// The longest time that one is held back, in milliseconds.
  package var delay = 0
  package var seed: UInt64 = 1

  package init() {}
}

extension World {
  /// Tells the hooks that want to know.
  mutating func happened(_ happening: Happening, by author: Int) {
    for hook in hooks.values.sorted(by: { $0.id < $1.id }) {
      guard let message = message(happening, by: author) else { continue }
      guard hook.events.isEmpty || hook.events.contains(message.event) || hook.events.contains(message.type) else {
        continue
      }
      outgoing.append(
        Delivery(
          id: nextDelivery(), hook: hook, happening: happening, author: author, message: kind == .gitea ? nil : message)
      )
    }
  }

  /// An id that no other run of a forge gives either.
  private mutating func nextDelivery() -> String {
    func hex(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 16)
      return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
    let port = Int(address.split(separator: ":").last ?? "") ?? 0
    return "\(hex(Self.milliseconds(), 8))-\(hex(port, 4))-4000-8000-\(hex(nextID(), 12))"
  }

  /// What the forge says of it; `nil` where it says nothing.
  func message(_ happening: Happening, by author: Int) -> Message? {
    switch kind {
    case .github: gitHubMessage(happening, by: author)
    case .gitlab: gitLabMessage(happening, by: author)
    case .gitea: giteaMessage(happening, by: author)
    }
  }
}
