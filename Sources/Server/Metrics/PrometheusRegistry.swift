internal import Base
package import CoreMetrics

/// Where the figures of this process are kept until Prometheus asks for them; the backend of swift-metrics.
///
/// Timers become histograms in seconds, recorders histograms, meters gauges.
package final class PrometheusRegistry: MetricsFactory {
  fileprivate enum Value: Sendable {
    case counter(Double)
    case gauge(Double)
    case histogram(HistogramValues)
  }

  fileprivate struct Key: Hashable, Sendable {
    var name: String
    var labels: String
  }

  private struct Series: Sendable {
    var labels: [(String, String)]
    var value: Value
  }

  private struct Family: Sendable {
    var series: [String: Series] = [:]
  }

  private struct State: Sendable {
    var families: [String: Family] = [:]
    var dropped = 0
  }

  private let state = Lock(State())
  private let help: [String: String]
  private let bounds: [String: [Double]]

  /// A family has no more series than this: labels that strangers choose do not fill the memory.
  private static let mostSeries = 500

  /// - Parameters:
  ///   - help: What the families are, by name.
  ///   - bounds: The bounds of histograms that do not take ``HistogramValues/shortSeconds``, by name.
  package init(help: [String: String] = [:], bounds: [String: [Double]] = [:]) {
    self.help = help
    self.bounds = bounds
  }

  // MARK: Recording

  fileprivate func update(_ key: Key, _ labels: [(String, String)], _ new: Value, _ body: (inout Value) -> Void) {
    state.withLock { state in
      var family = state.families[key.name] ?? Family()
      if family.series[key.labels] == nil {
        guard family.series.count < Self.mostSeries else {
          state.dropped += 1
          return
        }
        family.series[key.labels] = Series(labels: labels, value: new)
      }
      body(&family.series[key.labels, default: Series(labels: labels, value: new)].value)
      state.families[key.name] = family
    }
  }

  fileprivate func emptyHistogram(_ name: String) -> HistogramValues {
    HistogramValues(bounds: bounds[name] ?? HistogramValues.shortSeconds)
  }

  // MARK: Reading

  func write(to exposition: inout Exposition) {
    let families = state.withLock { state in
      state.families.sorted { $0.key < $1.key }.map {
        ($0.key, $0.value.series.sorted { $0.key < $1.key }.map(\.value))
      }
    }
    for (name, series) in families {
      guard let first = series.first else { continue }
      let kind: Exposition.Kind =
        switch first.value {
        case .counter: .counter
        case .gauge: .gauge
        case .histogram: .histogram
        }
      exposition.family(name, kind, help[name] ?? name)
      for one in series {
        switch one.value {
        case .counter(let value), .gauge(let value): exposition.sample(name, one.labels, value)
        case .histogram(let values): exposition.histogram(name, one.labels, values)
        }
      }
    }
  }

  /// All figures in the text format of Prometheus.
  package func text() -> String {
    var exposition = Exposition()
    write(to: &exposition)
    return exposition.text
  }

  // MARK: swift-metrics

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    CounterSeries(self, label, dimensions)
  }

  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    CounterSeries(self, label, dimensions)
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    GaugeSeries(self, label, dimensions)
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    aggregate ? HistogramSeries(self, label, dimensions) : GaugeSeries(self, label, dimensions)
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    HistogramSeries(self, label, dimensions)
  }

  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}
}

/// Where one series of one family is.
private struct SeriesPlace: Sendable {
  private let registry: PrometheusRegistry
  private let key: PrometheusRegistry.Key
  private let labels: [(String, String)]

  init(_ registry: PrometheusRegistry, _ label: String, _ dimensions: [(String, String)]) {
    self.registry = registry
    labels = dimensions
    key = PrometheusRegistry.Key(name: Exposition.name(label), labels: Exposition.labels(dimensions))
  }

  var emptyHistogram: PrometheusRegistry.Value { .histogram(registry.emptyHistogram(key.name)) }

  func update(_ new: PrometheusRegistry.Value, _ body: (inout PrometheusRegistry.Value) -> Void) {
    registry.update(key, labels, new, body)
  }
}

private final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
  private let place: SeriesPlace

  init(_ registry: PrometheusRegistry, _ label: String, _ dimensions: [(String, String)]) {
    place = SeriesPlace(registry, label, dimensions)
  }

  func increment(by amount: Int64) { increment(by: Double(amount)) }

  func increment(by amount: Double) {
    guard amount.isFinite, amount >= 0 else { return }
    place.update(.counter(0)) { if case .counter(let value) = $0 { $0 = .counter(value + amount) } }
  }

  func reset() { place.update(.counter(0)) { if case .counter = $0 { $0 = .counter(0) } } }
}

private final class GaugeSeries: MeterHandler, RecorderHandler {
  private let place: SeriesPlace

  init(_ registry: PrometheusRegistry, _ label: String, _ dimensions: [(String, String)]) {
    place = SeriesPlace(registry, label, dimensions)
  }

  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { place.update(.gauge(value)) { if case .gauge = $0 { $0 = .gauge(value) } } }

  func increment(by amount: Double) {
    place.update(.gauge(0)) { if case .gauge(let value) = $0 { $0 = .gauge(value + amount) } }
  }

  func decrement(by amount: Double) { increment(by: -amount) }
  func record(_ value: Int64) { set(Double(value)) }
  func record(_ value: Double) { set(value) }
}

private final class HistogramSeries: RecorderHandler, TimerHandler {
  private let place: SeriesPlace

  init(_ registry: PrometheusRegistry, _ label: String, _ dimensions: [(String, String)]) {
    place = SeriesPlace(registry, label, dimensions)
  }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    place.update(place.emptyHistogram) {
      guard case .histogram(var values) = $0 else { return }
      values.record(value)
      $0 = .histogram(values)
    }
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
