import Base
import Replay
import Testing

/// From where on merges are replayed.
@Suite struct SinceTests {
  @Test(arguments: ["1970-01-01", "2000-02-29", "2024-02-29", "2026-01-31", "2026-12-31", "1969-12-31", "2100-03-01"])
  func aDayBeginsInUTC(text: String) throws {
    guard case .date(let moment) = Since(text) else {
      Issue.record("'\(text)' is a day")
      return
    }
    #expect(moment.iso8601 == text + "T00:00:00Z")
  }

  @Test(arguments: [
    "main", "HEAD~3", "v1.0", "2026-1-31", "2026-13-01", "2026-00-10", "2026-01-32", "2025-02-29", "1900-02-29",
    "2026-04-31", "20260131", "",
  ])
  func anythingElseIsARevision(text: String) { #expect(Since(text) == .revision(text)) }
}
