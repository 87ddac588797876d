/// What a merge needs to know about the language of a file: a row of a small table, not a parser.
package struct Language: Sendable, Hashable {
  /// How a language marks its structure.
  package enum Family: Sendable, Hashable {
    /// Blocks stand in braces and white space carries no meaning: C, Java, Swift, Go, Rust and their relatives.
    case braces
    /// Indentation is the structure: Python, YAML.
    case indentation
    /// Blocks close with a keyword: Ruby, Lua.
    case endKeyword
    /// Tags or line layout: XML, HTML, Markdown, reStructuredText.
    case markup
    /// Keys and values: JSON, TOML, INI, properties.
    case data
    /// Instructions for a build tool: Make, CMake, Gradle, Bazel.
    case build
    /// Anything else.
    case other
  }

  /// How a language writes a request for another module, file or name.
  package enum ImportForm: Sendable, Hashable {
    case none
    /// `import [static] a.b.C;`, with or without the semicolon: Java, Kotlin, Groovy, Scala.
    case java
    /// `#include <x>`, `#include "x"`, `#import`; their order can matter.
    case c
    /// `using A.B;`
    case csharp
    /// `import X`, `@testable import X`, `import struct X.Y`.
    case swift
    /// `"path"` or `alias "path"` within `import ( … )`, or `import "path"`.
    case go
    /// `use a::b;`
    case rust
    /// `import x from 'y'`, `const x = require('y')`, `export * from 'y'`.
    case ecmascript
    /// `use A\B;`
    case php
    /// `import a`, `from a import b`.
    case python
    /// `require 'a'`, `require_relative 'a'`; their order can matter.
    case ruby
    /// `import 'package:a/b.dart';`
    case dart
  }

  /// How one kind of text literal opens and closes.
  package struct TextForm: Sendable, Hashable {
    /// The bytes that open it.
    package var opener: [UInt8]
    /// The bytes that close it.
    package var closer: [UInt8]
    /// Whether a backslash takes the meaning of the byte after it.
    package var escapes: Bool
    /// Whether it may span lines.
    package var multiline: Bool
  }

  /// The language's usual name; `unknown` where the path does not tell.
  package var name: String
  package var family: Family
  /// Whether white space at the start of a line or within it can carry meaning.
  ///
  /// Then only white space at the end of a line, and the line ending, may be ignored.
  package var whitespaceMatters: Bool
  /// What starts a comment that ends with the line.
  package var lineComments: [[UInt8]]
  /// Whether `/* … */` is a comment.
  package var hasBlockComments: Bool
  /// The text literals, longer openers first.
  package var strings: [TextForm]
  /// Whether the language has here-documents (`<<EOS`, `<<~EOS`, `<<<EOS`).
  package var hasHeredocs: Bool
  package var imports: ImportForm
}

