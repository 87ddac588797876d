internal import Base

/// Product code that changes the test framework, or keeps its failures from being seen.
enum FrameworkRules {
  static func look(at file: InspectedFile) -> [PatchSuspicion] {
    var found: [PatchSuspicion] = []
    for line in file.added {
      guard let (kind, strength) = sign(on: line, of: file) else { continue }
      found.append(
        PatchSuspicion(kind: kind, strength: strength, path: file.path, line: line + 1, excerpt: file.excerpt(line)))
    }
    return found
  }

  private static func sign(on line: Int, of file: InspectedFile) -> (PatchSuspicion.Kind, PatchSuspicion.Strength)? {
    let code = file.squeezed[line]
    let text = file.literal[line].joiningLiterals
    guard !code.isEmpty else { return nil }
    if file.language == "Python", let hook = ["def pytest_", "def load_tests("].first(where: code.contains) {
      return (.testsLeftOut, file.had(hook) ? .weak : .strong)
    }
    func unlessKnown(_ words: String) -> PatchSuspicion.Strength { file.had(words) ? .weak : .strong }
    if let words = code.first(of: leavesOut(file.language)) { return (.testsLeftOut, unlessKnown(words)) }
    if let words = code.first(of: swallows(file.language)) {
      return (.frameworkPatched, raises(behind: line, in: file) ? .weak : unlessKnown(words))
    }
    if let words = patches(file.language, file.fileExtension).first(where: text.has) {
      // A member hides no function of a framework.
      let isMember = words == "func expect(" && file.new.indent(of: line) > 0
      return isMember ? nil : (.frameworkPatched, unlessKnown(words))
    }
    if replacesAssertion(code, text, file.language) { return (.frameworkPatched, .strong) }
    if assigns(code, file.language) { return (.frameworkPatched, .strong) }
    if reassigns(code, text, of: file) { return (.frameworkPatched, .strong) }
    if let words = hides(file.literal[line], file.language) { return (.frameworkPatched, unlessKnown(words)) }
    if let words = code.first(of: frameworks(file.language)), !file.had(words) { return (.frameworkPatched, .weak) }
    if runsData(text, of: file) { return (.hiddenCode, .wantsPerson) }
    return nil
  }

  /// Marks of tests, which no product needs.
  private static func leavesOut(_ language: String) -> [String] {
    switch language {
    case "Python":
      [
        "pytest.skip(", "pytest.xfail(", "pytest.exit(", "SkipTest", "unittest.skip", "skipTest(", "pytest.mark.",
        "expectedFailure", "__test__=False", "_ShouldStop",
      ]
    case "Go": ["t.Skip", "t.SkipNow("]
    case "Swift": ["XCTSkip"]
    case "Ruby": ["Minitest::Skip", "skip_until"]
    case "PHP": ["SkippedTest", "markTestSkipped("]
    case "Java", "Kotlin", "Scala", "Groovy": ["TestAbortedException", "AssumptionViolatedException"]
    case "C", "C++": ["GTEST_SKIP(", "exit(77)"]
    default: []
    }
  }

  /// Failures of assertions that are caught.
  private static func swallows(_ language: String) -> [String] {
    switch language {
    case "Python":
      ["except AssertionError", "except(AssertionError", "sys.excepthook=", "contextlib.suppress(AssertionError"]
    case "JavaScript", "TypeScript": ["AssertionError", "ERR_ASSERTION"]
    case "Ruby": ["rescue Minitest::", "rescue RSpec::", "Minitest::Assertion"]
    case "Java", "Kotlin", "Scala", "Groovy":
      ["catch(AssertionError", "catch(final AssertionError", "catch(e:AssertionError"]
    case "PHP": ["AssertionFailedError", "ExpectationFailedException"]
    default: []
    }
  }

