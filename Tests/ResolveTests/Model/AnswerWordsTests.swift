import Base
import Testing
import Work

@testable import Resolve

@Suite("The lines in which a model says what it did")
struct AnswerWordsTests {
  @Test("Each form is read, in a list or not; other talk is not")
  func forms() throws {
    let words = AnswerWords(
      """
      I merged everything. DROP is a word here.
      - ABSTAIN h1a because both are plausible
      DROP h2b ours 2,4-6 because `x` is unused
        * DROP h2b theirs 1 moved to ./src/a b.py:14 because it was moved
      DROP h2b theirs 2 moved to `src/a b.py:14` because it was moved
      DROP h2b ours 3 gone old_name because it went
      UNDO h2b because it is needed
      NEW h2b one `two three` because there is no other
      OUTSIDE src/x.py:10-12 because the name changed
      KEEP h3c because it is used
      DELETE h4d because nobody uses it
      """)
    #expect(words.abstained == ["h1a": "both are plausible"])
    let drops = try #require(words.drops["h2b"])
    #expect(drops.map(\.numbers) == [2...2, 4...6, 2...2, 3...3])
    #expect(drops.map(\.side) == [.ours, .ours, .theirs, .ours])
    #expect(drops[0].reason == "x is unused")
    #expect(drops[2].claim == .moved(try #require(RepositoryPath("src/a b.py")), 14))
    #expect(drops[3].claim == .gone("old_name"))
    #expect(words.introduced["h2b"]?.words == ["one", "two three"])
    #expect(words.undone["h2b"] == "it is needed")
    #expect(words.outside.map(\.lines) == [10...12])
    #expect(words.decisions["h3c"]?.decision == .keep && words.decisions["h4d"]?.decision == .delete)
    // A path with a space that is not in grave accents is none.
    #expect(words.malformed.count == 1)
  }

  @Test(
    "What is almost of the form is told, and counts for nothing",
    arguments: [
      "DROP h1 ours 2", "DROP h1 ours 2 because", "DROP h1 ours 2 because x", "DROP h1 mine 2 because it is old",
      "DROP h1 ours 0 because it is old", "DROP h1 ours 4-2 because it is old", "DROP h1 ours -1 because it is old",
      "DROP h1 ours 99999999999999999999 because it is old", "DROP h1 ours 1000000001 because it is old",
      "DROP h1 ours 1 moved to a.py:9223372036854775807 because it is old",
      "OUTSIDE a.py:9223372036854775807 because x y",
      "DROP h1 ours 1 moved because it is old",
      "DROP h1 ours 1 moved to /etc/passwd:1 because it is old",
      "DROP h1 ours 1 moved to ../a:1 because it is old", "OUTSIDE a.py because I had to",
      "OUTSIDE :3 because I had to", "NEW h1 because I had to", "ABSTAIN because", "KEEP because it is used",
    ])
  func malformed(_ line: String) {
    let words = AnswerWords(line)
    #expect(words.malformed.count == 1)
    #expect(words.drops.isEmpty && words.outside.isEmpty && words.introduced.isEmpty && words.decisions.isEmpty)
    #expect(words.abstained.isEmpty)
  }
}
