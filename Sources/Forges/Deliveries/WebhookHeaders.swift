internal import Work

/// The headers of a delivery that say who sent it, what it is and what proves it; all others are dropped.
package struct WebhookHeaders: Sendable, Hashable {
  /// The names in lower case, in the order in which they came.
  private let fields: [(name: String, value: String)]

  /// - Parameter all: every header of the request; a name that stands twice stays twice.
  package init(_ all: some Sequence<(name: String, value: String)>) {
    fields = all.compactMap { field in
      let name = field.name.lowercased()
      return Self.isRead(name) ? (name, field.value) : nil
    }
  }

  private static func isRead(_ name: String) -> Bool {
    name == "content-type" || name == "idempotency-key"
      || ["x-github-", "x-hub-", "x-gitea-", "x-forgejo-", "x-gogs-", "x-gitlab-", "webhook-"].contains {
        name.utf8.starts(with: $0.utf8)
      }
  }

  package static func == (left: WebhookHeaders, right: WebhookHeaders) -> Bool {
    left.fields.elementsEqual(right.fields) { $0 == $1 }
  }

  package func hash(into hasher: inout Hasher) {
    for field in fields {
      hasher.combine(field.name)
      hasher.combine(field.value)
    }
  }

  /// The value of a header, by its name in lower case; `nil` where there is none.
  ///
  /// - Throws: ``RepeatedHeader`` where it stands more than once: which of them counts would be a guess, and whoever
  ///   stands between may have guessed otherwise.
  func value(_ name: String) throws(RepeatedHeader) -> String? {
    var found: String?
    for field in fields where field.name == name {
      guard found == nil else { throw RepeatedHeader(name: name) }
      found = field.value
    }
    return found
  }

  private func has(prefix: String) -> Bool { fields.contains { $0.name.utf8.starts(with: prefix.utf8) } }

  /// The forges whose headers are there.
  ///
  /// Gitea and Forgejo send GitHub's and Gogs' names beside their own, so their own decide. What Gogs alone sends is
  /// nobody's here.
  var senders: [ForgeName] {
    var found: [ForgeName] = []
    if has(prefix: "x-gitlab-") { found.append(.gitlab) }
    if has(prefix: "x-gitea-") || has(prefix: "x-forgejo-") {
      found.append(.gitea)
    } else if has(prefix: "x-github-"), !has(prefix: "x-gogs-") {
      found.append(.github)
    }
    return found
  }
}

/// A header that stands in a request more than once, though only one can be meant.
struct RepeatedHeader: Error, Hashable {
  let name: String

  var reason: String { "the header \(name) stands there more than once" }
}

/// The name that a forge gives to a delivery: 1 to 128 letters, digits, `-`, `_` and `.`.
///
/// It is the same when the forge sends the delivery again.
package struct DeliveryID: Sendable, Hashable, CustomStringConvertible {
  package let text: String

  /// The name in this text; `nil` where it is longer or has other characters.
  package init?(_ text: String) {
    let isPlain = text.utf8.allSatisfy { byte in
      byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte == 0x2d || byte == 0x2e || byte == 0x5f
    }
    guard isPlain, (1...128).contains(text.utf8.count) else { return nil }
    self.text = text
  }

  package var description: String { text }
}