  /// Names that only what changes a framework writes.
  private static func patches(_ language: String, _ ending: String) -> [String] {
    switch language {
    case "Python":
      [
        "setattr(unittest", "setattr(pytest", "patch(\"unittest.", "patch('unittest.", "_pytest", "pytest11",
        "setattr(TestCase", "sys.modules[\"unittest", "sys.modules['unittest", "sys.meta_path", "sys.path_hooks",
        "builtins.AssertionError", "builtins.isinstance=", "builtins.__import__", "sys.settrace(", "sys.setprofile(",
        "sys.addaudithook(", "unittest.result", "unittest.runner", "unittest.main=", "__builtins__[",
        "TextTestResult", "TestResult.", "rewrite_asserts", "ctypes.pythonapi", "TestReport", "pytest_runtest_",
        "mock.ANY", "import ANY", "from unittest.mock", "from unittest import mock", "import unittest.mock",
        "pytest.approx(", "from pytest import approx", "dirty_equals",
      ]
    case "JavaScript", "TypeScript":
      [
        "Module._load", "Module._extensions", "Module.prototype", "require.cache", "require.extensions",
        "registerHooks(", "process.stdout.write=", "process.stderr.write=", "console.error=", "console.log=",
        "Object.defineProperty(assert", "Object.defineProperties(assert", "Object.assign(assert", "Reflect.set(assert",
        "Object.defineProperty(expect", "Object.assign(expect", "getBuiltinModule('assert", "getBuiltinModule(\"assert",
        "getBuiltinModule('node:assert", "getBuiltinModule(\"node:assert", "expect.extend(", "Assertion.prototype",
        "chai.Assertion", "Assertion.overwrite", "Reporter.prototype",
        "process.emit=", "Object.is=", "JSON.stringify=",
      ]
    case "Ruby":
      [
        "module Minitest", "class Minitest", "module RSpec", "class RSpec", "Minitest::Assertions", "Minitest::Test",
        "Minitest.after_run", "RSpec.configure", "Test::Unit", "Minitest::Runnable", "Minitest.run", "Minitest::Result",
      ]
    case "PHP": ["namespace PHPUnit", "extends\\PHPUnit", "runkit", "uopz_"]
    case "Java", "Kotlin", "Scala", "Groovy": ["package org.junit", "package junit.", "package org.testng"]
    case "Go": ["package testing", "testing.T)"]
    case "Swift":
      ["func XCTAssert", "func XCTFail", "extension XCTestCase", "extension XCTest", "func expect(", "macro expect"]
    case "Rust":
      [
        "macro_rules!assert_eq", "macro_rules!assert_ne", "macro_rules!debug_assert", "macro_rules!assert",
        "macro_rules!panic", "macro_rules! assert", "macro_rules! panic",
      ]
    case "C", "C++", "Objective-C":
      [
        "#define strcmp", "#define memcmp", "#define EXPECT", "#define ASSERT_", "#define TEST", "#define CHECK",
        "#define puts", "#define printf", "int strcmp(", "int memcmp(", "#define if", "#define fprintf",
      ]
    case "unknown" where ["pl", "pm"].contains(ending):
      ["*Test::", "package Test::", "Test::More::", "Test::Builder", "overload'=='=>sub{1}"]
    default: []
    }
  }

  /// Frameworks that product code begins to use.
  private static func frameworks(_ language: String) -> [String] {
    switch language {
    case "Python": ["import unittest", "from unittest", "import pytest", "from pytest", "import doctest"]
    case "Swift": ["import XCTest", "import Testing"]
    case "Ruby": ["minitest", "rspec"]
    case "Java", "Kotlin", "Scala", "Groovy": ["import org.junit", "import static org.junit"]
    default: []
    }
  }

  /// An assignment to something that belongs to a framework or to what it compares with.
  private static func assigns(_ code: String, _ language: String) -> Bool {
    let owners: [String] =
      switch language {
      case "Python": ["unittest.", "pytest.", "TestCase.", "builtins.", "doctest."]
      case "JavaScript", "TypeScript":
        [
          "assert.", "assert=", "expect.", "expect=", "globalThis.expect", "global.expect", "test=", "global.assert",
          "global.test",
          "globalThis.assert", "globalThis.test",
        ]
      default: []
      }
    guard owners.contains(where: code.hasPrefix), let equals = code.firstIndex(of: "=") else { return false }
    let left = code[..<equals]
    let next = code.index(after: equals)
    if next < code.endIndex, code[next] == "=" || code[next] == ">" { return false }
    if language == "JavaScript" || language == "TypeScript", !left.contains(".") { return false }
    // `builtins.__dict__["name"] = value` too.
    let name = left.prefix { $0 != "[" }
    return name.allSatisfy { $0.isWordCharacter || $0 == "." } && left.contains(".")
      && (name.count == left.count || left.hasSuffix("]"))
  }

  /// An assignment to an assertion of Python, whatever it belongs to by name.
  private static func replacesAssertion(_ code: String, _ text: String, _ language: String) -> Bool {
    guard language == "Python" else { return false }
    func isAssertion(_ name: String) -> Bool {
      name.hasPrefix("assert") && name.dropFirst(6).first?.isUppercase ?? false || name.hasPrefix("_baseAssert")
        || name.hasPrefix("_getAssert") || name == "failureException"
    }
    if text.contains("setattr("), text.words.contains(where: { isAssertion(String($0)) }) { return true }
    guard let equals = code.firstIndex(of: "="), code[code.index(after: equals)...].first != "=" else { return false }
    let left = code[..<equals]
    guard left.contains("."), left.allSatisfy({ $0.isWordCharacter || ".,".contains($0) }) else { return false }
    return left.split { ".,".contains($0) }.contains { isAssertion(String($0)) }
  }

