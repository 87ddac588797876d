internal import Templates

/// What a template for a forge takes: nothing that has not gone through ``OutgoingText``.
enum OutgoingSlot {
  case text(OutgoingText)
  case flag(Bool)
  case section([String: OutgoingSlot]?)
  case list([[String: OutgoingSlot]])

  static func number(_ number: Int) -> OutgoingSlot { .text(.number(number)) }

  /// A list of which each item has one text; empty ones are left out.
  static func texts(_ texts: [OutgoingText]) -> OutgoingSlot {
    .list(texts.filter { !$0.isEmpty }.map { ["text": .text($0)] })
  }

  /// As swift-mustache takes it.
  fileprivate var value: Any {
    switch self {
    case .text(let text): text.markdown
    case .flag(let flag): flag
    case .section(let section): section.map { $0.mapValues(\.value) as Any } ?? false
    case .list(let items): items.map { $0.mapValues(\.value) }
    }
  }
}

extension ForgeMessage {
  /// The text with these values.
  ///
  /// - Throws: where the template is broken.
  func fill(_ slots: [String: OutgoingSlot] = [:]) throws -> OutgoingText {
    OutgoingText(filled: try render(slots.mapValues(\.value)))
  }
}
