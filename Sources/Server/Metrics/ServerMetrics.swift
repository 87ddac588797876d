internal import Base
internal import CoreMetrics
internal import Journal
internal import Work

/// The figures that the server itself keeps; names and units are in Docs/Server.md.
package struct ServerMetrics: Sendable {
  package let registry: PrometheusRegistry

  package init() {
    registry = PrometheusRegistry(help: Self.help, bounds: Self.bounds)
  }

  /// Makes this the place for everything in the process that records with swift-metrics; once in a process.
  package func bootstrap() { MetricsSystem.bootstrap(registry) }

  private static let help = [
    "arborist_deliveries_total": "Deliveries that arrived, by forge and by what became of them.",
    "arborist_delivery_seconds": "From the head of a delivery to the decision on its answer.",
    "arborist_requests_total": "Requests that were answered, by route and status.",
    "arborist_sign_in_total": "Tries to sign in, by result.",
    "arborist_runs_total": "Runs that ended since this process began, by kind and verdict.",
    "arborist_run_seconds": "From the beginning of a run to its end.",
    "arborist_model_seconds": "From a request to a model to the end of its answer.",
    "arborist_model_dollars_total": "What models cost in runs that ended since this process began, in US dollars.",
    "arborist_effects_total": "Effects that were carried out in runs that ended since this process began.",
    "arborist_effect_seconds": "From the intent of an effect until the forge or the repository had it.",
  ]

  private static let bounds = [
    "arborist_run_seconds": HistogramValues.longSeconds, "arborist_model_seconds": HistogramValues.longSeconds,
    "arborist_effect_seconds": HistogramValues.longSeconds,
  ]

  func delivered(forge: ForgeName, result: DeliveryAnswer.Result, seconds: Double) {
    count("arborist_deliveries_total", [("forge", forge.rawValue), ("result", result.rawValue)])
    observe("arborist_delivery_seconds", [("forge", forge.rawValue)], seconds)
  }

  func answered(route: String, status: Int) {
    count("arborist_requests_total", [("route", route), ("status", "\(status)")])
  }

  func signedIn(_ result: String) {
    count("arborist_sign_in_total", [("result", result)])
  }

  func finished(_ run: FinishedRunFigures) {
    let kind = ("kind", run.kind.rawValue)
    count("arborist_runs_total", [kind, ("verdict", run.verdict.rawValue)])
    observe("arborist_run_seconds", [kind], run.finished.seconds(since: run.started))
    // Models are asked in tasks; what they cost is that of the work which gave them.
    let asker = ("kind", run.asker.rawValue)
    FloatingPointCounter(label: "arborist_model_dollars_total", dimensions: [asker], factory: registry)
      .increment(by: Double(max(0, run.cost)) / 1e9)
    for milliseconds in run.modelMilliseconds { observe("arborist_model_seconds", [], Double(milliseconds) / 1000) }
    for effect in run.effects {
      count("arborist_effects_total", [("effect", effect.name)])
      observe("arborist_effect_seconds", [("effect", effect.name)], Double(effect.milliseconds) / 1000)
    }
  }

  private func count(_ name: String, _ labels: [(String, String)]) {
    Counter(label: name, dimensions: labels, factory: registry).increment()
  }

  private func observe(_ name: String, _ labels: [(String, String)], _ value: Double) {
    Recorder(label: name, dimensions: labels, aggregate: true, factory: registry).record(value)
  }
}

extension Timestamp {
  /// Seconds from another moment to this one; none where it is the later one.
  func seconds(since other: Timestamp) -> Double {
    Double(max(0, milliseconds - other.milliseconds)) / 1000
  }
}