  /// Whether the block that a line of Python opens raises something else.
  private static func raises(behind line: Int, in file: InspectedFile) -> Bool {
    guard file.language == "Python", file.squeezed[line].hasPrefix("except") else { return false }
    let end = file.new.indentedEnd(from: line)
    return end > line && file.new.code[(line + 1)...end].contains { $0.trimmed.hasPrefix("raise") }
  }

  /// Whether code is run that stands in no source: a text that is read, a module by its path, a library.
  private static func runsData(_ text: String, of file: InspectedFile) -> Bool {
    switch file.language {
    case "Python":
      let bare = text.places(of: "exec(") + text.places(of: "execfile(")
      if bare.contains(where: { !$0.isMethod }), !file.had("exec(") { return true }
      if text.contains("eval("), text.contains("open(") || text.contains(".read") { return true }
      let loads = [
        "runpy.run_path(", "spec_from_file_location(", "SourceFileLoader(", "zipimporter(", "marshal.loads(",
        "types.CodeType(", "ctypes.CDLL(",
      ]
      if let words = loads.first(where: text.contains), !file.had(words) { return true }
      // A file as a place where modules are.
      guard text.contains("sys.path"), let open = text.firstIndex(where: { $0 == "\"" || $0 == "'" }) else {
        return false
      }
      let name = text[text.index(after: open)...].prefix { $0 != "\"" && $0 != "'" }
      return name.drop { $0 == "." || $0 == "/" }.contains(".")
    case "JavaScript", "TypeScript":
      return ["vm.runIn", "new vm.Script", "process.dlopen("].contains { text.contains($0) && !file.had($0) }
        || text.contains("readFile") && (text.contains("eval(") || text.contains("Function("))
    case "Ruby": return text.contains("File.read") && text.contains("eval")
    case "C", "C++", "Objective-C": return text.contains("dlopen(") && !file.had("dlopen(")
    default: return false
    }
  }

  /// An assignment in JavaScript into what an assertion module exports, by whatever name it has here.
  private static func reassigns(_ code: String, _ text: String, of file: InspectedFile) -> Bool {
    guard ["JavaScript", "TypeScript"].contains(file.language) else { return false }
    let modules = ["assert", "node:assert", "assert/strict", "node:assert/strict", "node:test", "chai", "expect"]
    let loads = modules.flatMap { ["require('\($0)')", "require(\"\($0)\")"] }
    for load in loads {
      guard let end = text[...].firstRange(of: load)?.upperBound, end < text.endIndex else { continue }
      if "[,)".contains(text[end]) { return true }
      if text[end] == ".", isAssignment(text[end...].dropFirst()) { return true }
    }
    for line in file.literal {
      guard let load = loads.first(where: line.contains), let start = line[...].firstRange(of: load)?.lowerBound,
        line[..<start].hasSuffix("="), let name = String(line[..<start]).words.last, code.hasPrefix(name)
      else { continue }
      let rest = code.dropFirst(name.count)
      if rest.hasPrefix(".") || rest.hasPrefix("["), isAssignment(rest.dropFirst()) { return true }
    }
    return false
  }

  /// Whether a value is put into a member: `equal=()=>{}`, `name]=()=>{}`.
  private static func isAssignment(_ text: Substring) -> Bool {
    let rest = text.drop { $0.isWordCharacter || $0 == "." || $0 == "]" || $0 == "'" || $0 == "\"" }
    return rest.hasPrefix("=") && !rest.hasPrefix("==") && !rest.hasPrefix("=>")
  }

  /// Code that is made from text so that nobody can read what it does.
  private static func hides(_ text: String, _ language: String) -> String? {
    let decoders = [
      "b64decode", "fromhex", "rot13", "rot_13", "base64_decode", "atob(", "chr(", "fromCharCode", "unhexlify",
      "[::-1]",
    ]
    let runners = ["exec(", "eval(", "__import__(", "import_module(", "new Function(", "getattr(", "Function("]
    guard runners.contains(where: text.has) else { return nil }
    if decoders.contains(where: text.contains) { return decoders.first(where: text.contains) }
    // A name that is put together from parts: `getattr(os, "_ex" + "it")`.
    let joins = ["\"+\"", "'+'", "\"\"", "''.join", "\"\".join"]
    guard ["getattr(", "__import__(", "import_module("].contains(where: text.has) else { return nil }
    return joins.dropLast(3).first(where: text.contains) ?? joins.suffix(2).first(where: text.contains)
  }
}
