internal import ByteText

/// Our own secrets, found in whatever is about to leave, however they are written there.
///
/// It knows what it looks for, so it needs no shape: ten bytes of any way to write a secret are looked up at each place
/// of a text, and what is found there is held against the whole. Texts are read as they are, without everything that is
/// neither letter nor digit, and with escapes undone, twice over. A value holds the secrets: it is made where they are
/// known and goes nowhere.
package struct KnownSecrets: Sendable {
  /// A secret of ours, with the name by which people know it.
  package struct Entry: Sendable {
    package var name: String
    package var value: [UInt8]

    package init(name: String, value: some Sequence<UInt8>) {
      self.name = name
      self.value = Array(value)
    }
  }

  /// What was found; never the secret itself.
  package struct Hit: Sendable, Hashable, CustomStringConvertible {
    /// The name of the secret.
    package let name: String
    /// How it is written.
    package let writing: String

    package var description: String { "\(name), \(writing)" }
  }

  /// The fewest bytes of a secret that can be told from ordinary words.
  package static let least = 8

  /// The names of secrets that are too short to be looked for.
  package let tooShort: [String]

  private let names: [String]
  private let forms: [SecretForm]
  private let table: GramTable

  package init(_ entries: [Entry]) {
    var (names, forms, tooShort): ([String], [SecretForm], [String]) = ([], [], [])
    for entry in entries {
      let parts = SecretForm.tellingParts(of: entry.value)
      guard parts.contains(where: { $0.count >= Self.least }) else {
        tooShort.append(entry.name)
        continue
      }
      for part in parts where part.count >= Self.least { forms += SecretForm.all(of: part, owner: names.count) }
      names.append(entry.name)
    }
    (self.names, self.forms, self.tooShort) = (names, forms, tooShort)
    table = GramTable(forms)
  }

  /// Whether there is nothing to look for.
  package var isEmpty: Bool { forms.isEmpty }

  /// The first secret that stands in the bytes, whole or in a part of twelve bytes and more; `nil` for none.
  package func hit(in bytes: [UInt8]) -> Hit? {
    if forms.isEmpty { return nil }
    var text = bytes
    for round in 0..<3 {
      if round > 0 {
        let plain = EscapedText.decoded(text)
        if plain == text { return nil }
        text = plain
      }
      let lowered = text.lowercased()
      let form = table.form(in: lowered) ?? table.form(in: lowered.filter(ASCII.isAlphanumeric))
      if let form {
        let found = forms[form]
        return Hit(name: names[found.owner], writing: round == 0 ? found.writing : "\(found.writing), with escapes")
      }
    }
    return nil
  }

  /// The first secret that stands in a text; see ``hit(in:)``.
  package func hit(in text: String) -> Hit? { hit(in: Array(text.utf8)) }
}

extension KnownSecrets: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "(\(names.count) known secrets)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Where the ways to write secrets hold which ten bytes.
private struct GramTable: Sendable {
  /// How many bytes are looked up at once.
  private static let length = 10
  private static let base: UInt64 = 0x9e37_79b9_7f4a_7c15
  /// What the oldest byte weighs in a sum.
  private static let weight: UInt64 = (1..<length).reduce(1) { product, _ in product &* base }

  private struct Place {
    var sum: UInt64
    var form: Int32
    var offset: Int32
  }

  private let forms: [SecretForm]
  /// Ordered by their sums.
  private let places: [Place]
  /// A bit for each sum that occurs, by its upper bits: most places of a text are done with here.
  private let bits: [UInt64]
  private let shift: UInt64
  /// Those that have fewer bytes than are looked up at once.
  private let short: [Int]

  init(_ forms: [SecretForm]) {
    var (places, short): ([Place], [Int]) = ([], [])
    for (index, form) in forms.enumerated() {
      guard form.bytes.count >= Self.length else {
        short.append(index)
        continue
      }
      Self.forEachSum(in: form.bytes) { sum, offset in
        // Behind it there is too little left for a find.
        if offset + form.least <= form.bytes.count {
          places.append(Place(sum: sum, form: Int32(index), offset: Int32(offset)))
        }
        return true
      }
    }
    places.sort { $0.sum < $1.sum }
    var width: UInt64 = 12
    while width < 24, 1 << width < 32 * places.count { width += 1 }
    let shift = 64 - width
    var bits: [UInt64] = Array(repeating: 0, count: 1 << (width - 6))
    for place in places {
      let bit = place.sum >> shift
      bits[Int(bit / 64)] |= 1 << (bit % 64)
    }
    (self.forms, self.places, self.bits, self.shift, self.short) = (forms, places, bits, shift, short)
  }

  /// The form that stands in the bytes, as much of it as makes a find; `nil` for none.
  func form(in text: [UInt8]) -> Int? {
    var found = short.first { text.contains(forms[$0].bytes) }
    if found != nil { return found }
    Self.forEachSum(in: text) { sum, index in
      let bit = sum >> shift
      guard bits[Int(bit / 64)] & 1 << (bit % 64) != 0 else { return true }
      found = form(in: text, at: index, sum: sum)
      return found == nil
    }
    return found
  }

  private func form(in text: [UInt8], at index: Int, sum: UInt64) -> Int? {
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if places[middle].sum < sum { low = middle + 1 } else { high = middle }
    }
    while low < places.count, places[low].sum == sum {
      let form = forms[Int(places[low].form)]
      let offset = Int(places[low].offset)
      if text.matches(form.bytes, from: offset, count: form.least, at: index) { return Int(places[low].form) }
      low += 1
    }
    return nil
  }

  /// Calls with the sum of each row of bytes and where it begins, until the answer is no.
  private static func forEachSum(in bytes: [UInt8], _ body: (UInt64, Int) -> Bool) {
    guard bytes.count >= length else { return }
    var sum: UInt64 = 0
    for index in bytes.indices {
      if index >= length { sum = sum &- UInt64(bytes[index - length]) &* weight }
      sum = sum &* base &+ UInt64(bytes[index])
      if index + 1 >= length, !body(sum, index + 1 - length) { return }
    }
  }
}

extension [UInt8] {
  /// Whether so many bytes of the other begin here.
  fileprivate func matches(_ other: [UInt8], from offset: Int, count: Int, at index: Int) -> Bool {
    guard index + count <= self.count, offset + count <= other.count else { return false }
    for step in 0..<count where self[index + step] != other[offset + step] { return false }
    return true
  }
}
