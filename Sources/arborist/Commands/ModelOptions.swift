internal import ArgumentParser

/// The choice of a model, which every job has.
struct ModelOptions: ParsableArguments {
  @Option(help: "The model that does what cannot be decided without one, as PROVIDER/NAME. This version has none.")
  var model: String?

  @Flag(help: "Only what can be decided without a model.")
  var noModel = false

  /// - Throws: ``CommandFailure`` where a model is asked for.
  func refuseModel() throws {
    guard let model else { return }
    throw CommandFailure(.usage, "no model can be used yet, so '\(model)' was not asked: leave --model out")
  }
}
