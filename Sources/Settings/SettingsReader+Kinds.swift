internal import Base
internal import FileSystem
internal import Policy

// Each of these reads one kind of value, and reports where the file holds another.
extension SettingsReader {
  mutating func report(_ position: FilePosition, _ path: String, _ message: String) {
    problems.append(PlacedProblem(position: position, key: path, message: message))
  }

  mutating func report(_ field: Field, _ message: String) {
    report(field.node.isNull ? field.position : field.node.position, field.path, message)
  }

  /// The path as it is meant: one that does not begin with `/` counts from the configuration's directory.
  func resolved(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return String(file[...slash]) + path
  }

  func read(_ path: String) throws(FileError) -> (content: [UInt8], mode: UInt32) {
    let file = try surroundings.file(path).get()
    return (file.content, file.mode)
  }

  mutating func warnIfOpen(_ path: String, mode: UInt32) {
    if mode & 0o004 == 0 { return }
    let warning = "everybody on this machine may read '\(path)': chmod o-r '\(path)'"
    if !warnings.contains(warning) { warnings.append(warning) }
  }

  /// The text of a value: not nothing, not a list.
  mutating func text(_ field: Field) -> String? {
    guard case .scalar(let text, _) = field.node.content else {
      report(field, "one value is expected here, not a list or keys")
      return nil
    }
    if field.node.isNull || text.allSatisfy(\.isWhitespace) {
      report(field, "it has no value; write one or remove the key")
      return nil
    }
    return text
  }

  /// A secret that deliveries or the page are checked with: `nil` where it is not read here, or there is none.
  mutating func servedSecret(_ field: Field) -> Secret? {
    guard let place = place(field, keeping: \.served) else { return nil }
    switch reading {
    case .server: return secret(field)
    case .worker: return nil
    case .broker:
      // It looks for it in what leaves; whether it is right is the server's to say.
      let before = problems.count
      defer { problems.removeLast(problems.count - before) }
      if case .file(let path) = place, (try? read(path)) == nil { return nil }
      return secret(field)
    }
  }

  /// What stands where a secret is expected: a word, `{ file: PATH }` or `{ env: NAME }`.
  private enum SecretText {
    case word(String)
    /// The path as it is meant.
    case file(String, Field)
    case variable(String, Field)
  }

  /// Reads what stands there and looks neither at the file nor at the variable; `nil` where it is none of these.
  private mutating func secretText(_ field: Field) -> SecretText? {
    guard case .keys(let entries) = field.node.content else {
      if case .list = field.node.content {
        report(field, "one value is expected here: a word, { file: PATH } or { env: NAME }")
        return nil
      }
      guard let text = text(field) else { return nil }
      if field.path != "database" { hasSecretsInside = true }
      return .word(text)
    }
    guard entries.count == 1, let entry = entries.first else {
      report(field, "a secret comes from one place: write { file: PATH } or { env: NAME }")
      return nil
    }
    let path = "\(field.path).\(entry.key)"
    let source = Field(path: path, position: entry.position, node: entry.value, name: entry.key)
    switch entry.key {
    case "file":
      guard let name = text(source) else { return nil }
      secretFiles.insert(resolved(name))
      return .file(resolved(name), source)
    case "env": return text(source).map { .variable($0, source) }
    default:
      report(entry.position, path, "no such key; \(Nearest.hint(for: entry.key, among: ["file", "env"]))")
      return nil
    }
  }

  /// Where a secret is; whether it is there shows where it is read.
  ///
  /// - Parameters:
  ///   - field: The value.
  ///   - kind: Which variables one counts among that it names.
  /// - Returns: The place; `nil` where the value names none.
  mutating func place(_ field: Field, keeping kind: WritableKeyPath<SecretVariables, Set<String>>) -> SecretPlace? {
    switch secretText(field) {
    case .word: return .inside
    case .file(let path, let source): return look(at: path, source) ? .file(path) : nil
    case .variable(let name, _):
      variables[keyPath: kind].insert(name)
      return .variable(name)
    case nil: return nil
    }
  }

  /// Whether a file is there that another process reads; its content stays unread.
  mutating func look(at path: String, _ field: Field) -> Bool {
    guard reading == .server else { return true }
    switch surroundings.mode(path) {
    case .success(let mode):
      warnIfOpen(path, mode: mode)
      return true
    case .failure(let error):
      report(field, "\(error)")
      return false
    }
  }

  /// A secret: a word, `{ file: PATH }` or `{ env: NAME }`.
  mutating func secret(_ field: Field) -> Secret? {
    switch secretText(field) {
    case .word(let text): Secret(text)
    case .file(let path, let source): secretFile(path, source)
    case .variable(let name, let source): secretVariable(name, source)
    case nil: nil
    }
  }

  private mutating func secretFile(_ path: String, _ field: Field) -> Secret? {
    do {
      var (content, mode) = try read(path)
      warnIfOpen(path, mode: mode)
      // Editors and `echo` end a file with a line break that is not part of it.
      while content.last == 0x0a || content.last == 0x0d { content.removeLast() }
      if content.isEmpty || content.allSatisfy({ $0 <= 0x20 }) {
        report(field, "the file '\(ConfigurationValue.shown(path))' is empty; write the secret into it")
        return nil
      }
      guard content.count <= 8192, let value = String(validating: content, as: UTF8.self),
        !content.contains(where: { $0 < 0x20 })
      else {
        report(field, "the file '\(ConfigurationValue.shown(path))' is not one line of text")
        return nil
      }
      return Secret(value)
    } catch {
      report(field, "\(error)")
      return nil
    }
  }

  private mutating func secretVariable(_ name: String, _ field: Field) -> Secret? {
    guard let value = surroundings.variable(name), !value.allSatisfy(\.isWhitespace) else {
      report(field, "the environment has no '\(ConfigurationValue.shown(name))', or nothing in it; set it")
      return nil
    }
    return Secret(value)
  }

  mutating func forEachField(
    of section: Field, section name: String, body: (inout SettingsReader, Field) -> Void
  ) {
    guard case .keys(let entries) = section.node.content else {
      report(
        section,
        name.isEmpty
          ? "the file is no list of keys; write KEY: VALUE lines, such as listen: 127.0.0.1:8080"
          : "keys are expected here: \((Self.keys[name] ?? []).joined(separator: ", "))")
      return
    }
    let known = Self.keys[name] ?? []
    var seen: [String: FilePosition] = [:]
    for entry in entries {
      let path = section.path.isEmpty ? entry.key : "\(section.path).\(entry.key)"
      if let first = seen[entry.key] {
        report(entry.position, path, "it is given twice, first on line \(first.line); keep one")
        continue
      }
      seen[entry.key] = entry.position
      if known.contains(entry.key) {
        body(&self, Field(path: path, position: entry.position, node: entry.value, name: entry.key))
      } else {
        report(entry.position, path, Self.unknown(entry.key, section: name, known: known))
      }
    }
  }

  private static func unknown(_ key: String, section: String, known: [String]) -> String {
    if Nearest.misspelling(key, among: known) == nil {
      let homes = keys.filter { $0.key != section && $0.value.contains(key) }.keys.sorted()
      if let home = homes.first {
        return "no such key here; '\(key)' belongs \(home.isEmpty ? "to the top level" : "under '\(home)'")"
      }
    }
    return "no such key; \(Nearest.hint(for: key, among: known))"
  }
}
