internal import Base

/// Finds a report for programs that a runner was asked to print in place of lines for people.
enum PrintedReport {
  /// How many lines are tried that look like a report.
  private static let mostTries = 8

  /// The run in an output of which nothing else is known; `nil` where there is none.
  ///
  /// It can be believed no more than lines for people: a test can print one as well.
  static func run(in output: [UInt8]) -> TestRun? {
    guard var run = document(in: output) else { return nil }
    (run.trust, run.file) = (.text, nil)
    return run
  }

  private static func document(in output: [UInt8]) -> TestRun? {
    var tries = 0
    var open: (json: Int, xml: Int) = (-1, -1)
    var close: (json: Int, xml: Int) = (-1, -1)
    var start = 0
    while start < output.count {
      let end = output[start...].firstIndex(of: UInt8(ascii: "\n")) ?? output.count
      let line = output[start..<end]
      if line.first == UInt8(ascii: "{") {
        if line.last == UInt8(ascii: "}"), line.count > 2, tries < mostTries {
          tries += 1
          if let run = JSONReportReader.read(ReportFile(path: [], bytes: Array(line))) { return run }
        } else if line.count == 1, open.json < 0 {
          open.json = start
        }
      } else if line.first == UInt8(ascii: "}"), line.count == 1 {
        close.json = end
      } else if open.xml < 0, line.starts(with: "<?xml".utf8) || line.starts(with: "<testsuite".utf8) {
        open.xml = start
      }
      if open.xml >= 0, ends(line) { close.xml = end }
      start = end + 1
    }
    if open.json >= 0, close.json > open.json,
      let run = JSONReportReader.read(ReportFile(path: [], bytes: Array(output[open.json..<close.json])))
    {
      return run
    }
    guard open.xml >= 0, close.xml > open.xml else { return nil }
    return XMLReportReader.read(ReportFile(path: [], bytes: Array(output[open.xml..<close.xml])))
  }

  /// Whether a report in XML ends with a line.
  private static func ends(_ line: ArraySlice<UInt8>) -> Bool {
    let tail = line.suffix(14)
    return ["</testsuites>", "</testsuite>"].contains { name in
      tail.suffix(name.utf8.count).elementsEqual(name.utf8)
    }
  }
}
