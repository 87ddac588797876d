package import Models

/// What the answers of a run took in tokens, as its events tell.
package struct UsageAccount: Sendable, Hashable {
  /// What the vendor counted.
  package private(set) var total = TokenUsage(input: 0, output: 0)
  /// Requests that may have taken tokens which nobody has counted, or not believably.
  package private(set) var uncounted = 0
  private var open: RequestRecord?

  package init() {}

  /// Whether something is not in the total.
  ///
  /// Of a request without an end nobody knows.
  package var isEstimated: Bool { uncounted > 0 || open.map(Self.isOfModel) ?? false }

  /// Takes the next event of the run.
  package mutating func take(_ event: AgentEvent) {
    switch event {
    case .requested(let record): open = record
    case .answered(let record): close(record.answer.usage)
    case .probed(let record): close(record.usage)
    case .failed(let record):
      if record.isPaid ?? (record.cost > 0), open.map(Self.isOfModel) ?? true { uncounted += 1 }
      open = nil
    case .started, .resumed, .intended, .done, .notice, .compacted, .ended: break
    }
  }

  private mutating func close(_ usage: TokenUsage?) {
    let asked = open
    open = nil
    guard let usage else {
      if asked.map(Self.isOfModel) ?? true { uncounted += 1 }
      return
    }
    // What older journals say can be any number.
    total.input = Self.sum(total.input, usage.input)
    total.cacheRead = Self.sum(total.cacheRead, usage.cacheRead)
    total.cacheWrite = Self.sum(total.cacheWrite, usage.cacheWrite)
    total.output = Self.sum(total.output, usage.output)
  }

  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, isTooLarge) = left.addingReportingOverflow(right)
    return isTooLarge ? .max : sum
  }

  /// Whether it is answered by the model, and not by its server alone.
  private static func isOfModel(_ request: RequestRecord) -> Bool {
    request.purpose != .probe || request.maximumOutput != nil
  }
}
