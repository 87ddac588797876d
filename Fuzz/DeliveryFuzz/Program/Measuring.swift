import Base
import DeliveryTrials
import Forges
import Foundation
import Glibc
import Work

enum Measuring {
  /// The peak of the resident memory, in MB, since it was last forgotten.
  private static func peak() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").dropLast().last.flatMap { Int($0) }.map { $0 / 1024 } ?? 0
  }

  /// Lets the peak begin anew at what is resident now (proc(5), `clear_refs`).
  private static func forgetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "we") else { return }
    fputs("5", file)
    fclose(file)
  }

  static func trials(count: Int, seed: UInt64) -> CInt {
    let samples = SampleFiles.allAndOwn()
    var run = TrialRun(samples: samples, seed: seed)
    print("\(samples.count) deliveries, seed \(seed), peak \(peak()) MB before")
    let start = ContinuousClock.now
    for number in 1...max(1, count) {
      run.step()
      if number % max(1, count / 10) == 0 {
        print("\(number) trials, \(run.bytes / number) bytes each, \(run.faults.count) faults, peak \(peak()) MB")
        fflush(nil)
      }
    }
    print("\(run.signed) signed: \(run.outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })")
    print("\(run.forged) forged, in \(ContinuousClock.now - start)")
    for fault in run.faults { print(fault) }
    return run.faults.isEmpty ? 0 : 1
  }

  static func time() {
    let sizes = SampleFiles.allAndOwn().filter { $0.forge != .gitlab }.map { ($0, abs($0.body.count - 28_672)) }
    guard let sample = sizes.min(by: { $0.1 < $1.1 })?.0 else { return }
    let headers = WebhookHeaders(sample.headers(secret: "s3cret").map { (name: $0.0, value: $0.1) })
    let right = WebhookEndpoint(forge: sample.forge, secrets: [.init("s3cret")])
    let wrong = WebhookEndpoint(forge: sample.forge, secrets: [.init("S3cret")])
    print("\(sample.name): \(sample.body.count) bytes")
    for (what, endpoint) in [("checked and read", right), ("checked and refused", wrong)] {
      var times: [Double] = []
      for _ in 0..<2000 {
        let start = ContinuousClock.now
        _ = WebhookReader.read(headers, body: sample.body, at: endpoint, received: .trial)
        let passed = (ContinuousClock.now - start).components
        times.append(Double(passed.seconds) * 1e6 + Double(passed.attoseconds) / 1e12)
      }
      times.sort()
      print("\(what): n \(times.count), min \(times[0]) µs, median \(times[1000]) µs, p95 \(times[1900]) µs")
    }
  }

  static func large() {
    let size = WebhookReader.longestBody - 200
    func body(_ start: String, _ piece: String, _ end: String) -> [UInt8] {
      Array(start.utf8) + Array(repeatElement(Array(piece.utf8), count: size / piece.utf8.count).joined())
        + Array(end.utf8)
    }
    let run = #"{"action":"completed","check_run":{"conclusion":"failure","pull_requests":["#
    let note = #"{"action":"created","issue":{"number":1,"pull_request":{}},"comment":{"id":1,"body":""#
    let bodies: [(String, String, [UInt8])] = [
      ("a list of numbers", "check_run", body(run, "1,", "1]}}")),
      ("a list of objects", "check_run", body(run, "{},", "{}]}}")),
      ("an object of members", "check_run", body("{", "\"a\":1,", "\"b\":1}")),
      ("an object of escaped members", "check_run", body("{", "\"\\u0061\":1,", "\"b\":1}")),
      ("open lists", "check_run", body("", "[", "")),
      ("open objects", "check_run", body("", "{\"a\":", "")),
      ("a long comment", "issue_comment", body(note, "x\\n", "\"}}")),
      ("a long comment of escapes", "issue_comment", body(note, "\\u00e4", "\"}}")),
      ("a long comment of UTF-8", "issue_comment", body(note, "ä", "\"}}")),
      ("a long number", "check_run", body("{\"check_run\":{\"id\":", "1", "}}")),
      ("blanks", "check_run", body("{", " ", "}")),
    ]
    print("bodies of \(size) bytes; peak \(peak()) MB with all \(bodies.count) of them in memory")
    for (name, event, body) in bodies {
      let delivery = SampleDelivery(name: name, forge: .github, event: event, body: body)
      let headers = delivery.headers(secret: "s3cret")
      forgetPeak()
      let before = peak()
      let start = ContinuousClock.now
      let reading = delivery.read(headers, secrets: ["s3cret"])
      print("\(name): \(reading.outcome) in \(ContinuousClock.now - start), peak +\(peak() - before) MB")
    }
  }
}
