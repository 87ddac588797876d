internal import Base
internal import Merging

/// A new file of tests: what it does when it is loaded, beside declaring tests, and to what it imports.
struct AddedModule {
  private let file: SourceView
  /// The names that the file imports, and the other names that it gives to them.
  private let imported: Set<String>

  init(_ file: SourceView) {
    self.file = file
    imported = Self.imported(by: file)
  }

  /// Whether nothing stands at the outermost level but imports, classes, functions, decorators and constants, and in
  /// JavaScript calls that declare tests.
  var onlyDeclares: Bool {
    switch file.language.name {
    case "Python": outermost.allSatisfy(isPythonDeclaration)
    case "JavaScript", "TypeScript": outermost.allSatisfy(isScriptDeclaration)
    case "Ruby": outermost.allSatisfy(isRubyDeclaration)
    // Languages in which nothing else can stand there, and scripts that are programs of their own.
    default: true
    }
  }

  /// The first lines of the statements at the outermost level, without literals.
  private var outermost: [String] {
    var depth = 0
    var found: [String] = []
    var isContinued = false
    for line in 0..<file.count {
      let code = file.code[line]
      let text = code.trimmed
      if depth == 0, !isContinued, !text.isEmpty, file.indent(of: line) == 0 { found.append(text) }
      if !text.isEmpty { isContinued = text.hasSuffix("\\") }
      for character in code {
        if "([{".contains(character) { depth += 1 }
        if ")]}".contains(character) { depth = max(0, depth - 1) }
      }
    }
    return found
  }

  // MARK: Languages

  private func isPythonDeclaration(_ text: String) -> Bool {
    let opens = [
      "import ", "from ", "class ", "def ", "async def ", "@", "\"", "'", "r\"", "if __name__", "if TYPE_CHECKING",
    ]
    if opens.contains(where: text.hasPrefix) { return isOneStatement(text) }
    if ["unittest.main(", "\"\"\"", ")", "]", "}"].contains(where: text.hasPrefix) { return isOneStatement(text) }
    // An assertion that is made while the file is loaded acts on nothing.
    return isConstant(text) || text.hasPrefix("assert ") && isOneStatement(text) && !text.contains(":=")
  }

  private func isScriptDeclaration(_ text: String) -> Bool {
    let opens = [
      "import ", "import{", "export ", "const ", "let ", "var ", "function ", "async function ", "class ", "describe(",
      "describe.each", "test(", "test.each", "it(", "it.each", "suite(", "context(", "specify(", "before(",
      "beforeEach(",
      "after(", "afterEach(", "beforeAll(", "afterAll(", "type ", "interface ", "enum ", "declare ", "@", "}", ")", "]",
      "'", "\"", "#!", "test.describe(", "function*",
    ]
    return opens.contains(where: text.hasPrefix)
  }

  private func isRubyDeclaration(_ text: String) -> Bool {
    let opens = [
      "require ", "require_relative ", "class ", "describe ", "describe(", "RSpec.describe ", "context ", "end",
    ]
    return opens.contains(where: text.hasPrefix) && !text.contains("class String") && !text.contains("class Object")
      || isConstant(text) && text.first?.isUppercase ?? false
  }

  private func isOneStatement(_ text: String) -> Bool { !text.dropLast().contains(";") }

  /// `NAME = value`, and nothing put into what belongs to something else.
  private func isConstant(_ text: String) -> Bool {
    guard let equals = text.firstIndex(of: "="), isOneStatement(text) else { return false }
    let next = text.index(after: equals)
    guard next == text.endIndex || text[next] != "=" else { return false }
    // `A, B = 1, 2` and `LIMIT: int = 3` too.
    let names = text[..<equals].prefix { $0 != ":" }
    return !names.isEmpty && names.allSatisfy { $0.isWordCharacter || $0 == "," || $0 == " " }
      && names.first { !$0.isWhitespace }.map { !$0.isNumber } ?? false
  }

  // MARK: What belongs to others

  /// Whether any of these lines puts a value into an attribute of something that the file imports, or into an assertion.
  func assignsToOthers(in lines: Range<Int>) -> Bool {
    var open = ""
    for line in lines {
      open += file.code[line].trimmed
      // A statement that goes on in the next line.
      if open.hasSuffix("\\") {
        open.removeLast()
        continue
      }
      if open.hasSuffix(".") { continue }
      if open.squeezed.split(separator: ";").contains(where: { assignsToOthers(String($0)) }) { return true }
      open = ""
    }
    return false
  }

  private func assignsToOthers(_ code: String) -> Bool {
    let calls = ["setattr(", "delattr(", "Object.defineProperty(", "Object.assign(", "Reflect.set(", "vars("]
    for call in calls {
      for (start, isMethod) in code.places(of: call) where !isMethod {
        let root = String(code[start...].prefix { $0.isWordCharacter })
        if imported.contains(root) || code.contains("__class__") { return true }
      }
    }
    return Self.targets(of: code).contains { $0.contains(".") && belongsToOthers($0) }
  }

