/// One thing that goes wrong, where, and how often.
package struct Fault: Sendable, Hashable, CustomStringConvertible {
  /// What goes wrong.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    // Refusals before an answer.
    case rateLimit = "429"
    case rateLimitBare = "429-bare"
    case rateLimitMilliseconds = "429-ms"
    case rateLimitHours = "429-hours"
    case requestTimeout = "408"
    case conflict = "409"
    case serverError = "500"
    case badGatewayPage = "502-html"
    case unavailable = "503"
    case gatewayTimeout = "504"
    case overloaded = "529"
    case unauthorized = "401"
    case forbidden = "403"
    case unknownModel = "404-model"
    case quota
    case overflow
    case overflowTooLarge = "overflow-413"
    case overflowBodyless = "overflow-bodyless"
    case overflowInside = "overflow-inside"
    case history

    // The wire.
    case cut
    case closeBefore = "close"
    case resetBefore = "reset"
    case resetInside = "reset-inside"
    case noEnd = "no-end"
    case silence
    case silenceAfterHead = "silence-after-head"
    case silenceAfterEvents = "silence-after-events"
    case comments
    case drip
    case errorInside = "error-inside"
    case contentType = "content-type"

    // What the model says.
    case malformedArguments = "malformed-arguments"
    case unknownTool = "unknown-tool"
    case wrongArguments = "wrong-arguments"
    case empty
    case truncated
    case refusal
    case pause
    case wrongUsage = "wrong-usage"
    case missingUsage = "missing-usage"
  }

  package var kind: Kind
  /// The step at which it happens, counted from 0; `nil` is each of them.
  package var step: Int?
  /// How often it happens at a step; `nil` is always.
  package var times: Int?
  /// The byte of ``Kind/cut`` and ``Kind/resetInside``, the number of events of ``Kind/silenceAfterEvents``, the
  /// milliseconds between pieces of ``Kind/drip``, the seconds of ``Kind/rateLimit``, the milliseconds of
  /// ``Kind/rateLimitMilliseconds``.
  package var parameter: Int?
  /// Whether the parameter of a ``Kind/cut`` is a distance: the n-th cut of a session is at n times as many bytes, and
  /// there are no more when the answer is shorter than that.
  package var isSweep: Bool

  package init(
    _ kind: Kind, at step: Int? = 0, times: Int? = 1, parameter: Int? = nil, isSweep: Bool = false
  ) {
    self.kind = kind
    self.step = step
    self.times = times
    self.parameter = parameter
    self.isSweep = isSweep
  }

  /// Each kind once, at this step: what a harness has to come through.
  package static func all(at step: Int? = 0, times: Int? = 1) -> [Fault] {
    Kind.allCases.map { Fault($0, at: step, times: times) }
  }

  /// The fault as the command line and scenario files write it: `KIND[:PARAMETER]@STEP[xTIMES]`, where STEP may be
  /// `*`, TIMES `inf`, and the parameter of a cut `sweep` or `sweep:BYTES`.
  ///
  /// - Throws: ``InvalidScenario`` with what is wrong.
  package init(_ text: String) throws(InvalidScenario) {
    let halves = text.split(separator: "@", omittingEmptySubsequences: false)
    guard halves.count == 2 else {
      throw InvalidScenario("the fault '\(text)' is not KIND[:PARAMETER]@STEP[xTIMES]")
    }
    let what = halves[0].split(separator: ":").map(String.init)
    guard let name = what.first, let kind = Kind(rawValue: Self.otherNames[name] ?? name) else {
      let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw InvalidScenario("'\(halves[0])' is no fault; there are \(known)")
    }
    self.init(kind)
    var rest = what.dropFirst()
    if kind == .cut, rest.first == "sweep" {
      isSweep = true
      rest = rest.dropFirst()
    }
    if let value = rest.first {
      guard rest.count == 1, let number = Int(value), number >= 0 else {
        throw InvalidScenario("'\(value)' of the fault '\(text)' is not a whole number")
      }
      parameter = number
    }
    let place = halves[1].split(separator: "x", maxSplits: 1).map(String.init)
    guard let first = place.first, first == "*" || (Int(first) ?? -1) >= 0 else {
      throw InvalidScenario("the fault '\(text)' names no step")
    }
    step = Int(first)
    if place.count == 2 {
      guard place[1] == "inf" || (Int(place[1]) ?? 0) > 0 else {
        throw InvalidScenario("the fault '\(text)' does not say how often")
      }
      times = Int(place[1])
    }
  }

  private static let otherNames = [
    "429nora": "429-bare", "ctxlen": "overflow", "cut0": "close", "stall": "silence-after-events",
    "badjson": "malformed-arguments", "unknowntool": "unknown-tool", "badargs": "wrong-arguments",
    "eventerr": "error-inside",
  ]

  package var description: String {
    var text = kind.rawValue
    if isSweep { text += ":sweep" }
    if let parameter { text += ":\(parameter)" }
    text += "@" + (step.map(String.init) ?? "*")
    if times != 1 { text += "x" + (times.map(String.init) ?? "inf") }
    return text
  }

  /// Whether the client can take the answer for what it is, so that the script goes on to its next turn.
  var leavesAnswer: Bool { [.drip, .wrongUsage, .missingUsage].contains(kind) }
}

/// A scenario or a fault that cannot be understood.
package struct InvalidScenario: Error, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
