import Testing

@testable import Fix

@Suite struct RelevantDifferenceTests {
  private let patch = Array(
    """
    diff --git a/a.go b/a.go
    --- a/a.go
    +++ b/a.go
    @@ -1,2 +1,2 @@
    -func wrapText(count, slop int) {
    +func wrapText(slop, count int) {
    @@ -9,1 +9,1 @@
    -return unrelated
    +return somethingElse
    diff --git a/b.go b/b.go
    --- a/b.go
    +++ b/b.go
    @@ -1,1 +1,1 @@
    -var other = count
    +var another = count

    """.utf8)

  @Test func ofALongOneThePartsAreShownThatShareNames() {
    let shown = RelevantDifference(patch, names: ["wrapText": 1], limit: patch.count - 1)
    #expect(shown.text.contains("func wrapText(slop") && !shown.text.contains("somethingElse"), "\(shown.text)")
    #expect(shown.text.hasPrefix("diff --git a/a.go") && !shown.text.contains("b.go") && shown.leftOut == 2)
    // The control: a short one is shown whole, whatever it is about.
    let whole = RelevantDifference(patch, names: [:], limit: patch.count)
    #expect(whole.text == String(decoding: patch, as: UTF8.self) && whole.leftOut == 0)
  }

  @Test func theRarestNamesComeFirstWhereThereIsNoRoomForAll() {
    let shown = RelevantDifference(patch, names: ["count": 1, "wrapText": 1], limit: 150)
    #expect(shown.text.contains("wrapText") && !shown.text.contains("another"), "\(shown.text)")
    let other = RelevantDifference(patch, names: ["count": 1, "another": 4], limit: 150)
    #expect(other.text.contains("another") && !other.text.contains("wrapText"), "\(other.text)")
  }

  @Test func wordsThatAreTooShortOrNumbersAreNoNames() {
    #expect(RelevantDifference.names(in: "if x1 == 12345 { wrap_text(a) }".utf8) == ["wrap_text"])
  }
}
