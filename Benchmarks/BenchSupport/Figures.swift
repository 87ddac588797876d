internal import Glibc

/// The times of one thing that was measured, in rounds.
package struct Figures {
  /// What was measured.
  package let name: String
  /// Seconds, a list for each round.
  package private(set) var rounds: [[Double]] = [[]]
  /// The largest resident size seen, in bytes; zero where it was not looked at.
  package private(set) var peakBytes = 0

  package init(_ name: String) {
    self.name = name
  }

  package mutating func add(_ seconds: Double, peakBytes: Int = 0) {
    rounds[rounds.count - 1].append(seconds)
    self.peakBytes = max(self.peakBytes, peakBytes)
  }

  package mutating func add(_ run: ProgramRun) {
    add(run.seconds, peakBytes: run.peakBytes)
  }

  /// What is added from now on belongs to another round.
  package mutating func nextRound() {
    if rounds.last?.isEmpty == false { rounds.append([]) }
  }

  package var all: [Double] { rounds.flatMap { $0 } }

  /// The share of all times that are at most this long; seconds.
  package func quantile(_ share: Double) -> Double { Self.quantile(share, of: all) }

  /// The smallest of the rounds' quantiles, in seconds.
  ///
  /// What else ran on the machine is least in it.
  package func best(_ share: Double = 0.5) -> Double {
    rounds.filter { !$0.isEmpty }.map { Self.quantile(share, of: $0) }.min() ?? 0
  }

  private static func quantile(_ share: Double, of values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }
}

/// Things that are measured in turn, so that what else happens on the machine falls on all of them.
package enum InTurn {
  /// Runs each program once unmeasured and then `count` times, in `rounds` rounds.
  package static func run(_ programs: [(name: String, program: Program)], rounds: Int, count: Int) throws -> [Figures] {
    var figures = programs.map { Figures($0.name) }
    for (_, program) in programs { try program.run() }
    for _ in 0..<rounds {
      for index in figures.indices { figures[index].nextRound() }
      for _ in 0..<count {
        for index in figures.indices { figures[index].add(try programs[index].program.run()) }
      }
    }
    return figures
  }
}
