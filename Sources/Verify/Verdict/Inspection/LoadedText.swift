internal import Base
internal import Merging

/// Finds files of a patch that are code although their names do not say so: what a source includes, sources or requires.
enum LoadedText {
  /// The files whose language another file of the patch gives them, each with that file's path.
  static func loaders(in files: [PatchedFile]) -> [RepositoryPath: RepositoryPath] {
    let texts = files.filter { file in
      guard let new = file.new, !LineMerge.isBinary(new.content) else { return false }
      return !SealedPaths.isCode(file.path) && new.content.count <= 1 << 20
    }
    guard !texts.isEmpty else { return [:] }
    var found: [RepositoryPath: RepositoryPath] = [:]
    for file in files {
      guard let new = file.new, new.content.count <= 1 << 20, !LineMerge.isBinary(new.content) else { continue }
      let view = SourceView(new.content, path: file.path)
      let isShell = view.language.name == "Shell"
      guard SealedPaths.isCode(file.path) || isShell else { continue }
      for line in view.uncommented where loads(line, isShell: isShell) {
        for text in texts where text.path != file.path && found[text.path] == nil {
          if line.has(String(decoding: text.path.name, as: UTF8.self)) { found[text.path] = file.path }
        }
      }
    }
    // What includes it may be no part of the patch.
    for text in texts where found[text.path] == nil && Language.ofFile(at: text.path.bytes) == .unknown {
      let lines = SourceView(text.new?.content ?? [], path: text.path).lines
      let isC = lines.contains { line in ["#include ", "#define ", "#pragma "].contains { line.trimmed.hasPrefix($0) } }
      if isC { found[text.path] = RepositoryPath("x.h") }
    }
    return found
  }

  private static func loads(_ line: String, isShell: Bool) -> Bool {
    let text = line.trimmed
    if isShell {
      return text.hasPrefix(". ") || text.contains("source ") || text.contains("; . ") || text.contains("&& . ")
    }
    return ["#include", "include", "require", "import", "load", "exec", "do \"", "do '", "eval", "instance_eval"]
      .contains { text.contains($0) }
  }
}