  private func belongsToOthers(_ target: String) -> Bool {
    let parts = target.split { ".[".contains($0) }.map(String.init)
    let insides = [
      "__class__", "__bases__", "__base__", "__mro__", "__dict__", "prototype", "__proto__", "constructor",
    ]
    if parts.contains(where: insides.contains) { return true }
    if let last = parts.last, last.hasPrefix("assert") || last.hasPrefix("_baseAssert") || last == "failureException" {
      return true
    }
    return parts.first.map(imported.contains) ?? false
  }

  /// What stands before the equals sign of an assignment; nothing for any other line.
  private static func targets(of code: String) -> [String] {
    var rest = code[...]
    for word in ["await ", "yield ", "this."] where rest.hasPrefix(word) { rest = rest.dropFirst(word.count) }
    var end = rest.startIndex
    var depth = 0
    while end < rest.endIndex {
      let character = rest[end]
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      guard depth > 0 || character.isWordCharacter || ".,]".contains(character) else { break }
      end = rest.index(after: end)
    }
    var operation = rest[end...]
    // `+=` and its like.
    if let first = operation.first, "+-*/|&".contains(first) { operation = operation.dropFirst() }
    // `name: type = value`
    if operation.hasPrefix(":"), !operation.hasPrefix(":=") { operation = operation.drop { $0 != "=" } }
    guard operation.hasPrefix("="), !operation.hasPrefix("=="), !operation.hasPrefix("=>") else { return [] }
    return rest[..<end].split(separator: ",").map(String.init)
  }

  private static func imported(by file: SourceView) -> Set<String> {
    var names: Set<String> = []
    var isOpen = false
    for line in 0..<file.count {
      let text = file.code[line].trimmed
      switch file.language.name {
      case "Python":
        if isOpen || text.hasPrefix("import ") || text.hasPrefix("from ") {
          let list = text.hasPrefix("from ") ? text.after(" import ") ?? "" : text
          for part in list.split(separator: ",") { names.formUnion(String(part).words.map(String.init)) }
          isOpen = (isOpen || text.contains("(")) && !text.contains(")")
        }
      case "JavaScript", "TypeScript":
        if text.hasPrefix("import ") || text.hasPrefix("import{") || text.contains("require(") {
          names.formUnion((text.before(" from ") ?? text.before("=") ?? "").words.map(String.init))
        }
      case "Go":
        // The name of a package is the last part of its path.
        let path = file.uncommented[line].trimmed
        if path.hasSuffix("\""), path.hasPrefix("\"") || path.hasPrefix("import ") || path.contains(" \"") {
          if let name = path.words.last { names.insert(String(name)) }
        }
      default: break
      }
    }
    names.subtract(["import", "from", "as", "const", "let", "var", "self", "cls", "this", "type", "default"])
    guard !names.isEmpty, ["Python", "JavaScript", "TypeScript"].contains(file.language.name) else { return names }
    // Other names for them: `Base = unittest.TestCase`, `for kind in (Base,):`
    for _ in 0..<2 {
      for line in 0..<file.count {
        let text = file.code[line].trimmed
        if text.hasPrefix("for "), let source = text.after(" in "),
          source.words.contains(where: { names.contains(String($0)) }),
          !source.contains("(") || source.hasPrefix("("), let bound = text.before(" in ")
        {
          names.formUnion(String(bound.dropFirst(4)).words.map(String.init))
        }
        guard let left = text.before("="), let right = text.after("="), let root = right.words.first,
          names.contains(String(root)), right.trimmed.allSatisfy({ $0.isWordCharacter || $0 == "." || $0 == ";" }),
          let name = left.words.last, left.trimmed.hasSuffix(name), !left.contains("."), !left.contains("(")
        else { continue }
        names.insert(String(name))
      }
    }
    return names
  }
}

extension String {
  /// What stands behind the first place of a text; `nil` where it is not in this one.
  func after(_ text: String) -> String? { self[...].firstRange(of: text).map { String(self[$0.upperBound...]) } }

  /// What stands before the first place of a text; `nil` where it is not in this one.
  func before(_ text: String) -> String? { self[...].firstRange(of: text).map { String(self[..<$0.lowerBound]) } }

  /// Where a call's arguments begin, each time, and whether it is a method of something that is named.
  func places(of call: String) -> [(start: Index, isMethod: Bool)] {
    var found: [(start: Index, isMethod: Bool)] = []
    var rest = self[...]
    while let range = rest.firstRange(of: call) {
      let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
      if !before.isWordCharacter || call.contains(".") { found.append((range.upperBound, before == ".")) }
      rest = self[range.upperBound...]
    }
    return found
  }
}
