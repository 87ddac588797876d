internal import JSON

/// What models cost, by their names.
///
/// The figures are those that the vendors published in the autumn of 2026, for their own services at the usual speed,
/// in US dollars for a million tokens; a user's own file goes before them. A model that is in neither has no price, and
/// a ledger must say that it does not know, not that it is free.
package struct PriceTable: Sendable {
  /// When the figures were taken.
  package static let date = "2026-11"

  /// A user's own, by `PROVIDER/NAME` and by its beginning.
  private var exact: [String: ModelPrice] = [:]
  private var patterns: [String: ModelPrice] = [:]

  /// The vendors' prices.
  package init() {}

  /// The vendors' prices, with those of a user's file in front.
  ///
  /// The file is a JSON object: `{"openai/gpt-5.6": {"input": "4", "output": "20", "cacheRead": "0.4",
  /// "cacheWrite": "5"}}`, in dollars for a million tokens; what is not said about caches costs as other input. A name
  /// with `*` at its end stands for all that begin so.
  ///
  /// - Throws: ``PriceFileError``, which says what is wrong where.
  package init(overriding file: [UInt8]) throws(PriceFileError) {
    let document: JSONSlice
    do {
      document = try JSONSlice(file)
    } catch {
      throw PriceFileError(place: "", reason: error.description)
    }
    guard document.kind == .object else { throw PriceFileError(place: "", reason: "an object was expected") }
    for (name, entry) in document.members where name != "schema" {
      let isPrefix = name.hasSuffix("*")
      guard (try? ModelName(isPrefix ? String(name.dropLast()) + "x" : name)) != nil else {
        throw PriceFileError(place: name, reason: "write PROVIDER/NAME")
      }
      guard entry.kind == .object else { throw PriceFileError(place: name, reason: "an object was expected") }
      let known: Set = ["input", "output", "cacheRead", "cacheWrite"]
      if let unknown = entry.members.first(where: { !known.contains($0.name) }) {
        throw PriceFileError(
          place: name, reason: "'\(unknown.name)' is none of \(known.sorted().joined(separator: ", "))")
      }
      let input = try Self.rate(entry, "input", of: name)
      guard let input, let output = try Self.rate(entry, "output", of: name) else {
        throw PriceFileError(place: name, reason: "'input' and 'output' are needed")
      }
      let rate = ModelPrice.Rate(
        input: input, cacheRead: try Self.rate(entry, "cacheRead", of: name) ?? input,
        cacheWrite: try Self.rate(entry, "cacheWrite", of: name) ?? input, output: output)
      if isPrefix {
        patterns[String(name.dropLast())] = ModelPrice(rate)
      } else {
        exact[name] = ModelPrice(rate)
      }
    }
  }

  /// What a model costs; `nil` where nobody knows.
  package func price(of model: ModelName) -> ModelPrice? {
    let name = model.description
    if let own = exact[name] { return own }
    let fitting = patterns.filter { name.hasPrefix($0.key) }
    if let own = fitting.max(by: { $0.key.utf8.count < $1.key.utf8.count }) { return own.value }
    if let price = Self.published[name] { return price }
    // `gpt-5` stands for `gpt-5-2025-08-07`, and for no `gpt-5.7` that is not in the table.
    return Self.published.first { name.hasPrefix($0.key) && Self.isDated(name.dropFirst($0.key.count)) }?.value
  }

  /// Whether this is what vendors append for a state of the same model: a date, or `latest`.
  private static func isDated(_ rest: Substring) -> Bool {
    guard rest.first == "-" || rest.first == "@" else { return false }
    let mark = rest.dropFirst()
    return mark == "latest" || (mark.utf8.count >= 8 && mark.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2d })
  }

  private static func rate(_ entry: JSONSlice, _ key: String, of name: String) throws(PriceFileError) -> Int64? {
    guard let value = entry[key] else { return nil }
    // A number is read by its digits: 0.1 has no exact form in binary.
    guard let amount = Dollars(value.string ?? value.text), amount.nano % 1000 == 0 else {
      throw PriceFileError(place: "\(name), \(key)", reason: "dollars for a million tokens were expected, as 2.50")
    }
    return amount.nano / 1000
  }

  /// In thousandths of a dollar for a million tokens: input, cache read, cache write, output.
  private static func price(_ input: Int64, _ read: Int64, _ write: Int64, _ output: Int64) -> ModelPrice {
    ModelPrice(rate(input, read, write, output))
  }

  private static func rate(_ input: Int64, _ read: Int64, _ write: Int64, _ output: Int64) -> ModelPrice.Rate {
    ModelPrice.Rate(input: input * 1000, cacheRead: read * 1000, cacheWrite: write * 1000, output: output * 1000)
  }

  /// As above, and above 272 000 tokens of input twice the input and one and a half times the output.
  private static func tiered(_ input: Int64, _ read: Int64, _ write: Int64, _ output: Int64) -> ModelPrice {
    ModelPrice(
      rate(input, read, write, output), above: 272_000, long: rate(2 * input, 2 * read, 2 * write, output * 3 / 2))
  }

  private static let openAI: [String: ModelPrice] = [
    "gpt-4.1": price(2000, 500, 2000, 8000), "gpt-4.1-mini": price(400, 100, 400, 1600),
    "gpt-4.1-nano": price(100, 25, 100, 400), "gpt-4o": price(2500, 1250, 2500, 10_000),
    "gpt-4o-mini": price(150, 75, 150, 600), "gpt-5": price(1250, 125, 1250, 10_000),
    "gpt-5-codex": price(1250, 125, 1250, 10_000), "gpt-5-mini": price(250, 25, 250, 2000),
    "gpt-5-nano": price(50, 5, 50, 400), "gpt-5.1": price(1250, 125, 1250, 10_000),
    "gpt-5.1-codex": price(1250, 125, 1250, 10_000), "gpt-5.1-codex-max": price(1250, 125, 1250, 10_000),
    "gpt-5.1-codex-mini": price(250, 25, 250, 2000), "gpt-5.2": price(1750, 175, 1750, 14_000),
    "gpt-5.2-codex": price(1750, 175, 1750, 14_000), "gpt-5.3-codex": price(1750, 175, 1750, 14_000),
    "gpt-5.4": tiered(2500, 250, 2500, 15_000), "gpt-5.4-mini": price(750, 75, 750, 4500),
    "gpt-5.4-nano": price(200, 20, 200, 1250), "gpt-5.5": tiered(5000, 500, 5000, 30_000),
    "gpt-5.6": tiered(4000, 400, 5000, 20_000), "gpt-5.6-sol": tiered(4000, 400, 5000, 20_000),
    "gpt-5.6-terra": tiered(2000, 200, 2500, 12_000), "gpt-5.6-luna": tiered(200, 20, 250, 1200),
    "o3": price(2000, 500, 2000, 8000), "o4-mini": price(1100, 275, 1100, 4400),
  ]

  private static let published: [String: ModelPrice] = {
    var table: [String: ModelPrice] = [:]
    for (name, price) in openAI {
      table["openai/\(name)"] = price
      table["openai-chat/\(name)"] = price
    }
    let anthropic: [String: ModelPrice] = [
      "claude-fable-5": price(10_000, 1000, 12_500, 50_000), "claude-fable-5-1": price(10_000, 250, 12_500, 50_000),
      "claude-opus-4-5": price(5000, 500, 6250, 25_000), "claude-opus-4-6": price(5000, 500, 6250, 25_000),
      "claude-opus-4-7": price(5000, 500, 6250, 25_000), "claude-opus-4-8": price(5000, 500, 6250, 25_000),
      "claude-opus-5": price(5000, 500, 6250, 25_000), "claude-opus-5-5": price(4000, 200, 5000, 20_000),
      "claude-sonnet-4-5": price(3000, 300, 3750, 15_000), "claude-sonnet-4-6": price(3000, 300, 3750, 15_000),
      "claude-sonnet-5": price(2000, 200, 2500, 10_000), "claude-sonnet-5-5": price(2000, 100, 2500, 10_000),
      "claude-haiku-4-5": price(1000, 100, 1250, 5000),
      "claude-haiku-5-5": ModelPrice(rate(100, 10, 125, 500), above: 100_000, long: rate(500, 50, 625, 2500)),
    ]
    for (name, price) in anthropic { table["anthropic/\(name)"] = price }
    // The price of the busy hours; the others cost half.
    for name in ["deepseek-v4-flash", "deepseek-flash"] { table["deepseek/\(name)"] = price(300, 6, 300, 1200) }
    table["deepseek/deepseek-v4-pro"] = price(1320, 44, 1320, 3960)
    return table
  }()
}

/// What is wrong with a file of prices.
package struct PriceFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The model, and the figure where it is one.
  package let place: String
  package let reason: String

  package var description: String { place.isEmpty ? "the prices: \(reason)" : "the price of '\(place)': \(reason)" }
}
