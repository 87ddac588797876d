internal import HTTP
internal import JSON

/// Answers that are kept together with their entity tag, so that asking again costs nothing where nothing changed
/// (RFC 9110, section 13.1.2).
struct EntityCache {
  struct Entry {
    var tag: String
    var head: HTTPHead
    var json: JSONSlice?
  }

  /// Who asked for what: another credential may see another answer.
  struct Key: Hashable {
    var url: String
    var scope: ForgeScope
  }

  private let mostEntries: Int
  private let mostBytes: Int
  private var entries: [Key: Entry] = [:]
  private var order: [Key] = []
  private(set) var bytes = 0

  init(entries: Int = 512, bytes: Int = 8 << 20) {
    mostEntries = entries
    mostBytes = bytes
  }

  var count: Int { entries.count }

  subscript(key: Key) -> Entry? { entries[key] }

  /// Keeps an answer; the oldest go where there is no room, and an answer that takes more than a quarter is not kept.
  mutating func keep(_ entry: Entry, for key: Key) {
    let size = entry.json?.bytes.count ?? 0
    guard size <= mostBytes / 4 else { return drop(key) }
    drop(key)
    entries[key] = entry
    order.append(key)
    bytes += size
    while entries.count > mostEntries || bytes > mostBytes, let oldest = order.first { drop(oldest) }
  }

  mutating func drop(_ key: Key) {
    guard let old = entries.removeValue(forKey: key) else { return }
    bytes -= old.json?.bytes.count ?? 0
    order.removeAll { $0 == key }
  }
}
