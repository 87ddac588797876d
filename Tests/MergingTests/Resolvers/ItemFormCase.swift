import Testing

@testable import Merging

/// A file in three versions, and what one form of the merge of items makes of it.
struct ItemFormCase: Sendable, CustomTestStringConvertible {
  var path: String
  var base: String
  var ours: String
  var theirs: String
  /// The merged file; `nil` where the form must abstain.
  var result: String?
  var note: String
  var testDescription: String { "\(path): \(note)" }

  /// Makes the whole files; `frame` is what all of them have before and after what is given.
  init(
    _ path: String,
    _ note: String,
    in frame: (String, String) = ("", ""),
    _ base: String,
    _ ours: String,
    _ theirs: String,
    _ result: String? = nil
  ) {
    func framed(_ text: String) -> String { frame.0 + text + frame.1 }
    self.path = path
    self.note = note
    self.base = framed(base)
    self.ours = framed(ours)
    self.theirs = framed(theirs)
    self.result = result.map(framed)
  }

  /// The whole merge by some resolvers; `swapped` with the sides exchanged.
  func merge(by resolvers: [any Resolver], swapped: Bool = false) -> FileMerge {
    FileMerge(
      base: Array(base.utf8),
      ours: Array((swapped ? theirs : ours).utf8),
      theirs: Array((swapped ? ours : theirs).utf8),
      path: Array(path.utf8),
      resolvers: resolvers
    )
  }

  static func text(of merge: FileMerge) -> String {
    String(decoding: merge.render(ConflictMarkers(ours: nil, base: nil, theirs: nil)), as: UTF8.self)
  }

  /// The lines without order, and without the commas that depend on it.
  static func lines(of text: String) -> [String] {
    text.split(separator: "\n").map { $0.last == "," ? String($0.dropLast()) : String($0) }.sorted()
  }

  func check(by form: ItemMerge.Form) {
    #expect(!merge(by: []).isClean, "the line merge alone settles it")
    let (merge, mirrored) = (merge(by: [ItemMerge(form)]), merge(by: [ItemMerge(form)], swapped: true))
    #expect(merge.isClean == (result != nil))
    #expect(mirrored.isClean == merge.isClean)
    guard let result else {
      #expect(merge.resolved.isEmpty && mirrored.resolved.isEmpty)
      return
    }
    #expect(Self.text(of: merge) == result)
    #expect(Self.lines(of: Self.text(of: mirrored)) == Self.lines(of: result))
    #expect(merge.resolved.allSatisfy { $0.resolution.resolver == form.rawValue })
  }
}

extension ItemFormCase {
  /// What stands around the members of a type, the entries of an object, the elements of a document.
  static let java = ("class Job {\n", "}\n")
  static let swift = ("struct Job {\n", "}\n")
  static let object = ("{\n", "}\n")
  static let markup = ("<root>\n", "</root>\n")
}
