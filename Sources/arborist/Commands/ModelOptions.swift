internal import ArgumentParser
internal import Base
internal import Models
internal import Pipeline

/// The choice of a model, which every job has.
struct ModelOptions: ParsableArguments {
  @Option(
    help: """
      The model that does what cannot be decided without one, as PROVIDER/NAME; may be given again for further \
      attempts. Default: 'models' of .arborist.yml, and none where that names none.
      """)
  var model: [String] = []

  @Flag(help: "Only what can be decided without a model.")
  var noModel = false

  /// The models that are named; empty where the configuration is to say, `nil` where none is to be asked.
  ///
  /// - Throws: ``InvalidModelName``, or ``CommandFailure`` where both are given.
  func names() throws -> [String]? {
    if noModel {
      guard model.isEmpty else {
        throw CommandFailure(.usage, "--model and --no-model say the opposite: leave one out")
      }
      return nil
    }
    for name in model { _ = try ModelName(name) }
    return model
  }
}

/// What models may take.
struct LimitOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The most US dollars models may cost, or none for no limit. Default: 'budget' of .arborist.yml.")
  var usd: String?

  @Option(parsing: .unconditional, help: "The most minutes everything may take.")
  var minutes: Int?

  @Option(parsing: .unconditional, help: "The most answers models may give.")
  var steps: Int?

  /// - Throws: ``CommandFailure`` where a limit is none.
  func apply(to request: inout HandRequest) throws {
    request.isUnlimited = usd == "none"
    if let usd, usd != "none" {
      guard let amount = Dollars(usd), amount > .zero else {
        throw CommandFailure(
          .usage, "--usd '\(DisplayText.line(usd.utf8))' is no amount above 0, such as 0.50, and not 'none'")
      }
      request.nanodollars = amount.nano
    }
    for (name, value) in [("minutes", minutes), ("steps", steps)] {
      if let value, !(1...1_000_000).contains(value) {
        throw CommandFailure(.usage, "--\(name) must be between 1 and 1000000")
      }
    }
    request.minutes = minutes
    request.steps = steps
  }
}
