import Models
import Testing

@Suite("Prices and estimates")
struct MoneyTests {
  @Test("A call costs what the vendor says, to the billionth")
  func costs() throws {
    let table = PriceTable()
    let price = try #require(table.price(of: try ModelName("anthropic/claude-sonnet-5")))
    let usage = TokenUsage(input: 1000, cacheRead: 10_000, cacheWrite: 2000, output: 300)
    // 1000 × $2 + 10 000 × $0.20 + 2000 × $2.50 + 300 × $10, for a million each.
    #expect(price.cost(of: usage) == Dollars("0.012"))
    #expect(price.upperBound(input: 13_000, maximumOutput: 300) == Dollars("0.0355"))
    #expect(price.upperBound(input: 13_000, maximumOutput: 300) >= price.cost(of: usage))
    let long = try #require(table.price(of: try ModelName("openai/gpt-5.6")))
    #expect(long.cost(of: TokenUsage(input: 272_000, output: 0)) == Dollars("1.088"))
    #expect(long.cost(of: TokenUsage(input: 272_001, output: 0)) == Dollars("2.176008"))
  }

  @Test("A state of a model costs what the model does; another model's price is not guessed")
  func names() throws {
    let table = PriceTable()
    func price(_ text: String) throws -> ModelPrice? { table.price(of: try ModelName(text)) }
    #expect(try price("openai/gpt-5-2025-08-07") == price("openai/gpt-5"))
    #expect(try price("anthropic/claude-haiku-4-5-20251001") == price("anthropic/claude-haiku-4-5"))
    #expect(try price("openai/gpt-5.6") != nil)
    for unknown in ["openai/gpt-5.7", "openai/gpt-5-pro", "openai-chat/llama", "anthropic/claude-opus-9", "deepseek/x"]
    {
      #expect(try price(unknown) == nil, "\(unknown)")
    }
  }

  @Test("A user's file goes first, and says what is wrong with it")
  func overrides() throws {
    let file =
      #"{"openai-chat/*":{"input":0,"output":"0"},"openai/gpt-5.6":{"input":"0.0028","output":"1","cacheRead":"0.5"}}"#
    let table = try PriceTable(overriding: Array(file.utf8))
    let own = try #require(table.price(of: try ModelName("openai/gpt-5.6")))
    #expect(own.cost(of: TokenUsage(input: 1_000_000, cacheRead: 1_000_000, output: 0)) == Dollars("0.5028"))
    #expect(own.cost(of: TokenUsage(input: 1, output: 0)) == Dollars(nano: 3))
    #expect(table.price(of: try ModelName("openai-chat/llama"))?.cost(of: TokenUsage(input: 9, output: 9)) == .zero)
    #expect(table.price(of: try ModelName("openai/gpt-5.5")) == PriceTable().price(of: try ModelName("openai/gpt-5.5")))
    for (file, place) in [
      ("[]", ""), ("{", ""), (#"{"gpt":{}}"#, "gpt"), (#"{"openai/a":{"input":1}}"#, "openai/a"),
      (#"{"openai/a":{"input":-1,"output":1}}"#, "openai/a, input"),
      (#"{"openai/a":{"input":1,"output":1,"x":1}}"#, "openai/a"),
      (#"{"openai/a":1}"#, "openai/a"), (#"{"openai/a":{"input":1,"output":1e3}}"#, "openai/a, output"),
    ] {
      #expect { try PriceTable(overriding: Array(file.utf8)) } throws: { ($0 as? PriceFileError)?.place == place }
    }
  }

  @Test("Money is read and shown exactly")
  func dollars() {
    #expect(
      Dollars("2.50")?.nano == 2_500_000_000 && Dollars("0")?.nano == 0 && Dollars("1.000000001")?.nano == 1_000_000_001
    )
    for wrong in ["", ".5", "1.", "-1", "1e3", "1.0000000001", "$1", "12345678901"] { #expect(Dollars(wrong) == nil) }
    #expect("\(Dollars(nano: 1_234_567_001))" == "$1.234568" && "\(Dollars(nano: 1))" == "$0.000001")
    #expect("\(Dollars(nano: -2_000_000_000))" == "-$2.000000")
    #expect(Dollars(nano: .max) + Dollars(nano: 1) == Dollars(nano: .max))
    #expect(Dollars(nano: .min) - Dollars(nano: 1) == Dollars(nano: .min))
    let huge = ModelPrice(ModelPrice.Rate(input: .max, cacheRead: 0, cacheWrite: 0, output: 0))
    #expect(huge.cost(of: TokenUsage(input: .max, output: 0)) == Dollars(nano: .max))
  }

  @Test("Estimates go by what was counted, and only what was added is guessed")
  func meter() {
    #expect(TokenEstimate.tokens(in: String(repeating: "a", count: 3500)) == 1000)
    #expect(TokenEstimate.tokens(in: String(repeating: "漢", count: 100)) == 150)
    #expect(TokenEstimate.tokens(bytes: 0) == 0 && TokenEstimate.tokens(bytes: 1) == 1)
    var meter = TokenMeter()
    #expect(meter.estimate(bytes: 3500) == 1000)
    meter.record(bytes: 3500, usage: TokenUsage(input: 100, cacheRead: 600, output: 5))
    #expect(meter.estimate(bytes: 3500) == 700)
    #expect(meter.estimate(bytes: 7000) == 1700)
    #expect((350...420).contains(meter.estimate(bytes: 1750)))
    meter.record(bytes: 100, usage: TokenUsage(input: 0, output: 0))
    #expect(meter.estimate(bytes: 3500) == 700)
  }
}
