/// The items of a conversation, which know what has become of them.
///
/// Every item bears a mark that it gets when it comes in and that nothing else has ever borne, and there is no way to
/// change an item: who wants another past makes it from an array, with new marks. So two conversations with the same mark at one place are the same up to
/// there, and one look tells whether a conversation has only grown since it was seen last.
package struct ConversationItems: Sendable {
  /// What stands for an item at its place.
  ///
  /// Its identity alone counts, and holding on to it keeps that from being given to another.
  final class Mark: Sendable {}

  private var items: [ConversationItem]
  private var marks: [Mark]

  package init(_ items: [ConversationItem]) {
    self.items = items
    marks = items.map { _ in Mark() }
  }

  /// The items without their marks.
  package var array: [ConversationItem] { items }

  package mutating func append(_ item: ConversationItem) {
    items.append(item)
    marks.append(Mark())
  }

  /// The mark of the last of so many items; `nil` for none.
  func mark(after count: Int) -> Mark? { count > 0 && count <= marks.count ? marks[count - 1] : nil }
}

extension ConversationItems: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { items.count }

  package subscript(index: Int) -> ConversationItem { items[index] }
}

extension ConversationItems: ExpressibleByArrayLiteral {
  package init(arrayLiteral items: ConversationItem...) {
    self.init(items)
  }
}

// The marks are no part of what is said: conversations that say the same are the same.
extension ConversationItems: Hashable, Codable {
  package static func == (left: ConversationItems, right: ConversationItems) -> Bool { left.items == right.items }

  package func hash(into hasher: inout Hasher) { hasher.combine(items) }

  package init(from decoder: any Decoder) throws {
    self.init(try [ConversationItem](from: decoder))
  }

  package func encode(to encoder: any Encoder) throws { try items.encode(to: encoder) }
}
