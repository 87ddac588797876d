internal import Base
internal import FileSystem
package import Review

/// SARIF files that a person names.
package enum LinterFiles {
  /// A larger file is refused: 64 MiB.
  private static let largest = 64 << 20

  /// Reads them.
  ///
  /// - Parameters:
  ///   - paths: Where they are.
  ///   - root: The work tree that absolute paths in them stand in; `nil` for none.
  /// - Returns: What is in them.
  /// - Throws: ``UnreadableLinterFile``.
  package static func read(
    _ paths: [String], root: String?
  ) throws(UnreadableLinterFile) -> [SARIFDocument] {
    var documents: [SARIFDocument] = []
    for path in paths {
      do {
        let content = try File.read(Array(path.utf8), limit: largest)
        documents.append(try SARIFDocument.parse(content, root: root.map { Array($0.utf8) } ?? []))
      } catch let error as SARIFError {
        throw UnreadableLinterFile(description: "'\(DisplayText.escaping(path.utf8))': \(error)")
      } catch {
        throw UnreadableLinterFile(description: "\(error)")
      }
    }
    return documents
  }
}

/// A file of a linter that cannot be read: exit status 2.
package struct UnreadableLinterFile: Error, Hashable, CustomStringConvertible {
  package let description: String
}
