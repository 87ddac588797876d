package import Base
internal import JSON
internal import Work

/// Reads webhooks: who sent it is settled first, then what it says.
///
/// A function of its arguments: nothing is asked, nothing is kept.
package enum WebhookReader {
  /// The longest body that is read, in bytes: what GitHub sends at most.
  package static let longestBody = 25 * 1024 * 1024

  /// What a request at an endpoint is.
  ///
  /// The body is the bytes as they came: the signature is over them. The moment of receipt becomes the time of the event.
  package static func read(
    _ headers: WebhookHeaders, body: [UInt8], at endpoint: WebhookEndpoint, received: Timestamp
  ) -> WebhookReading {
    let delivery = self.delivery(headers, of: endpoint.forge)
    func result(_ outcome: WebhookReading.Outcome) -> WebhookReading {
      WebhookReading(delivery: delivery.id, outcome: outcome)
    }
    if let refusal = misdirection(headers, at: endpoint.forge) { return result(refusal) }
    guard body.count <= longestBody else {
      return result(.malformed(reason: "it is longer than \(longestBody) bytes"))
    }
    do {
      try WebhookProof.check(headers, body, for: endpoint, received: received)
    } catch {
      return result(.unauthenticated(reason: error.reason))
    }
    guard let id = delivery.id else { return result(.malformed(reason: delivery.fault)) }
    do {
      return result(try read(headers, body, at: endpoint, id: id, received: received))
    } catch let fault as PayloadFault {
      return result(.malformed(reason: fault.reason))
    } catch let repeated as RepeatedHeader {
      return result(.malformed(reason: repeated.reason))
    } catch let fault as JSONSyntaxError {
      return result(.malformed(reason: "its body is no JSON: \(fault.description)"))
    } catch {
      return result(.malformed(reason: "it cannot be read"))
    }
  }

  /// A delivery of another forge is refused whatever its signature says: the same names mean other things there.
  private static func misdirection(_ headers: WebhookHeaders, at forge: ForgeName) -> WebhookReading.Outcome? {
    let senders = headers.senders
    if senders == [forge] { return nil }
    guard let first = senders.first else {
      return .unauthenticated(reason: "no header says that \(forge.rawValue) sent it")
    }
    return .malformed(
      reason: senders.count > 1
        ? "it has the headers of more than one forge"
        : "\(first.rawValue) sent it to the address that \(forge.rawValue) sends to")
  }

  /// The delivery's name, or why it has none.
  ///
  /// GitLab's signed name comes first; `X-Gitlab-Webhook-UUID` names the hook and not the delivery.
  private static func delivery(_ headers: WebhookHeaders, of forge: ForgeName) -> (id: DeliveryID?, fault: String) {
    let names =
      switch forge {
      case .github: ["x-github-delivery"]
      case .gitea: ["x-gitea-delivery", "x-forgejo-delivery"]
      case .gitlab: ["webhook-id", "idempotency-key", "x-gitlab-event-uuid"]
      }
    do {
      for name in names {
        guard let text = try headers.value(name) else { continue }
        let id = DeliveryID(text)
        return (id, id == nil ? "\(name) is no name of a delivery" : "")
      }
    } catch {
      return (nil, error.reason)
    }
    return (nil, "it has no \(names[0])")
  }

  private static func read(
    _ headers: WebhookHeaders, _ body: [UInt8], at endpoint: WebhookEndpoint, id: DeliveryID, received: Timestamp
  ) throws -> WebhookReading.Outcome {
    let event = try eventName(headers, of: endpoint.forge)
    if let type = try headers.value("content-type"), type.lowercased().hasPrefix("application/x-www-form-urlencoded") {
      throw PayloadFault(reason: "it is a form: the webhook has to send application/json")
    }
    let document = try JSONSlice(body)
    guard document.kind == .object else { throw PayloadFault(reason: "its body is no object") }
    guard PayloadObject.isReadable(document) else {
      throw PayloadFault(reason: "its body has more than \(PayloadObject.mostMembers) members")
    }
    let payload: any Payload =
      switch endpoint.forge {
      case .github: GitHubPayload(event: event, document, app: endpoint.app)
      case .gitea: GiteaPayload(event: event, document)
      case .gitlab: try GitLabPayload(event: event, document)
      }
    func ignored(_ reason: String, detail: String? = nil) -> WebhookReading.Outcome {
      let words = [endpoint.forge.rawValue] + payload.words + (detail.map { [$0] } ?? [])
      return .ignored(name: words.map(Self.plain).joined(separator: " "), reason: reason)
    }
    do {
      switch try payload.meaning() {
      case .nothing(let reason, let detail): return ignored(reason, detail: detail)
      case .happening(let kind):
        let actor = payload.actor
        let repository = try payload.repository()
        return .event(
          Event(
            id: "\(endpoint.forge.rawValue):\(id.text)", repository: repository.name, actor: actor?.login ?? "",
            time: received,
            kind: .forge(ForgeHappening(repository: repository, actor: actor, kind: kind))))
      }
    } catch {
      // Not malformed: forges change, and GitLab switches a webhook off that is refused too often.
      return ignored(error.reason)
    }
  }

  /// What the headers call the event.
  private static func eventName(_ headers: WebhookHeaders, of forge: ForgeName) throws -> String {
    let names =
      switch forge {
      case .github: ["x-github-event"]
      case .gitea: ["x-gitea-event", "x-forgejo-event", "x-gogs-event", "x-github-event"]
      case .gitlab: ["x-gitlab-event"]
      }
    var found: String?
    for name in names {
      guard let text = try headers.value(name) else { continue }
      guard found == nil || found == text else {
        throw PayloadFault(reason: "its headers contradict each other in what happened")
      }
      found = text
    }
    guard let found, (1...64).contains(found.utf8.count) else {
      throw PayloadFault(reason: "no \(names[0]) says what happened")
    }
    return found
  }

  /// A word of a name that goes into logs and counters: letters, digits, `-`, `_`, `.` and blanks, at most 48.
  private static func plain(_ word: String) -> String {
    String(
      decoding: word.utf8.prefix(48).map { byte in
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || "-_. ".utf8.contains(byte) ? byte : UInt8(ascii: "?")
      }, as: UTF8.self)
  }
}

/// A payload whose event is known.
protocol Payload {
  /// The event, and the action where there is one.
  var words: [String] { get }
  var actor: ForgeActor? { get }
  func repository() throws(PayloadFault) -> ForgeRepository
  func meaning() throws(PayloadFault) -> PayloadMeaning
}