extension Language {
  /// The language of the file at `path`, by its name and its extension alone.
  ///
  /// - Parameter path: The path in the repository, as bytes; it need not be UTF-8.
  /// - Returns: The row of the table, or ``unknown``.
  package static func ofFile(at path: [UInt8]) -> Language {
    let name = lowercased(path.split(separator: UInt8(ascii: "/")).last ?? [])
    if let byName = rowOfFileName(name) { return byName }
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return .unknown }
    return rowOfExtension(String(decoding: name[(dot + 1)...], as: UTF8.self)) ?? .unknown
  }

  /// What is assumed of a file whose path tells nothing: white space matters, nothing is an import.
  package static let unknown = plain("unknown", .other)

  private static func lowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
  }

  private static func rowOfFileName(_ name: [UInt8]) -> Language? {
    switch String(decoding: name, as: UTF8.self) {
    case "makefile", "gnumakefile", "kbuild": make
    case "cmakelists.txt": plain("CMake", .build, comment: "#")
    case "dockerfile", "containerfile": plain("Dockerfile", .build, comment: "#")
    case "build", "build.bazel", "workspace", "workspace.bazel", "module.bazel", "buck": starlark
    case "gemfile", "rakefile", "podfile", "vagrantfile", "guardfile", "fastfile": ruby
    case "jenkinsfile": groovy
    case "requirements.txt", "constraints.txt": plain("requirements", .data, comment: "#")
    case "pipfile": plain("TOML", .data, comment: "#")
    default: nil
    }
  }

  private static func rowOfExtension(_ ending: String) -> Language? {
    codeByExtension(ending) ?? otherByExtension(ending)
  }

  // swift-format-ignore: a table reads better with one row a line
  private static func codeByExtension(_ ending: String) -> Language? {
    switch ending {
    case "c", "h": braces("C", .c)
    case "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "ipp", "inl", "tpp":
      braces("C++", .c, rawStrings: [("R\"(", ")\"")])
    case "m", "mm": braces("Objective-C", .c)
    case "cs": braces("C#", .csharp, rawStrings: [("\"\"\"", "\"\"\""), ("@\"", "\""), ("$@\"", "\"")])
    case "java": braces("Java", .java, rawStrings: [("\"\"\"", "\"\"\"")])
    case "kt", "kts": braces("Kotlin", .java, rawStrings: [("\"\"\"", "\"\"\"")])
    case "groovy", "gradle": groovy
    case "scala", "sc", "sbt": braces("Scala", .java, rawStrings: [("\"\"\"", "\"\"\"")], spaceMatters: true)
    case "swift":
      braces("Swift", .swift, rawStrings: [("\"\"\"", "\"\"\""), ("#\"\"\"", "\"\"\"#")], singleQuotes: false)
    case "go": braces("Go", .go, rawStrings: [("`", "`")])
    case "rs": rust
    case "js", "mjs", "cjs", "jsx": braces("JavaScript", .ecmascript, templates: true)
    case "ts", "mts", "cts", "tsx": braces("TypeScript", .ecmascript, templates: true)
    case "php", "phtml": php
    case "dart": braces("Dart", .dart, rawStrings: [("\"\"\"", "\"\"\""), ("'''", "'''")])
    case "css", "scss", "less": braces("CSS", .none)
    case "proto": braces("Protocol Buffers", .none)
    case "y", "yy", "l", "ll", "idl", "glsl", "hlsl", "metal", "cu", "java11", "d": braces("C-like", .none)
    case "py", "pyi", "pyx", "pxd": python
    case "rb", "rake", "gemspec", "ru": ruby
    case "lua":
      Language(
        name: "Lua",
        family: .endKeyword,
        whitespaceMatters: true,
        lineComments: [bytes("--")],
        hasBlockComments: false,
        strings: [raw("[[", "]]"), line("\""), line("'")],
        hasHeredocs: false,
        imports: .none
      )
    default: nil
    }
  }

  // swift-format-ignore: a table reads better with one row a line
  private static func otherByExtension(_ ending: String) -> Language? {
    switch ending {
    case "yml", "yaml": plain("YAML", .indentation, comment: "#")
    case "json", "json5", "jsonc": plain("JSON", .data)
    case "toml": plain("TOML", .data, comment: "#", strings: [raw("\"\"\"", "\"\"\""), raw("'''", "'''")])
    case "ini", "cfg", "conf", "properties", "editorconfig", "env": plain("properties", .data, comment: "#")
    case "csv", "tsv": plain("table", .data)
    case "xml", "xsd", "xsl", "xslt", "svg", "pom", "csproj", "fsproj", "vbproj", "props", "targets", "plist", "jelly":
      plain("XML", .markup)
    case "html", "htm", "xhtml", "vue", "svelte", "erb", "twig", "hbs", "mustache": plain("HTML", .markup)
    case "md", "markdown", "mdx": plain("Markdown", .markup)
    case "rst", "adoc", "asciidoc", "txt", "tex": plain("text", .markup)
    case "po", "pot": plain("gettext", .other)
    case "mk", "mak", "am": make
    case "cmake": plain("CMake", .build, comment: "#")
    case "bzl", "bazel", "star": starlark
    case "sh", "bash", "zsh", "ksh":
      Language(
        name: "Shell",
        family: .other,
        whitespaceMatters: true,
        lineComments: [bytes("#")],
        hasBlockComments: false,
        strings: [quoted("\"", "\""), raw("'", "'")],
        hasHeredocs: true,
        imports: .none
      )
    case "hs", "elm", "fs", "fsx", "nim", "coffee", "haml", "slim", "pug", "sass", "styl": plain(ending, .indentation)
    default: nil
    }
  }

  private static let make = plain("Make", .build, comment: "#")
  private static let groovy = braces("Groovy", .java, rawStrings: [("\"\"\"", "\"\"\""), ("'''", "'''")])
  private static let python = Language(
    name: "Python",
    family: .indentation,
    whitespaceMatters: true,
    lineComments: [bytes("#")],
    hasBlockComments: false,
    strings: [quoted("\"\"\"", "\"\"\""), quoted("'''", "'''"), line("\""), line("'")],
    hasHeredocs: false,
    imports: .python
  )
  private static let starlark = Language(
    name: "Starlark",
    family: .build,
    whitespaceMatters: true,
    lineComments: [bytes("#")],
    hasBlockComments: false,
    strings: [quoted("\"\"\"", "\"\"\""), line("\""), line("'")],
    hasHeredocs: false,
    imports: .none
  )
  private static let ruby = Language(
    name: "Ruby",
    family: .endKeyword,
    whitespaceMatters: true,
    lineComments: [bytes("#")],
    hasBlockComments: false,
    strings: [quoted("\"", "\""), quoted("'", "'")],
    hasHeredocs: true,
    imports: .ruby
  )
  private static let rust = Language(
    name: "Rust",
    family: .braces,
    whitespaceMatters: false,
    lineComments: [bytes("//")],
    hasBlockComments: true,
    strings: [raw("r#\"", "\"#"), raw("r\"", "\""), quoted("\"", "\"")],
    hasHeredocs: false,
    imports: .rust
  )
  private static let php = Language(
    name: "PHP",
    family: .braces,
    whitespaceMatters: false,
    lineComments: [bytes("//"), bytes("#")],
    hasBlockComments: true,
    strings: [quoted("\"", "\""), quoted("'", "'")],
    hasHeredocs: true,
    imports: .php
  )

  /// A language in braces; `rawStrings` may span lines.
  private static func braces(
    _ name: String,
    _ imports: ImportForm,
    rawStrings: [(String, String)] = [],
    singleQuotes: Bool = true,
    templates: Bool = false,
    spaceMatters: Bool = false
  ) -> Language {
    var strings = rawStrings.map { raw($0.0, $0.1) }.sorted { $0.opener.count > $1.opener.count }
    if templates { strings.append(quoted("`", "`")) }
    strings.append(line("\""))
    if singleQuotes { strings.append(line("'")) }
    return Language(
      name: name,
      family: .braces,
      whitespaceMatters: spaceMatters,
      lineComments: name == "CSS" ? [] : [bytes("//")],
      hasBlockComments: true,
      strings: strings,
      hasHeredocs: false,
      imports: imports
    )
  }

  private static func plain(
    _ name: String,
    _ family: Family,
    comment: String? = nil,
    strings: [TextForm] = []
  ) -> Language {
    Language(
      name: name,
      family: family,
      whitespaceMatters: true,
      lineComments: comment.map { [bytes($0)] } ?? [],
      hasBlockComments: false,
      strings: strings,
      hasHeredocs: false,
      imports: .none
    )
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// A literal without escapes that may span lines.
  private static func raw(_ opener: String, _ closer: String) -> TextForm {
    TextForm(opener: bytes(opener), closer: bytes(closer), escapes: false, multiline: true)
  }

  /// A literal with escapes that may span lines.
  private static func quoted(_ opener: String, _ closer: String) -> TextForm {
    TextForm(opener: bytes(opener), closer: bytes(closer), escapes: true, multiline: true)
  }

  /// A literal with escapes that ends with its line at the latest.
  private static func line(_ quote: String) -> TextForm {
    TextForm(opener: bytes(quote), closer: bytes(quote), escapes: true, multiline: false)
  }
}
